//! Lists: missing parents with their number of children, and orphan rows page by page.

use super::clause::{
    base_type, cast, child_keys, compared, from, is_foreign, is_orphan, nullable_text, operator, pairs,
    table, text,
};
use super::identity::{BYTEWISE, Identity};
use crate::model::catalog::{Catalog, Column};
use crate::model::ident::Ident;
use crate::model::relation::Relation;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::quote::quoted;
use crate::sql::{ListQuery, Page, Query};

/// Characters of a cell that are shown. What is longer is cut by the server and says so in the cell itself.
const CELL: u32 = 2000;

/// Types whose text is always short: their cells need no cut.
const SHORT: [&str; 15] = [
    "bigint",
    "boolean",
    "\"char\"",
    "date",
    "double precision",
    "inet",
    "integer",
    "interval",
    "name",
    "oid",
    "real",
    "smallint",
    "timestamp with time zone",
    "timestamp without time zone",
    "uuid",
];

/// Missing parents, most children first. Values the engine calls equal are one parent, written as the first of them in
/// byte order, so that two visits show the same. Keys are never cut: they are the way to their children.
pub(super) fn missing_parents(catalog: &Catalog, relation: &Relation, limit: u32) -> ListQuery {
    let columns = &relation.child.columns;
    let shown: Vec<String> = columns
        .iter()
        .map(|column| {
            let base = base_type(catalog, &relation.child, column);
            format!("min({}{BYTEWISE})", nullable_text(&format!("c.{}", quoted(column)), base))
        })
        .collect();
    let keys = child_keys(relation).join(", ");
    let text = format!(
        "SELECT {}, count(*)::text\nFROM {}\nWHERE {}\nGROUP BY {keys}\nORDER BY count(*) DESC, {keys}\nLIMIT {limit}",
        shown.join(", "),
        from(catalog, &relation.child, "c"),
        is_orphan(catalog, relation),
    );
    ListQuery {
        query: Query::new(Purpose::List, text, Vec::new()),
        headings: columns.iter().map(|column| column.raw().to_owned()).collect(),
        key_columns: columns.len(),
    }
}

/// Orphan rows in the order of their identity.
pub(super) fn orphan_rows(
    catalog: &Catalog,
    relation: &Relation,
    of: Option<&[Value]>,
    page: &Page,
) -> ListQuery {
    let identity = Identity::of(catalog, &relation.child);
    let readable: Vec<&Column> = table(catalog, &relation.child)
        .map(|table| table.columns.iter().filter(|column| column.readable).collect())
        .unwrap_or_default();
    let mut args = Vec::new();
    let mut conditions = vec![is_orphan(catalog, relation)];
    if let Some(key) = of {
        conditions.extend(same_key(catalog, relation, key, &mut args));
    }
    if let Some(last) = &page.after {
        conditions.push(identity.after(last, &mut args));
    }
    let mut raw: Vec<String> = readable.iter().map(|column| format!("c.{}", quoted(&column.name))).collect();
    raw.extend(identity.system_columns());
    let mut cells = identity.selected();
    cells.extend(readable.iter().map(|column| cell(column)));
    // The page is cut out first, so that only its own rows are turned into text, not every orphan there is.
    let text = format!(
        "SELECT {}\nFROM (SELECT {}\nFROM {}\nWHERE {}\nORDER BY {order}\nLIMIT {}) AS c\nORDER BY {order}",
        cells.join(",\n       "),
        raw.join(", "),
        from(catalog, &relation.child, "c"),
        conditions.join("\n  AND "),
        page.limit,
        order = identity.order(),
    );
    ListQuery {
        query: Query::new(Purpose::List, text, args),
        headings: readable.iter().map(|column| column.name.raw().to_owned()).collect(),
        key_columns: identity.len(),
    }
}

/// FROM and WHERE of the orphans, or of those of one missing parent.
pub(super) fn orphans_clause(catalog: &Catalog, relation: &Relation, of: Option<&[Value]>) -> Query {
    let mut args = Vec::new();
    let mut conditions = vec![is_orphan(catalog, relation)];
    conditions.extend(same_key(catalog, relation, of.unwrap_or_default(), &mut args));
    let text = format!("FROM {}\nWHERE {}", from(catalog, &relation.child, "c"), conditions.join("\n  AND "));
    Query::new(Purpose::List, text, args)
}

/// FROM and WHERE of one child row.
pub(super) fn row_clause(catalog: &Catalog, relation: &Relation, key: &[Value]) -> Query {
    let mut args = Vec::new();
    let identity = Identity::of(catalog, &relation.child);
    let condition = identity.is(key, &mut args);
    let text = format!("FROM {}\nWHERE {condition}", from(catalog, &relation.child, "c"));
    Query::new(Purpose::List, text, args)
}

/// The conditions that a child row refers to the given key, by the engine's own notion of sameness.
fn same_key(catalog: &Catalog, relation: &Relation, key: &[Value], args: &mut Vec<Value>) -> Vec<String> {
    let mut conditions = Vec::new();
    for ((child, _, how), value) in pairs(relation).zip(key) {
        let column = format!("c.{}", quoted(child));
        if value.is_null() {
            conditions.push(format!("{column} IS NULL"));
            continue;
        }
        args.push(value.clone());
        let base = base_type(catalog, &relation.child, child);
        let given = if is_foreign(base) {
            same_text(catalog, relation, child, args.len())
        } else {
            format!("${}::text::{base}", args.len())
        };
        let operator = operator(how.sameness.as_ref());
        let column = cast(&column, how.child_cast.as_ref());
        conditions.push(format!("{column} {operator} {}", compared(&given, &how)));
    }
    conditions
}

/// A value of a user's type, given as text. A cast from text could be a function of that user's, so the value is taken from
/// the row that the text was read from.
fn same_text(catalog: &Catalog, relation: &Relation, column: &Ident, argument: usize) -> String {
    let column = format!("s.{}", quoted(column));
    format!(
        "(SELECT {column} FROM {} WHERE format('%s', {column}){BYTEWISE} = ${argument}::text LIMIT 1)",
        from(catalog, &relation.child, "s")
    )
}

/// A cell as text, cut where it is long.
fn cell(column: &Column) -> String {
    let name = format!("c.{}", quoted(&column.name));
    if SHORT.contains(&column.base_type.as_str()) {
        return format!("{name}::text");
    }
    if column.base_type == "bytea" {
        // Cut before it becomes text: the text of half a gigabyte of bytes is more than a server can make.
        let bytes = CELL / 2;
        return format!(
            "CASE WHEN octet_length({name}) > {bytes} THEN substr({name}, 1, {bytes})::text || \
             '... [cut, ' || octet_length({name}) || ' bytes]' ELSE {name}::text END"
        );
    }
    let text = text(&name, &column.base_type);
    format!(
        "CASE WHEN length({text}) > {CELL} THEN left({text}, {CELL}) || \
         '... [cut, ' || length({text}) || ' characters]' ELSE {} END",
        nullable_text(&name, &column.base_type)
    )
}
