//! `set-null-on-not-null`: SET NULL actions on columns that cannot be NULL.

use super::seen::{Seen, listed};
use super::{Facts, Rule};
use crate::model::catalog::{Column, Generated, Table, TableKind};
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, written};
use crate::model::relation::{Referential, Relation};
use crate::model::server::EngineKind;

pub(super) const RULE: Rule = Rule {
    name: "set-null-on-not-null",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/set-null-on-not-null.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.sound().filter_map(|seen| finding(&seen)).collect()
}

fn finding(seen: &Seen<'_>) -> Option<Finding> {
    let child = seen.child?;
    let sqlite = seen.catalog.server.engine == EngineKind::Sqlite;
    let stubborn = |columns: &[Ident]| -> Vec<String> {
        let found = columns.iter().filter_map(|name| child.column(name));
        found.filter_map(|(place, column)| refusal(child, place, column, sqlite)).collect()
    };
    let on_delete = acting(seen.relation.on_delete, || stubborn(set_columns(seen.relation)));
    let on_update = acting(seen.relation.on_update, || stubborn(&seen.relation.child.columns));
    let (event, act, reasons) = match (on_delete, on_update) {
        (Some(reasons), None) => ("ON DELETE", "Deleting", reasons),
        (None, Some(reasons)) => ("ON UPDATE", "Changing the key of", reasons),
        (Some(reasons), Some(_)) => ("ON DELETE and ON UPDATE", "Deleting, or changing the key of,", reasons),
        (None, None) => return None,
    };
    let mut finding = seen.finding(
        &RULE,
        format!("{event} SET NULL of {} can never be carried out: {}.", seen.label(), listed(&reasons)),
    );
    finding.detail = Some(format!(
        "{act} a row of {} that {} refers to fails with an error. Let the column be NULL, or declare an action that can \
         be carried out.",
        seen.parent_name(),
        seen.child_name()
    ));
    finding.action = seen.action("replace-fk");
    Some(finding)
}

/// The reasons against an action, if it is SET NULL and there are any.
fn acting(action: Referential, reasons: impl Fn() -> Vec<String>) -> Option<Vec<String>> {
    (action == Referential::SetNull).then(reasons).filter(|reasons| !reasons.is_empty())
}

/// The columns ON DELETE sets: all, unless the constraint names some.
pub(super) fn set_columns(relation: &Relation) -> &[Ident] {
    if relation.set_columns.is_empty() { &relation.child.columns } else { &relation.set_columns }
}

fn refusal(table: &Table, place: usize, column: &Column, sqlite: bool) -> Option<String> {
    let why = if matches!(column.generated, Generated::Stored | Generated::Virtual) {
        "is generated"
    } else if column.not_null {
        "is NOT NULL"
    } else if sqlite && in_firm_key(table, place, column) {
        "is in the primary key"
    } else {
        return None;
    };
    Some(format!("{} {why}", written(&column.name)))
}

/// SQLite lets most primary keys hold NULL, but not those of WITHOUT ROWID tables and not the row id. An INTEGER PRIMARY
/// KEY is the row id unless it has an index of its own (as with DESC).
fn in_firm_key(table: &Table, place: usize, column: &Column) -> bool {
    let Some(key) = table.primary_key().filter(|key| key.columns.contains(&place)) else { return false };
    let indexed = table
        .indexes
        .iter()
        .any(|index| index.unique && index.predicate.is_none() && index.columns == [Some(place)]);
    let row_id = key.columns.len() == 1 && column.type_name.eq_ignore_ascii_case("integer") && !indexed;
    table.kind == TableKind::WithoutRowid || row_id
}
