//! One step brought back, a batch of the run in a transaction each, last first.

mod mends;
mod parts;
mod values;

use super::Restoration;
use super::back::{self, Fate};
use super::renamed;
use crate::db::writer::Done;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::figure::counted;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Reference, Removal};
use crate::model::plan::step::{Step, Work};
use crate::model::restore::{Conflict, RestoredStep};
use crate::model::run::{Batch, News};
use crate::model::server::EngineKind;
use crate::model::value::Value;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::removals::{CAME, RENUMBERED, Recall, Refill, Removals, Return};
use std::time::Instant;

/// Rows named in a conflict at most.
const SOME: usize = 5;

/// A step being brought back.
struct Bringing<'a> {
    order: &'a Restoration,
    catalog: &'a Catalog,
    words: &'static dyn Removals,
    place: usize,
    /// Its place among the steps that are told of.
    shown: usize,
    /// Rows that waited when it began, as far as they were counted.
    waited: u64,
    /// The number of the next batch that writes down what came back.
    number: u64,
    /// Whether rows that were written since are taken like others.
    changed: bool,
    /// Rows that came back under other numbers than before.
    anew: u64,
    /// Whether a person said that triggers may fire.
    triggers_fire: bool,
    outcome: RestoredStep,
}

/// Brings a step back; its place among the steps of the run, and among those that are told of.
pub(super) async fn bring_back(
    site: &mut Site,
    order: &Restoration,
    catalog: &Catalog,
    (place, shown): (usize, usize),
    step: &Step,
) -> Result<RestoredStep, Halt> {
    let outcome = RestoredStep { id: step.id.clone(), title: step.title.clone(), ..RestoredStep::default() };
    let number = order.run.steps.get(place).map_or(0, |step| step.batches);
    let words = site.removals()?;
    let action = step.action.and_then(|at| order.plan.actions.get(at));
    let triggers_fire = action.is_some_and(|action| action.option("triggers") == Some("fire"));
    let (changed, waited, anew) = (order.wanted.changed, 0, 0);
    let mut bringing = Bringing {
        order,
        catalog,
        words,
        place,
        shown,
        waited,
        number,
        changed,
        anew,
        triggers_fire,
        outcome,
    };
    site.attempt(words.create_notes(), None).await?;
    // Told by their keys alone, rows are the ones they were whatever else is in them.
    match &step.work {
        Work::Remove(removal) if order.wanted.changed => {
            bringing.rows(site, &removal.as_ref().clone().by_keys()).await?;
        }
        Work::Nullify(nulling) if order.wanted.changed => {
            let mut nulling = nulling.as_ref().clone();
            nulling.values.digested.clear();
            bringing.values(site, &nulling).await?;
        }
        Work::Remove(removal) => bringing.rows(site, removal).await?,
        Work::Nullify(nulling) => bringing.values(site, nulling).await?,
        Work::Adopt(adoption) if !order.wanted.healed => bringing.parents(site, adoption).await?,
        Work::Backfill(copied) if !order.wanted.healed => bringing.filled(site, copied).await?,
        _ => {}
    }
    Ok(bringing.outcome)
}

/// What statements answered of rows that came back, or that were numbered anew, added up.
fn told(done: &[Done], what: &str) -> u64 {
    let told = done.iter().filter_map(|done| done.rows.first());
    told.filter(|row| row.first().and_then(Value::text) == Some(what))
        .filter_map(|row| row.get(1)?.count())
        .sum()
}

