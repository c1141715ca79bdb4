//! What the planner must know and the catalog does not tell: rights, triggers that would fire, locks held now, counts.
//! Plain data; `repair::survey` fills it, `repair::planner` reads it, tests draw it by hand.

use crate::model::catalog::TableId;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::Mode;
use crate::model::relation::{Comparison, Matching, Referential};
use std::collections::BTreeMap;

/// What was found out before planning.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The place as a whole.
    pub ground: Ground,
    /// The tables that are touched, partitions among them.
    pub tables: BTreeMap<TableId, Surveyed>,
    /// Foreign keys of those tables, copies that partitions carry among them.
    pub keys: Vec<Declared>,
    /// Names of all other constraints of those tables.
    pub taken: Vec<(TableId, Ident)>,
    /// Indexes of those tables that are parts of another index: table, index, the whole.
    pub parts: Vec<(TableId, Ident, TableName)>,
    /// Relations (tables, indexes, views) whose names the plan thought of using: the name, and the table of an index.
    pub names: Vec<(TableName, Option<TableId>)>,
    /// Locks others hold or await on those tables.
    pub holders: Vec<Holder>,
    /// For each action: how its pairs of columns are compared; none for a pair that cannot be.
    pub comparisons: BTreeMap<usize, Vec<Option<Comparison>>>,
    /// For each backfill: what there is to fill.
    pub fills: BTreeMap<usize, Fill>,
    /// For each foreign key to be proved: its orphans.
    pub orphans: BTreeMap<usize, u64>,
    /// The file, where the database is one.
    pub file: Option<FileFacts>,
    /// Other programs that have the file open, as far as this user may see them.
    pub company: Vec<String>,
    /// SQLite: all that its schema table holds, in the order it was made; empty elsewhere.
    pub schema: Vec<SchemaRow>,
    /// SQLite: rows of the tables whose keys are to be changed.
    pub sizes: BTreeMap<TableId, u64>,
    /// For each action about rows without a parent: how many there are.
    pub lost: BTreeMap<usize, Lost>,
    /// For each removal: what it reaches.
    pub radius: BTreeMap<usize, Radius>,
    /// For each removal and each adoption: why tables would not take rows.
    pub untaken: BTreeMap<usize, Vec<(TableName, Untaken)>>,
    /// What listens to writes of the tables such actions reach, and what the role may do with them.
    pub heard: BTreeMap<TableId, Heard>,
    /// Whether the role may make temporary tables.
    pub may_note: bool,
    /// What could not be found out: the action, and why, as a sentence.
    pub gaps: Vec<(Option<usize>, String)>,
}

/// A row of SQLite's schema table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRow {
    /// `table`, `index`, `view` or `trigger`.
    pub sort: String,
    /// Its name.
    pub name: Ident,
    /// The table it belongs to.
    pub table: Ident,
    /// The text it is defined by; none for an index that came with a constraint.
    pub sql: Option<String>,
    /// Whether it has pages of its own: views, triggers and virtual tables have none.
    pub stored: bool,
}

/// The place as a whole.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// The cluster's own number.
    pub system_identifier: Option<String>,
    /// The timeline the server writes on, where the role may know: it changes with every promotion.
    pub timeline: Option<String>,
    /// What time it is by the server's clock, RFC 3339 in UTC.
    pub now: Option<String>,
    /// The database's own number.
    pub database_number: Option<String>,
    /// Whether the journal of waif is there.
    pub journal: bool,
    /// Whether it is there, or the role may make it.
    pub may_keep_journal: bool,
    /// Owners of parts of the journal the role would have to be a member of, before it may write there.
    pub journal_owners: Vec<Ident>,
    /// Whether the role lacks a right on the schema of the journal.
    pub journal_closed: bool,
    /// Tables of the journal and the rights on them the role lacks.
    pub journal_tables: Vec<(TableName, String)>,
    /// Stores the role is not the owner of.
    pub journal_stores: Vec<TableName>,
    /// Event triggers that fire, by name as a person may see it.
    pub event_triggers: Vec<String>,
    /// Prepared transactions, a description each.
    pub prepared: Vec<String>,
    /// Sessions whose snapshot is old, a description each.
    pub snapshots: Vec<String>,
    /// Replicas, a description each, with their lag in milliseconds where it is known.
    pub replicas: Vec<(String, Option<u64>)>,
    /// Whether archiving of WAL fails at present.
    pub archive_fails: bool,
    /// What stands under the names of the journal and is none of waif's.
    pub strange: Vec<String>,
}

/// What a table is to the role, and to those who listen to it.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// Whether the role may act as its owner.
    pub owned: bool,
    /// Whether the role may use what is in its schema.
    pub may_enter: bool,
    /// Whether the role may create in its schema.
    pub may_create: bool,
    /// Whether the role may read it.
    pub may_select: bool,
    /// Whether the role may refer to it.
    pub may_refer: bool,
    /// Columns the role may update, as far as was asked.
    pub may_update: Vec<Ident>,
    /// Publications that send its updates.
    pub publications: Vec<String>,
    /// Whether its rows have an identity to replicate by.
    pub has_identity: bool,
    /// How full its pages are filled, in percent.
    pub fillfactor: u32,
    /// Triggers that fire on UPDATE.
    pub triggers: Vec<Fires>,
    /// Rules on UPDATE, by name as a person may see it.
    pub rules: Vec<String>,
    /// Row security policies, by name as a person may see it.
    pub policies: Vec<String>,
}

