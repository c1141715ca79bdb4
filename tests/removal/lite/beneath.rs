//! What happens beneath a removal on SQLite: others write between its batches, and indexes lie.

use super::ward::Ward;
use crate::support::program::Running;
use std::time::{Duration, Instant};

const MANY: &str = "CREATE TABLE p (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO p VALUES (1, 'one');
    CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, v TEXT);
    INSERT INTO c SELECT value, iif(value % 10, value + 1000000, 1), 'row ' || value FROM generate_series(1, 60000);
    CREATE INDEX c_p ON c (p);";

const ACTION: &str = "quarantine:c(p)->p(id)";

/// A run of many small batches that has written some of them.
fn under_way(ward: &Ward) -> Running {
    let outcome = ward.plans(&[ACTION], &["--batch-time", "1ms", "--lock-timeout", "20s"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let running = ward.run().spawn_into(&ward.said());
    let began = Instant::now();
    let begun =
        || ward.file.try_execute("SELECT count(*) > 0 FROM waif_batch").is_ok_and(|said| said.trim() == "1");
    while !begun() {
        assert!(began.elapsed() < Duration::from_secs(60), "no batch in time");
    }
    running
}

fn ended(ward: &Ward, mut running: Running) -> (Option<i32>, String) {
    let status = running.wait_for(Duration::from_secs(120)).expect("it ends");
    (status.code(), std::fs::read_to_string(ward.said()).unwrap_or_default())
}

/// Writes as another program does, between two batches of a run. The run sleeps meanwhile: whoever only waits for a turn may
/// get it when everything is done.
fn other(ward: &Ward, running: &Running, sql: &str) {
    let began = Instant::now();
    loop {
        running.signal("STOP");
        let written = ward.file.try_execute(&format!(".timeout 0\nBEGIN IMMEDIATE; {sql} COMMIT;"));
        running.signal("CONT");
        match written {
            Ok(_) => return,
            Err(said) => assert!(began.elapsed() < Duration::from_secs(20), "{said}"),
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn what_loses_its_parent_meanwhile_goes_too_and_what_finds_it_again_stays_or_is_told() {
    let ward = Ward::of(MANY);
    let running = under_way(&ward);
    // A row that went already and one that did not get their parent; another row comes without one.
    other(
        &ward,
        &running,
        "INSERT INTO p SELECT p, 'late' FROM c WHERE p > 1 ORDER BY id DESC LIMIT 1;
         INSERT INTO p VALUES (1000001, 'late'); INSERT INTO c VALUES (70000, 5, 'new');",
    );
    let (code, said) = ended(&ward, running);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE p <> 1 AND p NOT IN (SELECT id FROM p)"), 0);
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM c WHERE p <> 1"), "59999", "{said}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c") + ward.held(), 60_001);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the parents of 1 row are there now") && words.contains("--healed"), "{said}");
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(
        ward.file.ask("SELECT group_concat(id) FROM (SELECT id FROM c WHERE p <> 1 ORDER BY id)"),
        "1,59999"
    );
}

#[test]
fn a_key_that_is_added_meanwhile_stops_the_run_before_it_takes_anything_along() {
    for index in ["", "CREATE INDEX x_c ON x (c);"] {
        let ward = Ward::of(MANY);
        let running = under_way(&ward);
        other(
            &ward,
            &running,
            &format!(
                "CREATE TABLE x (c INT REFERENCES c ON DELETE CASCADE); INSERT INTO x SELECT id FROM c;{index}"
            ),
        );
        let rows = ward.file.count(".timeout 20000\nSELECT count(*) FROM x");
        let (code, said) = ended(&ward, running);
        assert_eq!(code, Some(5), "{said}");
        assert!(said.contains("that was not there when the plan was made"), "{said}");
        assert_eq!(ward.file.count("SELECT count(*) FROM x"), rows, "nothing went along");
        assert_eq!(ward.file.count("SELECT count(*) FROM c") + ward.held(), 60_000);
        let sum = "SELECT (SELECT rows FROM waif_step WHERE id = '1a') = (SELECT sum(rows) FROM waif_batch)";
        assert_eq!(ward.file.ask(sum), "1");
    }
}

#[test]
fn a_row_that_refers_meanwhile_to_one_that_is_to_go_ends_it_and_batches_of_any_size_keep_it() {
    let schema = MANY
        .replace("v TEXT)", "v TEXT, boss INT REFERENCES c)")
        .replace("INSERT INTO c SELECT", "INSERT INTO c (id, p, v) SELECT");
    let ward = Ward::of(&schema);
    let running = under_way(&ward);
    other(&ward, &running, "INSERT INTO c VALUES (70000, 1, 'new', 59999);");
    let (code, said) = ended(&ward, running);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains("somebody added them"), "{said}");
    assert_eq!(ward.file.ask("SELECT count(*) FROM c WHERE id IN (59999, 70000)"), "2");
    assert_eq!(ward.file.count("SELECT count(*) FROM c") + ward.held(), 60_001);
}

#[test]
fn an_index_that_hides_parents_stops_the_run_before_anything_leaves() {
    let ward = Ward::of(
        "CREATE TABLE p (no INT, id TEXT); INSERT INTO p SELECT value, 'k' || value FROM generate_series(1, 100);
         CREATE UNIQUE INDEX p_id ON p (id) WHERE no > 10;
         CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT); INSERT INTO c SELECT value, 'k' || (value % 110 + 1) FROM generate_series(1, 1100);",
    );
    // The index holds what it held before, and says that it holds everything.
    ward.file.execute(
        ".dbconfig defensive off\nPRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX p_id ON p (id)' WHERE name = 'p_id';",
    );
    let before = ward.rows();
    for (verb, said) in [
        ("quarantine", "the parents of 100 rows"),
        ("adopt", "10 parents are to be inserted that the table has"),
    ] {
        ward.plan(&[&format!("{verb}:c(p)->p(id)")]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{outcome:#?}");
        let told = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("does not find what is in the table"), "{told}");
        assert!(told.contains(said) && told.contains("PRAGMA integrity_check"), "{told}");
        assert_eq!((ward.rows(), ward.held()), (before.clone(), 0), "{verb}");
    }
    ward.file.execute("REINDEX p_id");
    let outcome = ward.armed("resume", &ward.id(), &[]).run();
    assert_eq!((outcome.code, ward.held()), (Some(0), 10), "{outcome:#?}");
}

#[test]
fn an_index_that_keeps_parents_that_are_gone_is_believed_by_nobody() {
    for verb in ["quarantine", "adopt"] {
        let ward = Ward::of(
            "CREATE TABLE p (no INT, id TEXT); CREATE UNIQUE INDEX p_id ON p (id); INSERT INTO p SELECT value, 'k' || value FROM generate_series(1, 100);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT); INSERT INTO c SELECT value, 'k' || (value % 110 + 1) FROM generate_series(1, 1100);",
        );
        // While the index passes for one that leaves them out, rows go and their entries stay.
        ward.file.execute(
            ".dbconfig defensive off\nPRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX p_id ON p (id) WHERE no > 10' WHERE name = 'p_id';",
        );
        ward.file.execute(
            ".dbconfig defensive off\nDELETE FROM p WHERE no <= 10; PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX p_id ON p (id)' WHERE name = 'p_id';",
        );
        ward.plan(&[&format!("{verb}:c(p)->p(id)")]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{verb}: {outcome:#?}");
        let told = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("100 rows are without a parent, of which an index says that it is there"),
            "{told}"
        );
        ward.file.execute("REINDEX p_id");
        let outcome = ward.armed("resume", &ward.id(), &[]).run();
        assert_eq!(outcome.code, Some(0), "{verb}: {outcome:#?}");
        assert_eq!(ward.held(), if verb == "adopt" { 20 } else { 200 }, "{verb}");
    }
}

#[test]
fn a_rehearsal_mends_a_few_rows_and_leaves_nothing_of_it() {
    let ward = Ward::of(MANY);
    let (before, definitions) = (ward.rows(), ward.file.ask("SELECT sql FROM sqlite_schema"));
    for verb in ["quarantine", "nullify", "adopt"] {
        ward.plan(&[&format!("{verb}:c(p)->p(id)")]);
        let plan = ward.file.folder().join("plan.json").display().to_string();
        let outcome = ward.armed("run", &plan, &["--rehearse"]).run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert!(outcome.stdout.replace(',', "").contains("1000 of 54000"), "{outcome:#?}");
        let now = (ward.rows(), ward.file.ask("SELECT sql FROM sqlite_schema"));
        assert_eq!(now, (before.clone(), definitions.clone()), "{verb}");
    }
}

#[test]
fn tables_of_waif_are_no_part_of_an_inspection_and_those_that_look_like_them_are() {
    let ward = Ward::of(MANY);
    ward.mended(&[ACTION]);
    ward.file
        .execute("CREATE TABLE waif_rows_mine (p INT REFERENCES p); INSERT INTO waif_rows_mine VALUES (9)");
    let outcome = crate::support::waif(["check", &ward.file.target(), "--format", "json"]);
    let relations = outcome.json()["relations"].as_array().expect("relations").clone();
    let ids: Vec<&str> = relations.iter().map(|relation| relation["id"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["waif_rows_mine(p)->p(id)"]);
}

#[test]
fn long_rows_make_small_batches_from_the_first_on() {
    for verb in ["quarantine", "nullify"] {
        let ward = Ward::of(
            "CREATE TABLE p (id INTEGER PRIMARY KEY);
             CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, body); INSERT INTO c SELECT value, value, zeroblob(400000) FROM generate_series(1, 120);",
        );
        ward.mended(&[&format!("{verb}:c(p)->p(id)")]);
        assert_eq!(ward.held(), 120);
        assert_eq!(
            ward.file.ask("SELECT rows FROM waif_batch ORDER BY number LIMIT 1"),
            "50",
            "20 MB of 48: {verb}"
        );
        ward.restored();
    }
}
