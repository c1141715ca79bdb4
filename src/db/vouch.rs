//! The one place that vouches to the driver for SQL text. Its only inputs are a [`Query`] and a [`Change`], which nobody
//! outside the crate can make and which `sql` composes of literals and quoted names. Called by the sessions of both engines.

use crate::sql::Query;
use crate::sql::change::Change;
use sqlx::AssertSqlSafe;

/// What may be sent.
pub(in crate::db) trait Composed {
    /// Its text.
    fn composed(&self) -> &str;
}

impl Composed for Query {
    fn composed(&self) -> &str {
        self.text()
    }
}

impl Composed for Change {
    fn composed(&self) -> &str {
        self.text()
    }
}

/// The text of a statement, as the driver wants it.
pub(in crate::db) fn vouched(statement: &impl Composed) -> AssertSqlSafe<String> {
    AssertSqlSafe(statement.composed().to_owned())
}
