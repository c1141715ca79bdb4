//! The rebuild of a SQLite table: one transaction from the first look to COMMIT, with a word now and then on how far it is.
//! What it must come to stands in its statements; a transaction that does not come to that leaves nothing.

use crate::db::writer::{Progress, Rehearsed, WriteLimits};
use crate::model::fault::{Fault, Kind};
use crate::model::figure::{self, counted};
use crate::model::plan::rebuild::Rebuild;
use crate::model::run::{News, Part};
use crate::model::value::Value;
use crate::repair::planner::REBUILD_ROOM as TIMES;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::rebuild::{self, COMMIT, Pass, Rebuilds, Trial};
use std::time::Duration;

/// How often it is told how far it is.
const TOLD: Duration = Duration::from_millis(200);
/// What a trial may take.
const TAKES: Duration = Duration::from_secs(2);
/// How SQLite refuses what breaks a key: at once, and by RESTRICT.
const REFUSED: [&str; 2] = ["787", "1811"];

impl Site {
    /// Makes a table anew; answers with what was seen.
    pub(super) async fn rebuild(&mut self, rebuild: &Rebuild, place: usize) -> Result<Option<String>, Halt> {
        let words = self.rebuilds()?;
        self.room()?;
        let parts = words.rebuild(rebuild);
        let changes = parts.iter().map(|part| part.change.clone()).collect();
        let (progress, tell) = (self.writer.progress(), std::sync::Arc::clone(&self.tell));
        let mut meter = Meter::new(&parts, rebuild.rows);
        let outcome = {
            let mut attempt = Box::pin(self.attempt(changes, None));
            loop {
                tokio::select! {
                    outcome = &mut attempt => break outcome,
                    () = tokio::time::sleep(TOLD) => {
                        let (what, share) = meter.look(&progress);
                        // In hundredths: what the passes count has no unit in common.
                        let done = (share * 100.0) as u64;
                        let (doing, unit) = (what.to_owned(), "%".to_owned());
                        tell(News::Part(Part { place, doing, done, total: 100, unit }));
                    }
                }
            }
        };
        let done = match outcome? {
            Attempt::Done(done) => done,
            Attempt::TooLarge(fault) => return Err(Halt::Failed(fault)),
        };
        // The fence stands before them.
        let copying = parts.iter().zip(done.iter().skip(1)).filter(|(part, _)| part.pass == Pass::Copy);
        let rows = copying.map(|(_, done)| done.touched).max().unwrap_or(rebuild.rows);
        self.took_shape(&rebuild.table.name, &rebuild.from, &rebuild.becomes).await?;
        let log = self.settle(words.settle()).await;
        let mut seen = vec![format!("{} copied", counted(rows, "row", "rows"))];
        for trial in words.trials(rebuild) {
            seen.push(self.try_out(&trial).await?);
        }
        seen.extend(log);
        Ok(Some(seen.join("; ")))
    }

    /// There is still as much room as when it was planned.
    fn room(&self) -> Result<(), Halt> {
        let Some((bytes, free)) =
            self.engine.file().and_then(|file| Some((file.bytes + file.log, file.free?)))
        else {
            return Ok(());
        };
        let needed = bytes.saturating_mul(TIMES);
        if free >= needed {
            return Ok(());
        }
        let (needed, free) = (figure::bytes(needed), figure::bytes(free));
        Err(Halt::Paused(format!(
            "The rebuild may take {needed} beside the file, and {free} are free. Free room on the disk, and resume."
        )))
    }

