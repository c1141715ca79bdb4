//! What a role really sent, read from the server's own log: the witness of every promise not to write.

use super::database::Database;
use super::unique;
use std::time::{Duration, Instant};

/// Every statement the role sent to the database so far, in order, as the server logged it.
pub fn of(database: &Database, role: &str) -> Vec<String> {
    // The log's collector reads one pipe: once a later line has arrived, all earlier ones have.
    let marker = unique("marker");
    database.ask(&format!("SELECT '{marker}'"));
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let log = std::fs::read(database.server().log()).expect("the server logs");
        let records = records(&log);
        if records.iter().any(|record| record.message.contains(&marker)) {
            return records
                .into_iter()
                .filter(|record| record.role == role && record.database == database.name())
                .filter_map(|record| statement(&record.message))
                .collect();
        }
        assert!(Instant::now() < patience, "the server's log never showed {marker}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Record {
    role: String,
    database: String,
    message: String,
}

/// The columns of csvlog: 1 user, 2 database, 13 message.
fn records(log: &[u8]) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(log);
    reader
        .byte_records()
        .filter_map(Result::ok)
        .filter_map(|record| {
            let field = |at: usize| record.get(at).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            Some(Record { role: field(1)?, database: field(2)?, message: field(13)? })
        })
        .collect()
}

/// `statement: SELECT 1` and `execute sqlx_s_1: SELECT 1` both hold `SELECT 1`.
fn statement(message: &str) -> Option<String> {
    let (head, text) = message.split_once(": ")?;
    (head == "statement" || head.starts_with("execute ")).then(|| text.to_owned())
}
