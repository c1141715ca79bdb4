//! Answers of the server, made into the survey. Numbers of tables the catalog does not know are passed over.

use crate::model::catalog::{Catalog, TableId};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::Mode;
use crate::model::plan::survey::{Declared, Fires, Ground, Holder, Survey};
use crate::model::relation::{Comparison, Matching, Referential};
use crate::model::value::{Row, Value};
use std::collections::HashMap;

/// Places of tables by the server's numbers.
pub(super) struct Places(HashMap<u32, TableId>);

impl Places {
    pub(super) fn of(catalog: &Catalog) -> Self {
        Self(catalog.tables.iter().map(|table| (table.oid, table.id)).collect())
    }

    pub(super) fn at(&self, row: &Row, at: usize) -> Option<TableId> {
        self.0.get(&number(row, at)?).copied()
    }
}

fn text(row: &Row, at: usize) -> Option<&str> {
    row.get(at).and_then(Value::text)
}

fn shown(row: &Row, at: usize) -> String {
    row.get(at).map_or_else(String::new, |value| value.visible().into_owned())
}

fn name(row: &Row, at: usize) -> Option<Ident> {
    Ident::new(text(row, at)?).ok()
}

fn truth(row: &Row, at: usize) -> bool {
    row.get(at).is_some_and(Value::truth)
}

fn number<N: std::str::FromStr>(row: &Row, at: usize) -> Option<N> {
    text(row, at)?.parse().ok()
}

/// Numbers that share a cell: `{1,2}` or `1 2`.
fn list<N: std::str::FromStr>(row: &Row, at: usize) -> Vec<N> {
    numbers_in(text(row, at).unwrap_or_default())
}

fn numbers_in<N: std::str::FromStr>(cell: &str) -> Vec<N> {
    let words = cell.trim_matches(['{', '}']);
    words.split([',', ' ']).filter_map(|word| word.parse().ok()).collect()
}

/// The numbers of the one row of an answer.
pub(super) fn numbers<const N: usize>(rows: &[Row]) -> Result<[u64; N], Fault> {
    let mut found = [0; N];
    for (at, number) in found.iter_mut().enumerate() {
        *number = rows.first().and_then(|row| row.get(at)).and_then(Value::count).ok_or_else(|| {
            Fault::new(Kind::Unsupported, "The server answered with something that is no count.")
        })?;
    }
    Ok(found)
}

/// Whether the cluster's number may be asked for, besides what goes into the survey.
pub(super) fn ground(rows: &[Row], ground: &mut Ground) -> bool {
    let Some(row) = rows.first() else { return false };
    ground.database_number = text(row, 0).map(str::to_owned);
    ground.journal = truth(row, 1);
    ground.may_keep_journal = truth(row, 2);
    ground.archive_fails = truth(row, 3);
    ground.now = text(row, 5).map(str::to_owned);
    truth(row, 4)
}

/// What the role lacks in the journal.
pub(super) fn journal(rows: &[Row], ground: &mut Ground) {
    for row in rows {
        let (Some(name), Ok(schema)) = (name(row, 1), Ident::new("waif")) else { continue };
        match text(row, 0) {
            Some("owner") => ground.journal_owners.push(name),
            Some("store") => ground.journal_stores.push(TableName { schema, name }),
            Some("table") => {
                let rights = text(row, 2).unwrap_or_default().to_owned();
                ground.journal_tables.push((TableName { schema, name }, rights));
            }
            _ => ground.journal_closed = true,
        }
    }
}

pub(super) fn bystanders(rows: &[Row], ground: &mut Ground) {
    for row in rows {
        let what = shown(row, 1);
        match text(row, 0) {
            Some("event trigger") => ground.event_triggers.push(what),
            Some("prepared") => ground.prepared.push(what),
            Some("snapshot") => ground.snapshots.push(what),
            Some("replica") => ground.replicas.push((what, number(row, 2))),
            _ => {}
        }
    }
}

pub(super) fn tables(rows: &[Row], places: &Places, survey: &mut Survey) {
    for row in rows {
        let Some(place) = places.at(row, 0) else { continue };
        let table = survey.tables.entry(place).or_default();
        table.owned = truth(row, 1);
        table.may_create = truth(row, 2);
        table.may_select = truth(row, 3);
        table.may_refer = truth(row, 4);
        table.has_identity = truth(row, 5);
        table.fillfactor = number(row, 6).unwrap_or(100);
        table.may_enter = truth(row, 7);
    }
}

