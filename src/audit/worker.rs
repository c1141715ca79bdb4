//! One worker: takes work from the board until none is left, asks the server, writes figures back. It survives a lost
//! connection once or twice by asking for another session.

use crate::audit::board::Board;
use crate::audit::queue::Work;
use crate::audit::select;
use crate::db::stop::Stop;
use crate::db::{Engine, Limits, Reader};
use crate::model::catalog::{Catalog, TableId};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::Ident;
use crate::model::relation::Relation;
use crate::model::scope::{Scope, Snapshot};
use crate::model::tally::{Tally, Why};
use crate::model::value::Row;
use crate::sql::{Path, Query};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How long a probe may run: a first look, not a count.
const PROBE: Duration = Duration::from_millis(300);
/// How often a statement is tried that met a deadlock, a serialization failure or a recovery conflict.
const TRIES: u32 = 4;

/// What all workers of a count share.
pub(crate) struct Job {
    /// Work and figures.
    pub(crate) board: Mutex<Board>,
    /// Where another session can be had.
    pub(crate) engine: Arc<dyn Engine>,
    /// What is counted.
    pub(crate) catalog: Arc<Catalog>,
    /// Within which limits.
    pub(crate) scope: Scope,
    /// When all counting must end.
    pub(crate) deadline: Option<Instant>,
    /// The wish to stop.
    pub(crate) stop: Stop,
    /// Whether some count saw another moment than the rest.
    pub(crate) moved: AtomicBool,
    /// Parents whose indexes were held against their tables, with the columns that were asked for.
    pub(crate) vetted: Mutex<BTreeSet<(TableId, Vec<Ident>)>>,
    /// The connection was lost for good.
    pub(crate) lost: Mutex<Option<Fault>>,
}

/// What a worker tells.
pub(crate) enum Told {
    /// It took a piece of work.
    Began,
    /// A piece of work is done.
    Done,
    /// A relation has a tally.
    Tally(usize, Tally),
}

impl Job {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vetted(&self) -> MutexGuard<'_, BTreeSet<(TableId, Vec<Ident>)>> {
        self.vetted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn over(&self) -> bool {
        self.stop.asked()
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
            || self.lost.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The limits of one statement: the least of its own, the scope's and what is left of all time.
    fn limits(&self, own: Option<Duration>, no_index: bool) -> Limits {
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)));
        let statement = [own, self.scope.statement_timeout, left].into_iter().flatten().min();
        Limits { statement, lock: Some(self.scope.lock_timeout), no_index }
    }
}

/// Works until the queue is empty, the time is over, or the connection is lost for good.
pub(crate) async fn work(job: Arc<Job>, session: Box<dyn Reader>, seat: usize, tell: UnboundedSender<Told>) {
    let mut hands = Hands { job, session, tell };
    while !hands.job.over() {
        let Some(work) = hands.take(seat) else { break };
        let _ = hands.tell.send(Told::Began);
        hands.perform(&work).await;
        if let Some(place) = hands.job.board().now.get_mut(seat) {
            *place = None;
        }
        let _ = hands.tell.send(Told::Done);
    }
}

struct Hands {
    job: Arc<Job>,
    session: Box<dyn Reader>,
    tell: UnboundedSender<Told>,
}

impl Hands {
    fn take(&self, seat: usize) -> Option<Work> {
        let mut board = self.job.board();
        let work = board.queue.pop_front()?;
        let table = work.table(&self.job.catalog).and_then(|id| self.job.catalog.table(id));
        if let Some(place) = board.now.get_mut(seat) {
            *place = table.map(|table| self.job.catalog.written(&table.name));
        }
        Some(work)
    }

    async fn perform(&mut self, work: &Work) {
        let catalog = Arc::clone(&self.job.catalog);
        match work {
            Work::Probe(place) => {
                if let Some(relation) = catalog.relations.get(*place) {
                    self.probe(*place, relation).await;
                }
            }
            Work::Rows(table, places) => self.rows(*table, places).await,
            Work::Orphans(place) => {
                if let Some(relation) = catalog.relations.get(*place) {
                    self.orphans(*place, relation).await;
                }
            }
            Work::Default(place) => {
                if let Some(relation) = catalog.relations.get(*place) {
                    self.default(*place, relation).await;
                }
            }
        }
    }

