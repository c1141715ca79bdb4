//! What comes back besides rows and values: parents that were inserted, columns that were filled.

use super::Bringing;
use crate::model::catalog::{Event, Table, Trigger};
use crate::model::ident::TableName;
use crate::model::plan::removal::{Adoption, Reference};
use crate::model::plan::step::Copied;
use crate::model::relation::Relation;
use crate::model::server::EngineKind;
use crate::model::value::Value;
use crate::repair::planner::gone::work;
use crate::repair::run::restore::back;
use crate::repair::run::{Halt, Site};

/// Why a row stays that holds what was filled.
const WRITTEN: &str = "the row was written again since it was filled, or is another one that took its key; --changed takes the value back all the same";

impl Bringing<'_> {
    pub(super) async fn parents(&mut self, site: &mut Site, adoption: &Adoption) -> Result<(), Halt> {
        let parent = &adoption.parent.seat.table;
        let stores = [(adoption.parent.store.clone(), adoption.parent.prefix.clone())];
        let mut batches = self.batches(site, &stores).await?;
        let Some(table) = back::table(self.catalog, parent) else {
            self.conflict(parent, 0, self.gone(parent), Vec::new());
            self.outcome.left = batches.iter().map(|(_, rows)| rows).sum();
            return Ok(());
        };
        let guests = match self.catalog.server.engine {
            EngineKind::Sqlite => work::guests(self.catalog, &adoption.missing),
            EngineKind::Postgres => self.guests(table, |_| true),
        };
        // One that another batch inserted may hold one that is looked at before it.
        let again = self.catalog.server.engine == EngineKind::Sqlite
            && guests.iter().any(|guest| guest.child.table == *parent);
        loop {
            let came = self.outcome.came;
            self.outcome.conflicts.clear();
            for (batch, _) in &batches {
                let changes = self.words.disown(adoption, &guests, &self.recall(site, *batch));
                if let Err(fault) = self.commit(site, changes, parent).await? {
                    self.parents_in_parts(site, (adoption, &guests), *batch, &fault).await?;
                }
            }
            batches = self.batches(site, &stores).await?;
            if !again || batches.is_empty() || self.outcome.came == came {
                break;
            }
        }
        self.hearing(table);
        self.outcome.left = batches.iter().map(|(_, rows)| rows).sum();
        self.rest(parent, "the parent was changed since, is gone, or a declared reference leads to it");
        Ok(())
    }

    /// Names the triggers that hear of the parents going, where some were refused.
    fn hearing(&mut self, table: &Table) {
        let hears =
            |trigger: &&Trigger| trigger.hears.as_ref().is_none_or(|heard| heard.event == Event::Delete);
        let names: Vec<_> =
            table.triggers.iter().filter(hears).map(|trigger| trigger.name.visible()).collect();
        if names.is_empty() || self.catalog.server.engine != EngineKind::Sqlite {
            return;
        }
        for conflict in &mut self.outcome.conflicts {
            conflict.why = format!("{} (triggers that hear of it: {})", conflict.why, names.join(", "));
        }
    }

    /// References to a table that are asked for.
    fn guests(&self, table: &Table, asked: impl Fn(&Relation) -> bool) -> Vec<Reference> {
        let refers = |relation: &&Relation| {
            let refers = relation.parent.table.is_some_and(|other| {
                back::is_part(self.catalog, &relation.parent.name, &table.name) || other == table.id
            });
            refers && relation.flaw.is_none() && asked(relation)
        };
        let relations = self.catalog.relations.iter().filter(refers);
        relations.filter_map(|relation| work::reference(self.catalog, relation)).collect()
    }

    pub(super) async fn filled(&mut self, site: &mut Site, copied: &Copied) -> Result<(), Halt> {
        let stands = site.ask(&self.words.filled_stands(&site.run, self.place)).await?;
        let stands = stands.first().map_or(&[][..], Vec::as_slice);
        if !stands.first().is_some_and(Value::truth) {
            return Ok(());
        }
        // A record of before tells by key and value alone.
        self.changed |= stands.get(1).is_some_and(|tells| !tells.truth());
        let count = |rows: Vec<Vec<Value>>| -> Vec<(u64, u64)> {
            rows.iter().filter_map(|row| Some((row.first()?.count()?, row.get(1)?.count()?))).collect()
        };
        let filled = self.words.filled(&site.run, self.place);
        let Some(table) = back::table(self.catalog, &copied.table) else {
            self.outcome.left = count(site.ask(&filled).await?).iter().map(|(_, rows)| rows).sum();
            self.conflict(&copied.table, 0, self.gone(&copied.table), Vec::new());
            return Ok(());
        };
        // A row that refers to what was filled would lose its parent, or its own value with it (ON UPDATE).
        let moving = table.moving(std::slice::from_ref(&copied.column));
        let guests =
            self.guests(table, |relation| relation.parent.columns.iter().any(|own| moving.contains(own)));
        let batches = count(site.ask(&filled).await?);
        self.waited = batches.iter().map(|(_, rows)| rows).sum();
        for (batch, _) in batches {
            let changes = self.words.unfill(copied, &guests, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, &copied.table).await? {
                self.filled_in_parts(site, (copied, &guests), batch, &fault).await?;
            }
        }
        self.outcome.left = count(site.ask(&filled).await?).iter().map(|(_, rows)| rows).sum();
        self.written(site, copied).await?;
        let why = match guests.is_empty() {
            true => "the row is gone, or holds something else by now than what was filled in",
            false => {
                "the row is gone, holds something else by now than what was filled in, or a declared reference leads to it"
            }
        };
        self.rest(&copied.table, why);
        Ok(())
    }

    /// Tells of rows that hold what was filled and stay all the same, for somebody wrote them since.
    async fn written(&mut self, site: &mut Site, copied: &Copied) -> Result<(), Halt> {
        if self.outcome.left == 0 || self.changed {
            return Ok(());
        }
        let written = self.words.written(copied, &site.run, self.place);
        let rows = site.numbers(&written).await?.first().copied().unwrap_or_default();
        if rows > 0 {
            self.conflict(&copied.table, rows, WRITTEN.to_owned(), Vec::new());
        }
        Ok(())
    }

    /// Tells of what is left besides what was refused by the engine itself.
    pub(super) fn rest(&mut self, table: &TableName, why: &str) {
        let told: u64 = self.outcome.conflicts.iter().map(|conflict| conflict.rows).sum();
        if self.outcome.left > told {
            self.conflict(table, self.outcome.left - told, why.to_owned(), Vec::new());
        }
    }
}
