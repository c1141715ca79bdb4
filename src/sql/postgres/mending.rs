//! PostgreSQL's way to say repairs: the trait, spelled out over the modules of `repair`.

use super::Postgres;
use super::repair::{backfill, ddl, hunt, journal, probe, record, signs, watch, writes};
use super::survey::journal as rights;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, NewIndex, NewKey};
use crate::model::run::Counts;
use crate::model::value::Row;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::keys::{Hunt, Keys};
use crate::sql::rebuild::Rebuilds;
use crate::sql::repairs::{Known, Look, NewRun, Repairs, Seat, Window};
use crate::sql::sessions::Sessions;

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

    fn others(&self, run: &str) -> Query {
        journal::others(run)
    }

    fn alone(&self, _run: &str, _gone: &[String]) -> Option<Change> {
        None
    }

    fn take_over(&self, run: &str, holder: &str) -> Change {
        journal::take_over(run, holder)
    }

    fn fence(&self, run: &str, epoch: u64) -> Change {
        journal::fence(run, epoch)
    }

    fn shape(&self, tables: &[Known<'_>]) -> Query {
        let numbers: Vec<u32> = tables.iter().map(|table| table.number).collect();
        watch::shape(&numbers)
    }

    fn digest(&self, table: Known<'_>) -> Query {
        watch::digest(table.number)
    }

    fn still(&self, table: Known<'_>, digest: &str) -> Change {
        watch::still(table.number, digest)
    }

    fn explain(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change> {
        let mut changes = backfill::fill(copied, window);
        if let Some(fill) = changes.pop() {
            changes.push(watch::explain(&fill));
        }
        changes
    }

    fn reads_by_place(&self, answer: &[Row], by_range: bool) -> Result<(), String> {
        watch::reads_by_place(answer, by_range)
    }

    fn counted(&self, run: &str, place: usize, moment: &str, counts: &Counts) -> Change {
        journal::counted(run, place, moment, counts)
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

    fn first_leaf(&self, copied: &Copied, _rows: u64) -> Query {
        backfill::first_leaf(copied)
    }

    fn leaves(&self, _copied: &Copied, run: &str, place: usize) -> Query {
        backfill::leaves(run, place)
    }

    fn bound(&self, _copied: &Copied, run: &str, place: usize, seat: Seat<'_>, rows: u64) -> Query {
        backfill::bound(run, place, seat.leaf, seat.pass, seat.low, rows)
    }

    fn fill(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change> {
        backfill::fill(copied, window)
    }

    fn remaining(&self, copied: &Copied) -> Query {
        backfill::remaining(copied)
    }

    fn used_up(&self, copied: &Copied, run: &str, place: usize) -> Option<Change> {
        Some(backfill::used_up(copied, run, place))
    }

    fn standing(&self, copied: &Copied) -> Option<(Query, Query)> {
        Some((backfill::standing(copied), backfill::holding(copied)))
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

    fn put_back(&self, copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Vec<Change> {
        vec![record::put_back(copied, run, place, number, epoch)]
    }

    fn take_back(&self, copied: &Copied) -> String {
        record::take_back(copied)
    }

    fn record(&self, run: &str, place: usize) -> String {
        record::table(run, place)
    }

    fn drop_work(&self, _copied: &Copied, run: &str, place: usize) -> Vec<Change> {
        vec![backfill::drop_work(run, place)]
    }

    fn two_values(&self, code: &str, _said: &str) -> bool {
        code == "23505"
    }

    fn create_index(&self, index: &NewIndex) -> Change {
        ddl::create_index(index)
    }

    fn drop_index(&self, index: &TableName, concurrently: bool) -> Change {
        ddl::drop_index(index, concurrently)
    }

    fn index_state(&self, table: &TableName, name: &Ident) -> Query {
        ddl::index_state(table, name)
    }

    fn ends(&self) -> (&'static str, &'static str) {
        (backfill::START, backfill::END)
    }

    fn sessions(&self) -> Option<&'static dyn Sessions> {
        Some(&Postgres)
    }

    fn keys(&self) -> Option<&'static dyn Keys> {
        Some(&Postgres)
    }

    fn rebuilds(&self) -> Option<&'static dyn Rebuilds> {
        None
    }
}

impl Sessions for Postgres {
    fn readable(&self) -> Query {
        rights::readable()
    }

    fn is_past(&self, moment: &str) -> Query {
        watch::is_past(moment)
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

    fn blockers(&self, session: i32) -> Query {
        watch::blockers(session)
    }

    fn at_work(&self, session: i32) -> Query {
        watch::at_work(session)
    }

    fn evict(&self, run: &str) -> Change {
        journal::evict(run)
    }

    fn claim(&self, run: &str, table: &TableName) -> Query {
        journal::claim(run, table)
    }

    fn strangers(&self) -> Query {
        journal::strangers()
    }

    fn own_locks(&self) -> Query {
        journal::own_locks()
    }

    fn wal(&self) -> Query {
        watch::wal()
    }

    fn sight(&self) -> Query {
        signs::sight()
    }

    fn signs(&self, look: &Look<'_>) -> Query {
        signs::signs(look)
    }

    fn building(&self, session: i32) -> Query {
        hunt::building(session)
    }
}

impl Keys for Postgres {
    fn probes(&self, table: &TableName, name: &Ident) -> Query {
        probe::probes(table, name)
    }

    fn probe(&self, text: &str) -> Change {
        probe::probe(text)
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

    fn writes(&self, table: &TableName, whole: &[Ident], rows: u64, rounds: u64) -> Query {
        writes::writes(table, whole, rows, rounds)
    }

    fn ready(&self, create: &str) -> Vec<Change> {
        writes::ready(create)
    }

    fn round(&self, text: &str, number: u64) -> Change {
        writes::round(text, number)
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

    fn key_state(&self, table: &TableName, name: &Ident) -> Query {
        ddl::key_state(table, name)
    }
}
