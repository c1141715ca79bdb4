//! The neighbourhood of a table as two trees: who refers to it, and what it refers to, hop by hop. Pure; built when the
//! centre, the hops or the catalog change, never while drawing.

use crate::model::ident::TableName;
use crate::model::relation::Relation;
use crate::tui::neighbours::Neighbours;
use std::collections::HashSet;

/// A table on one side of the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The table.
    pub table: TableName,
    /// Hops from the centre, from 1.
    pub depth: usize,
    /// The relations between it and the table it hangs on, as places in the catalog's list.
    pub edges: Vec<usize>,
    /// The row of the table it hangs on; none where that is the centre.
    pub hangs_on: Option<usize>,
    /// Whether it is shown already: the centre itself, or nearer to it. Its own neighbours are not repeated.
    pub again: bool,
    /// Tables further on that are not shown.
    pub behind: usize,
}

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the tables that refer to it.
    Children,
    /// To the tables it refers to.
    Parents,
}

/// The neighbourhood of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Tables that refer to the centre, and those that refer to them: depth first.
    pub children: Vec<Branch>,
    /// Tables the centre refers to, and those they refer to: depth first.
    pub parents: Vec<Branch>,
    /// Relations of the centre to itself.
    pub itself: Vec<usize>,
}

impl Picture {
    /// The neighbourhood of `centre` within `hops`.
    pub fn of(neighbours: &Neighbours, relations: &[Relation], centre: &TableName, hops: usize) -> Self {
        let itself = others(neighbours, relations, centre, Way::Parents, true);
        Self {
            children: side(neighbours, relations, centre, hops, Way::Children),
            parents: side(neighbours, relations, centre, hops, Way::Parents),
            itself: itself.into_iter().flat_map(|(_, edges)| edges).collect(),
        }
    }
}

/// The tables next to one, each with the relations between, in the catalog's order; either the table itself or all others.
fn others(
    neighbours: &Neighbours,
    relations: &[Relation],
    table: &TableName,
    way: Way,
    itself: bool,
) -> Vec<(TableName, Vec<usize>)> {
    let mut found: Vec<(TableName, Vec<usize>)> = Vec::new();
    let Some(edges) = neighbours.edges(table) else { return found };
    let places = if way == Way::Children { &edges.referred } else { &edges.refers };
    let mut seats = std::collections::HashMap::new();
    for &place in places {
        let Some(relation) = relations.get(place) else { continue };
        let other = if way == Way::Children { &relation.child.name } else { &relation.parent.name };
        if (other == table) != itself {
            continue;
        }
        let seat = *seats.entry(other).or_insert_with(|| {
            found.push((other.clone(), Vec::new()));
            found.len() - 1
        });
        found[seat].1.push(place);
    }
    found
}

/// One side: breadth first to find the shortest way to each table, then laid out depth first.
fn side(
    neighbours: &Neighbours,
    relations: &[Relation],
    centre: &TableName,
    hops: usize,
    way: Way,
) -> Vec<Branch> {
    let mut seen: HashSet<TableName> = HashSet::from([centre.clone()]);
    let mut found: Vec<Branch> = Vec::new();
    let mut below: Vec<Vec<usize>> = Vec::new();
    let mut roots = Vec::new();
    let mut next = 0;
    let mut queue = vec![(centre.clone(), None, 1)];
    while let Some((table, on, depth)) = queue.get(next).cloned() {
        next += 1;
        for (other, edges) in others(neighbours, relations, &table, way, false) {
            let again = !seen.insert(other.clone());
            let here = found.len();
            if !again && depth < hops {
                queue.push((other.clone(), Some(here), depth + 1));
            }
            let behind = if again || depth < hops {
                0
            } else {
                others(neighbours, relations, &other, way, false).len()
            };
            found.push(Branch { table: other, depth, edges, hangs_on: on, again, behind });
            below.push(Vec::new());
            match on {
                Some(on) => below[on].push(here),
                None => roots.push(here),
            }
        }
    }
    laid_out(&found, &below, &roots)
}

fn laid_out(found: &[Branch], below: &[Vec<usize>], roots: &[usize]) -> Vec<Branch> {
    let mut rows = Vec::with_capacity(found.len());
    let mut stack: Vec<(usize, Option<usize>)> = roots.iter().rev().map(|root| (*root, None)).collect();
    while let Some((at, hangs_on)) = stack.pop() {
        let row = rows.len();
        rows.push(Branch { hangs_on, ..found[at].clone() });
        stack.extend(below[at].iter().rev().map(|lower| (*lower, Some(row))));
    }
    rows
}
