//! The disk fills up.

use crate::stage::Stage;
use crate::support::{Waif, skipped, user};
use std::process::Command;

/// A small disk, taken away again.
pub struct Disk(tempfile::TempDir);

impl Disk {
    pub fn new(megabytes: u32) -> Option<Self> {
        Self::of_kilobytes(megabytes * 1024)
    }

    fn of_kilobytes(size: u32) -> Option<Self> {
        let owner = user::nobody()?;
        let folder = tempfile::tempdir().ok()?;
        let options = format!("size={size}k,uid={},gid={},mode=0700", owner.0, owner.1);
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l"]).arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_rolls_the_batch_back_and_the_run_goes_on_when_there_is_room() {
    let Some(disk) = Disk::new(24) else { return skipped("a full disk", "only root can make a small one") };
    let stage = Stage::alone("disk", &[]);
    let place = disk.0.path().display().to_string();
    // CREATE TABLESPACE stands in no transaction block.
    stage.database.execute(&format!("CREATE TABLESPACE small LOCATION '{place}'"));
    stage.database.execute("ALTER TABLE events_2 SET TABLESPACE small");
    stage.database.execute("CREATE TABLE ballast (t text) TABLESPACE small");
    let _ = stage.database.try_execute(
        "DO $$ BEGIN LOOP INSERT INTO ballast SELECT repeat('b', 800) FROM generate_series(1, 100); COMMIT; END LOOP; END $$",
    );
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("disk is full"), "{outcome:#?}");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    stage.database.execute("DROP TABLE ballast; CHECKPOINT");
    stage.resumes();
    stage.database.execute("ALTER TABLE events_2 SET TABLESPACE pg_default");
    stage.database.execute("DROP TABLESPACE small");
}

#[test]
fn a_full_disk_here_stops_the_run_before_the_next_batch_and_the_journal_there_tells_all() {
    let Some(disk) = Disk::of_kilobytes(64) else {
        return skipped("a full disk here", "only root can make a small one");
    };
    let stage = Stage::set("full_here");
    let state = disk.0.path();
    let outcome = stage.run().env("XDG_STATE_HOME", state).run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("The audit log cannot be written"), "{outcome:#?}");
    assert!(stage.batches() >= 1, "it ran into it on the way: {outcome:#?}");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "failed", "the journal is not here");
    let more = Command::new("mount").args(["-o", "remount,size=64m"]).arg(state).status();
    assert!(more.is_ok_and(|status| status.success()), "a small disk grows");
    let outcome = stage.resume().env("XDG_STATE_HOME", state).run();
    stage.ended_as_if_undisturbed(&outcome);
    // A line that was cut off is told from one that was edited.
    let verified = Waif::new(["runs", &stage.database.url(), "--verify"]).env("XDG_STATE_HOME", state).run();
    assert_eq!(verified.code, Some(0), "{verified:#?}");
}
