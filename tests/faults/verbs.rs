//! The verbs with orders that make no sense here: refused or harmless, each in a sentence.

use crate::stage::Stage;
use crate::support::{Bouncer, Database, Outcome, Waif, skipped, waif};
use std::fs;

/// The order was refused before anything was written, and the sentence says why.
fn refused(stage: &Stage, outcome: &Outcome, word: &str) {
    refused_by(stage, outcome, Some(2), word);
}

fn refused_by(stage: &Stage, outcome: &Outcome, code: Option<i32>, word: &str) {
    assert_eq!(outcome.code, code, "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(word), "{word}: {outcome:#?}");
    assert_eq!(stage.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
}

#[test]
fn without_leave_or_with_another_name_nothing_is_written() {
    let stage = Stage::set("leave");
    let (url, plan, name) = (stage.database.url(), stage.plan.display().to_string(), stage.database.name());
    refused(&stage, &waif(["run", &url, &plan, "--confirm", name]), "Writes are not allowed here");
    refused(&stage, &waif(["run", &url, &plan, "--allow-writes"]), "Nobody confirmed the run");
    let other = waif(["run", &url, &plan, "--allow-writes", "--confirm", "shop"]);
    refused(&stage, &other, "The name confirmed is");
}

#[test]
fn a_plan_of_another_database_is_stale() {
    let (here, there) = (Stage::set("here"), Stage::set("there"));
    fs::copy(&there.plan, &here.plan).expect("a copy");
    let outcome = here.run().run();
    refused(&here, &outcome, "The plan is stale");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("The database was {}", there.database.name())), "{said}");
}

#[test]
fn a_window_that_is_over_lets_nothing_begin() {
    let stage = Stage::set("window");
    let end = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '3 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    stage.make_plan(&["--window-end", &stage.database.ask(end)]);
    std::thread::sleep(std::time::Duration::from_secs(4));
    refused(&stage, &stage.run().run(), "The window of this plan ended at 2");
}

#[test]
fn a_role_that_owns_nothing_is_told_so() {
    let stage = Stage::set("nobody");
    let reader = stage.database.reader();
    let url = stage.database.url_as(&reader);
    let plan = stage.plan.display().to_string();
    let outcome = waif(["run", &url, &plan, "--allow-writes", "--confirm", stage.database.name()]);
    refused(&stage, &outcome, "Refused now");
}

#[test]
fn what_is_done_is_done_and_saying_it_again_is_harmless() {
    let stage = Stage::set("twice");
    let first = stage.run().run();
    stage.ended_as_if_undisturbed(&first);
    let finished = first.stderr.matches(" finished").count();
    assert_eq!(
        finished as u64,
        stage.database.count("SELECT count(*) FROM waif.step"),
        "a line a step: {first:#?}"
    );
    let resumed = stage.resume().run();
    assert_eq!(resumed.code, Some(0), "{resumed:#?}");
    let said = resumed.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("there is nothing to do"), "{resumed:#?}");
    let again = stage.run().run();
    assert_eq!(again.code, Some(0), "{again:#?}");
    assert!(again.stderr.contains("Nothing to do"), "{again:#?}");
    assert_eq!(stage.database.count("SELECT count(*) FROM waif.run"), 1, "no second run was written down");
    stage.ended_as_if_undisturbed(&again);
    let unknown = waif([
        "resume",
        &stage.database.url(),
        "19990101-00000f",
        "--allow-writes",
        "--confirm",
        stage.database.name(),
    ]);
    assert_eq!(unknown.code, Some(2), "{unknown:#?}");
    assert!(unknown.stderr.contains("There is no run 19990101-00000f"), "{unknown:#?}");
}

#[test]
fn a_failure_is_told_once() {
    let stage = Stage::set("once");
    let running = stage.under_way();
    stage.database.execute("ALTER TABLE events DROP COLUMN note");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    assert!(!said.contains("Failed:"), "{said}");
}

