//! A plan in the making: what is known, what was decided so far, and the few verbs with which actions add to it.

use super::fingerprint;
use super::wish::{Does, KeyWish, LostWish, What, Wish};
use super::{Request, Setting};
use crate::model::catalog::{Catalog, Table, TableId, TableKind};
use crate::model::figure::{counted, grouped};
use crate::model::ident::{Ident, TableName, written};
use crate::model::plan::Touched;
use crate::model::plan::lock::Held;
use crate::model::plan::refusal::{Refusal, Why};
use crate::model::plan::step::{NewKey, Rows, Step, Undo, Work};
use crate::model::plan::survey::{Survey, Surveyed};
use crate::model::text::visible;
use crate::sql::change::Change;
use crate::sql::keys::Keys;
use std::collections::BTreeSet;

/// A plan in the making.
pub(super) struct Draft<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) survey: &'a Survey,
    pub(super) request: &'a Request,
    pub(super) setting: &'a Setting<'a>,
    pub(super) wishes: Vec<Wish>,
    pub(super) steps: Vec<Step>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) warnings: Vec<String>,
    /// Keys that are there already.
    pub(super) there: Vec<NewKey>,
    /// Whether a journal step stands in front.
    pub(super) journal: bool,
}

/// What an action knows of a step; the rest follows from it.
pub(super) struct Made {
    pub(super) title: String,
    pub(super) work: Work,
    pub(super) sql: Vec<String>,
    pub(super) locks: Vec<Held>,
    pub(super) proof_locks: Vec<Held>,
    pub(super) transactional: bool,
    pub(super) rows: Option<Rows>,
    pub(super) seconds: Option<f64>,
    pub(super) undo: Undo,
    pub(super) verify: String,
    pub(super) again: String,
    pub(super) after: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        survey: &'a Survey,
        request: &'a Request,
        setting: &'a Setting<'a>,
        mut wishes: Vec<Wish>,
        refusals: Vec<Refusal>,
    ) -> Self {
        wishes.sort_by_key(|wish| (wish.rank(), wish.action));
        Self {
            catalog,
            survey,
            request,
            setting,
            wishes,
            steps: Vec::new(),
            refusals,
            warnings: Vec::new(),
            there: Vec::new(),
            journal: false,
        }
    }

    /// Refuses.
    pub(super) fn refuse(
        &mut self,
        why: Why,
        action: Option<usize>,
        sentence: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let remedy = Some(remedy.into()).filter(|remedy| !remedy.is_empty());
        let refusal = Refusal { why, action, sentence: sentence.into(), remedy };
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    /// Warns, once.
    pub(super) fn warn(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.warnings.contains(&sentence) {
            self.warnings.push(sentence);
        }
    }

    /// Adds a step and answers with its id.
    pub(super) fn step(&mut self, action: Option<usize>, made: Made) -> String {
        let count = self.steps.iter().filter(|step| step.action == action).count();
        let id = action.map_or_else(|| "0".to_owned(), |action| format!("{}{}", action + 1, letters(count)));
        let mut after = made.after;
        if self.journal && action.is_some() {
            after.insert(0, "0".to_owned());
        }
        after.dedup();
        let held_up_by = self.held_up_by(made.locks.iter().chain(&made.proof_locks));
        self.steps.push(Step {
            id: id.clone(),
            action,
            title: made.title,
            work: made.work,
            sql: made.sql,
            locks: made.locks,
            proof_locks: made.proof_locks,
            transactional: made.transactional,
            rows: made.rows,
            reach: Vec::new(),
            seconds: made.seconds,
            undo: made.undo,
            verify: made.verify,
            again: made.again,
            after,
            held_up_by,
        });
        id
    }

    /// The statements of a step that changes definitions.
    pub(super) fn sql(&self, work: &Work) -> Vec<String> {
        let words = self.setting.repairs;
        let changes = match work {
            Work::Journal => words.create_journal(),
            Work::Backfill(_) | Work::Remove(_) | Work::Nullify(_) | Work::Adopt(_) => Vec::new(),
            Work::CreateIndex(index) => vec![words.create_index(index)],
            work => words.keys().map(|keys| self.key_changes(keys, work)).unwrap_or_default(),
        };
        changes.iter().map(|change| change.text().to_owned()).collect()
    }

    fn key_changes(&self, words: &dyn Keys, work: &Work) -> Vec<Change> {
        match work {
            Work::AttachIndex { whole, part, .. } => vec![words.attach_index(whole, part)],
            Work::AddKey(key) => words.add_key(key),
            Work::ProveKey { table, name, probe } => words.prove_key(table, name, *probe),
            Work::SwapKey { table, old, twin } => words.swap_key(table, old, twin),
            Work::DropKey { table, name } => vec![words.drop_key(table, name)],
            Work::Journal
            | Work::Backfill(_)
            | Work::Remove(_)
            | Work::Nullify(_)
            | Work::Adopt(_)
            | Work::CreateIndex(_)
            | Work::Rebuild(_) => Vec::new(),
        }
    }

    /// The last steps of actions that fill or index these columns of a table: what a later step on them waits for.
    pub(super) fn before(&self, table: TableId, columns: &[Ident]) -> Vec<String> {
        let prepares = |wish: &&Wish| match &wish.what {
            What::Backfill(copy) => copy.table == table && columns.contains(&copy.column),
            What::Index { table: own, columns: indexed, .. } => {
                *own == table && indexed.iter().all(|column| columns.contains(column))
            }
            _ => false,
        };
        let last = |wish: &Wish| self.steps.iter().rfind(|step| step.action == Some(wish.action));
        self.wishes.iter().filter(prepares).filter_map(last).map(|step| step.id.clone()).collect()
    }

    /// The same for an index, which waits only for what fills its columns.
    pub(super) fn before_index(&self, action: usize, table: TableId, columns: &[Ident]) -> Vec<String> {
        let own = self.wishes.iter().filter(|wish| wish.action != action);
        let fills = own.filter(|wish| {
            matches!(&wish.what, What::Backfill(copy) if copy.table == table && columns.contains(&copy.column))
        });
        let last = |wish: &Wish| self.steps.iter().rfind(|step| step.action == Some(wish.action));
        fills.filter_map(last).map(|step| step.id.clone()).collect()
    }

    /// The last steps of other actions on a table: what is dropped goes last.
    pub(super) fn others_on(&self, table: TableId, action: usize) -> Vec<String> {
        let others =
            self.wishes.iter().filter(|wish| wish.action != action && wish.tables().contains(&table));
        let last = |wish: &Wish| self.steps.iter().rfind(|step| step.action == Some(wish.action));
        others.filter_map(last).map(|step| step.id.clone()).collect()
    }

    /// Whether something that is staged takes away what stands against a key.
    pub(super) fn clears(&self, action: usize, key: &KeyWish) -> bool {
        self.wishes.iter().any(|wish| wish.action != action && wish.clears(key))
    }

    /// Says of the last step who delays it though he holds no lock that conflicts: an index that is built beside writers
    /// waits for every older snapshot.
    pub(super) fn delayed_by_snapshots(&mut self) {
        let ground = &self.survey.ground;
        let prepared =
            ground.prepared.iter().map(|who| format!("The prepared transaction {who} delays the build."));
        let snapshots = ground.snapshots.iter().map(|who| format!("The snapshot of {who} delays the build."));
        let all: Vec<String> = prepared.chain(snapshots).collect();
        if let Some(step) = self.steps.last_mut() {
            step.held_up_by.extend(all);
        }
    }

    /// Who holds a lock now that one of these would have to wait for.
    fn held_up_by<'h>(&self, locks: impl Iterator<Item = &'h Held> + Clone) -> Vec<String> {
        let mut found = Vec::new();
        for holder in self.survey.holders.iter().filter(|holder| holder.granted) {
            let Some(table) = self.catalog.table(holder.table) else { continue };
            let name = self.shown(&table.name);
            if locks.clone().any(|lock| lock.table == name && lock.mode.conflicts(holder.mode)) {
                let sentence = format!("{} holds {} on {name}.", holder.who, holder.mode.words());
                if !found.contains(&sentence) {
                    found.push(sentence);
                }
            }
        }
        found
    }

    /// A table's name as a person may see it.
    pub(super) fn shown(&self, name: &TableName) -> String {
        visible(&self.catalog.written(name)).into_owned()
    }

    /// A column's name as a person may see it, with its table.
    pub(super) fn shown_column(&self, table: &TableName, column: &Ident) -> String {
        visible(&format!("{}.{}", self.catalog.written(table), written(column))).into_owned()
    }

    /// What the survey tells of a table.
    pub(super) fn surveyed(&self, table: TableId) -> Surveyed {
        self.survey.tables.get(&table).cloned().unwrap_or_default()
    }

    /// The role, as a grant names it.
    pub(super) fn role(&self) -> String {
        self.catalog.server.user.as_ref().map_or_else(|| "PUBLIC".to_owned(), |user| user.raw().to_owned())
    }

    /// The tables that are touched, with their partitions, as they are.
    pub(super) fn touched(&self) -> Vec<Touched> {
        let roots = self.wishes.iter().flat_map(Wish::tables);
        let all: BTreeSet<TableId> = roots.flat_map(|root| self.catalog.family(root)).collect();
        all.into_iter()
            .filter_map(|id| self.catalog.table(id))
            .map(|table| Touched {
                table: table.name.clone(),
                number: table.oid,
                digest: fingerprint::of_table(self.catalog, table),
            })
            .collect()
    }

    /// What concerns the plan as a whole, once all steps are known.
    pub(super) fn settle(&mut self) {
        let rows: u64 = self.steps.iter().filter_map(|step| step.rows).map(|rows| rows.count).sum();
        if let Some(most) = self.request.parameters.max_rows.filter(|most| rows > *most) {
            self.refuse(
                Why::RowLimit,
                None,
                format!(
                    "The plan would write {}, and it may write {}.",
                    counted(rows, "row", "rows"),
                    grouped(most)
                ),
                format!("Allow them with --max-rows {rows}, or stage less."),
            );
        }
        for (action, sentence) in self.survey.gaps.clone() {
            self.refuse(Why::Unknown, action, sentence, "Plan again when it can be found out.");
        }
        self.refusals.sort_by_key(|refusal| refusal.action.map_or(0, |action| action + 1));
    }
}

