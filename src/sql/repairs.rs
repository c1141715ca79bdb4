//! What an engine's language can say when it repairs: the counterpart of [`Dialect`](crate::sql::Dialect) for statements
//! that write. Every method only composes text. Called by `repair` alone.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, NewIndex, NewKey};
use crate::model::run::Counts;
use crate::sql::Query;
use crate::sql::change::Change;

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

/// The parts of a hunt for the orphans of one key, as the server composed them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunt {
    /// The table's oid.
    pub oid: u32,
    /// Its pages.
    pub pages: u64,
    /// Pages of the parent, its partitions among them.
    pub parent_pages: u64,
    /// What is read, named `c`.
    pub child: String,
    /// When a reference is whole.
    pub whole: String,
    /// When it is there in part only; none where it has one column.
    pub half: Option<String>,
    /// When its parent is missing.
    pub lacks: String,
    /// How a row is named.
    pub key: String,
    /// Whether a reference in part violates the key.
    pub full: bool,
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
}

/// What an engine can say when it repairs.
pub trait Repairs: Send + Sync {
    /// Statements that make the journal where it is not.
    fn create_journal(&self) -> Vec<Change>;
    /// One row: whether the journal is there.
    fn journal_stands(&self) -> Query;
    /// Writes a run down, with its steps.
    fn begin_run(&self, run: &NewRun<'_>) -> Vec<Change>;
    /// Takes a run over; answers with the new epoch.
    fn take_over(&self, run: &str, holder: &str) -> Change;
    /// Holds the run for the rest of the transaction, or fails when somebody else has it.
    fn fence(&self, run: &str, epoch: u64) -> Change;
    /// One row: the database's name and number, and whether it is a standby.
    fn whereabouts(&self) -> Query;
    /// Takes the hold on a run for the session; one row: whether it was free, or ours before.
    fn hold(&self, run: &str) -> Query;
    /// At most one row: how far a run came by its journal, in words.
    fn how_far(&self, run: &str) -> Query;
    /// At most one row: which session holds a run.
    fn holder(&self, run: &str) -> Query;
    /// What a step relies on in these tables, a line each: columns, keys, triggers, rules, policies, partitions.
    fn shape(&self, tables: &[u32]) -> Query;
    /// One row: a digest of the same for one table.
    fn digest(&self, table: u32) -> Query;
    /// Fails when the digest of a table is another one by now.
    fn still(&self, table: u32, digest: &str) -> Change;
    /// Who keeps this session waiting: description, whether it is an autovacuum, whether that one prevents wraparound, the
    /// server's time to a deadlock check in milliseconds.
    fn blockers(&self, session: i32) -> Query;
    /// At most one row: whether the server is at work for this session, or was a moment ago; none when it is gone.
    fn at_work(&self, session: i32) -> Query;
    /// One row: whether this moment has come, by the clock of the server.
    fn is_past(&self, moment: &str) -> Query;
    /// How the server would carry a statement out, a line each.
    fn explain(&self, change: &Change) -> Change;
    /// At most one row: what a proved key must refuse, as composed by the server: the statement that points a child to no
    /// parent, why it is not to be tried, the statement that deletes a parent with children, why it is not to be tried.
    fn probes(&self, table: &TableName, name: &Ident) -> Query;
    /// At most one row: the parts of a hunt for orphans of a key, why there is none, the pages of its parent.
    fn hunt(&self, table: &TableName, name: &Ident) -> Query;
    /// One row: orphans among the rows of these pages, or of all, and rows whose reference is there in part only.
    fn hunted(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query;
    /// Some rows of these pages that violate the key, named by their primary key.
    fn caught(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query;
    /// One row: rows whose reference is there in part only; none where a reference has one column.
    fn halves(&self, hunt: &Hunt) -> Option<Query>;
    /// Lets the server look parents up one by one, for the rest of a transaction.
    fn one_by_one(&self) -> Change;
    /// At most one row about the index a session builds: phase, done, total, unit, the session it waits for.
    fn building(&self, session: i32) -> Query;
    /// Writes down what was counted of a step: `before` it, where nothing was written down yet, or `after` it.
    fn counted(&self, run: &str, place: usize, moment: &str, counts: &Counts) -> Change;
    /// At most one row of writes to be timed: what prepares their rows, the insertion and the deletion of a round but for
    /// its number, why nothing is to be written.
    fn writes(&self, table: &TableName, whole: &[Ident], rows: u64, rounds: u64) -> Query;
    /// What precedes the rounds.
    fn ready(&self, create: &str) -> Vec<Change>;
    /// One round of what the server composed.
    fn round(&self, text: &str, number: u64) -> Change;
    /// A probe the server composed.
    fn probe(&self, text: &str) -> Change;
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
    /// Ends the sessions a run had before it is taken over; answers with their number.
    fn evict(&self, run: &str) -> Change;
    /// One row: whether WAL is archived, whether this role may count what waits for the archive, whether it may measure
    /// the folder of the WAL.
    fn sight(&self) -> Query;
    /// One row of signs whether the server can bear more: replay lag in milliseconds, replicas whose lag is hidden,
    /// whether archiving fails, vacuums on these tables, sessions that wait for us, whether the window has ended,
    /// statements of others that run, sessions whose state is hidden, a slot that is about to lose WAL, segments that wait
    /// for the archive, bytes of WAL, bytes of the database.
    fn signs(&self, look: &Look<'_>) -> Query;
    /// Takes the right to change a table for the session; one row: whether it was free, and other runs that go on.
    fn claim(&self, run: &str, table: &TableName) -> Query;

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
    /// At most one row: a table that has a row to be filled: oid, schema, name.
    fn first_leaf(&self, copied: &Copied) -> Query;
    /// One row: where the log of writes ends, in bytes.
    fn wal(&self) -> Query;
    /// The tables of a work set: oid, schema, name, rows, and the first page behind the last row, as a place.
    fn leaves(&self, run: &str, place: usize) -> Query;
    /// One row: where a window of so many rows of a pass ends; none at the end of the table.
    fn bound(&self, run: &str, place: usize, leaf: u32, pass: Option<u8>, low: &str, rows: u64) -> Query;
    /// Statements that fill a window and write the batch down; the last answers with the number of rows.
    fn fill(&self, copied: &Copied, window: &Window<'_>) -> Vec<Change>;
    /// One row: rows fillable now, true orphans, wrong copies, copies without a parent, those of them whose row refers
    /// to one.
    fn remaining(&self, copied: &Copied) -> Query;
    /// Fails while a row of the work set still is as it was when the set was made.
    fn used_up(&self, copied: &Copied, run: &str, place: usize) -> Change;
    /// One row beside a work set just made: rows to be filled, with a parent or without; wrong copies; copies without a
    /// parent, those of them that refer to one.
    fn standing(&self, copied: &Copied) -> Query;
    /// Statements that look for what is left to do and keep it.
    fn look_for_left(&self, copied: &Copied, run: &str, place: usize) -> Vec<Change>;
    /// One row about what they found, as [`Repairs::remaining`].
    fn left_over(&self, copied: &Copied, run: &str, place: usize) -> Query;
    /// At most one row: there is a row to fill.
    fn any_open(&self, copied: &Copied) -> Query;
    /// Puts back what the run filled and what is not what the parent holds any more; where there was such a thing, it is
    /// a batch of less than no rows with this number.
    fn put_back(&self, copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Change;
    /// The statement that sets back what a backfill filled, for people: `RUN` and `STEP` stand for what only a run knows.
    fn take_back(&self, copied: &Copied) -> String;
    /// The table a backfill keeps the keys of what it filled in, for people.
    fn record(&self, run: &str, place: usize) -> String;
    /// Removes the work set.
    fn drop_work(&self, run: &str, place: usize) -> Change;
    /// Creates an index.
    fn create_index(&self, index: &NewIndex) -> Change;
    /// Drops an index.
    fn drop_index(&self, index: &TableName, concurrently: bool) -> Change;
    /// Makes the index of a partition part of the index of the whole.
    fn attach_index(&self, whole: &TableName, part: &TableName) -> Change;
    /// Adds a foreign key.
    fn add_key(&self, key: &NewKey) -> Vec<Change>;
    /// Proves a foreign key.
    fn prove_key(&self, table: &TableName, name: &Ident, probe: bool) -> Vec<Change>;
    /// Drops a foreign key and gives its name to its twin.
    fn swap_key(&self, table: &TableName, old: &Ident, twin: &Ident) -> Vec<Change>;
    /// Drops a foreign key.
    fn drop_key(&self, table: &TableName, name: &Ident) -> Change;
    /// At most one row: whether the index is whole, whether somebody builds it now, what it is part of, its definition.
    fn index_state(&self, table: &TableName, name: &Ident) -> Query;
    /// At most one row: whether the key is proved, and its definition.
    fn key_state(&self, table: &TableName, name: &Ident) -> Query;

    /// Owners of parts of the journal whom this role does not trust; a row each.
    fn strangers(&self) -> Query;
    /// Locks this session holds on tables: table, mode.
    fn own_locks(&self) -> Query;

    /// The first place of a table, and the first behind all of its rows.
    fn ends(&self) -> (&'static str, &'static str);
}
