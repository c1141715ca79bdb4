//! PostgreSQL's way to take rows away and to bring them back: the trait, spelled out over the modules of `repair::gone`.

use super::Postgres;
use super::repair::backfill;
use super::repair::gone::{
    adoption, apart, burden, listeners, nulling, radius, reach, removal, restore, store, values, work,
};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Adoption, Nulling, Overwrite, Reference, Removal, Stored};
use crate::model::plan::step::Copied;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::removals::{Recall, Refill, Removals, Return, Stroke};
use crate::sql::repairs::Window;

impl Removals for Postgres {
    fn radius(&self, removal: &Removal, depth: u32) -> Query {
        radius::radius(removal, depth)
    }

    fn lost(&self, missing: &Reference) -> Query {
        work::lost(missing)
    }

    fn listeners(&self, tables: &[u32]) -> Option<Query> {
        Some(listeners::listeners(tables))
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

    fn first_leaf(&self, missing: &Reference) -> Query {
        work::first_leaf(missing)
    }

    fn create_notes(&self) -> Vec<Change> {
        reach::create_notes()
    }

    fn lost_leaves(&self, _missing: &Reference, run: &str, place: usize) -> Query {
        backfill::leaves(run, place)
    }

    fn lost_bound(&self, _missing: &Reference, window: &Window<'_>, rows: u64) -> Query {
        backfill::bound(window.run, window.place, window.leaf, None, window.low, rows)
    }

    fn drop_lost(&self, run: &str, place: usize) -> Vec<Change> {
        vec![backfill::drop_work(run, place)]
    }

    fn burden(&self, removal: &Removal) -> Option<Query> {
        burden::burden(removal)
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

    fn count_missing(&self, run: &str, place: usize) -> Query {
        adoption::count(run, place)
    }

    fn adopt(&self, adoption: &Adoption, window: &Window<'_>) -> Vec<Change> {
        adoption::adopt(adoption, window)
    }

    fn left(&self, missing: &Reference) -> Vec<Change> {
        work::left(missing)
    }

    fn healed(&self, removal: &Removal, run: &str, place: usize, batch: Option<u64>) -> Query {
        restore::healed(removal, run, place, batch)
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

    fn measure(&self, stores: &[Ident]) -> Vec<Change> {
        store::measure(stores)
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
        values::put_back(refill, recall)
    }

    fn unlike(&self, refill: &Refill<'_>, run: &str, place: usize, healed: bool) -> Option<Query> {
        Some(apart::unlike(refill, run, place, healed))
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

    fn filled_rows(&self, _copied: &Copied, recall: &Recall<'_>) -> Query {
        values::filled_rows(recall)
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
