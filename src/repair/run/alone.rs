//! Alone in a file: where there are no sessions to hold anything, a run has the file as long as the journal calls it running
//! and its process lives on this machine. Who is there is looked at first, and again by a statement in the very transaction
//! that begins the run: two that begin at once do not both get through.

use crate::db::writer::{WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::run::{News, Run, State};
use crate::model::text::visible;
use crate::model::value::Value;
use crate::repair::run::execute::Order;
use crate::sql::change::Change;
use crate::sql::repairs::Repairs;
use std::path::Path;
use std::time::Duration;

/// How often it is looked at whether the other process has gone.
const LOOK: Duration = Duration::from_millis(250);
/// Looks before another process counts as living: one that was told to end takes a moment.
const DYING: u32 = 20;

/// The statement that lets a run begin or go on only while nobody else is at work on the file.
pub(super) async fn guard(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    run: &str,
    order: &Order,
    limits: WriteLimits,
) -> Result<Option<Change>, Fault> {
    let rows = writer.fetch(&words.journal_stands(), limits).await?;
    if !rows.first().and_then(|row| row.first()).is_some_and(Value::truth) {
        return Ok(words.alone(run, &[]));
    }
    own(writer, words, run, order, limits).await?;
    let rows = writer.fetch(&words.others(run), limits).await?;
    let mut gone = Vec::new();
    for row in &rows {
        let text = |at: usize| row.get(at).and_then(Value::text).unwrap_or_default();
        let (id, holder, since) = (text(0), text(1), text(2));
        if is_gone(holder, here(&order.holder)) {
            gone.push(id.to_owned());
            continue;
        }
        let busy = Fault::new(Kind::Busy, format!("Another run works on this file: {}.", visible(id)));
        return Err(busy.because(format!("{} has it since {}", visible(holder), visible(since))).hint(format!(
            "Wait for its end. If it is dead, bring it to its end first: waif resume --take-over with {}.",
            visible(id)
        )));
    }
    Ok(words.alone(run, &gone))
}

/// Whether nobody else carries out this very run. Somebody who does keeps it, unless a person said otherwise.
async fn own(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    run: &str,
    order: &Order,
    limits: WriteLimits,
) -> Result<(), Fault> {
    let mut said = false;
    let mut who = String::new();
    for _ in 0..DYING {
        let rows = writer.fetch(&words.run(run), limits).await?;
        let text = |at: usize| rows.first().and_then(|row| row.get(at)).and_then(Value::text);
        let (state, holder) = (text(3).and_then(State::named), text(6).unwrap_or_default());
        if state != Some(State::Running) || order.terms.take_over || is_gone(holder, here(&order.holder)) {
            if said {
                (order.tell)(News::GoesOn);
            }
            return Ok(());
        }
        if !said {
            (order.tell)(News::Waiting(
                "Another process holds this run: it is looked at whether it ends.".to_owned(),
            ));
            said = true;
        }
        who = holder.to_owned();
        tokio::time::sleep(LOOK).await;
    }
    let busy = Fault::new(Kind::Busy, format!("Another process carries out the run {run} just now."));
    Err(busy.because(who).hint(
        "Let it end, or take the run from it with waif resume --take-over: it can write nothing more then.",
    ))
}

/// Who holds, without the process.
fn here(holder: &str) -> &str {
    holder.rsplit_once(", process ").map_or(holder, |(here, _)| here)
}

/// Who holds a run that the journal calls running, where no session tells it; none where that process is gone.
pub(super) fn lives(run: &Run) -> Option<String> {
    let holds = run.state == State::Running && !is_gone(&run.holder, here(&run.holder));
    holds.then(|| visible(&run.holder).into_owned())
}

/// Whether the process that held a run is known to be gone: it ran on this machine for this person, and is no more. Of any
/// other holder nobody here can know. A number that another program bears by now is no process of waif's.
pub(crate) fn is_gone(holder: &str, here: &str) -> bool {
    let process = holder.strip_prefix(here).and_then(|rest| rest.strip_prefix(", process "));
    let Some(process) = process.and_then(|number| number.parse::<u32>().ok()) else { return false };
    let known = Path::new("/proc");
    match (told(&known.join("self")), told(&known.join(process.to_string()))) {
        (None, _) => false,
        (Some(_), None) => !known.join(process.to_string()).exists(),
        // One that is dead and not buried is told of all the same.
        (Some((own, _)), Some((name, state))) => own != name || matches!(state, 'Z' | 'X'),
    }
}

/// The name of a process and the letter of its state.
fn told(process: &Path) -> Option<(String, char)> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    let (head, rest) = stat.rsplit_once(')')?;
    Some((head.split_once('(')?.1.to_owned(), rest.trim_start().chars().next()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_machine_that_is_no_more_is_gone() {
        let own = std::process::id();
        assert!(!is_gone(&format!("ann on db, process {own}"), "ann on db"), "it lives");
        assert!(is_gone("ann on db, process 4194305", "ann on db"), "no process has so high a number");
        assert!(!is_gone("ann on other, process 4194305", "ann on db"), "who knows");
        assert!(is_gone("ann on db, process 1", "ann on db"), "its number is another program's by now");
        assert_eq!(here("ann on db, process 7"), "ann on db");
    }
}
