//! A writer that was killed in the middle of a transaction, on a file without a log: what it wrote lies in the file, and what
//! was there before lies beside it. Whoever was armed has SQLite roll that back; nobody else writes.

use super::stage::{Rows, Stage};
use crate::support::{Outcome, waif};
use std::path::PathBuf;

/// What lies beside the file while a transaction is open.
fn beside(stage: &Stage) -> PathBuf {
    let mut path = stage.path().to_owned().into_os_string();
    path.push("-journal");
    path.into()
}

/// Leaves the file as a power cut would in the middle of a large transaction that already wrote into it.
fn broken_off(stage: &Stage, sql: &str) {
    let before = std::fs::read(stage.path()).expect("the file");
    let (file, journal) = (stage.file.folder().join("kept"), stage.file.folder().join("kept-journal"));
    let mut other = super::stage::Other::on(stage.path());
    other.say(&format!("PRAGMA cache_size = 5; PRAGMA cache_spill = 5; BEGIN IMMEDIATE; {sql}"));
    std::fs::copy(stage.path(), &file).expect("a copy");
    std::fs::copy(beside(stage), &journal).expect("a transaction is open");
    other.say("ROLLBACK");
    drop(other);
    std::fs::copy(&file, stage.path()).expect("the file of an open transaction");
    std::fs::copy(&journal, beside(stage)).expect("its journal");
    assert_ne!(std::fs::read(stage.path()).expect("the file"), before, "the transaction wrote into the file");
}

const LARGE: &str =
    "UPDATE events SET note = note || ' half done', parent_day = 'torn'; DELETE FROM events WHERE rowid % 2";

/// The command that a person is told, without knowing which run it was.
fn command(stage: &Stage) -> String {
    let path = stage.path().canonicalize().expect("the file");
    format!("waif resume {} last --allow-writes --confirm waif.db has SQLite", path.display())
}

/// Refused, and nothing was touched.
fn refused(stage: &Stage, args: &[&str]) {
    let (file, journal) =
        (std::fs::read(stage.path()).expect("the file"), std::fs::read(beside(stage)).expect("a journal"));
    let told: Outcome = waif(args.iter().copied());
    assert_eq!(told.code, Some(3), "{args:?}: {told:#?}");
    let said = told.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("holds an unfinished transaction of a writer that crashed"), "{said}");
    assert!(said.contains(&command(stage)), "{said}");
    assert_eq!(std::fs::read(stage.path()).expect("the file"), file, "{args:?} wrote");
    assert_eq!(std::fs::read(beside(stage)).expect("a journal"), journal, "{args:?} wrote");
}

/// A run that was killed after some batches, in the middle of a transaction.
fn killed() -> (Stage, String) {
    let stage = Stage::set("DELETE", Rows::Numbered);
    // Killed the moment a few batches are done: it goes on for hundreds.
    drop(stage.under_way());
    let id = stage.id();
    stage.the_journal_is_true();
    assert_eq!(stage.ask("SELECT state FROM waif_run"), "running");
    broken_off(&stage, LARGE);
    (stage, id)
}

fn settled(told: &Outcome) {
    let note = "held an unfinished transaction of a writer that crashed: SQLite rolled it back.";
    let said = told.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(note), "{told:#?}");
}

#[test]
fn whoever_only_looks_or_is_not_armed_leaves_it_as_it_is() {
    let (stage, id) = killed();
    let target = stage.target();
    let plan = stage.file.folder().join("plan.json").display().to_string();
    for args in [
        &["check", target.as_str()][..],
        &["runs", &target],
        &["plan", &target, "--stage", "backfill:events.parent_day"],
        &["restore", &target, &id, "--list"],
        &["resume", &target, &id],
        &["resume", &target, &id, "--allow-writes"],
        &["resume", &target, &id, "--confirm", "waif.db"],
        &["resume", &target, &id, "--allow-writes", "--confirm", "other.db"],
        &["run", &target, &plan],
        &["restore", &target, &id],
    ] {
        refused(&stage, args);
    }
    let command = command(&stage);
    let told = waif(command.split(' ').skip(1).take(6));
    settled(&told);
    stage.ended_as_if_undisturbed(&told);
}

#[test]
fn a_run_and_a_restore_have_it_rolled_back_first() {
    let stage = Stage::set("DELETE", Rows::Texts);
    broken_off(&stage, LARGE);
    let told = stage.run().run();
    settled(&told);
    stage.ended_as_if_undisturbed(&told);
    let id = stage.id();
    broken_off(&stage, LARGE);
    let target = stage.target();
    let told = waif(["restore", &target, &id, "--allow-writes", "--confirm", "waif.db"]);
    settled(&told);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert_eq!(stage.ask("SELECT state FROM waif_run"), "restored");
    let unlike = "SELECT count(*) FROM (SELECT id, day, parent_day FROM events EXCEPT SELECT id, day, parent_day FROM before)";
    assert_eq!(stage.count(unlike), 0);
}

#[test]
fn a_transaction_that_goes_on_is_nobodys_to_roll_back() {
    let flags = ["--lock-timeout", "100ms", "--lock-tries", "2"];
    let stage = Stage::with("DELETE", Rows::Numbered, 6000, &flags);
    for spills in [false, true] {
        let mut other = super::stage::Other::on(stage.path());
        let cache = if spills { 5 } else { 10_000 };
        other.say(&format!(
            "PRAGMA cache_size = {cache}; PRAGMA cache_spill = {cache}; BEGIN IMMEDIATE; {LARGE}"
        ));
        assert!(beside(&stage).exists());
        let told = stage.run().run();
        assert_eq!(told.code, Some(if spills { 4 } else { 5 }), "{told:#?}");
        assert!(!told.stderr.contains("rolled it back"), "{told:#?}");
        other.say("ROLLBACK");
    }
    let told = if stage.has_run() { stage.resume().run() } else { stage.run().run() };
    stage.ended_as_if_undisturbed(&told);
    assert!(!told.stderr.contains("rolled it back"), "{told:#?}");
}

#[test]
fn a_plan_does_not_vouch_for_locks_that_a_reader_cannot_see() {
    let stage = Stage::set("DELETE", Rows::Numbered);
    let mut other = super::stage::Other::on(stage.path());
    other.say("BEGIN IMMEDIATE");
    stage.make_plan(&[]);
    other.say("ROLLBACK");
    let text = std::fs::read_to_string(stage.file.folder().join("plan.json")).expect("a plan");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let looks = plan["preflight"].as_array().expect("looks");
    let look = looks.iter().find(|look| look["what"] == "locks of others").expect("it is told");
    assert_eq!(look["outcome"], "unknown", "{look}");
    assert!(look["sentence"].as_str().expect("words").starts_with("Not looked at"), "{look}");
}
