//! Contenders take turns; medians make a Markdown table.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Something to be timed: a name and a process to run to its end.
pub struct Contender<'a> {
    pub name: &'a str,
    pub run: Box<dyn Fn() -> Command + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &'a str, run: impl Fn() -> Command + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs each contender once unmeasured, to warm the caches, then in turns; prints seconds and ratios to the first.
pub fn race(title: &str, rounds: usize, contenders: &[Contender<'_>]) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); contenders.len()];
    for contender in contenders {
        timed((contender.run)());
    }
    for _ in 0..rounds {
        for (contender, times) in contenders.iter().zip(&mut times) {
            times.push(timed((contender.run)()));
        }
    }
    println!("\n## {title}\n\n| contender | seconds | ratio | fastest | slowest |\n|---|---|---|---|---|");
    let first = median(&mut times[0]);
    for (contender, times) in contenders.iter().zip(&mut times) {
        let middle = median(times);
        let (fastest, slowest) = (times[0].as_secs_f64(), times[times.len() - 1].as_secs_f64());
        let ratio = middle / first;
        println!("| {} | {middle:.3} | {ratio:.2} | {fastest:.3} | {slowest:.3} |", contender.name);
    }
}

fn timed(mut command: Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let begun = Instant::now();
    let output = command.output().expect("a contender starts");
    let elapsed = begun.elapsed();
    // By 1 the program says that it found orphans, by 4 that it left out what it was told to leave out.
    let fine = matches!(output.status.code(), Some(0 | 1 | 4));
    assert!(fine, "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    elapsed
}

/// The middle one; sorts on the way.
fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// The most memory a run needed, in MB, as the kernel last reported it.
pub fn peak_memory(mut command: Command) -> u64 {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak / 1024
}