    fn rebuilds(&self) -> Result<&'static dyn Rebuilds, Halt> {
        self.words.rebuilds().ok_or_else(|| {
            Halt::Failed(Fault::new(
                Kind::Unsupported,
                "The engine rebuilds no tables: it changes keys in place.",
            ))
        })
    }

    /// Takes the log into the file; where readers keep it from that, says so.
    async fn settle(&mut self, change: Change) -> Option<String> {
        let limits = self.limits();
        let done = self.writer.alone(&change, limits).await.ok()?;
        let busy = done.rows.first()?.first()?.truth();
        busy.then(|| "readers keep the log beside the file from being taken in".to_owned())
    }

    /// Tries what a key must refuse or do, and rolls it back.
    async fn try_out(&mut self, trial: &Trial) -> Result<String, Halt> {
        let untried = |why: &str| Ok(format!("{} was not tried ({why})", trial.what));
        if let Some(why) = &trial.untried {
            return untried(why);
        }
        let limits = WriteLimits { statement: Some(TAKES), ..self.limits() };
        let Rehearsed { done, answer, fault } =
            self.writer.rehearse(&trial.changes, trial.question.as_ref(), limits).await;
        let refused = fault
            .as_ref()
            .and_then(|fault| fault.code.as_deref())
            .is_some_and(|code| REFUSED.contains(&code));
        let nothing = done.len() == trial.changes.len() && done.last().is_none_or(|done| done.touched == 0);
        match (fault, &trial.question) {
            (Some(_), None) if refused => Ok(format!("{} was refused", trial.what)),
            (Some(fault), _) if fault.kind == Kind::Lost => Err(Halt::Failed(fault)),
            (Some(_), Some(_)) if refused => untried("another key of the parent refused it"),
            (Some(fault), _) => untried(&fault.to_string()),
            (None, _) if nothing => untried("there is no row to try it with"),
            (None, None) => Err(wrong(trial, "was not refused").into()),
            (None, Some(_)) => match answer.first().and_then(|row| row.first()).is_some_and(Value::truth) {
                true => Ok(format!("{} did what it should", trial.what)),
                false => Err(wrong(trial, "did something else than it should").into()),
            },
        }
    }
}

fn wrong(trial: &Trial, what: &str) -> Fault {
    Fault::new(
        Kind::Unexpected,
        format!("The table is rebuilt, and yet {} {what}. The trial was rolled back.", trial.what),
    )
    .hint("See the definition of the table and its triggers; the undo of the step brings the old one back.")
}

/// Tells how far it is, while somebody else awaits it.
struct Meter<'a> {
    parts: &'a [rebuild::Part],
    /// Microseconds of all statements before each.
    before: Vec<f64>,
    whole: f64,
    rows: f64,
    /// The statement that was at work when it was looked last, and the steps all had taken when it was seen first.
    at: (usize, u64),
}

/// Steps of the machine for one row, roughly: how fast the share of a statement fills.
const STEPS: f64 = 10.0;

impl<'a> Meter<'a> {
    fn new(parts: &'a [rebuild::Part], rows: u64) -> Self {
        let mut sum = 0.0;
        let mut before = Vec::with_capacity(parts.len());
        for part in parts {
            before.push(sum);
            sum += part.per_row + 0.01;
        }
        Self { parts, before, whole: sum + COMMIT, rows: rows as f64, at: (0, 0) }
    }

    /// What goes on, and how much of all is done.
    fn look(&mut self, progress: &Progress) -> (&'static str, f64) {
        // The first statement is the one that holds the run.
        let done = usize::try_from(progress.statements()).unwrap_or(usize::MAX).saturating_sub(1);
        let steps = progress.steps();
        if self.at.0 != done {
            self.at = (done, steps);
        }
        let Some((part, before)) = self.parts.get(done).zip(self.before.get(done)) else {
            return ("committing", (self.whole - COMMIT) / self.whole);
        };
        // How many steps a statement will take is not known: it comes closer and closer to its end.
        let taken = steps.saturating_sub(self.at.1) as f64 / (self.rows * STEPS).max(1.0);
        let own = part.per_row * (1.0 - (-2.0 * taken).exp());
        (part.pass.words(), (before + own) / self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sent::Purpose;
    use crate::sql::rebuild::Pass;

    fn part(pass: Pass, per_row: f64) -> rebuild::Part {
        rebuild::Part { pass, change: Change::new(Purpose::Ddl, "", Vec::new()), per_row }
    }

    #[test]
    fn the_share_grows_and_is_never_whole_before_the_end() {
        let parts = [part(Pass::Look, 0.0), part(Pass::Copy, 1.4), part(Pass::After, 0.7)];
        let mut meter = Meter::new(&parts, 1_000);
        let progress = Progress::default();
        let (what, share) = meter.look(&progress);
        assert_eq!((what, share), ("looking", 0.0));
        assert!(meter.whole > 1.4 + 0.7 + COMMIT);
        let ends: Vec<f64> = meter.before.iter().map(|before| before / meter.whole).collect();
        assert!(ends.is_sorted() && ends[2] > 0.4 && ends[2] < 0.5, "{ends:?}");
    }
}
