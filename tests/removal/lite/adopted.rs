//! Parents that were inserted, and what goes with them when they are taken out again.

use super::ward::Ward;

const FILE: &str = "
CREATE TABLE p (id INTEGER PRIMARY KEY, v); INSERT INTO p VALUES (1, 'a');
CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id), x);
INSERT INTO c VALUES (1, 1, 'a'), (2, 9, 'b'), (3, 8, 'c');";
const ADOPT: &str = "adopt:c(pid)->p(id)";

/// What a restore of the newest run says, on one line, with its code.
fn restored(ward: &Ward) -> (Option<i32>, String) {
    let outcome = ward.restore(&[]);
    (outcome.code, outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn no_row_of_anybody_goes_with_an_inserted_parent() {
    for deed in ["DELETE FROM c WHERE pid = old.id", "UPDATE c SET x = NULL WHERE pid = old.id"] {
        let ward = Ward::of(&format!(
            "{FILE} CREATE TRIGGER sweeps AFTER DELETE ON p WHEN old.id = 9 BEGIN {deed}; END;"
        ));
        let before = ward.rows();
        let told = ward.plan(&[ADOPT]).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("the trigger sweeps fires for every row that is deleted; a parent stays"),
            "{told}"
        );
        ward.runs();
        let (code, said) = restored(&ward);
        assert_eq!(code, Some(1), "{deed}: {said}");
        assert!(said.contains("1 taken back, 1 left"), "{deed}: {said}");
        assert!(said.contains("a trigger changes other rows"), "{deed}: {said}");
        assert!(said.contains("triggers that hear of it: sweeps"), "{deed}: {said}");
        assert_eq!(ward.file.ask("SELECT id || pid || x FROM c ORDER BY id"), "11a\n29b\n38c", "{deed}");
        assert_eq!(ward.file.ask("SELECT id FROM p ORDER BY id"), "1\n9", "{deed}");
        assert_eq!(ward.held(), 1, "{deed}");
        ward.file.execute("DROP TRIGGER sweeps");
        ward.restored();
        assert_eq!(ward.rows(), before, "{deed}");
    }
}

#[test]
fn a_trigger_that_may_fire_does_when_an_inserted_parent_goes() {
    let ward = Ward::of(&format!(
        "{FILE} CREATE TABLE heard (id); CREATE TRIGGER hears AFTER DELETE ON p BEGIN INSERT INTO heard VALUES (old.id); END;"
    ));
    ward.mended(&[&format!("{ADOPT}?triggers=fire")]);
    ward.restored();
    assert_eq!(ward.file.ask("SELECT id FROM p"), "1");
    assert_eq!(ward.file.ask("SELECT id FROM heard ORDER BY id"), "8\n9");
}

#[test]
fn a_trigger_that_keeps_an_inserted_parent_is_named() {
    let ward = Ward::of(&format!(
        "{FILE} CREATE TRIGGER keeps BEFORE DELETE ON p WHEN old.id = 9 BEGIN SELECT RAISE(IGNORE); END;"
    ));
    ward.mended(&[ADOPT]);
    let (code, said) = restored(&ward);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("1 taken back, 1 left"), "{said}");
    assert!(said.contains("a trigger kept one") && said.contains("hear of it: keeps"), "{said}");
}

/// Rows of a tree whose parent is 0 where nobody says otherwise.
const TREE: &str = "
CREATE TABLE cat (id INTEGER PRIMARY KEY, name, parent_id INTEGER DEFAULT 0 REFERENCES cat (id));
CREATE TABLE item (id INTEGER PRIMARY KEY, cat INTEGER REFERENCES cat (id));";
const INTO_TREE: &str = "adopt:item(cat)->cat(id)";

