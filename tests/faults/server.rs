//! The server goes away, or somebody at the server has had enough.

use crate::stage::Stage;

#[test]
fn the_server_crashes_and_the_run_goes_on_though_the_work_set_is_empty() {
    let stage = Stage::alone("crash", &["fsync = on", "synchronous_commit = on", "full_page_writes = on"]);
    let running = stage.under_way();
    stage.database.server().restart("immediate");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("resume"), "{said}");
    let work = stage
        .database
        .ask("SELECT tablename FROM pg_tables WHERE schemaname = 'waif' AND tablename LIKE 'work%'");
    assert_eq!(
        stage.database.count(&format!("SELECT count(*) FROM waif.\"{work}\"")),
        0,
        "an unlogged table is emptied"
    );
    stage.resumes();
}

#[test]
fn the_server_is_restarted_and_the_run_goes_on() {
    let stage = Stage::alone("restart", &[]);
    let running = stage.under_way();
    stage.database.server().restart("fast");
    let (code, said) = stage.end_of(running);
    assert!(matches!(code, Some(3 | 5)), "{said}");
    assert!(said.contains("resume"), "{said}");
    stage.resumes();
}

#[test]
fn an_administrator_ends_the_session_and_is_obeyed() {
    let stage = Stage::set("terminated");
    let running = stage.under_way();
    let pid = stage.backend();
    stage.database.execute(&format!("SELECT pg_terminate_backend({pid})"));
    let (code, said) = stage.end_of(running);
    // Between two statements the line is found dead before the order is heard; either way nothing is tried again.
    let heard = code == Some(5) && said.contains("somebody's order");
    assert!(heard || (code == Some(3) && said.contains("was lost")), "{code:?} {said}");
    assert!(stage.batches() < 200, "it did not go on by itself");
    stage.resumes();
}

#[test]
fn somebody_cancels_a_batch_and_the_run_pauses_and_says_so() {
    let stage = Stage::set("cancelled");
    let mut holder = stage.database.session();
    let running = stage.under_way();
    holder.say("BEGIN");
    holder.say("UPDATE events SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    // A cancel that comes between two tries meets nothing: it is sent until it meets a batch that waits.
    stage.until("the pause", || {
        stage.database.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'waif/%'
            AND datname = current_database() AND wait_event_type = 'Lock'",
        );
        std::fs::read_to_string(stage.said()).unwrap_or_default().contains("Paused")
    });
    let (code, said) = stage.end_of(running);
    holder.say("ROLLBACK");
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("Somebody cancelled"), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "paused");
    stage.resumes();
}