/// A trigger that fires on UPDATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fires {
    /// Its name, as a person may see it.
    pub name: String,
    /// Whether it runs before the row is written, for each row: it can veto and change.
    pub may_veto: bool,
    /// Columns it listens to; empty for all.
    pub columns: Vec<Ident>,
    /// Whether it fires only when a condition holds.
    pub conditional: bool,
}

/// A foreign key of the catalog, a partition's copy or a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The server's number.
    pub number: u32,
    /// The table that refers.
    pub table: TableId,
    /// Its name.
    pub name: Ident,
    /// The table referred to, by the server's number.
    pub parent: u32,
    /// The columns that refer, in key order.
    pub columns: Vec<Ident>,
    /// The columns referred to, as numbers within the parent, in key order.
    pub parent_columns: Vec<i32>,
    /// Whether it is proved.
    pub validated: bool,
    /// Whether it is enforced.
    pub enforced: bool,
    /// The number of the constraint it is a copy of; 0 for a root.
    pub copy_of: u32,
    /// How NULLs match.
    pub matching: Matching,
    /// What happens on UPDATE.
    pub on_update: Referential,
    /// What happens on DELETE.
    pub on_delete: Referential,
    /// Whether it can be deferred.
    pub deferrable: bool,
    /// Whether it is deferred from the start.
    pub initially_deferred: bool,
    /// Its definition as the server writes it.
    pub definition: String,
}

/// A lock somebody else holds or awaits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// On which table.
    pub table: TableId,
    /// Its mode.
    pub mode: Mode,
    /// Whether it is held; else it is awaited.
    pub granted: bool,
    /// Who, as a person may see it: number, program, state, since when.
    pub who: String,
}

/// What there is to fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// Rows that can be filled.
    pub fillable: u64,
    /// Rows whose parent is nowhere.
    pub orphans: u64,
    /// Rows whose copy is not what the parent holds.
    pub wrong: u64,
    /// Keys with more than one parent, among those of rows to be filled.
    pub ambiguous: u64,
    /// Whether all were counted; else one row stands for any number of rows to be filled, and the rest was not asked for.
    pub exact: bool,
}

/// A database that is a file, as the operating system sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// What tells it from every other file: its number, and the device it lies on.
    pub identity: String,
    /// Its bytes.
    pub bytes: u64,
    /// Bytes of the log or journal beside it.
    pub log: u64,
    /// Whether it is written through a log (WAL), so that readers are not held up.
    pub logged: bool,
    /// Bytes that are free where it lies; none where the system does not tell.
    pub free: Option<u64>,
    /// Why it is not in the format of SQLite itself; none where it is.
    pub foreign: Option<String>,
    /// Why this user cannot write to it, as a sentence; none where nothing is known against it.
    pub closed: Option<String>,
    /// The kind of network file system it lies on; none where it lies on a disk of this machine, or nobody can tell.
    pub network: Option<&'static str>,
}

/// Rows without a parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// How many.
    pub rows: u64,
    /// Different parents they miss.
    pub parents: u64,
    /// Of them rows whose key is NULL in part and must not be: no parent could match them.
    pub partly: u64,
    /// Of them rows whose key no column of a parent would hold as it is, where parents are to be inserted.
    pub unfit: u64,
}

/// Why a table would not take rows back that leave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untaken {
    /// The engine takes no row at all, and says why.
    Uncompiled(String),
    /// What its constraints demand could not be read.
    Unread,
    /// So many of the rows are not what it demands by now.
    Unlike(Demand, u64),
}

/// What a table demands of a row that is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A value in this column.
    Filled(Ident),
    /// A value in this column that its type keeps as it is.
    Typed(Ident),
    /// That this holds, an expression in brackets.
    Checked(String),
}

/// What a removal reaches, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Radius {
    /// Rows that go: table, level, rows. Tables and edges are places in the removal.
    pub rows: Vec<(usize, u32, u64)>,
    /// Rows whose values are overwritten, by edge.
    pub overwritten: BTreeMap<usize, u64>,
    /// Rows that forbid it, by edge.
    pub forbidden: BTreeMap<usize, u64>,
    /// Whether it goes deeper than was looked.
    pub deeper: bool,
    /// Keys by which defaults that are set lack a parent, or may lack one.
    pub defaults: Vec<Defaulted>,
}

/// A key by which a default that is set lacks a parent, or may lack one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaulted {
    /// The edge along which it is set.
    pub edge: usize,
    /// The relation's id.
    pub relation: String,
    /// The table that is looked into for the parent.
    pub parent: TableName,
    /// Whether it is known that there is none.
    pub missing: bool,
}

/// Who hears of writes to a table, and what the role may do with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Rights of the role: `SELECT`, `INSERT`, `UPDATE`, `DELETE`.
    pub rights: Vec<String>,
    /// Triggers with the events they hear.
    pub triggers: Vec<(Fires, Events)>,
    /// Rules, by name as a person may see it, with the event.
    pub rules: Vec<(String, Events)>,
    /// Row security policies, by name as a person may see it.
    pub policies: Vec<String>,
    /// Publications, by name as a person may see it, with the events they send.
    pub publications: Vec<(String, Events)>,
    /// Checks that a row which was there before may break when it is written again.
    pub checks: Vec<Check>,
}

/// A CHECK or NOT NULL that holds for new rows, and not surely for old ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, as a person may see it.
    pub name: String,
    /// The columns it is about.
    pub columns: Vec<Ident>,
    /// Whether it calls functions of a user; otherwise it is NOT VALID.
    pub calls: bool,
}

/// Kinds of writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// INSERT.
    pub insert: bool,
    /// DELETE.
    pub delete: bool,
    /// UPDATE.
    pub update: bool,
}
