//! The ground changes beneath the run: definitions, partitions, rows.

use crate::stage::Stage;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a change beneath may end in: never a success that is none, never a lie in the journal.
fn changed(hint: &str, change: &str, back: Option<&str>) -> (Option<i32>, String) {
    let stage = Stage::with(hint, &["--lock-timeout", "1s", "--lock-tries", "20"]);
    let running = stage.under_way();
    stage.database.execute(change);
    let (code, said) = stage.end_of(running);
    stage.until_nobody_works();
    if let Some(back) = back {
        stage.the_journal_is_true();
        stage.database.execute(back);
        stage.resumes();
    }
    (code, said)
}

#[test]
fn the_column_is_dropped() {
    let (code, said) = changed("dropped", "ALTER TABLE events DROP COLUMN parent_day", None);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("parent_day"), "it is named: {said}");
}

#[test]
fn the_column_is_renamed_and_renamed_back() {
    let there = "ALTER TABLE events RENAME COLUMN parent_day TO elsewhere";
    let stage = Stage::set("renamed");
    let running = stage.under_way();
    stage.database.execute(there);
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    stage.database.execute("ALTER TABLE events RENAME COLUMN elsewhere TO parent_day");
    stage.resumes();
}

#[test]
fn a_partition_is_attached_and_filled_as_well_or_the_plan_is_stale() {
    let stage = Stage::set("attached");
    let running = stage.under_way();
    stage.database.execute(
        "CREATE TABLE events_3 (LIKE events_1 INCLUDING ALL);
         ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM ('2030-01-01') TO ('2030-02-01');
         INSERT INTO events SELECT 500000 + i, '2030-01-05', 20 + i, NULL, 'late' FROM generate_series(1, 50) i",
    );
    let (code, said) = stage.end_of(running);
    let open = "SELECT count(*) FROM events c JOIN events p ON p.id = c.parent WHERE c.parent_day IS NULL";
    match code {
        Some(0) => assert_eq!(stage.database.count(open), 0, "{said}"),
        other => assert_eq!(other, Some(5), "{said}"),
    }
    // A plan for the table as it is ends it.
    stage.make_plan(&[]);
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(stage.database.count(open), 0);
    stage.keys_are_proved();
}

#[test]
fn a_partition_is_detached() {
    let stage = Stage::set("detached");
    let running = stage.under_way();
    stage.database.execute("ALTER TABLE events DETACH PARTITION events_2");
    let (code, said) = stage.end_of(running);
    stage.until_nobody_works();
    assert!(matches!(code, Some(0 | 5)), "{said}");
    stage.database.execute(
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2025-02-01') TO ('2025-03-01')",
    );
    stage.the_journal_is_true();
    stage.make_plan(&[]);
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn rows_come_move_and_go_all_the_while() {
    let stage = Stage::with("writers", &["--lock-timeout", "2s", "--lock-tries", "50"]);
    let goes_on = AtomicBool::new(true);
    let mut moved = false;
    let running = stage.under_way();
    std::thread::scope(|scope| {
        for writer in 0..2_u32 {
            let (stage, goes_on) = (&stage, &goes_on);
            scope.spawn(move || {
                let mut at = 0;
                while goes_on.load(Ordering::SeqCst) && at < 400 {
                    at += 1;
                    let (new, old) = (200_000 + writer * 10_000 + at, 3_000 + writer * 4_000 + at * 3);
                    let _ = stage.database.try_execute(&format!(
                        "UPDATE events SET note = 'moved' WHERE id % 199 = {};
                         INSERT INTO events VALUES ({new}, '2025-01-07', {}, NULL, 'new');
                         DELETE FROM events WHERE id = {old} AND NOT EXISTS (SELECT 1 FROM events c WHERE c.parent = {old})",
                        at % 199,
                        20 + at
                    ));
                }
            });
        }
        let (code, said) = stage.end_of(running);
        goes_on.store(false, Ordering::SeqCst);
        // What moves faster than it can be filled is a moving target, and a person is told so.
        let told = said.split_whitespace().collect::<Vec<_>>().join(" ").contains("others keep adding them");
        assert!(code == Some(0) || (code == Some(5) && told), "{said}");
        moved = code == Some(5);
    });
    if moved {
        stage.until_nobody_works();
        let outcome = stage.resume().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }
    let stale = "SELECT count(*) FROM events c WHERE c.parent_day IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events p WHERE p.id = c.parent AND p.day = c.parent_day)";
    assert_eq!(stage.database.count(stale), 0, "no copy differs from its parent");
    let batches = stage.database.count("SELECT sum(rows)::bigint FROM waif.batch");
    let records = stage.records();
    assert_eq!(records.len(), 1);
    let step = stage.database.count("SELECT sum(rows)::bigint FROM waif.step");
    assert_eq!(stage.database.count(&format!("SELECT count(*) FROM {} r", records[0])), step);
    assert!(batches >= step, "{batches} {step}");
    stage.keys_are_proved();
}

#[test]
fn the_type_of_the_column_is_changed() {
    let (code, said) = changed("retyped", "ALTER TABLE events ALTER COLUMN parent_day TYPE timestamp", None);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("parent_day"), "it is named: {said}");
}

