//! The parent row a SET DEFAULT would point at.

use super::pairs::{self, Affinity};
use crate::model::catalog::Catalog;
use crate::model::relation::{Referential, Relation};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::quote::quoted_table;

/// One row if that parent exists. No query without SET DEFAULT, with a NULL among the defaults (which satisfies any
/// reference), and for a default that is more than a literal: running it would be running somebody else's code.
pub(super) fn parent(catalog: &Catalog, relation: &Relation) -> Option<Query> {
    if ![relation.on_delete, relation.on_update].contains(&Referential::SetDefault) {
        return None;
    }
    let child = catalog.table(relation.child.table?)?;
    let mut args = Vec::new();
    let mut equal = Vec::new();
    for (pair, name) in pairs::of(catalog, relation).iter().zip(&relation.child.columns) {
        let column = child.column(name)?.1;
        args.push(literal(column.default.as_deref()?)?);
        let stored = Affinity::of(column).stored(&format!("?{}", args.len()));
        equal.push(pair.equals(&format!("p.{}", pair.parent), &format!("({stored})")));
    }
    let parent = quoted_table(&relation.parent.name);
    let text = format!("SELECT 1 FROM {parent} AS p WHERE {} LIMIT 1", equal.join(" AND "));
    Some(Query::new(Purpose::Probe, text, args))
}

/// A literal's value; none for NULL and for everything that is not a literal.
pub(super) fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return literal(inner);
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        let whole = !inner.replace("''", "").contains('\'');
        return whole.then(|| Value::Text(inner.replace("''", "'")));
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Some(Value::Int(i64::from(text.eq_ignore_ascii_case("true"))));
    }
    // Rust also reads "inf" and "nan", which are names to SQLite.
    let number = text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !number {
        return None;
    }
    text.parse().map(Value::Int).ok().or_else(|| text.parse().map(Value::Real).ok())
}

/// Whether a default is a literal, NULL among them.
pub(crate) fn is_plain(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("NULL") || literal(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_and_nothing_else_is() {
        assert_eq!(literal("0"), Some(Value::Int(0)));
        assert_eq!(literal("(-7)"), Some(Value::Int(-7)));
        assert_eq!(literal("1.5e3"), Some(Value::Real(1500.0)));
        assert_eq!(literal("'it''s'"), Some(Value::Text("it's".to_owned())));
        assert_eq!(literal("TRUE"), Some(Value::Int(1)));
        for other in
            ["NULL", "CURRENT_TIMESTAMP", "'a' || 'b'", "(SELECT 1)", "inf", "abs(1)", "x'00'", "\"a\""]
        {
            assert_eq!(literal(other), None, "{other}");
        }
    }
}
