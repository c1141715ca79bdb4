//! Values that are put back find the row they were in: another row with the same key, a row that was changed, and a column
//! that holds things otherwise by now get nothing.

use super::ward::Ward;

const SCHEMA: &str = "
CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, name TEXT, raw, f REAL, size AS (length(name) + ifnull(p, 0)) STORED);
INSERT INTO c SELECT value, value, 'n' || value, CASE value % 4 WHEN 0 THEN x'00ff' WHEN 1 THEN 1.0 WHEN 2 THEN NULL ELSE '1.0' END, value / 3.0
  FROM generate_series(1, 20);
";
const ACTION: &str = "nullify:c(p)->p(id)";
const OTHER: &str = "the row was changed since, or is another one that took its key";

#[test]
fn another_row_that_took_the_key_gets_nothing() {
    let ward = Ward::of(SCHEMA);
    ward.mended(&[ACTION]);
    assert_eq!(ward.held(), 19);
    ward.file.execute("DELETE FROM c WHERE id = 7; INSERT INTO c (id, name) VALUES (7, 'somebody else')");
    // Only the storage class of one differs, only a bit of a number of another.
    ward.file.execute("UPDATE c SET raw = '1' || '.0' WHERE id = 9; UPDATE c SET f = f + 1e-15 WHERE id = 3; UPDATE c SET raw = 'x' WHERE id = 6");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains(OTHER), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM c WHERE p IS NULL"), "3,6,7,9");
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE p = id"), 16); // 15, and the one whose parent was there
    assert_eq!(
        ward.file.ask(&format!("SELECT group_concat(p) FROM {}", ward.store("values_c"))),
        "3,6,7,9",
        "what is not put back stays in the store"
    );
    assert!(outcome.stdout.contains("15 taken back") && outcome.stdout.contains("4 left"), "{outcome:#?}");
    // A row that is again what it was has its value again.
    ward.file.execute("UPDATE c SET raw = NULL WHERE id = 6");
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), 3), "{outcome:#?}");
    // Whoever knows that no key was taken again says so.
    let outcome = ward.restore(&["--changed"]);
    assert_eq!((outcome.code, ward.held()), (Some(0), 0), "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE p = id"), 20);
}

#[test]
fn a_column_that_came_since_changes_no_row_and_one_that_went_is_told() {
    let ward = Ward::of(SCHEMA);
    ward.mended(&[ACTION]);
    ward.file.execute(
        "ALTER TABLE c ADD COLUMN more DEFAULT 5; UPDATE c SET more = id; ALTER TABLE c DROP COLUMN f",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("c has no column f any more"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.file.count("SELECT count(p) FROM c")), (19, 1));

    let ward = Ward::of(SCHEMA);
    ward.mended(&[ACTION]);
    ward.file.execute("ALTER TABLE c ADD COLUMN more DEFAULT 5; UPDATE c SET more = id");
    ward.restored();
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE p = id"), 20);
}

