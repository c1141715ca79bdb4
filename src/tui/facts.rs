//! The facts: everything the desk told, shared by all screens. Only [`Facts::absorb`] changes them; screens read them and
//! keep nothing but their own cursors.

use crate::job::{Event, Progress};
use crate::model::catalog::Catalog;
use crate::model::check::Check;
use crate::model::fault::{Fault, Kind};
use crate::model::finding::{Finding, Severity};
use crate::model::relation::Relation;
use crate::model::sent::Sent;
use crate::model::server::Server;
use crate::model::tally::{Tally, Verdict, Why};
use crate::model::target::Environment;
use crate::tui::neighbours::Neighbours;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Statements kept for the log; older ones are counted and dropped.
pub const LOG_KEEPS: usize = 10_000;

/// Everything the desk told.
#[derive(Debug, Default)]
pub struct Facts {
    /// Where we connect, as a person would say it, until the server says it better.
    pub place: String,
    /// How much care the place deserves.
    pub environment: Environment,
    /// The time since the inspector opened, as the last tick said.
    pub now: Duration,
    /// Who answered.
    pub server: Option<Arc<Server>>,
    /// The catalog.
    pub catalog: Option<Arc<Catalog>>,
    /// Who refers to whom.
    pub neighbours: Neighbours,
    /// One tally per relation.
    pub tallies: Vec<Tally>,
    /// How many relations have which verdict.
    pub score: Score,
    /// Findings, worst first.
    pub findings: Arc<Vec<Finding>>,
    /// What runs.
    pub work: Option<Work>,
    /// How the last check ended.
    pub outcome: Option<Outcome>,
    /// Why there is no connection, or no check.
    pub fault: Option<Fault>,
    /// Sentences a person should read once.
    pub notices: Vec<String>,
    /// Statements sent.
    pub log: Log,
    /// Goes up with every catalog.
    pub catalog_version: u64,
    /// Goes up whenever relations or their tallies change.
    pub relations_version: u64,
    /// Goes up whenever findings change.
    pub findings_version: u64,
}

/// What runs.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// When it began.
    pub since: Duration,
    /// How far it is; none before the desk said so.
    pub progress: Option<Progress>,
    /// Whether a stop was asked for.
    pub stopping: bool,
    /// The relations it counts again; empty for a whole check.
    pub again: Vec<usize>,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
    /// Whether everything was inspected to the end.
    pub complete: bool,
    /// Objects beside relations that could not be inspected.
    pub gaps: usize,
    /// Findings set aside by the configuration.
    pub suppressed: usize,
}

/// How many relations have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Counted to the end, without an orphan.
    pub clean: usize,
    /// With orphans.
    pub orphans: usize,
    /// That can never be satisfied.
    pub broken: usize,
    /// Not counted, for a reason.
    pub unchecked: usize,
    /// Not counted yet.
    pub pending: usize,
}

/// Statements sent, the latest last.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Those kept, with the time they ended.
    pub entries: VecDeque<(Duration, Sent)>,
    /// How many were dropped before them.
    pub dropped: usize,
}

impl Facts {
    /// Takes in what the desk told.
    pub fn absorb(&mut self, event: Event) {
        match event {
            Event::Connected(server) => {
                self.server = Some(server);
                self.fault = None;
            }
            Event::Cataloged(catalog) => self.catalogued(catalog),
            Event::Found(findings) => self.found(findings),
            Event::Tallied { relation, tally } => self.tallied(relation, tally),
            Event::Progress(progress) => self.work_now().progress = Some(progress),
            Event::Checked(check) => self.checked(&check),
            Event::Sent(sent) => self.log.add(self.now, sent),
            Event::Notice(text) => {
                if !self.notices.contains(&text) {
                    self.notices.push(text);
                }
            }
            Event::Failed(fault) => self.failed(fault),
            Event::MissingParents { .. } | Event::OrphanRows { .. } | Event::Closed => {}
        }
    }

