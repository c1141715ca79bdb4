//! The backfill against the one UPDATE that does the same.

use crate::data;
use crate::rows::{fill, program};
use crate::support::Server;
use crate::trial::{Beside, Cost, ask, copy, drop_copy, followed, touch, tried};
use std::process::Command;

const SINGLE: &str = "UPDATE audit_events c SET parent_event_date = p.event_date FROM audit_events p
    WHERE p.event_id = c.parent_event_id AND c.parent_event_date IS NULL";
const STAGE: [&str; 1] = ["backfill:audit_events.parent_event_date"];
/// Where the copy comes from; no index and no key are staged that would tell it.
const COPY: &str = "[[copy]]
column = 'audit_events.parent_event_date'
from = 'event_date'
along = 'audit_events(parent_event_id)->audit_events(event_id)'
";
const LEFT: &str = "SELECT count(*), count(parent_event_date), md5(string_agg(event_id::text || coalesce(parent_event_date::text, '-'), '' ORDER BY event_id)) FROM audit_events";

pub fn backfill(server: &Server, rows: u64, rounds: usize) {
    fill(server, "undated", &data::undated(rows));
    println!("\n## Backfill: {rows} rows in 12 partitions\n");
    let mut all: [Vec<Cost>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        copy(server, "undated", "single");
        all[0].push(tried(server, "single", single(server)));
        let expected = ask(server, "single", LEFT);
        drop_copy(server, "single");
        copy(server, "undated", "batched");
        let home = tempfile::tempdir().expect("a folder");
        let plan = planned(server, "batched", &STAGE, home.path());
        all[1].push(filled(server, "batched", &plan));
        assert_eq!(ask(server, "batched", LEFT), expected, "it is not what one UPDATE makes of it");
        println!("{}", told(server, "batched"));
        // What the key is proved on afterwards.
        if all[1].len() < rounds {
            drop_copy(server, "batched");
        }
    }
    let [one, ours] = all.map(|costs| middle(&costs));
    println!("| | one UPDATE | waif run | ratio | target |\n|---|---|---|---|---|");
    let line = |what: &str, of: fn(&Cost) -> f64, target: &str| {
        let (a, b) = (of(&one), of(&ours));
        println!("| {what} | {a:.2} | {b:.2} | {:.2} | {target} |", b / a);
    };
    line("filling, s", |cost| cost.filling, "1.15");
    line("processor time of backends while filling, s", |cost| cost.filling_cpu, "0.95");
    line("all, with the plan compared and the proof, s", |cost| cost.wall, "");
    line("processor time of backends of all, s", |cost| cost.cpu, "");
    line("WAL, MB", |cost| cost.wal, "0.80");
    line("growth of table and indexes, MB", |cost| cost.growth, "0.55");
    println!("| updates that touch no index, % | {:.0} | {:.0} | | |", one.hot, ours.hot);
    println!("| memory of waif, MB | | {:.0} | | 150 |", ours.memory);
    stalls(server, rows);
}

/// A run, and how much of it was filling: from the first look for rows to the last batch.
fn filled(server: &Server, database: &str, plan: &str) -> Cost {
    let (cost, course) = followed(server, database, run(server, database, plan));
    let moments = "SELECT format('%s %s', extract(epoch FROM min(s.started_at)), (SELECT extract(epoch FROM max(at)) FROM waif.batch)) FROM waif.step s";
    let answer = ask(server, database, moments);
    let (from, to) = answer.split_once(' ').expect("two moments");
    let [from, to] = [from, to].map(|moment| moment.parse::<f64>().expect("a number"));
    Cost { filling: to - from, filling_cpu: course.between(from, to), ..cost }
}

