//! CREATE INDEX and CREATE TRIGGER, as far as pragmas leave them untold.

use super::lexer::{Token, tokens};
use crate::model::catalog::{Event, Hears};

/// The predicate of a partial index, as written.
pub(crate) fn predicate(sql: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut listed = false;
    for token in tokens(sql) {
        if token.symbol('(') {
            depth += 1;
            listed = true;
        } else if token.symbol(')') {
            depth = depth.checked_sub(1)?;
        } else if depth == 0 && listed && token.is("WHERE") {
            return Some(sql.get(token.end..)?.trim().to_owned());
        }
    }
    None
}

/// Whether a trigger fires before the row is written, or instead.
pub(crate) fn fires_before(sql: &str) -> bool {
    let tokens = tokens(sql);
    // Without a word for the time, a trigger fires BEFORE: so says the grammar.
    behind_name(&tokens).is_some_and(|at| !tokens.get(at).is_some_and(|token| token.is("AFTER")))
}

/// The place behind the name of a trigger.
fn behind_name(tokens: &[Token]) -> Option<usize> {
    let mut at = tokens.iter().position(|token| token.is("TRIGGER"))? + 1;
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token: &Token| token.is(word));
    if is(at, "IF") && is(at + 1, "NOT") {
        at += 3;
    }
    Some(at + if tokens.get(at + 1).is_some_and(|token| token.symbol('.')) { 3 } else { 1 })
}

/// What a trigger listens to; none where its text cannot be followed.
pub(crate) fn hears(sql: &str) -> Option<Hears> {
    let tokens = tokens(sql);
    let mut at = behind_name(&tokens)?;
    while tokens
        .get(at)
        .is_some_and(|token| ["BEFORE", "AFTER", "INSTEAD", "OF"].iter().any(|word| token.is(word)))
    {
        at += 1;
    }
    let word = tokens.get(at)?;
    let event = [("INSERT", Event::Insert), ("UPDATE", Event::Update), ("DELETE", Event::Delete)]
        .into_iter()
        .find(|(name, _)| word.is(name))?
        .1;
    at += 1;
    let mut columns = Vec::new();
    if tokens.get(at).is_some_and(|token| token.is("OF")) {
        at += 1;
        loop {
            columns.push(tokens.get(at)?.text.clone());
            at += 1;
            if !tokens.get(at)?.symbol(',') {
                break;
            }
            at += 1;
        }
    }
    let head = tokens.get(at..)?;
    let body = head.iter().position(|token| token.is("BEGIN"))?;
    let conditional = head.get(..body)?.iter().any(|token| token.is("WHEN"));
    Some(Hears { event, columns, conditional })
}
