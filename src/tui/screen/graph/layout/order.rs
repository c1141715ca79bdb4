//! Which column a box stands in and in which order: children left of parents, long lines as lanes through the columns
//! between, few crossings.

use super::Trunk;
use crate::report::graph::{layers, without_cycles};
use std::collections::{BTreeMap, BTreeSet};

/// How often the order is swept to and fro.
const SWEEPS: usize = 16;

/// Boxes and lanes in columns. An item is a box, or behind the boxes a lane.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many boxes there are.
    pub boxes: usize,
    /// Items of each column, top to bottom.
    pub columns: Vec<Vec<usize>>,
    /// The column of each item.
    pub column: Vec<usize>,
    /// For each line its left box and its trunk; none where it leads from a box to itself.
    pub lines: Vec<Option<(usize, Trunk)>>,
    /// The lane of a trunk in a column.
    pub lanes: BTreeMap<(Trunk, usize), usize>,
    /// Items one column to the right and to the left of each.
    pub right: Vec<Vec<usize>>,
    /// The same to the left.
    pub left: Vec<Vec<usize>>,
}

impl Plan {
    /// Orders so many boxes with lines from child to parent.
    pub fn of(boxes: usize, lines: &[(usize, usize)]) -> Self {
        let forward = without_cycles(boxes, lines);
        let turned: Vec<(usize, usize)> = lines
            .iter()
            .zip(&forward)
            .map(|(&(child, parent), forward)| if *forward { (child, parent) } else { (parent, child) })
            .collect();
        let mut layer = layers(boxes, lines, &forward);
        tighten(&mut layer, &turned);
        let last = layer.iter().max().copied().unwrap_or(0);
        let column: Vec<usize> = layer.iter().map(|layer| last - layer).collect();
        let mut columns = vec![Vec::new(); if boxes == 0 { 0 } else { last + 1 }];
        for (item, column) in column.iter().enumerate() {
            columns[*column].push(item);
        }
        let lines = turned
            .iter()
            .zip(&forward)
            .map(|(&(left, root), &forward)| (left != root).then_some((left, Trunk { root, forward })));
        let mut plan = Self {
            boxes,
            columns,
            column,
            lines: lines.collect(),
            lanes: BTreeMap::new(),
            right: vec![Vec::new(); boxes],
            left: vec![Vec::new(); boxes],
        };
        plan.tie();
        plan.order();
        plan
    }

    /// Leads every line through the columns between, lines of one trunk through the same lane.
    fn tie(&mut self) {
        let mut ties = BTreeSet::new();
        for (left, trunk) in self.lines.clone().into_iter().flatten() {
            let mut at = left;
            for column in self.column[left] + 1..self.column[trunk.root] {
                let lane = self.lane(trunk, column);
                ties.insert((at, lane));
                at = lane;
            }
            ties.insert((at, trunk.root));
        }
        for (left, right) in ties {
            self.right[left].push(right);
            self.left[right].push(left);
        }
    }

    fn lane(&mut self, trunk: Trunk, column: usize) -> usize {
        if let Some(lane) = self.lanes.get(&(trunk, column)) {
            return *lane;
        }
        let lane = self.column.len();
        self.column.push(column);
        self.columns[column].push(lane);
        self.right.push(Vec::new());
        self.left.push(Vec::new());
        self.lanes.insert((trunk, column), lane);
        lane
    }

    /// Each item goes to the mean place of its neighbours, to and fro; the best order seen wins.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            if best.0 == 0 {
                break;
            }
            let leftward = sweep % 2 == 0;
            let many = self.columns.len();
            for step in 1..many {
                let column = if leftward { many - 1 - step } else { step };
                self.sort(column, leftward);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    fn sort(&mut self, column: usize, by_right: bool) {
        let places = self.places();
        let tied = if by_right { &self.right } else { &self.left };
        let mean = |item: usize| {
            let near = &tied[item];
            if near.is_empty() {
                return places[item] as f64;
            }
            near.iter().map(|next| places[*next] as f64).sum::<f64>() / near.len() as f64
        };
        let mut keyed: Vec<(f64, usize)> =
            self.columns[column].iter().map(|item| (mean(*item), *item)).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
    }

    /// Each item's place in its column.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.column.len()];
        for column in &self.columns {
            for (place, item) in column.iter().enumerate() {
                places[*item] = place;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let crossed = |column: &Vec<usize>| {
            let mut ends: Vec<(usize, usize)> = column
                .iter()
                .flat_map(|item| self.right[*item].iter().map(|next| (places[*item], places[*next])))
                .collect();
            ends.sort_unstable();
            let later = |(at, one): (usize, &(usize, usize))| {
                ends[at + 1..].iter().filter(|other| other.0 > one.0 && other.1 < one.1).count()
            };
            ends.iter().enumerate().map(later).sum::<usize>()
        };
        self.columns.iter().map(crossed).sum()
    }
}

/// Moves boxes that are tied to more on their left than on their right to the left, so that few lines are long.
fn tighten(layer: &mut [usize], lines: &[(usize, usize)]) {
    let mut children = vec![Vec::new(); layer.len()];
    let mut parents = vec![0_usize; layer.len()];
    for &(left, right) in lines.iter().filter(|(left, right)| left != right) {
        children[right].push(left);
        parents[left] += 1;
    }
    for _ in 0..3 {
        for node in 0..layer.len() {
            let nearest = children[node].iter().map(|child| layer[*child]).min();
            if let Some(nearest) = nearest.filter(|_| children[node].len() > parents[node]) {
                layer[node] = layer[node].max(nearest.saturating_sub(1));
            }
        }
    }
}
