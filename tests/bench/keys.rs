//! A foreign key on twelve partitions: proved step by step, against the plain statement that blocks until it is done.

use crate::backfill::{planned, run};
use crate::data;
use crate::rows::fill;
use crate::support::Server;
use crate::trial::{Beside, Cost, ask, copy, drop_copy, look, touch, tried};

const PLAIN: &str = "ALTER TABLE audit_events ADD FOREIGN KEY (parent_event_id, parent_event_date)
    REFERENCES audit_events (event_id, event_date) ON DELETE RESTRICT";
const STAGE: [&str; 1] = [
    "add-fk:audit_events(parent_event_id,parent_event_date)->audit_events(event_id,event_date)?on_delete=restrict",
];

pub fn keys(server: &Server, rows: u64) {
    fill(server, "dated", &data::undated(rows));
    let fill = "UPDATE audit_events c SET parent_event_date = p.event_date FROM audit_events p WHERE p.event_id = c.parent_event_id";
    ask(server, "dated", fill);
    ask(server, "dated", "VACUUM ANALYZE");
    ask(server, "dated", "CREATE INDEX ON audit_events (parent_event_id, parent_event_date)");
    println!("\n## Foreign key on {rows} rows in 12 partitions\n");
    println!("| | s | s of backends | worst ms of a writer | worst ms of a reader |\n|---|---|---|---|---|");
    copy(server, "dated", "keyed");
    let plain = || {
        let mut psql = server.psql("postgres", "keyed");
        psql.args(["-c", PLAIN]);
        psql
    };
    let cost = tried(server, "keyed", plain());
    copy(server, "dated", "keyed");
    tell("ADD FOREIGN KEY", cost, stalled(server, rows, plain()));
    copy(server, "dated", "keyed");
    let home = tempfile::tempdir().expect("a folder");
    let plan = planned(server, "keyed", &STAGE, home.path());
    let cost = tried(server, "keyed", run(server, "keyed", &plan));
    copy(server, "dated", "keyed");
    let plan = planned(server, "keyed", &STAGE, home.path());
    tell("waif run (target: worst 300)", cost, stalled(server, rows, run(server, "keyed", &plan)));
    let unproved = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'audit_events'::regclass AND convalidated";
    assert_eq!(ask(server, "keyed", unproved), "1", "the key is there and proved");
    drop_copy(server, "keyed");
}

/// The worst that befell an application beside it: a writer, a reader.
fn stalled(server: &Server, rows: u64, mut command: std::process::Command) -> [f64; 2] {
    let writer = Beside::begin(server, "keyed", touch(rows));
    let reader = Beside::begin(server, "keyed", look(rows));
    std::thread::sleep(std::time::Duration::from_millis(300));
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [writer.end()[2], reader.end()[2]]
}

fn tell(what: &str, cost: Cost, [writer, reader]: [f64; 2]) {
    println!("| {what} | {:.2} | {:.2} | {writer:.0} | {reader:.0} |", cost.wall, cost.cpu);
}
