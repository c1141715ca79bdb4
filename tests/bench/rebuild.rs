//! A foreign key on a SQLite table: the rebuild by waif, against a copy of the file and against the plain recipe of SQLite's
//! manual in its own shell. Each takes its turn on a fresh copy of the same file.

use crate::data;
use crate::rows::program;
use crate::support::SqliteFile;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RELATION: &str =
    "add-fk:audit_events(parent_event_id,parent_event_date)->audit_events(event_id,event_date)?name=parent";

/// The plain recipe: <https://www.sqlite.org/lang_altertable.html#otheralter>, without what it says of views and triggers,
/// for there are none.
fn recipe(columns: &str) -> String {
    format!(
        "PRAGMA foreign_keys = OFF;
         BEGIN;
         CREATE TABLE new_events ({columns}, CONSTRAINT parent FOREIGN KEY (parent_event_id, parent_event_date)
           REFERENCES audit_events (event_id, event_date));
         INSERT INTO new_events SELECT * FROM audit_events;
         DROP TABLE audit_events;
         ALTER TABLE new_events RENAME TO audit_events;
         CREATE INDEX by_service ON audit_events (service, event_timestamp);
         PRAGMA foreign_key_check(audit_events);
         COMMIT;"
    )
}

pub fn rebuild(rows: u64, rounds: usize) {
    let file = SqliteFile::with(&data::audit_sqlite(rows));
    let size = std::fs::metadata(file.path()).expect("a file").len();
    let work = file.folder().join("work.db");
    let other = file.folder().join("other.db");
    let name = work.display().to_string();
    let plan = file.folder().join("plan.json").display().to_string();
    let mut seconds: [Vec<f64>; 3] = Default::default();
    let mut peaks = [0; 2];
    let recipe = recipe(data::AUDIT_COLUMNS);
    for _ in 0..rounds {
        fresh(file.path(), &work);
        let begun = Instant::now();
        copy(&work, &other);
        seconds[0].push(begun.elapsed().as_secs_f64());
        let _ = std::fs::remove_file(&other);

        let mut shell = Command::new("sqlite3");
        // As waif opens it, and with more memory than waif takes.
        shell
            .args(["-cmd", "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -262144"])
            .arg(&work)
            .arg(&recipe);
        let begun = Instant::now();
        peaks[0] = peaks[0].max(watched(shell));
        seconds[1].push(begun.elapsed().as_secs_f64());

        fresh(file.path(), &work);
        let output =
            program(&["plan", &name, "--stage", RELATION, "-o", &plan]).output().expect("waif starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let begun = Instant::now();
        peaks[1] =
            peaks[1].max(watched(program(&["run", &name, &plan, "--allow-writes", "--confirm", "work.db"])));
        seconds[2].push(begun.elapsed().as_secs_f64());
        proved(&work, rows);
    }
    println!("\n## SQLite: a key by rebuilding {rows} rows, {} MB\n", size / 1_000_000);
    println!("| | s | times the copy | fastest | slowest |\n|---|---|---|---|---|");
    let copied = middle(&mut seconds[0]);
    let limit = if rows > 2_000_000 { 20 } else { 14 };
    let names = ["cp and fsync", "the plain recipe, sqlite3", &format!("waif run (target: {limit} times)")];
    for (name, seconds) in names.iter().zip(&mut seconds) {
        let median = middle(seconds);
        let (fastest, slowest) = (seconds[0], seconds[seconds.len() - 1]);
        println!("| {name} | {median:.2} | {:.1} | {fastest:.2} | {slowest:.2} |", median / copied);
    }
    println!("\nPeak memory: sqlite3 {} MB, waif {} MB.", peaks[0], peaks[1]);
}

/// The key is there, no row was lost, and SQLite finds nothing to object to.
fn proved(work: &Path, rows: u64) {
    let ask = |text: &str| {
        let output = Command::new("sqlite3").arg(work).arg(text).output().expect("sqlite3 starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(ask("SELECT count(*) FROM pragma_foreign_key_list('audit_events')"), "2");
    assert_eq!(ask("SELECT count(*) FROM audit_events"), rows.to_string());
    assert_eq!(ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
}

fn fresh(from: &Path, to: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(format!("{}{ending}", to.display()));
    }
    copy(from, to);
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("room for a copy");
    std::fs::File::open(to).and_then(|file| file.sync_all()).expect("on the disk");
}

/// Runs to the end; answers with the most memory of its own that it needed, in MB. What is mapped from the file is the
/// system's to take back.
fn watched(mut command: Command) -> u64 {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("starts");
    let mut peak = 0;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "the run failed");
            return peak / 1024;
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        peak = peak.max(line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The middle one; sorts on the way.
fn middle(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
