//! Others are at work while rows leave their tables: they add rows without a parent, bring parents back, and an index lies.

use crate::support::Database;
use crate::ward::Ward;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const RELATION: &str = "logs(event)->events(id)";

/// Parents of which every seventh is gone, and children in ten partitions, each with batches of its own.
const PARTED: &str = "
CREATE TABLE events(id int PRIMARY KEY, name text);
INSERT INTO events SELECT i, 'event ' || i FROM generate_series(1, 3000) i WHERE i % 7 <> 0;
CREATE TABLE logs(id bigint PRIMARY KEY, event int, body text) PARTITION BY RANGE (id);
DO $$ BEGIN FOR i IN 0..9 LOOP
  EXECUTE format('CREATE TABLE logs_%s PARTITION OF logs FOR VALUES FROM (%s) TO (%s)', i, i * 2000, i * 2000 + 2000);
END LOOP; END $$;
CREATE TABLE logs_late PARTITION OF logs DEFAULT;
INSERT INTO logs SELECT i, i % 3000 + 1, 'b' || i FROM generate_series(0, 19999) i;
ANALYZE;
";

const LOST: &str = "SELECT count(*) FROM logs l WHERE event IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = l.event)";

/// Somebody inserts rows without a parent, one after the other, as long as they may; how many they got in.
fn add_rows(ward: &Ward, goes_on: &AtomicBool, written: &AtomicU64, refused: &AtomicU64) {
    let mut id = 100_000;
    while goes_on.load(Ordering::SeqCst) {
        id += 1;
        match ward.database.try_execute(&format!("INSERT INTO logs VALUES ({id}, 700, 'late')")) {
            Ok(_) => written.fetch_add(1, Ordering::SeqCst),
            Err(_) => refused.fetch_add(1, Ordering::SeqCst),
        };
    }
}

/// Runs the plan while somebody keeps adding rows without a parent; the exit code, and how many rows came.
fn run_among_writers(ward: &Ward) -> (Option<i32>, u64, u64) {
    let (goes_on, written, refused) = (AtomicBool::new(true), AtomicU64::new(0), AtomicU64::new(0));
    let code = std::thread::scope(|scope| {
        scope.spawn(|| add_rows(ward, &goes_on, &written, &refused));
        ward.until("the first late row", || written.load(Ordering::SeqCst) > 0);
        let code = ward.end_of(ward.run().spawn_into(&ward.said()));
        goes_on.store(false, Ordering::SeqCst);
        code
    });
    (code, written.load(Ordering::SeqCst), refused.load(Ordering::SeqCst))
}

#[test]
fn rows_that_lose_no_parent_because_they_never_had_one_keep_coming() {
    let ward = Ward::of("growing", PARTED);
    ward.plan_with(&[&format!("quarantine:{RELATION}")], &["--lock-timeout", "2s", "--lock-tries", "50"]);
    let (code, written, refused) = run_among_writers(&ward);
    assert_eq!(refused, 0, "nothing keeps them from it");
    let words = ward.words();
    // It ends where no row was left at one moment, or says that it cannot.
    match code {
        Some(0) => assert!(words.contains("orphans"), "{words}"),
        other => {
            assert_eq!(other, Some(5), "{words}");
            assert!(words.contains("others keep adding them") && words.contains("NOT VALID"), "{words}");
        }
    }
    let all = "SELECT count(*) FROM logs";
    assert_eq!(ward.database.count(all) + ward.held(), 20_000 + written, "no row is lost, none comes twice");
    ward.the_journal_is_true();
    if code == Some(5) {
        let outcome = ward.armed("resume", &ward.id(), &[]).run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }
    // What came after the proof is there still, and nothing else.
    assert_eq!(ward.database.count(LOST), ward.database.count(&format!("{LOST} AND body = 'late'")));
    ward.restored();
    assert_eq!(ward.database.count(all), 20_000 + written);
}

#[test]
fn a_key_that_is_not_proved_yet_keeps_them_from_it() {
    let ward = Ward::of("guarded", PARTED);
    let actions = [format!("quarantine:{RELATION}"), format!("add-fk:{RELATION}")];
    let actions = actions.each_ref().map(String::as_str);
    ward.plan_with(&actions, &["--lock-timeout", "2s", "--lock-tries", "50"]);
    let (code, written, refused) = run_among_writers(&ward);
    assert_eq!(code, Some(0), "{}", ward.words());
    assert!(refused > 0, "the key refused what came after it");
    assert_eq!(ward.database.count(LOST), 0);
    let unproved =
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND NOT convalidated";
    assert_eq!(ward.database.count(unproved), 0);
    assert_eq!(ward.database.count("SELECT count(*) FROM logs") + ward.held(), 20_000 + written);
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000 + written);
}

