//! PostgreSQL's way to ask before a repair and to change definitions: the trait, spelled out over `survey` and `repair`.

use super::Postgres;
use super::repair::remedy;
use super::survey::{copies, ground, journal, tables};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::Copied;
use crate::sql::Query;
use crate::sql::planning::{FilePlanning, Grant, Planning, ServerPlanning, Sides};

impl Planning for Postgres {
    fn ambiguous(&self, copied: &Copied) -> Query {
        copies::ambiguous(copied)
    }

    fn drop_index_again(&self, index: &TableName, concurrently: bool) -> String {
        remedy::drop_index_again(index, concurrently)
    }

    fn server(&self) -> Option<&'static dyn ServerPlanning> {
        Some(&Postgres)
    }

    fn file(&self) -> Option<&'static dyn FilePlanning> {
        None
    }
}

impl ServerPlanning for Postgres {
    fn ground(&self) -> Query {
        ground::ground()
    }

    fn journal_lacks(&self) -> Query {
        journal::lacking()
    }

    fn cluster(&self) -> Query {
        ground::cluster()
    }

    fn timeline(&self) -> Query {
        ground::timeline()
    }

    fn bystanders(&self) -> Query {
        ground::bystanders()
    }

    fn tables(&self, numbers: &[u32]) -> Query {
        tables::tables(numbers)
    }

    fn listeners(&self, numbers: &[u32]) -> Query {
        tables::listeners(numbers)
    }

    fn constraints(&self, numbers: &[u32], version: u32) -> Query {
        tables::constraints(numbers, version)
    }

    fn index_parts(&self, numbers: &[u32]) -> Query {
        tables::index_parts(numbers)
    }

    fn names(&self, names: &[TableName]) -> Query {
        tables::names(names)
    }

    fn holders(&self, numbers: &[u32]) -> Query {
        tables::holders(numbers)
    }

    fn comparisons(&self, pairs: &[Sides]) -> Query {
        copies::comparisons(pairs)
    }

    fn add_again(&self, table: &TableName, name: &Ident, text: &str) -> String {
        remedy::add_again(table, name, text)
    }

    fn drop_key_again(&self, table: &TableName, name: &Ident) -> String {
        remedy::drop_key_again(table, name)
    }

    fn grant(&self, right: &Grant<'_>) -> String {
        remedy::grant(right)
    }
}
