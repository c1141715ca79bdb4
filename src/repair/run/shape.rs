//! The shape of the tables a plan touches: what a step relies on and no step changes. It is looked at again before every
//! step and in every batch, and a difference stops the run with the difference said.

use crate::db::writer::{WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::Place;
use crate::model::text::visible;
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::repairs::{Known, Repairs};
use std::collections::BTreeSet;

/// Differences told at most.
const TOLD: usize = 5;

/// The tables of a plan, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    tables: Vec<(u32, TableName)>,
    lines: BTreeSet<String>,
}

impl Shape {
    /// The shape now.
    pub(super) async fn of(
        writer: &mut dyn Writer,
        words: &dyn Repairs,
        place: &Place,
        limits: WriteLimits,
    ) -> Result<Self, Fault> {
        let tables: Vec<(u32, TableName)> =
            place.tables.iter().map(|touched| (touched.number, touched.table.clone())).collect();
        let lines = look(writer, words, &tables, limits).await?;
        Ok(Self { tables, lines })
    }

    /// The server's number of a table of the plan.
    pub(super) fn number(&self, table: &TableName) -> Option<u32> {
        self.tables.iter().find(|(_, name)| name == table).map(|(number, _)| *number)
    }

    /// What came and what went since.
    fn differences(&self, now: &BTreeSet<String>) -> Vec<String> {
        let gone = self.lines.difference(now).map(|line| format!("gone: {}", visible(line)));
        let new = now.difference(&self.lines).map(|line| format!("new: {}", visible(line)));
        gone.chain(new).collect()
    }
}

async fn look(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    tables: &[(u32, TableName)],
    limits: WriteLimits,
) -> Result<BTreeSet<String>, Fault> {
    // A run whose last step only waits for its line in the journal touches no table any more.
    if tables.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known: Vec<Known<'_>> = tables.iter().map(|(number, name)| Known { number: *number, name }).collect();
    let rows = writer.fetch(&words.shape(&known), limits).await?;
    Ok(rows.iter().filter_map(|row| row.first()?.text()).map(str::to_owned).collect())
}

impl Site {
    /// The tables of the plan are what they were, or the run fails with every difference.
    pub(super) async fn unchanged(&mut self) -> Result<(), Halt> {
        if self.shape.tables.is_empty() {
            return Ok(());
        }
        let limits = self.limits();
        let now = look(self.writer.as_mut(), self.words, &self.shape.tables, limits).await?;
        let differences = self.shape.differences(&now);
        if differences.is_empty() {
            return Ok(());
        }
        let changed = Fault::new(Kind::Unexpected, "A table of the plan was changed while the run went on.");
        let told = differences.iter().take(TOLD).fold(changed, |fault, line| fault.because(line));
        let told = match differences.len().saturating_sub(TOLD) {
            0 => told,
            more => told.because(format!("and {more} more differences")),
        };
        Err(Halt::Failed(
            told.hint("What was written stands in the journal. Plan again on the database as it is."),
        ))
    }

    /// A step gave a table another definition, as it was to: that is its shape from now on. Whatever else changed meanwhile
    /// is found by the next look.
    pub(super) async fn took_shape(&mut self, name: &Ident, from: &str, to: &str) -> Result<(), Halt> {
        if self.shape.tables.is_empty() {
            return Ok(());
        }
        let limits = self.limits();
        let now = look(self.writer.as_mut(), self.words, &self.shape.tables, limits).await?;
        let is = |line: &str, definition: &str| {
            line.strip_suffix(definition).is_some_and(|head| head.contains(name.raw()))
        };
        let gone: Vec<&String> = self.shape.lines.difference(&now).collect();
        let new: Vec<&String> = now.difference(&self.shape.lines).collect();
        if let ([gone], [new]) = (gone.as_slice(), new.as_slice())
            && is(gone, from)
            && is(new, to)
        {
            self.shape.lines = now;
        }
        Ok(())
    }

    /// A statement that lets a transaction go on only while this table is what it is now, and keeps it so until its end.
    pub(super) async fn keep(&mut self, table: Known<'_>) -> Result<Vec<Change>, Halt> {
        if self.shape.tables.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.ask(&self.words.digest(table)).await?;
        let digest = rows.first().and_then(|row| row.first()).and_then(Value::text);
        Ok(digest.map(|digest| self.words.still(table, digest)).into_iter().collect())
    }
}
