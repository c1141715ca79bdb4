//! The check: catalog, rules over the catalog, counts, rules over the counts. Findings are told as they change, not more
//! often than they cost.

use crate::audit::count::{self, News, Outcome};
use crate::audit::lint::{self, Evidence, Facts};
use crate::db::Interrupt;
use crate::db::stop::Stop;
use crate::job::bench::{Bench, Known};
use crate::job::event::{Event, PROBING, Progress};
use crate::model::catalog::{Catalog, Gap};
use crate::model::check::Check;
use crate::model::finding::{Finding, Suppressed};
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::model::tally::{Tally, Why};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Reads the catalog and nothing else.
pub(crate) async fn catalog(bench: Arc<Bench>, stop: Stop) {
    let _ = read(&bench, &stop).await;
}

/// Reads the catalog and counts everything in scope.
pub(crate) async fn whole(bench: Arc<Bench>, scope: Scope, policy: Policy, stop: Stop) {
    let started = Timestamp::now();
    bench.known().policy = policy;
    let Some(catalog) = read(&bench, &stop).await else { return };
    tell_findings(&bench, &catalog, false);
    run(&bench, catalog, None, &scope, &stop, started).await;
}

/// Counts some relations again on the catalog as it was read.
pub(crate) async fn again(bench: Arc<Bench>, places: Vec<usize>, scope: Scope, stop: Stop) {
    let started = Timestamp::now();
    let Some(catalog) = bench.known().catalog.clone() else { return };
    run(&bench, catalog, Some(places), &scope, &stop, started).await;
}

/// Reads the catalog onto the bench, all tallies pending.
async fn read(bench: &Arc<Bench>, stop: &Stop) -> Option<Arc<Catalog>> {
    bench.tell(Event::Progress(Progress { phase: "reading the catalog", ..Progress::default() }));
    stop.watch(Arc::new(Whole(Arc::clone(bench))));
    let answer = bench.engine.catalog().await;
    stop.release();
    match answer {
        Ok(catalog) => {
            let catalog = Arc::new(catalog);
            let mut known = bench.known();
            known.catalog = Some(Arc::clone(&catalog));
            known.tallies = vec![Tally::not_checked(Why::Pending); catalog.relations.len()];
            known.evidence = Evidence::default();
            drop(known);
            bench.tell(Event::Cataloged(Arc::clone(&catalog)));
            Some(catalog)
        }
        Err(fault) => {
            bench.tell(Event::Failed(fault));
            None
        }
    }
}

/// Interrupts everything the engine runs: while the catalog is read, that is the reading.
pub(crate) struct Whole(pub(crate) Arc<Bench>);

impl Interrupt for Whole {
    fn interrupt(&self) -> BoxFuture<'_, ()> {
        self.0.engine.interrupt()
    }
}

/// Counts, tells, and closes with the whole result.
async fn run(
    bench: &Arc<Bench>,
    catalog: Arc<Catalog>,
    places: Option<Vec<usize>>,
    scope: &Scope,
    stop: &Stop,
    started: Timestamp,
) {
    let teller = Arc::new(Teller::new(Arc::clone(bench), Arc::clone(&catalog)));
    tokio::spawn(remind(Arc::downgrade(&teller)));
    let hear = |news| teller.hear(news);
    let engine = Arc::clone(&bench.engine);
    let outcome = count::count(engine, Arc::clone(&catalog), places.as_deref(), scope, stop, &hear).await;
    teller.finish();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(fault) => return bench.tell(Event::Failed(fault)),
    };
    if let Some(note) = &outcome.note {
        bench.tell(Event::Notice(note.clone()));
    }
    keep_evidence(bench, places.as_deref(), &outcome);
    let (findings, suppressed) = tell_findings(bench, &catalog, true);
    let tallies = bench.known().tallies.clone();
    let check = Check {
        gaps: gaps(&catalog, scope),
        catalog,
        tallies,
        findings,
        suppressed,
        environment: bench.environment,
        started_at: started.to_string(),
        finished_at: Timestamp::now().to_string(),
        snapshot: outcome.snapshot,
    };
    let narrowed = !(scope.only.is_empty() && scope.skip.is_empty());
    let (record, compared) = bench.memory.compare(&check, narrowed, places.is_none());
    bench.tell(Event::Compared(Arc::new(compared)));
    bench.tell(Event::Checked(Arc::new(check)));
    if places.is_none()
        && let Some(sentence) = bench.memory.save(record).await
    {
        bench.tell(Event::Notice(sentence));
    }
    if let Some(fault) = outcome.lost {
        bench.tell(Event::Failed(fault));
    }
}

