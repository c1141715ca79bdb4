//! Is a constraint that calls itself valid enforced at all? On every table of both sides, and by every sort of damage.

use crate::support::{Database, Opened, skipped};
use waif::model::relation::Enforcement;

fn reasons(database: &Database, id: &str) -> Vec<String> {
    match &Opened::new(database).relation(id).enforcement {
        Enforcement::On => Vec::new(),
        Enforcement::Off(reasons) => reasons.clone(),
        other => panic!("{other:?}"),
    }
}

/// Both sides partitioned, the child in two levels, and a table that refers to itself.
const TREES: &str = "
    CREATE TABLE parent(id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parent_low PARTITION OF parent FOR VALUES FROM (0) TO (100);
    CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY RANGE (id);
    CREATE TABLE child_a PARTITION OF child FOR VALUES FROM (0) TO (10);
    CREATE TABLE child_b PARTITION OF child FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
    CREATE TABLE child_b_1 PARTITION OF child_b DEFAULT;
    CREATE TABLE parent_high PARTITION OF parent FOR VALUES FROM (100) TO (200);
    CREATE TABLE self(id int PRIMARY KEY, up int) PARTITION BY RANGE (id);
    CREATE TABLE self_a PARTITION OF self FOR VALUES FROM (0) TO (10);
    CREATE TABLE self_b PARTITION OF self FOR VALUES FROM (10) TO (20);
    ALTER TABLE self ADD FOREIGN KEY (up) REFERENCES self;
    CREATE TABLE late(id int, p int REFERENCES parent);
    ALTER TABLE child ATTACH PARTITION late FOR VALUES FROM (20) TO (30);
    CREATE TABLE parent_late(id int PRIMARY KEY);
    ALTER TABLE parent ATTACH PARTITION parent_late FOR VALUES FROM (200) TO (300);
    CREATE TABLE plain(p int REFERENCES parent_low); CREATE TABLE own(id int PRIMARY KEY, up int REFERENCES own);";

#[test]
fn sound_constraints_raise_no_alarm_however_they_came_about() {
    let database = Database::with("enforced", TREES);
    let opened = Opened::new(&database);
    let states: Vec<(&str, &Enforcement, u32)> = opened
        .catalog
        .relations
        .iter()
        .map(|relation| (relation.id.as_str(), &relation.enforcement, relation.partitions))
        .collect();
    let on = &Enforcement::On;
    assert_eq!(
        states,
        [
            ("child(p)->parent(id)", on, 3),
            ("own(up)->own(id)", on, 0),
            ("plain(p)->parent_low(id)", on, 0),
            ("self(up)->self(id)", on, 2),
        ]
    );
}

#[test]
fn disabled_triggers_are_found_on_the_very_partition_and_side() {
    let database = Database::with("enforced", TREES);
    database.execute("ALTER TABLE child_b_1 DISABLE TRIGGER ALL");
    assert_eq!(
        reasons(&database, "child(p)->parent(id)"),
        ["the triggers that check writes to child_b_1 are disabled"]
    );
    database.execute("ALTER TABLE child_b_1 ENABLE TRIGGER ALL; ALTER TABLE parent_low DISABLE TRIGGER ALL");
    assert_eq!(
        reasons(&database, "child(p)->parent(id)"),
        ["the triggers that guard deletes and updates of parent_low are disabled"]
    );
    assert_eq!(
        reasons(&database, "plain(p)->parent_low(id)"),
        ["the triggers that guard deletes and updates of parent_low are disabled"]
    );
    assert!(reasons(&database, "self(up)->self(id)").is_empty(), "nobody touched it");
}

#[test]
fn a_table_that_refers_to_itself_has_both_sides_disabled() {
    let database = Database::with("enforced", TREES);
    database.execute("ALTER TABLE own DISABLE TRIGGER ALL");
    assert_eq!(
        reasons(&database, "own(up)->own(id)"),
        [
            "the triggers that check writes to own are disabled",
            "the triggers that guard deletes and updates of own are disabled"
        ]
    );
}

#[test]
fn triggers_that_always_fire_are_as_good_and_those_for_replicas_are_not() {
    let database = Database::with("enforced", TREES);
    let switch = |how: &str| {
        database.execute(&format!(
            "DO $$ DECLARE t name; BEGIN
               FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'plain'::regclass LOOP
                 EXECUTE format('ALTER TABLE plain ENABLE {how} TRIGGER %I', t);
               END LOOP; END $$"
        ));
        reasons(&database, "plain(p)->parent_low(id)")
    };
    assert!(switch("ALWAYS").is_empty());
    assert_eq!(switch("REPLICA"), ["the triggers that check writes to plain are disabled"]);
}

#[test]
fn many_damaged_partitions_make_one_sentence() {
    let database = Database::with(
        "enforced",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY LIST (id);
         DO $$ BEGIN FOR i IN 1..9 LOOP
           EXECUTE format('CREATE TABLE c%s PARTITION OF child FOR VALUES IN (%s)', i, i);
           EXECUTE format('ALTER TABLE c%s DISABLE TRIGGER ALL', i);
         END LOOP; END $$",
    );
    assert_eq!(
        reasons(&database, "child(p)->parent(id)"),
        ["the triggers that check writes to c1, c2, c3 and 6 more are disabled"]
    );
}

/// What releases before 14.14, 15.9, 16.5 and 17.1 left behind after DETACH, made by hand: the newer ones no longer do it.
#[test]
fn a_constraint_that_lost_its_triggers_or_copies_is_not_enforced() {
    let database = Database::with("enforced", TREES);
    database.execute(
        "DELETE FROM pg_trigger WHERE tgisinternal AND tgrelid = 'child_a'::regclass;
         DELETE FROM pg_constraint
          WHERE contype = 'f' AND conrelid = 'child'::regclass AND confrelid = 'parent_high'::regclass;",
    );
    assert_eq!(
        reasons(&database, "child(p)->parent(id)"),
        [
            "child_a lost the triggers that check its writes; drop and add the constraint",
            "parent_high lost the triggers that guard its deletes and updates; drop and add the constraint"
        ]
    );
}

/// Detached partitions and self-references over partitions are where releases went wrong: 12.22 leaves both without guard,
/// 13 and 14 drop the constraint of a detached table. Whatever this server does, the catalog must say the same.
#[test]
fn what_the_catalog_says_of_partitions_is_what_the_server_does() {
    let database = Database::with(
        "enforced",
        "CREATE TABLE parent(id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE parent_a PARTITION OF parent FOR VALUES FROM (0) TO (100);
         CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY RANGE (id);
         CREATE TABLE left_behind PARTITION OF child FOR VALUES FROM (0) TO (10);
         INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);
         ALTER TABLE child DETACH PARTITION left_behind;
         CREATE TABLE self(id int PRIMARY KEY, up int REFERENCES self) PARTITION BY RANGE (id);
         CREATE TABLE self_a PARTITION OF self FOR VALUES FROM (0) TO (10);
         CREATE TABLE self_b PARTITION OF self FOR VALUES FROM (10) TO (20);
         INSERT INTO self VALUES (11, NULL), (1, 11);",
    );
    let opened = Opened::new(&database);
    for (child, parent, deletion) in [
        ("left_behind", "left_behind(p)->parent(id)", "DELETE FROM parent WHERE id = 1"),
        ("self", "self(up)->self(id)", "DELETE FROM self WHERE id = 11"),
    ] {
        let refused = database.try_execute(&format!("BEGIN; {deletion}; ROLLBACK")).is_err();
        let said = opened.catalog.relation(parent).is_some_and(|found| found.enforcement == Enforcement::On);
        assert_eq!(
            said,
            refused,
            "{child}: {:?}",
            opened.catalog.relation(parent).map(|found| &found.enforcement)
        );
    }
}

