//! Others hold what the run needs: it waits within its limits, tries again, and asks a person in the end.

use crate::stage::Stage;
use crate::support::{Database, waif};

#[test]
fn a_lock_that_goes_is_waited_for_and_the_run_goes_on_by_itself() {
    let stage = Stage::with("patience", &["--lock-timeout", "300ms", "--lock-tries", "30"]);
    let mut holder = stage.database.session();
    let running = stage.under_way();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    stage.until("a word about waiting", || {
        std::fs::read_to_string(stage.said())
            .unwrap_or_default()
            .contains("held a lock for longer than allowed")
    });
    holder.say("ROLLBACK");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_lock_that_stays_makes_it_pause_and_nothing_is_left_open() {
    let stage = Stage::with("locked_out", &["--lock-timeout", "100ms", "--lock-tries", "2"]);
    let mut holder = stage.database.session();
    let running = stage.under_way();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "paused");
    holder.say("ROLLBACK");
    stage.resumes();
}

#[test]
fn a_deadlock_with_others_is_tried_again() {
    let stage = Stage::with("deadlock", &["--lock-timeout", "5s", "--lock-tries", "30"]);
    stage.database.execute("ALTER SYSTEM SET deadlock_timeout = '50ms'; SELECT pg_reload_conf()");
    let running = stage.under_way();
    let beside = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut last = 12_000;
            while beside.load(std::sync::atomic::Ordering::SeqCst) && last > 200 {
                // From behind, in steps, against the run's direction.
                let _ = stage.database.try_execute(&format!(
                    "BEGIN; UPDATE events SET note = note WHERE id BETWEEN {} AND {last}; SELECT pg_sleep(0.01);
                     UPDATE events SET note = note WHERE id BETWEEN {} AND {}; COMMIT",
                    last - 50,
                    last - 200,
                    last - 51
                ));
                last -= 200;
            }
        });
        let (code, said) = stage.end_of(running);
        beside.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(code, Some(0), "{said}");
    });
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_batch_that_takes_too_long_is_halved_again_and_again() {
    let stage = Stage::set("slow");
    // The first rows take their time: the batch runs into its limit. What a sequence counted is not rolled back.
    stage.database.execute(
        "CREATE SEQUENCE fired;
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF nextval('public.fired') < 900 THEN PERFORM pg_sleep(0.01); END IF; RETURN NULL; END $$;
         CREATE TRIGGER slow AFTER UPDATE OF parent_day ON events_1 FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let file = stage.plan.display().to_string();
    let made = crate::support::waif([
        "plan",
        &stage.database.url(),
        "--stage",
        "backfill:events.parent_day?triggers=fire",
        "--stage",
        "index:events(parent,parent_day)->events(id,day)",
        "--batch-time",
        "1ms",
        "-o",
        &file,
    ]);
    assert_eq!(made.code, Some(0), "{made:#?}");
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("Batches are cut to"), "{outcome:#?}");
    stage.the_journal_is_true();
}

#[test]
fn a_conflict_of_transactions_is_tried_again_from_the_start() {
    let stage = Stage::set("conflict");
    // As a server says it of transactions that cannot be put in an order. What a sequence counted is not rolled back.
    stage.database.execute(
        "CREATE SEQUENCE fired;
         CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF nextval('public.fired') IN (700, 1900, 1901) THEN
                RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$;
         CREATE TRIGGER conflict AFTER UPDATE OF parent_day ON events_1 FOR EACH ROW EXECUTE FUNCTION conflict()",
    );
    let file = stage.plan.display().to_string();
    let url = stage.database.url();
    let fires = "backfill:events.parent_day?triggers=fire";
    let index = "index:events(parent,parent_day)->events(id,day)";
    let stages =
        ["--stage", fires, "--stage", index, "--first-batch", "50", "--largest-batch", "100", "-o", &file];
    let made = crate::support::waif(["plan", &url].into_iter().chain(stages));
    assert_eq!(made.code, Some(0), "{made:#?}");
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("met a conflict with others"), "{outcome:#?}");
    assert!(stage.database.count("SELECT last_value FROM fired") > 1901, "every conflict was met");
    stage.the_journal_is_true();
}