    /// Remembers that a check, or a recount of some relations, was asked for.
    pub fn started(&mut self, again: Vec<usize>) {
        self.work = Some(Work { since: self.now, again, ..Work::default() });
        self.fault = None;
    }

    fn work_now(&mut self) -> &mut Work {
        let since = self.now;
        self.work.get_or_insert_with(|| Work { since, ..Work::default() })
    }

    fn catalogued(&mut self, catalog: Arc<Catalog>) {
        self.neighbours = Neighbours::of(&catalog);
        self.tallies = vec![Tally::not_checked(Why::Pending); catalog.relations.len()];
        self.score = Score { pending: self.tallies.len(), ..Score::default() };
        self.catalog = Some(catalog);
        self.outcome = None;
        self.catalog_version += 1;
        self.relations_version += 1;
    }

    fn found(&mut self, findings: Arc<Vec<Finding>>) {
        self.findings = findings;
        self.findings_version += 1;
    }

    fn tallied(&mut self, relation: usize, tally: Tally) {
        let Some(seat) = self.tallies.get_mut(relation) else { return };
        *self.score.seat(seat.verdict()) -= 1;
        *self.score.seat(tally.verdict()) += 1;
        *seat = tally;
        self.relations_version += 1;
    }

    fn checked(&mut self, check: &Check) {
        if self.tallies.len() == check.tallies.len() {
            self.score = Score::default();
            check.tallies.iter().for_each(|tally| *self.score.seat(tally.verdict()) += 1);
            self.tallies.clone_from(&check.tallies);
            self.relations_version += 1;
        }
        self.found(Arc::new(check.findings.clone()));
        self.outcome = Some(Outcome {
            at: self.now,
            took: self.now.saturating_sub(self.work.take().unwrap_or_default().since),
            complete: check.complete(),
            gaps: check.gaps.len(),
            suppressed: check.suppressed.len(),
        });
    }

    fn failed(&mut self, fault: Fault) {
        self.work = None;
        self.fault = (fault.kind != Kind::Interrupted).then_some(fault);
    }

    /// The relation at a place, with its tally.
    pub fn relation(&self, place: usize) -> Option<(&Relation, &Tally)> {
        let relation = self.catalog.as_ref()?.relations.get(place)?;
        Some((relation, self.tallies.get(place)?))
    }

    /// All relations.
    pub fn relations(&self) -> &[Relation] {
        self.catalog.as_ref().map_or(&[], |catalog| &catalog.relations)
    }

    /// The place of a relation by its id.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.neighbours.place_of(id)
    }

    /// Whether a relation is being counted, or counted again, now.
    pub fn counting(&self, place: usize) -> bool {
        let (Some(work), Some((relation, tally))) = (&self.work, self.relation(place)) else { return false };
        if work.again.contains(&place) {
            return true;
        }
        let pending = match tally.verdict() {
            Verdict::NotChecked(Why::Pending) => true,
            Verdict::Orphans => !tally.exact(),
            _ => false,
        };
        let Some((progress, catalog)) = work.progress.as_ref().zip(self.catalog.as_ref()) else {
            return false;
        };
        pending && !progress.now.is_empty() && progress.now.contains(&catalog.written(&relation.child.name))
    }

    /// How many findings have a severity.
    pub fn severities(&self) -> [(Severity, usize); 5] {
        Severity::ALL.map(|severity| {
            (severity, self.findings.iter().filter(|finding| finding.severity == severity).count())
        })
    }
}

impl Score {
    fn seat(&mut self, verdict: &Verdict) -> &mut usize {
        match verdict {
            Verdict::Clean => &mut self.clean,
            Verdict::Orphans => &mut self.orphans,
            Verdict::Broken(_) => &mut self.broken,
            Verdict::NotChecked(Why::Pending) => &mut self.pending,
            Verdict::NotChecked(_) => &mut self.unchecked,
        }
    }
}

impl Log {
    fn add(&mut self, at: Duration, sent: Sent) {
        if self.entries.len() == LOG_KEEPS {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back((at, sent));
    }
}