impl Wish {
    /// What comes first: rows before the index on them, the index before the key, what is dropped last.
    fn rank(&self) -> u8 {
        match self.what {
            What::Backfill(_) => 0,
            What::Lost(LostWish { does: Does::Adopt, .. }) => 1,
            What::Lost(LostWish { does: Does::Nullify(_), .. }) => 2,
            What::Lost(LostWish { does: Does::Remove(_), .. }) => 3,
            What::Index { .. } => 4,
            What::Add(_) => 5,
            What::Validate(_) => 6,
            What::Replace(_) => 7,
            What::Drop(_) => 8,
        }
    }
}

/// The tables below, or itself, that hold rows.
pub(super) fn leaves(catalog: &Catalog, root: TableId) -> Vec<&Table> {
    let all = catalog.family(root);
    let tables = all.into_iter().filter_map(|id| catalog.table(id));
    tables.filter(|table| table.kind != TableKind::Partitioned).collect()
}

/// `a`, `b`, … `z`, `aa`, `ab`, …
fn letters(mut place: usize) -> String {
    let mut text = Vec::new();
    loop {
        text.push(char::from(b'a' + u8::try_from(place % 26).unwrap_or(0)));
        if place < 26 {
            break;
        }
        place = place / 26 - 1;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!(
            [0, 25, 26, 27, 51, 52, 701, 702].map(letters),
            ["a", "z", "aa", "ab", "az", "ba", "zz", "aaa"]
        );
    }
}
