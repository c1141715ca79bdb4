//! What an edge says of itself: its line by what the engine does for it, its label by what was counted and what is
//! missing. The same words in the map, the tree and the paths.

use super::layout::Stroke;
use super::scene::Link;
use crate::model::cover;
use crate::model::relation::{Enforcement, Relation};
use crate::model::server::EngineKind;
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::widget::figure::estimate;
use crate::tui::words::{self, Word};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Which tables lie on a cycle, and relations whose types differ. Read once per catalog and findings.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    /// For a table's number the number of its cycle.
    pub cycle_of: HashMap<usize, usize>,
    /// Relations whose columns' types differ.
    pub types: HashSet<usize>,
}

/// What a legend can explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A plain line.
    Plain,
    /// A double line.
    Double,
    /// A broken line.
    Broken,
    /// Orphans.
    Orphans,
    /// Not counted yet.
    Pending,
    /// Not checked.
    Open,
    /// No index.
    Index,
    /// Types differ.
    Type,
    /// On a cycle.
    Round,
    /// Neighbours not shown.
    More,
}

/// How bad a relation is; smaller is worse.
pub fn rank(facts: &Facts, place: usize) -> u32 {
    let Some((relation, tally)) = facts.relation(place) else { return u32::MAX };
    let weak = !sound_state(relation);
    let orphans = u32::try_from(tally.counts().orphans.unwrap_or(0)).unwrap_or(u32::MAX).min(1 << 29);
    match tally.verdict() {
        Verdict::Orphans => (1 << 29) - orphans,
        Verdict::Broken(_) => 1 << 29,
        _ if weak => (1 << 29) + 1,
        Verdict::NotChecked(Why::Pending) => (1 << 29) + 3,
        Verdict::NotChecked(_) => (1 << 29) + 2,
        Verdict::Clean => (1 << 29) + 4,
    }
}

/// Whether a relation has orphans, can never be satisfied, or is not held to by the engine.
pub fn is_broken(facts: &Facts, place: usize) -> bool {
    let Some((relation, tally)) = facts.relation(place) else { return false };
    matches!(tally.verdict(), Verdict::Orphans | Verdict::Broken(_)) || !sound_state(relation)
}

fn sound_state(relation: &Relation) -> bool {
    relation.flaw.is_none()
        && relation.validated
        && matches!(relation.enforcement, Enforcement::On | Enforcement::PerConnection)
}

/// The line of relations between the same two tables: the weakest of theirs.
pub fn stroke(facts: &Facts, edges: &[usize]) -> Stroke {
    let of = |place: &usize| {
        let Some((relation, _)) = facts.relation(*place) else { return Stroke::Plain };
        match &relation.enforcement {
            _ if relation.flaw.is_some() => Stroke::Broken,
            Enforcement::Off(_) | Enforcement::Undeclared => Stroke::Broken,
            _ if !relation.validated => Stroke::Double,
            Enforcement::On | Enforcement::PerConnection => Stroke::Plain,
        }
    };
    let strokes: Vec<Stroke> = edges.iter().map(of).collect();
    [Stroke::Broken, Stroke::Double].into_iter().find(|stroke| strokes.contains(stroke)).unwrap_or_default()
}

/// What was counted: orphans, or how far it came.
pub fn verdict(tally: &Tally, long: bool) -> Word {
    match tally.verdict() {
        Verdict::Clean => ("ok".to_owned(), Role::Good),
        Verdict::Orphans if long => (format!("! {} orphans", words::orphans(tally).0), Role::Bad),
        Verdict::Orphans => {
            let exact = words::orphans(tally).0;
            let short = if exact.len() > 9 { estimate(tally.counts().orphans.unwrap_or(1)) } else { exact };
            (format!("!{short}"), Role::Bad)
        }
        Verdict::Broken(_) => (if long { "! broken" } else { "!broken" }.to_owned(), Role::Bad),
        Verdict::NotChecked(Why::Pending) => (if long { "not counted" } else { "…" }.to_owned(), Role::Dim),
        Verdict::NotChecked(_) => (if long { "not checked" } else { "?" }.to_owned(), Role::Warn),
    }
}

