//! The one place that vouches to the driver for SQL text. Its only input is a [`Query`], which nobody outside the crate
//! can make and which `sql` composes of literals and quoted names. Called by the sessions of both engines.

use crate::sql::Query;
use sqlx::AssertSqlSafe;

/// The text of a query, as the driver wants it.
pub(in crate::db) fn vouched(query: &Query) -> AssertSqlSafe<String> {
    AssertSqlSafe(query.text().to_owned())
}
