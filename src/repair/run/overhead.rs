//! What a key or an index costs every write, measured on request: copies of rows are inserted before the step and after it,
//! in transactions that are rolled back, and new parents are deleted in the same way. The median of several rounds is told;
//! what cannot be measured without firing triggers of others, or without harm, is not, and the reason is told.

use crate::db::writer::{Rehearsed, WriteLimits};
use crate::model::fault::Kind;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::Work;
use crate::model::run::News;
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use std::time::Duration;

/// Rounds of a measurement.
const ROUNDS: u64 = 5;
/// Rows of a round; where that takes too long, rows of a smaller one.
const ROWS: [u64; 2] = [50, 4];
/// What one statement of a measurement may take: it holds locks of rows for no longer than all of them together.
const TAKES: Duration = Duration::from_secs(1);
/// How long it waits for a lock.
const WAITS: Duration = Duration::from_millis(200);
/// What a key or an index may cost a write, in milliseconds.
const BUDGET: f64 = 10.0;
/// Statements before the first round.
const BEFORE: usize = 4;

/// What a kind of write costs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cost {
    /// Milliseconds a row, the median over the rounds.
    Told(f64),
    /// More than so many milliseconds a row.
    Above(f64),
    /// It was not measured, and why.
    Untold(String),
}

/// What is written to be timed.
struct Writes {
    what: &'static str,
    table: TableName,
    whole: Vec<Ident>,
    deletes: bool,
}

/// A measurement before a step, to be completed after it.
pub(super) struct Measured(Vec<(Writes, Cost)>);

impl Site {
    /// Measures what the writes cost that a step will bear upon; none where it bears upon none, or nobody asked.
    pub(super) async fn measure(&mut self, work: &Work) -> Result<Option<Measured>, Halt> {
        if !self.measure {
            return Ok(None);
        }
        let mut before = Vec::new();
        for writes in borne(work) {
            let cost = self.cost(&writes).await?;
            before.push((writes, cost));
        }
        Ok(Some(Measured(before)).filter(|measured| !measured.0.is_empty()))
    }

    /// Measures again, and puts both into a sentence.
    pub(super) async fn measure_again(&mut self, before: Measured) -> Result<String, Halt> {
        let mut words = Vec::new();
        for (writes, before) in before.0 {
            let after = match before {
                Cost::Untold(_) => before.clone(),
                _ => self.cost(&writes).await?,
            };
            words.push(told(writes.what, &before, &after));
        }
        Ok(words.join("; "))
    }

    async fn cost(&mut self, writes: &Writes) -> Result<Cost, Halt> {
        (self.tell)(News::Line(format!(
            "Measuring {} on {}: up to {} rows are written and rolled back. Meanwhile, for {} s at most, the table and the \
             parents of the rows are locked as by any writer; no sequence is used, and what was written is left to vacuum.",
            writes.what,
            writes.table.name.visible(),
            ROWS[0] * ROUNDS,
            (TAKES * (2 * ROUNDS as u32 + 2)).as_secs()
        )));
        let mut above = Cost::Untold("nothing could be written in time".to_owned());
        for rows in ROWS {
            match self.timed(writes, rows).await? {
                Cost::Above(each) => above = Cost::Above(each),
                cost => return Ok(cost),
            }
        }
        Ok(above)
    }

