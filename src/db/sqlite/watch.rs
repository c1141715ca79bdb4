//! The watch over one connection's statements. SQLite asks it every few thousand steps of its machine whether to go
//! on; a deadline or somebody's wish makes it say no. It is the only way into a statement that runs. Shared between a
//! session and whoever interrupts it.

use crate::db::Interrupt;
use crate::db::writer::Progress;
use futures_util::future::BoxFuture;
use std::sync::Arc;
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
    /// Whether several statements are one thing to whoever interrupts: a wish between two of them counts.
    spanning: AtomicBool,
    progress: Arc<Progress>,
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
            spanning: AtomicBool::new(false),
            progress: Arc::default(),
            deadline: AtomicU64::new(NEVER),
        }
    }

    /// A statement begins. A wish that came before it was meant for another one.
    pub(super) fn begin(&self, limit: Option<Duration>) {
        let deadline = limit.map_or(NEVER, |limit| self.now().saturating_add(nanoseconds(limit)));
        if !self.spanning.load(Ordering::Acquire) {
            self.unwanted.store(false, Ordering::Release);
        }
        self.deadline.store(deadline, Ordering::Release);
        self.running.store(true, Ordering::Release);
    }

    /// The statement ended.
    pub(super) fn end(&self) {
        self.running.store(false, Ordering::Release);
    }

    /// Several statements begin that are one thing: a wish that comes between two of them stops the next.
    pub(super) fn span(&self) {
        self.unwanted.store(false, Ordering::Release);
        self.spanning.store(true, Ordering::Release);
    }

    /// They ended.
    pub(super) fn end_span(&self) {
        self.spanning.store(false, Ordering::Release);
    }

    /// Whether somebody wished that what goes on should stop.
    pub(super) fn is_unwanted(&self) -> bool {
        self.unwanted.load(Ordering::Acquire)
    }

    /// The machine asks whether to go on.
    pub(super) fn may_go_on(&self) -> bool {
        self.progress.took(STEPS.unsigned_abs().into());
        self.stopped().is_none()
    }

    /// How far the connection is with what it does.
    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Stops the statement that runs now, if one runs.
    pub(super) fn stop(&self) {
        if self.running.load(Ordering::Acquire) || self.spanning.load(Ordering::Acquire) {
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
    fn a_wish_between_two_statements_of_one_thing_stops_the_next() {
        let watch = Watch::new();
        watch.span();
        watch.stop();
        watch.begin(None);
        assert!(!watch.may_go_on());
        watch.end();
        watch.end_span();
        watch.begin(None);
        assert!(watch.may_go_on(), "what comes after starts afresh");
        assert_eq!(watch.progress().steps(), 2 * 2000, "each question stands for the steps before it");
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