/// Runs the plan, and does something at the moment when some partitions are done and the next one waits.
fn meanwhile(ward: &Ward, act: impl FnOnce()) {
    ward.plan_with(&[&format!("quarantine:{RELATION}")], &["--lock-timeout", "60s"]);
    let mut holder = ward.database.session();
    holder.say("BEGIN");
    // Rows of the fifth partition: what lies before it goes, what lies behind it does not.
    holder.say("SELECT 1 FROM logs_4 FOR UPDATE");
    let running = ward.run().spawn_into(&ward.said());
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif/%' AND wait_event_type = 'Lock'";
    ward.until("a batch that waits", || ward.database.count(waits) > 0);
    act();
    holder.say("COMMIT");
    assert_eq!(ward.end_of(running), Some(0), "{}", ward.words());
}

/// What `waif restore --list` says of the only run: rows that wait, and those whose parent is there.
fn told(ward: &Ward) -> (u64, Option<u64>) {
    let list =
        crate::support::waif(["restore", &ward.database.url(), &ward.id(), "--list", "--format", "json"])
            .json();
    let own = &list["restorable"][0];
    (own["rows"].as_u64().expect("rows"), own["healed"].as_u64())
}

#[test]
fn a_parent_that_comes_between_two_batches_keeps_its_rows_and_calls_the_others_back() {
    let ward = Ward::of("between", PARTED);
    let of_it = "SELECT count(*) FROM logs WHERE event = 700";
    let (all, lost) = (ward.database.count(of_it), ward.database.count(LOST));
    assert!(all > 5, "{all}");
    let mut gone = 0;
    meanwhile(&ward, || {
        gone = all - ward.database.count(of_it);
        ward.database.execute("INSERT INTO events VALUES (700, 'late')");
    });
    assert!(gone > 0 && gone < all, "{gone} of {all} went before");
    assert_eq!(ward.database.count(of_it), all - gone, "those that were still there stay");
    assert_eq!(ward.database.count(LOST), 0);
    assert_eq!(ward.held(), lost - (all - gone));
    assert_eq!(told(&ward), (ward.held(), Some(gone)));
    // The run says so, and so does the list of the runs.
    let words = ward.words();
    let offer = format!("waif restore {} --healed", ward.id());
    assert!(words.contains(&offer), "{words}");
    let runs = crate::support::waif(["runs", &ward.database.url()]);
    let listed = runs.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(listed.contains(&format!("the parents of {gone} rows are there now")), "{runs:#?}");
    // Exactly they come back.
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.database.count(of_it), all);
    assert_eq!(ward.held(), lost - all);
    assert_eq!(ward.database.count(LOST), 0);
    assert_eq!(told(&ward).1, Some(0));
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), 20_000);
}

#[test]
fn a_parent_whose_session_commits_after_its_rows_have_left_calls_them_back() {
    let ward = Ward::of("after", PARTED);
    let of_it = "SELECT count(*) FROM logs WHERE event = 700";
    let all = ward.database.count(of_it);
    let mut writer = ward.database.session();
    writer.say("BEGIN");
    writer.say("INSERT INTO events VALUES (700, 'not seen yet')");
    // While its session is open nobody sees it: its rows go.
    meanwhile(&ward, || {
        writer.say("COMMIT");
    });
    let left = ward.database.count(of_it);
    assert!(left < all, "some went before");
    assert!(ward.words().contains("--healed"), "{}", ward.words());
    assert_eq!(told(&ward).1, Some(all - left));
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.database.count(of_it), all);
    assert_eq!(ward.database.count(LOST), 0);
}

/// Parents 1..1000 are in table and index; 1001..1005 in the table only, as a damaged index would have it. 2000..2002 are
/// really missing.
fn lying_index() -> Ward {
    let database = Database::with(
        "lying",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 1000);
         CREATE TABLE child(id int PRIMARY KEY, p int);
         UPDATE pg_index SET indisready = false WHERE indexrelid = 'parent_pkey'::regclass;",
    );
    // Another session, so that no cached picture of the index remains.
    database.execute(
        "INSERT INTO parent SELECT generate_series(1001, 1005);
         INSERT INTO child SELECT n, n FROM generate_series(1, 1005) AS n;
         INSERT INTO child VALUES (2000, 2000), (2001, 2001), (2002, 2002);",
    );
    // The server takes the index wherever it may.
    database.execute(&format!(
        "UPDATE pg_index SET indisready = true WHERE indexrelid = 'parent_pkey'::regclass;
         ANALYZE;
         ALTER DATABASE {0} SET enable_seqscan = off; ALTER DATABASE {0} SET enable_hashjoin = off;
         ALTER DATABASE {0} SET enable_mergejoin = off;",
        database.name()
    ));
    Ward::on(database)
}

