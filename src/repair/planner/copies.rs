//! What a column copies: told by the configuration, by a declared composite reference, or by one that is staged beside it.

use super::reading::{No, Reading, no, shown};
use super::subject;
use super::wish::CopyWish;
use crate::model::action::{Action, Verb};
use crate::model::catalog::{Table, TableId};
use crate::model::ident::{Ident, written};
use crate::model::plan::refusal::Why;
use crate::model::text::visible;

impl Reading<'_> {
    pub(super) fn backfill(&self, place: usize, action: &Action) -> Result<CopyWish, No> {
        let form = || no(format!("{} names no column.", shown(action)), "Write backfill:TABLE.COLUMN.");
        let (side, None) = subject::read(&action.subject).ok_or_else(form)? else { return Err(form()) };
        let (Some((column, parts)), None) = (side.parts.split_last(), &side.columns) else {
            return Err(form());
        };
        if parts.is_empty() {
            return Err(form());
        }
        let table = self.table(parts)?;
        self.columns(table, std::slice::from_ref(column))?;
        let triggers_fire = match action.option("triggers") {
            None => false,
            Some("fire") => true,
            Some(other) => {
                return Err(no(
                    format!("{} is no value of triggers.", visible(other)),
                    "Write triggers=fire, or leave it out.",
                ));
            }
        };
        let mut found = self.declared_copies(table, column)?;
        if found.is_empty() {
            found = self.copies_of_relations(table, column);
            found.extend(self.copies_of_staged(place, table, column));
        }
        let mut unlike: Vec<CopyWish> = Vec::new();
        for copy in found {
            let same = |other: &CopyWish| {
                (other.parent, &other.from, &other.along) == (copy.parent, &copy.from, &copy.along)
            };
            if !unlike.iter().any(same) {
                unlike.push(copy);
            }
        }
        let name = format!("{}.{}", self.catalog.written(&table.name), written(column));
        match unlike.len() {
            1 => unlike.pop().map(|copy| CopyWish { triggers_fire, ..copy }).ok_or_else(form),
            0 => Err(No {
                why: Why::Prerequisite,
                sentence: format!(
                    "Nothing tells what {} copies: it is part of no composite reference.",
                    visible(&name)
                ),
                remedy: Some(
                    "Stage the add-fk of the composite reference beside it, or declare it as [[copy]] in the configuration."
                        .to_owned(),
                ),
            }),
            many => Err(no(
                format!("{} copies {many} different columns, as its references tell.", visible(&name)),
                "Declare the one you mean as [[copy]] in the configuration.",
            )),
        }
    }

    /// Copies the configuration declares.
    fn declared_copies(&self, table: &Table, column: &Ident) -> Result<Vec<CopyWish>, No> {
        let mut found = Vec::new();
        for copy in self.copies {
            let Some((side, None)) = subject::read(&copy.column) else { continue };
            let Some((name, parts)) = side.parts.split_last() else { continue };
            let meant = subject::table(self.catalog, parts);
            if name != column || meant.map(|meant| meant.id) != Some(table.id) {
                continue;
            }
            let form = || {
                no(
                    format!(
                        "The [[copy]] of {} leads nowhere: {}.",
                        visible(&copy.column),
                        visible(&copy.along)
                    ),
                    "along is written TABLE(COLUMN,…)->PARENT(COLUMN,…), with the table of the copy on the left.",
                )
            };
            let (child, Some(parent)) = subject::read(&copy.along).ok_or_else(form)? else {
                return Err(form());
            };
            let (Some(ours), Some(theirs)) = (&child.columns, &parent.columns) else { return Err(form()) };
            if self.table(&child.parts)?.id != table.id || ours.len() != theirs.len() {
                return Err(form());
            }
            let parent = self.table(&parent.parts)?;
            let from = Ident::new(copy.from.clone()).map_err(|_| form())?;
            self.columns(table, ours)?;
            self.columns(parent, theirs)?;
            self.columns(parent, std::slice::from_ref(&from))?;
            found.push(CopyWish {
                table: table.id,
                column: column.clone(),
                parent: parent.id,
                from,
                along: ours.iter().cloned().zip(theirs.iter().cloned()).collect(),
                known: None,
                triggers_fire: false,
            });
        }
        Ok(found)
    }

    /// Copies that declared composite references tell of: one pair is the copy, the others lead to the parent.
    fn copies_of_relations(&self, table: &Table, column: &Ident) -> Vec<CopyWish> {
        let relations = self.catalog.relations.iter().filter(|relation| {
            relation.child.table == Some(table.id) && relation.is_composite() && !relation.temporal
        });
        relations
            .filter_map(|relation| {
                let (child, parent) = (&relation.child.columns, &relation.parent.columns);
                let mut copy = self.copy(table.id, column, relation.parent.table?, child, parent)?;
                let at = child.iter().position(|own| own == column)?;
                let mut known = relation.comparisons.clone();
                if known.len() == child.len() {
                    let last = known.remove(at);
                    known.push(last);
                    copy.known = Some(known);
                }
                Some(copy)
            })
            .collect()
    }

    /// Copies that composite references tell of which are staged in the same plan.
    fn copies_of_staged(&self, place: usize, table: &Table, column: &Ident) -> Vec<CopyWish> {
        let staged = self
            .actions
            .iter()
            .enumerate()
            .filter(|(at, action)| *at != place && matches!(action.verb, Verb::AddFk | Verb::Index));
        staged
            .filter_map(|(_, action)| self.key(action, false).ok())
            .filter(|key| key.child == table.id && key.columns.len() > 1)
            .filter_map(|key| self.copy(table.id, column, key.parent, &key.columns, &key.parent_columns))
            .collect()
    }

    fn copy(
        &self,
        table: TableId,
        column: &Ident,
        parent: TableId,
        ours: &[Ident],
        theirs: &[Ident],
    ) -> Option<CopyWish> {
        let at = ours.iter().position(|own| own == column)?;
        let pairs = ours.iter().cloned().zip(theirs.iter().cloned()).enumerate();
        let along = pairs.filter(|(other, _)| *other != at).map(|(_, pair)| pair).collect();
        Some(CopyWish {
            table,
            column: column.clone(),
            parent,
            from: theirs.get(at)?.clone(),
            along,
            known: None,
            triggers_fire: false,
        })
    }
}
