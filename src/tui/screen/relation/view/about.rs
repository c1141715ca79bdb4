//! What a relation is and what was counted of it, as lines.

use crate::model::catalog::Catalog;
use crate::model::ident::written;
use crate::model::relation::{End, Enforcement, Matching, Origin, Relation};
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{ago, count, counted, percent, took};
use crate::tui::words;
use std::time::Duration;

/// The relation at a place: its two sides, its constraint, its counts, why not more, and the other findings about it.
pub fn lines(facts: &Facts, place: usize) -> Vec<(String, Role)> {
    let (Some((relation, tally)), Some(catalog)) = (facts.relation(place), facts.catalog.as_deref()) else {
        return Vec::new();
    };
    let child = side(catalog, &relation.child);
    let parent = side(catalog, &relation.parent);
    let sides = (format!("{child} → {parent}"), Role::Title);
    let mut lines = vec![sides, (summary(facts, place), role(tally)), (constraint(relation), Role::Text)];
    if let (Some(flaw), false) = (&relation.flaw, matches!(tally.verdict(), Verdict::Broken(_))) {
        lines.push((words::flaw(flaw), Role::Bad));
    }
    if let Enforcement::Off(reasons) = &relation.enforcement {
        lines.extend(reasons.iter().map(|reason| (reason.clone(), Role::Bad)));
    }
    let others: Vec<String> = facts
        .findings
        .iter()
        .filter(|finding| finding.relation.as_deref() == Some(relation.id.as_str()))
        .map(|finding| format!("{} {}", words::severity(finding.severity), words::rule(finding.rule)))
        .collect();
    if !others.is_empty() {
        lines.push((format!("findings: {}", others.join(" · ")), Role::Dim));
    }
    lines
}

fn role(tally: &Tally) -> Role {
    match tally.verdict() {
        Verdict::Clean => Role::Good,
        Verdict::Orphans | Verdict::Broken(_) => Role::Bad,
        Verdict::NotChecked(Why::Pending) => Role::Dim,
        Verdict::NotChecked(_) => Role::Warn,
    }
}

/// `orders(id integer NOT NULL)`.
fn side(catalog: &Catalog, end: &End) -> String {
    let table = end.table.and_then(|id| catalog.table(id));
    let columns: Vec<String> = end
        .columns
        .iter()
        .map(|name| match table.and_then(|table| table.column(name)) {
            Some((_, column)) => {
                let kind = if column.type_name.is_empty() { "" } else { " " };
                let null = if column.not_null { " NOT NULL" } else { "" };
                format!("{}{kind}{}{null}", written(name), column.type_name)
            }
            None => written(name),
        })
        .collect();
    format!("{}({})", catalog.written(&end.name), columns.join(", "))
}

/// The constraint's name and what it demands.
fn constraint(relation: &Relation) -> String {
    let mut parts = vec![match (&relation.constraint, relation.origin) {
        (Some(name), _) => format!("constraint {}", written(name)),
        (None, Origin::Declared) => "a constraint without a name".to_owned(),
        (None, Origin::Expected) => "expected by the configuration, not declared".to_owned(),
        (None, Origin::Implied) => "suggested by names and data, not declared".to_owned(),
    }];
    parts.push(words::state(relation).0);
    match (relation.on_delete.words(), relation.on_update.words()) {
        (delete, update) if delete == update => parts.push(format!("ON DELETE/UPDATE {delete}")),
        (delete, update) => parts.push(format!("ON DELETE {delete} · ON UPDATE {update}")),
    }
    match relation.matching {
        Matching::Simple => {}
        Matching::Full => parts.push("MATCH FULL".to_owned()),
        Matching::Partial => parts.push("MATCH PARTIAL".to_owned()),
    }
    if relation.deferrable {
        parts.push(if relation.initially_deferred { "initially deferred" } else { "deferrable" }.to_owned());
    }
    if relation.temporal {
        parts.push("temporal".to_owned());
    }
    if relation.partitions > 0 {
        parts.push(counted(u64::from(relation.partitions), "partition", "partitions"));
    }
    parts.join(" · ")
}

/// The counts of the relation at a place, in one line.
pub fn summary(facts: &Facts, place: usize) -> String {
    let Some((_, tally)) = facts.relation(place) else { return String::new() };
    let counts = tally.counts();
    let mut parts = Vec::new();
    match (tally.verdict(), words::reason(tally)) {
        (Verdict::NotChecked(Why::Pending), _) if facts.counting(place) => {
            parts.push("being counted".to_owned())
        }
        (Verdict::NotChecked(Why::Pending), _) => parts.push("not counted yet".to_owned()),
        (Verdict::NotChecked(_), Some(reason)) => parts.push(format!("not checked: {reason}")),
        (Verdict::Broken(_), Some(reason)) => parts.push(format!("broken: {reason}")),
        _ => {}
    }
    if let Some(old) = facts.old(place) {
        parts.push(words::before(facts, old));
    }
    // A count that was withdrawn or cut short says nothing with a zero.
    let orphans = counts.orphans.filter(|orphans| *orphans > 0 || tally.exact());
    if let Some(orphans) = orphans {
        parts.push(match (tally.exact(), counts.rows) {
            _ if matches!(tally.verdict(), Verdict::Broken(_)) => {
                format!("{} with a key", counted(orphans, "row", "rows"))
            }
            (true, Some(rows)) if orphans > 0 => {
                format!(
                    "orphans {} of {} ({})",
                    count(orphans),
                    counted(rows, "row", "rows"),
                    percent(orphans, rows)
                )
            }
            (true, Some(rows)) => format!("orphans 0 of {}", counted(rows, "row", "rows")),
            (true, None) => format!("orphans {}", count(orphans)),
            (false, _) => format!("orphans ≥{}, not counted to the end", count(orphans)),
        });
    } else if let (words_rows, Role::Text | Role::Dim) = words::rows(facts, place) {
        parts.push(format!("rows {words_rows}"));
    }
    let figure = |name: &str, number: Option<u64>| number.map(|number| format!("{name} {}", count(number)));
    parts.extend(figure("missing parents", counts.missing_parents.filter(|number| *number > 0)));
    parts.extend(figure("null keys", counts.null_keys.filter(|number| *number > 0)));
    parts.extend(figure("partly NULL", counts.partly_null.filter(|number| *number > 0)));
    if tally.exact() {
        let when = facts.counted.get(place).copied().flatten();
        let when = when.map(|when| format!(" {}", ago(when.age(facts.now)))).unwrap_or_default();
        let seconds = took(Duration::from_secs_f64(tally.seconds.max(0.0)));
        parts.push(format!("counted{when}, in {seconds}"));
    }
    parts.join(" · ")
}