/// What a relation's line and verdict do not say: state, index, types.
pub fn flags(facts: &Facts, place: usize, rounds: &Rounds, long: bool) -> Vec<&'static str> {
    let (Some((relation, _)), Some(catalog)) = (facts.relation(place), &facts.catalog) else {
        return Vec::new();
    };
    let mut flags = Vec::new();
    if long {
        flags.extend(match &relation.enforcement {
            _ if relation.flaw.is_some() => None,
            Enforcement::Undeclared => Some("not declared"),
            Enforcement::Off(_) => Some("not enforced"),
            _ if !relation.validated => Some("NOT VALID"),
            _ => None,
        });
    }
    if cover::child_index(catalog, relation) == Some(false) {
        flags.push(if long { "no index" } else { "i" });
    }
    if rounds.types.contains(&place) {
        flags.push(if long { "types differ" } else { "t" });
    }
    flags
}

/// The label of a link: the worst of its relations, and how many there are.
pub fn label(facts: &Facts, link: &Link, rounds: &Rounds, long: bool) -> Word {
    let Some((place, (_, tally))) =
        link.edges.first().and_then(|place| Some((*place, facts.relation(*place)?)))
    else {
        return (String::new(), Role::Dim);
    };
    let (mut text, role) = verdict(tally, long);
    if link.edges.len() > 1 {
        text = format!("{}x {text}", link.edges.len());
    }
    let gap = if long { " · " } else { " " };
    for flag in flags(facts, place, rounds, long) {
        text.push_str(gap);
        text.push_str(flag);
    }
    if on_cycle(facts, place, rounds) {
        text.push_str(" ↻");
    }
    (text, role)
}

/// Whether a relation runs along a cycle of several tables.
pub fn on_cycle(facts: &Facts, place: usize, rounds: &Rounds) -> bool {
    facts.neighbours.ends(place).is_some_and(|(child, parent)| {
        child != parent
            && rounds.cycle_of.get(&child).is_some_and(|cycle| rounds.cycle_of.get(&parent) == Some(cycle))
    })
}

/// What a box says of relations to itself: the columns of the worst.
pub fn itself(facts: &Facts, loops: &[usize]) -> Word {
    let worst = loops.iter().min_by_key(|place| rank(facts, **place));
    let Some((relation, tally)) = worst.and_then(|place| facts.relation(*place)) else {
        return (String::new(), Role::Dim);
    };
    let columns: Vec<_> = relation.child.columns.iter().map(|name| name.visible()).collect();
    let columns = crate::tui::widget::text::cut(&columns.join(", "), 14, "…").into_owned();
    let (word, role) = verdict(tally, false);
    let many = if loops.len() > 1 { format!("{}x ", loops.len()) } else { String::new() };
    (format!("↻ {many}{columns} {word}"), role)
}

/// The marks some relations carry.
pub fn marks(facts: &Facts, edges: &[usize], rounds: &Rounds) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    marks.insert(match stroke(facts, edges) {
        _ if edges.is_empty() => return marks,
        Stroke::Plain => Mark::Plain,
        Stroke::Double => Mark::Double,
        Stroke::Broken => Mark::Broken,
    });
    for place in edges {
        let (Some((relation, tally)), Some(catalog)) = (facts.relation(*place), &facts.catalog) else {
            continue;
        };
        match tally.verdict() {
            Verdict::Orphans => drop(marks.insert(Mark::Orphans)),
            Verdict::NotChecked(Why::Pending) => drop(marks.insert(Mark::Pending)),
            Verdict::NotChecked(_) => drop(marks.insert(Mark::Open)),
            Verdict::Clean | Verdict::Broken(_) => {}
        }
        if cover::child_index(catalog, relation) == Some(false) {
            marks.insert(Mark::Index);
        }
        if rounds.types.contains(place) {
            marks.insert(Mark::Type);
        }
    }
    marks
}

/// A mark explained. SQLite's plain line promises nothing: each connection chooses whether it enforces.
pub fn explained(facts: &Facts, mark: Mark) -> &'static str {
    let sqlite = facts.server.as_ref().is_some_and(|server| server.engine == EngineKind::Sqlite);
    match mark {
        Mark::Plain if sqlite => "─ declared",
        Mark::Plain => "─ enforced",
        Mark::Double => "═ NOT VALID",
        Mark::Broken => "╌ not enforced",
        Mark::Orphans => "! orphans",
        Mark::Pending => "… not counted",
        Mark::Open => "? not checked",
        Mark::Index => "i no index",
        Mark::Type => "t types differ",
        Mark::Round => "↻ cycle",
        Mark::More => "+ more tables",
    }
}
