//! What is refused on SQLite before anything is written, by name and with what to do, and what stops a batch.

use super::ward::Ward;

fn restricted(action: &str) -> Ward {
    Ward::of(&format!(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE {action}); INSERT INTO c VALUES (1, 1), (2, 7);
         CREATE TABLE d (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE RESTRICT); INSERT INTO d VALUES (1, 1), (2, 2);"
    ))
}

#[test]
fn rows_that_are_referred_to_go_only_with_what_is_decided_for_those_that_refer() {
    let ward = restricted("RESTRICT");
    let before = ward.rows();
    let said = ward.refused(&["quarantine:c(p)->p(id)"]);
    assert!(said.contains("ON DELETE RESTRICT of d(c)->c(id) forbids it"), "{said}");
    assert!(!said.contains("DELETE FROM"), "no deletion that was declined is there to copy: {said}");
    ward.mended(&["quarantine:c(p)->p(id)", "quarantine:d(c)->c(id)"]);
    assert_eq!(
        ward.file.ask("SELECT (SELECT group_concat(id) FROM c), (SELECT group_concat(id) FROM d)"),
        "1|1"
    );
    ward.restored();
    assert_eq!(ward.rows(), before);
    ward.mended(&["quarantine:c(p)->p(id)", "nullify:d(c)->c(id)"]);
    assert_eq!(
        ward.file.ask("SELECT (SELECT group_concat(id) FROM c), group_concat(ifnull(c, '-')) FROM d"),
        "1|1,-"
    );
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn what_on_delete_says_decides_whether_rows_are_deleted() {
    for (action, instead) in [("RESTRICT", "quarantine"), ("SET NULL", "nullify"), ("SET DEFAULT", "nullify")]
    {
        let ward = restricted(action);
        ward.file.execute("DROP TABLE d");
        let said = ward.refused(&["delete:c(p)->p(id)"]);
        assert!(said.contains(&format!("ON DELETE {action} of c(p)->p(id) says")), "{said}");
        assert!(said.contains(&format!("Stage {instead}:c(p)->p(id) instead")), "{said}");
    }
    for action in ["CASCADE", "NO ACTION"] {
        let ward = restricted(action);
        ward.file.execute("DROP TABLE d");
        let before = ward.rows();
        ward.mended(&["delete:c(p)->p(id)"]);
        let reason = format!("SELECT waif_reason FROM {}", ward.store("rows_c"));
        assert_eq!(ward.file.ask(&reason), "delete c(p)->p(id)");
        ward.restored();
        assert_eq!(ward.rows(), before);
    }
}

#[test]
fn triggers_are_named_and_fire_only_where_they_may() {
    let schema = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
        CREATE TABLE heard (c INT); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 7), (3, 8);
        CREATE TRIGGER hears AFTER DELETE ON c BEGIN INSERT INTO heard VALUES (old.id); END;
        CREATE TRIGGER deaf AFTER INSERT ON c BEGIN INSERT INTO heard VALUES (-1); END;";
    let ward = Ward::of(schema);
    let said = ward.refused(&["quarantine:c(p)->p(id)"]);
    assert!(said.contains("The trigger hears would fire for every row that is deleted, on c"), "{said}");
    assert!(said.contains("?triggers=fire") && !said.contains("trigger deaf would fire"), "{said}");
    ward.mended(&["quarantine:c(p)->p(id)?triggers=fire"]);
    assert_eq!(ward.file.ask("SELECT group_concat(c) FROM heard"), "2,3");

    let veto = "CREATE TRIGGER veto BEFORE DELETE ON c WHEN old.id = 3 BEGIN SELECT RAISE(IGNORE); END;";
    let ward = Ward::of(&format!("{schema}{veto}"));
    let before = ward.rows();
    ward.plan(&["quarantine:c(p)->p(id)?triggers=fire"]);
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("a trigger kept one back"), "{outcome:#?}");
    assert_eq!((ward.rows(), ward.held()), (before, 0), "the batch left nothing");
}

#[test]
fn a_default_that_refers_to_nothing_stops_the_batch() {
    for index in ["", "CREATE INDEX d_c ON d (c);"] {
        let ward = Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 2);
             CREATE TABLE d (id INTEGER PRIMARY KEY, c INT DEFAULT 44 REFERENCES c ON DELETE SET DEFAULT);
             INSERT INTO d VALUES (1, 1), (2, 2);{index}"
        ));
        let before = ward.rows();
        ward.plan(&["quarantine:c(p)->p(id)"]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{outcome:#?}");
        assert!(outcome.stderr.contains("has no parent itself"), "{outcome:#?}");
        assert_eq!((ward.rows(), ward.held()), (before, 0));
    }
}

#[test]
fn a_default_that_is_no_plain_value_and_columns_that_take_none_forbid_it() {
    let below = |column: &str| {
        Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 2);
             CREATE TABLE d (id INTEGER PRIMARY KEY, {column}); INSERT INTO d (id, c) VALUES (1, 2);"
        ))
    };
    let action = &["quarantine:c(p)->p(id)"];
    let said = below("c INT DEFAULT (abs(-1)) REFERENCES c ON DELETE SET DEFAULT").refused(action);
    assert!(said.contains("the default of c is no plain value"), "{said}");
    let said = below("c INT NOT NULL REFERENCES c ON DELETE SET NULL").refused(action);
    assert!(said.contains("c takes no NULL, which ON DELETE would set"), "{said}");
}

