//! Others who have the file open: a writer that does not let go, a reader that stays, a second run, a run that was taken
//! over, an application at work all the while.

use super::stage::{MODES, Other, Rows, Stage};
use crate::disk::Disk;
use crate::support::{skipped, waif};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

#[test]
fn a_writer_in_the_way_is_waited_for() {
    for mode in MODES {
        let stage = Stage::set(mode, Rows::Numbered);
        let running = stage.under_way();
        let mut other = Other::on(stage.path());
        other.say("BEGIN IMMEDIATE");
        std::thread::sleep(Duration::from_millis(1500));
        other.say("COMMIT");
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(0), "{said}");
        stage.the_journal_is_true();
        assert_eq!(stage.difference(), 0);
    }
}

#[test]
fn a_writer_that_does_not_let_go_is_named_and_the_run_pauses() {
    for mode in MODES {
        let stage =
            Stage::with(mode, Rows::Numbered, 6000, &["--lock-timeout", "100ms", "--lock-tries", "2"]);
        let running = stage.under_way();
        let mut other = Other::on(stage.path());
        other.say("BEGIN IMMEDIATE");
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(5), "{said}");
        assert!(said.contains("sqlite3 (process"), "who is in the way is said: {said}");
        other.say("COMMIT");
        stage.resumes();
    }
}

#[test]
fn a_restore_waits_for_a_writer_as_a_run_does() {
    for mode in MODES {
        let stage = Stage::with(mode, Rows::Numbered, 600, &["--lock-timeout", "100ms"]);
        stage.ended_as_if_undisturbed(&stage.run().run());
        let mut other = Other::on(stage.path());
        other.say("BEGIN IMMEDIATE");
        let running = stage.restore().spawn_into(&stage.said());
        let said = || std::fs::read_to_string(stage.said()).unwrap_or_default();
        stage.until("a third try", || said().contains("3 of 10"));
        other.say("COMMIT");
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(stage.ask("SELECT state FROM waif_run"), "restored", "{said}");
        assert_eq!(stage.count("SELECT sum(rows) FROM waif_step"), 0, "{said}");
    }
}

#[test]
fn a_reader_that_stays_holds_up_a_file_without_a_log_and_nothing_with_one() {
    for mode in MODES {
        let stage =
            Stage::with(mode, Rows::Numbered, 6000, &["--lock-timeout", "100ms", "--lock-tries", "2"]);
        let mut other = Other::on(stage.path());
        other.say("BEGIN; SELECT count(*) FROM events");
        let outcome = stage.run().run();
        if mode == "WAL" {
            other.say("COMMIT");
            stage.ended_as_if_undisturbed(&outcome);
        } else {
            assert_ne!(outcome.code, Some(0), "{outcome:#?}");
            other.say("COMMIT");
            stage.the_journal_is_true();
            let outcome = if stage.has_run() { stage.resume().run() } else { stage.run().run() };
            stage.ended_as_if_undisturbed(&outcome);
        }
    }
}

#[test]
fn a_second_run_on_the_file_is_told_who_is_first() {
    let stage = Stage::with("WAL", Rows::Numbered, 6000, &["--lock-timeout", "20s"]);
    let running = stage.under_way();
    // The first run cannot come to its end meanwhile.
    let mut other = Other::on(stage.path());
    other.say("BEGIN IMMEDIATE");
    let second = stage.run().run();
    assert_ne!(second.code, Some(0), "{second:#?}");
    assert!(second.stderr.contains("Another run works on this file"), "{second:#?}");
    assert!(second.stderr.contains(&format!("process {}", running.id())), "{second:#?}");
    let resumed = stage.resume().run();
    assert_ne!(resumed.code, Some(0), "{resumed:#?}");
    assert!(resumed.stderr.contains("carries out the run"), "{resumed:#?}");
    other.say("COMMIT");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(stage.count("SELECT count(*) FROM waif_run"), 1, "the second left nothing");
    stage.the_journal_is_true();
    assert_eq!(stage.difference(), 0);
}

#[test]
fn a_run_that_was_taken_over_writes_nothing_more() {
    for mode in MODES {
        let stage = Stage::with(mode, Rows::Numbered, 20_000, &["--lock-timeout", "20s"]);
        let running = stage.under_way();
        // Stopped between two transactions: in one it would hold the file, and nobody could take over.
        stage.until("an instant between two batches", || {
            running.signal("STOP");
            let mut other = std::process::Command::new("sqlite3");
            let free =
                other.arg(stage.path()).arg("BEGIN IMMEDIATE; ROLLBACK").output().expect("sqlite3 runs");
            if !free.status.success() {
                running.signal("CONT");
            }
            free.status.success()
        });
        let before = stage.batches();
        let outcome = stage.take_over().run();
        stage.ended_as_if_undisturbed(&outcome);
        assert!(stage.batches() > before, "there was something left to do");
        running.signal("CONT");
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(5), "{said}");
        assert!(said.contains("took this run over"), "{said}");
        stage.ended_as_if_undisturbed(&outcome);
    }
}

