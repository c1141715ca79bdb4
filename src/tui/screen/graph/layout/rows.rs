//! Which rows boxes and lanes take, and by which rows lines leave and arrive: each item as near the mean of its
//! neighbours as those above and below allow.

use super::gaps::{Gap, Run};
use super::wires::Wires;
use super::{Layout, Line, Plan, Trunk};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

const SWEEPS: usize = 12;
/// Cells of a line before its label and behind it, and before the box it leads to.
const STUB: u16 = 2;
const TAIL: u16 = 2;

/// Items with their rows, and the lines between columns with their tracks.
#[derive(Clone, Debug)]
pub struct Stand<'a> {
    plan: &'a Plan,
    tops: Vec<u16>,
    heights: Vec<u16>,
    /// The row each line leaves its left box by.
    ports: Vec<u16>,
    gaps: Vec<Gap>,
    /// Rows of everything.
    pub height: u16,
}

impl Plan {
    /// Gives every item its rows. `inner` is what stands in a box; `framed` puts a row above and below it, and `apart`
    /// rows stay free between boxes. A box tied to more than `room` rows hold stands by the first of them.
    pub fn stand(&self, inner: &[u16], framed: bool, apart: u16, room: u16) -> Stand<'_> {
        let frame = u16::from(framed);
        let mut leaving = vec![0_u16; self.boxes];
        let mut arriving: Vec<Vec<bool>> = vec![Vec::new(); self.boxes];
        for (left, trunk) in self.lines.iter().flatten() {
            leaving[*left] += 1;
            if !arriving[trunk.root].contains(&trunk.forward) {
                arriving[trunk.root].push(trunk.forward);
            }
        }
        let mut heights: Vec<u16> = (0..self.boxes)
            .map(|item| inner[item].max(1).max(leaving[item]).max(arriving[item].len() as u16) + 2 * frame)
            .collect();
        heights.resize(self.column.len(), 1);
        let tops = self.tops(&heights, apart, room);
        let mut stand = Stand { plan: self, tops, heights, ports: Vec::new(), gaps: Vec::new(), height: 0 };
        let entries = stand.entries(&arriving);
        stand.ports = stand.ports(&leaving, &entries);
        stand.height =
            (0..self.column.len()).map(|item| stand.tops[item] + stand.heights[item]).max().unwrap_or(0);
        stand.gaps = (1..self.columns.len()).map(|right| stand.gap(right - 1, &entries)).collect();
        stand.height = stand.gaps.iter().map(|gap| gap.height).fold(stand.height, u16::max);
        stand
    }

    fn tops(&self, heights: &[u16], apart: u16, room: u16) -> Vec<u16> {
        let mut at = vec![0.0; self.column.len()];
        for column in &self.columns {
            spread(column, &self.distances(column, heights, apart), &mut at, |_| 0.0);
        }
        for sweep in 0..SWEEPS {
            for step in 0..self.columns.len() {
                let column = if sweep % 2 == 0 { self.columns.len() - 1 - step } else { step };
                let before = at.clone();
                let wish = |item: usize| {
                    let near = || self.right[item].iter().chain(&self.left[item]).map(|next| before[*next]);
                    let last = near().fold(f64::MAX, f64::min) + f64::from(room) * 0.75;
                    let (many, sum) = near().fold((0, 0.0), |(many, sum), at| (many + 1, sum + at.min(last)));
                    if many == 0 { before[item] } else { sum / f64::from(many) }
                };
                let distances = self.distances(&self.columns[column], heights, apart);
                spread(&self.columns[column], &distances, &mut at, wish);
            }
        }
        self.settle(&at, heights, apart)
    }

    /// From the anchor of each item of a column to that of the one before.
    fn distances(&self, column: &[usize], heights: &[u16], apart: u16) -> Vec<u16> {
        let mut distances = Vec::with_capacity(column.len());
        for (place, item) in column.iter().enumerate() {
            let Some(above) = place.checked_sub(1).map(|above| column[above]) else {
                distances.push(0);
                continue;
            };
            let free = if above < self.boxes && *item < self.boxes { apart } else { 0 };
            distances.push(heights[above] - anchor(heights[above]) + free + anchor(heights[*item]));
        }
        distances
    }

    /// Whole rows, from 0.
    fn settle(&self, at: &[f64], heights: &[u16], apart: u16) -> Vec<u16> {
        let mut rows = vec![0_i32; at.len()];
        for column in &self.columns {
            let distances = self.distances(column, heights, apart);
            let mut least = i32::MIN;
            for (item, distance) in column.iter().zip(&distances) {
                rows[*item] = (at[*item].round() as i32).max(least.saturating_add(i32::from(*distance)));
                least = rows[*item];
            }
        }
        let top = |item: usize| rows[item] - i32::from(anchor(heights[item]));
        let first = (0..at.len()).map(top).min().unwrap_or(0);
        (0..at.len()).map(|item| (top(item) - first).clamp(0, i32::from(u16::MAX) / 2) as u16).collect()
    }
}

