//! One step brought back, a batch of the run in a transaction each, last first.

mod parts;

use super::Restoration;
use super::back::{self, Fate};
use crate::db::writer::Done;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Adoption, Nulling, Overwrite, Reference, Removal};
use crate::model::plan::step::{Copied, Step, Work};
use crate::model::restore::{Conflict, RestoredStep};
use crate::model::run::{Batch, News};
use crate::model::value::Value;
use crate::repair::planner::gone::work;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::removals::{Recall, Removals, Return};
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
    /// Rows that were tried alone and refused.
    refused: usize,
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
    let mut bringing =
        Bringing { order, catalog, words, place, shown, waited: 0, number, refused: 0, outcome };
    site.attempt(words.create_notes(), None).await?;
    match &step.work {
        Work::Remove(removal) => bringing.rows(site, removal).await?,
        Work::Nullify(nulling) => bringing.values(site, nulling).await?,
        Work::Adopt(adoption) if !order.wanted.healed => bringing.parents(site, adoption).await?,
        Work::Backfill(copied) if !order.wanted.healed => bringing.filled(site, copied).await?,
        _ => {}
    }
    Ok(bringing.outcome)
}

/// The numbers that statements answered with, added up.
fn came(done: &[Done]) -> u64 {
    done.iter().filter_map(|done| done.rows.first().filter(|row| row.len() == 1)?.first()?.count()).sum()
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
            only: None,
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
            Ok(Attempt::Done(done)) => came(&done),
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
        for (batch, _) in batches {
            let recall = self.recall(site, batch);
            let mut changes = self.words.recall(removal, &back, &recall);
            changes.extend(self.overwritten(removal, &recall));
            if let Err(fault) = self.commit(site, changes, &first).await? {
                self.in_parts(site, removal, &back, batch, &fault).await?;
                let recall = self.recall(site, batch);
                let changes = self.overwritten(removal, &recall);
                if let Err(fault) = self.commit(site, changes, &first).await? {
                    self.conflict(&first, 0, fault.to_string(), Vec::new());
                }
            }
        }
        self.left(site, removal, &back, &stores).await
    }

    /// The tables of a removal as they are now.
    fn back(&mut self, removal: &Removal) -> Vec<Return> {
        let beside: Vec<&TableName> = removal.tables.iter().map(|stored| &stored.seat.table).collect();
        let mut all = Vec::new();
        for stored in &removal.tables {
            all.push(match back::of(self.catalog, stored, &beside, self.order.wanted.partly) {
                Fate::Back(back) => back,
                Fate::Stay(why) => {
                    self.conflict(&stored.seat.table, 0, why, Vec::new());
                    Return {
                        stored: stored.clone(),
                        columns: Vec::new(),
                        numbered: false,
                        needs: Vec::new(),
                        unique: Vec::new(),
                        barred: true,
                    }
                }
            });
        }
        all
    }

    /// Statements that put overwritten values back, the last edge first.
    fn overwritten(&self, removal: &Removal, recall: &Recall<'_>) -> Vec<Change> {
        let mut edges: Vec<_> = removal.overwrites().collect();
        edges.reverse();
        edges
            .into_iter()
            .filter_map(|(_, edge, values)| {
                Some(self.words.put_back(values, &self.needs(values, &edge.reference)?, recall))
            })
            .flatten()
            .collect()
    }

    /// The keys that must hold for values that are put back; none where the table is not what it was.
    fn needs(&self, values: &Overwrite, own: &Reference) -> Option<Vec<Reference>> {
        let table = back::table(self.catalog, &values.seat.table)?;
        let mut columns = values.key.iter().chain(&values.columns);
        if columns.any(|named| table.column(&named.column).is_none()) {
            return None;
        }
        let over = |reference: &Reference| {
            let mut pairs = reference.pairs.iter();
            pairs.any(|pair| values.columns.iter().any(|named| named.column == pair.child))
        };
        let enforced = back::enforced(self.catalog, table);
        let mut needs: Vec<Reference> =
            enforced.filter_map(|relation| work::reference(self.catalog, relation)).filter(over).collect();
        // Only what has its parent again is wanted then, whether a key asks for it or not.
        if self.order.wanted.healed && !needs.contains(own) {
            needs.push(own.clone());
        }
        Some(needs)
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
        stores: &[(Ident, String)],
    ) -> Result<(), Halt> {
        if self.order.wanted.healed {
            let healed = self.words.healed(removal, &site.run, self.place, None);
            self.outcome.left = site.numbers(&healed).await?.first().copied().unwrap_or_default();
        } else {
            self.outcome.left = self.batches(site, stores).await?.iter().map(|(_, rows)| rows).sum();
        }
        if self.outcome.left == 0 {
            return Ok(());
        }
        let Some(stuck) = self.words.stuck(back, &site.run, self.place) else { return Ok(()) };
        for row in site.ask(&stuck).await? {
            let number = |at: usize| row.get(at).and_then(Value::count).unwrap_or_default();
            let place = |at: usize| usize::try_from(number(at)).unwrap_or(usize::MAX);
            let (Some(table), rows) = (back.get(place(0)), number(3)) else { continue };
            let is_key = row.get(1).and_then(Value::text) == Some("parent");
            let why = if is_key {
                table.needs.get(place(2)).map(|(reference, _)| parentless(reference))
            } else {
                table.unique.get(place(2)).map(|columns| taken(columns))
            };
            let some = row.get(4).and_then(Value::text).unwrap_or_default();
            let some =
                some.trim_matches(['{', '}']).split(',').filter_map(|word| word.parse().ok()).collect();
            if let (Some(why), true) = (why, rows > 0) {
                let table = table.stored.seat.table.clone();
                self.conflict(&table, rows, why, some);
            }
        }
        Ok(())
    }

    async fn values(&mut self, site: &mut Site, nulling: &Nulling) -> Result<(), Halt> {
        let values = &nulling.values;
        let stores = [(values.store.clone(), values.prefix.clone())];
        let Some(needs) = self.needs(values, &nulling.missing) else {
            self.conflict(
                &values.seat.table,
                0,
                "the table, or a column of it, is gone".to_owned(),
                Vec::new(),
            );
            self.outcome.left = self.batches(site, &stores).await?.iter().map(|(_, rows)| rows).sum();
            return Ok(());
        };
        for (batch, _) in self.batches(site, &stores).await? {
            let changes = self.words.put_back(values, &needs, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, &values.seat.table).await? {
                self.conflict(&values.seat.table, 0, fault.to_string(), Vec::new());
            }
        }
        let left = self.batches(site, &stores).await?.iter().map(|(_, rows)| rows).sum();
        if !self.order.wanted.healed {
            self.outcome.left = left;
        }
        if self.outcome.left > 0 {
            let why =
                "the row is gone, holds something else by now, or a key asks for a parent that is missing";
            self.conflict(&values.seat.table, left, why.to_owned(), Vec::new());
        }
        Ok(())
    }

    async fn parents(&mut self, site: &mut Site, adoption: &Adoption) -> Result<(), Halt> {
        let parent = &adoption.parent.seat.table;
        let stores = [(adoption.parent.store.clone(), adoption.parent.prefix.clone())];
        let batches = self.batches(site, &stores).await?;
        let Some(table) = back::table(self.catalog, parent) else {
            self.conflict(parent, 0, "the table is gone".to_owned(), Vec::new());
            self.outcome.left = batches.iter().map(|(_, rows)| rows).sum();
            return Ok(());
        };
        let guests: Vec<Reference> = self
            .catalog
            .relations
            .iter()
            .filter(|relation| {
                let refers = relation.parent.table.is_some_and(|other| {
                    back::is_part(self.catalog, &relation.parent.name, &table.name) || other == table.id
                });
                refers && relation.flaw.is_none()
            })
            .filter_map(|relation| work::reference(self.catalog, relation))
            .collect();
        for (batch, _) in batches {
            let changes = self.words.disown(adoption, &guests, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, parent).await? {
                self.conflict(parent, 0, fault.to_string(), Vec::new());
            }
        }
        self.outcome.left = self.batches(site, &stores).await?.iter().map(|(_, rows)| rows).sum();
        if self.outcome.left > 0 {
            let why = "the parent was changed since, is gone, or a declared reference leads to it";
            self.conflict(parent, self.outcome.left, why.to_owned(), Vec::new());
        }
        Ok(())
    }

    async fn filled(&mut self, site: &mut Site, copied: &Copied) -> Result<(), Halt> {
        let stands = site.ask(&self.words.filled_stands(&site.run, self.place)).await?;
        if !stands.first().and_then(|row| row.first()).is_some_and(Value::truth) {
            return Ok(());
        }
        let count = |rows: Vec<Vec<Value>>| -> Vec<(u64, u64)> {
            rows.iter().filter_map(|row| Some((row.first()?.count()?, row.get(1)?.count()?))).collect()
        };
        let filled = self.words.filled(&site.run, self.place);
        for (batch, _) in count(site.ask(&filled).await?) {
            let changes = self.words.unfill(copied, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, &copied.table).await? {
                self.conflict(&copied.table, 0, fault.to_string(), Vec::new());
            }
        }
        self.outcome.left = count(site.ask(&filled).await?).iter().map(|(_, rows)| rows).sum();
        if self.outcome.left > 0 {
            let why = "the row is gone, or holds something else by now than what was filled in";
            self.conflict(&copied.table, self.outcome.left, why.to_owned(), Vec::new());
        }
        Ok(())
    }
}

/// Whether an error is about the rows of a statement, and not about the session or the server.
fn concerns_rows(fault: &Fault) -> bool {
    matches!(fault.kind, Kind::Constraint | Kind::Unexpected | Kind::Missing | Kind::Other | Kind::Denied)
}

fn parentless(reference: &Reference) -> String {
    let columns: Vec<_> = reference.pairs.iter().map(|pair| pair.child.visible().into_owned()).collect();
    format!(
        "the parent in {} that ({}) refers to is missing, and the key is enforced",
        reference.parent.table.name.visible(),
        columns.join(", ")
    )
}

fn taken(columns: &[Ident]) -> String {
    let columns: Vec<_> = columns.iter().map(|column| column.visible().into_owned()).collect();
    format!("another row holds the same ({}) by now", columns.join(", "))
}
