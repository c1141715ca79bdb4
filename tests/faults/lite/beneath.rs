//! The ground changes beneath a run: the table, the file, the marks of the application.

use super::stage::{Other, Rows, Stage};

#[test]
fn a_table_that_is_changed_stops_the_run_with_the_difference() {
    let stage = Stage::with("WAL", Rows::Numbered, 20_000, &[]);
    let running = stage.under_way();
    stage.execute("ALTER TABLE events ADD COLUMN more TEXT");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("was changed while the run went on") && said.contains("more"), "{said}");
    stage.the_journal_is_true();
}

#[test]
fn a_trigger_that_comes_meanwhile_stops_the_run_before_it_fires() {
    let stage = Stage::with("WAL", Rows::Numbered, 20_000, &[]);
    let running = stage.under_way();
    stage.execute("CREATE TABLE fired (id); CREATE TRIGGER comes AFTER UPDATE OF parent_day ON events BEGIN INSERT INTO fired VALUES (new.id); END");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(stage.count("SELECT count(*) FROM fired"), 0);
    stage.the_journal_is_true();
    let refused = stage.try_plan(&[]);
    assert!(
        refused.code != Some(0) && refused.stdout.contains("The trigger comes would fire"),
        "{refused:#?}"
    );
}

#[test]
fn another_file_under_the_name_is_not_written() {
    let stage = Stage::with("DELETE", Rows::Numbered, 20_000, &["--lock-timeout", "20s"]);
    let running = stage.under_way();
    let mut other = Other::on(stage.path());
    other.say("BEGIN IMMEDIATE");
    let copy = stage.file.folder().join("copy.db");
    std::fs::copy(stage.path(), &copy).expect("a copy");
    std::fs::rename(&copy, stage.path()).expect("renamed");
    let before = std::fs::read(stage.path()).expect("a file");
    other.say("COMMIT");
    let (code, said) = stage.end_of(running);
    assert_ne!(code, Some(0), "{said}");
    assert!(said.contains("replaced"), "{said}");
    assert_eq!(std::fs::read(stage.path()).expect("a file"), before, "nothing was written into it");
    // The copy holds the run as it was, and that goes on.
    stage.resumes();
}

#[test]
fn a_plan_for_another_file_is_stale_and_one_whose_file_was_moved_is_resumed() {
    let stage = Stage::set("DELETE", Rows::Numbered);
    let twin = Stage::set("DELETE", Rows::Numbered);
    std::fs::copy(twin.path(), stage.path()).expect("a copy");
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "the file is the same one with the same tables: {outcome:#?}");
    let plan = stage.file.folder().join("plan.json").display().to_string();
    let elsewhere =
        crate::support::waif(["run", &twin.target(), &plan, "--allow-writes", "--confirm", "waif.db"]);
    assert_eq!(elsewhere.code, Some(2), "{elsewhere:#?}");
    assert!(elsewhere.stderr.contains("another file"), "{elsewhere:#?}");
    twin.the_journal_is_true();
}