#[test]
fn a_rehearsal_tells_what_would_happen_and_leaves_nothing() {
    let stage = Stage::set("rehearsed");
    let (url, plan, name) = (stage.database.url(), stage.plan.display().to_string(), stage.database.name());
    let before = stage.database.ask("SELECT count(parent_day), sum(id) FROM events");
    let outcome = waif(["run", &url, &plan, "--rehearse", "--allow-writes", "--confirm", name]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains("Everything was rolled back."), "{outcome:#?}");
    assert!(outcome.stdout.contains("RowExclusiveLock on public.events"), "{outcome:#?}");
    assert!(outcome.stdout.contains("ShareRowExclusiveLock on"), "{outcome:#?}");
    assert!(outcome.stdout.contains("It rests on step"), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT count(parent_day), sum(id) FROM events"), before);
    assert_eq!(stage.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t");
    assert_eq!(
        stage.database.count(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'events'::regclass"
        ),
        0
    );
}

#[test]
fn a_rehearsal_names_every_table_it_is_about_to_lock() {
    let database = Database::with(
        "announced",
        "CREATE TABLE hosts(id int PRIMARY KEY); CREATE TABLE guests(id int PRIMARY KEY, host int)",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let (url, plan) = (database.url(), folder.path().join("plan.json").display().to_string());
    let planned = waif(["plan", &url, "--stage", "add-fk:guests(host)->hosts(id)", "-o", &plan]);
    assert_eq!(planned.code, Some(0), "{planned:#?}");
    let outcome = waif(["run", &url, &plan, "--rehearse", "--allow-writes", "--confirm", database.name()]);
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("it holds SHARE ROW EXCLUSIVE on guests, hosts"), "{said}");
}

#[test]
fn the_audit_log_has_every_statement_and_tells_an_edit() {
    let stage = Stage::set("audit");
    let state = tempfile::tempdir().expect("a folder");
    let outcome = stage.run().env("XDG_STATE_HOME", state.path()).run();
    stage.ended_as_if_undisturbed(&outcome);
    let verify =
        || Waif::new(["runs", &stage.database.url(), "--verify"]).env("XDG_STATE_HOME", state.path()).run();
    let whole = verify();
    assert_eq!(whole.code, Some(0), "{whole:#?}");
    assert!(whole.stdout.contains("lines follow from each other"), "{whole:#?}");
    let folder = state.path().join("waif").join("audit");
    let file = fs::read_dir(folder).expect("the folder").next().expect("a log").expect("a file").path();
    let text = fs::read_to_string(&file).expect("the log");
    let updates = text.lines().filter(|line| line.contains("UPDATE ONLY")).count() as u64;
    assert!(updates >= stage.database.count("SELECT count(*) FROM waif.batch WHERE rows > 0"), "{updates}");
    assert!(text.contains("VALIDATE CONSTRAINT") && text.contains("CREATE INDEX CONCURRENTLY"), "{text}");
    let edited = text.replacen("VALIDATE CONSTRAINT", "ENABLE CONSTRAINT", 1);
    fs::write(&file, edited).expect("an edit");
    let found = verify();
    assert_eq!(found.code, Some(1), "{found:#?}");
    let line = text.lines().position(|line| line.contains("VALIDATE CONSTRAINT")).expect("it is there") + 1;
    assert!(found.stdout.contains(&format!("line {line} is not as it was written")), "{found:#?}");
}

#[test]
fn a_disk_without_room_for_the_log_stops_the_run_before_anything_is_sent() {
    let stage = Stage::set("nolog");
    let state = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(state.path().join("waif")).expect("a folder");
    // A file where the folder of the log should be: nothing can be written there.
    fs::write(state.path().join("waif").join("audit"), "").expect("a file");
    let outcome = stage.run().env("XDG_STATE_HOME", state.path()).run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("The audit log cannot be written"), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
}

#[test]
fn a_row_with_two_parents_under_two_values_is_refused_before_harm() {
    let stage = Stage::set("two_parents");
    let parent = stage
        .database
        .ask("SELECT parent FROM events WHERE parent_day IS NULL AND parent < 1000 ORDER BY id LIMIT 1");
    // The same id under another day: no value is the right one. Made after the plan, so only the run meets it.
    stage
        .database
        .execute(&format!("INSERT INTO events VALUES ({parent}, '2025-03-30', NULL, NULL, 'second')"));
    let outcome = stage.run().run();
    assert!(matches!(outcome.code, Some(2 | 5)), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("two parents") || said.contains("more than one parent"), "{outcome:#?}");
    stage.the_journal_is_true();
    assert_eq!(stage.batches(), 0, "not a row was filled");
    let file = stage.plan.display().to_string();
    let planned = waif([
        "plan",
        &stage.database.url(),
        "--stage",
        "backfill:events.parent_day",
        "--stage",
        "add-fk:events(parent,parent_day)->events(id,day)",
        "-o",
        &file,
    ]);
    assert_eq!(planned.code, Some(1), "{planned:#?}");
    assert!(planned.stdout.contains("Refused"), "{planned:#?}");
    stage.database.execute("DELETE FROM events WHERE note = 'second'");
    stage.make_plan(&[]);
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_plan_of_a_newer_or_an_older_waif_is_told_so() {
    let stage = Stage::set("versions");
    let text = fs::read_to_string(&stage.plan).expect("the plan");
    for (format, word) in [
        ("99", "has format 99; this version of waif knows formats up to 1"),
        ("0", "was changed after it was made"),
    ] {
        let other = text.replacen("\"format\": 1", &format!("\"format\": {format}"), 1);
        assert_ne!(other, text);
        fs::write(&stage.plan, other).expect("a file");
        refused(&stage, &stage.run().run(), word);
    }
    fs::write(&stage.plan, "").expect("a file");
    refused(&stage, &stage.run().run(), "The plan");
    fs::write(&stage.plan, "[]").expect("a file");
    refused(&stage, &stage.run().run(), "The plan");
    let missing = stage.folder.path().join("nowhere.json").display().to_string();
    let (url, name) = (stage.database.url(), stage.database.name());
    let outcome = waif(["run", &url, &missing, "--allow-writes", "--confirm", name]);
    refused(&stage, &outcome, "cannot be read");
}

#[test]
fn through_a_transaction_pooler_nothing_is_written() {
    let stage = Stage::set("pooled");
    let Some(bouncer) = Bouncer::before(stage.database.server()) else {
        return skipped("a pooler", "it needs PgBouncer");
    };
    let (name, plan) = (stage.database.name(), stage.plan.display().to_string());
    let url = format!("postgres://postgres@localhost:6432/{name}?host={}", bouncer.folder().display());
    let outcome = waif(["run", &url, &plan, "--allow-writes", "--confirm", name]);
    refused_by(&stage, &outcome, Some(5), "A transaction pooler stands between");
    let made = waif(["plan", &url, "--stage", "backfill:events.parent_day"]);
    assert_eq!(made.code, Some(1), "{made:#?}");
    assert!(made.stdout.contains("A transaction pooler stands between"), "{made:#?}");
}
