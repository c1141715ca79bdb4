//! What makes a run wait by itself, and what makes it stop: replicas that fall behind, an archive that fails, a vacuum on
//! its table, sessions it keeps waiting, the end of its window. Each on a server where it really is so.

use crate::stage::Stage;
use crate::support::{Server, Waif, skipped};

/// Waits until the background run has said something.
fn says(stage: &Stage, what: &str) {
    stage.until(&format!("{what:?}"), || stage.words().contains(what));
}

/// While it waits, no batch is done.
fn stands(stage: &Stage) {
    let before = stage.batches();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert!(stage.batches() <= before + 1, "it waits: {}", stage.words());
}

#[test]
fn a_replica_that_does_not_follow_is_waited_for() {
    let server: &'static Server = Box::leak(Box::new(Server::start(&[])));
    let Some(standby) = server.standby() else {
        return skipped("a replica that lags", "this server came without pg_basebackup");
    };
    let stage = Stage::on(server, "lagging", &["--max-lag", "500ms"]);
    let at_standby = stage.database.copied_to(Box::leak(Box::new(standby)));
    stage.until("the replica", || {
        at_standby.try_execute("SELECT 1").is_ok()
            && at_standby.ask("SELECT to_regclass('twin') IS NOT NULL") == "t"
    });
    at_standby.execute("SELECT pg_wal_replay_pause()");
    let running = stage.run().spawn_into(&stage.said());
    says(&stage, "A replica lags");
    stands(&stage);
    at_standby.execute("SELECT pg_wal_replay_resume()");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
    std::mem::forget(at_standby);
}

#[test]
fn an_archive_that_fails_is_waited_for() {
    let stage = Stage::alone("archive", &["archive_mode = on", "archive_command = 'false'"]);
    stage.database.execute("SELECT pg_switch_wal()");
    stage.until("a failure", || stage.database.count("SELECT failed_count FROM pg_stat_archiver") > 0);
    let running = stage.run().spawn_into(&stage.said());
    says(&stage, "cannot archive its WAL");
    stands(&stage);
    stage.database.execute("ALTER SYSTEM SET archive_command = 'true'");
    stage.database.execute("SELECT pg_reload_conf()");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn a_vacuum_on_the_table_is_waited_for() {
    let stage = Stage::set("vacuumed");
    let mut vacuum = stage.database.session();
    let pid = vacuum.say("SELECT pg_backend_pid()").remove(0);
    vacuum.say("SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1");
    let running = std::thread::scope(|scope| {
        scope.spawn(|| {
            // It is ended before it is done.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| vacuum.say("VACUUM events")));
        });
        stage.until("a vacuum", || {
            stage
                .database
                .count("SELECT count(*) FROM pg_stat_progress_vacuum WHERE datname = current_database()")
                > 0
        });
        let running = stage.run().spawn_into(&stage.said());
        says(&stage, "A vacuum works on the table");
        stage.database.execute(&format!("SELECT pg_terminate_backend({pid})"));
        running
    });
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn sessions_it_keeps_waiting_are_let_by() {
    // The journal's own table is what one of ours can be made to hold for long: the lock on the table of the run, which the
    // session keeps.
    let stage = Stage::set("in_the_way");
    let running = stage.under_way();
    let mut other = stage.database.session();
    other.say("SET statement_timeout = '3s'");
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        other.say("SELECT pg_advisory_lock(1934715238, hashtext('public.events'))")
    }));
    says(&stage, "1 sessions wait for locks of this run");
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    stage.the_journal_is_true();
    stage.keys_are_proved();
}

#[test]
fn the_end_of_the_window_pauses_it_and_another_window_lets_it_end() {
    let stage = Stage::set("window_ends");
    let end = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '12 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let mut holder = stage.database.session();
    stage.make_plan(&[
        "--window-end",
        &stage.database.ask(end),
        "--lock-timeout",
        "200ms",
        "--lock-tries",
        "900",
    ]);
    // It does the first tables, and waits for somebody on the last until the window is over.
    holder.say("BEGIN");
    holder.say("UPDATE events_rest SET note = note WHERE parent IS NOT NULL AND parent_day IS NULL");
    let running = stage.under_way();
    let (code, said) = stage.end_of(running);
    holder.say("ROLLBACK");
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("The window has ended"), "{said}");
    assert_eq!(stage.database.ask("SELECT state FROM waif.run"), "paused");
    stage.until_nobody_works();
    stage.the_journal_is_true();
    // The plan of that run has no other window: whoever resumes is told so, and goes on in another one.
    let resumed = stage.resume().run();
    assert_ne!(resumed.code, Some(0), "{resumed:#?}");
    let said = resumed.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("window") && said.contains("ended"), "{resumed:#?}");
    stage.the_journal_is_true();
    stage.until_nobody_works();
    let (url, run, name) = (stage.database.url(), stage.id(), stage.database.name());
    let args = ["resume", &url, &run, "--allow-writes", "--confirm", name, "--window-end", "none"];
    stage.ended_as_if_undisturbed(&Waif::new(args).run());
    let listed = Waif::new(["runs", &url]).run();
    assert!(listed.stdout.contains("finished"), "{listed:#?}");
}
