//! Restores: what waits to be brought back, and what came of bringing it back, for people and for pipelines.

use crate::model::figure::{counted, grouped};
use crate::model::plan::Plan;
use crate::model::plan::lock::Mode;
use crate::model::restore::{Held, Restored, RestoredStep, dropped_first, rebuilt};
use crate::model::run::Run;
use crate::model::text::visible;
use crate::report::paper::{Ink, Paper};
use crate::report::pretty;
use crate::report::table::{Side, Table};
use serde::Serialize;
use std::io::{self, Write};

/// What waits, in words: a line each.
pub fn waits(held: &Held) -> String {
    let healed = match held.healed {
        Some(healed) if healed > 0 => format!(", {} of them have their parent now", grouped(healed)),
        _ => String::new(),
    };
    format!(
        "step {}: {} {} {} ({}){healed}",
        visible(&held.step),
        grouped(held.rows),
        held.what.words(),
        visible(&held.table),
        visible(&held.store)
    )
}

/// What of a run waits to be brought back.
///
/// # Errors
/// What the writer says.
pub fn list(run: &Run, plan: Option<&Plan>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if run.restorable.is_empty() {
        return writeln!(out, "Nothing of run {} waits to be brought back.", visible(&run.id));
    }
    let mut table = Table::new(
        0,
        [
            (Side::Left, "step"),
            (Side::Right, "rows"),
            (Side::Right, "healed"),
            (Side::Left, "what"),
            (Side::Left, "table"),
            (Side::Left, "store"),
        ],
    );
    for held in &run.restorable {
        let ink = if held.healed.is_some_and(|healed| healed > 0) { Ink::Bad } else { Ink::Plain };
        table.row([
            (Ink::Plain, visible(&held.step).into_owned()),
            (Ink::Plain, grouped(held.rows)),
            (ink, held.healed.map(grouped).unwrap_or_default()),
            (Ink::Plain, held.what.words().to_owned()),
            (Ink::Plain, visible(&held.table).into_owned()),
            (Ink::Plain, visible(&held.store).into_owned()),
        ]);
    }
    table.write(paper, out)?;
    let Some(plan) = plan else { return Ok(()) };
    for line in first(run, plan) {
        paper.wrap(0, &visible(&line)).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// What a restore of the whole run does before anything comes back, with its locks.
fn first(run: &Run, plan: &Plan) -> Vec<String> {
    let dropped = dropped_first(plan, run).into_iter().map(|key| {
        let (table, parent) = (key.table.name.visible(), key.parent.name.visible());
        let lock = Mode::AccessExclusive;
        format!(
            "All of it: the key {} of {table}, which the run added, is dropped first, under {} on it and on {parent} for a moment ({}).",
            key.name.visible(),
            lock.words(),
            lock.blocks()
        )
    });
    let rebuilt = rebuilt(run, plan).into_iter().map(|(held, step)| {
        let lock = step.all_locks().max_by_key(|lock| lock.mode).map(|lock| {
            format!(", under {} {} ({})", lock.mode.words(), lock.span.words(), lock.mode.blocks())
        });
        let lock = lock.unwrap_or_default();
        format!("All of it: {} is rebuilt first to its definition before the run{lock}.", held.table)
    });
    dropped.chain(rebuilt).collect()
}

/// The same as one document.
///
/// # Errors
/// What the writer says.
pub fn list_json(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        run: &'a str,
        restorable: &'a [Held],
    }
    pretty(&Document { run: &run.id, restorable: &run.restorable }, out)
}

/// What came of a restore.
///
/// # Errors
/// What the writer says.
pub fn text(restored: &Restored, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if restored.steps.iter().all(|step| step.came == 0 && step.conflicts.is_empty() && step.left == 0) {
        return writeln!(out, "Nothing of run {} had to be brought back.", visible(&restored.run));
    }
    for step in &restored.steps {
        one(step, paper, out)?;
    }
    if restored.is_whole() {
        return writeln!(out, "Everything that was asked for is back.");
    }
    let words = format!(
        "{} in the stores: mend what stands against them, and restore again.",
        match restored.left() {
            0 => "Something stays".to_owned(),
            left => counted(left, "row stays", "rows stay"),
        }
    );
    writeln!(out, "{}", paper.ink(Ink::Bad, &words))
}

fn one(step: &RestoredStep, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}", paper.ink(Ink::Strong, &visible(&step.id)), visible(&step.title))?;
    writeln!(out, "    {} taken back, {} left", grouped(step.came), grouped(step.left))?;
    if let Some(note) = &step.note {
        writeln!(out, "    {}", visible(note))?;
    }
    for conflict in &step.conflicts {
        let rows = match conflict.rows {
            0 => String::new(),
            rows => format!("{}: ", counted(rows, "row", "rows")),
        };
        let some: Vec<String> = conflict.some.iter().map(u64::to_string).collect();
        let some = match some.as_slice() {
            [] => String::new(),
            _ => format!(" (number {} in the store)", some.join(", ")),
        };
        writeln!(
            out,
            "    {} {}: {rows}{}{some}",
            paper.ink(Ink::Bad, "conflict"),
            visible(&conflict.table),
            visible(&conflict.why)
        )?;
    }
    Ok(())
}

/// The same as one document.
///
/// # Errors
/// What the writer says.
pub fn json(restored: &Restored, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        whole: bool,
        #[serde(flatten)]
        restored: &'a Restored,
    }
    pretty(&Document { whole: restored.is_whole(), restored }, out)
}
