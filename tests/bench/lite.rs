//! The backfill of a SQLite file against the one UPDATE that does the same.

use crate::data;
use crate::rows::program;
use crate::support::SqliteFile;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SINGLE: &str = "UPDATE audit_events SET parent_event_date = (SELECT p.event_date FROM audit_events p
    WHERE p.event_id = audit_events.parent_event_id) WHERE parent_event_date IS NULL AND parent_event_id IS NOT NULL";
const COPY: &str = "[[copy]]
column = 'audit_events.parent_event_date'
from = 'event_date'
along = 'audit_events(parent_event_id)->audit_events(event_id)'
";
const LEFT: &str = "SELECT count(*), count(parent_event_date), sum(event_rank * length(parent_event_date) * CAST(substr(parent_event_date, 6, 2) AS INTEGER)) FROM audit_events";

/// What a trial cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    wall: f64,
    /// Seconds of processor time.
    cpu: f64,
    /// Seconds it filled, without what was counted before and after.
    filling: f64,
    /// The largest log, in megabytes.
    log: f64,
    /// Megabytes by which the file grew.
    growth: f64,
    /// The most memory of the process, in megabytes.
    memory: f64,
}

pub fn backfill(rows: u64, rounds: usize) {
    println!("\n# SQLite\n\n## Backfill: {rows} rows\n");
    let made = SqliteFile::with(&data::undated_sqlite(rows));
    made.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let folder = made.folder();
    std::fs::write(folder.join("copy.toml"), COPY).expect("a file");
    let mut all: [Vec<Cost>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        let single = fresh(&made, "single.db");
        let mut shell = Command::new("sqlite3");
        // As waif opens it, and with more memory than waif takes.
        shell
            .args(["-cmd", "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -262144"])
            .arg(&single)
            .arg(SINGLE);
        let cost = tried(&single, shell);
        all[0].push(Cost { filling: cost.wall, ..cost });
        let expected = ask(&single, LEFT);
        let batched = fresh(&made, "batched.db");
        let target = batched.display().to_string();
        let plan = folder.join("plan.json").display().to_string();
        let stage = ["plan", &target, "--stage", "backfill:audit_events.parent_event_date", "-o", &plan];
        let output =
            program(&stage).env("WAIF_CONFIG", folder.join("copy.toml")).output().expect("waif runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut run = program(&["run", &target, &plan, "--allow-writes", "--confirm", "batched.db"]);
        run.env("WAIF_CONFIG", folder.join("copy.toml"));
        all[1].push(tried(&batched, run));
        let cost = all[1].last_mut().expect("a trial");
        cost.filling = filling(&batched);
        assert_eq!(ask(&batched, LEFT), expected, "it is not what one UPDATE makes of it");
        println!("{}", told(&batched));
    }
    let [one, ours] = all.map(|costs| middle(&costs));
    let target = if rows > 2_000_000 { "0.8" } else { "1.1" };
    println!("\n| | one UPDATE | waif run | ratio | target |\n|---|---|---|---|---|");
    let line = |what: &str, of: fn(&Cost) -> f64, target: &str| {
        let (a, b) = (of(&one), of(&ours));
        println!("| {what} | {a:.2} | {b:.2} | {:.2} | {target} |", b / a);
    };
    line("filling, s", |cost| cost.filling, target);
    line("all, with the plan compared and the proof, s", |cost| cost.wall, "");
    line("processor time of all, s", |cost| cost.cpu, "");
    line("log, MB", |cost| cost.log, "16 MB");
    println!("| growth of the file, MB | {:.0} | {:.0} | | |", one.growth, ours.growth);
    println!("| memory, MB | {:.0} | {:.0} | | 150 |", one.memory, ours.memory);
}

/// A copy of the file, whose pages are in the caches of the system.
fn fresh(made: &SqliteFile, name: &str) -> std::path::PathBuf {
    let path = made.folder().join(name);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    std::fs::copy(made.path(), &path).expect("a copy");
    path
}

fn ask(path: &Path, text: &str) -> String {
    let output = Command::new("sqlite3").arg(path).arg(text).output().expect("sqlite3 runs");
    assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn megabytes(path: &str) -> f64 {
    std::fs::metadata(path).map_or(0.0, |found| found.len() as f64 / 1e6)
}

/// Runs a process to its end on the copy, and watches its log and its memory.
fn tried(path: &Path, mut command: Command) -> Cost {
    let (file, log) = (path.display().to_string(), format!("{}-wal", path.display()));
    let before = megabytes(&file);
    let begun = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let (status, stat) = (format!("/proc/{}/status", child.id()), format!("/proc/{}/stat", child.id()));
    let mut cost = Cost::default();
    while child.try_wait().expect("a child").is_none() {
        cost.log = cost.log.max(megabytes(&log));
        cost.cpu = cost.cpu.max(ticks(&stat) / 100.0);
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        // What is mapped from the file is the system's to take back: only what is the process's own counts.
        let own = said.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
        let own = own.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default();
        cost.memory = cost.memory.max(own / 1e3);
        std::thread::sleep(Duration::from_millis(5));
    }
    cost.wall = begun.elapsed().as_secs_f64();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    cost.growth = megabytes(&file) - before;
    cost
}

/// Ticks of the processor that a process used so far.
fn ticks(stat: &str) -> f64 {
    let said = std::fs::read_to_string(stat).unwrap_or_default();
    let fields: Vec<&str> = said.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    // Fields 14 and 15 of proc(5), counted from the third.
    fields.get(11..13).into_iter().flatten().filter_map(|field| field.parse::<f64>().ok()).sum()
}

/// What the journal tells of the time: seconds from the first batch to the last.
fn filling(path: &Path) -> f64 {
    let text = "SELECT (julianday(max(at)) - julianday((SELECT max(at) FROM waif_proof WHERE moment = 'before'))) * 86400 FROM waif_batch";
    ask(path, text).parse().expect("a number")
}

/// What the journal tells of the steps.
fn told(path: &Path) -> String {
    let steps = "SELECT group_concat(id || ' ' || round((julianday(ended_at) - julianday(started_at)) * 86400, 2) || ' s', ', ') FROM waif_step";
    let batches = "SELECT count(*) || ' batches, on average ' || CAST(avg(rows) AS INTEGER) || ' rows, from first to last ' ||
        round((julianday(max(at)) - julianday(min(at))) * 86400, 2) || ' s' FROM waif_batch";
    format!("steps: {}; {}", ask(path, steps), ask(path, batches))
}

fn middle(costs: &[Cost]) -> Cost {
    let of = |field: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(field).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        wall: of(|cost| cost.wall),
        cpu: of(|cost| cost.cpu),
        filling: of(|cost| cost.filling),
        log: of(|cost| cost.log),
        growth: of(|cost| cost.growth),
        memory: of(|cost| cost.memory),
    }
}
