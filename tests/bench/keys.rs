//! A foreign key on twelve partitions: proved step by step, against the plain statement that blocks until it is done.

use crate::backfill::{planned, run};
use crate::data;
use crate::rows::fill;
use crate::support::Server;
use crate::trial::{Beside, Cost, Locks, ask, copy, drop_copy, look, touch, tried};

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
    println!("| | s | s of backends | worst ms of a writer | worst ms of a reader | longest strong locks |");
    println!("|---|---|---|---|---|---|");
    copy(server, "dated", "keyed");
    let plain = || script(server, PLAIN);
    let cost = tried(server, "keyed", plain());
    copy(server, "dated", "keyed");
    tell("ADD FOREIGN KEY", cost, &stalled(server, rows, plain()));
    copy(server, "dated", "keyed");
    let home = tempfile::tempdir().expect("a folder");
    let plan = planned(server, "keyed", &STAGE, home.path());
    let cost = tried(server, "keyed", run(server, "keyed", &plan));
    let proofs = ask(server, "keyed", PROOFS);
    copy(server, "dated", "keyed");
    let plan = planned(server, "keyed", &STAGE, home.path());
    let beside = stalled(server, rows, run(server, "keyed", &plan));
    tell("waif run (target: worst 300, locks 100 each)", cost, &beside);
    let proved = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'audit_events'::regclass AND conparentid = 0 AND convalidated";
    assert_eq!(ask(server, "keyed", proved), "1", "the key is there and proved");
    validated(server, &proofs);
    drop_copy(server, "keyed");
}

/// Every partition proved one after the other, the server left to itself, against the same steps of waif.
fn validated(server: &Server, proofs: &str) {
    let each = |text: fn(&str) -> String| {
        (1..=12).map(|month| text(&format!("audit_events_2025_{month:02}"))).collect::<Vec<_>>().join(";\n")
    };
    copy(server, "dated", "keyed");
    ask(
        server,
        "keyed",
        &each(|part| {
            format!(
                "ALTER TABLE {part} ADD CONSTRAINT fk FOREIGN KEY (parent_event_id, parent_event_date)
           REFERENCES audit_events (event_id, event_date) ON DELETE RESTRICT NOT VALID"
            )
        }),
    );
    let validate = each(|part| format!("ALTER TABLE {part} VALIDATE CONSTRAINT fk"));
    let plain = tried(server, "keyed", script(server, &validate));
    let ours: f64 = proofs.parse().expect("seconds");
    println!(
        "\nVALIDATE of every partition: plain {:.2} s, waif {ours:.2} s, ratio {:.2}; target before 18: 0.45",
        plain.wall,
        ours / plain.wall
    );
}

/// Seconds of the steps that prove a key.
const PROOFS: &str = "SELECT round(sum(extract(epoch FROM s.ended_at - s.started_at)), 3) FROM waif.run r,
    json_array_elements(r.plan::json -> 'steps') WITH ORDINALITY AS p(step, at), waif.step s
    WHERE s.run = r.id AND s.place = p.at - 1 AND p.step -> 'work' ->> 'kind' = 'prove_key'";

fn script(server: &Server, text: &str) -> std::process::Command {
    let mut psql = server.psql("postgres", "keyed");
    psql.args(["-c", text]);
    psql
}

/// What befell an application beside it: the worst of a writer and of a reader, in milliseconds, and the locks.
struct Stall {
    writer: f64,
    reader: f64,
    locks: String,
}

fn stalled(server: &Server, rows: u64, mut command: std::process::Command) -> Stall {
    let writer = Beside::begin(server, "keyed", touch(rows));
    let reader = Beside::begin(server, "keyed", look(rows));
    let locks = Locks::begin(server, "keyed");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Stall { writer: writer.end()[2], reader: reader.end()[2], locks: locks.end() }
}

fn tell(what: &str, cost: Cost, stall: &Stall) {
    let Stall { writer, reader, locks } = stall;
    println!("| {what} | {:.2} | {:.2} | {writer:.0} | {reader:.0} | {locks} |", cost.wall, cost.cpu);
}
