//! A repair as a person does it: staged, planned, confirmed by name, run; and the database is what it should be.

use super::support::Database;
use super::terminal::Terminal;

/// A reference nobody proved, and the column that half of it copies, never filled.
const SHOP: &str = "
    CREATE TABLE customers(id bigint PRIMARY KEY, region text NOT NULL, UNIQUE(region, id));
    CREATE TABLE orders(id bigint PRIMARY KEY, customer_id bigint NOT NULL, customer_region text);
    INSERT INTO customers SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 100) n;
    INSERT INTO orders SELECT n, n % 100 + 1, NULL FROM generate_series(1, 20000) n;
    ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_region, customer_id)
        REFERENCES customers(region, id) NOT VALID;
    ANALYZE;";

const UNFILLED: &str = "SELECT count(*) FROM orders WHERE customer_region IS NULL";
const WRONG: &str = "SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id
                     WHERE o.customer_region IS DISTINCT FROM c.region";

#[test]
fn a_backfill_is_staged_confirmed_by_name_and_run_and_the_counts_are_right() {
    let database = Database::with("mending", SHOP);
    let mut terminal = Terminal::open(&["--allow-writes", &database.url()], (120, 40), &[]);
    terminal.wait_for("Complete");
    assert!(terminal.line(0).contains("WRITES OFF"), "{}", terminal.text());
    terminal.press("4/half-null\r ");
    terminal.wait_for("Staged backfill:");
    terminal.press("5");
    terminal.wait_for("writes 20,000 rows");
    terminal.press("X");
    terminal.wait_for("Type the database name");
    assert!(terminal.line(0).contains("WRITES ON"), "{}", terminal.text());
    terminal.press("wrong\r");
    terminal.wait_for("letter by letter");
    assert_eq!(database.count(UNFILLED), 20_000, "nothing is written before the name");
    terminal.press(&"\u{7f}".repeat(5));
    terminal.press(database.name());
    terminal.wait_for("Enter runs it");
    terminal.press("\r");
    terminal.wait_for("FINISHED and proved");
    assert_eq!(database.count(UNFILLED), 0);
    assert_eq!(database.count(WRONG), 0);
    terminal.wait_for("WRITES OFF");
    terminal.press("\t");
    terminal.wait_for("Runs of the journal");
    terminal.wait_for("finished");
    terminal.press("1");
    terminal.wait_for("Complete");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[test]
fn without_permission_the_plan_can_be_read_and_nothing_more() {
    let database = Database::with("mending", SHOP);
    let mut terminal = Terminal::open(&[&database.url()], (120, 40), &[]);
    terminal.wait_for("Complete");
    assert!(terminal.line(0).contains("READ-ONLY"), "{}", terminal.text());
    terminal.press("4/half-null\r 5");
    terminal.wait_for("writes 20,000 rows");
    terminal.press("X");
    terminal.wait_for("Writes are not allowed here");
    assert_eq!(database.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'waif'"), 0);
    terminal.press("1q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

const WAITS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                     AND application_name LIKE 'waif/%' AND wait_event_type = 'Lock'";
const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                    AND application_name LIKE 'waif%' AND xact_start IS NOT NULL";

/// Stages the backfill, confirms it by name, and runs it into a lock that somebody else holds.
fn into_a_lock(terminal: &mut Terminal, database: &Database) -> super::support::Session {
    terminal.wait_for("Complete");
    terminal.press("4/half-null\r ");
    terminal.wait_for("Staged backfill:");
    terminal.press("5");
    terminal.wait_for("writes 20,000 rows");
    terminal.press("X");
    terminal.wait_for("Type the database name");
    terminal.press(database.name());
    terminal.wait_for("Enter runs it");
    let mut holder = database.session();
    holder.say("BEGIN; UPDATE orders SET id = id WHERE id % 2000 = 1999");
    terminal.press("\r");
    until("a batch that waits", || database.count(WAITS) > 0);
    holder
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Rows of the journal are the rows that are filled.
fn the_journal_is_true(database: &Database) {
    let filled = "SELECT count(*) FROM orders WHERE customer_region IS NOT NULL";
    let written = database.count("SELECT coalesce(sum(rows), 0)::bigint FROM waif.batch");
    assert_eq!(database.count(filled), written);
    assert_eq!(database.count("SELECT coalesce(sum(rows), 0)::bigint FROM waif.step"), written);
}

#[cfg(unix)]
#[test]
fn ctrl_z_waits_until_no_transaction_is_open_and_fg_lets_the_run_go_on() {
    let database = Database::with("mending", SHOP);
    let mut terminal = Terminal::shell((120, 40));
    terminal.wait_for("shell> ");
    terminal.press("bind 'set enable-bracketed-paste off'; echo pl''ain\r");
    terminal.wait_for("plain");
    terminal.press(&format!("{} --allow-writes '{}'\r", env!("CARGO_BIN_EXE_waif"), database.url()));
    let mut holder = into_a_lock(&mut terminal, &database);
    terminal.press("\u{1a}");
    terminal.wait_for("Stopping when no transaction is open");
    assert!(terminal.alternate(), "it is not stopped in the middle of a batch");
    holder.say("ROLLBACK");
    terminal.wait_clean();
    terminal.wait_for("Stopped");
    assert_eq!(database.count(OPEN), 0, "nothing is open while it is stopped");
    the_journal_is_true(&database);
    terminal.press("fg\r");
    terminal.wait_for("FINISHED and proved");
    assert_eq!(database.count(UNFILLED), 0);
    the_journal_is_true(&database);
    terminal.press("1");
    terminal.wait_for("Complete");
    terminal.press("q");
    terminal.wait_clean();
    terminal.wait_prompt();
    terminal.press("exit\r");
    terminal.ends();
}

#[cfg(unix)]
#[test]
fn a_terminal_that_closes_lets_the_batch_end_and_the_journal_says_where_to_go_on() {
    let database = Database::with("mending", SHOP);
    let mut terminal = Terminal::open(&["--allow-writes", &database.url()], (120, 40), &[]);
    let mut holder = into_a_lock(&mut terminal, &database);
    terminal.signal("HUP");
    std::thread::sleep(std::time::Duration::from_millis(300));
    terminal.signal("HUP");
    holder.say("ROLLBACK");
    assert_eq!(terminal.ends(), 129);
    terminal.assert_clean();
    assert_eq!(database.count(OPEN), 0);
    the_journal_is_true(&database);
    let state = database.ask("SELECT state FROM waif.run");
    assert!(["stopped", "finished"].contains(&state.as_str()), "{state}");
}

#[cfg(debug_assertions)]
#[test]
fn a_defect_while_a_run_goes_on_gives_the_terminal_back_and_tells_the_run() {
    let database = Database::with("mending", SHOP);
    let args = ["--allow-writes", &database.url()];
    let mut terminal = Terminal::open(&args, (120, 40), &[("TEST_BREAKS_WAIF_OFF", "1")]);
    let mut holder = into_a_lock(&mut terminal, &database);
    let id = database.ask("SELECT id FROM waif.run");
    terminal.press("\u{1b}[200~canary\u{1b}[201~");
    terminal.wait_clean();
    holder.say("ROLLBACK");
    assert_eq!(terminal.ends(), 101);
    terminal.assert_clean();
    let text = terminal.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&format!("Run {id} was going on")), "{text}");
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(database.count(OPEN), 0);
    the_journal_is_true(&database);
}

/// The same with so many rows that a run can be met on its way.
fn large() -> String {
    SHOP.replace("20000", "120000")
}

/// Somebody who runs the backfill, as far as its first batches.
fn begun(database: &Database, size: (u16, u16)) -> Terminal {
    let mut terminal = Terminal::open(&["--allow-writes", &database.url()], size, &[]);
    terminal.wait_for("Complete");
    terminal.press("4/half-null\r ");
    terminal.wait_for("Staged backfill:");
    terminal.press("5");
    terminal.wait_for("writes 120,000 rows");
    terminal.press("X");
    terminal.wait_for("Type the database name");
    terminal.press(database.name());
    terminal.press("\r");
    terminal.wait_for("batch 2 of");
    terminal
}

/// Opens the runs of the journal in a terminal of its own.
fn runs(database: &Database) -> Terminal {
    let mut terminal = Terminal::open(&["--allow-writes", &database.url()], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.press("6");
    terminal.wait_for("Runs of the journal");
    terminal
}

#[test]
fn a_run_whose_terminal_was_killed_goes_on_by_its_row_in_the_history() {
    let database = Database::with("mending", &large());
    let mut terminal = begun(&database, (80, 24));
    terminal.press("pT2099-01-01T00:00Z\r");
    terminal.wait_for("PAUSED");
    terminal.wait_for("window ends 2099");
    terminal.press("-");
    terminal.wait_for("by hand");
    terminal.press("p");
    terminal.wait_for("RUNNING");
    terminal.signal("KILL");
    terminal.ends();
    let left = database.count(UNFILLED);
    assert!(left > 0 && left < 120_000, "{left} rows are left: the run was not on its way");

    let mut next = runs(&database);
    next.wait_for("broken off");
    next.press("X");
    next.wait_for("Resume on PRODUCTION");
    next.press(database.name());
    next.press("\r");
    next.wait_for("FINISHED and proved");
    assert_eq!(database.count(UNFILLED), 0);
    assert_eq!(database.count(WRONG), 0);
    assert_eq!(database.count("SELECT rows FROM waif.step WHERE id = '1a'"), 120_000, "none twice");
    next.press("\t");
    next.wait_for("Runs of the journal");
    next.wait_for("finished");
    next.wait_for("audit log of this machine: whole");
    next.press("1q");
    assert_eq!(next.ends(), 0);
    next.assert_clean();
}

#[test]
fn a_run_that_another_terminal_holds_is_taken_over_and_that_one_writes_no_more() {
    let database = Database::with("mending", &large());
    let mut first = begun(&database, (100, 30));
    first.press("p");
    first.wait_for("PAUSED");
    let left = database.count(UNFILLED);

    let mut second = runs(&database);
    second.wait_for("held by session");
    second.press("X");
    second.wait_for("TAKE A RUN OVER");
    second.press(database.name());
    second.press("\r");
    second.wait_for("FINISHED and proved");
    assert_eq!(database.count(UNFILLED), 0);
    assert_eq!(database.count(WRONG), 0);
    assert_eq!(database.count("SELECT rows FROM waif.step WHERE id = '1a'"), 120_000, "none twice");
    assert_eq!(database.count("SELECT epoch FROM waif.run"), 2);
    assert!(left > 0, "there was something left to take over");

    first.press("p");
    first.wait_for("FAILED");
    first.wait_for("took this run over");
    first.press("1q");
    assert_eq!(first.ends(), 0);
    second.press("1q");
    assert_eq!(second.ends(), 0);
    second.assert_clean();
}
