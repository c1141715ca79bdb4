//! Locks by table: one entry each, strongest mode and longest span, strongest first.

use crate::model::catalog::{Table, TableId, TableKind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::{Held, Mode, Span};
use crate::repair::planner::draft::Draft;
use std::collections::BTreeMap;

/// Locks in the making.
#[derive(Default)]
pub(super) struct Locks {
    held: BTreeMap<String, (Mode, Span)>,
}

impl Locks {
    fn add(&mut self, name: String, mode: Mode, span: Span) {
        let held = self.held.entry(name).or_insert((mode, span));
        // The span is that of the strongest mode: a weaker lock held for longer stops nobody more.
        *held = match mode.cmp(&held.0) {
            std::cmp::Ordering::Greater => (mode, span),
            std::cmp::Ordering::Equal => (mode, held.1.max(span)),
            std::cmp::Ordering::Less => *held,
        };
    }

    /// A lock on one table.
    pub(super) fn on(mut self, draft: &Draft<'_>, table: TableId, mode: Mode, span: Span) -> Self {
        if let Some(table) = draft.catalog.table(table) {
            self.add(draft.shown(&table.name), mode, span);
        }
        self
    }

    /// A lock on a table and everything below it.
    pub(super) fn on_family(mut self, draft: &Draft<'_>, table: TableId, mode: Mode, span: Span) -> Self {
        for table in draft.catalog.family(table) {
            self = self.on(draft, table, mode, span);
        }
        self
    }

    /// A lock on what is below a table only.
    pub(super) fn below(mut self, draft: &Draft<'_>, table: TableId, mode: Mode, span: Span) -> Self {
        if draft.catalog.table(table).is_some_and(|table| table.kind == TableKind::Partitioned) {
            for below in draft.catalog.family(table).into_iter().skip(1) {
                self = self.on(draft, below, mode, span);
            }
        }
        self
    }

    /// A lock on an index: whoever plans a query on its table touches it.
    pub(super) fn on_index(mut self, draft: &Draft<'_>, table: &Table, index: &Ident, mode: Mode) -> Self {
        let index = TableName { schema: table.name.schema.clone(), name: index.clone() };
        self.add(format!("the index {}", draft.shown(&index)), mode, Span::Moment);
        self
    }

    /// All of them, strongest first, then by name.
    pub(super) fn held(self) -> Vec<Held> {
        let mut held: Vec<Held> =
            self.held.into_iter().map(|(table, (mode, span))| Held { table, mode, span }).collect();
        held.sort_by(|one, other| other.mode.cmp(&one.mode).then_with(|| one.table.cmp(&other.table)));
        held
    }
}
