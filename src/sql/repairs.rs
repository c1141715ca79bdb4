//! What an engine's language can say when it repairs: the counterpart of [`Dialect`](crate::sql::Dialect) for statements
//! that write. Every method only composes text. Called by `repair` alone.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, NewIndex};
use crate::model::run::Counts;
use crate::model::value::Row;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::keys::Keys;
use crate::sql::rebuild::Rebuilds;
use crate::sql::sessions::Sessions;

/// A run to be written down.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Its number.
    pub id: &'a str,
    /// The format of its plan.
    pub format: u32,
    /// Its plan, as in the file.
    pub plan: &'a str,
    /// Who runs it: user, host and process.
    pub holder: &'a str,
    /// The ids of its steps, in order.
    pub steps: Vec<String>,
}

/// A window of a backfill: the rows of one table between two places.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// The run.
    pub run: &'a str,
    /// The step's place among the steps.
    pub place: usize,
    /// The batch's number within the step.
    pub number: u64,
    /// The epoch of the session that does it.
    pub epoch: u64,
    /// The table's oid.
    pub leaf: u32,
    /// The table.
    pub leaf_name: &'a TableName,
    /// Which rows of each page: those of one pass, or all of them.
    pub pass: Option<u8>,
    /// The first row place.
    pub low: &'a str,
    /// The first row place behind it.
    pub high: &'a str,
    /// Whether the server can read a range of row places.
    pub by_range: bool,
}

/// Where a window begins.
#[derive(Clone, Copy, Debug)]
pub struct Seat<'a> {
    /// The table's number.
    pub leaf: u32,
    /// Which rows of each page: those of one pass, or all of them.
    pub pass: Option<u8>,
    /// The first row place.
    pub low: &'a str,
}

/// What is looked at before a batch; what is not wanted is not asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// The tables that are changed.
    pub tables: &'a [u32],
    /// The end of the window.
    pub window_end: Option<&'a str>,
    /// Statements that run.
    pub active: bool,
    /// Segments that wait for the archive.
    pub backlog: bool,
    /// The size of the WAL.
    pub wal: bool,
    /// The size of the database.
    pub size: bool,
    /// Where the log of writes ends.
    pub end: bool,
}

/// A table by the engine's number for it and by its name: PostgreSQL goes by the one, SQLite by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// The engine's number; 0 where it has none.
    pub number: u32,
    /// Its name.
    pub name: &'a TableName,
}

