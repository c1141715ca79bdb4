//! All tables as a list: their rows, how many relations lead from them and to them, and the orphans on both sides. The
//! figures are added up anew about once a second while counts arrive, never with every one of them.

use crate::model::ident::TableName;
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::facts::Facts;
use crate::tui::screen::graph::says;
use crate::tui::screen::graph::sheet::BEHIND;
use crate::tui::screen::listing::{Listing, ready};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, estimate};
use crate::tui::words::Word;
use std::cmp::Reverse;
use std::time::Duration;

/// The list.
#[derive(Debug, Default)]
pub struct Tables {
    /// The tables by their numbers, told apart by their names.
    pub list: Listing<TableName>,
    /// What they are sorted by.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub reversed: bool,
    /// The figures of each table.
    pub figures: Vec<Figures>,
    /// All tables by name, and what a filter looks at; the latter only once something was typed.
    by_name: Vec<usize>,
    texts: Vec<String>,
    built: Option<([u64; 2], bool)>,
    at: Duration,
}

/// What is told of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Its rows, and whether they were counted.
    pub rows: Option<(u64, bool)>,
    /// Relations that lead to a parent.
    pub refers: usize,
    /// Relations that lead here from a child.
    pub referred: usize,
    /// Its own rows without a parent.
    pub out: Sum,
    /// Rows of children that miss a parent here.
    pub into: Sum,
    /// Whether one of its relations is broken in the sense of the only-broken filter.
    pub broken: bool,
}

/// The orphans of several relations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sum {
    /// As many as are known.
    pub orphans: u64,
    /// Whether a relation can never be satisfied.
    pub broken: bool,
    /// Whether a relation was not counted to the end.
    pub open: bool,
    /// Whether a relation waits to be counted.
    pub pending: bool,
    /// Whether there is a relation at all.
    pub any: bool,
}

/// What tables are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Schema and name.
    #[default]
    Name,
    /// Largest first.
    Rows,
    /// Most relations to parents first.
    Refers,
    /// Most relations from children first.
    Referred,
    /// Most own orphans first.
    Out,
    /// Most rows that miss a parent here first.
    Into,
}

impl Sort {
    /// The next one.
    pub fn next(self) -> Self {
        match self {
            Self::Name => Self::Rows,
            Self::Rows => Self::Refers,
            Self::Refers => Self::Referred,
            Self::Referred => Self::Out,
            Self::Out => Self::Into,
            Self::Into => Self::Name,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Rows => "rows",
            Self::Refers => "refers to",
            Self::Referred => "referred by",
            Self::Out => "orphans out",
            Self::Into => "orphans in",
        }
    }
}

impl Sum {
    fn add(&mut self, tally: &Tally) {
        self.any = true;
        self.orphans = self.orphans.saturating_add(tally.counts().orphans.unwrap_or(0));
        match tally.verdict() {
            Verdict::Broken(_) => self.broken = true,
            Verdict::NotChecked(Why::Pending) => self.pending = true,
            Verdict::NotChecked(_) => self.open = true,
            Verdict::Orphans | Verdict::Clean => self.open |= !tally.exact(),
        }
    }

    /// As it stands in the list. Nothing that is not counted to the end is said to be none.
    pub fn word(self) -> Word {
        match self {
            Self { any: false, .. } => ("–".to_owned(), Role::Dim),
            Self { orphans: 1.., open, pending, .. } => {
                let least = if open || pending { "≥" } else { "" };
                (format!("! {least}{}", count(self.orphans)), Role::Bad)
            }
            Self { broken: true, .. } => ("! broken".to_owned(), Role::Bad),
            Self { open: true, .. } => ("?".to_owned(), Role::Warn),
            Self { pending: true, .. } => ("…".to_owned(), Role::Dim),
            _ => ("0".to_owned(), Role::Good),
        }
    }
}

impl Sum {
    /// As a file tells a sum that is not whole.
    pub fn told(self) -> String {
        match (self.orphans, self.broken, self.open) {
            (0, true, _) => "broken".to_owned(),
            (0, false, true) => "not checked".to_owned(),
            (0, false, false) => "not counted".to_owned(),
            (orphans, _, _) => format!("at least {orphans}"),
        }
    }
}

