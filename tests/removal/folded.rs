//! Keys under a collation that calls different words the same.

use crate::ward::Ward;

const SCHEMA: &str = "
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE p(id text COLLATE nocase PRIMARY KEY);
CREATE TABLE c(k text COLLATE nocase PRIMARY KEY, pid text COLLATE nocase);
INSERT INTO c SELECT 'Key' || i, 'Parent' || i FROM generate_series(1, 20) i;
CREATE TABLE g(id int PRIMARY KEY, c text COLLATE nocase REFERENCES c ON DELETE CASCADE);
INSERT INTO g SELECT i, 'KEY' || i FROM generate_series(1, 20) i;
CREATE TABLE z(id int PRIMARY KEY, c text COLLATE nocase REFERENCES c ON DELETE SET NULL, g int REFERENCES g ON DELETE SET NULL);
INSERT INTO z SELECT i, 'key' || i, i FROM generate_series(1, 20) i;
CREATE TABLE loose(word text COLLATE nocase PRIMARY KEY, pid text COLLATE nocase);
INSERT INTO loose SELECT 'Word' || i, 'Parent' || i FROM generate_series(1, 20) i;
";

#[test]
fn what_went_along_comes_back_with_its_row() {
    let ward = Ward::of("folded", SCHEMA);
    let before = ward.sums();
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    assert_eq!(
        ward.database
            .ask("SELECT (SELECT count(*) FROM g), (SELECT count(*) FROM z WHERE c IS NULL AND g IS NULL)"),
        "0|20"
    );
    assert_eq!(ward.held(), 80);
    // One of them is kept out at first.
    ward.database.execute(
        "INSERT INTO p SELECT 'PARENT' || i FROM generate_series(1, 5) i; ALTER TABLE g ADD CHECK (id <> 3)",
    );
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("g: 1 row: A check refused."), "{outcome:#?}");
    assert_eq!(
        ward.database.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM g"),
        "1,2,4,5",
        "{outcome:#?}"
    );
    ward.database.execute("ALTER TABLE g DROP CONSTRAINT g_id_check");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let came = "SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM g), (SELECT count(c) FROM z), (SELECT count(g) FROM z)";
    assert_eq!(ward.database.ask(came), "5|5|5|5", "{outcome:#?}");
    assert_eq!(ward.held(), 60, "{outcome:#?}");
    ward.the_journal_is_true();
    ward.database.execute("DELETE FROM p");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn references_go_back_to_null_and_return() {
    let ward = Ward::of("folded_null", SCHEMA);
    let before = ward.sums();
    ward.mended(&["nullify:loose(pid)->p(id)"]);
    ward.database.execute("INSERT INTO p SELECT 'PARENT' || i FROM generate_series(1, 5) i");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.held(), 15, "{outcome:#?}");
    ward.database.execute("UPDATE loose SET word = upper(word) WHERE word = 'word20'; DELETE FROM p");
    ward.restored();
    ward.database.execute("UPDATE loose SET word = 'Word20' WHERE word = 'word20'");
    assert_eq!(ward.sums(), before);
}