/// The row of an item that lines aim at, from its top.
fn anchor(height: u16) -> u16 {
    height.saturating_sub(1) / 2
}

/// Gives the items of a column the places nearest to their wishes that keep order and distance: neighbours that would
/// overlap move together as one block around the mean of their wishes.
fn spread(column: &[usize], distances: &[u16], at: &mut [f64], wish: impl Fn(usize) -> f64) {
    let mut offset = 0.0;
    let offsets: Vec<f64> = distances
        .iter()
        .map(|distance| {
            offset += f64::from(*distance);
            offset
        })
        .collect();
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (item, offset) in column.iter().zip(&offsets) {
        let mut block = (wish(*item) - offset, 1);
        while let Some(&(sum, many)) = blocks.last() {
            if sum / many as f64 <= block.0 / block.1 as f64 {
                break;
            }
            blocks.pop();
            block = (block.0 + sum, block.1 + many);
        }
        blocks.push(block);
    }
    let settled = blocks.iter().flat_map(|(sum, many)| std::iter::repeat_n(sum / *many as f64, *many));
    for ((item, offset), start) in column.iter().zip(&offsets).zip(settled) {
        at[*item] = start + offset;
    }
}

impl Stand<'_> {
    /// The first of `many` rows in the middle of an item.
    fn middle(&self, item: usize, many: u16) -> u16 {
        self.tops[item] + (self.heights[item] - many.min(self.heights[item])) / 2
    }

    /// The row each trunk enters its box by.
    fn entries(&self, arriving: &[Vec<bool>]) -> BTreeMap<Trunk, u16> {
        let mut entries = BTreeMap::new();
        for (root, ways) in arriving.iter().enumerate() {
            let first = self.middle(root, ways.len() as u16);
            for (nth, forward) in ways.iter().enumerate() {
                entries.insert(Trunk { root, forward: *forward }, first + nth as u16);
            }
        }
        entries
    }

    /// The row each line leaves its left box by: in the order of where they lead.
    fn ports(&self, leaving: &[u16], entries: &BTreeMap<Trunk, u16>) -> Vec<u16> {
        let mut by_box: Vec<Vec<(u16, Trunk, usize)>> = vec![Vec::new(); self.plan.boxes];
        for (line, (left, trunk)) in
            self.plan.lines.iter().enumerate().filter_map(|(line, tied)| Some((line, (*tied)?)))
        {
            let row = self.arrival(trunk, self.plan.column[left] + 1, entries);
            by_box[left].push((row, trunk, line));
        }
        let mut ports = vec![0; self.plan.lines.len()];
        for (item, lines) in by_box.iter_mut().enumerate() {
            lines.sort_unstable();
            let first = self.middle(item, leaving[item]);
            for (nth, (_, _, line)) in lines.iter().enumerate() {
                ports[*line] = first + nth as u16;
            }
        }
        ports
    }

    /// The row a trunk has where it meets a column: its lane's, or the one it enters its box by.
    fn arrival(&self, trunk: Trunk, column: usize, entries: &BTreeMap<Trunk, u16>) -> u16 {
        match self.plan.lanes.get(&(trunk, column)) {
            Some(lane) => self.tops[*lane],
            None => entries.get(&trunk).copied().unwrap_or(0),
        }
    }

    /// The lines between a column and the next.
    fn gap(&self, left: usize, entries: &BTreeMap<Trunk, u16>) -> Gap {
        let mut runs: BTreeMap<Trunk, Vec<u16>> = BTreeMap::new();
        for (line, tied) in self.plan.lines.iter().enumerate() {
            let Some((item, trunk)) = tied else { continue };
            if self.plan.column[*item] == left {
                runs.entry(*trunk).or_default().push(self.ports[line]);
            }
        }
        for ((trunk, _), lane) in self.plan.lanes.iter().filter(|((_, column), _)| *column == left) {
            runs.entry(*trunk).or_default().push(self.tops[*lane]);
        }
        let runs = runs.into_iter().map(|(trunk, mut lefts)| {
            lefts.sort_unstable();
            Run { trunk, lefts, right: self.arrival(trunk, left + 1, entries) }
        });
        Gap::of(runs.collect(), self.height)
    }

    /// Puts everything in its place: boxes of these widths, lines with these labels.
    pub fn lay(&self, widths: &[u16], lines: &[Line]) -> Layout {
        let plan = self.plan;
        let mut columns = Vec::with_capacity(plan.columns.len());
        let (mut x, mut wide) = (0, Vec::new());
        for (place, items) in plan.columns.iter().enumerate() {
            let widest = items.iter().filter_map(|item| widths.get(*item)).max().copied().unwrap_or(0);
            columns.push(x);
            wide.push(widest);
            x += widest
                + self.gaps.get(place).map_or(0, |gap| self.label_room(place, lines) + gap.tracks + TAIL);
        }
        let mut wires = Wires::new(x, self.height);
        for (place, gap) in self.gaps.iter().enumerate() {
            let from = columns[place] + wide[place];
            let first = from + self.label_room(place, lines);
            gap.wire(&mut wires, from, first, columns[place + 1] - 1, &|trunk| self.stroke(trunk, lines));
        }
        for ((trunk, column), lane) in &plan.lanes {
            let (from, to) = (columns[*column], columns[*column] + wide[*column] - 1);
            wires.across(self.tops[*lane], from, to, *trunk, self.stroke(*trunk, lines));
        }
        let mut labels = vec![(0, 0); lines.len()];
        for (line, tied) in plan.lines.iter().enumerate() {
            let Some((left, trunk)) = tied else { continue };
            let column = plan.column[*left];
            let from = columns[column] + wide[column];
            let (row, until) = (self.ports[line], from + self.label_room(column, lines));
            wires.stub(row, from, until, lines[line].stroke, !trunk.forward);
            labels[line] = (from + STUB, row);
            if trunk.forward && plan.column[trunk.root] > 0 {
                let at = columns[plan.column[trunk.root]] - 1;
                let entry = self.gaps[plan.column[trunk.root] - 1].entry(*trunk);
                wires.arrow(at, entry.unwrap_or(row));
            }
        }
        let boxes = (0..plan.boxes).map(|item| {
            let column = plan.column[item];
            Rect { x: columns[column], y: self.tops[item], width: wide[column], height: self.heights[item] }
        });
        Layout { boxes: boxes.collect(), column: plan.column[..plan.boxes].to_vec(), columns, labels, wires }
    }

    /// Cells between a column and the first track behind it.
    fn label_room(&self, column: usize, lines: &[Line]) -> u16 {
        let of = |(line, tied): (&Line, &Option<(usize, Trunk)>)| {
            tied.filter(|(left, _)| self.plan.column[*left] == column).map(|_| line.label)
        };
        lines.iter().zip(&self.plan.lines).filter_map(of).max().map_or(1, |label| label + 2 * STUB)
    }

    /// How the lines of a trunk are drawn where they are one: as they all are, or plain.
    fn stroke(&self, trunk: Trunk, lines: &[Line]) -> super::Stroke {
        let mut strokes = lines
            .iter()
            .zip(&self.plan.lines)
            .filter_map(|(line, tied)| tied.filter(|(_, of)| *of == trunk).map(|_| line.stroke));
        let first = strokes.next().unwrap_or_default();
        if strokes.all(|stroke| stroke == first) { first } else { super::Stroke::Plain }
    }
}
