//! Quoting: the only way a name gets into SQL text. PostgreSQL and SQLite share the standard's double quotes.

use crate::model::ident::{Ident, TableName};

/// A name in double quotes, quotes doubled. An [`Ident`] holds no NUL, so the result is one token on every server.
pub(crate) fn quoted(name: &Ident) -> String {
    format!("\"{}\"", name.raw().replace('"', "\"\""))
}

/// A table, always with its schema: what `search_path` or `temp` might hide is never reached by accident.
pub(crate) fn quoted_table(name: &TableName) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}