#[test]
fn long_values_and_texts_with_zeros_in_them_are_told_apart() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, v);
         INSERT INTO c VALUES (1, 1, zeroblob(5000)), (2, 2, replace(hex(zeroblob(5000)), '0', 'ä')), (3, 3, 'a' || char(0) || 'b'), (4, 4, ''), (5, 5, x'');",
    );
    let before = ward.rows();
    ward.mended(&[ACTION]);
    ward.file.execute(
        "UPDATE c SET v = CAST(zeroblob(2500) || x'01' || zeroblob(2499) AS BLOB) WHERE id = 1;
         UPDATE c SET v = v || 'a' WHERE id = 2; UPDATE c SET v = 'a' || char(0) || 'c' WHERE id = 3;
         UPDATE c SET v = x'' WHERE id = 4; UPDATE c SET v = '' WHERE id = 5;",
    );
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), 5), "{outcome:#?}");
    ward.file.execute(
        "UPDATE c SET v = zeroblob(5000) WHERE id = 1; UPDATE c SET v = replace(hex(zeroblob(5000)), '0', 'ä') WHERE id = 2;
         UPDATE c SET v = 'a' || char(0) || 'b' WHERE id = 3; UPDATE c SET v = '' WHERE id = 4; UPDATE c SET v = x'' WHERE id = 5;",
    );
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn what_the_run_itself_changed_beside_it_is_nobody_elses_doing() {
    // A trigger that notes the time, two references of one table in one run, and each step brought back by itself.
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, q INT, changed INT DEFAULT 0);
         INSERT INTO c (id, p, q) SELECT value, value, value FROM generate_series(1, 50);
         CREATE TRIGGER notes AFTER UPDATE OF p, q ON c BEGIN UPDATE c SET changed = changed + 1 WHERE id = new.id; END;",
    );
    ward.mended(&["nullify:c(p)->p(id)?triggers=fire", "nullify:c(q)->q(id)?triggers=fire"]);
    assert_eq!(ward.file.ask("SELECT min(changed), max(changed), count(p), count(q) FROM c"), "2|2|0|0");
    ward.file.execute("DROP TRIGGER notes; UPDATE c SET changed = 1");
    let outcome = ward.restore(&["--step", "1a"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT count(p), count(q) FROM c"), "50|0");
    ward.file.execute("UPDATE c SET changed = 2");
    ward.restored();
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE p = id AND q = id"), 50);
}

#[test]
fn what_on_delete_overwrote_finds_its_row_too() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT);
         INSERT INTO c SELECT value, value FROM generate_series(1, 10);
         CREATE TABLE k (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE SET NULL, d INT REFERENCES c ON DELETE SET NULL, name TEXT);
         INSERT INTO k SELECT value, value, 11 - value, 'k' || value FROM generate_series(1, 10);
         CREATE INDEX k_c ON k (c); CREATE INDEX k_d ON k (d);",
    );
    let before = ward.rows();
    ward.mended(&["quarantine:c(p)->p(id)"]);
    ward.file.execute("UPDATE k SET name = 'other' WHERE id = 4");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains(OTHER), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM k WHERE c IS NULL AND d IS NULL"), "4");
    assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM c")), (2, 10));
    ward.file.execute("UPDATE k SET name = 'k4' WHERE id = 4");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_value_that_its_column_would_hold_otherwise_stays_and_is_told() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p, name TEXT);
         INSERT INTO c VALUES (1, '07', 'a'), (2, 7.0, 'b'), (3, 'word', 'c'), (4, x'3035', 'd'), (5, 9, 'e');",
    );
    let before = ward.rows();
    ward.mended(&[ACTION]);
    let rebuilt = |column: &str| {
        format!(
            "CREATE TABLE n (id INTEGER PRIMARY KEY, {column}, name TEXT); INSERT INTO n SELECT * FROM c; DROP TABLE c; ALTER TABLE n RENAME TO c;"
        )
    };
    ward.file.execute(&rebuilt("p INT"));
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("would not hold what it held before"), "{outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT group_concat(id || typeof(p)) FROM c"),
        "1null,2null,3text,4blob,5integer"
    );
    assert_eq!(
        ward.file.ask(&format!("SELECT group_concat(quote(p)) FROM {}", ward.store("values_c"))),
        "'07',7.0"
    );
    // A CHECK that came since: refused, told, and kept as well.
    ward.file.execute(&rebuilt("p CHECK (typeof(p) <> 'real')"));
    let outcome = ward.restore(&[]);
    assert_eq!((outcome.code, ward.held()), (Some(1), 1), "{outcome:#?}");
    ward.file.execute(&rebuilt("p"));
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn rows_behind_a_thousand_that_are_refused_come_back_all_the_same() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT);
         INSERT INTO c SELECT value, value FROM generate_series(1, 1100);",
    );
    ward.mended(&[ACTION]);
    ward.file.execute(
        "CREATE TABLE n (id INTEGER PRIMARY KEY, p INT CHECK (p IS NULL OR p > 1010)); INSERT INTO n SELECT * FROM c; DROP TABLE c; ALTER TABLE n RENAME TO c;",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("90 taken back, 1,010 left"), "{outcome:#?}");
    assert!(outcome.stdout.contains("c: 1,010 rows: A CHECK constraint refused"), "{outcome:#?}");
    assert!(outcome.stdout.contains("(number 1, 2, 3, 4, 5 in the store)"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.file.count("SELECT count(p) FROM c")), (1010, 90));
}

#[test]
fn reasons_of_their_own_are_told_up_to_a_number_and_the_rest_counted() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT);
         INSERT INTO c SELECT value, value FROM generate_series(1, 130);",
    );
    ward.mended(&[ACTION]);
    let trigger = |id: u32| {
        format!(
            "CREATE TRIGGER own{id} BEFORE UPDATE OF p ON c WHEN new.p = {id} BEGIN SELECT RAISE(ABORT, 'not {id}'); END;"
        )
    };
    ward.file.execute(&(1..=120).map(trigger).collect::<String>());
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("10 taken back, 120 left"), "{outcome:#?}");
    assert!(outcome.stdout.contains("not 100") && !outcome.stdout.contains("not 101"), "{outcome:#?}");
    assert!(outcome.stdout.contains("c: 20 rows: refused, too"), "{outcome:#?}");
}

/// A child with two references; below it a grandchild with two as well.
const TWICE: &str = "
CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY); INSERT INTO q VALUES (1), (2), (3);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p, q INT REFERENCES q);
CREATE TABLE k (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE CASCADE, q INT REFERENCES q);
CREATE TABLE n (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE SET NULL);
INSERT INTO c VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, NULL); INSERT INTO k SELECT id * 10, id, q FROM c; INSERT INTO k VALUES (11, 1, 2);
INSERT INTO n SELECT id, id FROM c;
";

