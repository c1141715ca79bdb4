//! How soon a key is answered: the program on a pseudo-terminal, ten thousand relations being counted behind it, keys
//! pressed at moments nobody chose. What is timed is the way from the key to the frame that shows what it did.

use crate::data;
use crate::rows::fill;
use crate::support::dice::seed;
use crate::support::recorder::{Recorder, lines};
use crate::support::{Dice, Server, SqliteFile};
use std::time::{Duration, Instant};

/// A key that did not show in this time had nothing to do, or is lost.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a person does, over and over: a word for it and its keys, each of which must show.
const STROLL: [(&str, &[&str]); 6] = [
    ("Overview, up and down", &["1", "j", "j", "j", "k", "G", "k", "g"]),
    ("Relations, up and down", &["2", "j", "j", "k", "G", "k", "g", "j"]),
    ("Relations, sorted", &["2", "s", "s", "s", "s", "S", "S"]),
    ("Relations, filtered", &["2", "/", "t", "a", "b", "\x7f", "\x7f", "\x7f", "\x1b"]),
    ("Graph and help", &["3", "+", "-", "?", "\x1b"]),
    ("Findings and Log", &["4", "j", "j", "7", "?", "\x1b", "4"]),
];

/// Tables of about two hundred rows, each with two foreign keys; some hold orphans, one is the parent of three thousand.
pub fn server(server: &Server, tables: u64, seconds: u64) {
    fill(server, "input", &data::busy(tables));
    measure(&format!("PostgreSQL, {tables} tables"), &server.url("postgres", "input"), seconds);
}

/// The same in a SQLite file.
pub fn sqlite(tables: u64, seconds: u64) {
    let file = SqliteFile::with(&data::busy_sqlite(tables));
    measure(&format!("SQLite, {tables} tables"), &file.target(), seconds);
}

/// Any database that is there already.
pub fn measure(title: &str, target: &str, seconds: u64) {
    println!("\n## Input: {title}\n");
    let mut person = Recorder::open(env!("CARGO_BIN_EXE_waif"), &[target], (120, 40), &[]);
    // From the first key: while it connects and reads the catalog, too.
    person.wait_for("waif");
    let (begun, first, bytes) = (Instant::now(), person.count(), person.bytes());
    let (mut table, mut dice) = (Vec::new(), Dice::new(seed()));
    let mut times: Vec<(Duration, &str, &str, String)> = Vec::new();
    let mut unanswered = Vec::new();
    while begun.elapsed() < Duration::from_secs(seconds) {
        let (what, keys) = STROLL[dice.below(STROLL.len())];
        for (place, key) in keys.iter().enumerate() {
            std::thread::sleep(Duration::from_millis(dice.below(120) as u64));
            let status = lines(&person.screen())[38].split("  ").next().unwrap_or_default().trim().to_owned();
            match answered(&mut person, key) {
                Some(time) => times.push((time, what, key, status)),
                // The tab may be in front already.
                None if place == 0 => {}
                None => unanswered.push(format!("{key:?} in {what}")),
            }
        }
    }
    let (frames, sent) = (person.frames(first), person.bytes() - bytes);
    let whole = begun.elapsed().as_secs_f64();
    let shortest = frames.windows(2).map(|pair| pair[1].at - pair[0].at).min().unwrap_or_default();
    let most = most_in_a_second(&frames.iter().map(|frame| frame.at).collect::<Vec<_>>());
    times.sort();
    for (what, _) in STROLL {
        let of: Vec<Duration> = times.iter().filter(|time| time.1 == what).map(|time| time.0).collect();
        table.push((what, of));
    }
    table.push(("all", times.iter().map(|time| time.0).collect()));
    println!("| keys | pressed | median ms | p99 ms | longest ms |\n|---|---|---|---|---|");
    for (what, of) in table {
        let at = |share: usize| of.get((of.len() * share / 100).min(of.len().saturating_sub(1)));
        let ms = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64) * 1000.0;
        println!("| {what} | {} | {:.1} | {:.1} | {:.1} |", of.len(), ms(at(50)), ms(at(99)), ms(of.last()));
    }
    let slowest: Vec<String> = times
        .iter()
        .rev()
        .take(5)
        .map(|(time, what, key, status)| format!("{key:?} in {what}: {time:.1?} ({status})"))
        .collect();
    println!("\nSlowest: {}. Without an answer: {}.", slowest.join("; "), unanswered.join("; "));
    println!(
        "Drawn: {} frames in {whole:.0} s, most in one second {most}, least between two {:.0} ms; {:.0} bytes a second.",
        frames.len(),
        shortest.as_secs_f64() * 1000.0,
        sent as f64 / whole
    );
    idle(&mut person);
}

/// What an idle screen costs once the count has ended.
fn idle(person: &mut Recorder) {
    person.press("\x1b\x1b1");
    let ended = |screen: &vt100::Screen| {
        ["Complete", "INCOMPLETE"].iter().any(|word| screen.contents().contains(word))
    };
    let from = person.count().saturating_sub(1);
    assert!(person.shows(from, Duration::from_secs(600), ended).is_some(), "the count never ended");
    person.wait_quiet(Duration::from_secs(6));
    let (bytes, cpu, begun) = (person.bytes(), cpu(person.pid()), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    let spent = self::cpu(person.pid()) - cpu;
    println!(
        "Idle for {:.0} s: {} bytes written, {spent} ms of processor time.",
        begun.elapsed().as_secs_f64(),
        person.bytes() - bytes
    );
}

/// Presses a key and waits for the frame that shows what it did; none when there was nothing for it to do.
fn answered(person: &mut Recorder, key: &str) -> Option<Duration> {
    let before = sign(&person.screen());
    let from = person.count();
    let at = person.press(key);
    let came = person.shows(from, PATIENCE, |screen| sign(screen) != before)?;
    Some(came - at)
}

/// What a key can change and a count cannot: the tab in front, the place of the cursor, the words of a sort, what is typed,
/// what lies on top.
fn sign(screen: &vt100::Screen) -> String {
    let lines = lines(screen);
    let mut sign = String::new();
    let bracketed = |line: &String| {
        line.split_once('[').and_then(|(_, rest)| rest.split_once(' ')).map(|(tab, _)| tab.to_owned())
    };
    sign.extend(lines.get(1).and_then(bracketed));
    for (row, line) in lines.iter().enumerate().skip(2) {
        if let Some(at) = line.find("> ").filter(|at| *at < 6) {
            sign.push_str(&format!(" {row}:{at}"));
        }
        if let Some(at) = ["by ", "Help", "hop", "filter /"].iter().find_map(|word| line.find(word)) {
            let words: String = line[at..].chars().take(18).filter(|c| !c.is_ascii_digit()).collect();
            sign.push_str(&words);
        }
    }
    sign
}

/// The most moments within any second.
fn most_in_a_second(moments: &[Instant]) -> usize {
    let within = |from: usize| {
        moments[from..].iter().take_while(|at| **at - moments[from] < Duration::from_secs(1)).count()
    };
    (0..moments.len()).map(within).max().unwrap_or(0)
}

/// The processor time a process has used, in milliseconds; the kernel counts in hundredths of a second.
fn cpu(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the program runs");
    let (_, rest) = stat.rsplit_once(')').expect("a name in brackets");
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<u64>().expect("a number");
    (ticks(11) + ticks(12)) * 10
}
