//! `orphan-rows`: child rows whose parents do not exist.

use super::seen::{Seen, sentences};
use super::{Facts, Rule};
use crate::model::figure::{counted, grouped};
use crate::model::finding::{Finding, Severity};
use crate::model::relation::{Enforcement, Matching, Origin, Referential};
use crate::model::server::EngineKind;
use crate::model::tally::{Counts, Tally, Verdict};

pub(super) const RULE: Rule = Rule {
    name: "orphan-rows",
    severity: Severity::Critical,
    page: include_str!("../../../assets/rules/orphan-rows.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.relations().filter_map(|seen| Some(finding(&seen, seen.tally?))).flatten().collect()
}

fn finding(seen: &Seen<'_>, tally: &Tally) -> Option<Finding> {
    if tally.verdict() != &Verdict::Orphans {
        return None;
    }
    let counts = tally.counts();
    let orphans = counts.orphans.unwrap_or(1);
    let mut finding = seen.finding(&RULE, message(seen, orphans, tally.exact()));
    let (advice, action) = advice(seen);
    finding.detail = sentences([
        all(seen, &counts),
        missing(&counts),
        partly(seen, &counts),
        state(seen),
        advice.to_owned(),
    ]);
    finding.rows = tally.exact().then_some(orphans);
    finding.action = action.and_then(|verb| seen.action(verb));
    Some(finding)
}

fn message(seen: &Seen<'_>, orphans: u64, exact: bool) -> String {
    let (child, parent, key) = (seen.child_name(), seen.parent_name(), seen.key());
    let least = if exact { "" } else { "At least " };
    let rows = counted(orphans, "row", "rows");
    if orphans == 1 {
        format!("{least}{rows} of {child} refers by {key} to a row of {parent} that does not exist.")
    } else {
        format!("{least}{rows} of {child} refer by {key} to rows of {parent} that do not exist.")
    }
}

/// Where no row at all finds its parent, it is more likely the parents that are wrong.
fn all(seen: &Seen<'_>, counts: &Counts) -> String {
    let referring = counts.rows.zip(counts.null_keys).map(|(rows, null)| rows.saturating_sub(null));
    if counts.orphans < Some(2) || referring != counts.orphans {
        return String::new();
    }
    format!("That is every row with a reference: {} may have been emptied or replaced.", seen.parent_name())
}

fn missing(counts: &Counts) -> String {
    match counts.missing_parents {
        Some(1) if counts.orphans > Some(1) => "All of them miss the same parent.".to_owned(),
        Some(several) if several > 1 => format!("They miss {} different parents.", grouped(several)),
        _ => String::new(),
    }
}

/// MATCH FULL makes a key that is NULL in part a violation of its own kind.
fn partly(seen: &Seen<'_>, counts: &Counts) -> String {
    let full = seen.relation.matching == Matching::Full && seen.catalog.server.engine == EngineKind::Postgres;
    match counts.partly_null {
        Some(rows) if full && rows > 0 => {
            format!("Of them {} only NULL in part, which MATCH FULL forbids.", be(rows))
        }
        _ => String::new(),
    }
}

fn be(rows: u64) -> String {
    if rows == 1 { "1 is".to_owned() } else { format!("{} are", grouped(rows)) }
}

/// Why nobody complained so far.
fn state(seen: &Seen<'_>) -> String {
    let relation = seen.relation;
    let told = match &relation.enforcement {
        Enforcement::On if relation.origin == Origin::Declared && relation.validated => {
            "The catalog calls the constraint valid all the same: the server checks writes, not what a restore, \
             replication or a swallowed cascade left behind."
        }
        Enforcement::On if !relation.validated => {
            "The constraint is NOT VALID: rows from before it were never checked."
        }
        Enforcement::PerConnection => {
            "SQLite checks writes only in connections that turned foreign_keys on, so nothing complained."
        }
        _ => "",
    };
    told.to_owned()
}

/// What to do follows from what the relation declares about deleted parents. Where it only forbids, nobody has said
/// what should become of such rows, and a suggestion to remove them could cost rows that are worth more than the link.
fn advice(seen: &Seen<'_>) -> (&'static str, Option<&'static str>) {
    let can_be_null = seen.child_columns().all(|column| !column.not_null);
    match seen.relation.on_delete {
        Referential::Cascade => (
            "ON DELETE CASCADE says they should have gone with their parents: quarantine them.",
            Some("quarantine"),
        ),
        Referential::SetNull if can_be_null => (
            "ON DELETE SET NULL says the reference should have been cleared: set it to NULL.",
            Some("nullify"),
        ),
        _ => (
            "The relation does not say what should become of rows without a parent: look at them, then restore the \
             parents, correct the references or set the rows aside.",
            None,
        ),
    }
}