pub(super) fn listeners(rows: &[Row], places: &Places, catalog: &Catalog, survey: &mut Survey) {
    for row in rows {
        let Some(place) = places.at(row, 0) else { continue };
        let table = survey.tables.entry(place).or_default();
        let own = shown(row, 2);
        match text(row, 1) {
            Some("rule") => table.rules.push(own),
            Some("policy") => table.policies.push(own),
            Some("publication") => table.publications.push(own),
            Some("update") => table.may_update.extend(name(row, 2)),
            Some("trigger") => table.triggers.push(Fires {
                name: own,
                may_veto: truth(row, 3),
                columns: columns(catalog, place, &list(row, 4)),
                conditional: truth(row, 5),
            }),
            _ => {}
        }
    }
}

/// Columns of a table by the server's numbers, which share a cell.
pub(super) fn columns_of(catalog: &Catalog, table: TableId, cell: &str) -> Vec<Ident> {
    let numbers: Vec<i32> = numbers_in(cell);
    columns(catalog, table, &numbers)
}

fn columns(catalog: &Catalog, table: TableId, numbers: &[i32]) -> Vec<Ident> {
    let Some(table) = catalog.table(table) else { return Vec::new() };
    let named = |number: &i32| table.columns.iter().find(|column| column.number == *number);
    numbers.iter().filter_map(named).map(|column| column.name.clone()).collect()
}

pub(super) fn constraints(rows: &[Row], places: &Places, catalog: &Catalog, survey: &mut Survey) {
    for row in rows {
        let (Some(table), Some(own)) = (places.at(row, 1), name(row, 2)) else { continue };
        if text(row, 3) != Some("f") {
            survey.taken.push((table, own));
            continue;
        }
        let mut letters = text(row, 10).unwrap_or_default().chars();
        let matching = if letters.next() == Some('f') { Matching::Full } else { Matching::Simple };
        let (on_update, on_delete) = (action(letters.next()), action(letters.next()));
        survey.keys.push(Declared {
            number: number(row, 0).unwrap_or(0),
            table,
            name: own,
            parent: number(row, 4).unwrap_or(0),
            columns: columns(catalog, table, &list(row, 5)),
            parent_columns: list(row, 6),
            validated: truth(row, 7),
            enforced: truth(row, 8),
            copy_of: number(row, 9).unwrap_or(0),
            matching,
            on_update,
            on_delete,
            deferrable: truth(row, 11),
            initially_deferred: truth(row, 12),
            definition: text(row, 13).unwrap_or_default().to_owned(),
        });
    }
}

fn action(letter: Option<char>) -> Referential {
    match letter {
        Some('r') => Referential::Restrict,
        Some('c') => Referential::Cascade,
        Some('n') => Referential::SetNull,
        Some('d') => Referential::SetDefault,
        _ => Referential::NoAction,
    }
}

pub(super) fn parts(rows: &[Row], places: &Places, survey: &mut Survey) {
    for row in rows {
        if let (Some(table), Some(part), Some(schema), Some(whole)) =
            (places.at(row, 0), name(row, 1), name(row, 2), name(row, 3))
        {
            survey.parts.push((table, part, TableName { schema, name: whole }));
        }
    }
}

pub(super) fn names(rows: &[Row], places: &Places, survey: &mut Survey) {
    for row in rows {
        if let (Some(schema), Some(own)) = (name(row, 0), name(row, 1)) {
            survey.names.push((TableName { schema, name: own }, places.at(row, 2)));
        }
    }
}

pub(super) fn holders(rows: &[Row], places: &Places, survey: &mut Survey) {
    for row in rows {
        let (Some(table), Some(mode)) = (places.at(row, 0), text(row, 1).and_then(Mode::named)) else {
            continue;
        };
        let since = if text(row, 6).is_some() { format!(", since {}", shown(row, 6)) } else { String::new() };
        let who = match text(row, 3) {
            Some(_) => format!("session {} ({}, {}{since})", shown(row, 3), shown(row, 4), shown(row, 5)),
            None => shown(row, 7),
        };
        survey.holders.push(Holder { table, mode, granted: truth(row, 2), who });
    }
}

/// Comparisons by place; none for a pair without a row.
pub(super) fn comparisons(rows: &[Row], count: usize) -> Vec<Option<Comparison>> {
    let mut found = vec![None; count];
    for row in rows {
        let place = number::<usize>(row, 0).and_then(|place| place.checked_sub(1));
        let (Some(seat), Some(schema), Some(operator)) =
            (place.and_then(|place| found.get_mut(place)), name(row, 1), text(row, 2))
        else {
            continue;
        };
        let collate = match (name(row, 5), name(row, 6)) {
            (Some(schema), Some(name)) => Some(TableName { schema, name }),
            _ => None,
        };
        let sameness = name(row, 7).zip(text(row, 8)).map(|(schema, name)| (schema, name.to_owned()));
        *seat = Some(Comparison {
            operator: Some((schema, operator.to_owned())),
            sameness,
            parent_cast: text(row, 3).map(str::to_owned),
            child_cast: text(row, 4).map(str::to_owned),
            collate,
        });
    }
    found
}
