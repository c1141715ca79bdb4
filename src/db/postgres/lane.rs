//! A lane: what others may know of a session while it is busy. The session itself belongs to whoever awaits its
//! statement; through its lane an interrupt finds the backend, the running statement and the wire.

use crate::db::postgres::wire::Lead;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which backend works for a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Backend {
    /// Its process number.
    pub(super) pid: i32,
    /// The start of our transaction on it, where a pooler lends the backend to others as well.
    pub(super) since: Option<String>,
}

/// A session as others see it.
#[derive(Debug)]
pub(super) struct Lane {
    state: Mutex<State>,
    lead: Lead,
    /// Held while a cancel is on its way: no statement of ours follows before it arrived.
    gate: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    backend: Backend,
    fetches: u64,
    running: bool,
    asked: bool,
}

impl Lane {
    /// A lane over a wire.
    pub(super) fn new(lead: Lead) -> Self {
        Self { state: Mutex::default(), lead, gate: tokio::sync::Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes which backend works for the session from now on.
    pub(super) fn served_by(&self, backend: Backend) {
        self.state().backend = backend;
    }

    /// The backend that works for the session.
    pub(super) fn backend(&self) -> Backend {
        self.state().backend.clone()
    }

    /// A fetch begins; wishes for an earlier one are void.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.fetches += 1;
        (state.running, state.asked) = (true, false);
    }

    /// The fetch ended.
    pub(super) fn end(&self) {
        self.state().running = false;
    }

    /// Whether a fetch runs.
    pub(super) fn is_running(&self) -> bool {
        self.state().running
    }

    /// Wishes the running fetch to end, and returns its number; none when nothing runs.
    pub(super) fn ask(&self) -> Option<u64> {
        let mut state = self.state();
        if state.running {
            state.asked = true;
        }
        state.running.then_some(state.fetches)
    }

    /// Whether somebody wished this fetch to end.
    pub(super) fn is_asked(&self) -> bool {
        self.state().asked
    }

    /// Whether that very fetch still runs.
    pub(super) fn runs(&self, fetch: u64) -> bool {
        let state = self.state();
        state.running && state.fetches == fetch
    }

    /// The gate between cancels on their way and statements to come.
    pub(super) fn gate(&self) -> &tokio::sync::Mutex<()> {
        &self.gate
    }

    /// The hold on the session's wire.
    pub(super) fn lead(&self) -> &Lead {
        &self.lead
    }
}
