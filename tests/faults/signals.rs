//! Signals, and output that nobody reads.

use crate::stage::Stage;

/// The first signal lets the batch end.
fn stops_at_the_edge_of_a_batch(signal: &str) {
    let stage = Stage::set("signalled");
    let running = stage.under_way();
    running.signal(signal);
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "stopped", "{said}");
    stage.resumes();
}

#[test]
fn an_interrupt_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("INT");
}

#[test]
fn a_wish_to_end_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("TERM");
}

#[test]
fn a_terminal_that_closes_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("HUP");
}

#[test]
fn the_second_interrupt_takes_the_batch_back_and_the_third_leaves() {
    for times in [2, 3] {
        let stage = Stage::with("impatient", &["--lock-timeout", "30s"]);
        let mut holder = stage.database.session();
        let running = stage.under_way();
        holder.say("BEGIN");
        holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
        stage.until("a batch that waits", || {
            stage.database.count("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'waif/%' AND wait_event_type = 'Lock'") > 0
        });
        for _ in 0..times {
            running.signal("INT");
            std::thread::sleep(std::time::Duration::from_millis(30));
        }
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(130), "{said}");
        holder.say("ROLLBACK");
        stage.resumes();
    }
}

#[test]
fn stopped_and_continued_it_goes_on() {
    let stage = Stage::set("shell");
    let running = stage.under_way();
    running.signal("STOP");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let before = stage.batches();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(stage.batches() <= before + 1, "it stands still");
    running.signal("CONT");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
}

#[test]
fn with_nobody_to_hear_it_it_does_not_panic_and_the_journal_is_true() {
    let stage = Stage::set("unheard");
    let running = stage.run().spawn_unheard();
    stage.until("a few batches", || stage.batches() >= 5);
    let (code, _) = stage.end_of(running);
    assert_ne!(code, Some(101), "a panic");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    if stage.database.ask("SELECT state FROM waif.run") != "finished" {
        stage.resumes();
    }
}
