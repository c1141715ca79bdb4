//! CREATE INDEX and CREATE TRIGGER, as far as pragmas leave them untold.

use super::lexer::{Token, tokens};

/// The predicate of a partial index, as written.
pub(in crate::db::sqlite) fn predicate(sql: &str) -> Option<String> {
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
pub(in crate::db::sqlite) fn fires_before(sql: &str) -> bool {
    let tokens = tokens(sql);
    let Some(trigger) = tokens.iter().position(|token| token.is("TRIGGER")) else { return false };
    let mut at = trigger + 1;
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token: &Token| token.is(word));
    if is(at, "IF") && is(at + 1, "NOT") {
        at += 3;
    }
    at += if tokens.get(at + 1).is_some_and(|token| token.symbol('.')) { 3 } else { 1 };
    // Without a word for the time, a trigger fires BEFORE: so says the grammar.
    !is(at, "AFTER")
}
