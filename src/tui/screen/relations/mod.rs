//! Relations: all of them, sorted and filtered, each with its verdict.

pub mod view;

use crate::model::relation::Relation;
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::msg::Effect;
use crate::tui::screen::listing::{Filter, Listing, ready};
use crate::tui::screen::{facet, relation, step};
use crate::tui::words;
use std::cmp::Reverse;

/// What Relations remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The relations, told apart by their ids.
    pub list: Listing<String>,
    sort: Sort,
    reversed: bool,
}

/// What relations are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sort {
    /// As the catalog lists them: by child table, then columns. Nothing moves while counts arrive.
    #[default]
    Name,
    /// Worst verdict first, most orphans first.
    Verdict,
    /// Largest child table first.
    Rows,
    /// Least enforced first.
    State,
}

impl Sort {
    fn next(self) -> Self {
        match self {
            Self::Name => Self::Verdict,
            Self::Verdict => Self::Rows,
            Self::Rows => Self::State,
            Self::State => Self::Name,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Verdict => "verdict",
            Self::Rows => "rows",
            Self::State => "state",
        }
    }
}

/// Brings the list up to date.
pub fn refresh(app: &mut App) {
    let height = view::panes(app).rows();
    let state = &mut app.screens.relations;
    let facts = &app.facts;
    if state.list.is_stale(facts.relations_version) {
        let rows = sorted(facts, passing(facts, &state.list.filter), state.sort, state.reversed);
        state.list.rebuild(facts.relations_version, rows, |row, id| is(facts, row, id));
    }
    state.list.keep(height);
}

fn passing(facts: &Facts, filter: &Filter) -> Vec<usize> {
    let all = 0..facts.relations().len();
    if filter.is_empty() {
        return all.collect();
    }
    let verdict = |place: usize| words::verdict(facts, place).0;
    all.filter(|place| filter.admits(|key| facet::of_relation(facts, *place, key)))
        .filter(|place| filter.passes_ready(facts.neighbours.text(*place), || verdict(*place)))
        .collect()
}

/// What a filter looks at beside the verdict: the id, the constraint's name and the state.
pub fn text(relation: &Relation) -> String {
    let constraint = relation.constraint.as_ref().map_or("", |name| name.raw());
    ready(&format!("{} {constraint} {}", relation.id, words::state(relation).0))
}

fn sorted(facts: &Facts, mut rows: Vec<usize>, sort: Sort, reversed: bool) -> Vec<usize> {
    let size = |place: usize| {
        let (relation, tally) = facts.relation(place)?;
        let table = relation.child.table.and_then(|id| facts.catalog.as_ref()?.table(id));
        tally.counts().rows.or_else(|| table.and_then(|table| table.estimated_rows))
    };
    match sort {
        Sort::Name => {}
        Sort::Verdict => {
            rows.sort_by_cached_key(|place| facts.relation(*place).map(|(_, tally)| worse_first(tally)))
        }
        Sort::Rows => rows.sort_by_cached_key(|place| Reverse(size(*place))),
        Sort::State => rows
            .sort_by_cached_key(|place| facts.relation(*place).map(|(relation, _)| weaker_first(relation))),
    }
    if reversed {
        rows.reverse();
    }
    rows
}

fn worse_first(tally: &Tally) -> (u8, Reverse<u64>) {
    let rank = match tally.verdict() {
        Verdict::Orphans => 0,
        Verdict::Broken(_) => 1,
        Verdict::NotChecked(Why::Pending) => 3,
        Verdict::NotChecked(_) => 2,
        Verdict::Clean => 4,
    };
    (rank, Reverse(tally.counts().orphans.unwrap_or(0)))
}

fn weaker_first(relation: &Relation) -> u8 {
    match words::state(relation).0.as_str() {
        "broken" => 0,
        "NOT ENFORCED" => 1,
        "undeclared" => 2,
        "NOT VALID" => 3,
        "per connection" => 4,
        _ => 5,
    }
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::panes(app).rows();
    let facts = &app.facts;
    let state = &mut app.screens.relations;
    let key = |row: usize| facts.relation(row).map(|(relation, _)| relation.id.clone());
    if let Some(step) = step(action) {
        state.list.step(step, height, key);
        return Vec::new();
    }
    match action {
        // A cursor nobody has moved stays on top: what sorts first is what was asked for.
        Action::Sort | Action::Reverse => {
            match action {
                Action::Sort => (state.sort, state.reversed) = (state.sort.next(), false),
                _ => state.reversed = !state.reversed,
            }
            state.list.spoil();
            Vec::new()
        }
        Action::Open => {
            state.list.hold(key);
            state.list.selected().map(|place| relation::open(app, place)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Shows only what passes.
pub fn filter(app: &mut App, filter: Filter) {
    app.screens.relations.list.filter = filter;
    app.screens.relations.list.spoil();
}

fn is(facts: &Facts, row: usize, id: &String) -> bool {
    facts.relation(row).is_some_and(|(relation, _)| relation.id == *id)
}
