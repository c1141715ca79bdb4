//! Index: the look-up of children by their parent. SQLite builds it in one transaction, and nobody else writes meanwhile.

use super::{ground, lock};
use crate::model::catalog::{Index, Table, TableId, TableKind};
use crate::model::cover;
use crate::model::figure::grouped;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{NewIndex, Undo, Work};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::wish::{KeyWish, Options};
use crate::repair::planner::{names, rates};

/// How many names are tried before a person must give one.
const TRIES: usize = 4;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) table: TableId,
    pub(super) columns: &'a [Ident],
    pub(super) partial: bool,
    pub(super) name: Option<&'a str>,
    pub(super) key: Option<&'a KeyWish>,
}

/// Plans an index.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, asked: &Asked<'_>) {
    let Some(table) = draft.catalog.table(asked.table) else { return };
    let shown = draft.shown(&table.name);
    if !matches!(table.kind, TableKind::Plain | TableKind::WithoutRowid) {
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{shown} is a virtual table: it takes no index."),
            "",
        );
        return;
    }
    if served(draft, asked) {
        let columns: Vec<String> = asked.columns.iter().map(|column| column.visible().into_owned()).collect();
        draft.warn(format!(
            "An index over {} of {shown} is there already: there is nothing to do.",
            columns.join(", ")
        ));
        return;
    }
    collations(draft, action, table, asked);
    match name(draft, action, table, asked) {
        Some(Found::There(name)) => {
            let name = name.visible().into_owned();
            draft.warn(format!("The index {name} is there already: there is nothing to do."));
        }
        Some(Found::Free(name)) => build(draft, action, table, asked, name),
        None => {}
    }
}

/// A key looks its children up under the collation of the parent: an index under another one would never be used.
fn collations(draft: &mut Draft<'_>, action: usize, table: &Table, asked: &Asked<'_>) {
    let Some(relation) = asked.key.and_then(|key| key.relation(draft.catalog)) else { return };
    let own = |column: &Ident| table.column(column).and_then(|(_, column)| column.collation.clone());
    let unlike = relation
        .child
        .columns
        .iter()
        .zip(&relation.comparisons)
        .find(|(column, how)| how.collate.is_some() && how.collate != own(column));
    if let Some((column, _)) = unlike {
        let sentence = format!(
            "{} is compared under the collation of its parent, and an index over it would be under its own: SQLite would not use it.",
            draft.shown_column(&table.name, column)
        );
        draft.refuse(Why::Subject, Some(action), sentence, "Give both columns the same collation.");
    }
}

/// Whether children are found by an index that is there.
fn served(draft: &Draft<'_>, asked: &Asked<'_>) -> bool {
    let own = KeyWish {
        child: asked.table,
        columns: asked.columns.to_vec(),
        parent: asked.table,
        parent_columns: asked.columns.to_vec(),
        declared: None,
        options: Options::default(),
    };
    let relation = asked.key.unwrap_or(&own).as_relation(draft.catalog, Vec::new());
    relation.is_some_and(|relation| cover::child_index(draft.catalog, &relation) == Some(true))
}

enum Found {
    There(Ident),
    Free(Ident),
}

/// Finds the index under one of the names it may have, or the first name that is free. SQLite does not tell names apart by
/// the case of their letters.
fn name(draft: &mut Draft<'_>, action: usize, table: &Table, asked: &Asked<'_>) -> Option<Found> {
    let first = names::index(&table.name.name, asked.columns);
    let tries: Vec<String> = match asked.name {
        Some(given) => vec![given.to_owned()],
        None => {
            let more = (2..=TRIES).map(|number| names::fitted(&first, &format!("_{number}")));
            std::iter::once(first.clone()).chain(more).collect()
        }
    };
    for tried in tries {
        if tried.is_empty() || tried.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) {
            let sentence =
                format!("{:?} is no name for an index: SQLite keeps it for itself.", visible(&tried));
            draft.refuse(
                Why::Subject,
                Some(action),
                sentence,
                "Give it another with ?name=… behind the action.",
            );
            return None;
        }
        let same = |name: &Ident| name.raw().eq_ignore_ascii_case(&tried);
        if let Some(index) = table.indexes.iter().find(|index| same(&index.name)) {
            if is_it(table, index, asked) {
                return Some(Found::There(index.name.clone()));
            }
            continue;
        }
        let taken = |name: &TableName| name.schema == table.name.schema && same(&name.name);
        if !draft.survey.names.iter().any(|(name, _)| taken(name)) {
            return Ident::new(tried).ok().map(Found::Free);
        }
    }
    let shown = draft.shown(&table.name);
    draft.refuse(
        Why::Subject,
        Some(action),
        format!("Every name an index on {shown} would be given is taken by something else."),
        "Give it one with ?name=… behind the action, or rename what is in the way.",
    );
    None
}

/// Whether an index is the one that is asked for.
fn is_it(table: &Table, index: &Index, asked: &Asked<'_>) -> bool {
    let Some(places) = cover::places(table, asked.columns) else { return false };
    index.columns.iter().copied().eq(places.into_iter().map(Some))
        && !index.unique
        && index.predicate.is_some() == asked.partial
}

fn build(draft: &mut Draft<'_>, action: usize, table: &Table, asked: &Asked<'_>, name: Ident) {
    let (shown, of) = (name.visible().into_owned(), draft.shown(&table.name));
    let full = TableName { schema: table.name.schema.clone(), name: name.clone() };
    let bytes = draft.survey.file.as_ref().map_or(0, |file| file.bytes);
    // Without statistics nobody knows the rows: an index is no larger than the file.
    let size =
        table.estimated_rows.map_or(bytes, |rows| rows.saturating_mul(16 + 12 * asked.columns.len() as u64));
    // The entries are sorted on disk, written into the log, and from there into the file.
    ground::room(draft, action, size.saturating_mul(3), &format!("Building the index {shown}"));
    draft.warn(format!(
        "About {} MB of disk are to be expected for the index on {of}, three times that while it is built.",
        grouped((size / 1_000_000).max(1))
    ));
    let work = Work::CreateIndex(Box::new(NewIndex {
        table: table.name.clone(),
        name,
        columns: asked.columns.to_vec(),
        not_null: asked.columns.get(..usize::from(asked.partial)).unwrap_or_default().to_vec(),
        concurrently: false,
        only: false,
    }));
    let undo = draft.setting.planning.drop_index_again(&full, false);
    let made = Made {
        title: format!("Build the index {shown} on {of}"),
        sql: draft.sql(&work),
        work,
        locks: lock::on_file(draft, Span::Statement),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: table.estimated_rows.map(rates::index),
        undo: Undo::Sql { statements: vec![undo] },
        verify: "The catalog has the index; SQLite builds one whole or not at all.".to_owned(),
        again: "An index that is there is left.".to_owned(),
        after: draft.before_index(action, asked.table, asked.columns),
    };
    draft.step(Some(action), made);
}
