//! Subjects as a person types them: `table.column`, `table.constraint`, `table(a,b)`, `table(a,b)->parent(x,y)`. Names are
//! as stored; one with other characters than letters, digits, `_`, `$` and `-` stands in double quotes.

use crate::model::catalog::{Catalog, Table};
use crate::model::ident::{Ident, TableName};

/// One side: a dotted name, and columns where there are some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) parts: Vec<Ident>,
    pub(super) columns: Option<Vec<Ident>>,
}

/// Reads a subject: one side, or two with an arrow between them.
pub(super) fn read(text: &str) -> Option<(Side, Option<Side>)> {
    let mut letters = Letters { rest: text.trim() };
    let child = letters.side()?;
    letters.skip();
    if letters.rest.is_empty() {
        return Some((child, None));
    }
    letters.rest = letters.rest.strip_prefix("->")?;
    let parent = letters.side()?;
    letters.skip();
    letters.rest.is_empty().then_some((child, Some(parent)))
}

struct Letters<'a> {
    rest: &'a str,
}

impl Letters<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, letter: char) -> bool {
        self.skip();
        self.rest.strip_prefix(letter).map(|rest| self.rest = rest).is_some()
    }

    fn side(&mut self) -> Option<Side> {
        let mut parts = vec![self.name()?];
        while self.takes('.') {
            parts.push(self.name()?);
        }
        if !self.takes('(') {
            return Some(Side { parts, columns: None });
        }
        let mut columns = vec![self.name()?];
        while self.takes(',') {
            columns.push(self.name()?);
        }
        self.takes(')').then_some(Side { parts, columns: Some(columns) })
    }

    fn name(&mut self) -> Option<Ident> {
        self.skip();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let mut name = String::new();
            let mut letters = quoted.char_indices().peekable();
            while let Some((at, letter)) = letters.next() {
                if letter != '"' {
                    name.push(letter);
                } else if letters.peek().is_some_and(|(_, next)| *next == '"') {
                    letters.next();
                    name.push('"');
                } else {
                    self.rest = &quoted[at + 1..];
                    return Ident::new(name).ok();
                }
            }
            return None;
        }
        let mut end = 0;
        for (at, letter) in self.rest.char_indices() {
            // A hyphen belongs to a name unless it begins the arrow.
            let arrow = letter == '-' && self.rest[at..].starts_with("->");
            if arrow || !(letter.is_alphanumeric() || matches!(letter, '_' | '$' | '-')) {
                break;
            }
            end = at + letter.len_utf8();
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() { None } else { Ident::new(name).ok() }
    }
}

/// The table that a dotted name means.
pub(super) fn table<'a>(catalog: &'a Catalog, parts: &[Ident]) -> Option<&'a Table> {
    let (schema, name) = match parts {
        [name] => (catalog.server.default_schema.as_str(), name),
        [schema, name] => (schema.raw(), name),
        _ => return None,
    };
    let is = |own: &TableName| own.schema.raw() == schema && own.name == *name;
    catalog.tables.iter().find(|table| is(&table.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(side: &Side) -> (Vec<&str>, Vec<&str>) {
        let raw = |names: &[Ident]| -> Vec<String> { names.iter().map(|n| n.raw().to_owned()).collect() };
        let _ = raw;
        (side.parts.iter().map(Ident::raw).collect(), side.columns.iter().flatten().map(Ident::raw).collect())
    }

    #[test]
    fn subjects_are_read_with_quotes_blanks_and_hyphens() {
        let (child, parent) = read("app.\"Odd \"\"One\"(a, \"b,c\") -> par-ent(id)").expect("a subject");
        assert_eq!(names(&child), (vec!["app", "Odd \"One"], vec!["a", "b,c"]));
        assert_eq!(names(&parent.expect("a parent")), (vec!["par-ent"], vec!["id"]));
        let (side, none) = read("audit_events.parent_event_date").expect("a subject");
        assert_eq!((names(&side).0, none), (vec!["audit_events", "parent_event_date"], None));
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        for text in ["", "a(", "a()", "a(b)->", "a b", "\"a", "a(b))", "a->b->c"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
