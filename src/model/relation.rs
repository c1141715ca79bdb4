//! A relation: child columns that refer to parent columns. Composite keys are the normal case, one column a special case.

use crate::model::catalog::TableId;
use crate::model::ident::{Ident, TableName, written};
use serde::{Deserialize, Serialize};

/// A relation, as a person would name it: partitions' own copies are folded into it.
#[derive(Clone, Debug)]
pub struct Relation {
    /// `table(col,…)->table(col,…)`, tables schema-qualified unless in the default schema. Two constraints over the
    /// same columns share it up to a `#constraint` behind the second.
    pub id: String,
    /// How waif knows of it.
    pub origin: Origin,
    /// The constraint's name, where it has one.
    pub constraint: Option<Ident>,
    /// The engine's number for the constraint: PostgreSQL's oid; on SQLite its place in the table's definition, from 1. 0
    /// where there is none.
    pub oid: u32,
    /// The referring side.
    pub child: End,
    /// The side referred to.
    pub parent: End,
    /// What happens to children when the parent is deleted.
    pub on_delete: Referential,
    /// What happens to children when the parent's key changes.
    pub on_update: Referential,
    /// `ON DELETE SET NULL (columns)`: only these; empty means all.
    pub set_columns: Vec<Ident>,
    /// How NULLs count.
    pub matching: Matching,
    /// Whether checking may wait for the end of the transaction.
    pub deferrable: bool,
    /// Whether it waits unless told otherwise.
    pub initially_deferred: bool,
    /// Whether the engine claims to have checked the rows that were there before it.
    pub validated: bool,
    /// Whether the engine checks writes.
    pub enforcement: Enforcement,
    /// Whether the last column is a period, checked by containment (PostgreSQL 18).
    pub temporal: bool,
    /// How each pair of columns is compared, in key order; empty for a broken relation.
    pub comparisons: Vec<Comparison>,
    /// Leaf partitions of the child, 0 when it is not partitioned.
    pub partitions: u32,
    /// Why it can never be satisfied, if it cannot.
    pub flaw: Option<Flaw>,
    /// The parent's index that the constraint relies on, by name (PostgreSQL).
    pub parent_index: Option<Ident>,
}

/// One side of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The table's place in the catalog; none when it does not exist.
    pub table: Option<TableId>,
    /// The table's name.
    pub name: TableName,
    /// The columns, in key order. A parent named without columns and without a primary key has none.
    pub columns: Vec<Ident>,
}

/// How waif knows of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The database declares it.
    Declared,
    /// The configuration expects it.
    Expected,
    /// Names, types and data suggest it.
    Implied,
}

/// A referential action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Referential {
    /// Refuse at the end of the statement or transaction.
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Do the same to the children.
    Cascade,
    /// Set the reference to NULL.
    SetNull,
    /// Set the reference to its default.
    SetDefault,
}

impl Referential {
    /// The SQL words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// How NULLs in a composite key count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Any NULL satisfies.
    Simple,
    /// All NULL satisfies, some NULL violates.
    Full,
    /// Parsed by some engines, enforced by none.
    Partial,
}

/// Whether the engine checks writes against the relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// It does.
    On,
    /// It does not; the sentences say why.
    Off(Vec<String>),
    /// Each connection chooses for itself, and the database keeps no record (SQLite's `foreign_keys`).
    PerConnection,
    /// There is nothing to enforce it: the relation is not declared.
    Undeclared,
}

impl Enforcement {
    /// The reason of a relation that is declared so.
    pub const NOT_ENFORCED: &str = "it is declared NOT ENFORCED";

    /// Whether the relation is declared as one that nobody enforces: then nothing is done on delete or on update either.
    pub fn is_declared_off(&self) -> bool {
        matches!(self, Self::Off(reasons) if reasons.iter().any(|reason| reason == Self::NOT_ENFORCED))
    }
}

/// How one pair of columns is compared by the engine.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The operator, schema and name, parent on the left (PostgreSQL's `conpfeqop`); none: plain `=`.
    pub operator: Option<(Ident, String)>,
    /// The operator that tells whether two of the child's values are the same reference, both under the child's cast
    /// and collation (PostgreSQL's `conffeqop`); none: plain `=`.
    pub sameness: Option<(Ident, String)>,
    /// The type to cast the parent's column to (SQL text of a type from the engine's own formatter); none: no cast.
    pub parent_cast: Option<String>,
    /// The same for the child's column.
    pub child_cast: Option<String>,
    /// The collation to compare under, where the two sides' differ: the parent's.
    pub collate: Option<TableName>,
}

/// Why a reference can never be satisfied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The parent table does not exist.
    MissingTable,
    /// These parent columns do not exist.
    MissingColumns(Vec<Ident>),
    /// The parent is a view or virtual table, which no engine accepts as a parent.
    NotATable,
    /// No primary key or full unique index of the parent covers exactly the columns, under the engine's collation rule.
    NotUnique(String),
    /// The numbers of columns differ.
    ColumnCount {
        /// Columns on the child's side.
        child: usize,
        /// Columns on the parent's side.
        parent: usize,
    },
}

impl Relation {
    /// Whether the key has more than one column.
    pub fn is_composite(&self) -> bool {
        self.child.columns.len() > 1
    }

    /// Whether child and parent are the same table.
    pub fn is_self_reference(&self) -> bool {
        self.child.name == self.parent.name
    }
}

/// The id of a relation: `child(a,b)->parent(x,y)`.
pub fn id(child: &End, parent: &End, default_schema: &str) -> String {
    let side = |end: &End| {
        let columns: Vec<String> = end.columns.iter().map(written).collect();
        format!("{}({})", end.name.written(default_schema), columns.join(","))
    };
    format!("{}->{}", side(child), side(parent))
}
