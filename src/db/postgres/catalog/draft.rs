//! The catalog while it is put together: tables by the server's numbers, and what only matters until then. The rooms
//! beside this one add to it, query by query.

use super::answer::Unwritable;
use crate::model::catalog::{Catalog, Gap, Table, TableId, TableKind};
use crate::model::ident::{Ident, TableName};
use crate::model::relation::Relation;
use crate::model::server::Server;
use crate::model::text::visible;
use std::collections::{BTreeSet, HashMap};

/// A catalog in the making.
#[derive(Default)]
pub(super) struct Draft {
    /// Schemas, and whether the role has USAGE on each.
    pub(super) schemas: HashMap<Ident, bool>,
    /// The schema of waif's own journal.
    pub(super) journal: Option<Ident>,
    pub(super) tables: Vec<Table>,
    /// Beside each table: types and collations of its columns, in the same order.
    pub(super) codes: Vec<Vec<Codes>>,
    /// Beside each table: its leaf partitions, itself where it is not partitioned.
    pub(super) leaves: Vec<Vec<TableId>>,
    pub(super) by_oid: HashMap<u32, TableId>,
    /// Where indexes and triggers went: table, and place among its indexes or triggers.
    pub(super) indexes: HashMap<u32, (TableId, usize)>,
    pub(super) triggers: HashMap<u32, (TableId, usize)>,
    pub(super) gaps: Vec<Gap>,
}

/// The server's numbers for a column's type, the base type below its domains, and its collation; 0 for none.
#[derive(Clone, Copy)]
pub(super) struct Codes {
    pub(super) type_oid: u32,
    pub(super) base: u32,
    pub(super) collation: u32,
}

impl Draft {
    /// A table by the server's number.
    pub(super) fn by_oid(&mut self, oid: u32) -> Option<&mut Table> {
        let id = *self.by_oid.get(&oid)?;
        self.tables.get_mut(id.0 as usize)
    }

    pub(super) fn table(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id.0 as usize)
    }

    /// Leaves out something whose name no statement of ours could write.
    pub(super) fn unwritable(&mut self, what: &str, name: Unwritable) {
        self.gaps.push(Gap {
            object: format!("{what} {}", name.0),
            reason: "its name is not valid UTF-8, so no statement can name it".to_owned(),
        });
    }

    /// What can be said only once everything is placed: leaves of partitioned tables and their sums, what the role
    /// cannot see.
    pub(super) fn settle(&mut self, server: &Server) {
        self.leaves = leaves(&self.tables);
        self.sum_partitions();
        for table in &mut self.tables {
            table.readable = table.readable || table.columns.iter().all(|column| column.readable);
        }
        self.closed_schemas(server);
    }

    fn sum_partitions(&mut self) {
        for at in 0..self.tables.len() {
            if self.tables[at].kind != TableKind::Partitioned {
                continue;
            }
            let leaves = || self.leaves[at].iter().filter_map(|leaf| self.tables.get(leaf.0 as usize));
            let rows = leaves().filter_map(|leaf| leaf.estimated_rows).reduce(u64::saturating_add);
            let bytes = leaves().filter_map(|leaf| leaf.bytes).reduce(u64::saturating_add);
            self.tables[at].estimated_rows = rows;
            self.tables[at].bytes = bytes;
        }
    }

    /// A role that sees nothing must not take a full house for an empty one.
    fn closed_schemas(&mut self, server: &Server) {
        let role = server.user.as_ref().map_or("The role".into(), |user| user.visible());
        let mut closed: Vec<(&Ident, usize)> = self
            .schemas
            .iter()
            .filter(|(_, usage)| !**usage)
            .map(|(schema, _)| (schema, self.tables.iter().filter(|t| t.name.schema == *schema).count()))
            .filter(|(_, tables)| *tables > 0)
            .collect();
        closed.sort();
        let gaps = closed.into_iter().map(|(schema, tables)| Gap {
            object: format!("schema {}", schema.visible()),
            reason: format!(
                "{role} has no USAGE on it, so {} cannot be read",
                if tables == 1 { "its one table".to_owned() } else { format!("its {tables} tables") }
            ),
        });
        self.gaps.extend(gaps);
    }

    /// The finished catalog. The schema of the journal is no part of it unless somebody else keeps tables there.
    pub(super) fn finish(self, server: Server, relations: Vec<Relation>) -> Catalog {
        let inhabited: BTreeSet<&Ident> = self.tables.iter().map(|table| &table.name.schema).collect();
        let mut schemas: Vec<Ident> = self
            .schemas
            .iter()
            .filter(|(schema, usage)| {
                inhabited.contains(schema) || (**usage && self.journal.as_ref() != Some(*schema))
            })
            .map(|(schema, _)| schema.clone())
            .collect();
        schemas.sort();
        Catalog { server, schemas, tables: self.tables, relations, gaps: self.gaps }
    }
}

/// The leaves below each table. A plain table is its own leaf; a partitioned one may have none.
fn leaves(tables: &[Table]) -> Vec<Vec<TableId>> {
    let mut found: Vec<Vec<TableId>> = vec![Vec::new(); tables.len()];
    for table in tables.iter().filter(|table| table.kind != TableKind::Partitioned) {
        let mut at = Some(table.id);
        // Partition trees are shallow; the bound only keeps a lying server from leading us in circles.
        for _ in 0..64 {
            let Some(id) = at else { break };
            found[id.0 as usize].push(table.id);
            at = tables[id.0 as usize].partition_of;
        }
    }
    found
}

/// A table's name as a person may see it.
pub(super) fn shown(name: &TableName, server: &Server) -> String {
    visible(&name.written(&server.default_schema)).into_owned()
}