/// An application beside it, in a round of its own: it costs both time.
fn stalls(server: &Server, rows: u64) {
    let none = {
        copy(server, "undated", "beside");
        let writer = Beside::begin(server, "beside", touch(rows));
        std::thread::sleep(std::time::Duration::from_secs(5));
        writer.end()
    };
    let writer = Beside::begin(server, "beside", touch(rows));
    let mut update = single(server).into_beside();
    assert!(update.status().expect("psql runs").success());
    let one = writer.end();
    copy(server, "undated", "beside");
    let home = tempfile::tempdir().expect("a folder");
    let plan = planned(server, "beside", &STAGE, home.path());
    let writer = Beside::begin(server, "beside", touch(rows));
    let output = run(server, "beside", &plan).output().expect("waif runs");
    let ours = writer.end();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left = "SELECT count(*) FROM audit_events c JOIN audit_events p ON p.event_id = c.parent_event_id WHERE c.parent_event_date IS NULL";
    assert_eq!(ask(server, "beside", left), "0", "nothing fillable is left");
    drop_copy(server, "beside");
    println!("\n| an application beside | median ms | p99 ms | worst ms |\n|---|---|---|---|");
    for (what, [median, p99, worst]) in
        [("nothing", none), ("one UPDATE", one), ("waif run (target: worst 300)", ours)]
    {
        println!("| {what} | {median:.1} | {p99:.1} | {worst:.0} |");
    }
}

fn single(server: &Server) -> Command {
    let mut psql = server.psql("postgres", "single");
    psql.args(["-c", SINGLE]);
    psql
}

/// The same for the database with the application beside.
trait IntoBeside {
    fn into_beside(self) -> Command;
}

impl IntoBeside for Command {
    fn into_beside(mut self) -> Command {
        // The last -d of psql counts.
        self.args(["-d", "beside"]);
        self
    }
}

/// Makes a plan file.
pub fn planned(server: &Server, database: &str, stage: &[&str], folder: &std::path::Path) -> String {
    let file = folder.join("plan.json").display().to_string();
    let url = server.url("postgres", database);
    std::fs::write(folder.join("copy.toml"), COPY).expect("a file");
    let mut args = vec!["plan", url.as_str(), "-o", file.as_str()];
    args.extend(stage.iter().flat_map(|action| ["--stage", action]));
    let output = program(&args).env("WAIF_CONFIG", folder.join("copy.toml")).output().expect("waif runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

/// `waif run` of a plan file.
pub fn run(server: &Server, database: &str, plan: &str) -> Command {
    let url = server.url("postgres", database);
    let mut command = program(&["run", &url, plan, "--allow-writes", "--confirm", database]);
    command.env("WAIF_CONFIG", std::path::Path::new(plan).with_file_name("copy.toml"));
    command
}

/// What the journal tells of the time: the steps, and the batches.
fn told(server: &Server, database: &str) -> String {
    let steps = "SELECT string_agg(format('%s %s s', id, round(extract(epoch FROM ended_at - started_at), 2)), ', ' ORDER BY place) FROM waif.step";
    let batches = "SELECT format('%s batches, median %s rows; journal and record %s MB', count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY rows),
        (SELECT round(sum(pg_total_relation_size(c.oid)) / 1e6, 1) FROM pg_class c WHERE relnamespace = 'waif'::regnamespace AND relkind = 'r')) FROM waif.batch";
    format!(
        "steps: {}; {}; {}",
        ask(server, database, steps),
        ask(server, database, batches),
        ask(server, database, TENTHS)
    )
}

/// The time from batch to batch for each row, at the end and at the beginning. The first batch has none before it.
const TENTHS: &str = "WITH batches AS (
      SELECT rows, extract(epoch FROM at - lag(at) OVER (ORDER BY number)) AS took, ntile(10) OVER (ORDER BY number) AS tenth
      FROM waif.batch WHERE rows > 0),
    tenths AS (SELECT tenth, sum(took) / sum(rows) AS row FROM batches WHERE took IS NOT NULL GROUP BY tenth)
    SELECT format('a row of the last tenth of batches costs %s of one of the first (target: 1.3)', round(l.row / f.row, 2))
    FROM tenths f, tenths l WHERE f.tenth = 1 AND l.tenth = 10";

fn middle(costs: &[Cost]) -> Cost {
    let of = |field: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(field).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        wall: of(|cost| cost.wall),
        cpu: of(|cost| cost.cpu),
        wal: of(|cost| cost.wal),
        growth: of(|cost| cost.growth),
        hot: of(|cost| cost.hot),
        memory: of(|cost| cost.memory),
        filling: of(|cost| cost.filling),
        filling_cpu: of(|cost| cost.filling_cpu),
    }
}
