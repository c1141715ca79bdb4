//! Repairs of rows whose parent is missing, as typed work: the reference, what a removal reaches by ON DELETE, and the
//! tables everything goes to that leaves its place. Whoever carries it out has no catalog: all names, types and
//! comparisons stand here.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Named, Pair};
use crate::model::relation::Matching;
use serde::{Deserialize, Serialize};

/// A reference whose parents may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The relation's id, as a person names it.
    pub relation: String,
    /// The side that refers.
    pub child: Seat,
    /// The side referred to.
    pub parent: Seat,
    /// The columns, with the way they are compared.
    pub pairs: Vec<Pair>,
    /// How NULLs count.
    pub matching: Matching,
}

/// A table as one side of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The table.
    pub table: TableName,
    /// Whether its rows lie in partitions: else tables that inherit from it are left out.
    pub parted: bool,
    /// SQLite: what tells its rows apart; none on a server, where a row has a place, and where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming: Option<Naming>,
}

/// What tells the rows of a table apart, where they have no place of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "name", rename_all = "snake_case")]
pub enum Naming {
    /// Their number, by the name it can be asked for.
    Number(Ident),
    /// Columns that are unique together and never NULL, each with the collation it is unique under.
    Key(Vec<(Ident, Ident)>),
}

/// What becomes of the rows, in a person's eyes. Either way they go into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// They are set aside.
    Quarantine,
    /// They are deleted.
    Delete,
}

impl Manner {
    /// The word, as the journal and the stores write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Delete => "delete",
        }
    }
}

/// Rows leave a table because their parent is missing, with everything ON DELETE takes along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// What becomes of them.
    pub manner: Manner,
    /// The reference that has no parent.
    pub missing: Reference,
    /// The tables rows leave: the child of the reference first.
    pub tables: Vec<Stored>,
    /// What refers to them, and what becomes of it.
    pub edges: Vec<Edge>,
}

/// A table, and the store its rows go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// The table; where it is partitioned, its root.
    pub seat: Seat,
    /// Its columns, in order.
    pub columns: Vec<Kept>,
    /// The store's name, which tells the table's shape.
    pub store: Ident,
    /// What the names of the store's own columns begin with: no column of the table does.
    pub prefix: String,
}

/// A column of a table that has a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The column.
    pub column: Ident,
    /// The type it has in the store.
    pub type_name: String,
    /// Whether the engine computes it, so that it is never put back.
    pub computed: bool,
    /// Whether the engine numbers it and takes no other value unless told to (identity ALWAYS).
    pub numbered: bool,
}

/// A reference to a table that rows leave, and what becomes of the rows that refer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The table referred to, by its place among [`Removal::tables`].
    pub above: usize,
    /// The reference.
    pub reference: Reference,
    /// What becomes of the rows that refer.
    pub effect: Effect,
    /// SQLite: no index of the table that refers finds them, so SQLite would read all of it for each row that goes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unindexed: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What becomes of rows that refer to rows that go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// They go too.
    Take {
        /// Their table, by its place among [`Removal::tables`].
        below: usize,
    },
    /// Values of theirs are overwritten.
    Overwrite(Box<Overwrite>),
    /// They forbid it.
    Forbid,
}

/// Values that are overwritten, and the table the old ones go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overwrite {
    /// The table; where it is partitioned, its root.
    pub seat: Seat,
    /// The columns that name a row.
    pub key: Vec<Named>,
    /// The columns that are overwritten.
    pub columns: Vec<Named>,
    /// Whether they are set to their defaults; else to NULL.
    pub to_default: bool,
    /// SQLite, which has no word for it: the default of each column as its table writes it; NULL where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<Option<String>>,
    /// The other columns of the table, whose digest is kept beside the old values: a row that differs in them later was
    /// changed since, or is another one that took its key. None where the plan is older than that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digested: Vec<Named>,
    /// The name of the table that keeps the old values.
    pub store: Ident,
    /// What the names of its own columns begin with.
    pub prefix: String,
}

/// References without a parent are set to NULL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nulling {
    /// The reference that has no parent.
    pub missing: Reference,
    /// What is overwritten.
    pub values: Overwrite,
}

/// Missing parents are inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// The reference that has no parent.
    pub missing: Reference,
    /// The types of the parent's columns, in the order of the reference's pairs.
    pub types: Vec<String>,
    /// The same types as they are declared, with their lengths and domains: what a column does not hold as it is becomes no
    /// parent. None where the plan is older than that; on SQLite only those of STRICT tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<String>,
    /// PostgreSQL: whether a unique index of the parent lies over exactly these columns. Somebody may insert the same parent
    /// first; any other key that refuses one stops the run.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keyed: bool,
    /// The parent, and the table that keeps what was inserted.
    pub parent: Stored,
    /// SQLite, where rows may refer to what is not there whatever is declared: every reference to the parent, the one above
    /// among them. How many rows refer to a new parent is kept with it, to see later whether others have come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guests: Vec<Reference>,
    /// SQLite, which counts violations and does not tell which: every reference the parent has itself. None where the plan
    /// is older than that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<Reference>,
}

