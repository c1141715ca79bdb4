//! SQLite's way to say repairs: the traits, spelled out over the modules of `repair`.

use super::repair::{backfill, index, journal, proof, record, shape};
use super::{Sqlite, rebuild};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, NewIndex};
use crate::model::run::Counts;
use crate::model::value::Row;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::keys::Keys;
use crate::sql::planning::{FilePlanning, Planning, ServerPlanning};
use crate::sql::rebuild::Rebuilds;
use crate::sql::repairs::{Known, NewRun, Repairs, Seat, Window};
use crate::sql::sessions::Sessions;

impl Planning for Sqlite {
    fn ambiguous(&self, copied: &Copied) -> Query {
        proof::ambiguous(copied)
    }

    fn drop_index_again(&self, name: &TableName, _concurrently: bool) -> String {
        index::drop_again(name)
    }

    fn server(&self) -> Option<&'static dyn ServerPlanning> {
        None
    }

    fn file(&self) -> Option<&'static dyn FilePlanning> {
        Some(&Sqlite)
    }
}

impl FilePlanning for Sqlite {
    fn marks(&self) -> Query {
        index::marks()
    }

    fn strange(&self) -> Query {
        journal::strange()
    }

    fn taken(&self, schema: &Ident) -> Query {
        index::taken(schema)
    }

    fn schema(&self) -> Query {
        rebuild::schema()
    }

    fn size(&self, table: &Ident) -> Query {
        rebuild::size(table)
    }
}

impl Repairs for Sqlite {
    fn create_journal(&self) -> Vec<Change> {
        journal::create()
    }

    fn journal_stands(&self) -> Query {
        journal::stands()
    }

    fn begin_run(&self, run: &NewRun<'_>) -> Vec<Change> {
        journal::begin(run)
    }

    fn others(&self, run: &str) -> Query {
        journal::others(run)
    }

    fn alone(&self, run: &str, gone: &[String]) -> Option<Change> {
        Some(journal::alone(run, gone))
    }

    fn take_over(&self, run: &str, holder: &str) -> Change {
        journal::take_over(run, holder)
    }

    fn fence(&self, run: &str, epoch: u64) -> Change {
        journal::fence(run, epoch)
    }

    fn shape(&self, tables: &[Known<'_>]) -> Query {
        shape::shape(tables)
    }

    fn digest(&self, table: Known<'_>) -> Query {
        shape::digest(table)
    }

    fn still(&self, table: Known<'_>, digest: &str) -> Change {
        shape::still(table, digest)
    }

    fn explain(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change> {
        backfill::explain(copied, window)
    }

    fn reads_by_place(&self, answer: &[Row], _by_range: bool) -> Result<(), String> {
        backfill::reads_by_place(answer)
    }

    fn counted(&self, run: &str, place: usize, moment: &str, counts: &Counts) -> Change {
        journal::counts(run, place, moment, counts)
    }

    fn run_state(&self, run: &str, state: &str, note: Option<&str>) -> Change {
        journal::run_state(run, state, note)
    }

    fn step_state(
        &self,
        run: &str,
        place: usize,
        state: &str,
        total: Option<u64>,
        note: Option<&str>,
    ) -> Change {
        journal::step_state(run, place, state, total, note)
    }

    fn run(&self, id: &str) -> Query {
        journal::run(id)
    }

    fn runs(&self) -> Query {
        journal::runs()
    }

    fn steps(&self, run: &str) -> Query {
        journal::steps(run)
    }

    fn contradictions(&self, run: &str) -> Query {
        journal::contradictions(run)
    }

    fn create_record(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        record::create(copied, run, place)
    }

    fn create_work(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        record::create_work(copied, run, place, None)
    }

    fn create_sample(
        &self,
        copied: &Copied,
        run: &str,
        place: usize,
        _leaf: &TableName,
        rows: u64,
    ) -> Vec<Change> {
        record::create_work(copied, run, place, Some(rows))
    }

    fn first_leaf(&self, copied: &Copied, rows: u64) -> Query {
        backfill::first_leaf(copied, rows)
    }

    fn leaves(&self, copied: &Copied, run: &str, place: usize) -> Query {
        backfill::leaves(copied, run, place)
    }

    fn bound(&self, copied: &Copied, run: &str, place: usize, seat: Seat<'_>, rows: u64) -> Query {
        backfill::bound(copied, run, place, seat.low, rows)
    }

    fn fill(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change> {
        backfill::fill(copied, window)
    }

    fn remaining(&self, copied: &Copied) -> Query {
        proof::remaining(copied)
    }

    fn standing(&self, _copied: &Copied) -> Option<(Query, Query)> {
        None
    }

    fn look_for_left(&self, _copied: &Copied, _run: &str, _place: usize) -> Vec<Change> {
        Vec::new()
    }

    fn left_over(&self, copied: &Copied, _run: &str, _place: usize) -> Query {
        proof::remaining(copied)
    }

    fn any_open(&self, copied: &Copied) -> Query {
        backfill::any_open(copied)
    }

    fn used_up(&self, _copied: &Copied, _run: &str, _place: usize) -> Option<Change> {
        None
    }

    fn put_back(&self, copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Vec<Change> {
        backfill::put_back(copied, run, place, number, epoch)
    }

    fn take_back(&self, copied: &Copied) -> String {
        record::take_back(copied)
    }

    fn record(&self, run: &str, place: usize) -> String {
        record::record(run, place)
    }

    fn drop_work(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        record::drop_work(copied, run, place)
    }

    fn two_values(&self, code: &str, said: &str) -> bool {
        matches!(code, "1555" | "2579") && said.contains("waif_record_")
    }

    fn create_index(&self, new: &NewIndex) -> Change {
        index::create(new)
    }

    fn drop_index(&self, name: &TableName, _concurrently: bool) -> Change {
        index::drop(name)
    }

    fn index_state(&self, table: &TableName, name: &Ident) -> Query {
        index::state(table, name)
    }

    fn ends(&self) -> (&'static str, &'static str) {
        (backfill::START, backfill::END)
    }

    fn sessions(&self) -> Option<&'static dyn Sessions> {
        None
    }

    fn keys(&self) -> Option<&'static dyn Keys> {
        None
    }

    fn rebuilds(&self) -> Option<&'static dyn Rebuilds> {
        Some(&Sqlite)
    }
}
