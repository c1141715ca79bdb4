//! What a removal reaches on SQLite: as many rows as a join of a person counts, level by level, and nothing else.

use super::ward::Ward;

/// Accounts of which some are gone; below them orders, lines and parts, which are reached by two ways, three levels deep.
const DEEP: &str = "
CREATE TABLE accounts (id INTEGER PRIMARY KEY);
INSERT INTO accounts SELECT value FROM generate_series(1, 200);
CREATE TABLE orders (id INTEGER PRIMARY KEY, account INT);
INSERT INTO orders SELECT value, value % 260 + 1 FROM generate_series(1, 2600);
INSERT INTO orders VALUES (0, NULL);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INT REFERENCES orders ON DELETE CASCADE);
INSERT INTO lines SELECT value, value % 2600 + 1 FROM generate_series(1, 9000);
CREATE TABLE parts (line INT REFERENCES lines ON DELETE CASCADE, order_id INT REFERENCES orders ON DELETE CASCADE, no INT);
INSERT INTO parts SELECT value % 9000 + 1, iif(value % 5, value % 2600 + 1, NULL), value FROM generate_series(1, 12000);
CREATE TABLE notes (id INTEGER PRIMARY KEY, line INT REFERENCES lines ON DELETE SET NULL);
INSERT INTO notes SELECT value, value % 9000 + 1 FROM generate_series(1, 7000);
CREATE TABLE tags (id INTEGER PRIMARY KEY, order_id REAL DEFAULT 0 REFERENCES orders ON DELETE SET DEFAULT);
INSERT INTO tags SELECT value, value % 2600 + 1 FROM generate_series(1, 3000);
";

/// What goes and what is overwritten, by the joins a person would write.
const GONE: &str = "WITH o AS (SELECT id FROM orders WHERE account IS NOT NULL AND account NOT IN (SELECT id FROM accounts)),
  l AS (SELECT id FROM lines WHERE order_id IN (SELECT id FROM o)),
  p AS (SELECT no FROM parts WHERE line IN (SELECT id FROM l) OR order_id IN (SELECT id FROM o)),
  direct AS (SELECT no FROM parts WHERE order_id IN (SELECT id FROM o)),
  n AS (SELECT id FROM notes WHERE line IN (SELECT id FROM l)),
  t AS (SELECT id FROM tags WHERE order_id IN (SELECT id FROM o))
  SELECT (SELECT count(*) FROM o) || ' ' || (SELECT count(*) FROM l) || ' ' || (SELECT count(*) FROM direct) || ' ' ||
    ((SELECT count(*) FROM p) - (SELECT count(*) FROM direct)) || ' ' || (SELECT count(*) FROM n) || ' ' || (SELECT count(*) FROM t)";

#[test]
fn as_many_rows_are_reached_as_a_person_counts() {
    for index in
        ["", "CREATE INDEX lines_order ON lines (order_id); CREATE INDEX parts_line ON parts (line);"]
    {
        let ward = Ward::of(&format!("{DEEP}{index}"));
        let before = ward.rows();
        let counted: Vec<u64> = ward.file.ask(GONE).split(' ').map(|n| n.parse().unwrap()).collect();
        let [orders, lines, direct, by_lines, notes, tags] = counted[..] else { panic!("{counted:?}") };
        assert!(counted.iter().all(|rows| *rows > 500), "{counted:?}");
        let told = ward.plan(&["quarantine:orders(account)->accounts(id)"]);
        let expected = [
            ("orders", 0, "removed", orders),
            ("lines", 1, "removed", lines),
            ("parts", 1, "removed", direct),
            ("parts", 2, "removed", by_lines),
            ("notes", 2, "overwritten", notes),
            ("tags", 1, "overwritten", tags),
        ];
        let mut reach = ward.reach();
        for (table, level, what, rows) in expected {
            let line = (table.to_owned(), level, what.to_owned(), rows);
            assert!(reach.contains(&line), "{line:?} in {reach:?}");
            reach.retain(|other| *other != line);
        }
        assert_eq!(reach, [], "{told}");
        ward.runs();
        assert_eq!(ward.file.ask(GONE), "0 0 0 0 0 0");
        assert_eq!(ward.held(), counted.iter().sum::<u64>());
        let step = ward.file.ask("SELECT rows FROM waif_step WHERE id = '1a'");
        assert_eq!(step, counted.iter().sum::<u64>().to_string());
        let given =
            format!("SELECT group_concat(DISTINCT quote(waif_given0)) FROM {}", ward.store("values_tags"));
        assert_eq!(ward.file.ask(&given), "0.0");
        assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
        ward.restored();
        assert_eq!(ward.rows(), before);
    }
}

