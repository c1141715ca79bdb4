//! A plan on paper: text for people, Markdown for tickets. Its JSON is the plan file itself.

mod markdown;
mod text;

pub use markdown::markdown;
pub use text::text;

use crate::model::figure::{bytes, counted};
use crate::model::plan::lock::Held;
use crate::model::plan::step::{Rows, Step, Undo};
use crate::model::plan::{Place, Plan};
use crate::report::figure::duration;

/// What the plan comes to, in a sentence.
fn summary(plan: &Plan) -> String {
    let steps = counted(plan.steps.len() as u64, "step", "steps");
    let (rows, exact) = plan.rows();
    let rows = format!("{}{}", if exact { "" } else { "~" }, counted(rows, "row", "rows"));
    let time =
        plan.seconds().map_or_else(|| "time unknown".to_owned(), |time| format!("about {}", duration(time)));
    let lock = plan.strongest_lock().map_or("no lock", |mode| mode.words());
    format!("{steps}, {rows} to write, {time}, strongest lock {lock}")
}

fn rows(rows: Option<Rows>) -> Option<String> {
    let Rows { count, exact } = rows?;
    Some(format!("{}{}", if exact { "" } else { "~" }, counted(count, "row", "rows")))
}

fn took(step: &Step) -> Option<String> {
    step.seconds.map(|time| format!("about {} (estimated)", duration(time)))
}

/// Locks with the same mode and span share a line: mode, span, tables, what waits.
fn locks(step: &Step) -> Vec<String> {
    let mut lines: Vec<(&Held, Vec<&str>)> = Vec::new();
    for held in step.all_locks() {
        match lines.iter_mut().find(|(one, _)| (one.mode, one.span) == (held.mode, held.span)) {
            Some((_, tables)) => tables.push(&held.table),
            None => lines.push((held, vec![&held.table])),
        }
    }
    lines
        .iter()
        .map(|(held, tables)| {
            format!(
                "{} {} on {} ({})",
                held.mode.words(),
                held.span.words(),
                tables.join(", "),
                held.mode.blocks()
            )
        })
        .collect()
}

/// How a step is taken back: a sentence, and statements.
fn undo(step: &Step) -> (String, &[String]) {
    match &step.undo {
        Undo::None => ("nothing to take back".to_owned(), &[]),
        Undo::Record { sentence, statements } => (sentence.clone(), statements),
        Undo::Sql { statements } => ("by".to_owned(), statements),
    }
}

/// The engine and its version.
fn product(place: &Place) -> String {
    let name = match place.engine.as_str() {
        "postgres" => "PostgreSQL",
        "sqlite" => "SQLite",
        other => other,
    };
    format!("{name} {}", place.version)
}

/// How the plan will be run, in words.
fn parameters(plan: &Plan) -> String {
    let own = &plan.parameters;
    let mut words = vec![
        format!("a statement waits {} ms for a lock, {} times", own.lock_timeout, own.lock_tries),
        format!("batches of {} to {} rows, {} ms each", own.first_batch, own.largest_batch, own.batch_time),
    ];
    words.extend(own.max_rows.map(|rows| format!("at most {}", counted(rows, "row", "rows"))));
    words.extend(own.window_end.as_ref().map(|end| format!("the window ends at {end}")));
    words.extend(own.max_lag.map(|lag| format!("waits for replicas more than {lag} ms behind")));
    words.extend(own.max_active.map(|most| format!("waits while more than {most} statements of others run")));
    words.extend(
        own.max_backlog.map(|most| format!("waits while more than {most} segments wait for the archive")),
    );
    words.extend(own.max_wal.map(|most| format!("waits while the WAL takes more than {}", bytes(most))));
    words.extend(own.max_growth.map(|most| format!("pauses when the database has grown by {}", bytes(most))));
    words.join("; ")
}
