//! What a step relies on: the texts SQLite keeps of a table and of its triggers. Indexes are left out, for steps of ours
//! make some.

use crate::model::ident::Ident;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::repairs::Known;
use std::collections::BTreeSet;

const CHANGED: &str = "A table of the plan was changed while the run went on.";

/// The lines of tables of one schema; the names are arguments from `first` on.
fn lines(schema: &Ident, first: usize, count: usize) -> String {
    let seats: Vec<String> =
        (first..first + count).map(|nth| format!("s.tbl_name = ?{nth} COLLATE NOCASE")).collect();
    format!(
        "SELECT s.type || ' ' || s.name || ': ' || coalesce(s.sql, '') AS line FROM {}.sqlite_schema AS s \
         WHERE s.type IN ('table', 'trigger') AND ({})",
        quoted(schema),
        seats.join(" OR ")
    )
}

/// What a step relies on in these tables, a line each.
pub(crate) fn shape(tables: &[Known<'_>]) -> Query {
    let schemas: BTreeSet<&Ident> = tables.iter().map(|table| &table.name.schema).collect();
    let (mut parts, mut args) = (Vec::new(), Vec::new());
    for schema in schemas {
        let own: Vec<&Known<'_>> = tables.iter().filter(|table| table.name.schema == *schema).collect();
        parts.push(lines(schema, args.len() + 1, own.len()));
        args.extend(own.iter().map(|table| Value::Text(table.name.name.raw().to_owned())));
    }
    Query::new(Purpose::Survey, format!("{} ORDER BY 1", parts.join(" UNION ALL ")), args)
}

fn whole(table: Known<'_>) -> String {
    format!(
        "SELECT group_concat(line, char(10)) FROM (SELECT line FROM ({}) ORDER BY line)",
        lines(&table.name.schema, 1, 1)
    )
}

/// One row: all of the lines of one table.
pub(crate) fn digest(table: Known<'_>) -> Query {
    Query::new(Purpose::Survey, whole(table), vec![Value::Text(table.name.name.raw().to_owned())])
}

/// Fails when they are others by now.
pub(crate) fn still(table: Known<'_>, digest: &str) -> Change {
    let text = format!("SELECT 1 WHERE ({}) = ?2", whole(table));
    let args = vec![Value::Text(table.name.name.raw().to_owned()), Value::Text(digest.to_owned())];
    Change::new(Purpose::Batch, text, args).returning().expecting(1, CHANGED)
}
