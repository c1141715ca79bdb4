//! Sheets over the picture: answers that are lines rather than a drawing. The tree around a table, the order of load and
//! delete, the cycles, the paths to another table, all tables. Each line can lead to a table or to a relation.

mod cycles;
mod order;
mod path;
pub mod tables;
mod tree;

use super::says::Rounds;
use crate::model::catalog::TableId;
use crate::model::graph::{Cycle, Graph, Order};
use crate::model::ident::TableName;
use crate::model::text::visible;
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use std::time::Duration;

/// What a sheet answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What refers to the table, and what it refers to, level by level.
    Tree,
    /// The paths to another table.
    Path,
    /// Which tables to load first, and which to delete from first.
    Order,
    /// The cycles, and where they can be broken.
    Cycles,
    /// All tables; its lines are those of [`tables`].
    Tables,
}

/// How long a sheet may be behind the counts while they arrive.
pub const BEHIND: Duration = Duration::from_secs(1);

/// Where a line leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// To a table, by its number.
    Table(usize),
    /// To a relation, by its place.
    Relation(usize),
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its pieces.
    pub text: Vec<(String, Role)>,
    /// Where Enter leads.
    pub goal: Option<Goal>,
}

/// A sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What it answers.
    pub kind: Kind,
    /// The other table of a path.
    pub goal: Option<TableName>,
    /// Its lines.
    pub rows: Vec<Row>,
    /// Which is selected.
    pub cursor: Cursor,
    built: Option<(usize, usize, [u64; 2])>,
    at: Duration,
}

/// What sheets are made from.
pub struct Ground<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The graph.
    pub graph: &'a Graph,
    /// Its cycles.
    pub cycles: &'a [Cycle],
    /// Its order, where that was asked for.
    pub order: Option<&'a Order>,
    /// The cycles of tables, and what labels ask for.
    pub rounds: &'a Rounds,
    /// The table in the middle.
    pub centre: usize,
    /// Hops around it.
    pub hops: usize,
}

impl Sheet {
    /// An empty sheet; the next refresh fills it.
    pub fn new(kind: Kind, goal: Option<TableName>) -> Self {
        Self { kind, goal, rows: Vec::new(), cursor: Cursor::default(), built: None, at: Duration::ZERO }
    }

    /// Catches up with the facts: with counts about once a second while they arrive, at once when they are all there.
    /// Orders and cycles do not change while counting.
    pub fn refresh(&mut self, ground: &Ground<'_>, height: usize) {
        let facts = ground.facts;
        let counted = match self.kind {
            Kind::Tree | Kind::Path => facts.relations_version,
            Kind::Order | Kind::Cycles | Kind::Tables => 0,
        };
        let wanted = (ground.centre, ground.hops, [facts.catalog_version, counted]);
        let same = |(centre, hops, [catalog, _]): (usize, usize, [u64; 2])| {
            (centre, hops, catalog) == (ground.centre, ground.hops, facts.catalog_version)
        };
        let rests = facts.work.is_some() && facts.now < self.at + BEHIND && self.built.is_some_and(same);
        if self.built != Some(wanted) && !rests {
            self.rows = match self.kind {
                Kind::Tree => tree::rows(ground),
                Kind::Path => path::rows(ground, self.goal.as_ref()),
                Kind::Order => order::rows(ground),
                Kind::Cycles => cycles::rows(ground),
                Kind::Tables => Vec::new(),
            };
            (self.built, self.at) = (Some(wanted), facts.now);
        }
        self.cursor.keep(self.rows.len(), height);
    }

    /// Its lines as a text.
    pub fn text(&self) -> String {
        let line = |row: &Row| {
            let pieces: String = row.text.iter().map(|(text, _)| visible(text)).collect();
            format!("{}\n", pieces.trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

impl Ground<'_> {
    /// A table's name as a person writes it.
    fn name(&self, number: usize) -> String {
        let name = self.facts.neighbours.name(number).zip(self.facts.catalog.as_ref());
        name.map(|(name, catalog)| catalog.written(name)).unwrap_or_default()
    }

    fn number(&self, table: TableId) -> Option<usize> {
        let table = self.facts.catalog.as_ref()?.table(table)?;
        self.facts.neighbours.number_of(&table.name)
    }
}

/// A line of one piece.
fn line(text: impl Into<String>, role: Role) -> Row {
    Row { text: vec![(text.into(), role)], goal: None }
}
