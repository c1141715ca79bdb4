//! What the desk tells.

use crate::history::Verified;
use crate::job::memory::{Compared, Remembered};
use crate::model::catalog::Catalog;
use crate::model::check::Check;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::list::{List, MissingParents, Spelling};
use crate::model::plan::Plan;
use crate::model::restore::Restored;
use crate::model::run::{News, Rehearsal, Run};
use crate::model::sent::Sent;
use crate::model::server::Server;
use crate::model::tally::Tally;
use std::sync::Arc;

/// News from the desk.
#[derive(Clone, Debug)]
pub enum Event {
    /// The connection stands.
    Connected(Arc<Server>),
    /// The catalog was read.
    Cataloged(Arc<Catalog>),
    /// The findings as they stand now, worst first; replaces the previous ones.
    Found(Arc<Vec<Finding>>),
    /// A relation has a new tally.
    Tallied {
        /// The relation's place in the catalog's list.
        relation: usize,
        /// Its tally.
        tally: Tally,
    },
    /// How far the counting is.
    Progress(Progress),
    /// A check or recount ended; the whole result. It may be incomplete: ask [`Check::complete`].
    Checked(Arc<Check>),
    /// What was saved of earlier checks; told before anything is counted, and only where there is something.
    Remembered(Arc<Remembered>),
    /// A check or recount against the check before; told just before [`Event::Checked`].
    Compared(Arc<Compared>),
    /// What is done to make a plan: `reading the catalog`, `surveying`.
    Planning(&'static str),
    /// A plan was made, or could not be. It may be refused: ask [`Plan::is_refused`].
    Planned(Result<Arc<Plan>, Fault>),
    /// Missing parent keys, in answer to a ticket.
    MissingParents {
        /// The asker's ticket.
        ticket: u64,
        /// The answer.
        answer: Result<MissingParents, Fault>,
    },
    /// A page of orphan rows, in answer to a ticket.
    OrphanRows {
        /// The asker's ticket.
        ticket: u64,
        /// The answer.
        answer: Result<List, Fault>,
    },
    /// A run tells what it does.
    Run(News),
    /// No transaction is open, and none begins before the wheel is let go.
    Still,
    /// What a rehearsal showed.
    Rehearsed(Result<Rehearsal, Fault>),
    /// What came of a restore.
    Restored(Result<Restored, Fault>),
    /// What of a run waits to be brought back.
    Held(Result<Run, Fault>),
    /// The runs of the journal, newest first.
    Runs(Result<Vec<Run>, Fault>),
    /// What a look through the audit log of this machine found; none where no log is kept.
    Audited(Result<Option<Verified>, Fault>),
    /// Statements about a relation, in answer to a ticket.
    Spelled {
        /// The asker's ticket.
        ticket: u64,
        /// The answer.
        answer: Result<Spelling, Fault>,
    },
    /// A statement was sent.
    Sent(Sent),
    /// Something a person should know once, a sentence: a limit of the server, a snapshot that could not be had.
    Notice(String),
    /// Connecting, or a check as a whole, failed.
    Failed(Fault),
    /// The desk closed; nothing follows.
    Closed,
}

/// The phase in which each relation is asked for one orphan, before any is counted.
pub const PROBING: &str = "probing";

/// How far a count is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What is being done: `reading the catalog`, `probing`, `counting`.
    pub phase: &'static str,
    /// Relations done.
    pub done: usize,
    /// Relations in scope.
    pub total: usize,
    /// Child tables being read now, as written by a person (not yet made visible).
    pub now: Vec<String>,
}
