//! The rehearsal of what is done about rows without a parent: on a few of them, wherever they lie.

use super::{RUN, SAMPLE, Stage, leaf};
use crate::db::writer::Done;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::TableName;
use crate::model::plan::FORMAT;
use crate::model::plan::removal::{Nulling, Reference, Removal};
use crate::model::plan::step::Work;
use crate::repair::run::execute::Due;
use crate::repair::run::lost::figures;
use crate::repair::run::opening::journal;
use crate::repair::survey::SHALLOW;
use crate::sql::change::Change;
use crate::sql::removals::{Removals, Stroke};
use crate::sql::repairs::{NewRun, Window};

/// The rows a rehearsed step changed.
pub(super) fn changed(work: Option<&Work>, done: &[Done]) -> Option<u64> {
    match work? {
        Work::Remove(_) | Work::Nullify(_) | Work::Adopt(_) => Some(figures(done).0),
        Work::Backfill(_) => done.last()?.rows.first()?.first()?.count(),
        _ => None,
    }
}

impl Stage<'_> {
    /// The statements that try a step about rows without a parent on a few of them, or why there are none. None where it is
    /// another sort of step.
    pub(super) async fn lost(&mut self, due: &Due) -> Result<Option<Result<Vec<Change>, String>>, Fault> {
        let Some(words) = self.removals else { return Ok(None) };
        let tried = match &due.work {
            Some(Work::Remove(removal)) => self.removed(words, removal, due).await?,
            Some(Work::Nullify(nulling)) => self.nullified(words, nulling).await?,
            Some(Work::Adopt(adoption)) => {
                let mut changes = self.journal().await?;
                changes.extend(words.create_stores(std::slice::from_ref(&adoption.parent)));
                changes.extend(words.create_missing(adoption, RUN, 0));
                let end = (SAMPLE + 1).to_string();
                changes.extend(words.adopt(adoption, &window(&adoption.parent.seat.table, 0, ("1", &end))));
                Ok(changes)
            }
            _ => return Ok(None),
        };
        Ok(Some(tried))
    }

    async fn journal(&mut self) -> Result<Vec<Change>, Fault> {
        let new = NewRun { id: RUN, format: FORMAT, plan: "", holder: RUN, steps: vec!["1".to_owned()] };
        let mut changes = journal(self.writer.as_mut(), self.words, self.limits).await?;
        changes.extend(self.words.begin_run(&new));
        Ok(changes)
    }

    /// A table that has a row without a parent, or why there is none.
    async fn first(
        &mut self,
        words: &dyn Removals,
        missing: &Reference,
    ) -> Result<Result<(u32, TableName), String>, Fault> {
        match self.ask(&words.first_leaf(missing)).await {
            Ok(rows) => {
                Ok(rows.first().and_then(leaf).ok_or_else(|| "There is no row without a parent.".to_owned()))
            }
            Err(fault) if fault.kind == Kind::TimedOut => {
                Ok(Err("No row to try it with was found in time.".to_owned()))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn removed(
        &mut self,
        words: &dyn Removals,
        removal: &Removal,
        due: &Due,
    ) -> Result<Result<Vec<Change>, String>, Fault> {
        let (leaf, name) = match self.first(words, &removal.missing).await? {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        // As deep as was counted, and a bit: where rows go round in their tables, these alone tell it.
        let known = self.plan.steps.iter().find(|known| known.id == due.id);
        let reached = known.and_then(|known| known.reach.iter().map(|line| line.level).max());
        let depth = removal.depth().unwrap_or(reached.unwrap_or_default().max(SHALLOW) + 1);
        let mut changes = self.journal().await?;
        changes.extend(words.create_stores(&removal.tables));
        for (_, _, values) in removal.overwrites() {
            changes.extend(words.create_kept(values));
        }
        changes.extend(words.create_notes());
        changes.extend(words.create_sample(&removal.missing, RUN, 0, SAMPLE));
        changes.extend(words.create_ties(removal, RUN, 0));
        let window = window(&name, leaf, self.words.ends());
        changes.extend(words.take(removal, &Stroke { window, depth, most: None }));
        Ok(Ok(changes))
    }

    async fn nullified(
        &mut self,
        words: &dyn Removals,
        nulling: &Nulling,
    ) -> Result<Result<Vec<Change>, String>, Fault> {
        let (leaf, name) = match self.first(words, &nulling.missing).await? {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let mut changes = self.journal().await?;
        changes.extend(words.create_kept(&nulling.values));
        changes.extend(words.create_notes());
        changes.extend(words.create_sample(&nulling.missing, RUN, 0, SAMPLE));
        changes.extend(words.nullify(nulling, &window(&name, leaf, self.words.ends())));
        Ok(Ok(changes))
    }
}

fn window<'w>(name: &'w TableName, leaf: u32, (low, high): (&'w str, &'w str)) -> Window<'w> {
    Window {
        run: RUN,
        place: 0,
        number: 0,
        epoch: 1,
        leaf,
        leaf_name: name,
        pass: None,
        low,
        high,
        by_range: false,
    }
}
