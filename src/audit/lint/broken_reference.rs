//! `broken-reference`: references that no row can satisfy.

use super::seen::{Seen, listed, sentences};
use super::{Facts, Rule};
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::written;
use crate::model::relation::Flaw;
use crate::model::server::EngineKind;
use crate::model::tally::{Counts, Verdict};

pub(super) const RULE: Rule = Rule {
    name: "broken-reference",
    severity: Severity::Critical,
    page: include_str!("../../../assets/rules/broken-reference.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.relations().filter_map(|seen| finding(&seen)).collect()
}

fn finding(seen: &Seen<'_>) -> Option<Finding> {
    let (child, parent) = (seen.child_name(), seen.parent_name());
    let message = match (&seen.relation.flaw, seen.verdict()) {
        // The parent is there, only its key is not: `parent-not-unique` speaks for it.
        (Some(Flaw::NotUnique(_)), _) => return None,
        (Some(Flaw::MissingTable), _) => format!("{child} refers to {parent}, which does not exist."),
        (Some(Flaw::MissingColumns(columns)), _) => {
            let names: Vec<String> = columns.iter().map(written).collect();
            let exist = if names.len() == 1 { "does" } else { "do" };
            format!("{child} refers to {} of {parent}, which {exist} not exist.", listed(&names))
        }
        (Some(Flaw::NotATable), _) => {
            format!("{child} refers to {parent}, which is not a table; only a table can be a parent.")
        }
        (Some(Flaw::ColumnCount { child: from, parent: to }), _) => format!(
            "{child} refers with {} to {} of {parent}.",
            counted(*from as u64, "column", "columns"),
            counted(*to as u64, "column", "columns")
        ),
        (None, Some(Verdict::Broken(reason))) => {
            format!(
                "{child} refers to {parent} in a way that no row can satisfy: {}.",
                reason.trim_end_matches('.')
            )
        }
        (None, _) => return None,
    };
    let mut finding = seen.finding(&RULE, message);
    finding.rows = seen.tally.and_then(|tally| holding(&tally.counts())).filter(|rows| *rows > 0);
    finding.detail = sentences([held(finding.rows), refused(seen).to_owned(), remedy(seen).to_owned()]);
    Some(finding)
}

/// Rows that hold a reference: whatever they hold, nothing satisfies it.
pub(super) fn holding(counts: &Counts) -> Option<u64> {
    let whole = || {
        Some(counts.rows?.saturating_sub(counts.null_keys?).saturating_sub(counts.partly_null.unwrap_or(0)))
    };
    counts.orphans.or_else(whole)
}

/// How many rows hold such a reference, a sentence.
pub(super) fn held(rows: Option<u64>) -> String {
    rows.map_or_else(String::new, |rows| {
        let hold = if rows == 1 { "holds" } else { "hold" };
        format!("{} {hold} such a reference.", counted(rows, "row", "rows"))
    })
}

fn refused(seen: &Seen<'_>) -> &'static str {
    match (seen.catalog.server.engine, &seen.relation.flaw) {
        (EngineKind::Sqlite, Some(Flaw::MissingTable)) => {
            "With foreign_keys on, SQLite refuses every insert into the child, every update of the reference and every \
             delete, even where it is NULL; PRAGMA foreign_key_check is silent as long as the table is empty."
        }
        (EngineKind::Sqlite, Some(_)) => {
            "With foreign_keys on, SQLite answers writes to the child with \"foreign key mismatch\", and PRAGMA \
             foreign_key_check over the whole database stops here."
        }
        _ => "",
    }
}

fn remedy(seen: &Seen<'_>) -> &'static str {
    match &seen.relation.flaw {
        Some(Flaw::MissingTable) => "Bring the parent table back, or take the reference out.",
        _ => {
            "Refer to the columns of a primary key or unique index of the parent, or take the reference out."
        }
    }
}
