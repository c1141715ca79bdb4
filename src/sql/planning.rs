//! What an engine's language can say before a repair: questions whose answers the planner needs and the catalog does not
//! hold, and remedies a person is shown. Every method only composes text. Called by `repair` alone.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::Copied;
use crate::sql::Query;

/// Two columns that are to be compared: table and column number of the child, then of the parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The child's table and column, by the server's numbers.
    pub child: (u32, i32),
    /// The parent's table and column, by the server's numbers.
    pub parent: (u32, i32),
}

/// What an engine can say before a repair.
pub trait Planning: Send + Sync {
    /// One row: keys with more than one parent, among those of rows to be filled.
    fn ambiguous(&self, copied: &Copied) -> Query;
    /// The statement that drops an index where it is there.
    fn drop_index_again(&self, index: &TableName, concurrently: bool) -> String;
    /// What can be asked of a server, and remedies only a server has; none where the database is a file.
    fn server(&self) -> Option<&'static dyn ServerPlanning>;
    /// What can be asked of a file; none where the database is kept by a server.
    fn file(&self) -> Option<&'static dyn FilePlanning>;
}

/// What can be asked of a server before a repair.
pub trait ServerPlanning: Send + Sync {
    /// One row: database number, whether the journal is there, whether it is or the role may make it, whether WAL archiving
    /// fails, whether the cluster's number may be asked for.
    fn ground(&self) -> Query;
    /// Rights a run needs in the journal and the role lacks: kind (`owner`, `schema`, `table`, or `store`
    /// for one it does not own), name, rights.
    fn journal_lacks(&self) -> Query;
    /// One row: the cluster's number.
    fn cluster(&self) -> Query;
    /// One row: the timeline the server writes on; NULL where it writes on none.
    fn timeline(&self) -> Query;
    /// Event triggers, prepared transactions, old snapshots and replicas: kind, description, lag in milliseconds.
    fn bystanders(&self) -> Query;
    /// One row per table: number, owned, may create in its schema, may select, may refer, whether rows have a replica
    /// identity, fillfactor.
    fn tables(&self, tables: &[u32]) -> Query;
    /// What listens to updates of tables or is granted on them: table, kind (`trigger`, `rule`, `policy`, `publication`,
    /// `update`), name, then for triggers whether it may veto, the column numbers, whether it is conditional.
    fn listeners(&self, tables: &[u32]) -> Query;
    /// Foreign keys and names of other constraints of tables.
    fn constraints(&self, tables: &[u32], version: u32) -> Query;
    /// Indexes of tables that are parts of another: table, index, schema and name of the whole.
    fn index_parts(&self, tables: &[u32]) -> Query;
    /// Relations of these names: schema, name, the table where it is an index.
    fn names(&self, names: &[TableName]) -> Query;
    /// Locks others hold or await on tables: table, mode, granted, number, program, state, since.
    fn holders(&self, tables: &[u32]) -> Query;
    /// How pairs of columns are compared, in order: place, operator schema and name, sameness schema and name, cast of
    /// the parent, cast of the child, collation schema and name. A pair that cannot be compared has no row.
    fn comparisons(&self, pairs: &[Sides]) -> Query;
    /// The statements that create again what a definition tells: a foreign key as the server writes it.
    fn add_again(&self, table: &TableName, name: &Ident, definition: &str) -> String;
    /// The statement that drops a foreign key where it is there.
    fn drop_key_again(&self, table: &TableName, name: &Ident) -> String;
    /// The statement that gives a right.
    fn grant(&self, right: &Grant<'_>) -> String;
}

/// What can be asked of a database that is a file.
pub trait FilePlanning: Send + Sync {
    /// One row: the application's number and the version of its schema, as the application keeps them in the file.
    fn marks(&self) -> Query;
    /// Names of what stands in the place of the journal and is none of ours, or listens to it; a row each.
    fn strange(&self) -> Query;
    /// Names that are taken in a schema, a row each.
    fn taken(&self, schema: &Ident) -> Query;
    /// A row for each row of the schema table, in the order they were made: sort, name, table, text, whether it has pages.
    fn schema(&self) -> Query;
    /// One row: the rows of a table.
    fn size(&self, table: &Ident) -> Query;
}

/// A right to be given to a role.
#[derive(Clone, Debug)]
pub enum Grant<'a> {
    /// To act as the owner of a table.
    Own(&'a TableName, &'a str),
    /// A right on a table: `SELECT`, `REFERENCES`.
    Table(&'a str, &'a TableName, &'a str),
    /// To update one column.
    Update(&'a Ident, &'a TableName, &'a str),
    /// To be a member of a role.
    Member(&'a str, &'a str),
    /// To use what is in a schema.
    Enter(&'a Ident, &'a str),
    /// To create in a schema.
    CreateIn(&'a Ident, &'a str),
    /// To make temporary tables in a database.
    Temporary(&'a str, &'a str),
    /// To create schemas in a database.
    CreateSchemas(&'a str, &'a str),
}
