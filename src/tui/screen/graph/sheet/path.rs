//! The shortest paths between the centre and another table, with the direction and the state of every relation on them.

use super::{Goal, Ground, Row, line};
use crate::model::ident::TableName;
use crate::tui::screen::graph::says;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;
use std::collections::VecDeque;

/// Paths shown where several are equally short.
const MOST: usize = 5;

/// The lines.
pub fn rows(ground: &Ground<'_>, goal: Option<&TableName>) -> Vec<Row> {
    let Some(goal) = goal.and_then(|goal| ground.facts.neighbours.number_of(goal)) else {
        return vec![line("That table is not in the catalog any more.", Role::Warn)];
    };
    let (from, to) = (ground.name(ground.centre), ground.name(goal));
    if goal == ground.centre {
        return vec![line(
            format!("{from} is the table in the middle itself. P asks for another."),
            Role::Dim,
        )];
    }
    let (paths, all) = paths(ground, goal);
    let Some(length) = paths.first().map(Vec::len) else {
        return vec![line(format!("No path: nothing ties {from} to {to}, in either direction."), Role::Warn)];
    };
    let steps = counted(length as u64, "step", "steps");
    let mut rows = vec![line(format!("{from} to {to}: {steps}, {}", ways(all, paths.len())), Role::Title)];
    for path in &paths {
        rows.push(line("", Role::Text));
        rows.push(Row {
            text: vec![(format!(" {from}"), Role::Title)],
            goal: Some(Goal::Table(ground.centre)),
        });
        let mut at = ground.centre;
        for place in path {
            let Some((child, parent)) = ground.facts.neighbours.ends(*place) else { continue };
            let up = child == at;
            at = if up { parent } else { child };
            rows.push(edge(ground, *place, up));
            rows.push(Row {
                text: vec![(format!(" {}", ground.name(at)), Role::Title)],
                goal: Some(Goal::Table(at)),
            });
        }
    }
    rows
}

fn ways(all: u64, shown: usize) -> String {
    match all {
        1 => "the only shortest path".to_owned(),
        all if all == shown as u64 => format!("{all} paths are equally short"),
        all => format!("{all} paths are equally short, {shown} shown"),
    }
}

fn edge(ground: &Ground<'_>, place: usize, up: bool) -> Row {
    let Some((relation, tally)) = ground.facts.relation(place) else { return line("", Role::Text) };
    let word = if up { "   → refers to, by " } else { "   ← is referred to by " };
    let (verdict, role) = says::verdict(tally, true);
    let flags = says::flags(ground.facts, place, ground.rounds, true);
    let mut text = vec![
        (word.to_owned(), Role::Dim),
        (relation.id.clone(), Role::Text),
        ("  ".to_owned(), Role::Text),
        (verdict, role),
    ];
    if !flags.is_empty() {
        text.push((format!(" · {}", flags.join(" · ")), Role::Warn));
    }
    Row { text, goal: Some(Goal::Relation(place)) }
}

/// Some shortest paths as relations, and how many there are.
fn paths(ground: &Ground<'_>, goal: usize) -> (Vec<Vec<usize>>, u64) {
    let neighbours = &ground.facts.neighbours;
    // From the goal outward, so that from the centre every step nearer leads there.
    let mut far = vec![usize::MAX; neighbours.len()];
    let mut ways = vec![0_u64; neighbours.len()];
    let mut queue = VecDeque::from([goal]);
    (far[goal], ways[goal]) = (0, 1);
    while let Some(table) = queue.pop_front() {
        for (_, other) in super::super::scene::ties(neighbours, table) {
            if far[other] == usize::MAX {
                far[other] = far[table] + 1;
                queue.push_back(other);
            }
            if far[other] == far[table] + 1 {
                ways[other] = ways[other].saturating_add(ways[table]);
            }
        }
    }
    if far[ground.centre] == usize::MAX {
        return (Vec::new(), 0);
    }
    let mut found = Vec::new();
    let mut open = vec![(ground.centre, Vec::new())];
    while let Some((table, path)) = open.pop() {
        if table == goal {
            found.push(path);
            if found.len() == MOST {
                break;
            }
            continue;
        }
        let mut nearer: Vec<(usize, usize)> = super::super::scene::ties(neighbours, table)
            .filter(|(_, other)| far[*other] + 1 == far[table])
            .take(MOST)
            .collect();
        nearer.reverse();
        for (place, other) in nearer {
            let mut path: Vec<usize> = path.clone();
            path.push(place);
            open.push((other, path));
        }
    }
    (found, ways[ground.centre])
}
