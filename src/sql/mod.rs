//! What we say: pure text. A model goes in, a [`Query`] comes out; nobody else in the house composes SQL. One
//! [`Dialect`] per engine. Called by `db`, `audit` and `repair`; knows no connection.

pub mod change;
pub mod keys;
pub(crate) mod overlay;
pub mod planning;
pub mod postgres;
pub(crate) mod quote;
pub mod rebuild;
pub mod removals;
pub mod repairs;
pub mod sessions;
pub mod spell;
pub mod sqlite;

use crate::model::catalog::Catalog;
use crate::model::catalog::TableId;
use crate::model::relation::Relation;
use crate::model::sent::Purpose;
use crate::model::value::Value;

/// A statement that reads, with its arguments. Built only inside `sql` (and by `db` for its own session talk), so
/// no text of a user can become one.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    args: Vec<Value>,
    purpose: Purpose,
    reads: Vec<u32>,
}

impl Query {
    /// A query from text composed of literals and quoted names only.
    pub(crate) fn new(purpose: Purpose, text: impl Into<String>, args: Vec<Value>) -> Self {
        Self { text: text.into(), args, purpose, reads: Vec::new() }
    }

    /// The same, with the tables it counts in, by the engine's numbers: their rows must be told apart from those that somebody
    /// wrote anew since the moment it sees.
    pub(crate) fn reading(self, tables: Vec<u32>) -> Self {
        Self { reads: tables, ..self }
    }

    /// The SQL text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The arguments, in order.
    pub fn args(&self) -> &[Value] {
        &self.args
    }

    /// The tables it counts in, by the engine's numbers; none where that does not matter.
    pub fn reads(&self) -> &[u32] {
        &self.reads
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
}

/// One page of a list: where to go on and how many.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Page {
    /// The last key seen, as the previous page returned it; none begins.
    pub after: Option<Vec<Value>>,
    /// Rows wanted.
    pub limit: u32,
}

/// How an access path may be chosen when counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// As the planner likes.
    Free,
    /// Without the parent's indexes, so that a damaged one cannot lie.
    NoIndex,
}

/// A list query: its text, and which of the result's columns make the key to continue from.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// The query.
    pub query: Query,
    /// Headings of the columns to show, as stored names.
    pub headings: Vec<String>,
    /// How many leading columns of each row are the key (not to be shown unless among the headings).
    pub key_columns: usize,
}

/// What an engine's language can say. Every method only composes text. Relations given here are not broken.
///
/// PostgreSQL: every output column is cast to `text`, every argument arrives as text and is cast by the server
/// (`$1::text::bigint`), so all types travel and none is interpreted on the way. SQLite: values keep their storage class.
pub trait Dialect: Send + Sync {
    /// One row if there is any orphan, none otherwise.
    fn probe(&self, catalog: &Catalog, relation: &Relation) -> Query;

    /// One row: orphans, missing parents.
    fn orphans(&self, catalog: &Catalog, relation: &Relation, path: Path) -> Query;

    /// One row over a child table: its rows, then for each relation the rows whose key is all NULL and the rows whose
    /// key is partly NULL. One scan serves all relations of the table, broken ones too. No row where an index that would be
    /// read in its place cannot be trusted.
    fn child_counts(&self, catalog: &Catalog, child: TableId, relations: &[&Relation]) -> Query;

    /// One row where the parent's indexes that a count may look keys up in hold what the table holds, none where one holds
    /// more or less. No query where nothing is looked up in an index alone.
    fn parent_indexes(&self, _catalog: &Catalog, _relation: &Relation) -> Option<Query> {
        None
    }

    /// Statements to send in the same transaction before a query that must avoid the parent's indexes; they only
    /// set local planner options. Empty where the query itself avoids them.
    fn no_index_settings(&self) -> &'static [&'static str];

    /// Missing parent keys with their number of children, most children first: the key columns, then the count.
    fn missing_parents(&self, catalog: &Catalog, relation: &Relation, limit: u32) -> ListQuery;

    /// Orphan rows of a relation in the order of the child's row identity, only those of one missing parent when its
    /// key is given.
    fn orphan_rows(
        &self,
        catalog: &Catalog,
        relation: &Relation,
        of: Option<&[Value]>,
        page: &Page,
    ) -> ListQuery;

    /// What this engine can say before it repairs; none where waif only reads yet.
    fn planning(&self) -> Option<&'static dyn planning::Planning> {
        None
    }

    /// What this engine can say when it repairs; none where waif only reads yet.
    fn repairs(&self) -> Option<&'static dyn repairs::Repairs> {
        None
    }

    /// What this engine can say about rows whose parent is missing; none where waif only reads yet.
    fn removals(&self) -> Option<&'static dyn removals::Removals> {
        None
    }

    /// FROM and WHERE of a relation's orphans, only those of one missing parent when its key is given; the child is `c`.
    /// For people to put behind a SELECT of their own: it is spelled out, never sent.
    fn orphans_clause(&self, catalog: &Catalog, relation: &Relation, of: Option<&[Value]>) -> Query;

    /// FROM and WHERE of one row of a relation's child table, by its key as a list brought it; likewise never sent.
    fn row_clause(&self, catalog: &Catalog, relation: &Relation, key: &[Value]) -> Query;

    /// A value as this language writes it in a text.
    fn literal(&self, value: &Value) -> String;

    /// One row if the parent row that ON DELETE or ON UPDATE SET DEFAULT would point at exists, none if it does not.
    /// No query where the relation sets no default, where the default is NULL, or where it could only be told by
    /// running an expression that belongs to somebody else.
    fn default_parent(&self, _catalog: &Catalog, _relation: &Relation) -> Option<Query> {
        None
    }
}