#[test]
fn what_is_healed_makes_no_orphan_of_another_reference() {
    let ward = Ward::of(TWICE);
    let before = ward.rows();
    ward.mended(&["quarantine:c(p)->p(id)"]);
    assert_eq!(ward.held(), 13);
    // All parents are there again but the third; what some refer to besides went meanwhile.
    ward.file.execute("INSERT INTO p VALUES (1), (2), (4); DELETE FROM q WHERE id = 2");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("the parent in q that (q) refers to is missing"), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM c"), "1,4");
    assert_eq!(
        ward.file.ask("SELECT group_concat(id) FROM k"),
        "10,40",
        "what it was taken along with is back"
    );
    assert_eq!(ward.file.ask("SELECT group_concat(coalesce(c, '-')) FROM n"), "1,-,-,4");
    assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
    assert!(
        outcome.stdout.contains("c: 1 row: the parent in q")
            && outcome.stdout.contains("k: 1 row: the parent in q"),
        "{outcome:#?}"
    );
    // Once it is there they come, those that hung on a row that came before, too.
    ward.file.execute("INSERT INTO q VALUES (2)");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT (SELECT group_concat(id) FROM c), (SELECT group_concat(id) FROM k)"),
        "1,2,4|10,11,20,40"
    );
    ward.file.execute("DELETE FROM p");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_healed_value_that_another_reference_has_no_parent_for_stays_null() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY); INSERT INTO q VALUES (1), (2);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p REFERENCES q); INSERT INTO c VALUES (1, 1), (2, 2), (3, 3);",
    );
    ward.mended(&["nullify:c(p)->p(id)"]);
    ward.file.execute("INSERT INTO p VALUES (1), (2); DELETE FROM q WHERE id = 2");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(
        outcome.stdout.contains("c: 1 row: the parent in q that (p) refers to is missing"),
        "{outcome:#?}"
    );
    assert_eq!(ward.file.ask("SELECT group_concat(coalesce(p, '-')) FROM c"), "1,-,-");
}

#[test]
fn a_whole_restore_tells_of_rows_that_lost_another_parent_meanwhile() {
    let ward = Ward::of(TWICE);
    let before = ward.rows();
    ward.mended(&["quarantine:c(p)->p(id)"]);
    ward.file.execute("DELETE FROM q WHERE id = 2");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(0), "they were there before, so they come: {outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("1 row more of c than before without a parent in q by (q)"), "{said}");
    assert!(said.contains("2 rows more of k than before without a parent in q by (q)"), "{said}");
    ward.file.execute("INSERT INTO q VALUES (2)");
    assert_eq!(ward.rows(), before);
}

#[test]
fn what_was_filled_under_rows_that_refer_to_it_is_not_emptied_and_told() {
    let ward = Ward::of(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, tenant INT, UNIQUE (tenant, id)); INSERT INTO a SELECT value, value + 100 FROM generate_series(1, 20);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a, tenant INT, UNIQUE (tenant, id), FOREIGN KEY (tenant, a) REFERENCES a (tenant, id)); INSERT INTO b (id, a) SELECT value, value FROM generate_series(1, 20);
         CREATE TABLE g (tenant INT, b INT, FOREIGN KEY (tenant, b) REFERENCES b (tenant, id));",
    );
    let before = ward.rows();
    ward.mended(&["backfill:b.tenant"]);
    ward.file.execute("INSERT INTO g VALUES (105, 5), (106, 6), (NULL, 7)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("18 taken back, 2 left"), "{said}");
    assert!(said.contains("or a declared reference leads to it"), "{said}");
    assert!(!said.contains("more of g than before without a parent"), "{said}");
    assert_eq!(ward.file.ask("SELECT id || ':' || tenant FROM b WHERE tenant IS NOT NULL"), "5:105\n6:106");
    ward.file.execute("DELETE FROM g");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_run_of_before_the_digest_is_brought_back_by_its_keys() {
    use sha2::Digest;
    let ward = Ward::of(SCHEMA);
    let before = ward.rows();
    ward.mended(&[ACTION]);
    // What such a run left: no word of other columns in its plan, and a store without them.
    let mut plan: serde_json::Value =
        serde_json::from_str(&ward.file.ask("SELECT plan FROM waif_run")).expect("JSON");
    let values = plan["steps"][1]["work"]["values"].as_object_mut().expect("what is overwritten");
    assert!(values.remove("digested").is_some());
    plan["fingerprint"] = "".into();
    let digest = sha2::Sha256::digest(plan.to_string().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    plan["fingerprint"] = format!("sha256:{hex}").into();
    ward.file.execute(&format!(
        "UPDATE waif_run SET plan = '{}'; ALTER TABLE {} DROP COLUMN waif_digest;",
        plan.to_string().replace('\'', "''"),
        ward.store("values_c")
    ));
    ward.restored();
    assert_eq!(ward.rows(), before);
}
