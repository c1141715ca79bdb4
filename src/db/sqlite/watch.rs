//! The watch over one connection's statements. SQLite asks it every few thousand steps of its machine whether to go
//! on; a deadline or somebody's wish makes it say no. It is the only way into a statement that runs. Shared between a
//! session and whoever interrupts it.

use crate::db::Interrupt;
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Steps of SQLite's machine between two questions: some ten microseconds, far below what a person notices.
pub(super) const STEPS: i32 = 2000;

/// The watch of one connection.
#[derive(Debug)]
pub(super) struct Watch {
    born: Instant,
    running: AtomicBool,
    unwanted: AtomicBool,
    /// Nanoseconds after `born`; [`NEVER`] without a limit.
    deadline: AtomicU64,
}

const NEVER: u64 = u64::MAX;

/// Why a statement was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Somebody asked.
    Asked,
    /// The deadline passed.
    Late,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            running: AtomicBool::new(false),
            unwanted: AtomicBool::new(false),
            deadline: AtomicU64::new(NEVER),
        }
    }

    /// A statement begins. A wish that came before it was meant for another one.
    pub(super) fn begin(&self, limit: Option<Duration>) {
        let deadline = limit.map_or(NEVER, |limit| self.now().saturating_add(nanoseconds(limit)));
        self.unwanted.store(false, Ordering::Release);
        self.deadline.store(deadline, Ordering::Release);
        self.running.store(true, Ordering::Release);
    }

    /// The statement ended.
    pub(super) fn end(&self) {
        self.running.store(false, Ordering::Release);
    }

    /// Stops the statement that runs now, if one runs.
    pub(super) fn stop(&self) {
        if self.running.load(Ordering::Acquire) {
            self.unwanted.store(true, Ordering::Release);
        }
    }

    /// Why the statement may not go on; none: it may.
    pub(super) fn stopped(&self) -> Option<Stopped> {
        if !self.running.load(Ordering::Acquire) {
            None
        } else if self.unwanted.load(Ordering::Acquire) {
            Some(Stopped::Asked)
        } else if self.now() >= self.deadline.load(Ordering::Acquire) {
            Some(Stopped::Late)
        } else {
            None
        }
    }

    fn now(&self) -> u64 {
        nanoseconds(self.born.elapsed())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER - 1)
}

impl Interrupt for Watch {
    fn interrupt(&self) -> BoxFuture<'_, ()> {
        self.stop();
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_stops_only_the_statement_that_runs() {
        let watch = Watch::new();
        watch.stop();
        watch.begin(None);
        assert_eq!(watch.stopped(), None, "the wish came before the statement");
        watch.stop();
        assert_eq!(watch.stopped(), Some(Stopped::Asked));
        watch.end();
        watch.begin(None);
        assert_eq!(watch.stopped(), None, "the next statement starts afresh");
    }

    #[test]
    fn a_deadline_stops_what_runs_past_it() {
        let watch = Watch::new();
        watch.begin(Some(Duration::ZERO));
        assert_eq!(watch.stopped(), Some(Stopped::Late));
        watch.begin(Some(Duration::MAX));
        assert_eq!(watch.stopped(), None);
    }
}
