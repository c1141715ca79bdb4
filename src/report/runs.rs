//! Runs: what the journal of a database says was done, for people and for pipelines.

use crate::model::figure::grouped;
use crate::model::run::{Rehearsal, Run, State};
use crate::model::text::visible;
use crate::report::paper::{Ink, Paper};
use crate::report::pretty;
use crate::report::restores::waits;
use crate::report::table::{Side, Table};
use serde::Serialize;
use std::io::{self, Write};

/// For people: a line a run, and below it a line a step.
///
/// # Errors
/// What the writer says.
pub fn text(runs: &[Run], paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if runs.is_empty() {
        return writeln!(out, "No run of waif is in the journal of this database.");
    }
    for run in runs {
        let note = run.note.as_deref().map(|note| format!(": {}", visible(note))).unwrap_or_default();
        let broken = match run.is_broken_off() {
            true => ", and nobody holds it: it was broken off, and waif resume goes on with it",
            false => "",
        };
        writeln!(
            out,
            "{}  {}{broken}{note}\n  began {} by {} ({}), {} rows changed",
            visible(&run.id),
            run.state.word(),
            visible(&run.started_at),
            visible(&run.role),
            visible(&run.holder),
            grouped(run.rows),
        )?;
        steps(run, paper, out)?;
        for held in &run.restorable {
            writeln!(out, "  restorable, {}", waits(held))?;
        }
    }
    Ok(())
}

fn steps(run: &Run, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(
        2,
        [
            (Side::Left, "step"),
            (Side::Left, "state"),
            (Side::Right, "rows"),
            (Side::Right, "batches"),
            (Side::Left, "found"),
        ],
    );
    for step in &run.steps {
        let ink = if matches!(step.state, State::Failed | State::Paused) { Ink::Bad } else { Ink::Plain };
        table.row([
            (Ink::Plain, visible(&step.id).into_owned()),
            (ink, step.state.word().to_owned()),
            (Ink::Plain, grouped(step.rows)),
            (Ink::Plain, grouped(step.batches)),
            (Ink::Plain, step.note.as_deref().map(|note| visible(note).into_owned()).unwrap_or_default()),
        ]);
    }
    table.write(paper, out)
}

/// One document: `{ "runs": […] }`, newest first.
///
/// # Errors
/// What the writer says.
pub fn json(runs: &[Run], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        runs: &'a [Run],
    }
    pretty(&Document { runs }, out)
}

/// A rehearsal: a line a step, below it the locks it really held.
///
/// # Errors
/// What the writer says.
pub fn rehearsal(rehearsal: &Rehearsal, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(
        0,
        [
            (Side::Left, "step"),
            (Side::Left, "tried"),
            (Side::Right, "rows"),
            (Side::Right, "seconds"),
            (Side::Left, "found"),
        ],
    );
    for step in &rehearsal.steps {
        let (ink, tried) = match (step.failed, step.seconds) {
            (true, _) => (Ink::Bad, "failed"),
            (false, Some(_)) => (Ink::Plain, "yes"),
            (false, None) => (Ink::Plain, "no"),
        };
        let rows = match (step.rows, step.of) {
            (Some(rows), Some(of)) => format!("{} of {}", grouped(rows), grouped(of)),
            (Some(rows), None) => grouped(rows),
            (None, _) => String::new(),
        };
        let held = step.locks.iter().map(|(table, mode)| format!("{} on {}", visible(mode), visible(table)));
        let note = step.note.as_deref().map(|note| visible(note).into_owned());
        let found: Vec<String> = note.into_iter().chain(held).collect();
        table.row([
            (Ink::Plain, visible(&step.id).into_owned()),
            (ink, tried.to_owned()),
            (Ink::Plain, rows),
            (Ink::Plain, step.seconds.map(|seconds| format!("{seconds:.3}")).unwrap_or_default()),
            (Ink::Plain, found.join("; ")),
        ]);
    }
    table.write(paper, out)?;
    if let Some(bytes) = rehearsal.wal {
        writeln!(out, "The server wrote {} kB of WAL meanwhile, by everybody.", grouped(bytes / 1_000))?;
    }
    writeln!(out, "Everything was rolled back.")
}