/// What an engine can say when it repairs.
pub trait Repairs: Send + Sync {
    /// Statements that make the journal where it is not.
    fn create_journal(&self) -> Vec<Change>;
    /// One row: whether the journal is there.
    fn journal_stands(&self) -> Query;
    /// Writes a run down, with its steps.
    fn begin_run(&self, run: &NewRun<'_>) -> Vec<Change>;
    /// Other runs that the journal calls running: id, holder, when it began.
    fn others(&self, run: &str) -> Query;
    /// Fails when the journal calls another run running than this one and those, whose processes are known to be gone. None
    /// where sessions hold what they change, so that the engine itself tells who is there.
    fn alone(&self, run: &str, gone: &[String]) -> Option<Change>;
    /// Takes a run over; answers with the new epoch.
    fn take_over(&self, run: &str, holder: &str) -> Change;
    /// Holds the run for the rest of the transaction, or fails when somebody else has it.
    fn fence(&self, run: &str, epoch: u64) -> Change;
    /// What a step relies on in these tables, a line each: columns, keys, triggers, rules, policies, partitions.
    fn shape(&self, tables: &[Known<'_>]) -> Query;
    /// One row: a digest of the same for one table.
    fn digest(&self, table: Known<'_>) -> Query;
    /// Fails when the digest of a table is another one by now.
    fn still(&self, table: Known<'_>, digest: &str) -> Change;
    /// Statements of which the last answers how the engine would fill a window.
    fn explain(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change>;
    /// Whether that answer says that the window is read by the places of its rows.
    ///
    /// # Errors
    /// What is read instead, as the engine names it.
    fn reads_by_place(&self, answer: &[Row], by_range: bool) -> Result<(), String>;
    /// Writes down what was counted of a step: `before` it, where nothing was written down yet, or `after` it.
    fn counted(&self, run: &str, place: usize, moment: &str, counts: &Counts) -> Change;
    /// Writes down what became of a run.
    fn run_state(&self, run: &str, state: &str, note: Option<&str>) -> Change;
    /// Writes down what became of a step.
    fn step_state(
        &self,
        run: &str,
        place: usize,
        state: &str,
        total: Option<u64>,
        note: Option<&str>,
    ) -> Change;
    /// One row for a run.
    fn run(&self, id: &str) -> Query;
    /// All runs, newest first.
    fn runs(&self) -> Query;
    /// The steps of a run.
    fn steps(&self, run: &str) -> Query;
    /// Steps of a run whose rows are not the sum of their batches: id, rows, sum. None in a journal nobody edited.
    fn contradictions(&self, run: &str) -> Query;

    /// Statements that make the record of what a backfill fills.
    fn create_record(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change>;
    /// Statements that make the work set of a backfill.
    fn create_work(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change>;
    /// The same of some rows of one table only, wherever they lie: for a rehearsal.
    fn create_sample(
        &self,
        copied: &Copied,
        run: &str,
        place: usize,
        leaf: &TableName,
        rows: u64,
    ) -> Vec<Change>;
    /// At most one row: a table that has a row to be filled: number, schema, name, and where a window of so many rows begins
    /// and ends that holds it, where a sample is no set of its own.
    fn first_leaf(&self, copied: &Copied, rows: u64) -> Query;
    /// The tables that have rows to be filled: number, schema, name, rows where they are known, and the first place behind
    /// the last row.
    fn leaves(&self, copied: &Copied, run: &str, place: usize) -> Query;
    /// One row: where a window of so many rows of a pass ends, and how many rows it looks at where that is what a window is measured
    /// by; none at the end of the table.
    fn bound(&self, copied: &Copied, run: &str, place: usize, seat: Seat<'_>, rows: u64) -> Query;
    /// Statements that fill a window and write the batch down; the last answers with the number of rows.
    fn fill(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change>;
    /// One row: rows fillable now, true orphans, wrong copies, copies without a parent, those of them whose row refers
    /// to one.
    fn remaining(&self, copied: &Copied) -> Query;
    /// Fails while a row of the work set still is as it was when the set was made. None where nobody else can write in the
    /// transaction that made it.
    fn used_up(&self, copied: &Copied, run: &str, place: usize) -> Option<Change>;
    /// Beside a work set just made, one row: rows to be filled, with a parent or without; rows that hold a copy. And, where
    /// there are such, one row about them as [`Repairs::remaining`]. None where no work set tells a part of it.
    fn standing(&self, copied: &Copied) -> Option<(Query, Query)>;
    /// Statements that look for what is left to do and keep it; none where that gains nothing.
    fn look_for_left(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change>;
    /// One row about what they found, as [`Repairs::remaining`].
    fn left_over(&self, copied: &Copied, run: &str, place: usize) -> Query;
    /// At most one row: there is a row to fill.
    fn any_open(&self, copied: &Copied) -> Query;
    /// Puts back what the run filled and what is not what the parent holds any more; where there was such a thing, it is
    /// a batch of less than no rows with this number. The last statement answers with how many rows were put back.
    fn put_back(&self, copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Vec<Change>;
    /// The statement that sets back what a backfill filled, for people: `RUN` and `STEP` stand for what only a run knows.
    fn take_back(&self, copied: &Copied) -> String;
    /// The table a backfill keeps the keys of what it filled in, for people.
    fn record(&self, run: &str, place: usize) -> String;
    /// Removes the work set, where there is one.
    fn drop_work(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change>;
    /// Whether a fault, by its code and what the engine said, is that a row would be filled with two values.
    fn two_values(&self, code: &str, said: &str) -> bool;
    /// Creates an index.
    fn create_index(&self, index: &NewIndex) -> Change;
    /// Drops an index.
    fn drop_index(&self, index: &TableName, concurrently: bool) -> Change;
    /// At most one row: whether the index is whole, whether somebody builds it now, what it is part of, its definition.
    fn index_state(&self, table: &TableName, name: &Ident) -> Query;

    /// The first place of a table, and the first behind all of its rows.
    fn ends(&self) -> (&'static str, &'static str);

    /// What can be said to a server about sessions; none where the database is a file.
    fn sessions(&self) -> Option<&'static dyn Sessions>;
    /// What can be said to change foreign keys where they stand; none where a table has to be built anew for it.
    fn keys(&self) -> Option<&'static dyn Keys>;
    /// What can be said to build a table anew; none where keys are changed where they stand.
    fn rebuilds(&self) -> Option<&'static dyn Rebuilds>;
}