impl Figures {
    fn of(facts: &Facts, number: usize) -> Self {
        let edges = facts.neighbours.edges_of(number);
        let mut figures =
            Self { refers: edges.refers.len(), referred: edges.referred.len(), ..Self::default() };
        for (places, sum) in [(&edges.refers, &mut figures.out), (&edges.referred, &mut figures.into)] {
            places.iter().filter_map(|place| facts.tallies.get(*place)).for_each(|tally| sum.add(tally));
        }
        let all = edges.refers.iter().chain(&edges.referred);
        figures.broken = all.copied().any(|place| says::is_broken(facts, place));
        let counted = edges.refers.iter().find_map(|place| facts.tallies.get(*place)?.counts().rows);
        let table = facts.catalog.as_ref().zip(facts.neighbours.id(number));
        let table = table.and_then(|(catalog, id)| catalog.table(id));
        let guessed = table.and_then(|table| table.estimated_rows).map(|rows| (rows, false));
        figures.rows = counted.map(|rows| (rows, true)).or(guessed);
        figures
    }

    /// Its rows as they stand in the list.
    pub fn rows(&self) -> Word {
        match self.rows {
            Some((rows, true)) => (count(rows), Role::Text),
            Some((rows, false)) => (estimate(rows), Role::Dim),
            None => ("–".to_owned(), Role::Dim),
        }
    }
}

impl Tables {
    /// Catches up with the facts.
    pub fn refresh(&mut self, facts: &Facts, broken: bool, height: usize) {
        let wanted = ([facts.catalog_version, facts.relations_version], broken);
        let catalog = self.built.map(|([catalog, _], _)| catalog);
        if catalog != Some(facts.catalog_version) {
            self.renew(facts);
        }
        let young = facts.work.is_some() && facts.now < self.at + BEHIND;
        if self.built.map(|(versions, _)| versions) != Some(wanted.0) && !(young && self.built.is_some()) {
            self.figures = (0..facts.neighbours.len()).map(|number| Figures::of(facts, number)).collect();
            self.at = facts.now;
            self.built = Some(wanted);
            self.list.spoil();
        }
        if self.built.is_some_and(|(_, only)| only != broken) {
            self.built = self.built.map(|(versions, _)| (versions, broken));
            self.list.spoil();
        }
        // The list itself has one version: it is spoiled whenever it is to be made anew.
        if self.list.is_stale(1) {
            let passing = self.passing(facts, broken);
            let rows = self.sorted(passing);
            self.list.rebuild(1, rows, |row, name| facts.neighbours.name(row) == Some(name));
        }
        self.list.keep(height);
    }

    fn renew(&mut self, facts: &Facts) {
        self.by_name = (0..facts.neighbours.len()).collect();
        self.by_name.sort_by_key(|number| facts.neighbours.name(*number));
        self.texts.clear();
        self.built = None;
    }

    fn passing(&mut self, facts: &Facts, broken: bool) -> Vec<usize> {
        let filter = &self.list.filter;
        if self.texts.is_empty() && !filter.is_empty() {
            let text = |number: usize| {
                let name = facts.neighbours.name(number).zip(facts.catalog.as_ref());
                name.map(|(name, catalog)| ready(&catalog.written(name))).unwrap_or_default()
            };
            self.texts = (0..facts.neighbours.len()).map(text).collect();
        }
        let text = |number: usize| self.texts.get(number).map_or("", String::as_str);
        let shown = |number: usize| !broken || self.figures.get(number).is_some_and(|one| one.broken);
        let passes = |number: usize| filter.is_empty() || filter.passes_ready(text(number), String::new);
        self.by_name.iter().copied().filter(|number| shown(*number) && passes(*number)).collect()
    }

    fn sorted(&self, mut rows: Vec<usize>) -> Vec<usize> {
        let none = Figures::default();
        let of = |number: &usize| self.figures.get(*number).unwrap_or(&none);
        match self.sort {
            Sort::Name => {}
            Sort::Rows => rows.sort_by_key(|row| Reverse(of(row).rows)),
            Sort::Refers => rows.sort_by_key(|row| Reverse(of(row).refers)),
            Sort::Referred => rows.sort_by_key(|row| Reverse(of(row).referred)),
            Sort::Out => rows.sort_by_key(|row| Reverse(of(row).out)),
            Sort::Into => rows.sort_by_key(|row| Reverse(of(row).into)),
        }
        if self.reversed {
            rows.reverse();
        }
        rows
    }
}
