//! The undo that a plan promises: what would stand against it as things are is told with the plan, and so it comes.

use crate::support::Waif;
use crate::ward::Ward;

const QUARANTINE: &str = "quarantine:child(parent)->parent(id)";

fn ward(hint: &str, more: &str) -> Ward {
    Ward::of(
        hint,
        &format!(
            "CREATE TABLE parent(id int PRIMARY KEY, body text);
             INSERT INTO parent VALUES (1);
             CREATE TABLE child(id int PRIMARY KEY, parent int, other int, body text);
             INSERT INTO child VALUES (1, 1, 1, 'kept'), (2, 9, 5, 'lost'), (3, 8, 1, 'gone');
             {more}
             ANALYZE;"
        ),
    )
}

/// The plan says so; its text is wrapped.
fn promised(ward: &Ward, actions: &[&str], sentence: &str) {
    let told = ward.plan(actions).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(sentence), "{sentence}\n{told}");
}

/// After the run so many rows come back, so many do not, and the reason is told.
fn kept(ward: &Ward, came: u64, left: u64, why: &str) {
    ward.runs();
    let outcome = ward.armed("restore", &ward.id(), &[]).run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("{came} taken back, {left} left")), "{outcome:#?}");
    assert!(said.contains(why), "{why}\n{outcome:#?}");
}

#[test]
fn a_trigger_that_hears_of_rows_coming_back_is_told_and_keeps_them_in_the_store() {
    let raising = "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.other = 5 THEN RAISE ''not five''; END IF; RETURN NEW; END';
        CREATE TRIGGER guard BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION no();";
    let ward = ward("raising", raising);
    promised(
        &ward,
        &[QUARANTINE],
        "For the undo rows are inserted into child: the trigger guard fires before each row that is inserted, and could keep it back or change it; such a row does not come back, and is told.",
    );
    kept(&ward, 1, 1, "not five");
    ward.database.execute("DROP TRIGGER guard ON child");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 3);
}

#[test]
fn a_check_that_old_rows_break_is_told_for_rows_and_for_values() {
    let ward = ward("unproved", "ALTER TABLE child ADD CONSTRAINT sane CHECK (parent < 9) NOT VALID;");
    let sentence = |what: &str| {
        format!(
            "For the undo {what} child: sane is NOT VALID, and what breaks it does not come back before it is dropped."
        )
    };
    promised(&ward, &[QUARANTINE], &sentence("rows are inserted into"));
    promised(&ward, &["nullify:child(parent)->parent(id)"], &sentence("values are written to"));
    kept(&ward, 1, 1, "sane");
    assert_eq!(ward.database.ask("SELECT parent FROM child WHERE id = 2"), "");
    ward.database.execute("ALTER TABLE child DROP CONSTRAINT sane");
    ward.restored();
    assert_eq!(ward.database.ask("SELECT parent FROM child WHERE id = 2"), "9");
}

#[test]
fn a_check_that_calls_functions_of_a_user_is_told_and_one_that_does_not_is_not() {
    let ward = ward(
        "calls",
        "CREATE TABLE allowed(n int); INSERT INTO allowed VALUES (1), (8), (9);
         CREATE FUNCTION may(n int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT 1 FROM public.allowed a WHERE a.n = $1)';
         ALTER TABLE child ADD CONSTRAINT asked CHECK (may(parent)), ADD CONSTRAINT plain CHECK (parent > 0);",
    );
    let told = ward.plan(&[QUARANTINE]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("child: asked calls functions of your own, and what they refuse by then"),
        "{told}"
    );
    assert!(!told.contains("plain"), "{told}");
    ward.runs();
    ward.database.execute("DELETE FROM allowed WHERE n = 9");
    let outcome = ward.armed("restore", &ward.id(), &[]).run();
    assert!(outcome.stdout.contains("1 taken back, 1 left"), "{outcome:#?}");
    ward.database.execute("INSERT INTO allowed VALUES (9)");
    ward.restored();
}

#[test]
fn a_key_that_is_enforced_though_rows_break_it_is_told() {
    let ward = ward(
        "keyed",
        "ALTER TABLE child ADD CONSTRAINT otherwise FOREIGN KEY (other) REFERENCES parent NOT VALID;",
    );
    promised(
        &ward,
        &[QUARANTINE],
        "For the undo rows are inserted into child: the key otherwise is NOT VALID, and rows without its parent do not come back before it is dropped.",
    );
    kept(&ward, 1, 1, "(other) refers to is missing, and the key is enforced");
}

#[test]
fn a_backfill_tells_a_check_that_takes_no_null_any_more() {
    let ward = ward(
        "filled",
        "CREATE TABLE copies(id int PRIMARY KEY, parent int REFERENCES parent, body text);
         INSERT INTO copies VALUES (1, 1, NULL); UPDATE parent SET body = 'the text';
         ALTER TABLE copies ADD CONSTRAINT full_now CHECK (body IS NOT NULL) NOT VALID;",
    );
    let config = ward.plan.with_file_name("waif.toml");
    let copy = "[[copy]]\ncolumn = 'copies.body'\nfrom = 'body'\nalong = 'copies(parent)->parent(id)'\n";
    std::fs::write(&config, copy).unwrap();
    let url = ward.database.url();
    let planned =
        Waif::new(["plan", &url, "--stage", "backfill:copies.body"]).env("WAIF_CONFIG", &config).run();
    let said = planned.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(planned.code, Some(0), "{said}");
    assert!(said.contains("For the undo values are written to copies: full_now is NOT VALID, and what breaks it does not come back before it is dropped."), "{said}");
}

#[test]
fn a_trigger_that_hears_of_parents_going_again_is_told() {
    let ward = ward(
        "adopted",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keeper BEFORE DELETE ON parent FOR EACH ROW EXECUTE FUNCTION keep();",
    );
    promised(
        &ward,
        &["adopt:child(parent)->parent(id)"],
        "For the undo rows are deleted from parent: the trigger keeper fires before each row that is deleted, and could keep it back or change it; such a row stays, and is told.",
    );
}
