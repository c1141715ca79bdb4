//! libpq's connection strings: `host=db dbname=shop password='a b'`. No fault quotes a value.

use super::super::usage;
use super::params::{HEEDED, Params, REFUSED, Rank, capital};
use crate::model::fault::Fault;
use std::iter::Peekable;
use std::str::Chars;

/// Whether a text is meant as a connection string: it begins with a name libpq knows and a `=`.
pub(super) fn is_meant(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    let name = name.trim();
    HEEDED.iter().any(|(known, _)| *known == name) || REFUSED.iter().any(|(known, _, _)| *known == name)
}

/// Reads a connection string into parameters. Of a name given twice the last counts, as with libpq.
pub(super) fn read(text: &str, source: &str, into: &mut Params) -> Result<(), Fault> {
    let mut pairs = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        skip_space(&mut rest);
        if rest.peek().is_none() {
            break;
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=' && !c.is_whitespace()) {
            name.push(c);
        }
        skip_space(&mut rest);
        if rest.next() != Some('=') {
            return Err(malformed(source, "has a word without a = after it"));
        }
        skip_space(&mut rest);
        pairs.push((name, value(&mut rest, source)?));
    }
    for (name, value) in pairs.iter().rev() {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(malformed(source, "has a parameter whose name is not a plain word"));
        }
        if name == "dbname" && (value.contains("://") || is_meant(value)) {
            return Err(malformed(source, "has a whole address where the name of the database belongs"));
        }
        into.offer(name, value, source, Rank::Explicit)?;
    }
    Ok(())
}

/// A value: bare up to the next space, or in single quotes; a backslash takes the next letter as it is.
fn value(rest: &mut Peekable<Chars<'_>>, source: &str) -> Result<String, Fault> {
    let quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next_if(|c| quoted || !c.is_whitespace()) {
            Some('\\') => value.extend(rest.next()),
            Some('\'') if quoted => return Ok(value),
            Some(c) => value.push(c),
            None if quoted => return Err(malformed(source, "has a quote that does not end")),
            None => return Ok(value),
        }
    }
}

fn skip_space(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn malformed(source: &str, what: &str) -> Fault {
    usage(format!("{} {what}.", capital(source))).hint(
        "A connection string is written host=db port=5432 dbname=shop user=app; a value with spaces stands in single \
         quotes, with \\' and \\\\ for ' and \\.",
    )
}
