//! Writing: the right to do it, the session that does it, and what it answers. A transaction is a value: statements with
//! what each must come to; it commits whole or leaves nothing, and nobody outside this folder ever holds one open.
//! Called by `repair` through the trait [`Writer`]; `job` makes the right from what a person confirmed.

use crate::db::Interrupt;
use crate::model::fault::{Fault, Kind};
use crate::model::server::Server;
use crate::model::value::Row;
use crate::sql::Query;
use crate::sql::change::Change;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The right to write to one database, for one run. It is made from what a person typed and cannot be made otherwise.
#[derive(Clone, Debug)]
pub struct Armed {
    run: String,
}

impl Armed {
    /// Arms a run: writes must be allowed, and `confirmed` must be the database's name, letter by letter.
    ///
    /// # Errors
    /// A usage fault that says which of the two is missing, or that nothing can be written here at all.
    pub fn by(server: &Server, allowed: bool, confirmed: Option<&str>, run: &str) -> Result<Self, Fault> {
        let name = server.database.visible();
        if !allowed {
            return Err(Fault::new(Kind::Usage, "Writes are not allowed here, so nothing was written.")
                .hint("Allow them with --allow-writes, or with writes = true in the profile."));
        }
        match confirmed {
            Some(typed) if typed == server.database.raw() => {}
            Some(typed) => {
                return Err(Fault::new(
                    Kind::Usage,
                    format!(
                        "The name confirmed is {typed:?}, and the database is {name}: nothing was written."
                    ),
                )
                .hint(format!("Confirm with --confirm {name} if that is the one you mean.")));
            }
            None => {
                return Err(Fault::new(Kind::Usage, "Nobody confirmed the run, so nothing was written.")
                    .hint(format!("Confirm with --confirm {name}.")));
            }
        }
        if server.standby {
            return Err(Fault::new(Kind::Unsupported, "This is a standby: nothing can be written to it.")
                .hint("Connect to the primary."));
        }
        if server.pooled {
            return Err(Fault::new(
                Kind::Unsupported,
                "A transaction pooler stands between waif and the server: locks and settings would leak to others.",
            )
            .hint("Connect to the server itself."));
        }
        if run.is_empty() || !run.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
            return Err(Fault::new(Kind::Usage, "The number of the run is malformed."));
        }
        Ok(Self { run: run.to_owned() })
    }

    /// The run's number: letters, digits and hyphens.
    pub fn run(&self) -> &str {
        &self.run
    }
}

/// What one statement of a writer may cost; enforced by the server. There is no statement without a limit on locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteLimits {
    /// The time it may wait for a lock.
    pub lock: Duration,
    /// The time it may run.
    pub statement: Option<Duration>,
    /// Whether all statements of a transaction see one moment, as repeatable read does: then whoever changed a row since
    /// makes it fail, to be tried again.
    pub one_moment: bool,
}

/// What a statement came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Rows it returned, where it returns rows.
    pub rows: Vec<Row>,
    /// Rows it touched, or returned.
    pub touched: u64,
    /// How long it took.
    pub took: Duration,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It is committed.
    Committed(Vec<Done>),
    /// COMMIT went out and no answer came back: ask [`Engine::fate`](crate::db::Engine::fate).
    Unknown {
        /// The transaction's own number.
        transaction: String,
        /// How the link broke.
        fault: Fault,
    },
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is committed.
    Committed,
    /// It left nothing.
    Aborted,
    /// The server has not noticed yet that we are gone.
    InProgress,
    /// The server does not remember: the journal decides.
    Forgotten,
}

/// A session that may write, for one run. It is closed when dropped and never used for anything else.
pub trait Writer: Send {
    /// Runs statements in one transaction and commits it; any error or anything unexpected rolls it back whole.
    fn atomically<'a>(
        &'a mut self,
        changes: &'a [Change],
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Written, Fault>>;

    /// Runs statements in one transaction, puts a question to it at the end, and rolls it back whatever happened. The
    /// answer of a statement that failed is its fault; nothing after it runs.
    fn rehearse<'a>(
        &'a mut self,
        changes: &'a [Change],
        question: Option<&'a Query>,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Rehearsed>;

    /// Runs one statement that cannot stand in a transaction.
    fn alone<'a>(&'a mut self, change: &'a Change, limits: WriteLimits)
    -> BoxFuture<'a, Result<Done, Fault>>;

    /// Reads, in the writing session.
    fn fetch<'a>(
        &'a mut self,
        query: &'a Query,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Vec<Row>, Fault>>;

    /// The way to interrupt this session, while somebody else awaits its statement.
    fn interrupter(&self) -> Arc<dyn Interrupt>;

    /// The number of the backend that serves it, where there is one: others may look for its locks.
    fn backend(&self) -> Option<i32>;

    /// How far the transaction is, while somebody else awaits it.
    fn progress(&self) -> Arc<Progress>;
}

/// How far a writer is with what it was given last. Read it as often as you like; it costs the session nothing.
#[derive(Debug, Default)]
pub struct Progress {
    statements: AtomicU64,
    touched: AtomicU64,
    steps: AtomicU64,
}

impl Progress {
    /// Statements that are done.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Rows they touched.
    pub fn touched(&self) -> u64 {
        self.touched.load(Ordering::Relaxed)
    }

    /// Steps the engine's machine took, where the engine counts them: they go up as long as a statement is at work, also
    /// where none has ended for a long time.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Something new begins.
    pub(in crate::db) fn begin(&self) {
        for figure in [&self.statements, &self.touched, &self.steps] {
            figure.store(0, Ordering::Relaxed);
        }
    }

    /// A statement is done.
    pub(in crate::db) fn done(&self, touched: u64) {
        self.touched.fetch_add(touched, Ordering::Relaxed);
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The machine took so many steps more.
    pub(in crate::db) fn took(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }
}

/// What a rehearsal came to.
#[derive(Clone, Debug, Default)]
pub struct Rehearsed {
    /// What each statement came to, up to the first that failed.
    pub done: Vec<Done>,
    /// The answer to the question; empty when it was not reached.
    pub answer: Vec<Row>,
    /// Why it ended early.
    pub fault: Option<Fault>,
}