    /// Tells what the board makes of news. It is told before the board is let go: an earlier figure must not overtake a
    /// later one on its way out.
    fn told(&self, place: usize, make: impl FnOnce(&mut Board) -> Option<Tally>) {
        let mut board = self.job.board();
        if let Some(tally) = make(&mut board) {
            let _ = self.tell.send(Told::Tally(place, tally));
        }
    }

    fn refuse(&self, place: usize, fault: &Fault) {
        self.told(place, |board| board.refused(&self.job.catalog, place, reason(fault)));
    }

    async fn probe(&mut self, place: usize, relation: &Relation) {
        let query = self.job.engine.dialect().probe(&self.job.catalog, relation);
        let began = Instant::now();
        // A probe that fails or runs out of time says nothing: the exact count will.
        if let Ok(rows) = self.ask(&query, self.job.limits(Some(PROBE), false)).await {
            let seconds = began.elapsed().as_secs_f64();
            self.told(place, |board| board.probed(&self.job.catalog, place, !rows.is_empty(), seconds));
        }
    }

    async fn rows(&mut self, table: TableId, places: &[usize]) {
        let catalog = Arc::clone(&self.job.catalog);
        let relations: Vec<&Relation> =
            places.iter().filter_map(|&place| catalog.relations.get(place)).collect();
        let query = self.job.engine.dialect().child_counts(&catalog, table, &relations);
        let began = Instant::now();
        let answer = self.ask(&query, self.job.limits(None, false)).await;
        let answer =
            answer.and_then(|rows| if rows.is_empty() { Err(lying_index("table")) } else { figures(&rows) });
        let seconds = began.elapsed().as_secs_f64() / places.len().max(1) as f64;
        for (nth, &place) in places.iter().enumerate() {
            match &answer {
                Ok(row) => match (row.first(), row.get(1 + 2 * nth), row.get(2 + 2 * nth)) {
                    (Some(&rows), Some(&null_keys), Some(&partly)) => {
                        let figures = (rows, null_keys, partly);
                        self.told(place, |board| board.rows(&catalog, place, figures, seconds));
                    }
                    _ => self.refuse(place, &short_answer()),
                },
                Err(fault) => self.refuse(place, fault),
            }
        }
    }

