//! The other ways to mend: references set to NULL, and parents inserted; and that both are taken back.

use super::ward::Ward;

/// Parents of which some are gone, and children that nothing declares to be theirs; a blob, a number in a text, and a text
/// where numbers should be.
const PLAIN: &str = "
CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO events SELECT value, 'event ' || value FROM generate_series(1, 3000) WHERE value % 7 <> 0;
CREATE TABLE logs (id INTEGER PRIMARY KEY, event INT, body TEXT, size INT AS (length(body)) STORED);
INSERT INTO logs SELECT value, CASE WHEN value % 11 > 0 THEN value % 3000 + 1 END, hex(zeroblob(value % 20)) FROM generate_series(1, 9000);
";

const LOST: &str = "SELECT count(*) FROM logs l WHERE event IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = l.event)";
const RELATION: &str = "logs(event)->events(id)";

#[test]
fn references_are_set_to_null_and_put_back() {
    let ward = Ward::of(PLAIN);
    ward.file.execute("UPDATE logs SET event = CASE id % 3 WHEN 0 THEN x'00ff' WHEN 1 THEN 'no number' ELSE 7.5 END WHERE id % 400 = 0");
    let before = (ward.rows(), ward.definitions());
    let lost = ward.file.count(LOST);
    assert!(lost > 1000, "{lost}");
    ward.mended(&[&format!("nullify:{RELATION}")]);
    assert_eq!(ward.file.count(LOST), 0);
    assert_eq!(ward.held(), lost);
    assert_eq!(
        ward.file.ask("SELECT rows, state FROM waif_step WHERE id = '1a'"),
        format!("{lost}|finished")
    );
    // Whoever wrote something else meanwhile keeps it, and what the row held stays told.
    let one = ward.file.ask(&format!("SELECT min(id) FROM {}", ward.store("values_logs")));
    ward.file.execute(&format!("UPDATE logs SET event = 1 WHERE id = {one}"));
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 1, "{outcome:#?}");
    assert!(outcome.stdout.contains("holds something else by now"), "{outcome:#?}");
    assert_eq!(ward.state(), "finished");
    ward.file.execute(&format!("UPDATE logs SET event = NULL WHERE id = {one}"));
    ward.restored();
    assert_eq!((ward.rows(), ward.definitions()), before);
}

#[test]
fn only_what_has_its_parent_again_is_put_back_where_that_is_asked_for() {
    let ward = Ward::of(PLAIN);
    ward.mended(&[&format!("nullify:{RELATION}")]);
    let all = ward.held();
    ward.file.execute("INSERT INTO events VALUES (7, 'late'), (14, 'late')");
    let late = ward
        .file
        .count(&format!("SELECT count(*) FROM {} WHERE event IN (7, 14)", ward.store("values_logs")));
    assert!(late > 0);
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.held(), all - late, "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM logs WHERE event IN (7, 14)"), late);
    assert_eq!(ward.file.count(LOST), 0);
}

/// A child without a number, a key of two columns under a collation, partly NULL keys; the parent holds its key as text.
const KEYED: &str = "
CREATE TABLE places (land TEXT COLLATE NOCASE, code TEXT, PRIMARY KEY (land, code)) WITHOUT ROWID;
INSERT INTO places SELECT 'de', value FROM generate_series(1, 200);
CREATE TABLE visits (who TEXT COLLATE NOCASE, no INT, land TEXT, code, PRIMARY KEY (who, no)) WITHOUT ROWID;
INSERT INTO visits SELECT 'W' || (value % 30), value, CASE value % 5 WHEN 0 THEN NULL WHEN 1 THEN 'DE' ELSE 'de' END,
  CASE value % 3 WHEN 0 THEN value % 400 ELSE CAST(value % 400 AS TEXT) END FROM generate_series(1, 4000);
";