    /// The rounds, in one transaction that is rolled back.
    async fn timed(&mut self, writes: &Writes, rows: u64) -> Result<Cost, Halt> {
        let Some(keys) = self.words.keys() else {
            return Ok(Cost::Untold("this engine adds no key and no index beside writers".to_owned()));
        };
        let parts = self.ask(&keys.writes(&writes.table, &writes.whole, rows, ROUNDS)).await?;
        let part = |at: usize| parts.first().and_then(|row| row.get(at)).and_then(Value::text);
        let (create, insert, delete) = match (part(0), part(1), part(2), part(3)) {
            (_, _, _, Some(why)) => return Ok(Cost::Untold(why.to_owned())),
            (Some(create), Some(insert), delete, None) => (create, insert, delete),
            _ => return Ok(Cost::Untold("what could be written cannot be told".to_owned())),
        };
        let mut changes = keys.ready(create);
        changes.extend((0..ROUNDS).map(|number| keys.round(insert, number)));
        let mut first = BEFORE;
        if writes.deletes {
            let Some(delete) = delete else {
                return Ok(Cost::Untold("the table has no unique index to find a row by".to_owned()));
            };
            first += ROUNDS as usize;
            changes.extend((0..ROUNDS).map(|number| keys.round(delete, number)));
        }
        let limits = WriteLimits { lock: WAITS, statement: Some(TAKES), one_moment: false };
        let Rehearsed { done, fault, .. } = self.writer.rehearse(&changes, None, limits).await;
        match fault {
            Some(fault) if fault.kind == Kind::Lost => return Err(Halt::Failed(fault)),
            Some(_) if self.steer.is_stopping() => return Err(Halt::Stopped),
            Some(fault) if fault.kind == Kind::TimedOut && done.len() >= first => {
                return Ok(Cost::Above(TAKES.as_secs_f64() * 1_000.0 / rows as f64));
            }
            Some(fault) => return Ok(Cost::Untold(fault.headline)),
            None => {}
        }
        let rounds = done.get(first..).unwrap_or_default();
        if rounds.iter().any(|done| done.touched == 0) {
            return Ok(Cost::Untold("there is no row to copy".to_owned()));
        }
        let each = rounds.iter().map(|done| done.took.as_secs_f64() * 1_000.0 / done.touched as f64);
        Ok(median(each.collect()).map_or(Cost::Untold("nothing was written".to_owned()), Cost::Told))
    }
}

/// The writes a step bears upon.
fn borne(work: &Work) -> Vec<Writes> {
    let insert = |table: &TableName, whole: &[Ident]| Writes {
        what: "an insert",
        table: table.clone(),
        whole: whole.to_vec(),
        deletes: false,
    };
    match work {
        Work::AddKey(key) => vec![
            insert(&key.table, &key.columns),
            Writes {
                what: "the deletion of a parent",
                table: key.parent.clone(),
                whole: Vec::new(),
                deletes: true,
            },
        ],
        Work::CreateIndex(index) if !index.only => vec![insert(&index.table, &index.not_null)],
        _ => Vec::new(),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Both measurements in words.
fn told(what: &str, before: &Cost, after: &Cost) -> String {
    let budget = |more: f64| if more < BUDGET { "within" } else { "above" };
    match (before, after) {
        (Cost::Untold(why), _) | (_, Cost::Untold(why)) => format!("{what} was not measured ({why})"),
        (Cost::Told(before), Cost::Told(after)) => format!(
            "{what} took {before:.3} ms before and {after:.3} ms after, {} the budget of {BUDGET} ms more",
            budget(after - before)
        ),
        (Cost::Told(before), Cost::Above(after)) => format!(
            "{what} took {before:.3} ms before and more than {after:.0} ms after, {} the budget of {BUDGET} ms more",
            if after - before < BUDGET { "perhaps above" } else { "above" }
        ),
        (Cost::Above(before), Cost::Told(after)) => {
            format!("{what} took more than {before:.0} ms before and {after:.3} ms after")
        }
        (Cost::Above(before), Cost::Above(_)) => {
            format!("{what} took more than {before:.0} ms before and after")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_told_with_its_budget() {
        assert_eq!(median(vec![3.0, 100.0, 1.0, 2.0, 2.5]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        let words = told("an insert", &Cost::Told(0.02), &Cost::Told(0.05));
        assert_eq!(
            words,
            "an insert took 0.020 ms before and 0.050 ms after, within the budget of 10 ms more"
        );
        assert!(told("an insert", &Cost::Told(0.02), &Cost::Told(10.1)).contains("above the budget"));
        assert!(told("an insert", &Cost::Told(0.02), &Cost::Above(250.0)).contains(" above the budget"));
        assert!(told("an insert", &Cost::Told(0.02), &Cost::Above(4.0)).contains("perhaps above"));
        let untold = told("an insert", &Cost::Told(0.02), &Cost::Untold("triggers would fire".to_owned()));
        assert_eq!(untold, "an insert was not measured (triggers would fire)");
    }
}
