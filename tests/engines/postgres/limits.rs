//! Time, locks, and servers that die: what was cut off is said to be cut off.

use crate::support::{Database, Proxy, Server, Waif, check, skipped, waif};
use std::time::{Duration, Instant};

/// A table whose count takes the server long enough to be interrupted, and one that takes no time.
const SLOW: &str = "
    CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (1);
    CREATE TABLE quick(p int REFERENCES parent); INSERT INTO quick VALUES (1);
    CREATE TABLE slow(p int REFERENCES parent);
    SET session_replication_role = replica; -- no check row by row
    INSERT INTO slow SELECT 1 FROM generate_series(1, 3000000);";

#[test]
fn a_statement_that_takes_too_long_is_not_checked() {
    let database = Database::with("limits", SLOW);
    let checked = check(&database.url(), &["--statement-timeout", "50ms"]);
    let slow = checked.relation("slow(p)->parent(id)");
    assert_eq!(slow["verdict"], "not_checked", "{slow}");
    assert!(slow["reason"].as_str().is_some_and(|why| why.contains("50 ms")), "{slow}");
    assert_eq!(checked.relation("quick(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.code(), Some(4));
}

#[test]
fn a_table_locked_by_others_is_not_checked() {
    let database = Database::with(
        "limits",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int REFERENCES parent);
         CREATE TABLE free(p int REFERENCES parent);",
    );
    let mut other = database.session();
    other.say("BEGIN; LOCK TABLE child IN ACCESS EXCLUSIVE MODE");
    let begun = Instant::now();
    let checked = check(&database.url(), &[]);
    assert!(begun.elapsed() < Duration::from_secs(30), "waiting has an end");
    let child = checked.relation("child(p)->parent(id)");
    assert_eq!(child["verdict"], "not_checked", "{child}");
    assert!(child["reason"].as_str().is_some_and(|why| why.contains("lock")), "{child}");
    assert_eq!(checked.relation("free(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.code(), Some(4));
}

/// Of a table that is written anew nothing is left that an earlier moment would see: neither orphans nor parents.
#[test]
fn a_table_written_anew_while_it_is_waited_for_is_counted_as_it_is_then() {
    let anew = [
        "ALTER TABLE child ALTER COLUMN id TYPE bigint",
        "ALTER TABLE leaf ADD COLUMN note int DEFAULT (random() * 9)::int",
        "ALTER TABLE parent ADD COLUMN note int DEFAULT (random() * 9)::int",
        "CREATE TABLE kept AS TABLE child; TRUNCATE child; INSERT INTO child SELECT * FROM kept",
    ];
    for (snapshot, anew) in ["one", "per-relation"].into_iter().flat_map(|one| anew.map(|anew| (one, anew))) {
        let anew = anew.replace("ALTER TABLE leaf ADD COLUMN", "ALTER TABLE child ADD COLUMN");
        let database = Database::with(
            "anew",
            "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(id int, p int REFERENCES parent) PARTITION BY LIST (p);
             CREATE TABLE leaf PARTITION OF child DEFAULT;
             INSERT INTO parent SELECT generate_series(1, 100); INSERT INTO child SELECT i, i FROM generate_series(1, 100) i;
             SET session_replication_role = replica; DELETE FROM parent WHERE id <= 40",
        );
        let mut other = database.session();
        other.say(&format!("SET session_replication_role = replica; BEGIN; {anew}"));
        let url = database.url();
        let checking =
            std::thread::spawn(move || check(&url, &["--snapshot", snapshot, "--lock-timeout", "30s"]));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waif' AND wait_event_type = 'Lock' \
                     AND query LIKE '%sum(o.orphans)%'";
        let begun = Instant::now();
        while database.count(waits) == 0 && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        other.say("COMMIT");
        let checked = checking.join().expect("it ends");
        let child = checked.relation("child(p)->parent(id)");
        assert_eq!(
            (&child["orphans"], &child["rows"]),
            (&40.into(), &100.into()),
            "{snapshot}: {anew}: {child}"
        );
        assert_eq!(checked.code(), Some(1), "{snapshot}: {anew}");
    }
}

#[test]
fn patterns_and_row_limits_leave_out_and_say_so() {
    let database = Database::with("limits", SLOW);
    database.execute("ANALYZE");
    let checked = check(&database.url(), &["--max-rows", "1000"]);
    assert_eq!(checked.relation("slow(p)->parent(id)")["verdict"], "not_checked");
    assert_eq!(checked.relation("quick(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.code(), Some(4));
    let skipped = check(&database.url(), &["--skip", "slow"]);
    assert_eq!(skipped.relation("slow(p)->parent(id)")["verdict"], "not_checked");
}

/// A server of its own, with one database full of work.
fn doomed() -> Server {
    let server = Server::start(&[]);
    let mut psql = server.psql("postgres", "postgres");
    let made = psql.args(["-c", SLOW]).status().expect("psql runs");
    assert!(made.success());
    server
}

/// Waits until the program's own count of the slow table runs on the server.
fn while_counting(server: &Server, then: impl FnOnce()) {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let mut psql = server.psql("postgres", "postgres");
        psql.args(["-c", "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%slow%' AND pid <> pg_backend_pid()"]);
        let output = psql.output().expect("psql runs");
        if String::from_utf8_lossy(&output.stdout).trim() != "0" {
            return then();
        }
        assert!(Instant::now() < patience, "the count never showed up on the server");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_server_that_dies_while_counting_ends_the_check_with_3_and_no_clean_verdict() {
    let server = doomed();
    let target = server.url("postgres", "postgres");
    let run = std::thread::spawn(move || waif(["check", &target, "--format", "json"]));
    while_counting(&server, || server.kill());
    let outcome = run.join().expect("the run ends");
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    assert!(!outcome.stdout.contains("\"complete\":true") && !outcome.stdout.contains("\"complete\": true"));
}

#[test]
fn a_link_that_is_cut_while_counting_ends_the_check_with_3() {
    let server = doomed();
    let proxy = Proxy::before(server.socket());
    let target = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", proxy.port());
    let run = std::thread::spawn(move || waif(["check", &target, "--format", "json"]));
    while_counting(&server, || proxy.cut());
    let outcome = run.join().expect("the run ends");
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
}

fn interrupt(pid: u32) {
    let sent = std::process::Command::new("/bin/kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn an_interrupt_ends_with_130_and_leaves_no_statement_behind() {
    let server = doomed();
    let mut run = Waif::new(["check", &server.url("postgres", "postgres")]).spawn();
    while_counting(&server, || {
        let pid = run.id().to_string();
        assert!(
            std::process::Command::new("/bin/kill").args(["-INT", &pid]).status().expect("kill").success()
        );
    });
    let begun = Instant::now();
    let status = run.wait().expect("the run ends");
    assert_eq!(status.code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(5), "an interrupt is not a request for patience");
    std::thread::sleep(Duration::from_millis(300));
    let mut psql = server.psql("postgres", "postgres");
    psql.args(["-c", "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'waif%'"]);
    assert_eq!(String::from_utf8_lossy(&psql.output().expect("psql runs").stdout).trim(), "0");
}

/// A link that stays open and says nothing more: only a person can end that, and must be able to.
#[test]
fn an_interrupt_ends_a_run_whose_link_fell_silent() {
    let server = doomed();
    let proxy = Proxy::before(server.socket());
    let target = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", proxy.port());
    let mut run = Waif::new(["check", &target]).spawn();
    while_counting(&server, || proxy.fall_silent());
    let begun = Instant::now();
    let ended = (0..3).find_map(|_| {
        interrupt(run.id());
        run.wait_for(Duration::from_secs(3))
    });
    assert_eq!(ended.expect("three interrupts end everything").code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(8));
}

/// A server that takes the connection and never says a word must not hold anybody longer than the limit on connecting.
#[test]
fn a_door_that_opens_onto_silence_is_left_in_time() {
    let proxy = Proxy::before(Server::shared().socket());
    proxy.fall_silent();
    let target =
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable&connect_timeout=2", proxy.port());
    let begun = Instant::now();
    let outcome = waif(["check", &target]);
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_hot_standby_is_inspected_like_its_primary() {
    let primary = Server::start(&[]);
    let mut psql = primary.psql("postgres", "postgres");
    psql.args([
        "-c",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int REFERENCES parent);",
    ]);
    psql.args(["-c", "SET session_replication_role = replica; INSERT INTO child VALUES (1), (2)"]);
    assert!(psql.status().expect("psql runs").success());
    let Some(standby) = primary.standby() else {
        return skipped("a hot standby", "this server came without pg_basebackup");
    };
    let checked = check(&standby.url("postgres", "postgres"), &[]);
    assert_eq!(checked.relation("child(p)->parent(id)")["orphans"], 2);
    assert_eq!(checked.code(), Some(1), "{}", checked.outcome.stderr);
}
