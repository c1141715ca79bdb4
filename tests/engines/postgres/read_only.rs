//! The proof of the first promise: a role with SELECT and nothing else, and the server's own log of what it sent.

use crate::support::{Database, Waif, check, statements, waif};

const STORY: &str = include_str!("../../fixtures/support/postgres.sql");

/// Whether everything in a logged text is one of the five kinds of statement that inspecting may send.
fn only_reads(text: &str) -> bool {
    let bare = without_quoted(text).to_uppercase();
    let mut statements = bare.split(';').map(words).filter(|words| !words.is_empty()).peekable();
    statements.peek().is_some() && statements.all(|words| reads(&words))
}

fn words(statement: &str) -> Vec<&str> {
    statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

fn reads(words: &[&str]) -> bool {
    let begins = matches!(words.first(), Some(&("SELECT" | "SHOW" | "SET" | "BEGIN" | "ROLLBACK" | "WITH")));
    // A WITH may hide a statement that writes.
    let writes = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "LOCK", "COPY", "INTO",
        "CALL", "EXECUTE", "NOTIFY", "VACUUM", "ANALYZE", "REINDEX",
    ];
    begins && !words.iter().any(|word| writes.contains(word))
}

/// A text without its comments, string literals and quoted names: what stands there does nothing.
fn without_quoted(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '"' => while rest.next().is_some_and(|next| next != c) {},
            '-' if rest.peek() == Some(&'-') => while rest.next().is_some_and(|next| next != '\n') {},
            c => bare.push(c),
        }
    }
    bare
}

#[test]
fn inspecting_sends_select_show_set_begin_and_rollback_only() {
    let database = Database::with("read_only", STORY);
    let reader = database.reader();
    let target = database.url_as(&reader);
    let checked = check(&target, &["--verify", "--jobs", "2"]);
    assert_eq!(checked.code(), Some(1), "{}", checked.outcome.stderr);
    let orphans = waif(["orphans", &target, "orders(customer_id)->customers(id)"]);
    assert_eq!(orphans.code, Some(0), "{orphans:#?}");
    let graph = waif(["graph", &target, "--format", "dot"]);
    assert_eq!(graph.code, Some(0), "{graph:#?}");
    let sent = statements::of(&database, &reader);
    assert!(sent.len() > 10, "the log holds what was sent: {sent:#?}");
    assert!(sent.iter().any(|statement| statement.contains("order_items")), "the counts are among them");
    let others: Vec<&String> = sent.iter().filter(|statement| !only_reads(statement)).collect();
    assert!(others.is_empty(), "more than reading: {others:#?}");
}

#[test]
fn the_witness_would_notice_a_write() {
    for text in [
        "DELETE FROM t",
        "WITH d AS (DELETE FROM t RETURNING 1) SELECT 1",
        "SELECT 1; DROP TABLE t",
        "SELECT 1 INTO t",
        "-- SELECT\nCOPY t TO '/tmp/t'",
        "COMMIT",
        "",
    ] {
        assert!(!only_reads(text), "{text}");
    }
    for text in [
        "SELECT 1",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET lock_timeout = 0; SET work_mem TO 1;",
        "-- may DELETE nothing\nSELECT 'DELETE; it''s', \"insert\"",
        "ROLLBACK",
    ] {
        assert!(only_reads(text), "{text}");
    }
}

/// Even a superuser's sessions are read-only by the server's own setting.
#[test]
fn the_server_itself_refuses_writes_in_our_sessions() {
    let database = Database::with("read_only", STORY);
    let checked = check(&database.url(), &[]);
    assert_eq!(checked.json["target"]["read_only"], true);
}

/// Nothing is left on the server: no session, no temporary table, no advisory lock.
#[test]
fn nothing_of_ours_remains_on_the_server() {
    let database = Database::with("read_only", STORY);
    let before = database.ask("SELECT count(*), sum(hashtext(oid::text)) FROM pg_class");
    Waif::new(["check", &database.url()]).run();
    assert_eq!(database.ask("SELECT count(*), sum(hashtext(oid::text)) FROM pg_class"), before);
    assert_eq!(database.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0);
}
