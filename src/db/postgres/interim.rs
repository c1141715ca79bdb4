//! Until the dialect stands: sessions can be opened and catalogs read without it; counting says nothing yet.

use crate::model::catalog::{Catalog, TableId};
use crate::model::relation::Relation;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::{Dialect, ListQuery, Page, Path, Query};

/// A dialect without words.
pub(super) struct Unspoken;

fn nothing(purpose: Purpose) -> Query {
    Query::new(purpose, "SELECT NULL::text WHERE false", Vec::new())
}

fn empty_list() -> ListQuery {
    ListQuery { query: nothing(Purpose::List), headings: Vec::new(), key_columns: 0 }
}

impl Dialect for Unspoken {
    fn probe(&self, _: &Catalog, _: &Relation) -> Query {
        nothing(Purpose::Probe)
    }

    fn orphans(&self, _: &Catalog, _: &Relation, _: Path) -> Query {
        nothing(Purpose::Count)
    }

    fn child_counts(&self, _: &Catalog, _: TableId, _: &[&Relation]) -> Query {
        nothing(Purpose::Count)
    }

    fn no_index_settings(&self) -> &'static [&'static str] {
        &[
            "SET LOCAL enable_indexscan TO off",
            "SET LOCAL enable_indexonlyscan TO off",
            "SET LOCAL enable_bitmapscan TO off",
        ]
    }

    fn missing_parents(&self, _: &Catalog, _: &Relation, _: u32) -> ListQuery {
        empty_list()
    }

    fn orphan_rows(&self, _: &Catalog, _: &Relation, _: Option<&[Value]>, _: &Page) -> ListQuery {
        empty_list()
    }
}