/// A server whose vacuums take their time, and a plan that only adds the key to a table that is filled.
fn slow_vacuums(hint: &str) -> Stage {
    let stage = Stage::alone(hint, &["autovacuum_naptime = 1s"]);
    stage.database.execute(
        "ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf();
         ALTER TABLE events_1 SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
         UPDATE events c SET parent_day = p.day FROM events p WHERE p.id = c.parent AND c.parent_day IS NULL;
         DROP TABLE before; CREATE TABLE before AS SELECT id, day, parent_day FROM events",
    );
    let file = stage.plan.display().to_string();
    let key = "add-fk:events(parent,parent_day)->events(id,day)";
    let url = stage.database.url();
    let tries = ["--lock-timeout", "300ms", "--lock-tries", "6", "-o", &file];
    let made = crate::support::waif(["plan", &url, "--stage", key].into_iter().chain(tries));
    assert_eq!(made.code, Some(0), "{made:#?}");
    stage
}

fn vacuums_begin(stage: &Stage) {
    stage.database.execute("ALTER SYSTEM SET autovacuum = on");
    stage.database.execute("SELECT pg_reload_conf()");
}

const VACUUM: &str = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.events_1%'";

#[test]
fn an_autovacuum_in_the_way_is_made_to_yield() {
    let stage = slow_vacuums("autovacuum");
    stage.database.execute(
        "ALTER TABLE events_1 SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0.0);
         UPDATE events_1 SET note = note",
    );
    vacuums_begin(&stage);
    stage.until("an autovacuum", || stage.database.count(VACUUM) > 0);
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("It is an autovacuum: the next try waits long enough"), "{said}");
    stage.the_journal_is_true();
}

#[test]
fn an_autovacuum_against_wraparound_is_not_fought_but_waited_for() {
    let stage = slow_vacuums("wraparound");
    stage.database.execute("ALTER TABLE events_1 SET (autovacuum_freeze_max_age = 100000)");
    stage.database.execute("UPDATE events_1 SET note = note");
    stage
        .database
        .execute("DO $$ BEGIN FOR i IN 1..101000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$");
    vacuums_begin(&stage);
    let against = format!("{VACUUM} AND query LIKE '%to prevent wraparound%'");
    stage.until("an autovacuum against wraparound", || stage.database.count(&against) > 0);
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("prevents wraparound: it does not yield, and is waited for"), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "paused");
    assert!(stage.database.count(&against) > 0, "it was left alone");
    stage.the_journal_is_true();
    stage.until("its end", || {
        let _ = stage.database.try_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker';
             SET lock_timeout = '300ms'; ALTER TABLE events_1 RESET (autovacuum_freeze_max_age)",
        );
        stage.database.count(&against) == 0
    });
    let outcome = stage.resume().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    stage.the_journal_is_true();
}

