//! `half-null-key`: rows whose composite key is NULL in part, which MATCH SIMPLE lets pass unchecked.

use super::seen::{Seen, key, listed, sentences};
use super::{Facts, Rule};
use crate::model::catalog::Column;
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, written};
use crate::model::relation::Matching;
use crate::model::server::EngineKind;

pub(super) const RULE: Rule = Rule {
    name: "half-null-key",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/half-null-key.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.relations().filter(passes_silently).filter_map(|seen| finding(&seen)).collect()
}

/// MATCH FULL turns such rows away, but SQLite only parses the words.
fn passes_silently(seen: &Seen<'_>) -> bool {
    let enforced_full =
        seen.relation.matching == Matching::Full && seen.catalog.server.engine != EngineKind::Sqlite;
    seen.relation.is_composite() && seen.relation.flaw.is_none() && !enforced_full
}

fn finding(seen: &Seen<'_>) -> Option<Finding> {
    let rows = seen.tally?.counts().partly_null.filter(|rows| *rows > 0)?;
    let (have, are) = if rows == 1 { ("has", "is") } else { ("have", "are") };
    let mut finding = seen.finding(
        &RULE,
        format!(
            "{} of {} {have} only part of {} and {are} never checked against {}.",
            counted(rows, "row", "rows"),
            seen.child_name(),
            key(&seen.relation.child.columns),
            seen.parent_name()
        ),
    );
    let simple = "Under MATCH SIMPLE one NULL satisfies the whole key, so their parents may be missing and the \
                  constraint stays green.";
    finding.detail = sentences([simple.to_owned(), nullable(seen)]);
    finding.rows = Some(rows);
    finding.action = copied(seen).map(|column| format!("backfill:{}.{}", seen.child_name(), written(column)));
    Some(finding)
}

/// The column that copies one of the parent, where the server can repair: it may be NULL, and without it the parent is
/// still known, because the other columns hold a key of it or this one is what it is partitioned by. The planner looks
/// whether that is one value per key.
fn copied<'a>(seen: &Seen<'a>) -> Option<&'a Ident> {
    let parent = seen.parent.filter(|_| seen.catalog.server.engine == EngineKind::Postgres)?;
    let pairs: Vec<(&Column, &Column)> = seen.pairs().collect();
    let known_without = |column: &Column| {
        let rest = |at: &usize| {
            let own = parent.columns.get(*at).map(|own| &own.name);
            pairs.iter().any(|(_, other)| Some(&other.name) == own && other.name != column.name)
        };
        let by = format!("({})", written(&column.name));
        parent.keys.iter().any(|key| key.columns.iter().all(rest))
            || parent.partition_key.as_deref().is_some_and(|key| key.contains(&by))
    };
    let mut copies = pairs.iter().filter(|(child, parent)| !child.not_null && known_without(parent));
    match (copies.next(), copies.next()) {
        (Some((child, _)), None) => Some(&child.name),
        _ => None,
    }
}

fn nullable(seen: &Seen<'_>) -> String {
    let names: Vec<String> =
        seen.child_columns().filter(|column| !column.not_null).map(|column| written(&column.name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(
            "Only {one} may be NULL: where that means that there is no parent the rows are in order and the finding \
             can be accepted; otherwise fill it in and declare it NOT NULL."
        ),
        many => {
            let or_full =
                if seen.catalog.server.engine == EngineKind::Sqlite { "" } else { "MATCH FULL or " };
            format!(
                "{} may each be NULL: fill in what is missing, then hold the key together with {or_full}a CHECK that \
                 all or none are NULL.",
                listed(many)
            )
        }
    }
}
