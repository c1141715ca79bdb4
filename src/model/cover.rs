//! Which index serves a reference: whether the children of one parent can be found without reading the whole child
//! table. Called by rules and reports.

use crate::model::catalog::{Catalog, Index, Table, TableKind};
use crate::model::ident::written;
use crate::model::relation::Relation;

/// Whether an index of the child finds the children of one parent. None where that cannot be said: the child or one of
/// its columns does not exist, or it is of a kind whose indexes the catalog does not know.
pub fn child_index(catalog: &Catalog, relation: &Relation) -> Option<bool> {
    let table = catalog.table(relation.child.table?)?;
    if matches!(table.kind, TableKind::Foreign | TableKind::Virtual) || relation.child.columns.is_empty() {
        return None;
    }
    let places: Option<Vec<usize>> =
        relation.child.columns.iter().map(|name| table.column(name).map(|(place, _)| place)).collect();
    let places = places?;
    let by_index = table.indexes.iter().any(|index| serves(table, index, &places, relation.temporal));
    // SQLite's INTEGER PRIMARY KEY is the row id: a key without an index.
    let by_key = || {
        table
            .keys
            .iter()
            .any(|key| leads(&key.columns.iter().copied().map(Some).collect::<Vec<_>>(), &places))
    };
    Some(by_index || by_key())
}

fn serves(table: &Table, index: &Index, places: &[usize], temporal: bool) -> bool {
    let method = match index.method.as_str() {
        "hash" => places.len() == 1,
        "gist" => temporal,
        "btree" => true,
        _ => false,
    };
    let whole =
        index.predicate.as_deref().is_none_or(|predicate| covers_every_reference(table, predicate, places));
    method && whole && index.valid && index.ready && leads(&index.columns, places)
}

/// Whether the first columns are just these, in any order: a search by equality does not mind the order.
fn leads(columns: &[Option<usize>], places: &[usize]) -> bool {
    columns.get(..places.len()).is_some_and(|first| places.iter().all(|place| first.contains(&Some(*place))))
}

/// Whether a partial index leaves out nothing but rows whose reference is NULL: its predicate says no more than that
/// columns of the reference are NOT NULL.
fn covers_every_reference(table: &Table, predicate: &str, places: &[usize]) -> bool {
    let bare: String =
        predicate.chars().filter(|c| !matches!(c, '(' | ')' | '"' | '`' | '[' | ']')).collect();
    let words: Vec<&str> = bare.split_whitespace().collect();
    let said_alike = |said: &str, name: &str| said == name || said.eq_ignore_ascii_case(name);
    words.split(|word| word.eq_ignore_ascii_case("and")).all(|clause| match clause {
        [name, is, not, null] => {
            is.eq_ignore_ascii_case("is")
                && not.eq_ignore_ascii_case("not")
                && null.eq_ignore_ascii_case("null")
                && places.iter().filter_map(|place| table.columns.get(*place)).any(|column| {
                    said_alike(name, column.name.raw()) && written(&column.name) == column.name.raw()
                })
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::child_index;
    use crate::model::tests::draft::Draft;

    /// A composite reference whose child has one index, as a closure may change it.
    fn with(columns: &str, change: impl FnOnce(&mut crate::model::catalog::Index)) -> Option<bool> {
        let mut draft = Draft::postgres();
        draft.table("events", "id uuid!, day date!");
        draft.table("notes", "id bigint!, event_id uuid, event_day date, text text");
        change(draft.index("notes", columns));
        draft.relation("notes(event_id,event_day)->events(id,day)");
        child_index(&draft.catalog, &draft.catalog.relations[0])
    }

    #[test]
    fn an_index_serves_when_it_begins_with_the_columns_of_the_reference_in_any_order() {
        assert_eq!(with("event_id,event_day", |_| ()), Some(true));
        assert_eq!(with("event_day,event_id,text", |_| ()), Some(true));
        assert_eq!(with("text,event_id,event_day", |_| ()), Some(false));
        assert_eq!(with("event_id", |_| ()), Some(false));
        assert_eq!(with("event_id,lower(x)", |_| ()), Some(false));
    }

    #[test]
    fn an_index_that_is_invalid_or_of_another_method_serves_nobody() {
        assert_eq!(with("event_id,event_day", |index| index.valid = false), Some(false));
        assert_eq!(with("event_id,event_day", |index| index.ready = false), Some(false));
        assert_eq!(with("event_id,event_day", |index| index.method = "gin".into()), Some(false));
    }

    #[test]
    fn a_partial_index_serves_when_it_leaves_out_only_null_references() {
        let partial =
            |predicate: &str| with("event_id,event_day", |index| index.predicate = Some(predicate.into()));
        assert_eq!(partial("(event_id IS NOT NULL)"), Some(true));
        assert_eq!(partial("((event_id IS NOT NULL) AND (event_day IS NOT NULL))"), Some(true));
        assert_eq!(partial("event_id is not null"), Some(true));
        assert_eq!(partial("(text IS NOT NULL)"), Some(false));
        assert_eq!(partial("(event_id > '5')"), Some(false));
        assert_eq!(partial("((event_id IS NOT NULL) AND (text = 'x'))"), Some(false));
        assert_eq!(partial("((event_id IS NOT NULL) OR (text IS NULL))"), Some(false));
    }

    #[test]
    fn a_key_is_an_index_and_a_child_that_is_not_there_has_none() {
        let mut draft = Draft::sqlite();
        draft.table("users", "id INTEGER!");
        draft.table("profiles", "id INTEGER!, text TEXT").indexes.clear();
        draft.relation("profiles(id)->users(id)");
        draft.relation("profiles(gone)->users(id)");
        let said = |place: usize| child_index(&draft.catalog, &draft.catalog.relations[place]);
        assert_eq!(said(0), Some(true));
        assert_eq!(said(1), None);
    }
}
