//! Remedies and undoing, in the words of a server.

use crate::model::ident::{Ident, TableName};
use crate::repair::planner::draft::Draft;
use crate::sql::planning::{Grant, ServerPlanning};

impl Draft<'_> {
    fn server<T: Default>(&self, words: impl Fn(&dyn ServerPlanning) -> T) -> T {
        self.setting.planning.server().map(words).unwrap_or_default()
    }

    /// The statement that gives a right.
    pub(super) fn grant(&self, right: &Grant<'_>) -> String {
        self.server(|words| words.grant(right))
    }

    /// The statements that create a foreign key again.
    pub(super) fn add_again(&self, table: &TableName, name: &Ident, definition: &str) -> String {
        self.server(|words| words.add_again(table, name, definition))
    }

    /// The statement that drops a foreign key where it is there.
    pub(super) fn drop_key_again(&self, table: &TableName, name: &Ident) -> String {
        self.server(|words| words.drop_key_again(table, name))
    }
}