#[test]
fn an_application_that_writes_all_the_while_loses_nothing_and_is_filled_as_well() {
    for mode in MODES {
        let stage = Stage::with(mode, Rows::Numbered, 6000, &["--lock-timeout", "20s"]);
        let running = stage.under_way();
        let mut wrote = 0;
        while stage.ask("SELECT state FROM waif_run") == "running" && wrote < 200 {
            stage.execute(&format!(
                "INSERT INTO events VALUES ({}, '2030-01-01', {}, NULL, 'new'); UPDATE events SET note = note || '!' WHERE id = {}",
                100_000 + wrote,
                1 + wrote,
                100 + wrote
            ));
            wrote += 1;
        }
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(0), "{said}");
        assert!(wrote > 0, "the application was at work meanwhile");
        assert_eq!(stage.count("SELECT count(*) FROM events WHERE id >= 100000"), wrote);
        assert_eq!(stage.count("SELECT count(*) FROM events WHERE note LIKE '%!'"), wrote);
        // What came after the proof is the next run's.
        stage.make_plan(&[]);
        let outcome = stage.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let left = "SELECT count(*) FROM events c WHERE c.parent_day IS NULL AND EXISTS (SELECT 1 FROM events p WHERE p.id = c.parent)";
        assert_eq!(stage.count(left), 0, "nothing fillable is left");
        let wrong =
            "SELECT count(*) FROM events c JOIN events p ON p.id = c.parent WHERE c.parent_day <> p.day";
        assert_eq!(stage.count(wrong), 0);
    }
}

#[test]
fn stopped_by_a_signal_it_ends_between_two_batches_and_goes_on_later() {
    for mode in MODES {
        let stage = Stage::with(mode, Rows::Keyed, 20_000, &[]);
        let running = stage.under_way();
        running.signal("INT");
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(130), "{said}");
        assert_eq!(stage.ask("SELECT state FROM waif_run"), "stopped");
        stage.resumes();
    }
}

#[test]
fn the_history_tells_a_run_that_goes_on_from_one_that_was_broken_off() {
    let stage = Stage::set("DELETE", Rows::Numbered);
    let told = |stage: &Stage| {
        let text = crate::support::waif(["runs", &stage.target()]);
        let json = crate::support::waif(["runs", &stage.target(), "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
        (text.stdout, json["runs"][0]["session"].clone())
    };
    let running = stage.under_way();
    let (text, session) = told(&stage);
    assert!(
        session.as_str().is_some_and(|who| who.contains(&format!("process {}", running.id()))),
        "{session}"
    );
    assert!(text.contains("  running\n"), "{text}");
    drop(running);
    let (text, session) = told(&stage);
    assert_eq!(session, serde_json::Value::Null, "{text}");
    assert!(
        text.contains("running, and nobody holds it: it was broken off, and waif resume goes on with it"),
        "{text}"
    );
}

#[test]
fn a_file_of_another_file_system_is_not_taken_for_this_one_by_its_number() {
    let (Some(here), Some(there)) = (Disk::new(4), Disk::new(4)) else {
        return skipped("two file systems", "only root can make small ones");
    };
    let made = |folder: &std::path::Path, name: &str| {
        let file = folder.join(name);
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE p (id INTEGER PRIMARY KEY)";
        let made = std::process::Command::new("sqlite3").arg(&file).arg(sql).output().expect("sqlite3 runs");
        assert!(made.status.success(), "{made:?}");
        file
    };
    let file = made(here.path(), "file.db");
    let number = std::fs::metadata(&file).expect("a file").ino();
    // Each of the two counts its files from 1.
    let namesake = (0..64)
        .map(|at| made(there.path(), &format!("{at}.db")))
        .find(|file| std::fs::metadata(file).expect("a file").ino() == number);
    let Some(namesake) = namesake else {
        return skipped(
            "a file of the same number",
            "this system numbers the files of all such file systems in a row",
        );
    };
    let mut other = Other::on(&namesake);
    other.say("BEGIN IMMEDIATE");
    let outcome = waif(["check", &file.display().to_string()]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}
