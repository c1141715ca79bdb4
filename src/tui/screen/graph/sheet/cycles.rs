//! The cycles: tables that refer to each other all the way round, and where each can be broken.

use super::{Goal, Ground, Row, line};
use crate::model::graph::{Escape, escape};
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;

/// The lines.
pub fn rows(ground: &Ground<'_>) -> Vec<Row> {
    let cycles = ground.cycles;
    let mut rows = Vec::new();
    for (nth, cycle) in cycles.iter().enumerate() {
        let names: Vec<String> = cycle
            .tables
            .iter()
            .take(6)
            .filter_map(|table| Some(ground.name(ground.number(*table)?)))
            .collect();
        let more = cycle.tables.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let first = cycle.tables.first().and_then(|table| ground.number(*table));
        let text = format!("{}  {}{more} ↻", nth + 1, names.join(", "));
        let sum = format!("  {}", counted(cycle.relations.len() as u64, "relation", "relations"));
        rows.push(Row { text: vec![(text, Role::Title), (sum, Role::Dim)], goal: first.map(Goal::Table) });
        let mut ways: Vec<(Escape, usize)> =
            cycle.relations.iter().map(|place| (way_out(ground, *place), *place)).collect();
        ways.sort_unstable();
        let free = ways.iter().any(|(way, _)| *way != Escape::None);
        rows.extend(ways.into_iter().map(|(way, place)| broken_at(ground, place, way)));
        if !free {
            rows.push(line(
                "   No reference here may be NULL or deferred: drop one constraint for the time.",
                Role::Bad,
            ));
        }
        rows.push(line("", Role::Text));
    }
    if cycles.is_empty() {
        rows.push(line("No tables refer to each other all the way round.", Role::Good));
        rows.push(line("", Role::Text));
    }
    let itself = ground.graph.self_references();
    rows.push(line(
        format!("{} to the table itself", counted(itself.len() as u64, "reference", "references")),
        Role::Title,
    ));
    rows.extend(itself.into_iter().map(|place| broken_at(ground, place, way_out(ground, place))));
    rows
}

/// What allows a row of the child to stand without its parent for a while.
pub fn way_out(ground: &Ground<'_>, place: usize) -> Escape {
    let found = ground.facts.relation(place).and_then(|(relation, _)| {
        let table = ground.facts.catalog.as_ref()?.table(relation.child.table?)?;
        Some(escape(table, relation))
    });
    found.unwrap_or(Escape::None)
}

/// A relation with the way it can be broken.
pub fn broken_at(ground: &Ground<'_>, place: usize, way: Escape) -> Row {
    let id = ground.facts.relation(place).map(|(relation, _)| relation.id.clone()).unwrap_or_default();
    let (text, role) = match way {
        Escape::Nullable => ("nullable: insert NULL, then update", Role::Good),
        Escape::Deferrable => ("deferrable: both in one transaction", Role::Good),
        Escape::None => ("neither nullable nor deferrable", Role::Warn),
    };
    Row {
        text: vec![(format!("   {id}  "), Role::Text), (text.to_owned(), role)],
        goal: Some(Goal::Relation(place)),
    }
}
