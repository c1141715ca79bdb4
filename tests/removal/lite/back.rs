//! What was filled goes back to NULL, tables that were built anew get their old definition, rows come back as they were.

use super::ward::Ward;

/// Events that copy a day of their parent; the key is a text beside a number in one file, and has no number in another.
fn events(id: &str, end: &str) -> String {
    format!(
        "CREATE TABLE events (id {id}, day TEXT NOT NULL, parent, parent_day TEXT, note TEXT, PRIMARY KEY (id, day)){end};
         INSERT INTO events SELECT CAST(value AS TEXT), date('2025-01-01', (value % 90) || ' days'),
           CASE WHEN value > 100 THEN CAST(value / 2 AS TEXT) END, NULL, 'n' || value FROM generate_series(1, 4000);
         UPDATE events SET parent = 'gone ' || id WHERE CAST(id AS INT) % 50 = 0;"
    )
}

const COPY: &str = "events(parent,parent_day)->events(id,day)";

#[test]
fn what_was_filled_goes_back_to_null_but_for_what_was_changed_since() {
    for (id, end) in [("TEXT COLLATE NOCASE", ""), ("TEXT", " WITHOUT ROWID"), ("", "")] {
        let ward = Ward::of(&events(id, end));
        let before = ward.rows();
        let actions = ["backfill:events.parent_day", &format!("index:{COPY}")];
        ward.mended(&actions);
        let filled = ward.file.count("SELECT count(*) FROM events WHERE parent_day IS NOT NULL");
        assert_eq!(filled, 3822, "all from 101 on but every fiftieth: {id}{end}");
        let list = ward.armed("restore", &ward.id(), &["--list"]).run().stdout;
        assert!(list.contains("filled values") && list.contains("3,822"), "{list}");
        ward.restored();
        assert_eq!(ward.rows(), before, "{id}{end}");
        assert_eq!(ward.file.ask("SELECT rows FROM waif_step WHERE id = '1a'"), "0");

        ward.mended(&actions);
        ward.file.execute(
            "UPDATE events SET parent_day = '1999-01-01' WHERE id IN ('101', '3999');
             UPDATE events SET parent_day = CAST(parent_day AS BLOB) WHERE id = '103'",
        );
        // Numbers of rows that have no other name change.
        ward.file.execute("VACUUM");
        let outcome = ward.restore(&[]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        let left = "SELECT group_concat(id, ' ') FROM (SELECT id FROM events WHERE parent_day IS NOT NULL ORDER BY CAST(id AS INT))";
        assert_eq!(ward.file.ask(left), "101 103 3999", "{id}{end} {outcome:#?}");
        assert!(outcome.stdout.contains("3,819 taken back, 3 left"), "{outcome:#?}");
        assert_eq!(ward.state(), "finished");
    }
}

/// A table with a key and without one, with an index, a view, a trigger, and numbers that were used up.
const LINES: &str = "
CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT);
INSERT INTO orders SELECT value, 'r' || (value % 7) FROM generate_series(1, 500);
CREATE TABLE lines (no INTEGER PRIMARY KEY AUTOINCREMENT, order_id INT, -- of which order
  other INT REFERENCES orders, total INT AS (order_id * 2) STORED);
INSERT INTO lines (order_id, other) SELECT 1 + value % 500, value % 500 + 1 FROM generate_series(1, 2000);
DELETE FROM lines WHERE no > 1990;
CREATE VIEW seen AS SELECT no FROM lines;
CREATE TABLE heard (no);
CREATE TRIGGER hears AFTER INSERT ON lines BEGIN INSERT INTO heard VALUES (new.no); END;
";