#[test]
fn not_enforced_is_said_and_not_taken_for_not_valid_alone() {
    let database = Database::with("enforced", "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(p int)");
    if database.server().major() < 18 {
        return skipped(
            "not_enforced_is_said_and_not_taken_for_not_valid_alone",
            "NOT ENFORCED came with PostgreSQL 18",
        );
    }
    database.execute("ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT ENFORCED");
    assert_eq!(reasons(&database, "c(p)->p(id)"), ["it is declared NOT ENFORCED"]);
    assert!(!Opened::new(&database).relation("c(p)->p(id)").validated);
}

/// 18 lets a partitioned child have NOT VALID keys: a partition of its own may be proved before its root.
#[test]
fn only_the_root_says_whether_a_constraint_is_valid() {
    let database = Database::with("enforced", TREES);
    if database.server().major() < 18 {
        return skipped(
            "only_the_root_says_whether_a_constraint_is_valid",
            "NOT VALID on partitioned tables came with 18",
        );
    }
    database.execute(
        "CREATE TABLE q(id int PRIMARY KEY); ALTER TABLE child ADD CONSTRAINT q_fk FOREIGN KEY (p) REFERENCES q NOT VALID;
         ALTER TABLE child_a VALIDATE CONSTRAINT q_fk;",
    );
    let opened = Opened::new(&database);
    let relation = opened.relation("child(p)->q(id)");
    assert_eq!((relation.validated, &relation.enforcement), (false, &Enforcement::On));
}
