//! The order of load and delete: of the neighbourhood first, then of the whole schema, with the references that no order
//! respects.

use super::cycles::broken_at;
use super::{Goal, Ground, Row, line};
use crate::model::catalog::TableId;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;
use std::collections::BTreeSet;

/// The lines.
pub fn rows(ground: &Ground<'_>) -> Vec<Row> {
    let Some(order) = ground.order else { return Vec::new() };
    let near: BTreeSet<TableId> = ground
        .facts
        .neighbours
        .id(ground.centre)
        .map(|centre| ground.graph.hops(centre, ground.hops).into_keys().collect())
        .unwrap_or_default();
    let mut rows = vec![line("Load from the first down, delete from the last up.", Role::Dim)];
    let inside = |place: usize| {
        ground.facts.relation(place).is_some_and(|(relation, _)| {
            [relation.child.table, relation.parent.table]
                .iter()
                .all(|end| end.and_then(|id| ground.graph.root(id)).is_some_and(|id| near.contains(&id)))
        })
    };
    let title =
        format!("Within {} of {}", counted(ground.hops as u64, "hop", "hops"), ground.name(ground.centre));
    let part: Vec<TableId> = order.tables.iter().copied().filter(|table| near.contains(table)).collect();
    let breaks = order.breaks.iter().filter(|broken| inside(broken.relation));
    section(ground, &mut rows, &title, &part, &breaks.copied().collect::<Vec<_>>());
    if part.len() < order.tables.len() {
        rows.push(line("", Role::Text));
        section(ground, &mut rows, "The whole schema", &order.tables, &order.breaks);
    }
    rows
}

fn section(
    ground: &Ground<'_>,
    rows: &mut Vec<Row>,
    title: &str,
    tables: &[TableId],
    breaks: &[crate::model::graph::Break],
) {
    let many = counted(tables.len() as u64, "table", "tables");
    rows.push(line(format!("{title}: {many}"), Role::Title));
    if !breaks.is_empty() {
        let many = counted(breaks.len() as u64, "reference has", "references have");
        rows.push(line(format!("{many} to be broken first: no order respects all of a cycle."), Role::Warn));
        rows.extend(breaks.iter().map(|broken| broken_at(ground, broken.relation, broken.escape)));
    }
    for (nth, number) in tables.iter().filter_map(|table| ground.number(*table)).enumerate() {
        let text = vec![(format!("{:>5}  ", nth + 1), Role::Dim), (ground.name(number), Role::Text)];
        rows.push(Row { text, goal: Some(Goal::Table(number)) });
    }
}
