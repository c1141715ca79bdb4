//! Coming in, being thrown out and going: the picker on real databases, connections that break, statements that must not
//! outlive the person who asked for them.

use super::support::{Database, Proxy, Session};
use super::terminal::Terminal;
use std::time::{Duration, Instant};

/// A shop with orphans in `items`.
const SHOP: &str = "
    CREATE TABLE orders(id int PRIMARY KEY);
    CREATE TABLE items(id int PRIMARY KEY, order_id int);
    INSERT INTO orders SELECT generate_series(1, 10);
    INSERT INTO items SELECT n, n FROM generate_series(1, 30) n;
    ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID;";

fn shop() -> Database {
    Database::with("inspector", SHOP)
}

/// Holds a table so that nobody can read it while the session lives.
fn shut(database: &Database, table: &str) -> Session {
    let mut session = database.session();
    session.say(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"));
    session
}

/// Statements of ours that run on the server now.
fn running(database: &Database) -> u64 {
    database.count(
        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()
           AND application_name = 'waif' AND state = 'active'",
    )
}

/// Statements of ours that wait for a table somebody holds: counts and lists, for nothing else needs one.
fn held_up(database: &Database) -> u64 {
    database.count(
        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()
           AND application_name = 'waif' AND wait_event_type = 'Lock'",
    )
}

/// Sessions of ours on the server.
fn sessions(database: &Database) -> u64 {
    database.count(
        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()
           AND application_name = 'waif'",
    )
}

fn until(what: &str, patience: Duration, done: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !done() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const LONG: Duration = Duration::from_secs(60);
/// What is promised of statements nobody waits for any more.
const SOON: Duration = Duration::from_secs(3);

#[test]
fn without_a_target_a_url_is_typed_and_connected() {
    let database = shop();
    let mut terminal = Terminal::open(&[], (80, 24), &[]);
    terminal.wait_for("Type a target");
    terminal.wait_for("DATABASE_URL is not set");
    terminal.press(&format!("{}\r", database.url()));
    terminal.wait_for("Complete");
    terminal.wait_for("orphan rows");
    terminal.press("C");
    terminal.wait_for("Connections");
    terminal.press("\u{1b}");
    terminal.wait_gone("Type a target");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[test]
fn a_wrong_password_comes_back_to_its_field_and_a_right_one_goes_in() {
    let database = shop();
    let role = database.role("asked", "PASSWORD 'canary-right'");
    database.execute(&format!(
        "DO $$ BEGIN CREATE ROLE locked; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT locked TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let mut terminal = Terminal::open(&[&database.url_as(&role)], (80, 24), &[]);
    terminal.wait_for("Password for");
    terminal.press("canary-wrong");
    terminal.wait_for("************");
    terminal.press("\r");
    terminal.wait_for("refuses the password");
    terminal.wait_gone("************");
    assert!(!terminal.text().contains("canary"), "{}", terminal.text());
    terminal.press("canary-right\r");
    terminal.wait_for("Complete");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.text().contains("canary"), "{}", terminal.text());
}

#[test]
fn a_connection_lost_while_counting_is_told_and_can_be_made_again() {
    let database = shop();
    let proxy = Proxy::before(database.server().socket());
    let session = shut(&database, "items");
    let port = proxy.port();
    let url = format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name());
    let mut terminal = Terminal::open(&[&url, "--lock-timeout", "60s"], (80, 24), &[]);
    until("the count never began", LONG, || held_up(&database) > 0);
    terminal.wait_for("[1 Overview]");
    proxy.cut();
    terminal.wait_for("Something went wrong");
    terminal.wait_for("NO CONNECTION");
    drop(session);
    terminal.press("r");
    terminal.wait_for("Something went wrong");
    terminal.press("C");
    terminal.wait_for("Type a target");
    terminal.press(&format!("{}\r", database.url()));
    terminal.wait_for("Complete");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_backend_that_is_ended_is_told_and_r_connects_again() {
    let database = shop();
    let session = shut(&database, "items");
    let mut terminal = Terminal::open(&[&database.url(), "--lock-timeout", "60s"], (100, 30), &[]);
    until("the count never began", LONG, || held_up(&database) > 0);
    // A lost session is opened again a few times before the connection counts as lost.
    until("the loss was never told", LONG, || {
        database.execute(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
               WHERE datname = current_database() AND application_name = 'waif'",
        );
        terminal.text().contains("Something went wrong")
    });
    terminal.wait_for("NO CONNECTION");
    drop(session);
    terminal.press("r");
    terminal.wait_for("Complete");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_c_while_counting_ends_the_statement_on_the_server_and_again_leaves_with_130() {
    let database = shop();
    let _session = shut(&database, "items");
    let mut terminal = Terminal::open(&[&database.url(), "--lock-timeout", "60s"], (80, 24), &[]);
    until("the count never began", LONG, || held_up(&database) > 0);
    terminal.press("\u{3}");
    until("the statement runs on", LONG, || running(&database) == 0);
    terminal.wait_for("INCOMPLETE");
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130);
    until("a session was left behind", SOON, || sessions(&database) == 0);
}

#[test]
fn nothing_of_ours_runs_on_the_server_after_leaving_however_one_leaves() {
    for (leave, code) in [("q", 0), ("TERM", 130), ("HUP", 129)] {
        let database = shop();
        let _session = shut(&database, "items");
        let mut terminal = Terminal::open(&[&database.url(), "--lock-timeout", "60s"], (80, 24), &[]);
        until("the count never began", LONG, || held_up(&database) > 0);
        terminal.wait_for("[1 Overview]");
        match leave {
            "q" => terminal.press("q"),
            signal => terminal.signal(signal),
        }
        assert_eq!(terminal.ends(), code, "{leave}");
        until("a session was left behind", SOON, || sessions(&database) == 0);
        terminal.assert_clean();
    }
}

#[test]
fn a_list_nobody_waits_for_any_more_ends_on_the_server() {
    let database = shop();
    let mut terminal = Terminal::open(&[&database.url(), "--lock-timeout", "60s"], (80, 24), &[]);
    for way_out in ["q", "\u{1b}", "1"] {
        terminal.wait_for("Complete");
        let session = shut(&database, "items");
        terminal.press("2");
        terminal.wait_for("[2 Relations]");
        terminal.press("\r");
        until("the list was never asked for", LONG, || held_up(&database) > 0);
        terminal.press(way_out);
        until("the statement runs on", SOON, || running(&database) == 0);
        drop(session);
        terminal.press("1");
        terminal.wait_for("[1 Overview]");
    }
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn another_connection_ends_the_check_of_the_old_one_and_shows_nothing_of_it() {
    let (old, new) = (shop(), Database::with("inspector", "CREATE TABLE lonely(id int PRIMARY KEY)"));
    let _session = shut(&old, "items");
    let mut terminal = Terminal::open(&[&old.url(), "--lock-timeout", "60s"], (80, 24), &[]);
    until("the count never began", LONG, || held_up(&old) > 0);
    terminal.press("C");
    terminal.wait_for("Type a target");
    terminal.press(&format!("{}\r", new.url()));
    terminal.wait_for("Complete");
    until("the old database is still held", SOON, || sessions(&old) == 0);
    for (key, sign) in [("2", "[2 Relations]"), ("7", "[7 Log]"), ("1", "[1 Overview]")] {
        terminal.press(key);
        terminal.wait_for(sign);
        assert!(!terminal.text().contains("items"), "{}", terminal.text());
    }
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn hostile_text_pasted_anywhere_runs_nothing() {
    let services = services();
    let file = services.path().to_str().unwrap();
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[("PGSERVICEFILE", file)]);
    terminal.wait_for("Complete");
    let paste = "\u{1b}[200~x\u{7}\u{202e}y\u{9b}2J\rq\nq\u{1b}[201~";
    for (open, sign) in [("/", "filter /"), (":", "─ Find "), ("C/", "filter /"), ("C\t", "> Target")] {
        terminal.press(open);
        terminal.wait_for(sign);
        terminal.press(paste);
        terminal.wait_for("\\u{202E}y");
        terminal.press("\u{1b}");
        if open.starts_with('C') {
            terminal.wait_for("/ filter");
            terminal.press("\u{1b}");
        }
        terminal.wait_gone(sign);
        terminal.wait_for("[1 Overview]");
        terminal.wait_for("Complete");
    }
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

/// A file with two services.
fn services() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[shop]\nhost=nowhere\n[archive]\nhost=nowhere\n").unwrap();
    file
}

#[test]
fn in_a_dumb_or_tiny_terminal_it_still_comes_in_and_goes() {
    for (size, term) in [((1, 1), "xterm"), ((39, 9), "xterm"), ((80, 24), "dumb"), ((200, 60), "vt100")] {
        let mut terminal = Terminal::open(&["demo"], size, &[("TERM", term)]);
        if size.0 >= 80 {
            terminal.wait_for("Complete");
        } else if size.0 > 1 {
            terminal.wait_for("waif needs 40x10");
        } else {
            terminal.wait_for("w");
        }
        terminal.press("q");
        assert_eq!(terminal.ends(), 0, "{size:?} {term}");
        terminal.assert_clean();
    }
}

#[test]
fn without_colour_the_selected_connection_is_still_seen() {
    let services = services();
    let file = services.path().to_str().unwrap();
    let mut terminal = Terminal::open(&[], (80, 24), &[("NO_COLOR", "1"), ("PGSERVICEFILE", file)]);
    terminal.wait_for("service=archive");
    terminal.press("j");
    terminal.wait_for("> service=archive");
    let (inverse, coloured) = terminal.looks(terminal.row_of("> service=archive"));
    assert!(inverse && !coloured, "{}", terminal.text());
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

/// Runs the program without a terminal; returns the exit code and what it said.
fn piped(args: &[&str]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_waif"));
    command
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .current_dir(home.path());
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    assert!(output.stdout.is_empty(), "standard output carries data only");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn without_a_terminal_it_refuses_in_words_and_tells_where_it_looked() {
    let (code, said) = piped(&["demo"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("needs a terminal") && said.contains("waif check"), "{said}");
    let (code, said) = piped(&[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("DATABASE_URL is not set") && said.contains("has no profile"), "{said}");
}