impl Removal {
    /// The tables by level, each by its place: 0 holds the child of the reference. Where tables cascade round it ends after
    /// `most` levels.
    pub fn levels(&self, most: u32) -> Vec<Vec<usize>> {
        let mut levels = vec![vec![0]];
        while levels.len() <= most as usize {
            let above = levels.last().map(Vec::as_slice).unwrap_or_default();
            let mut below: Vec<usize> = self
                .edges
                .iter()
                .filter(|edge| above.contains(&edge.above))
                .filter_map(|edge| match edge.effect {
                    Effect::Take { below } => Some(below),
                    Effect::Overwrite(_) | Effect::Forbid => None,
                })
                .collect();
            below.sort_unstable();
            below.dedup();
            if below.is_empty() {
                break;
            }
            levels.push(below);
        }
        levels
    }

    /// Levels below the child where the tables alone tell their number; none where tables cascade round, so that it
    /// depends on the rows.
    pub fn depth(&self) -> Option<u32> {
        // A chain that is longer than there are tables passes one of them twice.
        let most = u32::try_from(self.tables.len()).unwrap_or(u32::MAX);
        let levels = self.levels(most).len() - 1;
        u32::try_from(levels).ok().filter(|levels| *levels < most)
    }

    /// The edges rows go along, by their places.
    pub fn takes(&self) -> impl Iterator<Item = (&Edge, usize)> {
        self.edges.iter().filter_map(|edge| match edge.effect {
            Effect::Take { below } => Some((edge, below)),
            Effect::Overwrite(_) | Effect::Forbid => None,
        })
    }

    /// The edges along which values are overwritten, with their places.
    pub fn overwrites(&self) -> impl Iterator<Item = (usize, &Edge, &Overwrite)> {
        self.edges.iter().enumerate().filter_map(|(place, edge)| match &edge.effect {
            Effect::Overwrite(values) => Some((place, edge, values.as_ref())),
            Effect::Take { .. } | Effect::Forbid => None,
        })
    }

    /// The same, its values told by their rows' keys alone.
    #[must_use]
    pub fn by_keys(mut self) -> Self {
        for edge in &mut self.edges {
            if let Effect::Overwrite(values) = &mut edge.effect {
                values.digested.clear();
            }
        }
        self
    }

    /// The edges that forbid, with their places.
    pub fn forbids(&self) -> impl Iterator<Item = (usize, &Edge)> {
        self.edges.iter().enumerate().filter(|(_, edge)| edge.effect == Effect::Forbid)
    }
}

/// What a step reaches in one table, as counted when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// The table, as a person may see it.
    pub table: String,
    /// How many steps of ON DELETE it is away from the rows without a parent.
    pub level: u32,
    /// Rows.
    pub rows: u64,
    /// What becomes of them.
    pub what: Outcome,
    /// Where they go, or their old values: the store, as a person may see it.
    pub store: String,
}

/// What becomes of the rows a step reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They leave their table.
    Removed,
    /// Values of theirs are overwritten.
    Overwritten,
    /// They are new.
    Inserted,
}

impl Outcome {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Removed => "leave",
            Self::Overwritten => "are overwritten",
            Self::Inserted => "are inserted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> TableName {
        let ident = |text: &str| Ident::new(text).expect("a name");
        TableName { schema: ident("public"), name: ident(name) }
    }

    fn seat(of: &str) -> Seat {
        Seat { table: name(of), parted: false, naming: None }
    }

    fn reference(child: &str, parent: &str) -> Reference {
        Reference {
            relation: format!("{child}->{parent}"),
            child: seat(child),
            parent: seat(parent),
            pairs: Vec::new(),
            matching: Matching::Simple,
        }
    }

    /// Tables `a`, `b`, … with an edge for each pair.
    fn removal(tables: usize, edges: &[(usize, usize)]) -> Removal {
        let table = |place: usize| ["a", "b", "c", "d"][place];
        Removal {
            manner: Manner::Quarantine,
            missing: reference("a", "z"),
            tables: (0..tables)
                .map(|place| Stored {
                    seat: seat(table(place)),
                    columns: Vec::new(),
                    store: name(table(place)).name,
                    prefix: "waif_".to_owned(),
                })
                .collect(),
            edges: edges
                .iter()
                .map(|(above, below)| Edge {
                    above: *above,
                    reference: reference(table(*below), table(*above)),
                    effect: Effect::Take { below: *below },
                    unindexed: false,
                })
                .collect(),
        }
    }

    #[test]
    fn levels_go_down_as_far_as_the_longest_chain() {
        let diamond = removal(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]);
        assert_eq!(diamond.levels(9), [vec![0], vec![1, 2, 3], vec![3]]);
        assert_eq!(diamond.depth(), Some(2));
        assert_eq!(removal(1, &[]).depth(), Some(0));
        assert_eq!(removal(3, &[(0, 1), (1, 2)]).depth(), Some(2));
    }

    #[test]
    fn where_tables_cascade_round_the_depth_is_not_known() {
        assert_eq!(removal(1, &[(0, 0)]).depth(), None);
        let round = removal(3, &[(0, 1), (1, 2), (2, 1)]);
        assert_eq!(round.depth(), None);
        assert_eq!(round.levels(3), [vec![0], vec![1], vec![2], vec![1]]);
    }
}
