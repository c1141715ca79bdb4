//! A plan that stands against the database as it has become: a run looks for less than a plan tells, and refuses no less.

use crate::stage::Stage;
use crate::support::{Outcome, Waif, waif};

/// Refused before anything was written.
fn refused(stage: &Stage, outcome: &Outcome, word: &str) {
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("The plan is stale") && said.contains(word), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT to_regclass('waif.run') IS NULL"), "t", "nothing was written");
}

/// Makes another plan in the place of the stage's.
fn plan(stage: &Stage, actions: &[&str], flags: &[&str]) {
    let (url, file) = (stage.database.url(), stage.plan.display().to_string());
    let mut args = vec!["plan", &url, "-o", &file];
    args.extend(actions.iter().flat_map(|action| ["--stage", action]));
    args.extend(flags);
    let outcome = waif(args);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}

const BACKFILL: &str = "backfill:events.parent_day";
const INDEX: &str = "index:events(parent,parent_day)->events(id,day)";
/// A second parent for a row that is to be filled.
const TWIN: &str = "INSERT INTO events VALUES (19, '2025-02-09', NULL, NULL, 'twin')";
const LED_TO_IT: &str = "SELECT count(*) FROM events WHERE parent = 19 AND parent_day IS NULL";

#[test]
fn parents_that_became_ambiguous_let_no_row_be_filled() {
    let stage = Stage::set("ambiguous");
    assert_eq!(stage.database.count(LED_TO_IT), 1);
    stage.database.execute(TWIN);
    let outcome = stage.run().run();
    assert!(matches!(outcome.code, Some(2 | 5)), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("two parents"), "{outcome:#?}");
    let filled = "SELECT count(*) FROM events e JOIN before b USING (id, day) WHERE e.parent_day IS DISTINCT FROM b.parent_day";
    assert_eq!(stage.database.count(filled), 0);
    let defined = "SELECT count(*) FROM pg_index WHERE indrelid = 'events'::regclass AND NOT indisprimary";
    assert_eq!(stage.database.count(defined), 0, "no later step was done");
    stage.the_journal_is_true();
    // With one parent again the same run comes to its end.
    stage.database.execute("DELETE FROM events WHERE note = 'twin'");
    stage.resumes();
}

#[test]
fn ambiguous_parents_are_asked_for_where_other_steps_come_first() {
    let stage = Stage::set("ambiguous_later");
    plan(&stage, &[INDEX, BACKFILL], &[]);
    stage.database.execute(TWIN);
    refused(&stage, &stage.run().run(), "lead to more than one parent");
}

#[test]
fn orphans_that_came_since_stand_against_the_key() {
    let stage = Stage::set("orphan_since");
    stage
        .database
        .execute("INSERT INTO events VALUES (900001, '2025-01-05', 77777777, '2025-01-05', 'orphan')");
    refused(&stage, &stage.run().run(), "Refused now: 1 row of");
}

#[test]
fn more_rows_than_the_plan_allows_are_counted() {
    let stage = Stage::set("more_rows");
    let open = "SELECT count(*) FROM events c JOIN events p ON p.id = c.parent WHERE c.parent_day IS NULL";
    let most = stage.database.count(open).to_string();
    plan(&stage, &[BACKFILL, INDEX], &["--max-rows", &most]);
    stage.database.execute("INSERT INTO events VALUES (900001, '2025-01-05', 19, NULL, 'one more')");
    refused(&stage, &stage.run().run(), "Refused now");
}

#[test]
fn where_nothing_is_left_nothing_is_done() {
    let stage = Stage::set("nothing_left");
    plan(&stage, &[BACKFILL, INDEX], &[]);
    stage.database.execute(
        "UPDATE events c SET parent_day = p.day FROM events p WHERE p.id = c.parent AND c.parent_day IS NULL",
    );
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let notes = "SELECT count(*) FROM waif.step WHERE note LIKE '%in that state already%'";
    assert_eq!(stage.database.count(notes), 1, "the backfill");
    assert_eq!(stage.database.count("SELECT count(*) FROM waif.batch"), 0);
    let again = stage.run().run();
    assert_eq!(again.code, Some(0), "{again:#?}");
    assert!(again.stderr.contains("Nothing to do"), "{again:#?}");
}

#[test]
fn a_rehearsal_finds_ambiguous_parents_as_well() {
    let stage = Stage::set("ambiguous_rehearsed");
    stage.database.execute(TWIN);
    let (url, file) = (stage.database.url(), stage.plan.display().to_string());
    let name = stage.database.name();
    let outcome = Waif::new(["run", &url, &file, "--rehearse", "--allow-writes", "--confirm", name]).run();
    refused(&stage, &outcome, "lead to more than one parent");
}

#[test]
fn a_key_that_came_since_with_another_on_delete_is_not_where_the_plan_leads_to() {
    let stage = Stage::set("another_key");
    let schema = "CREATE TABLE hosts(id int PRIMARY KEY); INSERT INTO hosts VALUES (1);
        CREATE TABLE guests(id int PRIMARY KEY, host int); INSERT INTO guests VALUES (1, 1)";
    stage.database.execute(schema);
    plan(&stage, &["add-fk:guests(host)->hosts(id)?on_delete=restrict"], &[]);
    let add = "ALTER TABLE guests ADD CONSTRAINT own FOREIGN KEY (host) REFERENCES hosts";
    stage.database.execute(&format!("{add} ON DELETE CASCADE"));
    let run = || {
        waif([
            "run",
            &stage.database.url(),
            &stage.plan.display().to_string(),
            "--allow-writes",
            "--confirm",
            stage.database.name(),
        ])
    };
    refused(&stage, &run(), "with other options");
    // Without the option, the file was agreed to with what the statement said then.
    stage.database.execute("ALTER TABLE guests DROP CONSTRAINT own");
    plan(&stage, &["add-fk:guests(host)->hosts(id)"], &[]);
    stage.database.execute(&format!("{add} ON DELETE CASCADE"));
    refused(
        &stage,
        &run(),
        "A key over the same columns of public.guests is there, ON DELETE CASCADE, ON UPDATE NO ACTION; the plan's would be ON DELETE NO ACTION, ON UPDATE NO ACTION.",
    );
    stage.database.execute(&format!("ALTER TABLE guests DROP CONSTRAINT own; {add}"));
    let outcome = run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("Nothing to do"), "{outcome:#?}");
}

#[test]
fn a_plan_that_cannot_be_looked_at_for_a_moment_is_not_called_stale() {
    let stage = Stage::set("unseen");
    stage.database.execute(
        "CREATE TABLE hosts(id int PRIMARY KEY); CREATE TABLE guests(id int PRIMARY KEY, host int); INSERT INTO guests VALUES (1, 1)",
    );
    plan(&stage, &["nullify:guests(host)->hosts(id)"], &[]);
    let mut other = stage.database.session();
    other.say("BEGIN; LOCK TABLE guests IN ACCESS EXCLUSIVE MODE");
    let (url, file) = (stage.database.url(), stage.plan.display().to_string());
    let run = || waif(["run", &url, &file, "--allow-writes", "--confirm", stage.database.name()]);
    let outcome = run();
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(matches!(outcome.code, Some(3..=5)), "{outcome:#?}");
    assert!(said.contains("What the plan rests on could not be looked at. Nothing was written."), "{said}");
    assert!(!said.contains("stale"), "{said}");
    drop(other);
    let outcome = run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT host IS NULL FROM guests"), "t");
}
