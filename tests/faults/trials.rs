//! Trials of a key that a rebuild added: one is tried while nobody but that key could answer it.

use crate::support::{SqliteFile, waif};

/// What a run tells of the key of logs, with what stands beside.
fn told(more: &str) -> String {
    let file = SqliteFile::with(&format!(
        "CREATE TABLE rules(id INTEGER PRIMARY KEY); INSERT INTO rules VALUES (1), (2);
         CREATE TABLE logs(id INTEGER PRIMARY KEY, rule INT); INSERT INTO logs VALUES (1, 1), (2, 1), (3, 2);
         {more}"
    ));
    let plan = file.folder().join("plan.json").display().to_string();
    let before = file.ask("SELECT count(*) FROM rules; SELECT count(*) FROM logs");
    let action = "add-fk:logs(rule)->rules(id)?on_delete=cascade";
    let outcome = waif(["plan", &file.target(), "--stage", action, "-o", &plan]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let outcome = waif(["run", &file.target(), &plan, "--allow-writes", "--confirm", "waif.db"]);
    assert_eq!(outcome.code, Some(0), "{more}: {outcome:#?}");
    assert_eq!(
        file.ask("SELECT count(*) FROM rules; SELECT count(*) FROM logs"),
        before,
        "it was rolled back"
    );
    outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_cascade_is_tried_though_rows_hang_on_the_children() {
    let below =
        "CREATE TABLE attempts(id INTEGER PRIMARY KEY, log INT REFERENCES logs(id) ON DELETE CASCADE);
        INSERT INTO attempts VALUES (1, 1), (2, 3);
        CREATE TABLE notes(id INTEGER PRIMARY KEY, rule INT REFERENCES rules(id) ON DELETE SET NULL);
        INSERT INTO notes VALUES (1, 1);";
    let said = told(below);
    assert!(said.contains("the deletion of a parent with its children did what it should"), "{said}");
}

#[test]
fn what_others_would_answer_is_not_tried() {
    for (beside, why) in [
        (
            "CREATE TABLE attempts(id INTEGER PRIMARY KEY, log INT REFERENCES logs(id)); INSERT INTO attempts VALUES (1, 1);",
            "a key of attempts would have its say, too",
        ),
        (
            "CREATE TABLE notes(id INTEGER PRIMARY KEY, rule INT NOT NULL REFERENCES rules(id) ON DELETE SET NULL);
             INSERT INTO notes VALUES (1, 1);",
            "a key of notes would have its say, too",
        ),
        (
            "CREATE TABLE deep(id INTEGER PRIMARY KEY, rule INT REFERENCES rules(id) ON DELETE CASCADE);
             INSERT INTO deep VALUES (1, 1);
             CREATE TRIGGER keeps BEFORE DELETE ON deep BEGIN SELECT raise(ABORT, 'never'); END;",
            "triggers of deep would fire",
        ),
    ] {
        let said = told(beside);
        assert!(said.contains(why), "{why}: {said}");
    }
}
