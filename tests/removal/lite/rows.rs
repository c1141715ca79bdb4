//! Rows that were taken away come back as they were: with their numbers, their storage classes, and all that went with them.

use super::ward::Ward;

/// Accounts of which some are gone; below them orders, lines and parts go along by CASCADE, notes are set to NULL, tags to
/// their default, three levels deep and by two ways; one table has no key at all, one no numbers.
const DEEP: &str = "
CREATE TABLE accounts (id TEXT PRIMARY KEY COLLATE NOCASE);
INSERT INTO accounts SELECT 'Acc-' || value FROM generate_series(1, 200);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT REFERENCES accounts, total, doc AS (total || '!') VIRTUAL);
INSERT INTO orders (account, total) SELECT 'ACC-' || (value % 260 + 1),
  CASE value % 4 WHEN 0 THEN value / 7.0 WHEN 1 THEN value WHEN 2 THEN x'00ff' ELSE 'T' || value END FROM generate_series(1, 1300);
INSERT INTO orders VALUES (0, NULL, NULL);
CREATE TABLE lines (order_id INT REFERENCES orders ON DELETE CASCADE, raw BLOB, f REAL);
INSERT INTO lines (rowid, order_id, raw, f) SELECT value * 3, value % 1300 + 1, randomblob(8), 9e999 FROM generate_series(1, 4000);
CREATE UNIQUE INDEX lines_raw ON lines (raw, order_id);
CREATE TABLE parts (order_id INT, no INT NOT NULL, d, PRIMARY KEY (no, order_id), FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE) WITHOUT ROWID;
INSERT INTO parts SELECT value % 1300 + 1, value, CAST(value AS TEXT) FROM generate_series(1, 5000);
CREATE UNIQUE INDEX parts_some ON parts (lower(d)) WHERE d LIKE '%7';
CREATE TABLE bits (part_no INT, part_order INT, v ANY, FOREIGN KEY (part_no, part_order) REFERENCES parts ON DELETE CASCADE) STRICT;
INSERT INTO bits SELECT no, order_id, CASE no % 3 WHEN 0 THEN '1' WHEN 1 THEN 1 ELSE 1.0 END FROM parts WHERE no % 2 = 0;
CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INT REFERENCES orders ON DELETE SET NULL, body TEXT);
INSERT INTO notes SELECT value, value % 1300 + 1, 'note ' || value FROM generate_series(1, 2000);
CREATE TABLE tags (id TEXT PRIMARY KEY, order_id INT DEFAULT 0 REFERENCES orders ON DELETE SET DEFAULT);
INSERT INTO tags SELECT 't' || value, value % 1300 + 1 FROM generate_series(1, 1500);
CREATE INDEX lines_order ON lines (order_id); CREATE INDEX parts_order ON parts (order_id);
CREATE VIEW all_lines AS SELECT * FROM lines;
";

const RELATION: &str = "orders(account)->accounts(id)";

#[test]
fn cascades_three_levels_deep_go_along_and_every_table_comes_back_as_it_was() {
    let ward = Ward::of(DEEP);
    let before = (ward.rows(), ward.definitions());
    let lost = "SELECT count(*) FROM orders o WHERE account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = o.account)";
    assert!(ward.file.count(lost) > 200);
    ward.mended(&[&format!("quarantine:{RELATION}")]);
    assert_eq!(ward.file.count(lost), 0);
    assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0");
    for begins in ["rows_orders", "rows_lines", "rows_parts", "rows_bits", "values_notes", "values_tags"] {
        assert!(ward.file.count(&format!("SELECT count(*) FROM {}", ward.store(begins))) > 100, "{begins}");
    }
    ward.restored();
    assert_eq!((ward.rows(), ward.definitions()), before);
    assert_eq!(ward.file.ask("SELECT sum(rows) FROM waif_step"), "0");
}

