//! What a backfill filled, taken back: only from rows that nobody wrote since. Another row that took a key, and a row that
//! was moved to another parent, hold what the application put there, though it may be the very value that was filled.

use crate::ward::Ward;

const SCHEMA: &str = "
CREATE TABLE p(id int, d int, PRIMARY KEY (id, d)); INSERT INTO p SELECT g, g % 4 FROM generate_series(1, 9) g;
CREATE TABLE c(id int PRIMARY KEY, pid int, d int, n text);
INSERT INTO c SELECT g, g, NULL, 'old' FROM generate_series(1, 5) g;
ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (pid, d) REFERENCES p;
";
const SINCE: &str = "row was written again since it was filled";

fn restored(ward: &Ward, flags: &[&str], code: i32) -> String {
    let outcome = ward.restore(flags);
    assert_eq!(outcome.code, Some(code), "{outcome:#?}");
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_row_that_the_application_wrote_since_keeps_its_value_and_is_told() {
    let ward = Ward::of("written", SCHEMA);
    ward.mended(&["backfill:c.d"]);
    // Another row under the key, a row that was moved: both to a parent with the value that was filled; one that holds
    // another value; one that was changed in another column.
    ward.database.execute(
        "DELETE FROM c WHERE id = 1; INSERT INTO c VALUES (1, 5, 1, 'new'); UPDATE c SET pid = 6, d = 2, n = 'moved' WHERE id = 2;
         UPDATE c SET pid = 4, d = 0 WHERE id = 3; UPDATE c SET n = 'noted' WHERE id = 4;",
    );
    let held = "SELECT string_agg(id || ':' || coalesce(d::text, '-'), ' ' ORDER BY id) FROM c";
    let said = restored(&ward, &[], 1);
    assert!(said.contains("1 taken back, 4 left"), "{said}");
    assert!(said.contains(&format!("c: 3 rows: the {SINCE}")), "{said}");
    assert!(said.contains("c: 1 row: the row is gone, or holds something else by now"), "{said}");
    assert_eq!(ward.database.ask(held), "1:1 2:2 3:0 4:0 5:-");
    // By the value alone, when that is wanted.
    let said = restored(&ward, &["--changed"], 1);
    assert!(said.contains("3 taken back, 1 left"), "{said}");
    assert!(!said.contains(SINCE), "{said}");
    assert_eq!(ward.database.ask(held), "1:- 2:- 3:0 4:- 5:-");
}

#[test]
fn rows_that_only_runs_wrote_since_and_rows_that_were_moved_by_the_server_come_back() {
    let ward = Ward::of(
        "rewritten",
        &format!(
            "{SCHEMA} CREATE TABLE q(id int, e int, PRIMARY KEY (id, e)); INSERT INTO q SELECT g, g % 3 FROM generate_series(1, 9) g;
             ALTER TABLE c ADD e int, ADD CONSTRAINT fk_q FOREIGN KEY (pid, e) REFERENCES q;"
        ),
    );
    let before = ward.sums();
    ward.mended(&["backfill:c.d", "backfill:c.e"]);
    assert_eq!(ward.database.count("SELECT count(*) FROM c WHERE d IS NOT NULL AND e IS NOT NULL"), 5);
    // The server keeps who wrote a row, however it is frozen or stored anew; a lock on a row writes nothing.
    ward.database.execute("BEGIN; SELECT * FROM c FOR UPDATE; COMMIT");
    ward.database.execute("VACUUM (FREEZE) c");
    ward.database.execute("VACUUM (FULL, FREEZE) c");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_row_that_moved_to_another_partition_stays_and_is_told() {
    let ward = Ward::of(
        "moved",
        "CREATE TABLE p(id int, d int, PRIMARY KEY (id, d)); INSERT INTO p SELECT g, g FROM generate_series(1, 9) g;
         CREATE TABLE c(id int, at int, pid int, d int, PRIMARY KEY (id, at), FOREIGN KEY (pid, d) REFERENCES p) PARTITION BY LIST (at);
         CREATE TABLE c_1 PARTITION OF c FOR VALUES IN (1); CREATE TABLE c_2 PARTITION OF c FOR VALUES IN (2);
         CREATE TABLE c_3 PARTITION OF c FOR VALUES IN (3);
         INSERT INTO c SELECT g, 1 + g % 2, g, NULL FROM generate_series(1, 6) g;",
    );
    ward.mended(&["backfill:c.d"]);
    // Out and back again: the key is what it was, the row is another one to the server.
    ward.database.execute("UPDATE c SET at = 3 WHERE id = 2; UPDATE c SET at = 1 WHERE id = 2");
    let said = restored(&ward, &[], 1);
    assert!(said.contains("5 taken back, 1 left"), "{said}");
    assert!(said.contains(&format!("c: 1 row: the {SINCE}")), "{said}");
    assert_eq!(ward.database.ask("SELECT id FROM c WHERE d IS NOT NULL"), "2");
    let said = restored(&ward, &["--changed"], 0);
    assert!(said.contains("1 taken back, 0 left"), "{said}");
}
