//! Signals, and output that nobody reads.

use crate::stage::Stage;

/// The first signal lets the batch end.
fn stops_at_the_edge_of_a_batch(signal: &str, ends: i32) {
    let stage = Stage::set("signalled");
    let running = stage.under_way();
    running.signal(signal);
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(ends), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "stopped", "{said}");
    stage.resumes();
}

#[test]
fn an_interrupt_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("INT", 130);
}

#[test]
fn a_wish_to_end_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("TERM", 130);
}

#[test]
fn a_terminal_that_closes_stops_after_the_batch() {
    stops_at_the_edge_of_a_batch("HUP", 129);
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

/// Whether a process stands still, as the system says it.
fn stands_still(pid: u32) -> bool {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
}

const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'waif%' AND xact_start IS NOT NULL";

#[test]
fn a_terminal_that_closes_is_told_twice_and_the_batch_comes_to_its_end_all_the_same() {
    let stage = Stage::with("hung_up", &["--lock-timeout", "30s"]);
    let mut holder = stage.database.session();
    let running = stage.under_way();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    stage.until("a batch that waits", || {
        stage.database.count("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'waif/%' AND wait_event_type = 'Lock'") > 0
    });
    let before = stage.batches();
    for _ in 0..2 {
        running.signal("HUP");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    holder.say("ROLLBACK");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(129), "{said}");
    assert!(stage.batches() > before || said.contains("held a lock"), "the batch was ended: {said}");
    stage.resumes();
}

#[test]
fn the_shell_stops_it_when_nothing_is_open_and_lets_it_go_on() {
    let stage = Stage::with("job", &["--lock-timeout", "30s"]);
    let running = stage.run().in_own_group().spawn_into(&stage.said());
    stage.until("a few batches", || stage.batches() >= 5);
    for _ in 0..3 {
        running.signal("TSTP");
        stage.until("it to stand still", || stands_still(running.id()));
        assert_eq!(stage.database.count(OPEN), 0, "nothing is open: {}", stage.words());
        stage.the_journal_is_true();
        let before = stage.batches();
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert_eq!(stage.batches(), before);
        running.signal("CONT");
        stage.until("it to go on", || !stands_still(running.id()));
    }
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_batch_that_waits_is_not_stopped_in_the_middle() {
    let stage = Stage::with("job_waits", &["--lock-timeout", "30s"]);
    let mut holder = stage.database.session();
    let running = stage.run().in_own_group().spawn_into(&stage.said());
    stage.until("a few batches", || stage.batches() >= 5);
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'waif/%' AND wait_event_type = 'Lock'";
    stage.until("a batch that waits", || stage.database.count(waits) > 0);
    running.signal("TSTP");
    stage.until("a word", || stage.words().contains("Standing still when no transaction is open"));
    assert!(!stands_still(running.id()) || stage.database.count(OPEN) == 0, "stopped with something open");
    holder.say("ROLLBACK");
    stage.until("it to stand still", || stands_still(running.id()));
    assert_eq!(stage.database.count(OPEN), 0, "{}", stage.words());
    running.signal("CONT");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[cfg(debug_assertions)]
#[test]
fn a_defect_in_the_middle_of_a_batch_tells_the_run_and_the_batch_leaves_nothing() {
    let stage = Stage::with("defect", &["--lock-timeout", "100ms", "--lock-tries", "50"]);
    let mut holder = stage.database.session();
    let running = stage.run().env("TEST_BREAKS_WAIF_OFF", "1").spawn_into(&stage.said());
    stage.until("a few batches", || stage.batches() >= 5);
    let id = stage.id();
    holder.say("BEGIN");
    // It breaks off when it is to tell that it waits.
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(101), "{said}");
    assert!(said.contains("broke off by a defect of its own at src/cli/talk.rs"), "{said}");
    assert!(said.contains(&format!("Run {id} was going on")), "{said}");
    holder.say("ROLLBACK");
    stage.resumes();
}
