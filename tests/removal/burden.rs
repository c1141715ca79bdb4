//! Rows that others refer to without an index: the server reads all of those for each row that goes, and that is told, and
//! no batch is long for it.

use crate::ward::Ward;

#[test]
fn where_no_index_finds_what_refers_that_is_told_and_batches_begin_small() {
    let ward = Ward::of(
        "burden",
        "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p SELECT generate_series(1, 10);
         CREATE TABLE c(id int PRIMARY KEY, pid int); INSERT INTO c SELECT g, g FROM generate_series(1, 410) g;
         CREATE TABLE big(id int PRIMARY KEY, cid int REFERENCES c ON DELETE SET NULL);
         INSERT INTO big SELECT g, 1 + g % 300 FROM generate_series(1, 50000) g; ANALYZE;",
    );
    let before = ward.sums();
    let plan = |ward: &Ward| {
        ward.plan(&["quarantine:c(pid)->p(id)"]).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = plan(&ward);
    let sentence = "No index finds the rows of big by big(cid)->c(id): the server reads all of it, about 50,000 rows, for every row that goes";
    assert!(told.contains(sentence), "{told}");
    assert!(told.contains("Stage index:big(cid)->c(id)"), "{told}");
    ward.runs();
    let first = "SELECT max(number), (array_agg(own ORDER BY number))[1] FROM (SELECT b.number,
        (SELECT count(*) FROM %s s WHERE s.waif_batch = b.number) AS own FROM waif.batch b) AS n";
    let first = ward.database.ask(&first.replace("%s", &ward.store("rows_c")));
    let (batches, rows) = first.split_once('|').expect("two numbers");
    assert!(batches.parse::<u32>().unwrap() > 1 && rows.parse::<u32>().unwrap() <= 50, "{first}");
    ward.restored();
    assert_eq!(ward.sums(), before);
    ward.database.execute("CREATE INDEX ON big(cid)");
    assert!(!plan(&ward).contains("No index finds"));
}
