//! The facts: everything the desk told, shared by all screens. Only [`Facts::absorb`] changes them; screens read them and
//! keep nothing but their own cursors. What an earlier check said stands in `old`, apart from what holds now.

pub mod counted;
pub mod log;
pub mod old;
pub mod past;

use crate::job::{Event, Progress, Remembered};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::finding::{Finding, Severity};
use crate::model::relation::Relation;
use crate::model::server::Server;
use crate::model::tally::{Tally, Verdict, Why};
use crate::model::target::Environment;
use crate::tui::neighbours::Neighbours;
use counted::Counted;
pub use log::Log;
use old::{Moment, Old};
use past::Past;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Everything the desk told.
#[derive(Debug, Default)]
pub struct Facts {
    /// Where we connect, as a person would say it, until the server says it better.
    pub place: String,
    /// Where we connect, as `waif` takes it on its command line.
    pub address: String,
    /// How much care the place deserves.
    pub environment: Environment,
    /// The time since the inspector opened, as the last tick said.
    pub now: Duration,
    /// Who answered.
    pub server: Option<Arc<Server>>,
    /// The catalog.
    pub catalog: Option<Arc<Catalog>>,
    /// Who refers to whom.
    pub neighbours: Arc<Neighbours>,
    /// One tally per relation.
    pub tallies: Vec<Tally>,
    /// When each of them was told.
    pub counted: Vec<Option<Moment>>,
    /// What was said of each relation before, to be shown while its tally is pending.
    pub old: Vec<Option<Old>>,
    /// How many relations have which verdict.
    pub score: Score,
    /// Findings: first the current ones, worst first, then those of an earlier check that nobody has checked again.
    pub findings: Arc<Vec<Finding>>,
    /// How many of the findings are current.
    pub current: usize,
    /// When the check ended from which the others are.
    pub old_since: Option<Moment>,
    /// What earlier checks said.
    pub past: Past,
    /// What runs.
    pub work: Option<Work>,
    /// How the last check ended.
    pub outcome: Option<Outcome>,
    /// Why there is no connection, or no check.
    pub fault: Option<Fault>,
    /// Whether everything read is from a connection that is gone, and no newer catalog has come.
    pub stale: bool,
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

impl Facts {
    /// Takes in what the desk told.
    pub fn absorb(&mut self, event: Event) {
        match event {
            Event::Connected(server) => {
                self.server = Some(server);
                self.fault = None;
            }
            Event::Found(findings) => self.found(findings),
            Event::Tallied { relation, tally } => self.tallied(relation, tally),
            Event::Progress(progress) => self.work_now().progress = Some(progress),
            Event::Remembered(told) => self.remembered(&told),
            Event::Compared(told) => self.past.compared(&told, self.now),
            Event::Sent(sent) => self.log.add(self.now, sent),
            Event::Notice(text) if self.notices.contains(&text) => {}
            Event::Notice(text) => self.notices.push(text),
            Event::Failed(fault) => self.failed(fault),
            // Taken in by `catalogued` and `checked`, ready made; answers go to who asked.
            Event::Cataloged(_)
            | Event::Checked(_)
            | Event::MissingParents { .. }
            | Event::OrphanRows { .. }
            | Event::Spelled { .. }
            | Event::Planning(_)
            | Event::Planned(_)
            | Event::Run(_)
            | Event::Still
            | Event::Rehearsed(_)
            | Event::Runs(_)
            | Event::Restored(_)
            | Event::Held(_)
            | Event::Audited(_)
            | Event::Closed => {}
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

    /// What was saved stands in view until something newer is known; after that it serves the comparison only.
    fn remembered(&mut self, told: &Remembered) {
        let saved = self.past.remembered(told, self.now);
        let nothing_newer = self.catalog.is_none() && self.findings.is_empty();
        if let Some((at, findings)) = saved.filter(|_| nothing_newer) {
            self.findings = Arc::new(findings);
            self.old_since = Some(at);
            self.findings_version += 1;
        }
    }

    /// Takes a catalog in, and who refers to whom in it.
    pub fn catalogued(&mut self, catalog: Arc<Catalog>, neighbours: Arc<Neighbours>) {
        self.retire();
        let mut before: HashMap<String, Option<Old>> = match self.catalog.take() {
            Some(last) => last.relations.iter().map(|one| one.id.clone()).zip(self.old.drain(..)).collect(),
            None => HashMap::new(),
        };
        self.old = catalog
            .relations
            .iter()
            .map(|one| {
                let here = before.remove(&one.id).flatten();
                let saved = self.past.take(&one.id);
                here.or(saved)
            })
            .collect();
        self.neighbours = neighbours;
        self.tallies = vec![Tally::not_checked(Why::Pending); catalog.relations.len()];
        self.counted = vec![None; catalog.relations.len()];
        self.score = Score { pending: self.tallies.len(), ..Score::default() };
        self.catalog = Some(catalog);
        self.stale = false;
        self.outcome = None;
        self.catalog_version += 1;
        self.relations_version += 1;
    }

    /// The connection is gone: what was read of it is stale from now on.
    pub fn cut_off(&mut self) {
        self.stale = self.catalog.is_some();
    }

    /// Makes everything that was counted a figure from before: it stays in view, marked, until it is counted again.
    pub fn retire(&mut self) {
        let at = |counted: &Option<Moment>| counted.unwrap_or(Moment::at(self.now));
        let retired: Vec<Option<Old>> =
            self.tallies.iter().zip(&self.counted).map(|(tally, when)| Old::of(tally, at(when))).collect();
        self.old.resize(self.tallies.len(), None);
        for (seat, old) in self.old.iter_mut().zip(retired) {
            *seat = old.or(seat.take());
        }
        self.tallies.iter_mut().for_each(|tally| *tally = Tally::not_checked(Why::Pending));
        self.score = Score { pending: self.tallies.len(), ..Score::default() };
        if self.current > 0 {
            let ended = self.outcome.as_ref().map_or(self.now, |outcome| outcome.at);
            self.old_since = Some(Moment::at(ended));
        }
        self.findings = Arc::new(self.findings.iter().cloned().map(old::dated).collect());
        self.current = 0;
        self.relations_version += 1;
        self.findings_version += 1;
    }

    /// Takes in current findings. Those of an earlier check stay behind them as long as nothing has decided about them:
    /// neither a current finding of the same rule on the same object, nor a finished count of their relation.
    fn found(&mut self, findings: Arc<Vec<Finding>>) {
        let older = self.findings.get(self.current..).unwrap_or_default();
        self.current = findings.len();
        if older.is_empty() {
            self.findings = findings;
        } else {
            let known: HashSet<(&str, &str)> =
                findings.iter().map(|finding| (finding.rule, finding.object.as_str())).collect();
            let open = |finding: &&Finding| {
                !known.contains(&(finding.rule, finding.object.as_str())) && !self.decided(finding)
            };
            let left: Vec<Finding> = older.iter().filter(open).cloned().collect();
            self.findings = if left.is_empty() {
                findings
            } else {
                Arc::new(findings.iter().cloned().chain(left).collect())
            };
        }
        self.findings_version += 1;
    }

    /// Whether what was found of a relation before has been counted again to the end, or the relation is gone.
    fn decided(&self, finding: &Finding) -> bool {
        let Some(id) = finding.relation.as_deref() else { return false };
        match self.place_of(id) {
            Some(place) => self.tallies.get(place).is_some_and(Tally::settled),
            None => self.catalog.is_some(),
        }
    }

    fn tallied(&mut self, relation: usize, tally: Tally) {
        let Some(seat) = self.tallies.get_mut(relation) else { return };
        *self.score.seat(seat.verdict()) -= 1;
        *self.score.seat(tally.verdict()) += 1;
        *seat = tally;
        if let Some(when) = self.counted.get_mut(relation) {
            *when = Some(Moment::at(self.now));
        }
        self.relations_version += 1;
    }

    /// Takes in how a check or recount ended.
    pub fn checked(&mut self, check: Counted) {
        if self.tallies.len() == check.tallies.len() {
            self.score = check.score;
            for (seat, when) in self.counted.iter_mut().enumerate() {
                if when.is_none() || self.tallies.get(seat) != check.tallies.get(seat) {
                    *when = Some(Moment::at(self.now));
                }
            }
            self.tallies = check.tallies;
            self.relations_version += 1;
        }
        self.found(check.findings);
        self.settle(check.complete);
        self.outcome = Some(Outcome {
            at: self.now,
            took: self.now.saturating_sub(self.work.take().unwrap_or_default().since),
            complete: check.complete,
            gaps: check.gaps,
            suppressed: check.suppressed,
        });
    }

    /// A check has ended: what it did not find again is over, except about relations that it left open.
    fn settle(&mut self, complete: bool) {
        let (current, older) = self.findings.split_at(self.current.min(self.findings.len()));
        let open = |finding: &&Finding| !complete && finding.relation.is_some();
        let left: Vec<Finding> = older.iter().filter(open).cloned().collect();
        if left.len() < older.len() {
            self.findings = Arc::new(current.iter().cloned().chain(left).collect());
            self.findings_version += 1;
        }
    }

    fn failed(&mut self, fault: Fault) {
        self.work = None;
        if matches!(fault.kind, Kind::Lost | Kind::Unreachable) {
            self.cut_off();
        }
        self.fault = (fault.kind != Kind::Interrupted).then_some(fault);
    }

    /// The relation at a place, with its tally.
    pub fn relation(&self, place: usize) -> Option<(&Relation, &Tally)> {
        let relation = self.catalog.as_ref()?.relations.get(place)?;
        Some((relation, self.tallies.get(place)?))
    }

    /// What was said of the relation at a place before, if nothing newer is known.
    pub fn old(&self, place: usize) -> Option<&Old> {
        let old = self.old.get(place)?.as_ref()?;
        self.tallies.get(place).is_some_and(old::is_open).then_some(old)
    }

    /// How many relations wait to be counted again.
    pub fn again(&self) -> usize {
        let waits = |(old, tally): &(&Option<Old>, &Tally)| old.is_some() && old::is_open(tally);
        self.old.iter().zip(&self.tallies).filter(waits).count()
    }

    /// Whether the finding in a row is one of an earlier check that nobody has checked again.
    pub fn is_old(&self, row: usize) -> bool {
        row >= self.current
    }

    /// Whether there are such findings.
    pub fn has_old(&self) -> bool {
        self.current < self.findings.len()
    }

    /// Whether there are such findings of a severity.
    pub fn has_old_of(&self, severity: Severity) -> bool {
        let old = self.findings.get(self.current..).unwrap_or_default();
        old.iter().any(|finding| finding.severity == severity)
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

    /// How many findings have a severity, those of an earlier check among them.
    pub fn severities(&self) -> [(Severity, usize); 5] {
        Severity::ALL.map(|severity| {
            (severity, self.findings.iter().filter(|finding| finding.severity == severity).count())
        })
    }
}

impl Score {
    /// Where relations of a verdict are counted.
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
