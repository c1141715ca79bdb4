//! The disk fills up.

use super::stage::{MODES, Other, Stage};
use crate::disk::Disk;
use crate::support::skipped;
use std::io::Write;

#[test]
fn a_full_disk_rolls_the_batch_back_and_the_run_goes_on_when_there_is_room() {
    for mode in MODES {
        let Some(disk) = Disk::new(48) else {
            return skipped("a full disk", "only root can make a small one");
        };
        let stage = Stage::at(disk.path(), mode, 20_000);
        let running = stage.under_way();
        // The run waits while the disk is filled: it planned with room, and meets none.
        let mut other = Other::on(stage.path());
        other.say("BEGIN IMMEDIATE");
        let ballast = disk.path().join("ballast");
        let mut file = std::fs::File::create(&ballast).expect("a file");
        while file.write_all(&[b'b'; 4096]).is_ok() {}
        drop(file);
        other.say("COMMIT");
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
        let filled = stage.count("SELECT count(*) FROM events WHERE parent_day IS NOT NULL");
        let ballast = disk.path().join("ballast");
        let mut file = std::fs::File::create(&ballast).expect("a file");
        while file.write_all(&[b'b'; 4096]).is_ok() {}
        drop(file);
        let outcome = stage.restore().run();
        assert_eq!(outcome.code, Some(5), "{mode}: {outcome:#?}");
        assert!(outcome.stderr.contains("isk"), "{mode}: {outcome:#?}");
        let still = stage.count("SELECT count(*) FROM events WHERE parent_day IS NOT NULL");
        assert_eq!(stage.count("SELECT sum(rows) FROM waif_step"), still, "{mode}");
        assert!(still > 0 && still <= filled, "{mode}: {still} of {filled}");
        std::fs::remove_file(&ballast).expect("ballast");
        let outcome = stage.restore().run();
        assert_eq!(outcome.code, Some(0), "{mode}: {outcome:#?}");
        let unlike = "SELECT count(*) FROM (SELECT id, day, parent_day FROM events EXCEPT SELECT id, day, parent_day FROM before)";
        assert_eq!(stage.count(unlike), 0, "{mode}");
        assert_eq!(stage.ask("SELECT state FROM waif_run"), "restored");
    }
}
