//! Does the parent exist that SET DEFAULT would point at? Asked only where every default is a plain constant: anything
//! else, and any type of a user's, could only be told by running what belongs to somebody else.

use super::clause::{from, is_foreign, matches, pairs, table};
use crate::model::catalog::{Catalog, Column};
use crate::model::relation::{Referential, Relation};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::quote::quoted;

/// The query for the parent of the defaults; none where there is nothing to ask.
pub(super) fn parent(catalog: &Catalog, relation: &Relation) -> Option<Query> {
    let sets = relation.on_delete == Referential::SetDefault || relation.on_update == Referential::SetDefault;
    // With ON DELETE SET DEFAULT (columns) the others keep their values, and each row points at a parent of its own.
    if !sets || relation.temporal || !relation.set_columns.is_empty() {
        return None;
    }
    let child = table(catalog, &relation.child)?;
    let mut args = Vec::new();
    let mut conditions = Vec::new();
    for (name, parent, how) in pairs(relation) {
        let (_, column) = child.column(name)?;
        if is_foreign(&column.base_type) {
            return None;
        }
        args.push(Value::Text(constant(column)?));
        let given = format!("${}::text::{}", args.len(), column.base_type);
        conditions.push(matches(&given, &format!("p.{}", quoted(parent)), &how));
    }
    let text = format!(
        "SELECT 1::text\nFROM {}\nWHERE {}\nLIMIT 1",
        from(catalog, &relation.parent, "p"),
        conditions.join(" AND ")
    );
    Some(Query::new(Purpose::Probe, text, args))
}

/// Types a constant may be written with, beside the column's own.
const PLAIN: [&str; 7] = ["bigint", "boolean", "bpchar", "character varying", "integer", "numeric", "text"];

/// The text of a default that is a constant, as `pg_get_expr` writes one: `5`, `true`, `'x'::character varying`,
/// `'-1'::integer`. None for NULL, for no default, and for everything that is computed.
fn constant(column: &Column) -> Option<String> {
    let text = column.default.as_deref()?;
    let (value, rest) = match text.strip_prefix('E').unwrap_or(text).strip_prefix('\'') {
        Some(quoted) => string(quoted, text.starts_with('E'))?,
        None => word(text)?,
    };
    let own = [column.type_name.as_str(), column.base_type.as_str()];
    let typed = rest.strip_prefix("::").is_some_and(|kind| own.contains(&kind) || PLAIN.contains(&kind));
    (rest.is_empty() || typed).then_some(value)
}

/// A string up to its closing quote, and what follows it.
fn string(text: &str, escaped: bool) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let doubled = chars.peek().is_some_and(|(_, next)| *next == c);
        match c {
            '\'' if !doubled => return Some((value, &text[at + 1..])),
            '\\' if escaped && !doubled => return None,
            '\'' => drop(chars.next()),
            '\\' if escaped => drop(chars.next()),
            _ => {}
        }
        value.push(c);
    }
    None
}

/// A number or a truth value, and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let (value, rest) = text.find("::").map_or((text, ""), |at| text.split_at(at));
    let number = value.starts_with(|c: char| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_digit() || c == '.');
    (number || matches!(value, "true" | "false")).then(|| (value.to_owned(), rest))
}
