//! Values brought back: references that were set to NULL by a step of their own, and those that were overwritten beside
//! rows that went.

use super::{Bringing, concerns_rows};
use crate::db::writer::Done;
use crate::model::ident::TableName;
use crate::model::plan::removal::{Nulling, Overwrite, Reference, Removal};
use crate::model::server::EngineKind;
use crate::model::value::{Row, Value};
use crate::repair::planner::gone::work;
use crate::repair::run::restore::back;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::removals::{ALTERED, Recall, Refill};

/// Why a value stays whose row differs from what it was in other columns.
const OTHER: &str = "the row was changed since, or is another one that took its key; where no key was taken again, --changed puts it back";
/// Why a value stays that its column would not hold as it was.
const UNLIKE: &str = "the column would not hold what it held before: its type was changed since";
/// Why values stay, where that is not told apart.
const ELSE: &str = "the row is gone, holds something else by now, or a key asks for a parent that is missing";

impl Bringing<'_> {
    pub(super) async fn values(&mut self, site: &mut Site, nulling: &Nulling) -> Result<(), Halt> {
        let values = &nulling.values;
        let stores = [(values.store.clone(), values.prefix.clone())];
        let refill = match self.refill(values, &nulling.missing) {
            Ok(refill) => refill,
            Err(why) => {
                self.conflict(&values.seat.table, 0, why, Vec::new());
                self.outcome.left = self.batches(site, &stores).await?.iter().map(|(_, rows)| rows).sum();
                return Ok(());
            }
        };
        for (batch, _) in self.batches(site, &stores).await? {
            let changes = self.words.put_back(&refill, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, &values.seat.table).await? {
                self.values_in_parts(site, &refill, batch, &fault).await?;
            }
        }
        let left = self.batches(site, &stores).await?.iter().map(|(_, rows)| rows).sum();
        let told = if left > 0 { self.unlike(site, &refill).await? } else { Some(0) };
        // Of those that are wanted only where their parent is there the others are not left: they were not meant.
        self.outcome.left = match self.order.wanted.healed {
            true => self.outcome.conflicts.iter().map(|conflict| conflict.rows).sum(),
            false => left,
        };
        if told.is_none() {
            self.rest(&values.seat.table, ELSE);
        }
        Ok(())
    }

    /// The values a removal overwrote, as far as their tables are what they were: the last edge first.
    pub(super) fn refills<'r>(&mut self, removal: &'r Removal) -> Vec<Refill<'r>> {
        let mut refills = Vec::new();
        for (_, edge, values) in removal.overwrites() {
            match self.refill(values, &edge.reference) {
                Ok(refill) => refills.push(refill),
                Err(why) => self.conflict(&values.seat.table, 0, why, Vec::new()),
            }
        }
        refills.reverse();
        refills
    }

    /// Statements that put them back.
    pub(super) fn overwritten(&self, refills: &[Refill<'_>], recall: &Recall<'_>) -> Vec<Change> {
        refills.iter().flat_map(|refill| self.words.put_back(refill, recall)).collect()
    }

    /// Puts back what can be put back of a batch that was refused as a whole.
    pub(super) async fn overwritten_in_parts(
        &mut self,
        site: &mut Site,
        refills: &[Refill<'_>],
        batch: u64,
    ) -> Result<(), Halt> {
        for refill in refills {
            let changes = self.words.put_back(refill, &self.recall(site, batch));
            if let Err(fault) = self.commit(site, changes, &refill.values.seat.table).await? {
                self.values_in_parts(site, refill, batch, &fault).await?;
            }
        }
        Ok(())
    }

    /// What it takes to put values back; why they stay where the table is not what it was.
    fn refill<'r>(&self, values: &'r Overwrite, own: &'r Reference) -> Result<Refill<'r>, String> {
        let shown = values.seat.table.name.visible();
        let table =
            back::table(self.catalog, &values.seat.table).ok_or_else(|| self.gone(&values.seat.table))?;
        let mut named = values.key.iter().chain(&values.columns);
        if let Some(gone) = named.find(|named| table.column(&named.column).is_none()) {
            return Err(format!("{shown} has no column {} any more", gone.column.visible()));
        }
        if let Some(gone) = values.digested.iter().find(|named| table.column(&named.column).is_none()) {
            return Err(format!(
                "{shown} has no column {} any more: whether a row is the one it was cannot be told without it; --changed goes by the key alone",
                gone.column.visible()
            ));
        }
        for named in values.key.iter().chain(&values.columns) {
            let own = table.column(&named.column).map(|(_, own)| own);
            let shifted =
                own.and_then(|own| back::shifted(self.catalog, &named.column, &named.type_name, own));
            if let Some(why) = shifted {
                return Err(format!("{shown}.{why}"));
            }
        }
        let types =
            values.columns.iter().filter_map(|named| Some(table.column(&named.column)?.1.type_name.clone()));
        let over = |reference: &Reference| {
            let mut pairs = reference.pairs.iter();
            pairs.any(|pair| values.columns.iter().any(|named| named.column == pair.child))
        };
        let enforced = back::enforced(self.catalog, table);
        let mut needs: Vec<Reference> =
            enforced.filter_map(|relation| work::reference(self.catalog, relation)).filter(over).collect();
        if self.order.wanted.healed && self.catalog.server.engine == EngineKind::Sqlite {
            let declared = back::declared(self.catalog, table);
            needs = declared
                .filter_map(|relation| work::reference(self.catalog, relation))
                .filter(over)
                .collect();
        }
        // Only what has its parent again is wanted then, whether a key asks for it or not.
        if self.order.wanted.healed && !needs.contains(own) {
            needs.push(own.clone());
        }
        Ok(Refill { values, own, needs, types: types.collect() })
    }

    /// Tells why values stay, each with its rows, and how many are told; none where that is not told apart.
    pub(super) async fn unlike(&mut self, site: &mut Site, refill: &Refill<'_>) -> Result<Option<u64>, Halt> {
        let healed = self.order.wanted.healed;
        let Some(query) = self.words.unlike(refill, &site.run, self.place, healed) else { return Ok(None) };
        let rows: Vec<Row> = match site.ask(&query).await {
            Ok(rows) => rows,
            // A value that cannot even be read as what its column is by now.
            Err(fault) if concerns_rows(&fault) => return Ok(None),
            Err(fault) => return Err(fault.into()),
        };
        let mut told = 0;
        for row in rows {
            let text = |at: usize| row.get(at).and_then(Value::text).unwrap_or_default();
            let rows = row.get(2).and_then(Value::count).unwrap_or_default();
            let need = text(1).parse::<usize>().ok().and_then(|at| refill.needs.get(at));
            let why = match (text(0), need) {
                ("gone", _) => "the row is gone".to_owned(),
                ("other", _) => "the row holds something else by now".to_owned(),
                ("changed", _) => OTHER.to_owned(),
                ("narrow", _) => UNLIKE.to_owned(),
                ("parent", Some(reference)) => self.missing(reference),
                // Whatever refused it was told when it did.
                _ => continue,
            };
            told += rows;
            self.conflict(&refill.values.seat.table, rows, why, numbers(row.get(3)));
        }
        Ok(Some(told))
    }
    /// A key asks for a parent that is not there.
    pub(super) fn missing(&self, reference: &Reference) -> String {
        if self.catalog.server.engine == EngineKind::Postgres {
            return self.parentless(reference);
        }
        let columns: Vec<_> = reference.pairs.iter().map(|pair| pair.child.visible().into_owned()).collect();
        let parent = reference.parent.table.name.visible();
        format!("the parent in {parent} that ({}) refers to is missing", columns.join(", "))
    }

    /// Tells of values that stayed because their column would not have held them as they were.
    pub(super) fn altered(&mut self, done: &[Done], otherwise: &TableName) {
        let told = done.iter().filter_map(|done| done.rows.first());
        for row in told.filter(|row| row.first().and_then(Value::text) == Some(ALTERED)) {
            let rows = row.get(1).and_then(Value::count).unwrap_or_default();
            if rows > 0 {
                let named = row.get(3).and_then(Value::text);
                let mut tables = self.catalog.tables.iter();
                let table = tables.find(|table| Some(table.name.name.raw()) == named);
                let table = table.map_or(otherwise, |table| &table.name).clone();
                self.conflict(&table, rows, UNLIKE.to_owned(), numbers(row.get(2)));
            }
        }
    }
}

/// Numbers of rows, as a server writes a list of them.
pub(super) fn numbers(list: Option<&Value>) -> Vec<u64> {
    let list = list.and_then(Value::text).unwrap_or_default();
    list.trim_matches(['{', '}']).split(',').filter_map(|word| word.parse().ok()).collect()
}
