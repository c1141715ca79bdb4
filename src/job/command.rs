//! What a front end may ask of the desk.

use crate::model::policy::Policy;
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
    /// Read the catalog only: answered by `Connected` and `Cataloged`.
    Catalog,
    /// Stop the check or recount that runs: the statement is cancelled on the server.
    Stop,
    /// Stop the list with this ticket, if it still runs.
    Forget {
        /// The list's ticket.
        ticket: u64,
    },
    /// Stop everything and close the connections.
    Close,
}
