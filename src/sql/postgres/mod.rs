//! What we say to PostgreSQL. Text only; called through [`Dialect`].
//!
//! Every question about orphans is the server's own: the query of `RI_Initial_Check` in `ri_triggers.c`, with the
//! constraint's operators, casts and collations, `ONLY` on each side that is not partitioned, and NULLs as its MATCH rule
//! counts them. Written as NOT EXISTS it has the same plan, and a parent key that is not unique multiplies nothing.
//! All text is ASCII but for names, so that a server of any encoding takes it.

mod clause;
mod counts;
mod default;
mod identity;
mod lists;
mod literal;
mod mending;
mod planning;
mod removing;
mod repair;
mod survey;

use super::{Dialect, ListQuery, Page, Path, Query};
use crate::model::catalog::{Catalog, TableId};
use crate::model::relation::Relation;
use crate::model::value::Value;

/// PostgreSQL's dialect.
#[derive(Clone, Copy, Debug)]
pub struct Postgres;

impl Dialect for Postgres {
    fn probe(&self, catalog: &Catalog, relation: &Relation) -> Query {
        counts::probe(catalog, relation)
    }

    fn orphans(&self, catalog: &Catalog, relation: &Relation, path: Path) -> Query {
        counts::orphans(catalog, relation, path)
    }

    fn child_counts(&self, catalog: &Catalog, child: TableId, relations: &[&Relation]) -> Query {
        counts::child_counts(catalog, child, relations)
    }

    fn no_index_settings(&self) -> &'static [&'static str] {
        // A role may have turned other ways off; between two ways turned off the planner would take the index again.
        &[
            "SET LOCAL enable_seqscan = on",
            "SET LOCAL enable_hashjoin = on",
            "SET LOCAL enable_indexscan = off",
            "SET LOCAL enable_indexonlyscan = off",
            "SET LOCAL enable_bitmapscan = off",
        ]
    }

    fn missing_parents(&self, catalog: &Catalog, relation: &Relation, limit: u32) -> ListQuery {
        lists::missing_parents(catalog, relation, limit)
    }

    fn orphan_rows(
        &self,
        catalog: &Catalog,
        relation: &Relation,
        of: Option<&[Value]>,
        page: &Page,
    ) -> ListQuery {
        lists::orphan_rows(catalog, relation, of, page)
    }

    fn planning(&self) -> Option<&'static dyn crate::sql::planning::Planning> {
        Some(&Postgres)
    }

    fn repairs(&self) -> Option<&'static dyn crate::sql::repairs::Repairs> {
        Some(&Postgres)
    }

    fn removals(&self) -> Option<&'static dyn crate::sql::removals::Removals> {
        Some(&Postgres)
    }

    fn orphans_clause(&self, catalog: &Catalog, relation: &Relation, of: Option<&[Value]>) -> Query {
        lists::orphans_clause(catalog, relation, of)
    }

    fn row_clause(&self, catalog: &Catalog, relation: &Relation, key: &[Value]) -> Query {
        lists::row_clause(catalog, relation, key)
    }

    fn literal(&self, value: &Value) -> String {
        literal::literal(value)
    }

    fn default_parent(&self, catalog: &Catalog, relation: &Relation) -> Option<Query> {
        default::parent(catalog, relation)
    }
}

#[cfg(test)]
mod tests;
