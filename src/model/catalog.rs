//! The catalog: schemas, tables and everything on them that bears on references, as read in one go. `db` fills it,
//! everyone else reads it. Foreign keys become [`Relation`](crate::model::relation::Relation)s beside it.

use crate::model::ident::{Ident, TableName};
use crate::model::relation::Relation;
use crate::model::server::Server;
use std::collections::HashMap;

/// A database's catalog at one moment.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Who answered.
    pub server: Server,
    /// Schemas with at least one table, or visible and empty.
    pub schemas: Vec<Ident>,
    /// All tables; a [`TableId`] is a place in this list.
    pub tables: Vec<Table>,
    /// Declared relations, partition copies folded into their roots, ordered by child table, then columns.
    pub relations: Vec<Relation>,
    /// What could not be read, and why.
    pub gaps: Vec<Gap>,
}

/// A table's place in [`Catalog::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub u32);

/// Something that could not be read or inspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The object, as written by a person.
    pub object: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its place in the catalog.
    pub id: TableId,
    /// The engine's own number for it (PostgreSQL's oid); 0 where there is none.
    pub oid: u32,
    /// Its name.
    pub name: TableName,
    /// What sort of table.
    pub kind: TableKind,
    /// How durable it is.
    pub persistence: Persistence,
    /// The partitioned table it is a part of.
    pub partition_of: Option<TableId>,
    /// Tables it inherits from, without being a partition.
    pub inherits: Vec<TableId>,
    /// For a partitioned table: its partition key as the engine writes it, for instance `RANGE (event_date)`.
    pub partition_key: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Primary and unique keys (constraints), also those a SQLite unique index makes usable as parent keys.
    pub keys: Vec<Key>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// Its triggers, without those that implement foreign keys.
    pub triggers: Vec<Trigger>,
    /// Names of its rewrite rules.
    pub rules: Vec<Ident>,
    /// Row security, as it concerns the connected role.
    pub row_security: RowSecurity,
    /// The engine's estimate of its rows; none where it never counted.
    pub estimated_rows: Option<u64>,
    /// Bytes on disk with indexes; none where unknown.
    pub bytes: Option<u64>,
    /// Whether the connected role may read every column.
    pub readable: bool,
    /// The owner.
    pub owner: Option<Ident>,
}

/// What sort of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// An ordinary table (SQLite: with row ids).
    Plain,
    /// Partitioned: holds no rows itself.
    Partitioned,
    /// Foreign.
    Foreign,
    /// SQLite WITHOUT ROWID.
    WithoutRowid,
    /// SQLite virtual.
    Virtual,
}

/// How durable a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Survives a crash.
    Permanent,
    /// Emptied by a crash.
    Unlogged,
    /// Gone with its session.
    Temporary,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// The engine's number for it: `attnum`, `cid`. Has gaps.
    pub number: i32,
    /// Its type as the engine writes it, for instance `character varying(64)`. Empty where SQLite has none.
    pub type_name: String,
    /// The type that decides comparison: a domain's base type, qualified where not in `pg_catalog`; SQLite: the affinity.
    pub base_type: String,
    /// Its collation, schema-qualified where the engine has schemas; none where the type has none.
    pub collation: Option<TableName>,
    /// Whether that collation calls only like bytes equal; true where the type has none.
    pub deterministic: bool,
    /// Whether the collation's version moved under the indexes.
    pub collation_drifted: bool,
    /// NOT NULL, by column or domain.
    pub not_null: bool,
    /// Whether no row holds NULL in it, by a NOT NULL of the column itself: one of its domain is not asked for every row.
    pub never_null: bool,
    /// Generated, and how.
    pub generated: Generated,
    /// The default expression as the engine writes it.
    pub default: Option<String>,
    /// Whether the connected role may read it.
    pub readable: bool,
    /// STRICT tables and others: whether the values are held to the type. False only for loose SQLite tables.
    pub typed: bool,
}

/// How a column gets its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generated {
    /// By whoever writes.
    No,
    /// GENERATED … STORED.
    Stored,
    /// GENERATED … VIRTUAL.
    Virtual,
    /// Identity ALWAYS.
    IdentityAlways,
    /// Identity BY DEFAULT.
    IdentityDefault,
}