#[test]
fn keys_of_several_columns_under_a_collation_are_mended_by_the_rule_of_the_parent() {
    let relation = "visits(land,code)->places(land,code)";
    let lost = "SELECT count(*) FROM visits v WHERE land IS NOT NULL AND code IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM places p WHERE p.land = v.land AND p.code = +v.code)";
    for (verb, store) in [("nullify", "values_visits"), ("adopt", "adopted_places")] {
        let ward = Ward::of(KEYED);
        let before = (ward.rows(), ward.definitions());
        let rows = ward.file.count(lost);
        assert!(rows > 1000, "{rows}");
        let missing = ward.file.count(
            "SELECT count(*) FROM (SELECT DISTINCT lower(land), CAST(code AS TEXT) FROM visits v WHERE land IS NOT NULL AND code IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM places p WHERE p.land = v.land AND p.code = +v.code))",
        );
        ward.mended(&[&format!("{verb}:{relation}")]);
        assert_eq!(ward.file.count(lost), 0, "{verb}");
        assert_eq!(ward.held(), if verb == "nullify" { rows } else { missing }, "{verb}");
        assert!(ward.file.count(&format!("SELECT count(*) FROM {}", ward.store(store))) > 0);
        ward.restored();
        assert_eq!((ward.rows(), ward.definitions()), before, "{verb}");
    }
    // Of a key only what is named is set to NULL: the rest of it stays.
    let ward = Ward::of(KEYED);
    let before = ward.rows();
    ward.mended(&[&format!("nullify:{relation}?columns=code")]);
    assert_eq!(ward.file.count(lost), 0);
    assert_eq!(ward.file.count("SELECT count(*) FROM visits WHERE land IS NULL"), 800);
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn missing_parents_are_inserted_and_go_again() {
    // The key is declared, as in most files, and nobody ever enforced it.
    let ward = Ward::of(&PLAIN.replace("event INT,", "event INT REFERENCES events ON DELETE CASCADE,"));
    let before = (ward.rows(), ward.definitions());
    let missing = ward.file.count(&LOST.replace("count(*)", "count(DISTINCT event)"));
    ward.mended(&[&format!("adopt:{RELATION}")]);
    assert_eq!(ward.file.count(LOST), 0);
    assert_eq!(ward.held(), missing);
    assert_eq!(ward.file.ask("SELECT rows FROM waif_step WHERE id = '1a'"), missing.to_string());
    ward.restored();
    assert_eq!((ward.rows(), ward.definitions()), before, "no cascade took the children along");
}

#[test]
fn an_adopted_parent_that_is_somebody_elses_by_now_stays() {
    let ward = Ward::of(PLAIN);
    ward.file.execute("CREATE TABLE guests (event INT REFERENCES events ON DELETE CASCADE)");
    ward.mended(&[&format!("adopt:{RELATION}")]);
    let all = ward.held();
    // One is changed, one is referred to by others, one has a child more: none goes, and no cascade takes the guest.
    ward.file.execute(
        "UPDATE events SET name = 'found' WHERE id = 7; INSERT INTO guests VALUES (14); INSERT INTO logs (event) VALUES (21)",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 3, "of {all}: {outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT count(*), (SELECT count(*) FROM guests) FROM events WHERE id IN (7, 14, 21)"),
        "3|1"
    );
    // Who was there before is no guest.
    ward.file.execute(
        "UPDATE events SET name = NULL WHERE id = 7; DELETE FROM guests; DELETE FROM logs WHERE event = 21 AND body IS NULL",
    );
    ward.restored();
}

#[test]
fn what_cannot_be_mended_so_is_refused_or_stops_before_anything_is_written() {
    let ward = Ward::of(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, must TEXT NOT NULL);
         CREATE TABLE b (a INT NOT NULL, id INT PRIMARY KEY); INSERT INTO b VALUES (1, 1);
         CREATE TABLE c (a INT); INSERT INTO c VALUES (2);
         CREATE TABLE d (a TEXT, b INT, PRIMARY KEY (a, b)); INSERT INTO d VALUES ('3', 1);
         CREATE TABLE e (id TEXT PRIMARY KEY, a INT); INSERT INTO e VALUES ('x', 4), (NULL, 5);
         CREATE TABLE f (id INTEGER PRIMARY KEY, z INT UNIQUE); CREATE TABLE g (id INTEGER PRIMARY KEY, f);
         INSERT INTO g VALUES (1, 'word'), (2, 2);
         CREATE TABLE h (id INTEGER PRIMARY KEY, f INT); INSERT INTO h VALUES (1, 9);
         CREATE TRIGGER hears AFTER UPDATE OF f ON h BEGIN UPDATE h SET f = 0 WHERE id = -1; END;",
    );
    let before = (ward.rows(), ward.definitions());
    for (action, said) in [
        ("adopt:b(a)->a(id)", "takes no NULL and has no default"),
        ("nullify:b(a)->a(id)", "takes no NULL"),
        ("nullify:c(a)->a(id)", "no key that names a row"),
        ("nullify:d(a)->a(id)", "is part of the primary key"),
        ("nullify:h(f)->f(id)", "The trigger hears would fire"),
        // A parent that is numbered takes no word.
        ("adopt:g(f)->f(id)", "to what f(id) would not hold as it is"),
    ] {
        let told = ward.refused(&[action]);
        assert!(told.contains(said), "{action}: {told}");
    }
    // A row whose key is NULL has no name.
    ward.plan(&["nullify:e(a)->a(id)"]);
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("The primary key of a row is NULL"), "{outcome:#?}");
    assert_eq!((ward.rows(), ward.definitions()), before);
    assert_eq!(ward.held(), 0);
    let outcome = ward.plans(&["nullify:h(f)->f(id)?triggers=fire"], &[]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}

#[test]
fn a_row_that_breaks_another_key_of_its_own_table_is_mended_all_the_same() {
    // With keys enforced SQLite refuses every update of such a row.
    let schema = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p (id) VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE SET NULL, boss INT REFERENCES c);
         INSERT INTO c VALUES (1, 2, 77), (2, 1, 1), (3, 3, 78);";
    let ward = Ward::of(schema);
    let before = ward.rows();
    ward.mended(&["nullify:c(p)->p(id)"]);
    assert_eq!(ward.file.ask("SELECT group_concat(coalesce(p, '-') || boss, ' ') FROM c"), "-77 11 -78");
    ward.restored();
    assert_eq!(ward.rows(), before);
    let ward = Ward::of(
        &schema
            .replace("TABLE p (id INTEGER PRIMARY KEY)", "TABLE p (id INTEGER PRIMARY KEY, q INT DEFAULT 5)"),
    );
    ward.file.execute(
        "CREATE TABLE q (id INTEGER PRIMARY KEY); CREATE INDEX c_p ON c (p); UPDATE c SET p = 1 WHERE id = 1",
    );
    let before = ward.rows();
    ward.mended(&["quarantine:p(q)->q(id)"]);
    assert_eq!(ward.file.ask("SELECT group_concat(coalesce(p, '-') || boss, ' ') FROM c"), "-77 -1 378");
    ward.restored();
    assert_eq!(ward.rows(), before);
}
