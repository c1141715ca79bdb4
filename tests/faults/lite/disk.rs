//! The disk fills up.

use super::stage::{MODES, Other, Stage};
use crate::disk::Disk;
use crate::support::program::Running;
use crate::support::{Waif, skipped, waif};
use std::io::Write;
use std::path::PathBuf;

/// Fills the disk; the file that does it.
fn fill(disk: &Disk) -> PathBuf {
    let ballast = disk.path().join("ballast");
    let mut file = std::fs::File::create(&ballast).expect("a file");
    while file.write_all(&[b'b'; 4096]).is_ok() {}
    ballast
}

/// Fills the disk under a run, which sleeps meanwhile wherever it is: it planned with room, and meets none. Whoever has the file
/// open keeps its log, where it has one, from being taken in, so that it can be opened on a full disk.
fn filled_up(running: &Running, stage: &Stage, disk: &Disk, mode: &str) -> (PathBuf, Option<Other>) {
    running.signal("STOP");
    let other = (mode == "WAL").then(|| {
        let mut other = Other::on(stage.path());
        other.say("SELECT count(*) FROM sqlite_schema");
        other
    });
    let ballast = fill(disk);
    running.signal("CONT");
    (ballast, other)
}

#[test]
fn a_full_disk_rolls_the_batch_back_and_the_run_goes_on_when_there_is_room() {
    for mode in MODES {
        let Some(disk) = Disk::new(48) else {
            return skipped("a full disk", "only root can make a small one");
        };
        let stage = Stage::at(disk.path(), mode, 20_000);
        let running = stage.under_way();
        let (ballast, other) = filled_up(&running, &stage, &disk, mode);
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(5), "{mode}: {said}");
        assert!(said.contains("disk is full"), "{mode}: {said}");
        drop(other);
        std::fs::remove_file(&ballast).expect("ballast");
        stage.resumes();
    }
}

#[test]
fn a_full_disk_ends_a_restore_which_goes_on_when_there_is_room() {
    for mode in MODES {
        let Some(disk) = Disk::new(48) else {
            return skipped("a full disk", "only root can make a small one");
        };
        let stage = Stage::at(disk.path(), mode, 20_000);
        let outcome = stage.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let by_run = "SELECT count(*) FROM events e JOIN before b ON e.id = b.id WHERE b.parent_day IS NULL AND e.parent_day IS NOT NULL";
        let filled = stage.count(by_run);
        let restore = stage.restore();
        // Whoever has the file open keeps its log from being taken in, so that it can be opened on a full disk.
        let mut other = Other::on(stage.path());
        other.say("SELECT count(*) FROM events");
        let ballast = fill(&disk);
        let outcome = restore.run();
        assert_eq!(outcome.code, Some(5), "{mode}: {outcome:#?}");
        assert!(outcome.stderr.contains("disk is full"), "{mode}: {outcome:#?}");
        drop(other);
        std::fs::remove_file(&ballast).expect("ballast");
        let still = stage.count(by_run);
        assert_eq!(stage.count("SELECT sum(rows) FROM waif_step"), still, "{mode}");
        assert!(still > 0 && still <= filled, "{mode}: {still} of {filled}");
        let outcome = stage.restore().run();
        assert_eq!(outcome.code, Some(0), "{mode}: {outcome:#?}");
        let unlike = "SELECT count(*) FROM (SELECT id, day, parent_day FROM events EXCEPT SELECT id, day, parent_day FROM before)";
        assert_eq!(stage.count(unlike), 0, "{mode}");
        assert_eq!(stage.ask("SELECT state FROM waif_run"), "restored");
    }
}

#[test]
fn a_full_disk_leaves_every_row_in_its_table_or_in_a_store() {
    for mode in MODES {
        let Some(disk) = Disk::new(160) else {
            return skipped("a full disk", "only root can make a small one");
        };
        let stage = Stage::at(disk.path(), mode, 1_000);
        stage.execute(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, v TEXT);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             INSERT INTO c SELECT i, i, hex(zeroblob(200)) FROM n",
        );
        let (target, plan) = (stage.target(), stage.file.folder().join("mend.json").display().to_string());
        let flags =
            ["--stage", "quarantine:c(p)->p(id)", "--batch-time", "1ms", "--lock-timeout", "20s", "-o"];
        let planned = waif(["plan", target.as_str()].into_iter().chain(flags).chain([plan.as_str()]));
        assert_eq!(planned.code, Some(0), "{planned:#?}");
        let armed = |verb: &str, what: &str| {
            Waif::new([verb, target.as_str(), what, "--allow-writes", "--confirm", "waif.db"])
        };
        let running = armed("run", &plan).spawn_into(&stage.said());
        stage.until("a few batches", || stage.batches() >= 2);
        let (ballast, other) = filled_up(&running, &stage, &disk, mode);
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(5), "{mode}: {said}");
        assert!(said.contains("disk is full"), "{mode}: {said}");
        drop(other);
        let store = stage.ask("SELECT 'waif_' || name FROM waif_store");
        let held = format!("SELECT count(*) FROM \"{store}\"");
        let kept = stage.count(&held);
        assert!(kept > 0 && kept < 60_000, "{mode}: {kept}");
        assert_eq!(stage.count("SELECT count(*) FROM c") + kept, 60_000, "{mode}");
        assert_eq!(stage.count("SELECT sum(rows) FROM waif_batch"), kept, "{mode}");
        std::fs::remove_file(&ballast).expect("ballast");
        let outcome = armed("resume", &stage.id()).run();
        assert_eq!(outcome.code, Some(0), "{mode}: {outcome:#?}");
        assert_eq!((stage.count("SELECT count(*) FROM c"), stage.count(&held)), (0, 60_000), "{mode}");
    }
}
