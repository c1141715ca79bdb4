//! The room between two columns: each trunk that turns there gets a track of its own, so that no two lines run along
//! each other. A line that leaves by a row ends at its track before another trunk's line to the right may use that row;
//! where two trunks want this of each other, one of them turns twice.

use super::{Stroke, Trunk, Wires};
use std::collections::{BTreeMap, BTreeSet};

/// A trunk between two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The trunk.
    pub trunk: Trunk,
    /// Rows it comes from, upper first.
    pub lefts: Vec<u16>,
    /// The row it goes to.
    pub right: u16,
}

/// An upright piece of a run.
#[derive(Clone, Debug)]
struct Piece {
    trunk: Trunk,
    lefts: Vec<u16>,
    right: u16,
    track: u16,
    /// The piece that goes on where this one ends, if the run turns twice.
    next: Option<usize>,
    /// Whether it is the second piece of such a run.
    second: bool,
}

/// The runs between two columns, with their tracks.
#[derive(Clone, Debug)]
pub struct Gap {
    straight: Vec<Run>,
    pieces: Vec<Piece>,
    /// How many tracks there are.
    pub tracks: u16,
    /// Rows it needs; more than the items where a line has to go round.
    pub height: u16,
}

impl Gap {
    /// Finds tracks for all runs among so many rows.
    pub fn of(runs: Vec<Run>, height: u16) -> Self {
        let taken: BTreeSet<u16> =
            runs.iter().flat_map(|run| run.lefts.iter().copied().chain([run.right])).collect();
        let (straight, turning): (Vec<Run>, Vec<Run>) =
            runs.into_iter().partition(|run| run.lefts.as_slice() == [run.right]);
        let pieces = turning.into_iter().map(|Run { trunk, lefts, right }| Piece {
            trunk,
            lefts,
            right,
            track: 0,
            next: None,
            second: false,
        });
        let mut gap = Self { straight, pieces: pieces.collect(), tracks: 0, height };
        gap.untangle(taken);
        gap.find_tracks();
        gap
    }

    /// Pieces that must stand right of each piece.
    fn after(&self) -> Vec<Vec<usize>> {
        let by_right: BTreeMap<u16, usize> = self
            .pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.next.is_none())
            .map(|(place, piece)| (piece.right, place))
            .collect();
        let of = |(place, piece): (usize, &Piece)| {
            let lefts: &[u16] = if piece.second { &[] } else { &piece.lefts };
            let mut after: Vec<usize> = lefts.iter().filter_map(|row| by_right.get(row).copied()).collect();
            after.retain(|other| *other != place);
            after.extend(piece.next);
            after
        };
        self.pieces.iter().enumerate().map(of).collect()
    }

    /// Lets a run of every ring turn twice, over a row nobody uses, until there is no ring.
    fn untangle(&mut self, mut taken: BTreeSet<u16>) {
        while let Some(place) = ring(&self.after()) {
            let piece = &self.pieces[place];
            let right = piece.right;
            let middle = piece.lefts.iter().chain([&right]).map(|row| i32::from(*row)).sum::<i32>()
                / (piece.lefts.len() as i32 + 1);
            let free = (0..=self.height).filter(|row| !taken.contains(row));
            let row = free.min_by_key(|row| (i32::from(*row) - middle).abs());
            // All rows taken: one more below.
            let row = row.unwrap_or_else(|| taken.last().map_or(0, |last| last + 1));
            taken.insert(row);
            self.height = self.height.max(row + 1);
            let trunk = piece.trunk;
            let last = self.pieces.len();
            self.pieces[place].right = row;
            self.pieces[place].next = Some(last);
            self.pieces.push(Piece { trunk, lefts: vec![row], right, track: 0, next: None, second: true });
        }
    }

    fn find_tracks(&mut self) {
        let after = self.after();
        let mut waits = vec![0_usize; self.pieces.len()];
        after.iter().flatten().for_each(|place| waits[*place] += 1);
        let mut ready: Vec<usize> = (0..self.pieces.len()).filter(|place| waits[*place] == 0).collect();
        let mut least = vec![0_u16; self.pieces.len()];
        let mut tracks: Vec<Vec<(u16, u16)>> = Vec::new();
        while let Some(place) = ready.pop() {
            let (top, bottom) = self.pieces[place].span();
            let mut track = usize::from(least[place]);
            let meets = |used: &Vec<(u16, u16)>| used.iter().any(|(a, b)| *a <= bottom && top <= *b);
            while tracks.get(track).is_some_and(meets) {
                track += 1;
            }
            if tracks.len() <= track {
                tracks.resize(track + 1, Vec::new());
            }
            tracks[track].push((top, bottom));
            self.pieces[place].track = track as u16;
            for next in &after[place] {
                least[*next] = least[*next].max(track as u16 + 1);
                waits[*next] -= 1;
                if waits[*next] == 0 {
                    ready.push(*next);
                }
            }
        }
        self.tracks = tracks.len() as u16;
    }

    /// The row a trunk goes to.
    pub fn entry(&self, trunk: Trunk) -> Option<u16> {
        let straight = self.straight.iter().find(|run| run.trunk == trunk).map(|run| run.right);
        let ends = |piece: &&Piece| piece.trunk == trunk && piece.next.is_none();
        straight.or_else(|| self.pieces.iter().find(ends).map(|piece| piece.right))
    }

    /// Draws the lines: from column `from`, with the first track at `first`, to column `to`.
    pub fn wire(&self, wires: &mut Wires, from: u16, first: u16, to: u16, stroke: &dyn Fn(Trunk) -> Stroke) {
        for run in &self.straight {
            wires.across(run.right, from, to, run.trunk, stroke(run.trunk));
        }
        for piece in &self.pieces {
            let x = first + piece.track;
            let (top, bottom) = piece.span();
            wires.upright(x, top, bottom, piece.trunk);
            for row in piece.lefts.iter().filter(|_| !piece.second) {
                wires.across(*row, from, x, piece.trunk, stroke(piece.trunk));
            }
            let until =
                piece.next.and_then(|next| self.pieces.get(next)).map_or(to, |next| first + next.track);
            wires.across(piece.right, x, until, piece.trunk, stroke(piece.trunk));
        }
    }
}

impl Piece {
    fn span(&self) -> (u16, u16) {
        let rows = || self.lefts.iter().copied().chain([self.right]);
        (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
    }
}

/// A piece on a ring of pieces that each must stand right of the one before, and that can still be made to turn twice.
fn ring(after: &[Vec<usize>]) -> Option<usize> {
    // 0: not met, 1: on the way, 2: done.
    let mut state = vec![0_u8; after.len()];
    for start in 0..after.len() {
        let mut way = vec![(start, 0)];
        while let Some((place, next)) = way.pop() {
            if next == 0 && state[place] == 2 {
                continue;
            }
            state[place] = 1;
            match after[place].get(next) {
                Some(other) => {
                    way.push((place, next + 1));
                    match state[*other] {
                        0 => way.push((*other, 0)),
                        1 => return Some(*other),
                        _ => {}
                    }
                }
                None => state[place] = 2,
            }
        }
    }
    None
}
