//! Killed among the indexes and keys; and a proof that fails.

use crate::stage::Stage;

/// Kills the run when a question is answered with at least one, then resumes.
fn killed_when(hint: &str, hold: Option<&str>, question: &str) {
    let stage = Stage::with(hint, &["--lock-timeout", "20s"]);
    let mut holder = stage.database.session();
    let mut running = stage.run().spawn_into(&stage.said());
    if let Some(hold) = hold {
        holder.say("BEGIN");
        holder.say(hold);
    }
    stage.until("the instant", || stage.database.count(question) > 0);
    if running.wait_for(std::time::Duration::ZERO).is_none() {
        running.signal("KILL");
    }
    drop(running);
    holder.say("ROLLBACK");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    let outcome = stage.resume().run();
    if outcome.code == Some(2) {
        // It had come to its end.
        assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "finished", "{outcome:#?}");
    } else {
        stage.ended_as_if_undisturbed(&outcome);
    }
    stage.keys_are_proved();
}

#[test]
fn in_a_concurrent_build() {
    // A transaction that writes to the table makes the build wait for it.
    killed_when(
        "building",
        Some("LOCK TABLE events_1 IN ROW EXCLUSIVE MODE"),
        "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'waiting%'",
    );
}

#[test]
fn between_a_key_that_is_not_proved_and_its_proof() {
    killed_when(
        "unproved",
        None,
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated",
    );
}

#[test]
fn when_some_keys_are_proved() {
    killed_when(
        "half_proved",
        None,
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated",
    );
}

#[test]
fn a_proof_that_fails_is_no_success_and_the_key_stays_on_guard() {
    let stage = Stage::set("orphaned");
    let mut holder = stage.database.session();
    let running = stage.under_way();
    // Past every check, as a replica writes: a copy no parent has.
    holder.say("SET session_replication_role = replica");
    holder.say("INSERT INTO events VALUES (900001, '2025-01-05', 77777777, '2025-01-05', 'orphan')");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("orphans"), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "failed");
    let standing = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated AND confrelid = 'events'::regclass";
    assert!(stage.database.count(standing) > 0, "the key is there, and not proved");
    stage.the_journal_is_true();
    stage.database.execute("DELETE FROM events WHERE id = 900001");
    let outcome = stage.resume().run();
    stage.ended_as_if_undisturbed(&outcome);
}