/// New evidence replaces the old for the relations that were counted.
fn keep_evidence(bench: &Bench, places: Option<&[usize]>, outcome: &Outcome) {
    let counted = |place: &usize| places.is_none_or(|places| places.contains(place));
    let mut known = bench.known();
    known.evidence.default_without_parent.retain(|place| !counted(place));
    known.evidence.default_without_parent.extend(&outcome.evidence.default_without_parent);
    known.evidence.counts_differ.retain(|(place, _, _)| !counted(place));
    known.evidence.counts_differ.extend(&outcome.evidence.counts_differ);
}

/// What could not be inspected beside relations. An empty visit is a gap: it proves nothing.
fn gaps(catalog: &Catalog, scope: &Scope) -> Vec<Gap> {
    let mut gaps = catalog.gaps.clone();
    let object = catalog.server.database.raw().to_owned();
    if catalog.tables.is_empty() {
        let reason = "no table is visible, so there is nothing to vouch for".to_owned();
        gaps.push(Gap { object, reason });
    } else if !scope.only.is_empty()
        && catalog.relations.iter().all(|relation| count::left_out(catalog, relation, scope))
    {
        let reason = format!("no relation matches {}", scope.only.join(", "));
        gaps.push(Gap { object, reason });
    }
    gaps
}

/// Runs the rules over what is known, tells the findings and returns them.
fn tell_findings(bench: &Bench, catalog: &Catalog, finished: bool) -> (Vec<Finding>, Vec<Suppressed>) {
    let Known { tallies, evidence, policy, .. } = bench.known().clone();
    let facts = Facts { catalog, tallies: &tallies, finished, evidence: &evidence };
    let (findings, suppressed) = lint::run(&facts, &policy);
    bench.tell(Event::Found(Arc::new(findings.clone())));
    (findings, suppressed)
}

/// Passes news of a count on: tallies at once, progress and findings now and then, but always in the end. What came too
/// soon after the last is owed, and told when its time has come, even if nothing else happens until then.
struct Teller {
    bench: Arc<Bench>,
    catalog: Arc<Catalog>,
    pace: Mutex<Pace>,
}

/// When something was last told, what is owed, and how long the rules took.
struct Pace {
    findings: Instant,
    findings_owed: bool,
    cost: Duration,
    progress: Instant,
    progress_owed: Option<Progress>,
    over: bool,
}

/// The least time between two tellings of progress.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(50);
/// The least time between two tellings of findings.
const BETWEEN_FINDINGS: Duration = Duration::from_millis(500);

/// Tells what is owed while a long statement keeps everyone else silent. Ends with the count.
async fn remind(teller: Weak<Teller>) {
    loop {
        tokio::time::sleep(BETWEEN_PROGRESS * 2).await;
        let Some(teller) = teller.upgrade() else { return };
        let mut pace = teller.pace();
        if pace.over {
            return;
        }
        teller.settle(&mut pace);
    }
}

impl Teller {
    fn new(bench: Arc<Bench>, catalog: Arc<Catalog>) -> Self {
        let now = Instant::now();
        let pace = Pace {
            findings: now,
            findings_owed: false,
            cost: Duration::ZERO,
            progress: now,
            progress_owed: None,
            over: false,
        };
        Self { bench, catalog, pace: Mutex::new(pace) }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, news: News) {
        let mut pace = self.pace();
        match news {
            News::Tally(place, tally) => {
                if let Some(seat) = self.bench.known().tallies.get_mut(place) {
                    *seat = tally.clone();
                }
                self.bench.tell(Event::Tallied { relation: place, tally });
                pace.findings_owed = true;
            }
            News::Progress { done, total, now, probing } => {
                let phase = if probing { PROBING } else { "counting" };
                pace.progress_owed = Some(Progress { phase, done, total, now });
            }
        }
        self.settle(&mut pace);
    }

    /// Tells what is owed and due. Findings take no more than a tenth of the time.
    fn settle(&self, pace: &mut Pace) {
        let due = |progress: &mut Progress| {
            progress.done >= progress.total || pace.progress.elapsed() >= BETWEEN_PROGRESS
        };
        if let Some(progress) = pace.progress_owed.take_if(due) {
            pace.progress = Instant::now();
            self.bench.tell(Event::Progress(progress));
        }
        if pace.findings_owed && pace.findings.elapsed() >= BETWEEN_FINDINGS.max(pace.cost * 10) {
            let began = Instant::now();
            tell_findings(&self.bench, &self.catalog, false);
            pace.findings_owed = false;
            pace.cost = began.elapsed();
            pace.findings = Instant::now();
        }
    }

    /// The count has ended: nothing told by the way may come after its result.
    fn finish(&self) {
        self.pace().over = true;
    }
}

#[cfg(test)]
mod tests;
