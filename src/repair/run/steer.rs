//! The wheel of a run: what a person may do to it while it goes on. Shared between the front ends' side, which turns it,
//! and the run, which looks at it between batches.

use crate::db::Interrupt;
use crate::model::plan::limits::Limits;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as Gate, Notify, OwnedMutexGuard};

/// The wheel.
#[derive(Default)]
pub struct Steer {
    paused: AtomicBool,
    stop: AtomicU8,
    batch: AtomicU64,
    limits: Mutex<Limits>,
    turned: Notify,
    session: Mutex<Option<Arc<dyn Interrupt>>>,
    /// Whoever is on the way through has a transaction open. It lets in one after the other, in the order they came.
    gate: Arc<Gate<()>>,
    shut: Mutex<Option<OwnedMutexGuard<()>>>,
}

impl Steer {
    /// Pauses after the batch that runs, or goes on.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Release);
        self.turned.notify_waiters();
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Asks to stop: the first time after the batch that runs, the second time at once; the statement is interrupted and
    /// its transaction rolled back. Returns how often it was asked.
    pub async fn stop(&self) -> u8 {
        let asked = self.stop.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        self.turned.notify_waiters();
        if asked >= 2 {
            let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(session) = session {
                session.interrupt().await;
            }
        }
        asked
    }

    /// Whether somebody asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire) > 0
    }

    /// Sets the rows of a batch by hand; 0 lets the pace decide again.
    pub fn set_batch(&self, rows: u64) {
        self.batch.store(rows, Ordering::Release);
    }

    /// The rows of a batch set by hand.
    pub fn batch(&self) -> Option<u64> {
        Some(self.batch.load(Ordering::Acquire)).filter(|rows| *rows > 0)
    }

    /// Changes limits; what is not named stays as it is. They hold from the next batch on.
    pub fn set_limits(&self, limits: Limits) {
        let mut held = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.and(limits);
        drop(held);
        self.turned.notify_waiters();
    }

    /// All limits that were changed.
    pub fn limits(&self) -> Limits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no transaction is open, and lets none begin until [`Self::let_in`].
    pub async fn shut(&self) {
        let guard = self.pass().await;
        *self.shut.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    }

    /// Lets transactions begin again.
    pub fn let_in(&self) {
        drop(self.shut.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// The way into a transaction: whoever holds it keeps the gate from being shut.
    pub(crate) async fn pass(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.gate).lock_owned().await
    }

    /// The session to interrupt when asked twice.
    pub(crate) fn watch(&self, session: Arc<dyn Interrupt>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    /// Waits until the wheel is turned.
    pub(crate) async fn turned(&self) {
        self.turned.notified().await;
    }
}

impl std::fmt::Debug for Steer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Steer(paused: {}, stopping: {})", self.is_paused(), self.is_stopping())
    }
}