impl Bringing<'_> {
    fn recall<'r>(&self, site: &'r Site, batch: u64) -> Recall<'r> {
        Recall {
            run: &site.run,
            place: self.place,
            batch,
            number: self.number,
            epoch: site.epoch,
            healed: self.order.wanted.healed,
            changed: self.changed,
            only: None,
            triggers_fire: self.triggers_fire,
        }
    }

    /// Batches that have something in these stores, last first, with what they have.
    async fn batches(
        &mut self,
        site: &mut Site,
        stores: &[(Ident, String)],
    ) -> Result<Vec<(u64, u64)>, Halt> {
        let stands = site.ask(&self.words.stores_stand()).await?;
        if !stands.first().and_then(|row| row.first()).is_some_and(Value::truth) {
            return Ok(Vec::new());
        }
        let known = site.ask(&self.words.stores()).await?;
        let is_there =
            |name: &Ident| known.iter().any(|row| row.first().and_then(Value::text) == Some(name.raw()));
        let stores: Vec<(Ident, String)> =
            stores.iter().filter(|(name, _)| is_there(name)).cloned().collect();
        if stores.is_empty() {
            return Ok(Vec::new());
        }
        let rows = site.ask(&self.words.batches(&stores, &site.run, self.place)).await?;
        let batches: Vec<(u64, u64)> =
            rows.iter().filter_map(|row| Some((row.first()?.count()?, row.get(1)?.count()?))).collect();
        if !self.order.wanted.healed {
            self.waited = self.waited.max(batches.iter().map(|(_, rows)| rows).sum());
        }
        Ok(batches)
    }

    /// One transaction; an error that concerns its rows is answered, not raised.
    async fn commit(
        &mut self,
        site: &mut Site,
        changes: Vec<Change>,
        table: &TableName,
    ) -> Result<Result<u64, Fault>, Halt> {
        site.rest().await?;
        let began = Instant::now();
        let done = match site.attempt(changes, None).await {
            Ok(Attempt::Done(done)) => {
                self.renumbered(told(&done, RENUMBERED), table);
                self.altered(&done, table);
                told(&done, CAME)
            }
            Ok(Attempt::TooLarge(fault)) => return Err(Halt::Failed(fault)),
            Err(Halt::Failed(fault)) if concerns_rows(&fault) => return Ok(Err(fault)),
            Err(halt) => return Err(halt),
        };
        if done > 0 {
            self.number += 1;
            self.outcome.came += done;
            (site.tell)(News::Batch(Batch {
                place: self.shown,
                number: self.number,
                changed: done,
                rows: self.outcome.came,
                total: self.waited.max(self.outcome.came),
                took: began.elapsed(),
                next: done,
                table: table.name.visible().into_owned(),
            }));
        }
        Ok(Ok(done))
    }

    /// Notes rows that came back and could not keep their numbers.
    fn renumbered(&mut self, rows: u64, table: &TableName) {
        if rows > 0 {
            self.anew += rows;
            self.outcome.note = Some(format!(
                "{} of {} and what hangs on it came back under other numbers (rowid) than before: theirs are taken",
                counted(self.anew, "row", "rows"),
                table.name.visible()
            ));
        }
    }

    async fn rows(&mut self, site: &mut Site, removal: &Removal) -> Result<(), Halt> {
        let Some(first) = removal.tables.first().map(|stored| stored.seat.table.clone()) else {
            return Ok(());
        };
        let back = self.back(removal);
        let mut stores: Vec<(Ident, String)> =
            removal.tables.iter().map(|stored| (stored.store.clone(), stored.prefix.clone())).collect();
        stores
            .extend(removal.overwrites().map(|(_, _, values)| (values.store.clone(), values.prefix.clone())));
        let batches = self.batches(site, &stores).await?;
        if !batches.is_empty() {
            let names: Vec<Ident> = removal.tables.iter().map(|stored| stored.store.clone()).collect();
            site.attempt(self.words.measure(&names), None).await?;
        }
        let refills = self.refills(removal);
        for (batch, _) in batches {
            let recall = self.recall(site, batch);
            let mut changes = self.words.recall(removal, &back, &recall);
            changes.extend(self.overwritten(&refills, &recall));
            if let Err(fault) = self.commit(site, changes, &first).await? {
                self.in_parts(site, removal, &back, batch, &fault).await?;
                self.overwritten_in_parts(site, &refills, batch).await?;
            }
        }
        self.left(site, removal, &back, &refills, &stores).await
    }

    /// Why nothing goes back into a table that is not there.
    fn gone(&self, table: &TableName) -> String {
        renamed::gone(self.order, self.catalog, table)
    }

    /// The tables of a removal as they are now.
    fn back(&mut self, removal: &Removal) -> Vec<Return> {
        let mut all = Vec::new();
        for (spot, stored) in removal.tables.iter().enumerate() {
            let fate = match back::of(self.catalog, removal, spot, &self.order.wanted) {
                Fate::Gone => Fate::Stay(self.gone(&stored.seat.table)),
                fate => fate,
            };
            all.push(match fate {
                Fate::Back(back) => *back,
                Fate::Gone => Return { barred: true, ..Return::unknown(stored.clone()) },
                Fate::Stay(why) => {
                    self.conflict(&stored.seat.table, 0, why, Vec::new());
                    Return { barred: true, ..Return::unknown(stored.clone()) }
                }
            });
        }
        all
    }

    fn conflict(&mut self, table: &TableName, rows: u64, why: String, mut some: Vec<u64>) {
        some.truncate(SOME);
        let table = self.catalog.written(table);
        let known = self.outcome.conflicts.iter_mut().find(|own| own.table == table && own.why == why);
        match known {
            Some(known) => {
                known.rows += rows;
                known.some.extend(some);
                known.some.truncate(SOME);
            }
            None => self.outcome.conflicts.push(Conflict { table, rows, why, some }),
        }
    }

    /// What stays in the stores, and why.
    async fn left(
        &mut self,
        site: &mut Site,
        removal: &Removal,
        back: &[Return],
        refills: &[Refill<'_>],
        stores: &[(Ident, String)],
    ) -> Result<(), Halt> {
        let waits: u64 = self.batches(site, stores).await?.iter().map(|(_, rows)| rows).sum();
        self.outcome.left = match self.order.wanted.healed {
            true => {
                let healed = self.words.healed(removal, &site.run, self.place, None);
                site.numbers(&healed).await?.first().copied().unwrap_or_default()
            }
            false => waits,
        };
        if waits > 0 {
            for refill in refills {
                self.unlike(site, refill).await?;
            }
        }
        let healed = self.order.wanted.healed.then_some(removal);
        if waits == 0 || (self.outcome.left == 0 && healed.is_none()) {
            return Ok(());
        }
        let Some(stuck) = self.words.stuck(back, &site.run, self.place, healed) else { return Ok(()) };
        for row in site.ask(&stuck).await? {
            let number = |at: usize| row.get(at).and_then(Value::count).unwrap_or_default();
            let place = |at: usize| usize::try_from(number(at)).unwrap_or(usize::MAX);
            let (Some(table), rows) = (back.get(place(0)), number(3)) else { continue };
            let is_key = row.get(1).and_then(Value::text) == Some("parent");
            let why = if is_key {
                table.needs.get(place(2)).map(|(reference, _)| match healed {
                    Some(_) => self.missing(reference),
                    None => self.parentless(reference),
                })
            } else {
                table.unique.get(place(2)).map(|columns| taken(columns))
            };
            let some = values::numbers(row.get(4));
            if let (Some(why), true) = (why, rows > 0) {
                let table = table.stored.seat.table.clone();
                self.conflict(&table, rows, why, some);
            }
        }
        if healed.is_some() && self.catalog.server.engine == EngineKind::Sqlite {
            // What hangs on rows that came is not counted by their parents.
            let told = self.outcome.conflicts.iter().map(|conflict| conflict.rows).sum();
            self.outcome.left = self.outcome.left.max(told);
        }
        Ok(())
    }

    fn parentless(&self, reference: &Reference) -> String {
        let columns: Vec<_> = reference.pairs.iter().map(|pair| pair.child.visible().into_owned()).collect();
        let (columns, parent) = (columns.join(", "), reference.parent.table.name.visible());
        match self.catalog.server.engine {
            EngineKind::Postgres => {
                format!(
                    "the parent in {parent} that ({columns}) refers to is missing, and the key is enforced"
                )
            }
            EngineKind::Sqlite => {
                format!("the row of {parent} that ({columns}) refers to went with it, and stays in its store")
            }
        }
    }
}

/// Whether an error is about the rows of a statement, and not about the session, the server or the disk.
pub(super) fn concerns_rows(fault: &Fault) -> bool {
    // SQLite's codes have four digits at most, PostgreSQL's five letters: a full disk, and one that takes nothing.
    let short = fault.code.as_deref().filter(|code| code.len() < 5).and_then(|code| code.parse::<u32>().ok());
    if short.is_some_and(|code| matches!(code & 0xff, 10 | 11 | 13)) {
        return false;
    }
    matches!(fault.kind, Kind::Constraint | Kind::Unexpected | Kind::Missing | Kind::Other | Kind::Denied)
}

fn taken(key: &[(Ident, Option<Ident>)]) -> String {
    let columns: Vec<_> = key.iter().map(|(column, _)| column.visible().into_owned()).collect();
    format!("another row holds the same ({}) by now", columns.join(", "))
}
