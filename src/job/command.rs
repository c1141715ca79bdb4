//! What a front end may ask of the desk.

use crate::job::Request;
use crate::model::copy::Copy;
use crate::model::plan::limits::Limits;
use crate::model::policy::Policy;
use crate::model::restore::Wanted;
use crate::model::scope::Scope;
use crate::model::value::Value;

/// A wish. The desk answers each with events; it never blocks the asker.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read the catalog and count everything in scope. A check that runs already is stopped first.
    Check {
        /// What and within which limits.
        scope: Scope,
        /// What to make of the findings.
        policy: Policy,
    },
    /// Count these relations again (places in the catalog's list), keeping everything else.
    Recount {
        /// Places in [`Catalog::relations`](crate::model::catalog::Catalog::relations).
        relations: Vec<usize>,
        /// Within which limits.
        scope: Scope,
    },
    /// List the missing parent keys of a relation.
    MissingParents {
        /// Comes back with the answer.
        ticket: u64,
        /// The relation's place in the catalog's list.
        relation: usize,
        /// Keys wanted.
        limit: u32,
    },
    /// List orphan rows of a relation, one page.
    OrphanRows {
        /// Comes back with the answer.
        ticket: u64,
        /// The relation's place in the catalog's list.
        relation: usize,
        /// Only the children of this missing parent key.
        of: Option<Vec<Value>>,
        /// The key to go on from.
        after: Option<Vec<Value>>,
        /// Rows wanted.
        limit: u32,
    },
    /// Spell out the statements about a relation for a person to copy; nothing is sent to the server.
    Spell {
        /// Comes back with the answer.
        ticket: u64,
        /// The relation's place in the catalog's list.
        relation: usize,
        /// The missing parent whose children are meant.
        of: Option<Vec<Value>>,
        /// The key of the child row that is meant, as its list brought it.
        row: Option<Vec<Value>>,
    },
    /// Make a plan of what is staged, on the catalog as it is now: answered by `Planned`. Writes nothing.
    Plan(Request),
    /// Read the catalog only: answered by `Connected` and `Cataloged`.
    Catalog,
    /// Stop the check or recount that runs: the statement is cancelled on the server.
    Stop,
    /// Stop the list with this ticket, if it still runs.
    Forget {
        /// The list's ticket.
        ticket: u64,
    },
    /// Carry a plan out: it is planned afresh on the database as it is, compared, and run if nothing differs. A job that
    /// runs is stopped first.
    Run {
        /// The plan, as its file has it.
        plan: String,
        /// The file's name in words.
        shown: String,
        /// Declared copies.
        copies: Vec<Copy>,
        /// What a person allowed.
        consent: Consent,
    },
    /// Try a plan out in transactions that are rolled back: answered by `Rehearsed`.
    Rehearse {
        /// The plan, as its file has it.
        plan: String,
        /// The file's name in words.
        shown: String,
        /// Declared copies.
        copies: Vec<Copy>,
        /// What a person allowed.
        consent: Consent,
    },
    /// Go on with a run of the journal.
    Resume {
        /// Its number.
        run: String,
        /// Limits over those of its plan.
        limits: Limits,
        /// Declared copies.
        copies: Vec<Copy>,
        /// What a person allowed.
        consent: Consent,
    },
    /// Turn the wheel of the run that goes on.
    Steer(Wheel),
    /// Bring back what a run took away, overwrote, inserted or filled: answered by `Restored`.
    Restore {
        /// Its number.
        run: String,
        /// What of it is wanted back.
        wanted: Wanted,
        /// What a person allowed.
        consent: Consent,
    },
    /// Tell what of a run waits to be brought back: answered by `Held`.
    Held {
        /// Its number.
        run: String,
    },
    /// List the runs of the journal.
    Runs,
    /// Look through the audit log of this machine for what was changed in it: answered by `Audited`.
    Verify,
    /// Stop everything and close the connections. A run finishes its batch first.
    Close,
}

/// What a person allowed. Nothing is written without both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Whether writes are allowed: by flag or profile.
    pub writes: bool,
    /// The database's name, as it was typed.
    pub confirmed: Option<String>,
    /// Who that is: user and host.
    pub holder: String,
    /// Whether the cost of writes is measured, by writes that are rolled back.
    pub measure: bool,
    /// Whether a run that another living session holds is taken from it.
    pub take_over: bool,
    /// Whether a run goes on though the server was promoted since it was planned.
    pub promoted: bool,
}

/// What a person may do to a run while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wheel {
    /// Pause after the batch that runs, or go on.
    Pause(bool),
    /// Rows of a batch; none lets the pace decide.
    Batch(Option<u64>),
    /// Limits that hold from the next batch on; what is not named stays as it is.
    Limits(Limits),
    /// Stop after the batch that runs; said again: interrupt it.
    Stop,
    /// Stand still with no transaction open, which is answered by `Still`; or go on. For whoever is about to be stopped
    /// by the shell, a rehearsal too.
    Still(bool),
}