#[test]
fn a_table_that_was_built_anew_gets_its_old_definition_back() {
    let ward = Ward::of(LINES);
    let before = (ward.rows(), ward.definitions().replace("CREATE TABLE lines", "CREATE TABLE \"lines\""));
    // One key comes and one goes, and an index that was made afterwards stays.
    ward.mended(&[
        "add-fk:lines(order_id)->orders(id)?on_delete=cascade",
        "drop-fk:lines(other)->orders(id)",
    ]);
    assert_eq!(ward.file.ask("SELECT \"from\" FROM pragma_foreign_key_list('lines')"), "order_id");
    ward.file.execute("CREATE INDEX later ON lines (other)");
    let list = ward.armed("restore", &ward.id(), &["--list"]).run().stdout;
    assert!(list.contains("old definition to be given back to"), "{list}");
    let told = ward.restored();
    assert!(told.contains("2,000 rows") || told.contains("1,990 rows"), "{told}");
    let later = "index|later|lines|CREATE INDEX later ON lines (other)\n";
    assert!(ward.definitions().contains(later));
    assert_eq!((ward.rows(), ward.definitions().replace(later, "")), before);
    // Once more there is nothing to do.
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains("Nothing of run"), "{outcome:#?}");
}

#[test]
fn a_table_that_was_changed_since_keeps_its_definition() {
    let ward = Ward::of(LINES);
    ward.mended(&["add-fk:lines(order_id)->orders(id)"]);
    ward.file.execute("ALTER TABLE lines ADD COLUMN more");
    let (rows, definitions) = (ward.rows(), ward.definitions());
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("was changed since the run built it anew"), "{outcome:#?}");
    assert_eq!((ward.rows(), ward.definitions()), (rows, definitions));
}

#[test]
fn a_key_that_comes_back_may_be_broken_as_it_was() {
    let ward = Ward::of(LINES);
    ward.file.execute("UPDATE lines SET other = 9000 WHERE no % 100 = 0");
    let before = (ward.rows(), ward.definitions().replace("CREATE TABLE lines", "CREATE TABLE \"lines\""));
    ward.mended(&["drop-fk:lines(other)->orders(id)"]);
    assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_list('lines')"), "0");
    ward.restored();
    assert_eq!((ward.rows(), ward.definitions()), before);
    assert_eq!(ward.file.count("SELECT count(*) FROM pragma_foreign_key_check"), 19);
}

#[test]
fn a_trigger_that_would_change_what_comes_back_keeps_it_in_the_store() {
    let shapes = [
        ("id INTEGER PRIMARY KEY, event, v", "", "id = new.id"),
        ("id TEXT COLLATE NOCASE PRIMARY KEY, event, v", " WITHOUT ROWID", "id = new.id"),
        ("id, event, v", "", "rowid = new.rowid"),
    ];
    for (columns, end, which) in shapes {
        let ward = Ward::of(&format!(
            "CREATE TABLE events (id INTEGER PRIMARY KEY);
             CREATE TABLE logs ({columns}){end};
             INSERT INTO events SELECT value FROM generate_series(1, 15);
             INSERT INTO logs SELECT value, value, 'v' || value FROM generate_series(1, 20);"
        ));
        let before = ward.rows();
        ward.mended(&["quarantine:logs(event)->events(id)"]);
        let gone = ward.rows();
        ward.file.execute(&format!(
            "CREATE TRIGGER stamps AFTER INSERT ON logs BEGIN UPDATE logs SET v = upper(v) WHERE {which}; END;"
        ));
        let outcome = ward.restore(&[]);
        assert_eq!(outcome.code, Some(1), "{columns}: {outcome:#?}");
        assert!(outcome.stdout.contains("a trigger changed it"), "{columns}: {outcome:#?}");
        assert_eq!(ward.rows(), gone, "{columns}: what would be lost stays in its store");
        ward.file.execute("DROP TRIGGER stamps");
        ward.restored();
        assert_eq!(ward.rows(), before, "{columns}");
    }
}

