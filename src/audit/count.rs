//! Counting: all relations in scope, on several sessions, told as it goes. Every relation ends with a tally; what was
//! cut off says why.

use crate::audit::board::Board;
use crate::audit::lint::Evidence;
use crate::audit::queue::{self, Work};
use crate::audit::select;
use crate::audit::worker::{self, Job};
use crate::db::Engine;
use crate::db::stop::Stop;
use crate::model::catalog::Catalog;
use crate::model::fault::Fault;
use crate::model::relation::Relation;
use crate::model::scope::{Scope, Snapshot};
use crate::model::tally::{Tally, Why};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// What is told while counting.
#[derive(Clone, Debug)]
pub enum News {
    /// A relation has a tally.
    Tally(usize, Tally),
    /// Some work is done.
    Progress {
        /// Pieces of work done.
        done: usize,
        /// Pieces of work in all.
        total: usize,
        /// Child tables being read.
        now: Vec<String>,
        /// Whether these are still probes.
        probing: bool,
    },
}

/// What a count found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One tally per relation of the catalog; pending where the count was not asked for it.
    pub tallies: Vec<Tally>,
    /// Answers that are no counts.
    pub evidence: Evidence,
    /// Which moment the counts saw.
    pub snapshot: Snapshot,
    /// Why that is not the snapshot asked for.
    pub note: Option<String>,
    /// The connection was lost for good.
    pub lost: Option<Fault>,
}

/// Counts the relations at `places` (all when none are given).
///
/// # Errors
/// A [`Fault`] when no session could be opened at all. Everything later ends up in the tallies.
pub async fn count(
    engine: Arc<dyn Engine>,
    catalog: Arc<Catalog>,
    places: Option<&[usize]>,
    scope: &Scope,
    stop: &Stop,
    tell: &(dyn Fn(News) + Send + Sync),
) -> Result<Outcome, Fault> {
    let all: Vec<usize> = (0..catalog.relations.len()).collect();
    let mut tallies = vec![Tally::not_checked(Why::Pending); all.len()];
    let mut chosen = Vec::new();
    for &place in places.unwrap_or(&all) {
        let Some(relation) = catalog.relations.get(place) else { continue };
        if let Some(why) = select::why_not(&catalog, relation, scope) {
            settle(&mut tallies, place, refused(&catalog, place, why), tell);
        } else {
            chosen.push(place);
        }
    }
    let work = queue::order(&catalog, &chosen, scope.probe_first);
    let total = work.len();
    if total == 0 {
        let evidence = Evidence::default();
        return Ok(Outcome { tallies, evidence, snapshot: scope.snapshot, note: None, lost: None });
    }
    let readers = engine.readers(scope.jobs.clamp(1, total), scope.snapshot).await?;
    let note = readers.note.clone();
    let workers = readers.sessions.len();
    let job = Arc::new(Job {
        board: Mutex::new(Board::new(work, all.len(), workers)),
        engine,
        catalog: Arc::clone(&catalog),
        deadline: scope.time_limit.map(|limit| Instant::now() + limit),
        scope: scope.clone(),
        stop: stop.clone(),
        moved: AtomicBool::new(readers.snapshot != Snapshot::One),
        vetted: Mutex::default(),
        lost: Mutex::new(None),
    });
    let (tellings, mut heard) = mpsc::unbounded_channel();
    for (seat, session) in readers.sessions.into_iter().enumerate() {
        stop.watch(session.interrupter());
        tokio::spawn(worker::work(Arc::clone(&job), session, seat, tellings.clone()));
    }
    drop(tellings);
    listen(&mut heard, &job, total, &mut tallies, tell).await;
    Ok(close(&job, &chosen, tallies, note, tell))
}

/// Whether the scope's patterns leave a relation out.
pub fn left_out(catalog: &Catalog, relation: &Relation, scope: &Scope) -> bool {
    matches!(select::why_not(catalog, relation, scope), Some(Why::Scope(_)))
}

fn settle(tallies: &mut [Tally], place: usize, tally: Tally, tell: &(dyn Fn(News) + Send + Sync)) {
    if let Some(seat) = tallies.get_mut(place) {
        *seat = tally.clone();
        tell(News::Tally(place, tally));
    }
}

/// The tally of a relation that is not to be counted; a broken one stays broken whatever the reason.
fn refused(catalog: &Catalog, place: usize, why: Why) -> Tally {
    match catalog.relations.get(place).and_then(|relation| Some((relation, relation.flaw.as_ref()?))) {
        Some((relation, flaw)) => {
            Tally::broken(select::broken(catalog, relation, flaw), crate::model::tally::Counts::default())
        }
        None => Tally::not_checked(why),
    }
}

/// Hears the workers out until the last one has left.
async fn listen(
    heard: &mut mpsc::UnboundedReceiver<worker::Told>,
    job: &Job,
    total: usize,
    tallies: &mut [Tally],
    tell: &(dyn Fn(News) + Send + Sync),
) {
    let mut done = 0;
    while let Some(told) = heard.recv().await {
        match told {
            worker::Told::Tally(place, tally) => settle(tallies, place, tally, tell),
            worker::Told::Began => {}
            worker::Told::Done => done += 1,
        }
        let board = job.board.lock().unwrap_or_else(PoisonError::into_inner);
        let now = board.now.iter().flatten().cloned().collect();
        let probing = matches!(board.queue.front(), Some(Work::Probe(_)));
        drop(board);
        tell(News::Progress { done, total, now, probing });
    }
}

/// Gives every relation that is still open its reason, and gathers the outcome.
fn close(
    job: &Job,
    chosen: &[usize],
    mut tallies: Vec<Tally>,
    note: Option<String>,
    tell: &(dyn Fn(News) + Send + Sync),
) -> Outcome {
    let lost = job.lost.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let why = if let Some(fault) = &lost {
        Why::Lost(fault.headline.clone())
    } else if job.stop.asked() {
        Why::Cancelled
    } else if let Some(limit) = job.scope.time_limit {
        Why::Time(format!("the time limit of {} s was reached first", limit.as_secs_f64()))
    } else {
        // No limit and no wish: whoever counted it is gone without a word.
        Why::Unplannable("its count broke off, which is a fault of waif".to_owned())
    };
    let mut board = job.board.lock().unwrap_or_else(PoisonError::into_inner);
    for &place in chosen {
        if tallies.get(place).is_some_and(|tally| !tally.settled())
            && let Some(tally) = board.refused(&job.catalog, place, why.clone())
        {
            settle(&mut tallies, place, tally, tell);
        }
    }
    let evidence = Evidence {
        default_without_parent: board.default_without_parent.clone(),
        counts_differ: board.differ.clone(),
    };
    drop(board);
    let snapshot = if job.moved.load(Ordering::Acquire) { Snapshot::PerRelation } else { Snapshot::One };
    job.stop.rest();
    Outcome { tallies, evidence, snapshot, note, lost }
}
