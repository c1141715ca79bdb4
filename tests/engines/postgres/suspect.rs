//! An index that lies: rows missing from the parent's unique index make false orphans by one access path and none by
//! another. `--verify` counts by both.

use crate::support::{Database, check};

/// Parents 1..1000 are in table and index; 1001..1005 are in the table only, as a damaged index would have it.
fn lying_index() -> Database {
    let database = Database::with(
        "suspect",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 1000);
         CREATE TABLE child(id int PRIMARY KEY, p int REFERENCES parent);
         UPDATE pg_index SET indisready = false WHERE indexrelid = 'parent_pkey'::regclass;",
    );
    // Another session, so that no cached picture of the index remains.
    database.execute(
        "SET session_replication_role = replica;
         INSERT INTO parent SELECT generate_series(1001, 1005);
         INSERT INTO child SELECT n, n FROM generate_series(1, 1005) AS n;",
    );
    database.execute(
        "UPDATE pg_index SET indisready = true WHERE indexrelid = 'parent_pkey'::regclass;
         VACUUM (ANALYZE, INDEX_CLEANUP off) child; ANALYZE parent;",
    );
    database
}

#[test]
fn verify_finds_that_the_counts_differ_by_access_path() {
    let database = lying_index();
    let missed = database.count(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off;
         SELECT count(*) FROM generate_series(1001, 1005) AS n WHERE NOT EXISTS (SELECT 1 FROM parent WHERE id = n)",
    );
    assert_eq!(missed, 5, "the index really lies");
    // The free path must use the index for the lie to show; the planner is told so through the role.
    let role = database.reader();
    database.execute(&format!(
        "ALTER ROLE {role} SET enable_seqscan = off; ALTER ROLE {role} SET enable_hashjoin = off;
         ALTER ROLE {role} SET enable_mergejoin = off;"
    ));
    let checked = check(&database.url_as(&role), &["--verify"]);
    let relation = checked.relation("child(p)->parent(id)");
    assert_eq!(relation["verdict"], "not_checked", "{relation}");
    assert!(
        relation["reason"].as_str().is_some_and(|why| why.contains("5 orphans") && why.contains("index")),
        "{relation}"
    );
    assert_eq!(checked.found("suspect-index"), ["child(p)->parent(id)"]);
    assert_eq!(checked.code(), Some(4), "{}", checked.outcome.stderr);
    assert_eq!(checked.json["complete"], false);
}

#[test]
fn verify_is_content_with_a_sound_index() {
    let database = Database::with(
        "suspect",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 100);
         CREATE TABLE child(p int REFERENCES parent); INSERT INTO child SELECT generate_series(1, 100);
         CREATE INDEX ON child(p);",
    );
    let checked = check(&database.url(), &["--verify"]);
    assert_eq!(checked.relation("child(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.code(), Some(0), "{}", checked.outcome.everything());
}

#[test]
fn an_index_the_catalog_calls_invalid_is_found() {
    let database = Database::with(
        "suspect",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int REFERENCES parent);
         CREATE INDEX child_p ON child(p);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'child_p'::regclass;",
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.found("invalid-index"), ["child_p"]);
    assert_eq!(
        checked.relation("child(p)->parent(id)")["child_index"],
        false,
        "an invalid index serves nobody"
    );
}
