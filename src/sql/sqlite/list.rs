//! Lists: missing parents, and orphan rows one page at a time.

use super::identity::Identity;
use super::source::Source;
use crate::model::catalog::Catalog;
use crate::model::relation::Relation;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::quote::quoted;
use crate::sql::{ListQuery, Page, Query};

/// Missing parent keys, as the parent would hold them, with their number of children.
pub(super) fn missing_parents(catalog: &Catalog, relation: &Relation, limit: u32) -> ListQuery {
    let keys = Source::best(catalog, relation);
    let shown: Vec<String> =
        keys.pairs.iter().zip(&keys.columns).map(|(pair, column)| pair.key(column)).collect();
    let shown = shown.join(", ");
    let text = format!(
        "SELECT {shown}, {} AS children FROM {} WHERE {} GROUP BY {groups} ORDER BY children DESC, {groups} LIMIT ?1",
        keys.rows,
        keys.from,
        keys.orphaned(),
        groups = keys.groups(),
    );
    ListQuery {
        query: Query::new(Purpose::List, text, vec![Value::Int(i64::from(limit))]),
        headings: relation.child.columns.iter().map(|name| name.raw().to_owned()).collect(),
        key_columns: relation.child.columns.len(),
    }
}

/// Orphan rows in the order of their identity.
pub(super) fn orphan_rows(
    catalog: &Catalog,
    relation: &Relation,
    of: Option<&[Value]>,
    page: &Page,
) -> ListQuery {
    let Some(child) = relation.child.table.and_then(|id| catalog.table(id)) else {
        return ListQuery {
            query: Query::new(Purpose::List, "SELECT 1 LIMIT 0", Vec::new()),
            headings: Vec::new(),
            key_columns: 0,
        };
    };
    let keys = Source::rows(catalog, relation);
    let identity = Identity::of(child);
    let mut args = Vec::new();
    let mut conditions = Vec::new();
    if let Some(values) = of {
        let groups = keys.pairs.iter().zip(&keys.columns).map(|(pair, column)| pair.group(column));
        conditions.extend(groups.zip(values).map(|(group, value)| same(&group, value, &mut args)));
    }
    if let Some(after) = &page.after {
        conditions.push(identity.after(after, &mut args));
    }
    conditions.push(keys.orphaned());
    args.push(Value::Int(i64::from(page.limit)));
    let shown = child.columns.iter().map(|column| format!("+c.{}", quoted(&column.name)));
    let columns: Vec<String> = identity.columns().into_iter().chain(shown).collect();
    let text = format!(
        "SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT ?{}",
        columns.join(", "),
        identity.from,
        conditions.join(" AND "),
        identity.order(),
        args.len()
    );
    ListQuery {
        query: Query::new(Purpose::List, text, args),
        headings: child.columns.iter().map(|column| column.name.raw().to_owned()).collect(),
        key_columns: identity.columns().len(),
    }
}

/// FROM and WHERE of the orphans, or of those of one missing parent.
pub(super) fn orphans_clause(catalog: &Catalog, relation: &Relation, of: Option<&[Value]>) -> Query {
    let keys = Source::rows(catalog, relation);
    let mut args = Vec::new();
    let groups = keys.pairs.iter().zip(&keys.columns).map(|(pair, column)| pair.group(column));
    let mut conditions: Vec<String> =
        groups.zip(of.unwrap_or_default()).map(|(group, value)| same(&group, value, &mut args)).collect();
    conditions.push(keys.orphaned());
    let text = format!("FROM {}\nWHERE {}", keys.from, conditions.join("\n  AND "));
    Query::new(Purpose::List, text, args)
}

/// FROM and WHERE of one child row.
pub(super) fn row_clause(catalog: &Catalog, relation: &Relation, key: &[Value]) -> Query {
    let mut args = Vec::new();
    let identity = relation.child.table.and_then(|id| catalog.table(id)).map(Identity::of);
    let text = identity.map_or_else(String::new, |identity| {
        format!("FROM {}\nWHERE {}", identity.from, identity.is(key, &mut args))
    });
    Query::new(Purpose::List, text, args)
}

/// That a key column has a value. Bytes that are not UTF-8 may have been a text: both are meant then.
fn same(column: &str, value: &Value, args: &mut Vec<Value>) -> String {
    args.push(value.clone());
    let nth = args.len();
    match value {
        Value::Bytes(bytes) if std::str::from_utf8(bytes).is_err() => {
            format!("{column} IN (?{nth}, CAST(?{nth} AS TEXT))")
        }
        _ => format!("{column} = ?{nth}"),
    }
}
