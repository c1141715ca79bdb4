//! The bench: what the desk's jobs work on together. The engine, the last catalog, the last tallies, and where to tell.

use crate::audit::lint::Evidence;
use crate::db::Engine;
use crate::job::event::Event;
use crate::job::memory::Memory;
use crate::model::catalog::Catalog;
use crate::model::policy::Policy;
use crate::model::tally::Tally;
use crate::model::target::Environment;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// What all jobs of a desk share.
pub(crate) struct Bench {
    /// The open database.
    pub(crate) engine: Arc<dyn Engine>,
    /// How much care it deserves.
    pub(crate) environment: Environment,
    /// Saved checks.
    pub(crate) memory: Memory,
    tell: mpsc::UnboundedSender<Event>,
    known: Mutex<Known>,
}

/// What is known of the database so far.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// The catalog as last read.
    pub(crate) catalog: Option<Arc<Catalog>>,
    /// One tally per relation of that catalog.
    pub(crate) tallies: Vec<Tally>,
    /// Answers that are no counts.
    pub(crate) evidence: Evidence,
    /// What to make of findings.
    pub(crate) policy: Policy,
}

impl Bench {
    /// An empty bench over an open database.
    pub(crate) fn new(
        engine: Arc<dyn Engine>,
        environment: Environment,
        memory: Memory,
        tell: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self { engine, environment, memory, tell, known: Mutex::new(Known::default()) }
    }

    /// What is known, for reading and changing; hold it only for a moment.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the front end; never blocks. A front end that is gone hears nothing.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.tell.send(event);
    }
}
