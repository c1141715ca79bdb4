//! Tables that changed between a run and its restore: what still fits comes back, what does not stays in its store and is
//! told, once and with the reason.

use crate::reach::PLAIN;
use crate::ward::Ward;

/// Rows are taken away, the table is changed, and a restore brings nothing back: what it says.
fn stays(hint: &str, change: &str) -> (Ward, u64, String) {
    let ward = Ward::of(hint, PLAIN);
    ward.mended(&["quarantine:logs(event)->events(id)"]);
    let held = ward.held();
    ward.database.execute(change);
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), held, "nothing is lost by the way: {outcome:#?}");
    let words = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    (ward, held, words)
}

#[test]
fn a_column_that_was_renamed_is_named_and_comes_back_under_its_old_name() {
    let (ward, _, words) = stays("renamed", "ALTER TABLE logs RENAME COLUMN body TO content");
    assert!(words.contains("logs has no column body any more"), "{words}");
    ward.database.execute("ALTER TABLE logs RENAME COLUMN content TO body");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
    assert_eq!(ward.database.count("SELECT count(*) FROM logs WHERE body IS NULL"), 0);
}

#[test]
fn a_type_that_takes_what_was_there_takes_it_back() {
    let ward = Ward::of("widened", PLAIN);
    let sum = "SELECT sum(event), sum(length(body)), count(*) FROM logs";
    let before = ward.database.ask(sum);
    ward.mended(&["quarantine:logs(event)->events(id)"]);
    ward.database.execute(
        "ALTER TABLE logs ALTER COLUMN event TYPE bigint; ALTER TABLE logs DROP COLUMN size;
         ALTER TABLE logs ALTER COLUMN body TYPE varchar(60); ALTER TABLE logs ADD COLUMN size numeric",
    );
    ward.restored();
    assert_eq!(ward.database.ask(sum), before);
}

#[test]
fn a_type_that_does_not_is_told_once() {
    let (ward, held, words) = stays(
        "retyped",
        "ALTER TABLE logs DROP COLUMN size; ALTER TABLE logs ALTER COLUMN body TYPE int USING length(body)",
    );
    assert!(words.contains("body"), "{words}");
    assert!(words.contains(&format!("{},{:03} rows", held / 1000, held % 1000)), "{words}");
    ward.database.execute("ALTER TABLE logs ALTER COLUMN body TYPE text USING repeat('x', body)");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
}

#[test]
fn a_column_that_takes_no_null_and_has_no_default_is_told_once() {
    let (ward, _, words) = stays(
        "demanding",
        "ALTER TABLE logs ADD COLUMN owner text; UPDATE logs SET owner = 'me'; ALTER TABLE logs ALTER COLUMN owner SET NOT NULL",
    );
    assert!(words.contains("owner"), "{words}");
    ward.database.execute("ALTER TABLE logs ALTER COLUMN owner SET DEFAULT 'restored'");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
}

#[test]
fn a_value_that_no_longer_fits_keeps_its_row_alone() {
    let ward = Ward::of("narrowed", PLAIN);
    ward.mended(&["quarantine:logs(event)->events(id)"]);
    let held = ward.held();
    let store = ward.store("rows_logs");
    let long = ward.database.count(&format!("SELECT count(*) FROM {store} WHERE length(body) > 48"));
    assert!(long > 0 && long < held / 10, "{long} of {held}");
    ward.database.execute("ALTER TABLE logs ADD CHECK (length(body) <= 48) NOT VALID");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), long, "{outcome:#?}");
    assert!(outcome.stdout.contains("logs_body_check"), "{outcome:#?}");
    ward.database.execute("ALTER TABLE logs DROP CONSTRAINT logs_body_check");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
}

#[test]
fn a_table_that_is_gone_or_another_keeps_its_rows_in_the_store() {
    let (ward, held, words) = stays("dropped", "ALTER TABLE logs RENAME TO logs_before");
    assert!(words.contains("the table logs is called logs_before by now"), "{words}");
    // A view of its name is no table.
    ward.database.execute("CREATE VIEW logs AS SELECT 1 AS id");
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), held), "{outcome:#?}");
    ward.database.execute("DROP VIEW logs; ALTER TABLE logs_before RENAME TO logs");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
}

#[test]
fn values_whose_table_changed_stay_and_are_told() {
    let ward = Ward::of("values", PLAIN);
    let before = ward.sums();
    ward.mended(&["nullify:logs(event)->events(id)"]);
    let held = ward.held();
    ward.database.execute("ALTER TABLE logs RENAME COLUMN event TO occasion");
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), held), "{outcome:#?}");
    ward.database.execute("ALTER TABLE logs RENAME COLUMN occasion TO event");
    ward.database.execute("ALTER TABLE logs RENAME COLUMN id TO number");
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), held), "{outcome:#?}");
    ward.database.execute("ALTER TABLE logs RENAME COLUMN number TO id");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_trigger_that_would_change_what_comes_back_keeps_it_in_the_store() {
    let stamps = "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := ''stamped''; RETURN NEW; END';
        CREATE TRIGGER other BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION stamp()";
    let rewrites = "CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN UPDATE public.logs SET v = ''rewritten'' WHERE id = NEW.id; RETURN NULL; END';
        CREATE TRIGGER other AFTER INSERT ON logs FOR EACH ROW EXECUTE FUNCTION rewrite()";
    let listens = "CREATE TABLE heard(id int);
        CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.heard VALUES (NEW.id); RETURN NULL; END';
        CREATE TRIGGER other AFTER INSERT ON logs FOR EACH ROW EXECUTE FUNCTION hear()";
    for (name, trigger, changes) in
        [("stamps", stamps, true), ("rewrites", rewrites, true), ("listens", listens, false)]
    {
        let ward = Ward::of(
            name,
            "CREATE TABLE events(id int PRIMARY KEY); INSERT INTO events SELECT generate_series(1, 15);
             CREATE TABLE logs(id int PRIMARY KEY, event int, v text, n numeric, j json);
             INSERT INTO logs SELECT i, i, 'v' || i, i / 3.0, json_build_object('i', i) FROM generate_series(1, 20) i;
             ANALYZE;",
        );
        let whole = |ward: &Ward| ward.sums().remove("public.logs");
        let before = whole(&ward);
        ward.mended(&["quarantine:logs(event)->events(id)"]);
        ward.database.execute(trigger);
        if changes {
            let outcome = ward.restore(&[]);
            assert_eq!(outcome.code, Some(1), "{name}: {outcome:#?}");
            assert!(outcome.stdout.contains("changed it"), "{name}: {outcome:#?}");
            assert_eq!(ward.held(), 5, "{name}: what would be lost stays");
            assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 15, "{name}");
            ward.database.execute("ALTER TABLE logs DISABLE TRIGGER other");
        }
        ward.restored();
        assert_eq!(whole(&ward), before, "{name}");
    }
}
