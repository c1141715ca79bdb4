//! Temporal references (PostgreSQL 18): a period must be covered by the parents together. The oracle is the server itself,
//! which takes or refuses each row of an enforced twin.

use crate::support::{Database, Opened, skipped};
use waif::model::value::Value;

/// Parents and children of one key and period type, the children unchecked; `refused` holds those that the server will not
/// take into an enforced twin.
fn planted(kind: &str, parents: &str, children: &str) -> Database {
    Database::with(
        "temporal",
        &format!(
            "CREATE EXTENSION btree_gist; CREATE DOMAIN span AS int4range; SELECT setseed(0.42);
             CREATE TABLE parent(id int, valid {kind}, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
             CREATE TABLE child(row serial PRIMARY KEY, id int, valid {kind});
             CREATE TABLE twin(id int, valid {kind}, FOREIGN KEY (id, PERIOD valid) REFERENCES parent (id, PERIOD valid));
             CREATE TABLE refused(row int);
             {parents}; {children};
             ALTER TABLE child ADD CONSTRAINT tested FOREIGN KEY (id, PERIOD valid)
               REFERENCES parent (id, PERIOD valid) NOT VALID;
             DO $$ DECLARE c child; BEGIN
               FOR c IN TABLE child LOOP
                 BEGIN INSERT INTO twin VALUES (c.id, c.valid);
                 EXCEPTION WHEN foreign_key_violation THEN INSERT INTO refused VALUES (c.row); END;
               END LOOP; END $$"
        ),
    )
}

const ID: &str = "child(id,valid)->parent(id,valid)";

fn agrees(database: &Database) {
    let opened = Opened::new(database);
    assert!(opened.relation(ID).temporal);
    let refused = database.ask("SELECT row FROM refused ORDER BY row");
    let found = opened.orphan_rows(ID, None, 7);
    let found: Vec<&str> = found.iter().map(|row| row[0].text().expect("a number")).collect();
    assert_eq!(found.join("\n"), refused);
    let (orphans, missing) = opened.orphans(ID);
    assert_eq!(orphans, found.len() as u64);
    assert_eq!(opened.probe(ID), orphans > 0);
    let parents = opened.missing_parents(ID, 1000);
    assert_eq!(parents.len() as u64, missing);
    for (key, children) in parents {
        assert_eq!(opened.orphan_rows(ID, Some(&key), 100).len() as u64, children, "{key:?}");
    }
    assert!(orphans > 0 && orphans < database.count("SELECT count(*) FROM child"), "both sorts occur");
}

fn too_old(test: &str) -> bool {
    let old = Database::new("temporal").server().major() < 18;
    if old {
        skipped(test, "temporal keys came with PostgreSQL 18");
    }
    old
}

#[test]
fn gaps_edges_empty_and_endless_periods_count_as_the_server_counts_them() {
    if too_old("gaps_edges_empty_and_endless_periods_count_as_the_server_counts_them") {
        return;
    }
    let parents =
        "INSERT INTO parent VALUES (1, '[1,5)'), (1, '[5,9)'), (1, '[12,20)'), (2, '[1,)'), (3, '(,)')";
    let children = "INSERT INTO child(id, valid) VALUES (1, '[2,8)'), (1, '[1,9)'), (1, '[1,10)'), (1, '[8,13)'),
        (1, 'empty'), (4, 'empty'), (1, '(,3)'), (1, '[12,)'), (2, '[7,)'), (2, '(,)'), (3, '(,)'), (3, 'empty'),
        (4, '[1,2)'), (NULL, '[1,2)'), (NULL, NULL), (1, NULL), (1, '[1,10)')";
    for kind in ["int4range", "span"] {
        agrees(&planted(kind, parents, children));
    }
}

#[test]
fn multiranges_must_be_covered_whole() {
    if too_old("multiranges_must_be_covered_whole") {
        return;
    }
    agrees(&planted(
        "int4multirange",
        "INSERT INTO parent VALUES (1, '{[1,5),[8,10)}'), (1, '{[5,7)}')",
        "INSERT INTO child(id, valid) VALUES (1, '{[2,6)}'), (1, '{[2,6),[8,9)}'), (1, '{[6,9)}'), (1, '{}'), (2, '{[1,2)}'),
           (1, '{[1,7),[8,10)}'), (1, '{(,)}')",
    ));
}

#[test]
fn random_periods_agree_with_the_server() {
    if too_old("random_periods_agree_with_the_server") {
        return;
    }
    agrees(&planted(
        "int4range",
        "INSERT INTO parent SELECT k, int4range(s, s + 3) FROM generate_series(1, 5) k, generate_series(0, 60, 3) s WHERE random() < 0.8",
        "INSERT INTO child(id, valid) SELECT 1 + (random() * 5)::int, int4range(s, s + (random() * 8)::int)
           FROM generate_series(0, 60) s, generate_series(1, 5)",
    ));
}

/// Counting again without the parent's indexes gives the same answer.
#[test]
fn a_covering_parent_is_found_without_its_index() {
    if too_old("a_covering_parent_is_found_without_its_index") {
        return;
    }
    let database = planted(
        "int4range",
        "INSERT INTO parent VALUES (1, '[1,5)')",
        "INSERT INTO child(id, valid) VALUES (1, '[1,3)'), (1, '[4,6)')",
    );
    let opened = Opened::new(&database);
    let orphans = opened.orphan_rows(ID, None, 10);
    assert_eq!(
        orphans,
        [vec![Value::Text("2".into()), Value::Text("1".into()), Value::Text("[4,6)".into())]]
    );
}
