//! Others hold what the run needs: it waits within its limits, tries again, and asks a person in the end.

use crate::stage::Stage;

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
