//! PostgreSQL's way to say repairs: the trait, spelled out over the modules of `repair`.

use super::Postgres;
use super::repair::{backfill, ddl, hunt, journal, probe, record, signs, watch, writes};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, NewIndex, NewKey};
use crate::model::run::Counts;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::{Hunt, Look, NewRun, Repairs, Window};

impl Repairs for Postgres {
    fn create_journal(&self) -> Vec<Change> {
        journal::create()
    }

    fn journal_stands(&self) -> Query {
        journal::stands()
    }

    fn begin_run(&self, run: &NewRun<'_>) -> Vec<Change> {
        journal::begin(run)
    }

    fn take_over(&self, run: &str, holder: &str) -> Change {
        journal::take_over(run, holder)
    }

    fn fence(&self, run: &str, epoch: u64) -> Change {
        journal::fence(run, epoch)
    }

    fn whereabouts(&self) -> Query {
        watch::whereabouts()
    }

    fn hold(&self, run: &str) -> Query {
        watch::hold(run)
    }

    fn how_far(&self, run: &str) -> Query {
        watch::how_far(run)
    }

    fn holder(&self, run: &str) -> Query {
        watch::holder(run)
    }

    fn shape(&self, tables: &[u32]) -> Query {
        watch::shape(tables)
    }

    fn digest(&self, table: u32) -> Query {
        watch::digest(table)
    }

    fn still(&self, table: u32, digest: &str) -> Change {
        watch::still(table, digest)
    }

    fn blockers(&self, session: i32) -> Query {
        watch::blockers(session)
    }

    fn at_work(&self, session: i32) -> Query {
        watch::at_work(session)
    }

    fn is_past(&self, moment: &str) -> Query {
        watch::is_past(moment)
    }

    fn explain(&self, change: &Change) -> Change {
        watch::explain(change)
    }

    fn probes(&self, table: &TableName, name: &Ident) -> Query {
        probe::probes(table, name)
    }

    fn hunt(&self, table: &TableName, name: &Ident) -> Query {
        hunt::hunt(table, name)
    }

    fn hunted(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query {
        hunt::hunted(hunt, range)
    }

    fn caught(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query {
        hunt::caught(hunt, range)
    }

    fn halves(&self, hunt: &Hunt) -> Option<Query> {
        hunt::halves(hunt)
    }

    fn one_by_one(&self) -> Change {
        hunt::one_by_one()
    }

    fn building(&self, session: i32) -> Query {
        hunt::building(session)
    }

    fn counted(&self, run: &str, place: usize, moment: &str, counts: &Counts) -> Change {
        journal::counted(run, place, moment, counts)
    }

    fn writes(&self, table: &TableName, whole: &[Ident], rows: u64, rounds: u64) -> Query {
        writes::writes(table, whole, rows, rounds)
    }

    fn ready(&self, create: &str) -> Vec<Change> {
        writes::ready(create)
    }

    fn round(&self, text: &str, number: u64) -> Change {
        writes::round(text, number)
    }

    fn probe(&self, text: &str) -> Change {
        probe::probe(text)
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

    fn evict(&self, run: &str) -> Change {
        journal::evict(run)
    }

    fn sight(&self) -> Query {
        signs::sight()
    }

    fn signs(&self, look: &Look<'_>) -> Query {
        signs::signs(look)
    }

    fn claim(&self, run: &str, table: &TableName) -> Query {
        journal::claim(run, table)
    }

    fn create_record(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        record::create_record(copied, run, place)
    }

    fn create_work(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        backfill::create_work(copied, run, place)
    }

    fn create_sample(
        &self,
        copied: &Copied,
        run: &str,
        place: usize,
        leaf: &TableName,
        rows: u64,
    ) -> Vec<Change> {
        backfill::create_sample(copied, run, place, leaf, rows)
    }

    fn first_leaf(&self, copied: &Copied) -> Query {
        backfill::first_leaf(copied)
    }

    fn wal(&self) -> Query {
        watch::wal()
    }

    fn leaves(&self, run: &str, place: usize) -> Query {
        backfill::leaves(run, place)
    }

    fn bound(&self, run: &str, place: usize, leaf: u32, pass: Option<u8>, low: &str, rows: u64) -> Query {
        backfill::bound(run, place, leaf, pass, low, rows)
    }

    fn fill(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change> {
        backfill::fill(copied, window)
    }

    fn remaining(&self, copied: &Copied) -> Query {
        backfill::remaining(copied)
    }

    fn used_up(&self, copied: &Copied, run: &str, place: usize) -> Change {
        backfill::used_up(copied, run, place)
    }

    fn standing(&self, copied: &Copied) -> Query {
        backfill::standing(copied)
    }

    fn look_for_left(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        backfill::look_for_left(copied, run, place)
    }

    fn left_over(&self, copied: &Copied, run: &str, place: usize) -> Query {
        backfill::left_over(copied, run, place)
    }

    fn any_open(&self, copied: &Copied) -> Query {
        backfill::any_open(copied)
    }

    fn put_back(&self, copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Change {
        record::put_back(copied, run, place, number, epoch)
    }

    fn take_back(&self, copied: &Copied) -> String {
        record::take_back(copied)
    }

    fn record(&self, run: &str, place: usize) -> String {
        record::table(run, place)
    }

    fn drop_work(&self, run: &str, place: usize) -> Change {
        backfill::drop_work(run, place)
    }

    fn create_index(&self, index: &NewIndex) -> Change {
        ddl::create_index(index)
    }

    fn drop_index(&self, index: &TableName, concurrently: bool) -> Change {
        ddl::drop_index(index, concurrently)
    }

    fn attach_index(&self, whole: &TableName, part: &TableName) -> Change {
        ddl::attach_index(whole, part)
    }

    fn add_key(&self, key: &NewKey) -> Vec<Change> {
        ddl::add_key(key)
    }

    fn prove_key(&self, table: &TableName, name: &Ident, probe: bool) -> Vec<Change> {
        ddl::prove_key(table, name, probe)
    }

    fn swap_key(&self, table: &TableName, old: &Ident, twin: &Ident) -> Vec<Change> {
        ddl::swap_key(table, old, twin)
    }

    fn drop_key(&self, table: &TableName, name: &Ident) -> Change {
        ddl::drop_key(table, name)
    }

    fn index_state(&self, table: &TableName, name: &Ident) -> Query {
        ddl::index_state(table, name)
    }

    fn key_state(&self, table: &TableName, name: &Ident) -> Query {
        ddl::key_state(table, name)
    }

    fn strangers(&self) -> Query {
        journal::strangers()
    }

    fn own_locks(&self) -> Query {
        journal::own_locks()
    }

    fn ends(&self) -> (&'static str, &'static str) {
        (backfill::START, backfill::END)
    }
}
