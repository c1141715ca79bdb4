//! A relation with its tally as machine formats tell it: the same object in a check and in a graph.

use crate::model::catalog::Catalog;
use crate::model::cover;
use crate::model::relation::{End, Enforcement, Matching, Origin, Referential, Relation};
use crate::model::tally::{Tally, Verdict};
use crate::report::figure::milliseconds;
use serde::Serialize;

/// A relation and what was counted of it.
#[derive(Debug, Serialize)]
pub(crate) struct Told<'a> {
    id: &'a str,
    origin: Origin,
    constraint: Option<&'a str>,
    child: Side<'a>,
    parent: Side<'a>,
    on_delete: Referential,
    on_update: Referential,
    r#match: Matching,
    deferrable: bool,
    initially_deferred: bool,
    validated: bool,
    /// Null where each connection chooses for itself (SQLite).
    enforced: Option<bool>,
    temporal: bool,
    verdict: &'static str,
    reason: Option<String>,
    rows: Option<u64>,
    orphans: Option<u64>,
    null_keys: Option<u64>,
    partly_null: Option<u64>,
    missing_parents: Option<u64>,
    exact: bool,
    child_index: Option<bool>,
    partitions: u32,
    /// How sure an implied relation is; declared ones are certain and carry none.
    confidence: Option<f64>,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct Side<'a> {
    schema: &'a str,
    table: &'a str,
    columns: Vec<&'a str>,
}

impl<'a> From<&'a End> for Side<'a> {
    fn from(end: &'a End) -> Self {
        Self {
            schema: end.name.schema.raw(),
            table: end.name.name.raw(),
            columns: end.columns.iter().map(|column| column.raw()).collect(),
        }
    }
}

impl<'a> Told<'a> {
    pub(crate) fn new(catalog: &Catalog, relation: &'a Relation, tally: &Tally) -> Self {
        let counts = tally.counts();
        Self {
            id: &relation.id,
            origin: relation.origin,
            constraint: relation.constraint.as_ref().map(|name| name.raw()),
            child: Side::from(&relation.child),
            parent: Side::from(&relation.parent),
            on_delete: relation.on_delete,
            on_update: relation.on_update,
            r#match: relation.matching,
            deferrable: relation.deferrable,
            initially_deferred: relation.initially_deferred,
            validated: relation.validated,
            enforced: enforced(relation),
            temporal: relation.temporal,
            verdict: key(tally.verdict()),
            reason: reason(tally.verdict()),
            rows: counts.rows,
            orphans: counts.orphans,
            null_keys: counts.null_keys,
            partly_null: counts.partly_null,
            missing_parents: counts.missing_parents,
            exact: tally.exact(),
            child_index: cover::child_index(catalog, relation),
            partitions: relation.partitions,
            confidence: None,
            seconds: milliseconds(tally.seconds),
        }
    }
}

/// Whether the engine checks writes; none where each connection chooses for itself.
pub(crate) fn enforced(relation: &Relation) -> Option<bool> {
    match relation.enforcement {
        Enforcement::On => Some(true),
        Enforcement::Off(_) | Enforcement::Undeclared => Some(false),
        Enforcement::PerConnection => None,
    }
}

/// A verdict's word in machine formats.
pub(crate) fn key(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Clean => "clean",
        Verdict::Orphans => "orphans",
        Verdict::NotChecked(_) => "not_checked",
        Verdict::Broken(_) => "broken",
    }
}

/// A verdict's words for people.
pub(crate) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::NotChecked(_) => "not checked",
        other => key(other),
    }
}

/// Why a verdict is what it is, where there is more to say.
pub(crate) fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Clean | Verdict::Orphans => None,
        Verdict::NotChecked(why) => Some(why.sentence()),
        Verdict::Broken(reason) => Some(reason.clone()),
    }
}

/// What a person should know of a relation beside its counts: `NOT VALID`, `not enforced`, `no index`, `ON DELETE CASCADE`.
pub(crate) fn remarks(catalog: &Catalog, relation: &Relation) -> Vec<String> {
    let mut remarks = Vec::new();
    match relation.origin {
        Origin::Declared => {
            if !relation.validated {
                remarks.push("NOT VALID".to_owned());
            }
            if matches!(relation.enforcement, Enforcement::Off(_)) {
                remarks.push("not enforced".to_owned());
            }
        }
        Origin::Expected => remarks.push("expected, not declared".to_owned()),
        Origin::Implied => remarks.push("implied, not declared".to_owned()),
    }
    if relation.matching == Matching::Full && relation.is_composite() {
        remarks.push("MATCH FULL".to_owned());
    }
    if relation.on_delete != Referential::NoAction {
        remarks.push(format!("ON DELETE {}", relation.on_delete.words()));
    }
    if cover::child_index(catalog, relation) == Some(false) {
        remarks.push("no index".to_owned());
    }
    if relation.partitions > 0 {
        let many = u64::from(relation.partitions);
        remarks.push(crate::model::figure::counted(many, "partition", "partitions"));
    }
    remarks
}