#[test]
fn a_default_that_leads_to_no_parent_is_refused() {
    let ward = Ward::of(&format!("{TREE} INSERT INTO item VALUES (1, 7);"));
    let said = ward.refused(&[INTO_TREE]);
    let why = "A row inserted into cat refers by its default to what cat has no row for, by cat(parent_id)->cat(id).";
    assert!(said.contains(why), "{said}");
    // The same where nothing is declared and the reference is its own.
    let undeclared = Ward::of(
        "CREATE TABLE cat (id INTEGER PRIMARY KEY, parent_id INTEGER DEFAULT 0); INSERT INTO cat VALUES (1, 7);",
    );
    let said = undeclared.refused(&["adopt:cat(parent_id)->cat(id)"]);
    assert!(said.contains(why), "{said}");
    // What it leads to is there, or is inserted as well.
    for rows in [
        "INSERT INTO cat VALUES (0, 'all', 0); INSERT INTO item VALUES (1, 7);",
        "INSERT INTO item VALUES (1, 7), (2, 0), (3, -7);",
    ] {
        let ward = Ward::of(&format!("{TREE} {rows}"));
        ward.mended(&[INTO_TREE]);
        assert_eq!(ward.file.ask("PRAGMA foreign_key_check"), "", "{rows}");
        assert_eq!(ward.file.ask("SELECT parent_id FROM cat WHERE id = 7"), "0", "{rows}");
    }
}

#[test]
fn a_parent_that_would_lack_one_itself_is_not_inserted() {
    // A default that is no plain value is followed in the batch: here it is 2.
    for root in [1, 2] {
        let ward = Ward::of(&format!(
            "{} INSERT INTO cat VALUES ({root}, 'all', NULL); INSERT INTO item VALUES (1, 7);",
            TREE.replace("DEFAULT 0", "DEFAULT (1 + 1)")
        ));
        let said = ward.plan(&[INTO_TREE]).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("by cat(parent_id)->cat(id): where that is missing the run stops"), "{said}");
        if root == 2 {
            ward.runs();
            assert_eq!(ward.file.ask("SELECT parent_id FROM cat WHERE id = 7"), "2");
            continue;
        }
        let outcome = ward.run().run();
        assert_ne!(outcome.code, Some(0), "{outcome:#?}");
        let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("A parent that is inserted would refer to what is not there itself"), "{said}");
        assert_eq!(ward.file.ask("SELECT id FROM cat"), "1");
    }
}

#[test]
fn inserted_parents_that_refer_to_each_other_go_together() {
    for (rows, action) in [
        ("INSERT INTO cat VALUES (1, 'a', 0);", "adopt:cat(parent_id)->cat(id)"),
        ("INSERT INTO item VALUES (1, 7), (2, 0), (3, -5);", INTO_TREE),
    ] {
        let ward = Ward::of(&format!("{TREE} {rows}"));
        let before = ward.rows();
        ward.mended(&[action]);
        assert_eq!(ward.file.count("SELECT count(*) FROM cat WHERE id = 0 AND parent_id = 0"), 1);
        ward.restored();
        assert_eq!(ward.rows(), before, "{rows}");
    }
}

#[test]
fn an_inserted_parent_stays_for_one_that_stays() {
    let ward = Ward::of(&format!("{TREE} INSERT INTO item VALUES (1, 7), (2, 0), (3, -5);"));
    ward.mended(&[INTO_TREE]);
    // One more refers to 7, which refers to 0.
    ward.file.execute("INSERT INTO item VALUES (4, 7)");
    let (code, said) = restored(&ward);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("1 taken back, 2 left"), "{said}");
    assert_eq!(ward.file.ask("SELECT id FROM cat ORDER BY id"), "0\n7");
    ward.file.execute("DELETE FROM item WHERE id = 4");
    ward.restored();
    assert_eq!(ward.file.count("SELECT count(*) FROM cat"), 0);
}

#[test]
fn an_inserted_parent_goes_once_those_of_other_batches_are_gone() {
    let ward = Ward::of(&format!(
        "{TREE} INSERT INTO item SELECT value, -value FROM generate_series(1, 3000); INSERT INTO item VALUES (4000, 0);"
    ));
    let before = ward.rows();
    let outcome = ward.plans(&[INTO_TREE], &["--first-batch", "1000", "--largest-batch", "1000"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    ward.runs();
    // 0 is the last of them, and all the others refer to it.
    assert!(
        ward.file.count(&format!("SELECT count(DISTINCT waif_batch) FROM {}", ward.store("adopted_cat"))) > 1
    );
    ward.restored();
    assert_eq!(ward.rows(), before);
}
