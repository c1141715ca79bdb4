//! The wish to stop: set by a person or a time limit, read between statements. Setting it interrupts nothing by itself;
//! whoever sets it also calls [`Engine::interrupt`](crate::db::Engine::interrupt).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A wish to stop, shared by everyone who works on one job.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks everyone to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