const MISSED: &str =
    "SELECT count(*) FROM child c WHERE NOT EXISTS (SELECT 1 FROM parent p WHERE p.id = c.p)";

#[test]
fn an_index_that_hides_parents_stops_it_before_anything_leaves() {
    for action in ["quarantine", "nullify", "delete"] {
        let ward = lying_index();
        let before = ward.sums();
        assert_eq!(ward.database.count(MISSED), 8, "the index really lies");
        ward.plan(&[&format!("{action}:child(p)->parent(id)")]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{action}: {outcome:#?}");
        let words = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("index") && words.contains("REINDEX"), "{action}: {words}");
        assert_eq!(ward.held(), 0, "{action}");
        assert_eq!(ward.sums(), before, "{action}: nothing was changed");
        // Mended, it goes on with what really lost its parent.
        ward.database.execute("REINDEX TABLE parent");
        let outcome = ward.armed("resume", &ward.id(), &[]).run();
        assert_eq!(outcome.code, Some(0), "{action}: {outcome:#?}");
        assert_eq!(ward.held(), 3, "{action}");
        ward.restored();
        assert_eq!(ward.sums(), before, "{action}");
    }
}

#[test]
fn an_index_that_hides_parents_has_none_inserted_twice() {
    let ward = lying_index();
    let before = ward.sums();
    ward.mended(&["adopt:child(p)->parent(id)"]);
    assert_eq!(ward.held(), 3, "those that were really missing");
    ward.database.execute("REINDEX TABLE parent");
    assert_eq!(ward.database.count(MISSED), 0);
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn rows_that_lose_their_parent_after_the_proof_are_told_at_the_end() {
    let ward = Ward::of(
        "after",
        "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 50);
         CREATE TABLE child(id int PRIMARY KEY, p int, note text);
         INSERT INTO child SELECT n, n, 'x' FROM generate_series(1, 60) AS n;
         ANALYZE;",
    );
    ward.plan_with(
        &["quarantine:child(p)->parent(id)", "index:child(p)"],
        &["--lock-timeout", "300ms", "--lock-tries", "900"],
    );
    // Whoever writes keeps the index from being built, and the rows without a parent are none of his.
    let mut holder = ward.database.session();
    holder.say("BEGIN");
    holder.say("UPDATE child SET note = 'y' WHERE id = 1");
    let running = ward.run().spawn_into(&ward.said());
    ward.until("the removal to be proved", || ward.held() == 10 && ward.words().contains("after: 0 orphans"));
    ward.database.execute("INSERT INTO child VALUES (61, 900, 'z'), (62, 901, 'z')");
    holder.say("ROLLBACK");
    assert_eq!(ward.end_of(running), Some(0), "{}", ward.words());
    let told = ward.words();
    assert!(told.contains("since it was proved 2 rows of child came without a parent"), "{told}");
}

#[test]
fn no_batch_changes_more_rows_than_a_person_allows() {
    for action in ["quarantine", "nullify", "adopt"] {
        let ward = Ward::of(
            &format!("allowed_{action}"),
            "CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (1);
             CREATE TABLE child(id int PRIMARY KEY, p int);
             INSERT INTO child SELECT n, n FROM generate_series(1, 21) AS n;
             ANALYZE;",
        );
        let before = ward.sums();
        ward.plan_with(
            &[&format!("{action}:child(p)->parent(id)")],
            &["--first-batch", "4", "--largest-batch", "4", "--lock-timeout", "200ms", "--lock-tries", "2"],
        );
        let mut holder = ward.database.session();
        holder.say("BEGIN");
        holder.say("LOCK TABLE child, parent IN SHARE MODE");
        let outcome = ward.run().run();
        assert_eq!((outcome.code, ward.held()), (Some(5), 0), "{action}: {outcome:#?}");
        holder.say("ROLLBACK");
        let outcome = ward.armed("resume", &ward.id(), &["--max-rows", "6"]).run();
        assert_eq!(outcome.code, Some(5), "{action}: {outcome:#?}");
        assert_eq!(ward.held(), 6, "{action}: {outcome:#?}");
        let outcome = ward.armed("resume", &ward.id(), &["--max-rows", "none"]).run();
        assert_eq!(outcome.code, Some(0), "{action}: {outcome:#?}");
        assert_eq!(ward.held(), 20, "{action}");
        ward.restored();
        assert_eq!(ward.sums(), before, "{action}");
    }
}