#[test]
fn a_tree_goes_whole_though_no_key_is_declared() {
    let ward = Ward::of(
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INT);
         INSERT INTO staff SELECT value, iif(value > 1, value / 3, NULL) FROM generate_series(1, 4000) WHERE value NOT IN (5, 33, 700);",
    );
    let before = ward.rows();
    let below = "WITH RECURSIVE t AS (SELECT id FROM staff s WHERE boss IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff p WHERE p.id = s.boss)
      UNION SELECT s.id FROM staff s JOIN t ON s.boss = t.id) SELECT count(*) FROM t";
    let lost = ward.file.count(below);
    assert!(lost > 500, "{lost}");
    ward.plan(&["quarantine:staff(boss)->staff(id)"]);
    assert_eq!(ward.reach().iter().map(|line| line.3).sum::<u64>(), lost);
    ward.runs();
    assert_eq!((ward.file.count(below), ward.held()), (0, lost));
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_chain_deeper_than_was_looked_at_first_is_followed_to_its_end() {
    let ward = Ward::of(
        "CREATE TABLE links (id TEXT PRIMARY KEY, up TEXT REFERENCES links ON DELETE CASCADE) WITHOUT ROWID;
         INSERT INTO links SELECT 'k' || value, iif(value % 100 > 1, 'k' || (value - 1), NULL) FROM generate_series(1, 900);
         UPDATE links SET up = 'no ' || id WHERE id IN ('k1', 'k301', 'k601');",
    );
    let told = ward.plan(&["delete:links(up)->links(id)"]);
    assert!(told.contains("1 to 98 levels down"), "{told}");
    ward.runs();
    // Each of three chains of a hundred, but for its last, which is the head of nothing.
    assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM links")), (297, 603));
    assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
}

#[test]
fn tables_that_refer_to_each_other_in_a_ring_lose_what_hangs_together() {
    for action in ["CASCADE", "NO ACTION"] {
        let ward = Ward::of(&format!(
            "CREATE TABLE top (id INTEGER PRIMARY KEY); INSERT INTO top VALUES (1);
             CREATE TABLE a (id INTEGER PRIMARY KEY, top INT, c INT REFERENCES c ON DELETE {action});
             CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a ON DELETE {action});
             CREATE TABLE c (id INTEGER PRIMARY KEY, b INT REFERENCES b ON DELETE {action});
             INSERT INTO a VALUES (1, 1, NULL), (2, 9, 4), (3, 1, 2), (4, 1, 3), (5, 1, NULL);
             INSERT INTO b VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5); INSERT INTO c VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5);"
        ));
        let before = ward.rows();
        let mut actions = vec!["quarantine:a(top)->top(id)"];
        if action == "NO ACTION" {
            actions.extend(["quarantine:a(c)->c(id)", "quarantine:b(a)->a(id)", "quarantine:c(b)->b(id)"]);
        }
        // The second of a goes, whose own parent comes at the end of all that hangs on it.
        ward.mended(&actions);
        for table in ["a", "b", "c"] {
            let left = ward.file.ask(&format!("SELECT group_concat(id) FROM {table}"));
            assert_eq!(left, "1,5", "{table} {action}");
        }
        ward.restored();
        assert_eq!(ward.rows(), before);
    }
}

/// Rows without a parent that refer to others of them by a key that forbids their deletion, across batches.
#[test]
fn chains_of_rows_without_a_parent_go_whole_though_their_key_forbids_it() {
    for (action, key) in [
        ("NO ACTION", "INTEGER PRIMARY KEY"),
        ("RESTRICT", "INT PRIMARY KEY"),
        ("NO ACTION", "TEXT PRIMARY KEY"),
    ] {
        for index in ["", "CREATE INDEX c_boss ON c (boss);"] {
            let rowid = if key.starts_with("TEXT") { "WITHOUT ROWID" } else { "" };
            // A ring, and one that refers far back.
            let ward = Ward::of(&format!(
                "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
                 CREATE TABLE c (id {key}, p INT REFERENCES p, boss {} REFERENCES c ON DELETE {action}) {rowid};
                 INSERT INTO c SELECT value, 1 + value % 3, CASE WHEN value > 3 THEN value - 3 END FROM generate_series(1, 3000);
                 UPDATE c SET boss = 2999 WHERE CAST(id AS INT) = 2; UPDATE c SET boss = 2 WHERE CAST(id AS INT) = 2902; {index}",
                key.split(' ').next().expect("a type")
            ));
            let before = ward.rows();
            let outcome =
                ward.plans(&["quarantine:c(p)->p(id)"], &["--first-batch", "50", "--largest-batch", "50"]);
            assert_eq!(outcome.code, Some(0), "{outcome:#?}");
            ward.runs();
            assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM c")), (2000, 1000));
            assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
            assert_eq!(ward.file.count("SELECT count(*) FROM waif_step WHERE id = '1a' AND rows = 2000"), 1);
            ward.restored();
            assert_eq!(ward.rows(), before);
        }
    }
}

#[test]
fn small_chains_are_no_reason_for_large_batches() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p, boss INT REFERENCES c);
         INSERT INTO c SELECT value, 7, CASE WHEN value <= 1000 THEN 2001 - value END FROM generate_series(1, 2000);",
    );
    let before = ward.rows();
    let outcome = ward.plans(&["quarantine:c(p)->p(id)"], &["--first-batch", "50", "--largest-batch", "50"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    ward.runs();
    assert!(ward.file.count("SELECT max(rows) FROM waif_batch") <= 100);
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn rows_of_later_batches_that_refer_to_what_hangs_on_earlier_ones_go_with_them() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p, k INT REFERENCES k);
         CREATE TABLE k (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE CASCADE);
         INSERT INTO c SELECT value, 7, CASE WHEN value > 900 THEN value - 900 END FROM generate_series(1, 1000); INSERT INTO k SELECT id, id FROM c;
         CREATE INDEX k_c ON k (c); CREATE INDEX c_k ON c (k);",
    );
    let before = ward.rows();
    let outcome = ward.plans(&["quarantine:c(p)->p(id)"], &["--first-batch", "50", "--largest-batch", "50"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    ward.runs();
    assert_eq!(ward.held(), 2000);
    ward.restored();
    assert_eq!(ward.rows(), before);
}