#[test]
fn the_table_is_replaced_by_another_of_its_name() {
    let stage = Stage::with("replaced", &["--lock-timeout", "1s", "--lock-tries", "20"]);
    let running = stage.under_way();
    stage.database.execute(
        "BEGIN; ALTER TABLE events RENAME TO events_before; CREATE TABLE events (LIKE events_before); COMMIT",
    );
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(5), "{said}");
    stage.until_nobody_works();
    assert_eq!(stage.database.count("SELECT count(*) FROM events"), 0, "the other one was left alone");
    let outcome = stage.resume().run();
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert!(outcome.stderr.contains("The plan is stale"), "{outcome:#?}");
    stage.database.execute("DROP TABLE events; ALTER TABLE events_before RENAME TO events");
    stage.resumes();
}

#[test]
fn a_key_that_was_dropped_meanwhile_is_seen_and_made_again() {
    let stage = Stage::with("dropped_key", &["--lock-timeout", "20s"]);
    let running = stage.run().spawn_into(&stage.said());
    let unproved = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated";
    stage.until("a key that is not proved", || stage.database.count(unproved) > 0);
    drop(running);
    stage.until_nobody_works();
    stage.the_journal_is_true();
    // Somebody takes every key away that was added so far.
    stage.database.execute(
        "DO $$ DECLARE k record; BEGIN FOR k IN SELECT conname, conrelid::regclass AS t FROM pg_constraint
           WHERE contype = 'f' AND conparentid = 0 LOOP
           EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.t, k.conname); END LOOP; END $$",
    );
    let outcome = stage.resume().run();
    // What the journal calls done is not there: never a success without the key.
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    if outcome.code == Some(0) {
        stage.ended_as_if_undisturbed(&outcome);
    } else {
        assert!(matches!(outcome.code, Some(2 | 5)), "{outcome:#?}");
        assert!(said.contains("foreign key") || said.contains("stale"), "{said}");
        stage.make_plan(&[]);
        let outcome = stage.run().run();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn whoever_adds_rows_all_the_while_does_not_keep_it_from_its_end() {
    let stage = Stage::with("constant", &["--lock-timeout", "2s", "--lock-tries", "50"]);
    let goes_on = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let (theirs, on) = (&stage, &goes_on);
        scope.spawn(move || {
            let mut writer = theirs.database.session();
            let mut id = 300_000;
            while on.load(Ordering::SeqCst) && id < 500_000 {
                writer.say(&format!("INSERT INTO events VALUES ({id}, '2025-01-07', {}, NULL, 'constant'); SELECT pg_sleep(0.002)", id % 9_000 + 20));
                id += 1;
            }
        });
        let running = stage.run().spawn_into(&stage.said());
        stage.until("the end of the backfill", || {
            stage.batches() > 0
                && stage.database.ask("SELECT state FROM waif.step WHERE rows > 0") == "finished"
        });
        let backfilled =
            "SELECT coalesce(min(id), 0) FROM events e WHERE parent_day IS NULL AND note = 'constant'
            AND EXISTS (SELECT 1 FROM events p WHERE p.id = e.parent)";
        let (first, filled) = (
            stage.database.count(backfilled),
            stage.database.count(
                "SELECT coalesce(max(id), 0) FROM events WHERE parent_day IS NOT NULL AND note = 'constant'",
            ),
        );
        // They came one after the other: what is filled and what is not meet at one moment.
        assert!(first > filled, "a row that was there at the moment of proof is open: {first} {filled}");
        goes_on.store(false, Ordering::SeqCst);
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(0), "{said}");
        let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("at one moment are filled and proved"), "{told}");
        // What came after that moment is open, and the end does not keep it from view.
        let open = stage.database.count(&backfilled.replace("coalesce(min(id), 0)", "count(*)"));
        let since = format!("since it was proved {open} rows came with parent_day NULL");
        assert!(open > 1 && told.replace(',', "").contains(&since), "{open}: {told}");
    });
    let stale = "SELECT count(*) FROM events c WHERE c.parent_day IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events p WHERE p.id = c.parent AND p.day = c.parent_day)";
    assert_eq!(stage.database.count(stale), 0, "no copy differs from its parent");
    let records = stage.records();
    assert_eq!(records.len(), 1);
    let sums = "SELECT sum(rows)::bigint FROM waif.";
    assert_eq!(stage.database.count(&format!("{sums}batch")), stage.database.count(&format!("{sums}step")));
    assert_eq!(
        stage.database.count(&format!("SELECT count(*) FROM {} r", records[0])),
        stage.database.count(&format!("{sums}step"))
    );
    stage.keys_are_proved();
}

#[test]
fn what_came_after_a_proof_is_told_by_the_session_that_ends_the_run_too() {
    let stage = Stage::with("since", &["--lock-timeout", "300ms", "--lock-tries", "900"]);
    // Somebody who writes keeps the frame of the index from being made; the backfill is none of his.
    let mut holder = stage.database.session();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE id = 1");
    let first = stage.run().spawn_into(&stage.said());
    stage.until("the backfill to be proved, and the index to wait", || {
        stage.batches() > 0
            && stage.database.ask("SELECT state FROM waif.step WHERE rows > 0") == "finished"
            && stage.words().contains("Others held a lock")
    });
    first.signal("KILL");
    stage.until_nobody_works();
    // The session that goes on finds nothing to fill: the row comes while it waits.
    std::fs::remove_file(stage.said()).expect("what the first said");
    let second = stage.resume().spawn_into(&stage.said());
    stage.until("the index to wait again", || stage.words().contains("Others held a lock"));
    stage.database.execute("INSERT INTO events VALUES (300001, '2025-01-07', 25, NULL, 'since')");
    holder.say("ROLLBACK");
    let (code, said) = stage.end_of(second);
    assert_eq!(code, Some(0), "{said}");
    let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("since it was proved 1 row came with parent_day NULL"), "{told}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}
