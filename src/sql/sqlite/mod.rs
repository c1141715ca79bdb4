//! The sqlite dialect: text only. It says what SQLite's own check of a foreign key means: the parent's affinity and
//! collation decide, so the parent stands on the left of every `=` and the child's column behind a unary plus, which
//! takes its affinity away. Called through [`Dialect`](crate::sql::Dialect).

mod count;
pub(crate) mod ddl;
mod default;
mod identity;
mod list;
mod literal;
mod mending;
mod pairs;
pub(crate) mod rebuild;
mod removing;
mod repair;
mod source;

#[cfg(test)]
mod tests;

pub(crate) use default::is_plain;
pub(crate) use repair::own::is_own;

use crate::model::catalog::{Catalog, TableId};
use crate::model::relation::Relation;
use crate::model::value::Value;
use crate::sql::planning::Planning;
use crate::sql::removals::Removals;
use crate::sql::repairs::Repairs;
use crate::sql::{Dialect, ListQuery, Page, Path, Query};

/// The language of SQLite.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn probe(&self, catalog: &Catalog, relation: &Relation) -> Query {
        count::probe(catalog, relation)
    }

    fn orphans(&self, catalog: &Catalog, relation: &Relation, path: Path) -> Query {
        match path {
            Path::Free => count::orphans(catalog, relation),
            Path::NoIndex => count::orphans_without_index(catalog, relation),
        }
    }

    fn child_counts(&self, catalog: &Catalog, child: TableId, relations: &[&Relation]) -> Query {
        count::child_counts(catalog, child, relations)
    }

    fn parent_indexes(&self, catalog: &Catalog, relation: &Relation) -> Option<Query> {
        count::parent_indexes(catalog, relation)
    }

    fn no_index_settings(&self) -> &'static [&'static str] {
        &[]
    }

    fn missing_parents(&self, catalog: &Catalog, relation: &Relation, limit: u32) -> ListQuery {
        list::missing_parents(catalog, relation, limit)
    }

    fn orphan_rows(
        &self,
        catalog: &Catalog,
        relation: &Relation,
        of: Option<&[Value]>,
        page: &Page,
    ) -> ListQuery {
        list::orphan_rows(catalog, relation, of, page)
    }

    fn planning(&self) -> Option<&'static dyn Planning> {
        Some(&Sqlite)
    }

    fn repairs(&self) -> Option<&'static dyn Repairs> {
        Some(&Sqlite)
    }

    fn removals(&self) -> Option<&'static dyn Removals> {
        Some(&Sqlite)
    }

    fn orphans_clause(&self, catalog: &Catalog, relation: &Relation, of: Option<&[Value]>) -> Query {
        list::orphans_clause(catalog, relation, of)
    }

    fn row_clause(&self, catalog: &Catalog, relation: &Relation, key: &[Value]) -> Query {
        list::row_clause(catalog, relation, key)
    }

    fn literal(&self, value: &Value) -> String {
        literal::literal(value)
    }

    fn default_parent(&self, catalog: &Catalog, relation: &Relation) -> Option<Query> {
        default::parent(catalog, relation)
    }
}