#[test]
fn one_copy_that_must_stay_keeps_no_other() {
    for (child, end) in [
        ("k INTEGER PRIMARY KEY, pid INT, region TEXT", ""),
        ("k TEXT PRIMARY KEY, pid INT, region TEXT", ""),
        ("k TEXT, pid INT, region TEXT, PRIMARY KEY (k, pid)", " WITHOUT ROWID"),
    ] {
        let ward = Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, region TEXT, UNIQUE (id, region)); INSERT INTO p VALUES (1, 'eu'), (2, 'us');
             CREATE TABLE c ({child}, FOREIGN KEY (pid, region) REFERENCES p (id, region)){end};
             INSERT INTO c (k, pid) SELECT value - 50, 1 + value % 2 FROM generate_series(1, 100);"
        ));
        let before = ward.rows();
        ward.mended(&["backfill:c.region"]);
        ward.file.execute(
            "UPDATE c SET region = NULL WHERE k = 7;
             CREATE TRIGGER refuses BEFORE UPDATE ON c WHEN old.k + 0 IN (-42, 27) BEGIN SELECT RAISE(ABORT, 'not this one'); END;",
        );
        let outcome = ward.restore(&[]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("97 taken back, 3 left"), "{said}");
        assert!(said.contains("not this one"), "{said}");
        assert!(said.contains("c: 1 row: the row is gone, or holds something else by now"), "{said}");
        assert_eq!(
            ward.file.ask("SELECT k FROM c WHERE region IS NOT NULL ORDER BY k + 0"),
            "-42\n27",
            "{said}"
        );
        ward.file.execute("DROP TRIGGER refuses");
        ward.file.execute("UPDATE c SET region = 'us' WHERE k = 7");
        ward.restored();
        assert_eq!(ward.rows(), before);
    }
}

#[test]
fn a_copy_that_rows_refer_to_by_now_stays_for_they_would_lose_their_parent() {
    // Both sides compared alike, and by the rule of the parent alone.
    for follower in ["c INT, region TEXT COLLATE RTRIM", "c TEXT, region BLOB"] {
        let ward = Ward::of(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, region TEXT, UNIQUE (id, region)); INSERT INTO p VALUES (1, 'eu'), (2, 'us');
             CREATE TABLE c (k INTEGER PRIMARY KEY, pid INT, region TEXT COLLATE NOCASE, UNIQUE (k, region),
               FOREIGN KEY (pid, region) REFERENCES p (id, region));
             INSERT INTO c (k, pid) SELECT value, 1 + value % 2 FROM generate_series(1, 100);",
        );
        let before = ward.rows();
        ward.mended(&["backfill:c.region"]);
        ward.file.execute(&format!(
            "CREATE TABLE g ({follower}, FOREIGN KEY (c, region) REFERENCES c (k, region) ON UPDATE CASCADE);
             PRAGMA foreign_keys = ON; INSERT INTO g VALUES (42, 'EU'), (7, NULL);"
        ));
        let outcome = ward.restore(&[]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("99 taken back, 1 left"), "{said}");
        assert!(said.contains("or a declared reference leads to it"), "{said}");
        assert_eq!(ward.file.ask("SELECT k FROM c WHERE region IS NOT NULL"), "42");
        assert_eq!(ward.file.ask("SELECT c || region FROM g WHERE region IS NOT NULL"), "42EU");
        ward.file.execute("DROP TABLE g");
        ward.restored();
        assert_eq!(ward.rows(), before, "{follower}");
    }
}

#[test]
fn a_row_that_a_trigger_changes_beside_its_value_stays_and_is_told() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, u); INSERT INTO c VALUES (1, 1, 'old'), (2, 9, 'old'), (3, 9, 'old');
         CREATE TRIGGER touches AFTER UPDATE OF p ON c WHEN new.p IS NOT NULL AND new.id = 2
         BEGIN UPDATE c SET u = 'touched' WHERE id = new.id; END;",
    );
    let before = ward.rows();
    ward.mended(&["nullify:c(p)->p(id)?triggers=fire"]);
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("was changed beside it: a trigger did that"), "{outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT group_concat(id || ifnull(p, '-') || u) FROM c"),
        "11old,2-old,39old",
        "the row is as it was left, and the other one came back"
    );
    ward.file.execute("DROP TRIGGER touches");
    ward.restored();
    assert_eq!(ward.rows(), before);
}