#[test]
fn only_what_has_its_parent_again_comes_back_with_what_it_took_along() {
    let ward = Ward::of(DEEP);
    let before = ward.rows();
    let of = "(SELECT id FROM orders WHERE account IN ('ACC-201', 'ACC-202'))";
    let children = [
        ("lines", "order_id"),
        ("parts", "order_id"),
        ("bits", "part_order"),
        ("notes", "order_id"),
        ("tags", "order_id"),
    ];
    let hung: Vec<String> = children
        .iter()
        .map(|(child, column)| {
            format!("SELECT '{child}', count(*), sum({column}) FROM {child} WHERE {column} IN {of}")
        })
        .collect();
    let hung = hung.join(" UNION ALL ");
    let all = ward.file.ask(&hung);
    assert!(!all.contains("|0|"), "{all}");
    let orphans = "SELECT count(*) FROM lines WHERE order_id NOT IN (SELECT id FROM orders)";
    ward.mended(&[&format!("quarantine:{RELATION}")]);
    assert_eq!(ward.file.ask(orphans), "0");
    ward.file.execute("INSERT INTO accounts VALUES ('acc-201'), ('acc-202')");
    let orders = ward.store("rows_orders");
    let healed =
        ward.file.count(&format!("SELECT count(*) FROM {orders} WHERE account IN ('ACC-201', 'ACC-202')"));
    assert_eq!(healed, 10);
    let list = ward.armed("restore", &ward.id(), &["--list", "--format", "json"]).run().json();
    let waits = list["restorable"].as_array().expect("lines");
    let of_orders =
        waits.iter().find(|held| held["table"] == "main.orders" && held["what"] == "rows").expect("orders");
    assert_eq!(of_orders["healed"].as_u64(), Some(10), "{list}");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM orders WHERE account IN ('ACC-201', 'ACC-202')"), 10);
    // Everything that hung on them is there again, and nothing that hangs on others.
    assert_eq!(ward.file.ask(&hung), all);
    assert_eq!(ward.state(), "finished");
    ward.file.execute("DELETE FROM accounts WHERE id IN ('acc-201', 'acc-202')");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_key_that_the_run_added_goes_first_and_orphans_are_orphans_again() {
    let ward = Ward::of(
        "CREATE TABLE events (id INTEGER PRIMARY KEY); INSERT INTO events SELECT value FROM generate_series(1, 100);
         CREATE TABLE logs (event INT, body TEXT); INSERT INTO logs SELECT value, 'b' FROM generate_series(1, 300);",
    );
    let before = (ward.rows(), ward.definitions().replace("CREATE TABLE logs", "CREATE TABLE \"logs\""));
    ward.mended(&["quarantine:logs(event)->events(id)", "add-fk:logs(event)->events(id)?on_delete=cascade"]);
    assert_eq!(ward.file.count("SELECT count(*) FROM pragma_foreign_key_list('logs')"), 1);
    assert_eq!(ward.held(), 200);
    let told = ward.restored();
    assert!(told.contains("Rebuild logs"), "{told}");
    assert_eq!((ward.rows(), ward.definitions()), before);
}

#[test]
fn numbers_and_keys_that_are_taken_are_told_and_nothing_is_overwritten() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (p INT, v TEXT UNIQUE ON CONFLICT REPLACE); INSERT INTO c VALUES (1, 'a'), (2, 'b'), (3, 'c');
         CREATE TABLE k (id INTEGER PRIMARY KEY, c TEXT REFERENCES c (v) ON DELETE CASCADE); INSERT INTO k VALUES (1, 'a'), (2, 'b'), (3, 'c');",
    );
    ward.mended(&["quarantine:c(p)->p(id)"]);
    assert_eq!(ward.held(), 6);
    // The number of one is another's by now, the key of another as well.
    ward.file.execute("INSERT INTO c (rowid, p, v) VALUES (1, NULL, 'B'), (7, NULL, 'c')");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("another row holds the same (v) by now"), "{outcome:#?}");
    assert!(outcome.stdout.contains("under other numbers"), "{outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT group_concat(rowid || v || coalesce(p, '-'), ' ') FROM c"),
        "1B- 2b2 7c- 8a1"
    );
    // A row that refers to one that stays has another in its place.
    assert_eq!(ward.file.ask("SELECT group_concat(id || c, ' ') FROM k"), "1a 2b 3c");
    assert_eq!(ward.held(), 1);
}

