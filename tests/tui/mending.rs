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
    terminal.wait_for("rows to write");
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
    terminal.wait_for("rows to write");
    terminal.press("X");
    terminal.wait_for("Writes are not allowed here");
    assert_eq!(database.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'waif'"), 0);
    terminal.press("1q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}
