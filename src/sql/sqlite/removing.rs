//! SQLite's way to take rows away and to bring them back: the trait, spelled out over the modules of `repair::gone`.

use super::Sqlite;
use super::repair::gone::{
    adoption, demands, healed, nulling, radius, removal, restore, store, ties, values, work,
};
use crate::model::catalog::Table;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Adoption, Nulling, Overwrite, Reference, Removal, Stored};
use crate::model::plan::step::Copied;
use crate::model::plan::survey::Demand;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::removals::{Recall, Refill, Removals, Return, Stroke};
use crate::sql::repairs::Window;

impl Removals for Sqlite {
    fn radius(&self, removal: &Removal, depth: u32) -> Query {
        radius::radius(removal, depth)
    }

    fn lost(&self, missing: &Reference) -> Query {
        work::lost(missing)
    }

    fn compiled(&self, stored: &Stored) -> Option<Query> {
        Some(demands::compiled(stored))
    }

    fn definition(&self, table: &TableName) -> Option<Query> {
        Some(demands::definition(table))
    }

    fn demands(&self, table: &Table, stored: &Stored, definition: &str) -> Option<Vec<Demand>> {
        demands::of(table, stored, definition)
    }

    fn unlike_demanded(
        &self,
        removal: &Removal,
        reached: (usize, u32),
        table: &Table,
        demands: &[Demand],
    ) -> Option<Query> {
        demands::unlike(removal, reached, table, demands)
    }

    fn listeners(&self, _tables: &[u32]) -> Option<Query> {
        None
    }

    fn create_stores(&self, stored: &[Stored]) -> Vec<Change> {
        store::create(stored)
    }

    fn create_kept(&self, values: &Overwrite) -> Vec<Change> {
        store::create_kept(values)
    }

    fn create_work(&self, missing: &Reference, run: &str, place: usize) -> Vec<Change> {
        work::create(missing, run, place)
    }

    fn create_sample(&self, missing: &Reference, run: &str, place: usize, rows: u64) -> Vec<Change> {
        work::create_sample(missing, run, place, rows)
    }

    fn create_ties(&self, removal: &Removal, run: &str, place: usize) -> Vec<Change> {
        ties::create(removal, run, place)
    }

    fn first_leaf(&self, missing: &Reference) -> Query {
        work::first_leaf(missing)
    }

    fn create_notes(&self) -> Vec<Change> {
        Vec::new()
    }

    fn lost_leaves(&self, missing: &Reference, run: &str, place: usize) -> Query {
        work::leaves(missing, run, place)
    }

    fn lost_bound(&self, _missing: &Reference, window: &Window<'_>, rows: u64) -> Query {
        work::bound(window, rows)
    }

    fn drop_lost(&self, run: &str, place: usize) -> Vec<Change> {
        vec![work::drop(run, place)]
    }

    fn weight(&self, missing: &Reference, columns: &[&Ident], run: &str, place: usize) -> Option<Query> {
        Some(work::weight(missing, columns, run, place))
    }

    fn doubts(&self, missing: &Reference, run: &str, place: usize) -> Vec<Change> {
        work::doubts(missing, run, place)
    }

    fn take(&self, removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change> {
        removal::take(removal, stroke)
    }

    fn nullify(&self, nulling: &Nulling, window: &Window<'_>) -> Vec<Change> {
        nulling::nullify(nulling, window)
    }

    fn unfit(&self, adoption: &Adoption) -> Option<Query> {
        adoption::unfit(adoption)
    }

    fn create_missing(&self, adoption: &Adoption, run: &str, place: usize) -> Vec<Change> {
        adoption::create_missing(adoption, run, place)
    }

    fn doubts_of_missing(&self, adoption: &Adoption, run: &str, place: usize) -> Vec<Change> {
        adoption::doubts(adoption, run, place)
    }

    fn count_missing(&self, run: &str, place: usize) -> Query {
        adoption::count(run, place)
    }

    fn adopt(&self, adoption: &Adoption, window: &Window<'_>) -> Vec<Change> {
        adoption::adopt(adoption, window)
    }

    fn left(&self, missing: &Reference) -> Vec<Change> {
        work::left(missing)
    }

    fn strays(&self, reference: &Reference) -> Option<Query> {
        Some(work::strays(reference))
    }

    fn healed(&self, removal: &Removal, run: &str, place: usize, batch: Option<u64>) -> Query {
        healed::healed(removal, run, place, batch)
    }

    fn stores_stand(&self) -> Query {
        store::stand()
    }

    fn stores(&self) -> Query {
        store::stores()
    }

    fn held(&self, stores: &[(String, String)], run: Option<&str>) -> Query {
        store::held(stores, run)
    }

    fn batches(&self, stores: &[(Ident, String)], run: &str, place: usize) -> Query {
        store::batches(stores, run, place)
    }

    fn reclaim(&self, run: &str, holder: &str) -> Change {
        restore::reclaim(run, holder)
    }

    fn reclaimed(&self, run: &str, epoch: u64) -> Change {
        restore::reclaimed(run, epoch)
    }

    fn recall(&self, removal: &Removal, back: &[Return], recall: &Recall<'_>) -> Vec<Change> {
        restore::recall(removal, back, recall)
    }

    fn waiting(&self, back: &[Return], recall: &Recall<'_>) -> Query {
        restore::waiting(back, recall)
    }

    fn stuck(&self, back: &[Return], run: &str, place: usize, healed: Option<&Removal>) -> Option<Query> {
        restore::stuck(back, run, place, healed)
    }

    fn put_back(&self, refill: &Refill<'_>, recall: &Recall<'_>) -> Vec<Change> {
        values::put_back(refill.values, &refill.needs, recall)
    }

    fn unlike(&self, refill: &Refill<'_>, run: &str, place: usize, healed: bool) -> Option<Query> {
        Some(values::unlike(refill, run, place, healed))
    }

    fn disown(&self, adoption: &Adoption, guests: &[Reference], recall: &Recall<'_>) -> Vec<Change> {
        adoption::disown(adoption, guests, recall)
    }

    fn filled_stands(&self, run: &str, place: usize) -> Query {
        values::filled_stands(run, place)
    }

    fn filled(&self, run: &str, place: usize) -> Query {
        values::filled(run, place)
    }

    fn filled_rows(&self, copied: &Copied, recall: &Recall<'_>) -> Query {
        values::filled_rows(copied, recall)
    }

    fn written(&self, copied: &Copied, run: &str, place: usize) -> Query {
        values::written(copied, run, place)
    }

    fn unfill(&self, copied: &Copied, guests: &[Reference], recall: &Recall<'_>) -> Vec<Change> {
        values::unfill(copied, guests, recall)
    }

    fn look(&self, store: &Ident, prefix: &str) -> String {
        store::look(store, prefix)
    }

    fn store(&self, store: &Ident) -> String {
        store::named(store)
    }
}