#[test]
fn a_key_that_no_table_can_satisfy_stands_in_the_way_of_every_deletion() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, name TEXT); INSERT INTO c VALUES (1, 1, 'a'), (2, 2, 'b');
         CREATE TABLE d (name TEXT REFERENCES c (name)); INSERT INTO d VALUES ('a');",
    );
    let said = ward.refused(&["quarantine:c(p)->p(id)"]);
    assert!(said.contains("SQLite refuses every deletion from c because of it"), "{said}");
    assert!(said.contains("drop-fk:d(name)->c(name)"), "{said}");
}

#[test]
fn tables_of_modules_are_left_alone() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE VIRTUAL TABLE c USING fts5 (p); INSERT INTO c VALUES ('2');",
    );
    let said = ward.refused(&["quarantine:c(p)->p(id)"]);
    assert!(said.contains("c has no column p"), "what a module keeps, nobody knows: {said}");
}

#[test]
fn what_a_trigger_takes_along_is_told_before_and_stops_the_batch_where_it_is_of_the_tables_mended() {
    let schema = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
        CREATE TABLE notes (x INT); INSERT INTO notes VALUES (2);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, x INT); INSERT INTO c VALUES (1, 1, 1), (2, 9, 2), (3, 1, 2);";
    let staged = &["quarantine:c(p)->p(id)?triggers=fire"];
    let ward = Ward::of(&format!(
        "{schema} CREATE TRIGGER takes AFTER DELETE ON c BEGIN DELETE FROM c WHERE x = old.x; END;"
    ));
    let said = ward.refused(&["quarantine:c(p)->p(id)"]);
    assert!(said.contains("deletes or overwrites is kept nowhere and does not come back"), "{said}");
    let before = ward.rows();
    let said = ward.plan(staged).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("The trigger takes would fire"), "{said}");
    assert!(said.contains("What it deletes or overwrites is kept nowhere, and does not come back"), "{said}");
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(
        outcome.stderr.contains("deleted that are in no store: a trigger took them along"),
        "{outcome:#?}"
    );
    assert_eq!((ward.rows(), ward.held()), (before, 0), "the batch left nothing");

    // Rows of other tables go as the plan says, and stay gone.
    let ward = Ward::of(&format!(
        "{schema} CREATE TRIGGER takes AFTER DELETE ON c BEGIN DELETE FROM notes WHERE x = old.x; END;"
    ));
    ward.mended(staged);
    ward.restored();
    assert_eq!(ward.file.ask("SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM c)"), "0|3");
}

#[test]
fn a_trigger_that_makes_room_by_rows_of_its_own_hides_nothing() {
    // As many rows as before, but not the same.
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT); INSERT INTO c VALUES (1, 1), (2, 9), (3, 1);
         CREATE TABLE d (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE SET NULL); INSERT INTO d VALUES (1, 2), (2, 1);
         CREATE TRIGGER swaps AFTER DELETE ON c WHEN old.id = 2
         BEGIN DELETE FROM c WHERE id = 3; INSERT INTO c VALUES (4, 1); END;
         CREATE TRIGGER clears AFTER UPDATE OF c ON d WHEN old.id = 1 AND 0 BEGIN DELETE FROM d WHERE id = 2; END;",
    );
    let staged = &["quarantine:c(p)->p(id)?triggers=fire"];
    let before = ward.rows();
    ward.plan(staged);
    let outcome = ward.run().run();
    assert!(outcome.stderr.contains("in no store: a trigger took them along"), "{outcome:#?}");
    assert_eq!((ward.rows(), ward.held()), (before, 0));
    ward.file.execute(
        "DROP TRIGGER swaps; DROP TRIGGER clears;
         CREATE TRIGGER clears AFTER UPDATE OF c ON d WHEN old.id = 1 BEGIN DELETE FROM d WHERE id = 2; END;",
    );
    let before = ward.rows();
    ward.plan(staged);
    let outcome = ward.run().run();
    assert!(outcome.stderr.contains("in no store: a trigger took them along"), "{outcome:#?}");
    assert_eq!((ward.rows(), ward.held()), (before, 0));
}

#[test]
fn keys_without_a_name_over_the_same_columns_are_told_apart() {
    for (named, gone, left) in
        [("c(p)->p(id)#1", "CASCADE", "FOREIGN KEY"), ("c(p)->p(id)#2", "FOREIGN KEY", "CASCADE")]
    {
        let ward = Ward::of(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE, FOREIGN KEY (p) REFERENCES p);",
        );
        let said = ward.refused(&["drop-fk:c(p)->p(id)"]);
        assert!(said.contains("2 constraints are over the columns of c(p)->p(id)"), "{said}");
        assert!(said.contains("Name one: c(p)->p(id)#1 or c(p)->p(id)#2."), "{said}");
        let staged = format!("drop-fk:{named}");
        ward.mended(&[&staged]);
        let definition = ward.file.ask("SELECT sql FROM sqlite_schema WHERE name = 'c'");
        assert!(definition.contains(left) && !definition.contains(gone), "{named}: {definition}");
        let said = ward.refused(&[&staged]);
        assert!(said.contains("names no relation"), "the other one is not meant: {said}");
    }
}
