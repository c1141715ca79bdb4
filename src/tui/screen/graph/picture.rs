//! The picture of a neighbourhood: the scene's tables as boxes with their words, its ties as lines with their labels,
//! laid out for a pane. Built when the centre, the hops, the facts or the pane change, never while drawing.

use super::layout::{Layout, Line, Plan};
use super::says;
use super::scene::{Link, Scene};
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::widget::text::{MARK, cut, shown, width};
use crate::tui::words::Word;
use ratatui::layout::{Rect, Size};
use std::collections::{BTreeSet, HashMap};

/// Cells beside the words of a box: its frame, and the marks of the selected one.
const BESIDE: u16 = 4;
/// Names may take so many cells, as far as the pane has room.
const NAMES: [usize; 4] = [34, 26, 20, 15];

/// A laid out scene.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What is in it.
    pub scene: Scene,
    /// Where everything stands.
    pub layout: Layout,
    /// The words of each box, a line each, as they will stand.
    pub words: Vec<Vec<Word>>,
    /// The label of each link.
    pub labels: Vec<Word>,
    /// The room of each label, by the ends of its line.
    pub room: HashMap<(usize, usize), u16>,
    /// How much names and labels were shortened, as a place in the list of tries.
    pub tight: usize,
    /// Whether boxes have frames; otherwise brackets.
    pub framed: bool,
}

/// What a picture is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// The room there is.
    pub room: Size,
    /// Whether only ASCII may be used.
    pub ascii: bool,
}

impl Picture {
    /// Lays out a scene. Where it was laid out before, names stay as long as they were and labels keep their room, so that
    /// nothing moves when a count makes one of them shorter.
    pub fn of(
        facts: &Facts,
        scene: Scene,
        cycles: &says::Rounds,
        canvas: Canvas,
        before: Option<&Self>,
    ) -> Self {
        let pairs: Vec<(usize, usize)> = scene.links.iter().map(|link| (link.child, link.parent)).collect();
        let plan = Plan::of(scene.tables.len(), &pairs);
        let words = |name: usize| -> Vec<Vec<Word>> {
            (0..scene.tables.len()).map(|seat| box_words(facts, &scene, seat, name, canvas.ascii)).collect()
        };
        let labels = |long: bool| -> Vec<Word> {
            scene
                .links
                .iter()
                .map(|link| spelled(says::label(facts, link, cycles, long), canvas.ascii))
                .collect()
        };
        let heights: Vec<u16> = words(NAMES[0]).iter().map(|lines| lines.len() as u16).collect();
        let mut stand = plan.stand(&heights, true, 1, canvas.room.height);
        let mut framed = true;
        for (frame, apart) in [(true, 0), (false, 0)] {
            if stand.height > canvas.room.height {
                (stand, framed) = (plan.stand(&heights, frame, apart, canvas.room.height), frame);
            }
        }
        let had =
            |ends: &(usize, usize)| before.and_then(|before| before.room.get(ends).copied()).unwrap_or(0);
        let tries =
            [(true, NAMES[0]), (false, NAMES[0]), (false, NAMES[1]), (false, NAMES[2]), (false, NAMES[3])];
        let mut made = None;
        let first = before.map_or(0, |before| before.tight);
        for (tight, (long, name)) in tries.into_iter().enumerate().skip(first) {
            let (words, labels) = (words(name), labels(long));
            let room =
                pairs.iter().zip(&labels).map(|(ends, (text, _))| (*ends, had(ends).max(width(text) as u16)));
            let room: HashMap<(usize, usize), u16> = room.collect();
            let layout = stand.lay(&widths(&words), &lines(facts, &scene.links, &room));
            let fits = layout.size().0 <= canvas.room.width;
            made = Some((words, labels, layout, room, tight));
            if fits {
                break;
            }
        }
        let (words, labels, layout, room, tight) = made.unwrap_or_default();
        Self { scene, layout, words, labels, room, tight, framed }
    }

    /// The seat of a table.
    pub fn seat_of(&self, table: usize) -> Option<usize> {
        self.scene.tables.iter().position(|known| *known == table)
    }

    /// The seats of tables in a column, from the top.
    pub fn in_column(&self, column: usize) -> Vec<usize> {
        let mut seats: Vec<usize> =
            (0..self.layout.boxes.len()).filter(|seat| self.layout.column[*seat] == column).collect();
        seats.sort_by_key(|seat| self.layout.boxes[*seat].y);
        seats
    }

    /// How many tables stand whole within a view.
    pub fn in_view(&self, view: Rect) -> usize {
        self.layout.boxes.iter().filter(|place| view.intersection(**place) == **place).count()
    }
}

fn spelled((text, role): Word, ascii: bool) -> Word {
    (shown(&text, ascii).into_owned(), role)
}

fn widths(words: &[Vec<Word>]) -> Vec<u16> {
    let of = |lines: &Vec<Word>| lines.iter().map(|(text, _)| width(text)).max().unwrap_or(0) as u16 + BESIDE;
    words.iter().map(of).collect()
}

fn lines(facts: &Facts, links: &[Link], room: &HashMap<(usize, usize), u16>) -> Vec<Line> {
    let of = |link: &Link| Line {
        child: link.child,
        parent: link.parent,
        label: room.get(&(link.child, link.parent)).copied().unwrap_or(0),
        stroke: says::stroke(facts, &link.edges),
    };
    links.iter().map(of).collect()
}

/// What stands in a box: the name with how many neighbours are not shown, then what is special about the table.
fn box_words(facts: &Facts, scene: &Scene, seat: usize, room: usize, ascii: bool) -> Vec<Word> {
    let neighbours = &facts.neighbours;
    let number = scene.tables[seat];
    let (Some(catalog), Some(name)) = (&facts.catalog, neighbours.name(number)) else { return Vec::new() };
    let mark = if ascii { "..." } else { MARK };
    let written = catalog.written(name);
    let mut first = cut(&shown(&written, ascii), room, mark).into_owned();
    if scene.behind[seat] > 0 {
        first.push_str(&format!(" +{}", scene.behind[seat]));
    }
    let missing = neighbours.id(number).is_none();
    let mut lines = vec![(first, if missing { Role::Bad } else { Role::Text })];
    if missing {
        lines.push(("does not exist".to_owned(), Role::Bad));
    }
    if neighbours.partitions(number) > 0 {
        let parts = crate::tui::widget::figure::counted(
            neighbours.partitions(number) as u64,
            "partition",
            "partitions",
        );
        lines.push((parts, Role::Dim));
    }
    if !scene.loops[seat].is_empty() {
        lines.push(spelled(says::itself(facts, &scene.loops[seat]), ascii));
    }
    lines
}

/// The strokes and marks a picture uses, for its legend.
pub fn marks(facts: &Facts, picture: &Picture, rounds: &says::Rounds) -> BTreeSet<says::Mark> {
    let mut marks: BTreeSet<says::Mark> = BTreeSet::new();
    for edges in picture.scene.links.iter().map(|link| &link.edges).chain(&picture.scene.loops) {
        marks.extend(says::marks(facts, edges, rounds));
    }
    if picture.scene.behind.iter().any(|behind| *behind > 0) {
        marks.insert(says::Mark::More);
    }
    if picture.labels.iter().any(|(label, _)| label.contains(['↻', '@']))
        || picture.scene.loops.iter().any(|loops| !loops.is_empty())
    {
        marks.insert(says::Mark::Round);
    }
    marks
}
