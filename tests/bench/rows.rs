//! Counting orphans in big tables.

use crate::data;
use crate::stopwatch::{Contender, race};
use crate::support::{Server, SqliteFile, check};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a script on a new database of the server.
pub fn fill(server: &Server, database: &str, script: &str) {
    let made =
        server.psql("postgres", "postgres").args(["-c", &format!("CREATE DATABASE {database}")]).status();
    assert!(made.expect("psql runs").success());
    let mut psql = server.psql("postgres", database);
    let mut child = psql.args(["-f", "-"]).stdin(Stdio::piped()).spawn().expect("psql runs");
    child.stdin.take().expect("piped").write_all(script.as_bytes()).expect("psql reads");
    assert!(child.wait().expect("psql ends").success(), "the data could not be made");
}

/// The program on a target.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waif"));
    command.env_clear().env("HOME", "/nonexistent").env("PATH", "/usr/bin:/bin").args(args);
    command
}

/// One statement by psql.
fn sql<'a>(server: &'a Server, database: &'a str, text: &'a str) -> impl Fn() -> Command + 'a {
    move || {
        let mut psql = server.psql("postgres", database);
        psql.args(["-c", "SET work_mem = '64MB'", "-c", text]);
        psql
    }
}

/// A contender that counts wrongly is not worth timing.
fn agree(target: &str, relation: &str, plain: u64) {
    assert_eq!(check(target, &[]).relation(relation)["orphans"], plain, "{relation}");
}

/// What a statement counts.
fn counted(server: &Server, database: &str, text: &str) -> u64 {
    let output = server.psql("postgres", database).args(["-c", text]).output().expect("psql runs");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("one number")
}

pub fn audit(server: &Server, rows: u64, rounds: usize) {
    fill(server, "audit", &data::audit(rows));
    let url = server.url("postgres", "audit");
    let missing = "parent_event_id IS NOT NULL AND parent_event_date IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM audit_events p WHERE p.event_id = c.parent_event_id AND p.event_date = c.parent_event_date)";
    let orphans = format!("SELECT count(*) FROM audit_events c WHERE {missing}");
    let relation = "audit_events(parent_event_id,parent_event_date)->audit_events(event_id,event_date)";
    agree(&url, relation, counted(server, "audit", &orphans));
    let figures = format!(
        "SELECT count(*), count(DISTINCT (parent_event_id, parent_event_date)) FROM audit_events c WHERE {missing};
         SELECT count(*), count(*) FILTER (WHERE parent_event_id IS NULL AND parent_event_date IS NULL),
           count(*) FILTER (WHERE (parent_event_id IS NULL) <> (parent_event_date IS NULL)) FROM audit_events"
    );
    race(
        &format!("audit: one composite reference of {rows} rows in 12 partitions to themselves"),
        rounds,
        &[
            Contender::new("orphans by NOT EXISTS, plain SQL", sql(server, "audit", &orphans)),
            Contender::new(
                "count of the key column, plain SQL",
                sql(server, "audit", "SELECT count(parent_event_date) FROM audit_events"),
            ),
            Contender::new("all figures of a check, plain SQL", sql(server, "audit", &figures)),
            Contender::new("waif check", || program(&["check", &url, "--format", "json"])),
        ],
    );
}

fn orphans(column: &str, parent: &str) -> String {
    format!(
        "SELECT count(*) FROM port_scans c WHERE {column} IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.{column})"
    )
}

fn three() -> String {
    [("host_id", "hosts"), ("scanner_id", "scanners"), ("campaign_id", "campaigns")]
        .map(|(column, parent)| orphans(column, parent))
        .join(";\n")
}

pub fn hosts(server: &Server, rows: u64, rounds: usize) {
    fill(server, "hosts", &data::hosts(rows));
    let url = server.url("postgres", "hosts");
    let (three, one) = (three(), orphans("host_id", "hosts"));
    let only = "port_scans(host_id)->hosts(id)";
    agree(&url, only, counted(server, "hosts", &one));
    let round = |title: &str| {
        race(
            title,
            rounds,
            &[
                Contender::new("three NOT EXISTS, plain SQL", sql(server, "hosts", &three)),
                Contender::new(
                    "count of the key column, plain SQL",
                    sql(server, "hosts", "SELECT count(host_id) FROM port_scans"),
                ),
                Contender::new("one NOT EXISTS, plain SQL", sql(server, "hosts", &one)),
                Contender::new("waif check, two jobs", || program(&["check", &url, "--format", "json"])),
                Contender::new("waif check, one job", || {
                    program(&["check", &url, "--format", "json", "--jobs", "1"])
                }),
                Contender::new("waif check of one relation", || {
                    program(&["check", &url, "--format", "json", "--only", only])
                }),
            ],
        );
    };
    round(&format!("hosts: three references of {rows} port scans, no index on the child"));
    let mut psql = server.psql("postgres", "hosts");
    psql.args([
        "-c",
        "CREATE INDEX ON port_scans (host_id)",
        "-c",
        "CREATE INDEX ON port_scans (scanner_id)",
    ]);
    psql.args(["-c", "CREATE INDEX ON port_scans (campaign_id)", "-c", "VACUUM (ANALYZE) port_scans"]);
    assert!(psql.status().expect("psql runs").success());
    round("hosts: the same with an index on each child column");
}

pub fn sqlite(rows: u64, rounds: usize) {
    let file = SqliteFile::with(&data::hosts_sqlite(rows));
    let target = file.target();
    agree(&target, "port_scans(host_id)->hosts(id)", file.count(&orphans("host_id", "hosts")));
    let three = three();
    let shell = |text: &'static str| {
        let path = file.path().to_owned();
        move || {
            let mut shell = Command::new("sqlite3");
            shell.args(["-cmd", "PRAGMA mmap_size = 8589934592"]).arg(&path).arg(text);
            shell
        }
    };
    let asked: &'static str = three.leak();
    race(
        &format!("SQLite: three references of {rows} port scans"),
        rounds,
        &[
            Contender::new("three NOT EXISTS, sqlite3", shell(asked)),
            Contender::new(
                "count of the key column, sqlite3",
                shell("SELECT count(host_id) FROM port_scans"),
            ),
            Contender::new(
                "PRAGMA foreign_key_check, sqlite3",
                shell("SELECT count(*) FROM pragma_foreign_key_check"),
            ),
            Contender::new("waif check", || program(&["check", &target, "--format", "json"])),
        ],
    );
}
