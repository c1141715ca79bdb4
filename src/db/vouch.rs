//! The one place that vouches to the driver for SQL text. Its only inputs are a [`Query`] and a [`Change`], which nobody
//! outside the crate can make and which `sql` composes of literals and quoted names. Called by the sessions of both engines.

use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use sqlx::AssertSqlSafe;

/// What may be sent.
pub(in crate::db) trait Composed: Sync {
    /// Its text.
    fn composed(&self) -> &str;
    /// Its arguments, in order.
    fn values(&self) -> &[Value];
    /// What it is for.
    fn meant(&self) -> Purpose;
    /// Whether it answers with rows.
    fn answers(&self) -> bool;
}

impl Composed for Query {
    fn composed(&self) -> &str {
        self.text()
    }

    fn values(&self) -> &[Value] {
        self.args()
    }

    fn meant(&self) -> Purpose {
        self.purpose()
    }

    fn answers(&self) -> bool {
        true
    }
}

impl Composed for Change {
    fn composed(&self) -> &str {
        self.text()
    }

    fn values(&self) -> &[Value] {
        self.args()
    }

    fn meant(&self) -> Purpose {
        self.purpose()
    }

    fn answers(&self) -> bool {
        self.returns()
    }
}

/// The text of a statement, as the driver wants it.
pub(in crate::db) fn vouched(statement: &impl Composed) -> AssertSqlSafe<String> {
    AssertSqlSafe(statement.composed().to_owned())
}
