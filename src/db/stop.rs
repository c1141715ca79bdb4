//! The wish to stop: set by a person, read between statements, and delivered to the server for the statement that runs.

use crate::db::Interrupt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A wish to stop, shared by everyone who works on one job.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    asked: AtomicBool,
    over: AtomicBool,
    sessions: Mutex<Vec<Arc<dyn Interrupt>>>,
}

impl Stop {
    /// A session works on this job from now on; it will be interrupted when somebody asks.
    pub fn watch(&self, session: Arc<dyn Interrupt>) {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// The sessions watched so far are done with this job; it goes on with others.
    pub fn release(&self) {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The job ended: nothing is left to interrupt.
    pub fn rest(&self) {
        self.0.over.store(true, Ordering::Release);
        self.release();
    }

    /// Whether somebody asked.
    pub fn asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    /// Asks everyone to stop, and interrupts what runs until the job has ended: a statement that slipped out between
    /// the wish and the interrupt is caught by the next round.
    pub async fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
        while !self.0.over.load(Ordering::Acquire) {
            let sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone();
            for session in sessions {
                session.interrupt().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stop(asked: {})", self.asked())
    }
}
