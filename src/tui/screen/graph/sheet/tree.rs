//! The tree around a table: what it refers to, and what refers to it, level by level. A table that was shown already is
//! marked and not gone into again; levels beyond the hops are folded and counted.

use super::{Goal, Ground, Row, line};
use crate::tui::screen::graph::says;
use crate::tui::screen::graph::scene::Link;
use crate::tui::theme::Role;
use std::collections::{BTreeMap, HashSet};

/// Lines of a side at most.
const MOST: usize = 2_000;

/// The lines.
pub fn rows(ground: &Ground<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, none, up) in [
        ("refers to", "It refers to no table.", true),
        ("is referred to by", "No table refers to it.", false),
    ] {
        rows.push(Row {
            text: vec![(ground.name(ground.centre), Role::Title), (format!(" {title}"), Role::Dim)],
            goal: Some(Goal::Table(ground.centre)),
        });
        let mut branches =
            Branches { ground, up, seen: HashSet::from([ground.centre]), rows: Vec::new(), cut: 0 };
        branches.below(ground.centre, "", 1);
        if branches.rows.is_empty() {
            branches.rows.push(line(format!("  {none}"), Role::Dim));
        }
        if branches.cut > 0 {
            branches.rows.push(line(format!("  {} more tables are not shown.", branches.cut), Role::Warn));
        }
        rows.append(&mut branches.rows);
        rows.push(line("", Role::Text));
    }
    rows.pop();
    rows
}

struct Branches<'a> {
    ground: &'a Ground<'a>,
    up: bool,
    seen: HashSet<usize>,
    rows: Vec<Row>,
    /// Tables there were no lines for.
    cut: usize,
}

impl Branches<'_> {
    /// The tables on the way from one, with the relations between, in the catalog's order.
    fn next(&self, table: usize) -> Vec<(usize, Vec<usize>)> {
        let neighbours = &self.ground.facts.neighbours;
        let edges = neighbours.edges_of(table);
        let places = if self.up { &edges.refers } else { &edges.referred };
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in places {
            if let Some((child, parent)) = neighbours.ends(*place) {
                found.entry(if self.up { parent } else { child }).or_default().push(*place);
            }
        }
        let mut found: Vec<(usize, Vec<usize>)> = found.into_iter().collect();
        found.sort_by_key(|(_, places)| places.first().copied());
        found
    }

    fn below(&mut self, table: usize, lead: &str, depth: usize) {
        let next = self.next(table);
        let many = next.len();
        for (nth, (other, mut edges)) in next.into_iter().enumerate() {
            if self.rows.len() >= MOST {
                self.cut += many - nth;
                return;
            }
            let facts = self.ground.facts;
            edges.sort_by_key(|place| says::rank(facts, *place));
            let last = nth + 1 == many;
            let again = !self.seen.insert(other);
            let link = Link { child: 0, parent: 0, edges };
            let (label, role) = says::label(facts, &link, self.ground.rounds, true);
            let stroke = says::stroke(facts, &link.edges).symbol();
            let twig = format!("  {lead}{}{stroke} ", if last { "└" } else { "├" });
            let mut text = vec![
                (twig, Role::Border),
                (self.ground.name(other), if again { Role::Dim } else { Role::Text }),
                (format!("  {label}"), role),
            ];
            let behind = if again { 0 } else { self.next(other).len() };
            match (again, depth >= self.ground.hops && behind > 0) {
                (true, _) => text.push(("  ↻ shown above".to_owned(), Role::Dim)),
                (false, true) => text.push((format!("  +{behind} folded"), Role::Key)),
                (false, false) => {}
            }
            self.rows.push(Row { text, goal: Some(Goal::Table(other)) });
            if !again && depth < self.ground.hops {
                let lead = format!("{lead}{}  ", if last { " " } else { "│" });
                self.below(other, &lead, depth + 1);
            }
        }
    }
}