    async fn orphans(&mut self, place: usize, relation: &Relation) {
        let began = Instant::now();
        if let Err(fault) = self.vetted(relation).await {
            return self.refuse(place, &fault);
        }
        let proved = self.job.board().proved_empty(place);
        let free = if proved { Ok((0, 0)) } else { self.counted(relation, Path::Free).await };
        let free = match free {
            Ok(free) => free,
            Err(fault) => return self.refuse(place, &fault),
        };
        if self.job.scope.verify || select::suspect(&self.job.catalog, relation) {
            match self.verified(relation, free).await {
                Ok(None) => {}
                Ok(Some((free, other))) => self.job.board().differ.push((place, free, other)),
                Err(fault) => return self.refuse(place, &fault),
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        self.told(place, |board| board.orphans(&self.job.catalog, place, free, seconds));
    }

    /// Holds the indexes of a relation's parent against its table, once for all that refer to it.
    async fn vetted(&mut self, relation: &Relation) -> Result<(), Fault> {
        let Some(query) = self.job.engine.dialect().parent_indexes(&self.job.catalog, relation) else {
            return Ok(());
        };
        let key = relation.parent.table.map(|table| (table, relation.parent.columns.clone()));
        if key.as_ref().is_some_and(|key| self.job.vetted().contains(key)) {
            return Ok(());
        }
        if self.ask(&query, self.job.limits(None, false)).await?.is_empty() {
            return Err(lying_index("parent"));
        }
        self.job.vetted().extend(key);
        Ok(())
    }

    async fn counted(&mut self, relation: &Relation, path: Path) -> Result<(u64, u64), Fault> {
        let query = self.job.engine.dialect().orphans(&self.job.catalog, relation, path);
        let limits = self.job.limits(None, path == Path::NoIndex);
        let row = self.ask(&query, limits).await.and_then(|rows| figures(&rows))?;
        match row[..] {
            [orphans, missing] => Ok((orphans, missing)),
            _ => Err(short_answer()),
        }
    }

    /// Counts again without the parent's indexes. Where each count sees its own moment, writers may move the figure
    /// in between: then both are repeated, and only a difference that stays is reported, as (free, without).
    async fn verified(&mut self, relation: &Relation, free: (u64, u64)) -> Result<Option<(u64, u64)>, Fault> {
        let mut free = free.0;
        for _ in 0..3 {
            let other = self.counted(relation, Path::NoIndex).await?.0;
            if other == free {
                return Ok(None);
            }
            let again = self.counted(relation, Path::Free).await?.0;
            if again == free {
                return Ok(Some((free, other)));
            }
            free = again;
        }
        Err(Fault::new(Kind::Busy, "rows changed during each of three attempts to verify the count"))
    }

    async fn default(&mut self, place: usize, relation: &Relation) {
        let Some(query) = self.job.engine.dialect().default_parent(&self.job.catalog, relation) else {
            return;
        };
        // An answer that cannot be had leaves the rule silent: it is a hint about the future, not about rows.
        if let Ok(rows) = self.ask(&query, self.job.limits(None, false)).await
            && rows.is_empty()
        {
            self.job.board().default_without_parent.push(place);
        }
    }

    /// Asks the server, again where that may help: after a conflict on the same session, after a loss on another.
    async fn ask(&mut self, query: &Query, limits: Limits) -> Result<Vec<Row>, Fault> {
        let mut wait = Duration::from_millis(100);
        let mut tries = 1;
        loop {
            let fault = match self.session.fetch(query, limits).await {
                Ok(rows) => return Ok(rows),
                Err(fault) => fault,
            };
            if tries >= TRIES || self.job.over() || !matches!(fault.kind, Kind::Conflict | Kind::Lost) {
                if fault.kind == Kind::Lost {
                    self.job.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault.clone());
                }
                return Err(fault);
            }
            tokio::time::sleep(wait).await;
            (wait, tries) = (wait * 2, tries + 1);
            // The moment all counts shared is gone with the session or the conflict: each gets its own from here.
            if let Ok(mut fresh) = self.job.engine.readers(1, Snapshot::PerRelation).await
                && let Some(session) = fresh.sessions.pop()
            {
                self.job.moved.store(true, Ordering::Release);
                self.job.stop.watch(session.interrupter());
                self.session = session;
            }
        }
    }
}

/// The single row of figures a count returns.
fn figures(rows: &[Row]) -> Result<Vec<u64>, Fault> {
    let row = rows.first().ok_or_else(short_answer)?;
    row.iter().map(|value| value.count().ok_or_else(short_answer)).collect()
}

fn lying_index(of: &str) -> Fault {
    let why = format!(
        "an index of the {of} has not as many entries as the {of} has rows, so nothing is counted by it"
    );
    Fault::new(Kind::Other, why).hint(format!("REINDEX the {of}, and check again."))
}

fn short_answer() -> Fault {
    Fault::new(Kind::Other, "the server answered a count with something that is no count")
}

/// Why a relation is not checked, after a fault.
fn reason(fault: &Fault) -> Why {
    let text = match fault.causes.first() {
        Some(cause) => format!("{}: {cause}", fault.headline.trim_end_matches('.')),
        None => fault.headline.clone(),
    };
    match fault.kind {
        Kind::Denied => Why::Right(text),
        Kind::RowSecurity => Why::RowSecurity(text),
        Kind::TimedOut => Why::Time(text),
        Kind::Busy => Why::Lock(text),
        Kind::Interrupted => Why::Cancelled,
        Kind::Lost => Why::Lost(text),
        _ => Why::Unplannable(text),
    }
}