/// A key: columns that together are unique.
#[derive(Clone, Debug)]
pub struct Key {
    /// The constraint's or index's name; SQLite's primary key may have none.
    pub name: Option<Ident>,
    /// Its columns, as places in [`Table::columns`], in key order.
    pub columns: Vec<usize>,
    /// Whether it is the primary key.
    pub primary: bool,
    /// SQLite: the collation each column is unique under; empty elsewhere.
    pub collations: Vec<String>,
}

/// An index.
#[derive(Clone, Debug)]
pub struct Index {
    /// Its name.
    pub name: Ident,
    /// Key columns, in order: a place in [`Table::columns`], or none for an expression.
    pub columns: Vec<Option<usize>>,
    /// Access method: `btree`, `hash`, `gin`.
    pub method: String,
    /// Whether it is unique.
    pub unique: bool,
    /// Whether it may be used (`indisvalid`).
    pub valid: bool,
    /// Whether it is kept up by writes (`indisready`).
    pub ready: bool,
    /// Its predicate, where partial.
    pub predicate: Option<String>,
    /// Whether a concurrent build of it runs now.
    pub building: bool,
}

/// A trigger of a user.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: Ident,
    /// The statement or definition as the engine writes it.
    pub definition: String,
    /// Whether it fires in an ordinary session.
    pub enabled: bool,
    /// Whether it runs before (or instead of) the row is written, so that it can veto.
    pub before_row: bool,
    /// What it listens to, where the catalog tells it: in SQLite. A server is asked when it matters.
    pub hears: Option<Hears>,
}

/// What a trigger of SQLite listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hears {
    /// The event.
    pub event: Event,
    /// The columns of UPDATE OF, as the trigger writes them; empty for all.
    pub columns: Vec<String>,
    /// Whether it fires only where a condition holds.
    pub conditional: bool,
}

/// An event a trigger listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A row comes.
    Insert,
    /// A row changes.
    Update,
    /// A row goes.
    Delete,
}

/// Row security, as it concerns the connected role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// None.
    Off,
    /// Enabled, but the role is exempt.
    Exempt,
    /// Enabled, and it would filter what the role reads.
    Active,
}

impl Catalog {
    /// The table at a place.
    pub fn table(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id.0 as usize)
    }

    /// Places by name. Build it once for many look-ups.
    pub fn by_name(&self) -> HashMap<&TableName, TableId> {
        self.tables.iter().map(|table| (&table.name, table.id)).collect()
    }

    /// A table and everything below it, whole before part.
    pub fn family(&self, root: TableId) -> Vec<TableId> {
        let mut found = vec![root];
        let mut at = 0;
        while let Some(above) = found.get(at).copied() {
            let below = self.tables.iter().filter(|table| table.partition_of == Some(above));
            // A forged ring of partitions must not lead in circles.
            let below: Vec<TableId> = below.map(|table| table.id).filter(|id| !found.contains(id)).collect();
            found.extend(below);
            at += 1;
        }
        found
    }

    /// The relation with an id.
    pub fn relation(&self, id: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.id == id)
    }

    /// A table's name as a person writes it here.
    pub fn written(&self, name: &TableName) -> String {
        name.written(&self.server.default_schema)
    }
}

impl Column {
    /// Whether the server takes its values for arrays; two of PostgreSQL's vectors are.
    pub fn is_array(&self) -> bool {
        self.base_type.as_str().ends_with("[]")
            || matches!(self.base_type.as_str(), "oidvector" | "int2vector")
    }
}

impl Table {
    /// The column with a name, and its place.
    pub fn column(&self, name: &Ident) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, column)| &column.name == name)
    }

    /// Columns that change with these: they themselves, and all that the engine computes, for it may compute them of these.
    pub fn moving(&self, columns: &[Ident]) -> Vec<Ident> {
        let computed = self
            .columns
            .iter()
            .filter(|own| matches!(own.generated, Generated::Stored | Generated::Virtual))
            .map(|own| &own.name);
        columns.iter().chain(computed.filter(|name| !columns.contains(name))).cloned().collect()
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.primary)
    }
}
