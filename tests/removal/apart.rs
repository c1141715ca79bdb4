//! Values that go back onto the very rows that lost them, whole, or not at all.

use crate::ward::Ward;

/// Ten rows without a parent among fifteen, and rows that refer to them.
const LOST: &str = "
CREATE TABLE p(id int PRIMARY KEY);
INSERT INTO p SELECT i FROM generate_series(1, 5) i;
CREATE TABLE c(id int PRIMARY KEY, pid int, note text, at timestamptz, amount numeric(10,2));
INSERT INTO c SELECT i, CASE WHEN i > 5 THEN 100 + i ELSE i END, 'note ' || i, '2026-01-01Z', i FROM generate_series(1, 15) i;
CREATE TABLE z(id int PRIMARY KEY, c int DEFAULT 1 REFERENCES c ON DELETE SET NULL, body text);
INSERT INTO z SELECT i, i, 'body ' || i FROM generate_series(1, 15) i;
";

const NULLIFY: &str = "nullify:c(pid)->p(id)";
const CHANGED: &str = "the row was changed since, or is another one that took its key";

/// A restore that leaves something; what is said, the lines put together.
fn left(ward: &Ward) -> String {
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn no_value_goes_onto_another_row_that_took_the_key() {
    let ward = Ward::of("apart", LOST);
    let before = ward.sums();
    ward.mended(&[NULLIFY]);
    ward.database.execute(
        "DELETE FROM z WHERE c IN (6, 7); DELETE FROM c WHERE id IN (6, 7);
         INSERT INTO c VALUES (6, NULL, 'somebody else', '2026-01-01Z', 6); UPDATE c SET amount = 0 WHERE id = 8; UPDATE c SET pid = 1 WHERE id = 9;",
    );
    let said = left(&ward);
    assert!(said.contains(&format!("c: 2 rows: {CHANGED}")), "{said}");
    assert!(said.contains("c: 1 row: the row is gone"), "{said}");
    assert!(said.contains("c: 1 row: the row holds something else by now"), "{said}");
    assert_eq!(ward.held(), 4);
    assert_eq!(
        ward.database.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM c WHERE pid > 100"),
        "10,11,12,13,14,15"
    );
    // As they were again, they take it.
    ward.database.execute(
        "UPDATE c SET note = 'note 6' WHERE id = 6; UPDATE c SET amount = 8 WHERE id = 8; UPDATE c SET pid = NULL WHERE id = 9;
         INSERT INTO c VALUES (7, NULL, 'note 7', '2026-01-01Z', 7); INSERT INTO z SELECT i, i, 'body ' || i FROM generate_series(6, 7) i;",
    );
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn rows_that_were_changed_since_take_their_values_back_where_a_person_says_so() {
    let ward = Ward::of("changed", LOST);
    let parents = || ward.database.ask("SELECT string_agg(pid::text, ',' ORDER BY id) FROM c");
    let before = parents();
    ward.mended(&[NULLIFY]);
    ward.database.execute("UPDATE c SET note = 'touched', at = now(); UPDATE c SET pid = 2 WHERE id = 8");
    let said = left(&ward);
    assert!(
        said.contains(&format!("c: 9 rows: {CHANGED}; where no key was taken again, --changed")),
        "{said}"
    );
    assert_eq!(ward.held(), 10);
    let outcome = ward.restore(&["--changed"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("1 row: the row holds something else by now"), "{outcome:#?}");
    assert_eq!(ward.held(), 1);
    ward.database.execute("UPDATE c SET pid = NULL WHERE id = 8; ALTER TABLE c DROP COLUMN amount");
    assert!(left(&ward).contains("c has no column amount any more"));
    let outcome = ward.restore(&["--changed"]);
    assert_eq!((outcome.code, ward.held()), (Some(0), 0), "{outcome:#?}");
    assert_eq!(parents(), before);
}

#[test]
fn neighbours_that_lost_a_value_are_told_apart_as_well() {
    let ward = Ward::of("beside", LOST);
    let before = ward.sums();
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    assert_eq!(ward.held(), 20, "ten rows, and ten values beside");
    ward.database.execute("UPDATE z SET body = 'another' WHERE id = 6; DELETE FROM z WHERE id = 7");
    let said = left(&ward);
    assert!(said.contains(&format!("z: 1 row: {CHANGED}")), "{said}");
    assert!(said.contains("z: 1 row: the row is gone"), "{said}");
    assert_eq!(ward.held(), 2);
    let outcome = ward.restore(&["--changed"]);
    assert_eq!((outcome.code, ward.held()), (Some(1), 1), "{outcome:#?}");
    assert_eq!(ward.database.ask("SELECT c FROM z WHERE id = 6"), "6");
    ward.database
        .execute("UPDATE z SET body = 'body 6' WHERE id = 6; INSERT INTO z VALUES (7, NULL, 'body 7')");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn what_two_steps_took_of_a_row_comes_back_step_by_step() {
    let ward = Ward::of(
        "twice",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE q(id int PRIMARY KEY);
         CREATE TABLE c(id int PRIMARY KEY, a int, b int, note text); INSERT INTO c SELECT i, i, i, 'n' FROM generate_series(1, 50) i;
         CREATE TABLE d(id int PRIMARY KEY, x int REFERENCES c ON DELETE SET NULL, y int REFERENCES c ON DELETE SET NULL);
         INSERT INTO d SELECT i, i, 51 - i FROM generate_series(1, 50) i;",
    );
    let before = ward.sums();
    ward.mended(&["nullify:c(a)->p(id)", "nullify:c(b)->q(id)"]);
    ward.restored();
    assert_eq!(ward.sums(), before);
    ward.mended(&["quarantine:c(a)->p(id)"]);
    assert_eq!(ward.database.count("SELECT count(*) FROM d WHERE x IS NULL AND y IS NULL"), 50);
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_value_that_its_column_does_not_hold_any_more_stays_in_the_store() {
    let ward = Ward::of(
        "narrowed",
        "CREATE TABLE p(a varchar(50), b numeric(10,4), t timestamp(6), PRIMARY KEY (a, b, t));
         CREATE TABLE c(id int PRIMARY KEY, a varchar(50), b numeric(10,4), t timestamp(6));
         INSERT INTO c VALUES (1, 'a long one', 1, '2026-01-01'), (2, 'short', 1.2345, '2026-01-01'), (3, 'short', 1, '2026-01-01 00:00:00.25'),
           (4, 'short', 1.25, '2026-01-01');",
    );
    let before = ward.sums();
    ward.mended(&["nullify:c(a,b,t)->p(a,b,t)"]);
    ward.database.execute(
        "ALTER TABLE c ALTER a TYPE varchar(5), ALTER b TYPE numeric(10,2), ALTER t TYPE timestamp(0)",
    );
    let said = left(&ward);
    assert!(said.contains("c: 3 rows: the column would not hold what it held before"), "{said}");
    assert_eq!(
        (ward.held(), ward.database.ask("SELECT b FROM c WHERE a IS NOT NULL")),
        (3, "1.25".to_owned())
    );
    ward.database.execute(
        "ALTER TABLE c ALTER a TYPE varchar(50), ALTER b TYPE numeric(10,4), ALTER t TYPE timestamp(6)",
    );
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_neighbours_value_that_its_column_does_not_hold_any_more_stays_in_the_store() {
    let ward = Ward::of(
        "narrow_beside",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id varchar(50) PRIMARY KEY, pid int);
         INSERT INTO c VALUES ('a long one', 9), ('short', 9);
         CREATE TABLE z(id int PRIMARY KEY, c varchar(50) REFERENCES c ON DELETE SET NULL); INSERT INTO z VALUES (1, 'a long one'), (2, 'short');",
    );
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    ward.database.execute("ALTER TABLE z DROP CONSTRAINT z_c_fkey; ALTER TABLE z ALTER c TYPE varchar(5)");
    let said = left(&ward);
    assert!(said.contains("z: 1 row: the column would not hold what it held before"), "{said}");
    assert_eq!((ward.held(), ward.database.ask("SELECT count(*) FROM c")), (1, "2".to_owned()));
    assert_eq!(ward.database.ask("SELECT c FROM z ORDER BY id"), "\nshort");
}

#[test]
fn a_column_that_told_rows_apart_and_is_gone_keeps_them() {
    let ward = Ward::of("gone", LOST);
    let before = ward.sums();
    ward.mended(&[NULLIFY]);
    ward.database
        .execute("ALTER TABLE c DROP COLUMN note; ALTER TABLE c ADD COLUMN colour text DEFAULT 'red'");
    let said = left(&ward);
    assert!(
        said.contains(
            "c has no column note any more: whether a row is the one it was cannot be told without it"
        ),
        "{said}"
    );
    assert_eq!(ward.held(), 10);
    // A column that came since tells nothing.
    ward.database.execute("ALTER TABLE c ADD COLUMN note text; UPDATE c SET note = 'note ' || id");
    ward.restored();
    ward.database.execute("CREATE TABLE n AS SELECT id, pid, note, at, amount FROM c ORDER BY id");
    let sums = ward.sums();
    assert_eq!(sums["public.n"], before["public.c"]);
}

#[test]
fn a_trigger_that_changes_what_is_put_back_keeps_it_in_the_store() {
    for (when, deed) in [
        ("BEFORE", "new.pid := 0; RETURN new;"),
        ("AFTER", "UPDATE public.c SET pid = 0 WHERE id = new.id; RETURN NULL;"),
    ] {
        let ward = Ward::of("spoilt", LOST);
        let before = ward.sums();
        ward.mended(&[NULLIFY]);
        ward.database.execute(&format!(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {deed} END $$;
             CREATE TRIGGER spoils {when} UPDATE ON c FOR EACH ROW WHEN (new.id > 10 AND new.pid > 0) EXECUTE FUNCTION spoil();"
        ));
        let said = left(&ward);
        assert!(
            said.contains("Not every value came back as it was: a trigger kept one or changed it"),
            "{said}"
        );
        assert_eq!(
            (ward.held(), ward.database.count("SELECT count(*) FROM c WHERE pid = 0")),
            (5, 0),
            "{when}: {said}"
        );
        ward.database.execute("DROP TRIGGER spoils ON c");
        ward.restored();
        assert_eq!(ward.sums(), before);
    }
}
