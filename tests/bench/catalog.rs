//! Reading big catalogs, starting, and the memory it takes.

use crate::data;
use crate::rows::{fill, program};
use crate::stopwatch::{Contender, peak_memory, race};
use crate::support::Server;

/// The cheapest reading that still knows every key: raw rows, joined by the client.
const RAW: &str = "
    SELECT oid, relname, relkind, relnamespace, reltuples FROM pg_class;
    SELECT oid, conname, conrelid, confrelid, conkey, confkey, confdeltype, convalidated FROM pg_constraint WHERE contype = 'f';
    SELECT indexrelid, indrelid, indkey, indisvalid, indisunique FROM pg_index;
    SELECT attrelid, attnum, attname, atttypid, attnotnull FROM pg_attribute WHERE attnum > 0";

pub fn catalog(server: &Server, tables: u64, rounds: usize) {
    fill(server, "catalog", &data::catalog(tables));
    let mut psql = server.psql("postgres", "catalog");
    assert!(psql.args(["-c", "VACUUM (ANALYZE)"]).status().expect("psql runs").success());
    let url = server.url("postgres", "catalog");
    let around = || program(&["graph", &url, "--format", "json", "--around", "t1", "--hops", "1"]);
    race(
        &format!("catalog: {tables} tables, {} foreign keys", tables * 2),
        rounds,
        &[
            Contender::new("the four catalogs raw, plain SQL", || {
                let mut psql = server.psql("postgres", "catalog");
                psql.args(["-c", RAW]);
                psql
            }),
            Contender::new("pg_dump --schema-only", || {
                let psql = server.psql("postgres", "catalog");
                let mut dump = std::process::Command::new(
                    std::path::Path::new(psql.get_program()).with_file_name("pg_dump"),
                );
                dump.env_clear()
                    .args(["--schema-only", "-U", "postgres", "-h"])
                    .arg(server.socket_folder())
                    .arg("catalog");
                dump
            }),
            Contender::new("waif graph around one table", around),
            Contender::new("waif check of everything", || program(&["check", &url, "--format", "json"])),
        ],
    );
    println!("\nPeak memory of the check: {} MB", peak_memory(program(&["check", &url, "--format", "json"])));
}

pub fn start(rounds: usize) {
    race(
        "start",
        rounds * 5,
        &[
            Contender::new("/bin/true", || std::process::Command::new("/bin/true")),
            Contender::new("waif --version", || program(&["--version"])),
        ],
    );
}
