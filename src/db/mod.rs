//! Whom we say it to: the only folder that names the driver. It opens engines, hands out sessions that can only read,
//! reads catalogs, classifies errors and interrupts what runs. Called by `audit`, `repair` and `job` through the traits
//! [`Engine`] and [`Reader`], in plain data.

pub mod postgres;
pub mod sqlite;
pub mod stop;
pub mod tape;
mod tunnel;
mod vouch;
pub mod writer;

use crate::model::catalog::Catalog;
use crate::model::fault::Fault;
use crate::model::fault::Kind;
use crate::model::plan::survey::FileFacts;
use crate::model::scope::Snapshot;
use crate::model::server::{EngineKind, Server};
use crate::model::target::Target;
use crate::model::value::Row;
use crate::sql::{Dialect, Query};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tape::Tape;
use writer::{Armed, Fate, Writer};

/// An open database: many sessions, one identity.
pub trait Engine: Send + Sync {
    /// The engine's language.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Who answered, as read back after connecting.
    fn server(&self) -> &Server;

    /// Reads the catalog.
    fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Fault>>;

    /// Opens up to `count` sessions that can only read, at least one; with [`Snapshot::One`] they all see one moment
    /// until the last of them is dropped. Fewer than asked for, or [`Snapshot::PerRelation`] where the engine cannot
    /// hold one moment, is no error: the answer says what was really given.
    fn readers(&self, count: usize, snapshot: Snapshot) -> BoxFuture<'_, Result<Readers, Fault>>;

    /// Opens a session that may write, for the run that was armed.
    fn writer<'a>(&'a self, _armed: &'a Armed) -> BoxFuture<'a, Result<Box<dyn Writer>, Fault>> {
        Box::pin(async {
            Err(Fault::new(Kind::Unsupported, "waif cannot write to databases of this engine yet."))
        })
    }

    /// The file, where the database is one, as the operating system sees it now. It costs a few calls of the system.
    fn file(&self) -> Option<FileFacts> {
        None
    }

    /// Other programs that have the database's file open, as far as this user may see them.
    fn company(&self) -> Vec<String> {
        Vec::new()
    }

    /// What became of a transaction whose COMMIT was never answered.
    fn fate<'a>(&'a self, _transaction: &'a str) -> BoxFuture<'a, Result<Fate, Fault>> {
        Box::pin(async { Ok(Fate::Forgotten) })
    }

    /// Asks the server to stop every statement this engine's readers run now. Returns when the request is delivered;
    /// the readers then end with [`Kind::Interrupted`](crate::model::fault::Kind::Interrupted).
    fn interrupt(&self) -> BoxFuture<'_, ()>;

    /// Closes every connection. Statements still running are interrupted first.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Sessions that can only read, as they were really given.
pub struct Readers {
    /// At least one session.
    pub sessions: Vec<Box<dyn Reader>>,
    /// Which moment they see.
    pub snapshot: Snapshot,
    /// Why this is not the snapshot asked for, as a sentence, when it is not.
    pub note: Option<String>,
}

/// A session that can only read: by type (it takes nothing but a [`Query`]) and by the server's own setting.
pub trait Reader: Send {
    /// Runs a query and returns all its rows. Dropping the future is not allowed: interrupt instead.
    fn fetch<'a>(&'a mut self, query: &'a Query, limits: Limits) -> BoxFuture<'a, Result<Vec<Row>, Fault>>;

    /// The way to interrupt this session alone, while somebody else awaits its statement.
    fn interrupter(&self) -> Arc<dyn Interrupt>;
}

/// The way to interrupt one session.
pub trait Interrupt: Send + Sync {
    /// Asks the server to stop the statement this session runs now, if it runs one. The fetch then ends with
    /// [`Kind::Interrupted`](crate::model::fault::Kind::Interrupted).
    fn interrupt(&self) -> BoxFuture<'_, ()>;
}

/// What one statement may cost; enforced by the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The time it may run.
    pub statement: Option<Duration>,
    /// The time it may wait for a lock.
    pub lock: Option<Duration>,
    /// Whether it must avoid indexes of the parent (see [`Dialect::no_index_settings`]).
    pub no_index: bool,
}

/// Opens a database and reads back what it is.
///
/// # Errors
/// A [`Fault`] of kind `Unreachable` that names the parameter at fault and where its value came from.
pub async fn open(target: &Target, tape: Tape) -> Result<Arc<dyn Engine>, Fault> {
    match target.engine {
        EngineKind::Postgres => postgres::open(target, tape).await,
        EngineKind::Sqlite => sqlite::open(target, tape).await,
    }
}

/// Has the engine roll back what a writer that crashed left unfinished, where that keeps the database from being read and a
/// person allowed writes and confirmed them. A server does so by itself. Answers with what was done, in words.
///
/// # Errors
/// What keeps it from being rolled back.
pub(crate) async fn settle(
    target: &Target,
    allowed: bool,
    confirmed: Option<&str>,
    tape: Tape,
) -> Result<Option<String>, Fault> {
    match target.engine {
        EngineKind::Postgres => Ok(None),
        EngineKind::Sqlite => sqlite::settle(target, allowed, confirmed, tape).await,
    }
}
