//! How near waif comes to the limit of plain SQL: the same data, the same server, the same run; statements and program
//! take turns, round by round, and medians are compared. Nothing is asserted: the table is for people.
//!
//! `cargo bench --bench limits -- --rows 5000000 --rounds 5 --only hosts`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot be made stops; its table is its output"
)]

#[path = "../support/mod.rs"]
mod support;

mod backfill;
mod catalog;
mod data;
mod graph;
mod input;
mod keys;
mod lite;
mod rebuild;
mod rows;
mod stopwatch;
mod trial;

use clap::Parser;
use support::Server;

/// Measures waif against plain SQL.
#[derive(Debug, Parser)]
struct Wish {
    /// Rows of the big tables.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Tables of the big catalog; each has two foreign keys.
    #[arg(long, default_value_t = 10_000)]
    tables: u64,
    /// How often each contender takes its turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only this part.
    #[arg(long, value_parser = ["audit", "hosts", "catalog", "sqlite", "start", "input", "layout", "graph", "backfill", "keys", "lite", "rebuild"])]
    only: Option<String>,
    /// How long keys are pressed, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Press keys on this database instead of ones made for the purpose.
    #[arg(long)]
    on: Option<String>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let wish = Wish::parse();
    let wants = |part: &str| wish.only.as_deref().is_none_or(|only| only == part);
    if wants("start") {
        catalog::start(wish.rounds);
    }
    if wants("sqlite") {
        rows::sqlite(wish.rows, wish.rounds);
    }
    if wants("rebuild") {
        rebuild::rebuild(wish.rows, wish.rounds);
    }
    if wants("layout") {
        graph::layouts(wish.rounds);
    }
    if let Some(target) = wish.on.as_ref().filter(|_| wish.only.as_deref() == Some("graph")) {
        return graph::over(target, target, wish.rounds);
    }
    if let Some(target) = &wish.on {
        return input::measure(target, target, wish.seconds);
    }
    if wants("graph") {
        graph::keys(wish.tables, wish.rounds);
    }
    if wants("input") {
        input::sqlite(wish.tables, wish.seconds);
    }
    if wants("lite") {
        lite::backfill(wish.rows, wish.rounds);
    }
    if wants("backfill") || wants("keys") {
        repair(&wish);
    }
    if !["audit", "hosts", "catalog", "input"].iter().any(|part| wants(part)) {
        return;
    }
    let server = Server::start(&[
        "shared_buffers = '1GB'",
        "max_wal_size = '8GB'",
        "autovacuum = off",
        "log_statement = 'none'",
        "max_locks_per_transaction = 1024",
    ]);
    println!("\n# PostgreSQL {}", server.major());
    if wants("audit") {
        rows::audit(&server, wish.rows, wish.rounds);
    }
    if wants("hosts") {
        rows::hosts(&server, wish.rows, wish.rounds);
    }
    if wants("catalog") {
        catalog::catalog(&server, wish.tables, wish.rounds);
    }
    if wants("input") {
        input::server(&server, wish.tables, wish.seconds);
    }
}

/// What writes is measured where writes are durable, without vacuums that come by chance.
fn repair(wish: &Wish) {
    let server = Server::start(&[
        "fsync = on",
        "full_page_writes = on",
        "synchronous_commit = on",
        "shared_buffers = '2GB'",
        "max_wal_size = '8GB'",
        "checkpoint_timeout = '30min'",
        "autovacuum = off",
        "log_statement = 'none'",
    ]);
    println!("\n# PostgreSQL {}, fsync on", server.major());
    if wish.only.as_deref().is_none_or(|only| only == "backfill") {
        backfill::backfill(&server, wish.rows, wish.rounds);
    }
    if wish.only.as_deref().is_none_or(|only| only == "keys") {
        keys::keys(&server, wish.rows);
    }
}