#[test]
fn what_went_with_a_row_that_stays_stays_with_it() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, mail TEXT COLLATE NOCASE UNIQUE); INSERT INTO c VALUES (1, 1, 'a'), (2, 2, 'b');
         CREATE TABLE k (id INTEGER PRIMARY KEY, c TEXT REFERENCES c ON DELETE CASCADE); INSERT INTO k VALUES (1, '1'), (2, '02'), (3, 2.0);
         CREATE TABLE m (k INT REFERENCES k ON DELETE CASCADE); INSERT INTO m VALUES (1), (3);",
    );
    let before = ward.rows();
    ward.mended(&["quarantine:c(p)->p(id)"]);
    assert_eq!(ward.held(), 7);
    ward.file.execute("INSERT INTO c VALUES (9, NULL, 'B')");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("went with it, and stays in its store"), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM k"), "1");
    assert_eq!(ward.held(), 4);
    ward.file.execute("DELETE FROM c WHERE id = 9");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn what_no_key_tells_is_brought_back_one_by_one_and_the_reason_told() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, v TEXT); INSERT INTO c SELECT value, value, 'v' || value FROM generate_series(1, 20);
         CREATE UNIQUE INDEX c_lower ON c (lower(v));",
    );
    ward.mended(&["delete:c(p)->p(id)"]);
    ward.file.execute("INSERT INTO c VALUES (100, NULL, 'V7')");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("A unique key refused"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM c")), (1, 20));
}

#[test]
fn two_runs_on_one_file_come_back_each_by_itself_and_a_store_of_an_older_shape_as_well() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, gone TEXT); INSERT INTO c SELECT value, value, 'g' FROM generate_series(1, 10);",
    );
    ward.mended(&["quarantine:c(p)->p(id)"]);
    let first = ward.id();
    ward.file.execute("ALTER TABLE c DROP COLUMN gone; ALTER TABLE c ADD COLUMN more DEFAULT 5; INSERT INTO c VALUES (11, 11, 6), (3, 3, 7)");
    ward.mended(&["quarantine:c(p)->p(id)"]);
    assert_ne!(ward.id(), first);
    assert_eq!(ward.file.count("SELECT count(*) FROM waif_store"), 2);
    // The second run is restored without the first.
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(
        (ward.held(), ward.file.ask("SELECT group_concat(id || '/' || more) FROM c")),
        (10, "3/7,11/6".to_owned())
    );
    // What the first held has a column no more.
    let outcome = ward.armed("restore", &first, &[]).run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("has no column gone any more"), "{outcome:#?}");
    let outcome = ward.armed("restore", &first, &["--partly"]).run();
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("another row holds the same (id) by now"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM c WHERE more = 5")), (1, 9));
}

#[test]
fn a_column_that_is_computed_by_now_takes_nothing_unless_that_is_wanted() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, pid INT, v INT); INSERT INTO c SELECT value, 1 + value % 3, value * 100 FROM generate_series(1, 6);",
    );
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    ward.file.execute(
        "ALTER TABLE c DROP COLUMN v; ALTER TABLE c ADD COLUMN v INT GENERATED ALWAYS AS (id * 2) VIRTUAL",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("0 taken back, 4 left"), "{said}");
    assert!(said.contains("the engine computes v of c by now, and what was in it would be lost"), "{said}");
    assert_eq!(ward.held(), 4);
    let outcome = ward.restore(&["--partly"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT sum(v) FROM c"), "42");
}
