//! Every form in which a reference can be declared, and how its rows count.

use crate::support::{Database, check, skipped};
use serde_json::json;

/// Two tables and what goes into them past every check.
fn planted(declared: &str, rows: &str) -> Database {
    let script = format!("{declared}; SET session_replication_role = replica; {rows}");
    Database::with("declared", &script)
}

#[test]
fn a_constraint_the_catalog_calls_valid_is_counted_too() {
    let database = planted(
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(id int PRIMARY KEY, p int REFERENCES parent)",
        "INSERT INTO child VALUES (1, 1), (2, 1), (3, 2), (4, NULL)",
    );
    assert_eq!(database.ask("SELECT convalidated FROM pg_constraint WHERE contype = 'f'"), "t");
    let checked = check(&database.url(), &[]);
    let relation = checked.relation("child(p)->parent(id)");
    assert_eq!(relation["verdict"], "orphans");
    assert_eq!(relation["validated"], true);
    assert_eq!(relation["orphans"], 3);
    assert_eq!(relation["missing_parents"], 2);
    assert_eq!(relation["null_keys"], 1);
    assert_eq!(checked.code(), Some(1));
}

#[test]
fn not_valid_is_said_and_its_old_rows_are_counted() {
    let database = Database::with(
        "declared",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (1);
         CREATE TABLE child(id int PRIMARY KEY, p int); INSERT INTO child VALUES (1, 1), (2, 7);
         ALTER TABLE child ADD CONSTRAINT child_fk FOREIGN KEY (p) REFERENCES parent NOT VALID;",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.constraint("child_fk");
    assert_eq!(relation["validated"], false);
    assert_eq!(relation["orphans"], 1);
    assert_eq!(checked.found("not-valid"), ["child(p)->parent(id)"]);
    assert_eq!(checked.json["summary"]["not_valid"], 1);
}

#[test]
fn disabled_triggers_mean_not_enforced_even_where_no_row_is_wrong() {
    let database = Database::with(
        "declared",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (1);
         CREATE TABLE child(p int REFERENCES parent); INSERT INTO child VALUES (1);
         ALTER TABLE child DISABLE TRIGGER ALL;",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.relation("child(p)->parent(id)");
    assert_eq!((&relation["verdict"], &relation["enforced"]), (&json!("clean"), &json!(false)));
    assert_eq!(checked.found("not-enforced"), ["child(p)->parent(id)"]);
    assert_eq!(checked.code(), Some(1));
}

#[test]
fn triggers_that_fire_on_replicas_only_are_disabled_for_everybody_else() {
    let database = Database::with(
        "declared",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int REFERENCES parent);
         DO $$ DECLARE t name; BEGIN
           FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'child'::regclass LOOP
             EXECUTE format('ALTER TABLE child ENABLE REPLICA TRIGGER %I', t);
           END LOOP; END $$;",
    );
    assert_eq!(check(&database.url(), &[]).found("not-enforced"), ["child(p)->parent(id)"]);
}

#[test]
fn match_full_rejects_half_a_key_and_match_simple_lets_it_pass() {
    let database = planted(
        "CREATE TABLE parent(a int, b int, PRIMARY KEY (a, b));
         CREATE TABLE strict(x int, y int, CONSTRAINT strict_fk FOREIGN KEY (x, y) REFERENCES parent MATCH FULL);
         CREATE TABLE lax(x int, y int, CONSTRAINT lax_fk FOREIGN KEY (x, y) REFERENCES parent)",
        "INSERT INTO parent VALUES (1, 1);
         INSERT INTO strict VALUES (1, 1), (1, NULL), (NULL, 1), (NULL, NULL), (2, 2);
         INSERT INTO lax TABLE strict;",
    );
    let checked = check(&database.url(), &[]);
    let strict = checked.constraint("strict_fk");
    assert_eq!(strict["match"], "full");
    // (1, NULL), (NULL, 1) and (2, 2): the first two are violations although nothing is missing.
    assert_eq!(
        (&strict["orphans"], &strict["partly_null"], &strict["null_keys"]),
        (&json!(3), &json!(2), &json!(1))
    );
    let lax = checked.constraint("lax_fk");
    assert_eq!(lax["match"], "simple");
    assert_eq!((&lax["orphans"], &lax["partly_null"], &lax["null_keys"]), (&json!(1), &json!(2), &json!(1)));
    assert_eq!(checked.found("half-null-key"), ["lax(x,y)->parent(a,b)"]);
}

#[test]
fn deferrable_is_told_apart_from_deferred() {
    let database = Database::with(
        "declared",
        "CREATE TABLE parent(id int PRIMARY KEY);
         CREATE TABLE may(p int CONSTRAINT may_fk REFERENCES parent DEFERRABLE);
         CREATE TABLE waits(p int CONSTRAINT waits_fk REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE now(p int CONSTRAINT now_fk REFERENCES parent);",
    );
    let checked = check(&database.url(), &[]);
    for (name, deferrable, deferred) in
        [("may_fk", true, false), ("waits_fk", true, true), ("now_fk", false, false)]
    {
        let relation = checked.constraint(name);
        assert_eq!(
            (&relation["deferrable"], &relation["initially_deferred"]),
            (&json!(deferrable), &json!(deferred))
        );
    }
}

#[test]
fn a_table_may_refer_to_itself() {
    let database = planted(
        "CREATE TABLE node(id int PRIMARY KEY, up int REFERENCES node ON DELETE CASCADE)",
        "INSERT INTO node VALUES (1, NULL), (2, 1), (3, 9), (4, 3)",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.relation("node(up)->node(id)");
    // Node 3 is an orphan; node 4 hangs on it and is none.
    assert_eq!(
        (&relation["orphans"], &relation["rows"], &relation["null_keys"]),
        (&json!(1), &json!(4), &json!(1))
    );
    assert_eq!(relation["on_delete"], "cascade");
}

#[test]
fn a_cycle_is_found_and_both_its_relations_are_counted() {
    let database = planted(
        "CREATE TABLE hen(id int PRIMARY KEY, egg int); CREATE TABLE egg(id int PRIMARY KEY, hen int REFERENCES hen);
         ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg",
        "INSERT INTO hen VALUES (1, 1), (2, 5); INSERT INTO egg VALUES (1, 1), (2, 7), (3, 8)",
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.relation("hen(egg)->egg(id)")["orphans"], 1);
    assert_eq!(checked.relation("egg(hen)->hen(id)")["orphans"], 2);
    assert_eq!(checked.found("cycle").len(), 1);
}

#[test]
fn a_reference_may_cross_schemas_and_names_may_repeat() {
    let database = planted(
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t(id int PRIMARY KEY); CREATE TABLE b.t(id int PRIMARY KEY);
         CREATE TABLE t(x int CONSTRAINT same REFERENCES a.t, y int REFERENCES b.t);
         CREATE TABLE a.u(x int CONSTRAINT same REFERENCES b.t)",
        "INSERT INTO a.t VALUES (1); INSERT INTO b.t VALUES (2); INSERT INTO t VALUES (1, 1), (2, 2);
         INSERT INTO a.u VALUES (1)",
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.relation("t(x)->a.t(id)")["orphans"], 1);
    assert_eq!(checked.relation("t(y)->b.t(id)")["orphans"], 1);
    assert_eq!(checked.relation("a.u(x)->b.t(id)")["orphans"], 1);
    assert_eq!(checked.relations().len(), 3);
}

/// Foreign keys neither cover inheriting tables nor accept what they hold as parents.
#[test]
fn inheriting_tables_are_neither_children_nor_parents() {
    let database = planted(
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE heir() INHERITS (parent);
         CREATE TABLE child(p int CONSTRAINT child_fk REFERENCES parent); CREATE TABLE grandchild() INHERITS (child)",
        "INSERT INTO parent VALUES (1); INSERT INTO heir VALUES (2);
         INSERT INTO child VALUES (1), (2); INSERT INTO grandchild VALUES (2), (3), (4)",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.constraint("child_fk");
    // Of child's own two rows, 2 exists among the heirs only; the three rows of the grandchild are not child's.
    assert_eq!((&relation["rows"], &relation["orphans"]), (&json!(2), &json!(1)));
}

#[test]
fn set_null_may_name_columns_and_set_null_on_not_null_is_found() {
    let database = Database::with(
        "declared",
        "CREATE TABLE parent(a int, b int, PRIMARY KEY (a, b));
         CREATE TABLE child(a int NOT NULL, b int, FOREIGN KEY (a, b) REFERENCES parent ON DELETE SET NULL);",
    );
    assert_eq!(check(&database.url(), &[]).found("set-null-on-not-null"), ["child(a,b)->parent(a,b)"]);
    if database.server().major() < 15 {
        return skipped("SET NULL (columns)", "PostgreSQL 15 brought it");
    }
    database.execute(
        "CREATE TABLE named(a int NOT NULL, b int, FOREIGN KEY (a, b) REFERENCES parent ON DELETE SET NULL (b));",
    );
    assert_eq!(check(&database.url(), &[]).found("set-null-on-not-null"), ["child(a,b)->parent(a,b)"]);
}

#[test]
fn not_enforced_is_read_from_the_catalog() {
    let database =
        Database::with("declared", "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int)");
    if database.server().major() < 18 {
        return skipped("NOT ENFORCED", "PostgreSQL 18 brought it");
    }
    database.execute(
        "ALTER TABLE child ADD CONSTRAINT child_fk FOREIGN KEY (p) REFERENCES parent NOT ENFORCED;
         INSERT INTO child VALUES (5), (NULL)",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.constraint("child_fk");
    assert_eq!((&relation["enforced"], &relation["orphans"]), (&json!(false), &json!(1)));
    assert_eq!(checked.found("not-enforced"), ["child(p)->parent(id)"]);
    assert_eq!(checked.json["summary"]["not_enforced"], 1);
}

/// The last column of a temporal key is a period: the parents' periods together must contain the child's.
#[test]
fn a_temporal_reference_is_checked_by_containment() {
    let database = Database::new("declared");
    if database.server().major() < 18 {
        return skipped("temporal foreign keys", "PostgreSQL 18 brought them");
    }
    database.execute(
        "CREATE EXTENSION btree_gist;
         CREATE TABLE parent(id int, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
         CREATE TABLE child(id int, valid daterange,
           CONSTRAINT child_fk FOREIGN KEY (id, PERIOD valid) REFERENCES parent (id, PERIOD valid));
         INSERT INTO parent VALUES (1, '[2025-01-01,2025-02-01)'), (1, '[2025-02-01,2025-03-01)'), (2, '[2025-01-01,2025-02-01)');
         SET session_replication_role = replica;
         INSERT INTO child VALUES
           (1, '[2025-01-15,2025-02-15)'),  -- covered by two parents together
           (2, '[2025-01-15,2025-02-15)'),  -- covered for half its time
           (3, '[2025-01-15,2025-01-16)'),  -- no parent at all
           (NULL, '[2025-01-01,2025-01-02)');",
    );
    let checked = check(&database.url(), &[]);
    let relation = checked.constraint("child_fk");
    assert_eq!(relation["temporal"], true);
    assert_eq!(relation["orphans"], 2, "{relation}");
}

/// A database that shows no table may be the wrong one: not clean, and no error either.
#[test]
fn no_tables_is_incomplete_with_a_sentence() {
    let database = Database::new("declared");
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.json["summary"]["tables"], 0);
    assert_eq!(checked.json["relations"], json!([]));
    assert_eq!(checked.code(), Some(4), "{}", checked.outcome.stderr);
    let gaps = checked.json["gaps"].as_array().expect("gaps");
    assert!(
        gaps.iter().any(|gap| gap["reason"].as_str().is_some_and(|why| why.contains("table"))),
        "{gaps:?}"
    );
}
