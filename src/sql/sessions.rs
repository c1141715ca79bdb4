//! What is said to a server about sessions, its own and those of others: who holds a run or a table, who waits for whom,
//! whether it can bear more. A file has no sessions: there the operating system is asked. Called by `repair` through
//! [`Repairs::sessions`](crate::sql::repairs::Repairs::sessions).

use crate::model::ident::TableName;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::Look;

/// What can be said about sessions.
pub trait Sessions: Send + Sync {
    /// One row: the database's name and number, and whether it is a standby.
    fn whereabouts(&self) -> Query;
    /// Takes the hold on a run for the session; one row: whether it was free, or ours before.
    fn hold(&self, run: &str) -> Query;
    /// At most one row: how far a run came by its journal, in words.
    fn how_far(&self, run: &str) -> Query;
    /// At most one row: which session holds a run.
    fn holder(&self, run: &str) -> Query;
    /// Who keeps this session waiting: description, whether it is an autovacuum, whether that one prevents wraparound, the
    /// server's time to a deadlock check in milliseconds.
    fn blockers(&self, session: i32) -> Query;
    /// At most one row: whether the server is at work for this session, or was a moment ago; none when it is gone.
    fn at_work(&self, session: i32) -> Query;
    /// Ends the sessions a run had before it is taken over; answers with their number.
    fn evict(&self, run: &str) -> Change;
    /// Takes the right to change a table for the session; one row: whether it was free, and other runs that go on.
    fn claim(&self, run: &str, table: &TableName) -> Query;
    /// Owners of parts of the journal whom this role does not trust; a row each.
    fn strangers(&self) -> Query;
    /// One row: the statements that let the role read the journal; NULL where it may.
    fn readable(&self) -> Query;
    /// Locks this session holds on tables: table, mode.
    fn own_locks(&self) -> Query;
    /// One row: where the log of writes ends, in bytes.
    fn wal(&self) -> Query;
    /// One row: whether WAL is archived, whether this role may count what waits for the archive, whether it may measure
    /// the folder of the WAL.
    fn sight(&self) -> Query;
    /// One row of signs whether the server can bear more: replay lag in milliseconds, replicas whose lag is hidden,
    /// whether archiving fails, vacuums on these tables, sessions that wait for us, whether the window has ended,
    /// statements of others that run, sessions whose state is hidden, a slot that is about to lose WAL, segments that wait
    /// for the archive, bytes of WAL, bytes of the database, where the log of writes ends in bytes.
    fn signs(&self, look: &Look<'_>) -> Query;
    /// At most one row about the index a session builds: phase, done, total, unit, the session it waits for.
    fn building(&self, session: i32) -> Query;
    /// One row: whether this moment has come, by the clock of the server.
    fn is_past(&self, moment: &str) -> Query;
}
