//! Partitioned tables: one relation a person would name, whatever copies the catalog keeps.

use crate::support::{Database, check};
use serde_json::json;

#[test]
fn copies_of_a_constraint_are_folded_into_their_root_on_both_sides() {
    let database = Database::with(
        "partitions",
        "CREATE TABLE parent(id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE parent_low PARTITION OF parent FOR VALUES FROM (0) TO (100);
         CREATE TABLE parent_high PARTITION OF parent FOR VALUES FROM (100) TO (200);
         CREATE TABLE child(id int, p int CONSTRAINT child_fk REFERENCES parent) PARTITION BY RANGE (id);
         CREATE TABLE child_a PARTITION OF child FOR VALUES FROM (0) TO (10);
         CREATE TABLE child_b PARTITION OF child FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
         CREATE TABLE child_b_1 PARTITION OF child_b FOR VALUES IN (11, 12, 13);
         CREATE TABLE child_b_rest PARTITION OF child_b DEFAULT;
         INSERT INTO parent VALUES (1), (150);
         SET session_replication_role = replica;
         INSERT INTO child VALUES (1, 1), (2, 2), (11, 150), (12, 151), (15, NULL), (16, 1), (17, 3);",
    );
    assert!(
        database.count("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") > 1,
        "there are copies to fold"
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.relations().len(), 1);
    let relation = checked.relation("child(p)->parent(id)");
    // 2, 151 and 3 are nowhere; leaves are child_a, child_b_1 and child_b_rest.
    assert_eq!(
        (&relation["rows"], &relation["orphans"], &relation["null_keys"]),
        (&json!(7), &json!(3), &json!(1))
    );
    assert_eq!((&relation["partitions"], &relation["constraint"]), (&json!(3), &json!("child_fk")));
    assert_eq!(relation["validated"], true);
}

#[test]
fn a_constraint_of_one_partition_alone_is_a_relation_of_its_own() {
    let database = Database::with(
        "partitions",
        "CREATE TABLE parent(id int PRIMARY KEY);
         CREATE TABLE child(id int, p int) PARTITION BY RANGE (id);
         CREATE TABLE child_a PARTITION OF child FOR VALUES FROM (0) TO (10);
         CREATE TABLE child_b PARTITION OF child FOR VALUES FROM (10) TO (20);
         INSERT INTO child VALUES (1, 7), (11, 8);
         ALTER TABLE child_a ADD CONSTRAINT only_a FOREIGN KEY (p) REFERENCES parent NOT VALID;",
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.relations().len(), 1);
    let relation = checked.constraint("only_a");
    assert_eq!(relation["id"], "child_a(p)->parent(id)");
    assert_eq!((&relation["rows"], &relation["orphans"]), (&json!(1), &json!(1)));
}

/// After VALIDATE of a reference to a partitioned parent, the copies keep `convalidated = false` on some versions.
#[test]
fn the_root_decides_whether_a_constraint_is_valid() {
    let database = Database::with(
        "partitions",
        "CREATE TABLE parent(id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE parent_low PARTITION OF parent FOR VALUES FROM (0) TO (100);
         CREATE TABLE child(p int); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);
         ALTER TABLE child ADD CONSTRAINT child_fk FOREIGN KEY (p) REFERENCES parent NOT VALID;
         ALTER TABLE child VALIDATE CONSTRAINT child_fk;",
    );
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.constraint("child_fk")["validated"], true);
    assert_eq!(checked.found("not-valid"), Vec::<String>::new());
    assert_eq!(checked.constraint("child_fk")["verdict"], "clean");
}

/// A detached partition is a table of its own, and keeps its constraint.
#[test]
fn a_detached_partition_stands_alone() {
    let database = Database::with(
        "partitions",
        "CREATE TABLE parent(id int PRIMARY KEY);
         CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY RANGE (id);
         CREATE TABLE child_a PARTITION OF child FOR VALUES FROM (0) TO (10);
         CREATE TABLE child_b PARTITION OF child FOR VALUES FROM (10) TO (20);
         SET session_replication_role = replica;
         INSERT INTO child VALUES (1, 7), (11, 8);
         RESET session_replication_role;
         ALTER TABLE child DETACH PARTITION child_a;",
    );
    let checked = check(&database.url(), &[]);
    let ids: Vec<&str> = checked.relations().into_keys().collect();
    assert_eq!(ids, ["child(p)->parent(id)", "child_a(p)->parent(id)"]);
    assert_eq!(checked.relation("child(p)->parent(id)")["rows"], 1);
    assert_eq!(checked.relation("child_a(p)->parent(id)")["orphans"], 1);
}

/// One whose detaching was broken off is read by nobody through its root, and its rows are there all the same.
#[test]
fn a_partition_that_was_not_detached_to_the_end_is_counted_by_itself() {
    let database = Database::with(
        "pending",
        "CREATE TABLE parent(id int PRIMARY KEY);
         CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY LIST (id);
         CREATE TABLE child_1 PARTITION OF child FOR VALUES IN (1);
         CREATE TABLE child_2 PARTITION OF child FOR VALUES IN (2);
         INSERT INTO parent VALUES (1);
         SET session_replication_role = replica;
         INSERT INTO child VALUES (1, 1), (2, 1), (2, 77), (2, 78);",
    );
    if database.server().major() < 14 {
        return;
    }
    let mut reader = database.session();
    reader.say("BEGIN; SELECT count(*) FROM child");
    let broken = database
        .try_execute("SET lock_timeout = '500ms'; ALTER TABLE child DETACH PARTITION child_2 CONCURRENTLY");
    assert!(broken.unwrap_err().contains("lock timeout"));
    drop(reader);
    assert_eq!(database.count("SELECT count(*) FROM pg_inherits WHERE inhdetachpending"), 1);
    let checked = check(&database.url(), &[]);
    let ids: Vec<&str> = checked.relations().into_keys().collect();
    assert_eq!(ids, ["child(p)->parent(id)", "child_2(p)->parent(id)"]);
    assert_eq!(checked.relation("child(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.relation("child_2(p)->parent(id)")["orphans"], 2);
    assert_eq!(checked.relation("child_2(p)->parent(id)")["rows"], 3);
}
