//! The undo that a plan promises on SQLite: triggers that would hear of it are told with the plan.

use super::ward::Ward;

const SCHEMA: &str = "CREATE TABLE parent(id INTEGER PRIMARY KEY);
    INSERT INTO parent VALUES (1);
    CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id), body TEXT);
    INSERT INTO child VALUES (1, 1, 'kept'), (2, 9, 'lost'), (3, 8, 'gone');
    CREATE TRIGGER guard BEFORE INSERT ON child WHEN new.body = 'lost' BEGIN SELECT raise(ABORT, 'not this one'); END;
    CREATE TRIGGER keeper BEFORE DELETE ON parent BEGIN SELECT raise(IGNORE); END;";

fn told(ward: &Ward, action: &str) -> String {
    let outcome = ward.plans(&[action], &[]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_trigger_that_hears_of_rows_coming_back_is_told_and_keeps_them_in_the_store() {
    let ward = Ward::of(SCHEMA);
    let said = told(&ward, "quarantine:child(parent)->parent(id)");
    let sentence = "For the undo rows are inserted into child: the trigger guard fires before each row that is inserted, and could keep it back; a row it keeps or changes does not come back, and is told.";
    assert!(said.contains(sentence), "{said}");
    ward.runs();
    let outcome = ward.armed("restore", &ward.id(), &[]).run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("1 taken back, 1 left"), "{outcome:#?}");
    assert!(outcome.stdout.contains("not this one"), "{outcome:#?}");
    ward.file.execute("DROP TRIGGER guard");
    ward.restored();
    assert_eq!(ward.file.ask("SELECT group_concat(id || body) FROM child"), "1kept,2lost,3gone");
}

#[test]
fn a_trigger_that_hears_of_parents_going_again_is_told() {
    let ward = Ward::of(SCHEMA);
    let said = told(&ward, "adopt:child(parent)->parent(id)");
    let sentence =
        "For the undo rows are deleted from parent: the trigger keeper fires before each row that is deleted";
    assert!(said.contains(sentence), "{said}");
}
