//! The words for relations and verdicts, the same on every screen. A verdict is never nicer than its tally.

use crate::model::finding::Severity;
use crate::model::relation::{Enforcement, Flaw, Relation};
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::facts::Facts;
use crate::tui::facts::old::{Old, Was};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{ago, count, counted, estimate};

/// A word and how it looks.
pub type Word = (String, Role);

/// A severity in four letters or less.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRIT",
        Severity::High => "HIGH",
        Severity::Medium => "MED",
        Severity::Low => "LOW",
        Severity::Info => "INFO",
    }
}

/// A rule's name as words: `orphan-rows` as `orphan rows`.
pub fn rule(name: &str) -> String {
    name.replace('-', " ")
}

/// The verdict of the relation at a place.
pub fn verdict(facts: &Facts, place: usize) -> Word {
    let Some((_, tally)) = facts.relation(place) else { return (String::new(), Role::Dim) };
    if facts.counting(place) && facts.old(place).is_none() {
        return ("counting".to_owned(), Role::Gauge);
    }
    if let Some(old) = facts.old(place) {
        return (old.verdict.word().to_owned(), Role::Dim);
    }
    match tally.verdict() {
        Verdict::Clean => ("clean".to_owned(), Role::Good),
        Verdict::Orphans => ("ORPHANS".to_owned(), Role::Bad),
        Verdict::Broken(_) => ("BROKEN".to_owned(), Role::Bad),
        Verdict::NotChecked(Why::Pending) if facts.work.is_some() => ("waiting".to_owned(), Role::Dim),
        Verdict::NotChecked(_) => ("not checked".to_owned(), Role::Warn),
    }
}

/// A verdict as a file tells it.
pub fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Clean => "clean",
        Verdict::Orphans => "orphans",
        Verdict::Broken(_) => "broken",
        Verdict::NotChecked(_) => "not_checked",
    }
}

/// The orphans of a tally: exact, at least, or not known.
pub fn orphans(tally: &Tally) -> Word {
    // Of a broken reference every row with a key is one: that is no lower bound.
    let exact = tally.exact() || matches!(tally.verdict(), Verdict::Broken(_));
    match (tally.counts().orphans, exact) {
        (Some(0), true) => ("0".to_owned(), Role::Dim),
        (Some(number), true) => (count(number), Role::Bad),
        (Some(0), false) | (None, _) => ("–".to_owned(), Role::Dim),
        (Some(number), false) => (format!("≥{}", count(number)), Role::Bad),
    }
}

/// The rows of the child table at a place: counted, estimated or not known.
pub fn rows(facts: &Facts, place: usize) -> Word {
    let Some((relation, tally)) = facts.relation(place) else { return (String::new(), Role::Dim) };
    if let Some(number) = tally.counts().rows {
        return (count(number), Role::Text);
    }
    let catalog = facts.catalog.as_ref();
    let table = catalog.zip(relation.child.table).and_then(|(catalog, id)| catalog.table(id));
    match table.and_then(|table| table.estimated_rows) {
        Some(number) => (estimate(number), Role::Dim),
        // What was counted before is an estimate now.
        None => match facts.old(place).and_then(|old| old.rows) {
            Some(number) => (estimate(number), Role::Dim),
            None => ("–".to_owned(), Role::Dim),
        },
    }
}

/// The orphans of an earlier count, if there were any: `41,207`, `≥1`.
pub fn had(old: &Old) -> Option<String> {
    let number = old.orphans.filter(|number| *number > 0)?;
    let exact = old.exact || old.verdict == Was::Broken;
    Some(if exact { count(number) } else { format!("≥{}", count(number)) })
}

/// An earlier count as a sentence without its full stop: `3 h ago: 41,207 orphans in 2,310,442 rows`.
pub fn before(facts: &Facts, old: &Old) -> String {
    let rows = old.rows.map(|rows| format!(" of {}", counted(rows, "row", "rows"))).unwrap_or_default();
    let what = match (old.verdict, had(old)) {
        (Was::Clean, _) => format!("it was clean{}", rows.replace(" of ", ", ")),
        (Was::Broken, _) => "it was broken".to_owned(),
        (Was::Orphans, Some(number)) => format!("it had {number} orphans{rows}"),
        (Was::Orphans, None) => "it had orphans".to_owned(),
    };
    format!("{} {what}", ago(old.at.age(facts.now)))
}

/// What the engine does for a relation, in a word or two.
pub fn state(relation: &Relation) -> Word {
    if relation.flaw.is_some() {
        return ("broken".to_owned(), Role::Bad);
    }
    let (word, role) = match &relation.enforcement {
        Enforcement::Undeclared => ("undeclared", Role::Warn),
        Enforcement::Off(_) => ("NOT ENFORCED", Role::Bad),
        _ if !relation.validated => ("NOT VALID", Role::Warn),
        Enforcement::PerConnection => ("per connection", Role::Dim),
        Enforcement::On => ("enforced", Role::Text),
    };
    (word.to_owned(), role)
}

/// Why a relation can never be satisfied, as a sentence.
pub fn flaw(flaw: &Flaw) -> String {
    match flaw {
        Flaw::MissingTable => "The parent table does not exist.".to_owned(),
        Flaw::MissingColumns(columns) => {
            let names: Vec<_> = columns.iter().map(|name| name.visible().into_owned()).collect();
            format!("The parent has no column {}.", names.join(", "))
        }
        Flaw::NotATable => "The parent is a view or a virtual table, which no engine accepts.".to_owned(),
        Flaw::NotUnique(why) => format!("Nothing makes the parent's columns unique: {why}."),
        Flaw::ColumnCount { child, parent } => {
            format!("The child names {child} columns and the parent {parent}.")
        }
    }
}

/// What there is to say beyond a verdict: a reason, or nothing.
pub fn reason(tally: &Tally) -> Option<String> {
    match tally.verdict() {
        Verdict::NotChecked(Why::Pending) | Verdict::Clean | Verdict::Orphans => None,
        Verdict::NotChecked(why) => Some(why.sentence()),
        Verdict::Broken(why) => Some(why.clone()),
    }
}
