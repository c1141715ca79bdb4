//! Runs and restores broken off at instants nobody chose: no row is ever in two places or in none, and both go on.

use super::ward::Ward;
use crate::support::Dice;
use crate::support::dice::seed;
use crate::support::program::Running;
use std::process::Command;
use std::time::{Duration, Instant};

const SCHEMA: &str = "
CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO events SELECT value, 'e' FROM generate_series(1, 10000) WHERE value % 3;
CREATE TABLE logs (event INT REFERENCES events, id TEXT PRIMARY KEY, body);
INSERT INTO logs SELECT value % 12000 + 1, 'l' || value, randomblob(40) FROM generate_series(1, 30000);
CREATE TABLE subs (log TEXT REFERENCES logs ON DELETE CASCADE, n INT);
INSERT INTO subs SELECT 'l' || (value % 30000 + 1), value FROM generate_series(1, 30000);
CREATE INDEX subs_log ON subs (log);
";

/// Rounds of killing; `tests/run --soak` asks for more.
fn rounds() -> u32 {
    std::env::var("WAIF_TEST_KILLS").ok().map_or(8, |text| text.parse().expect("WAIF_TEST_KILLS is a number"))
}

/// Rows of a table and of its store together; parents that were inserted are in both.
fn conserved(ward: &Ward, table: &str, store: &str) -> i64 {
    let own: i64 = ward.file.ask(&format!("SELECT count(*) FROM {table}")).parse().expect("a number");
    if ward.file.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'waif_store'") == "0"
        || ward.file.ask(&format!("SELECT count(*) FROM waif_store WHERE name LIKE '{store}%'")) == "0"
    {
        return own;
    }
    let held: i64 =
        ward.file.ask(&format!("SELECT count(*) FROM {}", ward.store(store))).parse().expect("a number");
    if store.starts_with("adopted") { own - held } else { own + held }
}

/// Kills what an action does, and what takes it back, again and again; `places` are the tables and stores in which no row
/// may be lost.
fn killed(action: &str, places: &[(&str, &str)]) {
    let mut dice = Dice::new(seed());
    let mut deaths = 0;
    while deaths < rounds() {
        let ward = Ward::of(SCHEMA);
        let before = ward.rows();
        let whole: Vec<i64> = places.iter().map(|(table, store)| conserved(&ward, table, store)).collect();
        let check = || {
            let now: Vec<i64> = places.iter().map(|(table, store)| conserved(&ward, table, store)).collect();
            assert_eq!(now, whole, "{action}");
            assert_eq!(ward.file.ask("PRAGMA integrity_check"), "ok");
        };
        let outcome = ward.plans(&[action], &["--batch-time", "1ms"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let mut ended = false;
        let mut lives = 0;
        while !ended {
            let begun = ward.file.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'waif_run'") == "1"
                && ward.file.ask("SELECT count(*) FROM waif_run") == "1";
            let command = if begun { ward.armed("resume", &ward.id(), &[]) } else { ward.run() };
            ended = outlived(command, &mut dice, &mut lives, &mut deaths);
            check();
        }
        assert_eq!(ward.state(), "finished");
        assert!(ward.held() > 1000);
        let (mut ended, mut lives) = (false, 0);
        while !ended {
            ended = outlived(ward.armed("restore", &ward.id(), &[]), &mut dice, &mut lives, &mut deaths);
            check();
        }
        assert_eq!(ward.held(), 0);
        assert_eq!(ward.rows(), before, "{action}");
        assert_eq!(ward.state(), "restored");
    }
}

/// Whether it came to its end before it was killed.
fn outlived(command: crate::support::Waif, dice: &mut Dice, lives: &mut u32, deaths: &mut u32) -> bool {
    let life = if *lives > 6 { 100_000 } else { 20 + dice.below(500) };
    let mut running = command.spawn();
    if let Some(status) = running.wait_for(Duration::from_millis(life as u64)) {
        assert_eq!(status.code(), Some(0), "after {lives} deaths");
        return true;
    }
    drop(running);
    (*lives, *deaths) = (*lives + 1, *deaths + 1);
    false
}

#[test]
fn rows_are_in_their_table_or_in_the_store_whenever_it_is_killed() {
    killed("quarantine:logs(event)->events(id)", &[("logs", "rows_logs"), ("subs", "rows_subs")]);
}

#[test]
fn values_are_kept_or_never_overwritten_whenever_it_is_killed() {
    killed(
        "nullify:logs(event)->events(id)",
        &[("(SELECT 1 FROM logs WHERE event IS NOT NULL)", "values_logs")],
    );
}

#[test]
fn parents_are_told_or_never_inserted_whenever_it_is_killed() {
    killed("adopt:logs(event)->events(id)", &[("events", "adopted_events")]);
}

/// A restore with much left to do, and what everything was like before the rows were taken out.
fn coming_back() -> (Ward, std::collections::BTreeMap<String, String>, Running) {
    let ward = Ward::of(SCHEMA);
    let before = ward.rows();
    let outcome = ward.plans(&["quarantine:logs(event)->events(id)"], &["--largest-batch", "200"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    ward.runs();
    let all = ward.held();
    let running = ward.armed("restore", &ward.id(), &[]).spawn_into(&ward.said());
    let begun = Instant::now();
    while ward.held() == all {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing came back in time");
        std::thread::sleep(Duration::from_millis(2));
    }
    (ward, before, running)
}

#[test]
fn a_restore_that_is_stopped_by_a_signal_goes_on_later() {
    let (ward, before, mut running) = coming_back();
    running.signal("INT");
    let status = running.wait().expect("it ends");
    let said = std::fs::read_to_string(ward.said()).expect("what it said");
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(ward.held() > 0, "there is something left to bring back: {said}");
    assert_ne!(ward.state(), "restored");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_restore_that_was_taken_over_brings_nothing_more_back() {
    let (ward, before, mut running) = coming_back();
    // Stopped between two transactions: in one it would hold the file, and nobody could take over.
    let begun = Instant::now();
    loop {
        running.signal("STOP");
        let free = Command::new("sqlite3")
            .arg(ward.file.path())
            .arg("BEGIN IMMEDIATE; ROLLBACK")
            .output()
            .expect("sqlite3 runs");
        if free.status.success() {
            break;
        }
        running.signal("CONT");
        assert!(begun.elapsed() < Duration::from_secs(60), "no instant between two batches");
        std::thread::sleep(Duration::from_millis(1));
    }
    let left = ward.held();
    assert!(left > 0, "there is something left to bring back");
    let outcome = ward.restore(&["--take-over"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!((ward.held(), ward.state().as_str()), (0, "restored"));
    running.signal("CONT");
    let status = running.wait().expect("it ends");
    let said = std::fs::read_to_string(ward.said()).expect("what it said");
    assert_eq!(status.code(), Some(5), "{said}");
    assert!(said.contains("took this run over"), "{said}");
    assert_eq!(ward.rows(), before);
    assert_eq!(ward.state(), "restored");
}
