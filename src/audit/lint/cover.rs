//! Which index serves the look-up of all children of one parent: the question that every delete of a parent asks.
//!
//! Such an index is valid and ready, a b-tree (or a hash on one column; for a period key GiST), holds every child row
//! with a full key, and begins with exactly the key's columns. Their order does not matter, because the look-up fixes
//! all of them; what follows behind them does not matter either. Called by the rules about indexes.

use crate::model::catalog::{Catalog, Index, Table, TableKind};
use crate::model::ident::Ident;
use crate::model::relation::Relation;
use crate::model::server::EngineKind;

/// Whether an index of the child table, or of each of its partitions, serves the relation.
pub(super) fn covered(catalog: &Catalog, child: &Table, relation: &Relation, leaves: &[&Table]) -> bool {
    let serves = |table: &Table| {
        let Some(key) = places(table, &relation.child.columns) else { return true };
        table.indexes.iter().any(|index| usable(index) && fits(table, index, &key, relation.temporal))
            // SQLite's row id and WITHOUT ROWID keys are the table itself and have no index beside it.
            || catalog.server.engine == EngineKind::Sqlite
                && table.keys.iter().any(|own| leads(own.columns.iter().copied().map(Some), &key))
    };
    serves(child)
        || (child.kind == TableKind::Partitioned
            && !leaves.is_empty()
            && leaves.iter().all(|leaf| serves(leaf)))
}

/// The key's columns as places in a table; none when one is missing.
pub(super) fn places(table: &Table, columns: &[Ident]) -> Option<Vec<usize>> {
    columns.iter().map(|name| table.column(name).map(|(place, _)| place)).collect()
}

/// Whether the engine may read the index and keeps it up.
pub(super) fn usable(index: &Index) -> bool {
    index.valid && index.ready
}

/// Whether the index would serve the key if it is usable.
pub(super) fn fits(table: &Table, index: &Index, key: &[usize], temporal: bool) -> bool {
    let method = match index.method.as_str() {
        "btree" | "" => !temporal,
        "hash" => !temporal && key.len() == 1,
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
