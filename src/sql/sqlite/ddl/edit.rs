//! Editing a stored CREATE TABLE: its name, a foreign key more, foreign keys less. Everything else stays byte for byte,
//! comments among it. Each result is read again and must be, token for token, the old text with exactly that
//! difference; what is not is no result.

use super::lexer::{Kind, Token, tokens};
use super::read;
use std::ops::Range;

/// The statement under another name, which must be quoted already.
pub(crate) fn renamed(sql: &str, name: &str) -> Option<String> {
    let named = read(sql)?.named;
    let edited = format!("{}{name}{}", sql.get(..named.start)?, sql.get(named.end..)?);
    let kept = |token: &Token| token.end <= named.start || token.start >= named.end;
    let before = tokens(sql).into_iter().filter(kept).count();
    let said = tokens(name);
    let still = read(&edited)?;
    let as_said = said.last().is_some_and(|last| last.text == still.name);
    (as_said && tokens(&edited).len() == before + said.len()).then_some(edited)
}

/// A statement with its arguments, already written as literals, in the places of `?1`, `?2` and so on.
pub(crate) fn with_arguments(sql: &str, arguments: &[String]) -> String {
    let all = tokens(sql);
    let mut written = String::with_capacity(sql.len());
    let mut from = 0;
    for pair in all.windows(2) {
        let place = pair[1].text.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let argument = place.and_then(|place| arguments.get(place));
        if let Some(argument) = argument.filter(|_| pair[0].symbol('?') && pair[0].end == pair[1].start) {
            written.push_str(&sql[from..pair[0].start]);
            written.push_str(argument);
            from = pair[1].end;
        }
    }
    written.push_str(&sql[from..]);
    written
}

/// The statement with one more constraint of the table behind all others.
pub(crate) fn with_key(sql: &str, clause: &str) -> Option<String> {
    let close = read(sql)?.close;
    let old = tokens(sql);
    let last = old.iter().rfind(|token| token.end <= close)?;
    // Comments behind the last constraint keep their place behind it.
    let between = sql.get(last.end..close)?;
    let remarks = last.end + between.trim_end().len();
    let gap = gap(sql, last, sql.get(remarks..close)?);
    let edited =
        format!("{},{}{gap}{clause}{}", &sql[..last.end], &sql[last.end..remarks], sql.get(remarks..)?);
    let place = old.iter().take_while(|token| token.end <= last.end).count();
    let mut expected = spoken(&old);
    let mut more = vec![(Kind::Symbol, ",".to_owned())];
    more.extend(spoken(&tokens(clause)));
    expected.splice(place..place, more);
    (spoken(&tokens(&edited)) == expected && read(&edited).is_some()).then_some(edited)
}

/// What stands before a new constraint: a line of its own, indented like the last one, where the brackets are closed on
/// a line of their own.
fn gap(sql: &str, last: &Token, behind: &str) -> String {
    let Some(at) = behind.find('\n') else { return " ".to_owned() };
    let end = if behind[..at].ends_with('\r') { "\r\n" } else { "\n" };
    let line = sql[..last.start].rfind('\n').map_or("    ", |start| &sql[start + 1..]);
    let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    format!("{end}{indent}")
}

/// The statement without some of its references, by their places among them.
pub(crate) fn without_keys(sql: &str, places: &[usize]) -> Option<String> {
    let mut edited = sql.to_owned();
    let mut places = places.to_vec();
    places.sort_unstable();
    places.dedup();
    // From the last to the first: those before keep their places.
    for place in places.into_iter().rev() {
        edited = without_key(&edited, place)?;
    }
    Some(edited)
}

/// What becomes of the text before a cut, and what stands instead of the cut.
type Way = fn(&str) -> (&str, &str);

fn without_key(sql: &str, place: usize) -> Option<String> {
    let table = read(sql)?;
    let reference = table.references.get(place)?;
    let old = tokens(sql);
    let mut cuts = reference.deferrals.clone();
    cuts.push(reference.clause.clone());
    if reference.of_table {
        cuts.extend(comma(&old, &reference.clause, cuts.iter().map(|cut| cut.end).max()?));
    }
    let cuts = joined(sql, cuts);
    let kept = |token: &&Token| !cuts.iter().any(|cut| token.start < cut.end && cut.start < token.end);
    let expected: Vec<Token> = old.iter().filter(kept).cloned().collect();
    let expected = spoken(&expected);
    // The closest cut that leaves the rest as it was: without the space before, with it, with a space instead.
    let ways: [Way; 3] = [|head| (head.trim_end(), ""), |head| (head, ""), |head| (head, " ")];
    ways.iter().find_map(|way| {
        let edited = cut(sql, &cuts, way)?;
        (spoken(&tokens(&edited)) == expected
            && read(&edited)?.references.len() + 1 == table.references.len())
        .then_some(edited)
    })
}

/// Cuts in order, those with nothing but space between them as one.
fn joined(sql: &str, mut cuts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    cuts.sort_by_key(|cut| cut.start);
    let mut whole: Vec<Range<usize>> = Vec::new();
    for cut in cuts {
        let close = |last: &&mut Range<usize>| {
            sql.get(last.end..cut.start).is_some_and(|between| between.trim().is_empty())
        };
        match whole.last_mut().filter(close) {
            Some(last) => last.end = cut.end,
            None => whole.push(cut),
        }
    }
    whole
}

/// The comma before a constraint of the table, which goes with it unless it parts what stands around it.
fn comma(old: &[Token], clause: &Range<usize>, end: usize) -> Option<Range<usize>> {
    let before = old.iter().rfind(|token| token.end <= clause.start).filter(|token| token.symbol(','))?;
    let behind = old.iter().find(|token| token.start >= end)?;
    (behind.symbol(',') || behind.symbol(')')).then_some(before.start..before.end)
}

fn cut(sql: &str, cuts: &[Range<usize>], way: &Way) -> Option<String> {
    let mut edited = String::with_capacity(sql.len());
    let mut from = 0;
    for cut in cuts {
        let (head, instead) = way(sql.get(from..cut.start)?);
        edited.push_str(head);
        edited.push_str(instead);
        from = cut.end;
    }
    edited.push_str(sql.get(from..)?);
    Some(edited)
}

/// Tokens without their places.
fn spoken(tokens: &[Token]) -> Vec<(Kind, String)> {
    tokens.iter().map(|token| (token.kind, token.text.clone())).collect()
}
