//! A run meets its own keys: a partitioned table that refers to itself is mended and given its key in one plan, and before
//! PostgreSQL 18 that key begins as one on each partition. They are the plan's own, for the batch that comes after them and
//! for whoever resumes.

use crate::ward::Ward;

/// Rows without a parent, one of them a parent itself.
const SELVES: &str = "
CREATE TABLE selves(id int, up int, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE selves_0 PARTITION OF selves FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE selves_1 PARTITION OF selves FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY HASH (id);
CREATE TABLE selves_1_0 PARTITION OF selves_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE selves_1_1 PARTITION OF selves_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO selves VALUES (1, NULL), (2, 1), (3, 99), (4, 3);
INSERT INTO selves SELECT g, g + 100000 FROM generate_series(10, 3000) g;
ANALYZE;
";

const KEY: &str = "selves(up)->selves(id)";

/// Batches as small as can be: there shall be many instants to be killed at.
fn planned(verb: &str, key: &str) -> Ward {
    let ward = Ward::of("own", SELVES);
    let mends = format!("{verb}:{KEY}");
    let adds = format!("add-fk:{KEY}{key}");
    ward.plan_with(&[&mends, &adds], &["--first-batch", "100", "--largest-batch", "100"]);
    ward
}

/// Killed between its batches, behind keys of its own, it goes on to where an undisturbed run ends, and all comes back.
fn goes_on(verb: &str, key: &str) {
    let undisturbed = planned(verb, key);
    let start = undisturbed.sums();
    undisturbed.runs();
    let end = undisturbed.sums();
    assert_ne!(end, start);
    let proved = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'selves'::regclass AND contype = 'f' AND convalidated AND confrelid = conrelid AND conparentid = 0";
    assert_eq!(undisturbed.database.count(proved), 1);

    let ward = planned(verb, key);
    let running = ward.run().spawn_into(&ward.said());
    let batches = "SELECT to_regclass('waif.batch') IS NOT NULL";
    ward.until("batches", || {
        ward.database.ask(batches) == "t" && ward.database.count("SELECT count(*) FROM waif.batch") >= 3
    });
    drop(running);
    ward.until_nobody_works();
    let begun = ward.database.count("SELECT count(*) FROM waif.batch");
    assert!(begun < 25, "{verb} was killed on the way: {begun}");
    let own = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated";
    assert!(ward.database.count(own) > 0, "its key guards the rows before they are mended");
    let outcome = ward.armed("resume", &ward.id(), &[]).run();
    assert_eq!(outcome.code, Some(0), "{verb}{key}: {outcome:#?}");
    assert_eq!(ward.sums(), end, "{verb}{key}");
    assert_eq!(ward.database.count(proved), 1);
    ward.the_journal_is_true();
}

#[test]
fn a_killed_removal_goes_on_beside_the_keys_it_added_to_partitions() {
    for verb in ["quarantine", "delete"] {
        goes_on(verb, "");
    }
}

#[test]
fn a_removal_knows_its_own_keys_that_cascade() {
    for verb in ["quarantine", "delete"] {
        goes_on(verb, "?on_delete=cascade");
    }
}

#[test]
fn a_removal_knows_its_own_keys_that_clear() {
    goes_on("quarantine", "?on_delete=set_null");
}

#[test]
fn references_are_cleared_and_parents_inserted_beside_the_keys_of_partitions() {
    for verb in ["nullify", "adopt"] {
        goes_on(verb, "");
        goes_on(verb, "?on_delete=cascade");
    }
}

/// Over the same columns to others of the same table: no batch has followed it.
#[test]
fn a_key_of_somebody_else_on_a_partition_stops_the_run() {
    let ward = Ward::of(
        "foreign",
        "CREATE TABLE g(id int PRIMARY KEY);
         CREATE TABLE a(id int PRIMARY KEY, other int UNIQUE, gid int);
         INSERT INTO a SELECT i, -i, i FROM generate_series(1, 6000) i;
         CREATE TABLE b(id int PRIMARY KEY, aid int REFERENCES a(id) ON DELETE CASCADE) PARTITION BY HASH (id);
         CREATE TABLE b_0 PARTITION OF b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE b_1 PARTITION OF b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         INSERT INTO b SELECT i, i FROM generate_series(1, 6000, 7) i;
         ANALYZE;",
    );
    ward.plan_with(&["quarantine:a(gid)->g(id)"], &["--first-batch", "50", "--largest-batch", "50"]);
    let whole = ward.conserved();
    let running = ward.run().spawn_into(&ward.said());
    let batches = "SELECT to_regclass('waif.batch') IS NOT NULL";
    ward.until("batches", || {
        ward.database.ask(batches) == "t" && ward.database.count("SELECT count(*) FROM waif.batch") >= 3
    });
    ward.database
        .execute("ALTER TABLE b_0 ADD FOREIGN KEY (aid) REFERENCES a(other) ON DELETE CASCADE NOT VALID");
    assert_ne!(ward.end_of(running), Some(0));
    let words = ward.words();
    assert!(
        words.contains("A foreign key refers to a table of the plan that the plan does not know"),
        "{words}"
    );
    assert_eq!(ward.conserved(), whole, "every row is in its table or in its store, as it was");
    ward.the_journal_is_true();
}
