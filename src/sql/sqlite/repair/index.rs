//! Indexes: SQLite builds them in a transaction like everything else, so one is either whole or not there.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::NewIndex;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::{Change, Setting};
use crate::sql::quote::{quoted, quoted_table};

/// Creates an index. SQLite wants the schema before the index's name, and none before the table's.
pub(crate) fn create(index: &NewIndex) -> Change {
    let name = TableName { schema: index.table.schema.clone(), name: index.name.clone() };
    let columns: Vec<String> = index.columns.iter().map(quoted).collect();
    let filter: Vec<String> =
        index.not_null.iter().map(|column| format!("{} IS NOT NULL", quoted(column))).collect();
    let filter = if filter.is_empty() { String::new() } else { format!(" WHERE {}", filter.join(" AND ")) };
    let text = format!(
        "CREATE INDEX {} ON {} ({}){filter}",
        quoted_table(&name),
        quoted(&index.table.name),
        columns.join(", ")
    );
    Change::new(Purpose::Ddl, text, Vec::new()).needing(Setting::Alone)
}

/// Drops an index.
pub(crate) fn drop(index: &TableName) -> Change {
    Change::new(Purpose::Ddl, format!("DROP INDEX {}", quoted_table(index)), Vec::new())
}

/// Drops an index where it is there: for people.
pub(crate) fn drop_again(index: &TableName) -> String {
    format!("DROP INDEX IF EXISTS {}", quoted_table(index))
}

/// At most one row: that the index is whole, that nobody builds it, that it is part of nothing, its definition.
pub(crate) fn state(table: &TableName, name: &Ident) -> Query {
    let text = format!(
        "SELECT 1, 0, NULL, sql FROM {}.sqlite_schema WHERE type = 'index' AND name = ?1 COLLATE NOCASE AND tbl_name = ?2 COLLATE NOCASE",
        quoted(&table.schema)
    );
    let args = vec![Value::Text(name.raw().to_owned()), Value::Text(table.name.raw().to_owned())];
    Query::new(Purpose::Proof, text, args)
}

/// Names that are taken in a schema, a row each.
pub(crate) fn taken(schema: &Ident) -> Query {
    let text = format!("SELECT name FROM {}.sqlite_schema", quoted(schema));
    Query::new(Purpose::Survey, text, Vec::new())
}

/// One row: the application's number and the version of its schema.
pub(crate) fn marks() -> Query {
    let text = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)";
    Query::new(Purpose::Survey, text, Vec::new())
}
