//! What the desk remembers of a target: the saved checks, read while it connects and added to after every check. Without a
//! folder it remembers for as long as it is open.

use crate::history::{AuditLog, Past, Point, Record, Store, Trend};
use crate::job::event::Event;
use crate::model::check::Check;
use crate::model::target::Target;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Points kept for the line of time.
const POINTS: usize = 200;

/// The saved checks of a target, as the desk tells them before the first check.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The time now, to tell ages by.
    pub now: Timestamp,
    /// The last check that is worth showing, with what it found.
    pub last: Option<Record>,
    /// Whole checks, the earliest first.
    pub points: Vec<Point>,
}

/// A finished check against the one before.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The time now, to tell ages by.
    pub now: Timestamp,
    /// What changed; none where there is no check to compare with.
    pub trend: Option<Trend>,
    /// Whole checks, the earliest first, this one among them if it is whole.
    pub points: Vec<Point>,
}

/// What the desk remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    store: Option<Store>,
    past: Mutex<Past>,
    audit: Option<Arc<AuditLog>>,
}

impl Memory {
    /// Reads what was saved in a state folder, and tells it.
    pub(crate) async fn open(
        folder: Option<PathBuf>,
        target: &Target,
        tell: &mpsc::UnboundedSender<Event>,
    ) -> Self {
        let Some(folder) = folder else { return Self::default() };
        let audit = AuditLog::of(&folder, target).map(Arc::new);
        let target = target.clone();
        let read = move || {
            let store = Store::of(&folder, &target)?;
            let (past, notices) = store.past();
            Some((store, past, notices))
        };
        let Ok(Some((store, past, notices))) = tokio::task::spawn_blocking(read).await else {
            return Self { audit, ..Self::default() };
        };
        for notice in notices {
            let _ = tell.send(Event::Notice(notice));
        }
        if past.base.is_some() || !past.points.is_empty() {
            let (last, points) = (past.base.clone(), past.points.clone());
            let remembered = Remembered { now: Timestamp::now(), last, points };
            let _ = tell.send(Event::Remembered(Arc::new(remembered)));
        }
        Self { store: Some(store), past: Mutex::new(past), audit }
    }

    /// The log of all that is sent to change the target; none without a folder.
    pub(crate) fn audit(&self) -> Option<Arc<AuditLog>> {
        self.audit.clone()
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares a check with the one before. A check of everything is remembered; a recount is compared and no more.
    pub(crate) fn compare(&self, check: &Check, narrowed: bool, all: bool) -> (Record, Compared) {
        let now = Timestamp::now();
        let identity = self.store.as_ref().map_or("", Store::identity);
        let mut past = self.past();
        let record = Record::of(check, identity, narrowed, now, &past.first_seen);
        let trend = past.base.as_ref().and_then(|base| Trend::between(base, &record));
        if all {
            past.take_in(&record);
            let over = past.points.len().saturating_sub(POINTS);
            past.points.drain(..over);
        }
        let compared = Compared { now, trend, points: past.points.clone() };
        (record, compared)
    }

    /// Saves a check. Returns a sentence when that was not possible: it is no reason to fail.
    pub(crate) async fn save(&self, record: Record) -> Option<String> {
        let store = self.store.clone()?;
        let saved = tokio::task::spawn_blocking(move || store.save(&record)).await;
        let error = match saved {
            Ok(Ok(())) => return None,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Some(format!("This check could not be saved for later comparison: {error}."))
    }
}
