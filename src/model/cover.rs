//! Which index serves a reference: whether the children of one parent can be found without reading the whole child
//! table, the question that every delete of a parent asks. Called by rules and reports.
//!
//! Such an index is valid and ready, a b-tree (or a hash on one column; for a period key also GiST), holds every child
//! row with a full key, and begins with exactly the key's columns. Their order does not matter, because the look-up
//! fixes all of them; what follows behind them does not matter either.

use crate::model::catalog::{Catalog, Index, Table, TableId, TableKind};
use crate::model::ident::Ident;
use crate::model::relation::Relation;
use crate::model::server::EngineKind;

/// Whether an index of the child finds the children of one parent; on a partitioned child one on every leaf does too.
/// None where that cannot be said: the child or one of its columns does not exist, or it is of a kind whose indexes the
/// catalog does not know.
pub fn child_index(catalog: &Catalog, relation: &Relation) -> Option<bool> {
    let table = catalog.table(relation.child.table?)?;
    if matches!(table.kind, TableKind::Foreign | TableKind::Virtual) || relation.child.columns.is_empty() {
        return None;
    }
    places(table, &relation.child.columns)?;
    let by_parts = || {
        let mut leaves = leaves(catalog, table.id).peekable();
        leaves.peek().is_some() && leaves.all(|leaf| served(catalog, leaf, relation))
    };
    Some(served(catalog, table, relation) || (table.kind == TableKind::Partitioned && by_parts()))
}

/// Whether a table's own indexes serve.
fn served(catalog: &Catalog, table: &Table, relation: &Relation) -> bool {
    let Some(key) = places(table, &relation.child.columns) else { return false };
    // SQLite's row id and WITHOUT ROWID keys are the table itself and have no index beside it.
    let itself = catalog.server.engine == EngineKind::Sqlite
        && table.keys.iter().any(|own| leads(own.columns.iter().copied().map(Some), &key));
    itself || table.indexes.iter().any(|index| usable(index) && fits(table, index, &key, relation.temporal))
}

/// The partitions of a table that hold rows.
fn leaves(catalog: &Catalog, root: TableId) -> impl Iterator<Item = &Table> {
    let below = move |leaf: &&Table| {
        let mut above = leaf.partition_of;
        // Counted, so that a forged ring of partitions ends.
        for _ in 0..catalog.tables.len() {
            match above {
                Some(id) if id == root => return true,
                Some(id) => above = catalog.table(id).and_then(|table| table.partition_of),
                None => return false,
            }
        }
        false
    };
    catalog.tables.iter().filter(|table| table.kind != TableKind::Partitioned).filter(below)
}

/// The key's columns as places in a table; none when one is missing.
pub fn places(table: &Table, columns: &[Ident]) -> Option<Vec<usize>> {
    columns.iter().map(|name| table.column(name).map(|(place, _)| place)).collect()
}

/// Whether the engine may read the index and keeps it up.
pub fn usable(index: &Index) -> bool {
    index.valid && index.ready
}

/// Whether the index would serve the key if it is usable.
pub fn fits(table: &Table, index: &Index, key: &[usize], temporal: bool) -> bool {
    let method = match index.method.as_str() {
        "btree" => true,
        "hash" => key.len() == 1,
        "gist" => temporal,
        _ => false,
    };
    let complete = index.predicate.as_deref().is_none_or(|predicate| only_not_null(predicate, table, key));
    method && complete && leads(index.columns.iter().copied(), key)
}

/// Whether the first columns are the key's, in any order.
fn leads(mut columns: impl Iterator<Item = Option<usize>>, key: &[usize]) -> bool {
    let mut open = key.to_vec();
    while !open.is_empty() {
        let Some(Some(column)) = columns.next() else { return false };
        let Some(at) = open.iter().position(|wanted| *wanted == column) else { return false };
        open.swap_remove(at);
    }
    true
}

/// Whether a predicate says no more than that columns of the key are not NULL: then it leaves out only rows that have
/// no parent to look for.
fn only_not_null(predicate: &str, table: &Table, key: &[usize]) -> bool {
    let tokens: Vec<Token> =
        tokens(predicate).into_iter().filter(|token| !matches!(token, Token::Other('(' | ')'))).collect();
    // Case decides only where two names differ in nothing else: PostgreSQL prints names as stored, SQLite as typed.
    let named = |same: fn(&str, &str) -> bool, name: &str| {
        table.columns.iter().position(|column| same(column.name.raw(), name))
    };
    let in_key = |name: &str| {
        named(|a, b| a == b, name)
            .or_else(|| named(str::eq_ignore_ascii_case, name))
            .is_some_and(|place| key.contains(&place))
    };
    let conjunct = |part: &[Token]| match part {
        [Token::Name(name), rest @ ..] => {
            let words: Vec<String> = rest
                .iter()
                .map(|token| match token {
                    Token::Name(word) => word.to_ascii_uppercase(),
                    Token::Other(other) => other.to_string(),
                })
                .collect();
            in_key(name) && matches!(words.join(" ").as_str(), "IS NOT NULL" | "NOT NULL" | "NOTNULL")
        }
        _ => false,
    };
    let and = |token: &Token| matches!(token, Token::Name(word) if word.eq_ignore_ascii_case("and"));
    tokens.split(and).all(conjunct)
}

/// A piece of a predicate: a name or word, or any other character.
enum Token {
    Name(String),
    Other(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let closing = match c {
            '"' | '`' => c,
            '[' => ']',
            c if c.is_whitespace() => continue,
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '$') {
                    word.push(c);
                }
                tokens.push(Token::Name(word));
                continue;
            }
            c => {
                tokens.push(Token::Other(c));
                continue;
            }
        };
        let mut name = String::new();
        while let Some(c) = rest.next() {
            if c == closing && (closing == ']' || rest.next_if_eq(&closing).is_none()) {
                break;
            }
            name.push(c);
        }
        tokens.push(Token::Name(name));
    }
    tokens
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