#[test]
fn a_forgotten_prepared_transaction_is_named_by_the_plan_and_while_it_is_waited_for() {
    let stage = Stage::alone("prepared", &["max_prepared_transactions = 4"]);
    stage.database.execute(
        "CREATE TABLE slow(id int PRIMARY KEY, event int, day date); INSERT INTO slow SELECT i, i, '2025-01-01' FROM generate_series(1, 100) i;",
    );
    stage.database.execute("BEGIN; INSERT INTO slow VALUES (0, 0, NULL); PREPARE TRANSACTION 'forgotten'");
    let file = stage.plan.display().to_string();
    let url = stage.database.url();
    let made =
        crate::support::waif(["plan", &url, "--stage", "index:slow(event,day)->events(id,day)", "-o", &file]);
    assert_eq!(made.code, Some(0), "{made:#?}");
    let said = made.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("The prepared transaction forgotten (prepared"), "{said}");
    let running = stage.run().spawn_into(&stage.said());
    stage.until("the name of who is waited for", || {
        stage.words().contains("the prepared transaction forgotten (prepared")
    });
    assert!(stage.words().contains("waiting for writers before build"), "{}", stage.words());
    stage.database.execute("ROLLBACK PREPARED 'forgotten'");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");

    // One that holds a lock that a key needs.
    stage.database.execute("BEGIN; UPDATE slow SET day = day; PREPARE TRANSACTION 'left lying'");
    let key = "add-fk:slow(event,day)->events(id,day)";
    let tries = ["--lock-timeout", "500ms", "--lock-tries", "2", "-o", &file];
    let made = crate::support::waif(
        ["plan", &url, "--stage", key, "--stage", "quarantine:slow(event,day)->events(id,day)"]
            .into_iter()
            .chain(tries),
    );
    let said = made.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the prepared transaction left lying (prepared"), "{said}");
    assert!(said.contains("holds ROW EXCLUSIVE on slow"), "{said}");
    let outcome = stage.run().run();
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(outcome.code, Some(5), "{said}");
    assert!(said.contains("In the way: the prepared transaction left lying (prepared"), "{said}");
    stage.database.execute("ROLLBACK PREPARED 'left lying'");
}

/// A foreign key does not reach tables that inherit; whoever writes to them is in nobody's way, on 18 neither.
#[test]
fn whoever_writes_to_a_table_that_inherits_keeps_no_key_from_being_added() {
    let database = Database::with(
        "heirs",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, pid int); CREATE TABLE kid() INHERITS (c)",
    );
    let (url, name) = (database.url(), database.name().to_owned());
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plan.json").display().to_string();
    let flags = ["--lock-timeout", "300ms", "--lock-tries", "1"];
    let mut args = vec!["plan", url.as_str(), "-o", plan.as_str(), "--stage", "add-fk:c(pid)->p(id)"];
    args.extend(flags);
    let planned = waif(args);
    assert_eq!(planned.code, Some(0), "{planned:#?}");
    let mut holder = database.session();
    holder.say("BEGIN; INSERT INTO kid VALUES (1, 1)");
    let outcome = waif(["run", url.as_str(), plan.as_str(), "--allow-writes", "--confirm", name.as_str()]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    holder.say("ROLLBACK");
    assert_eq!(database.count("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND conrelid = 'c'::regclass"), 1);
}

/// With the parent that a probe deletes the server looks at every partition by its own key.
#[test]
fn the_probes_after_a_partition_is_proved_name_the_partitions_beside_it() {
    let database = Database::with(
        "siblings",
        "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p SELECT generate_series(1, 10);
         CREATE TABLE c(id int, pid int) PARTITION BY RANGE (id); CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (100);
         CREATE TABLE c2 PARTITION OF c FOR VALUES FROM (100) TO (200); INSERT INTO c SELECT g, 1 FROM generate_series(1, 150) g",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.json");
    let (url, plan) = (database.url(), file.display().to_string());
    let planned = waif(["plan", url.as_str(), "-o", plan.as_str(), "--stage", "add-fk:c(pid)->p(id)"]);
    assert_eq!(planned.code, Some(0), "{planned:#?}");
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("a plan")).expect("JSON");
    let steps = plan["steps"].as_array().expect("steps");
    let proofs: Vec<_> = steps
        .iter()
        .filter(|step| {
            step["title"].as_str().is_some_and(|title| title.starts_with("Prove") && title.contains(" on c"))
        })
        .collect();
    assert!(!proofs.is_empty(), "{plan:#}");
    for proof in proofs {
        let told = proof.to_string();
        for partition in ["c1", "c2"] {
            assert!(told.contains(&format!("\"table\":\"{partition}\"")), "{partition}: {proof:#}");
        }
    }
}
