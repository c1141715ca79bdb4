//! Keys that a run added, in tables that were changed since: where the key stands, what it would refuse stays and is
//! counted; where it does not, rows come back whatever else became of the table.

use super::ward::Ward;

const FILE: &str = "
CREATE TABLE p (id INTEGER PRIMARY KEY, v); INSERT INTO p VALUES (1, 'a');
CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER, x CHECK (x > 'a'));
INSERT INTO c VALUES (1, 1, 'b'), (2, 9, 'b'), (3, 8, 'c');";
const ACTIONS: [&str; 2] = ["quarantine:c(pid)->p(id)", "add-fk:c(pid)->p(id)"];

/// What a restore of a run says, on one line, with its code.
fn restored(ward: &Ward, run: &str) -> (Option<i32>, String) {
    let outcome = ward.armed("restore", run, &[]).run();
    (outcome.code, outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn rows_wait_for_a_key_in_a_changed_table_only_while_it_stands() {
    for (change, parent) in
        [("ALTER TABLE c ADD COLUMN note", "p"), ("ALTER TABLE p RENAME TO parents", "parents")]
    {
        let ward = Ward::of(FILE);
        ward.mended(&ACTIONS);
        let run = ward.id();
        ward.file.execute(change);
        let (code, said) = restored(&ward, &run);
        assert_eq!(code, Some(1), "{change}: {said}");
        assert!(said.contains("0 taken back, 2 left"), "{change}: {said}");
        assert!(said.contains("2 rows: the key c_pid_fkey of c, which the run added, stands"), "{said}");
        assert!(said.contains("2 rows stay in the stores"), "{change}: {said}");
        assert_eq!(ward.held(), 2, "{change}");

        ward.mended(&[&format!("drop-fk:c(pid)->{parent}(id)")]);
        let (code, said) = restored(&ward, &run);
        assert_eq!(code, Some(0), "{change}: {said}");
        assert_eq!(ward.file.ask("SELECT id || pid || x FROM c ORDER BY id"), "11b\n29b\n38c");
        assert_eq!(ward.held(), 0, "{change}");
    }
}

#[test]
fn a_key_that_never_came_keeps_no_row_away() {
    let ward = Ward::of(FILE);
    ward.file.execute("PRAGMA ignore_check_constraints = ON; UPDATE c SET x = 'a' WHERE id = 1");
    ward.plan(&ACTIONS);
    let outcome = ward.run().run();
    assert_ne!(outcome.code, Some(0), "the table breaks its CHECK: {outcome:#?}");
    assert_eq!(ward.held(), 2);
    ward.file.execute("ALTER TABLE c ADD COLUMN note");
    let (code, said) = restored(&ward, &ward.id());
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(ward.file.ask("SELECT id || pid || x FROM c ORDER BY id"), "11a\n29b\n38c");
}
