//! A saved check: when it was, how far it got, its figures, and what it found. Made from a check by `job`; written and read
//! as JSON by the store.

use crate::model::check::Check;
use crate::model::finding::{Finding, Severity};
use crate::model::tally::{Tally, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The format written here. A record of a later one is left alone.
pub(super) const FORMAT: u32 = 1;

/// What tells findings apart across checks: the rule's name and the object.
pub type Key = (String, String);

/// A saved check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The format of this record.
    pub format: u32,
    /// The target's identity, without a user or a password.
    pub target: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Whether everything was inspected to the end.
    pub complete: bool,
    /// Whether somebody asked for a part of the database only.
    pub narrowed: bool,
    /// Its figures.
    pub summary: Summary,
    /// What it found; older records are kept without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// The figures of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Relations.
    pub relations: u64,
    /// Counted to the end, without an orphan.
    pub clean: u64,
    /// With orphans.
    pub with_orphans: u64,
    /// Never to be satisfied.
    pub broken: u64,
    /// Not counted.
    pub not_checked: u64,
    /// Orphans; a lower bound unless the check is complete.
    pub orphans: u64,
    /// Findings by severity, worst first; those set aside are left out.
    pub findings: [u64; 5],
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// A line per relation.
    pub relations: Vec<Kept>,
    /// The findings, those set aside by the configuration among them.
    pub findings: Vec<Seen>,
}

/// What was said of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// The verdict.
    pub verdict: Said,
    /// Rows of the child table.
    pub rows: Option<u64>,
    /// Orphans.
    pub orphans: Option<u64>,
    /// Whether they were counted to the end.
    pub exact: bool,
}

/// A verdict without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Counted to the end, without an orphan.
    Clean,
    /// With orphans.
    Orphans,
    /// Not counted.
    NotChecked,
    /// Never to be satisfied.
    Broken,
}

/// A finding as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The rule's name.
    pub rule: String,
    /// What it is about.
    pub object: String,
    /// The relation concerned, by id.
    pub relation: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Rows concerned.
    pub rows: Option<u64>,
    /// Whether the configuration set it aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
    /// When a check found it first.
    pub first_seen: Timestamp,
}

/// A complete check on a line of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When it ended.
    pub at: Timestamp,
    /// Its orphans.
    pub orphans: u64,
}

impl Record {
    /// The record of a check that ended at `ended`. What was seen before keeps the time it was seen first.
    pub fn of(
        check: &Check,
        target: &str,
        narrowed: bool,
        ended: Timestamp,
        first_seen: &HashMap<Key, Timestamp>,
    ) -> Self {
        let seen = |finding: &Finding, aside: bool| Seen {
            rule: finding.rule.to_owned(),
            object: finding.object.clone(),
            relation: finding.relation.clone(),
            severity: finding.severity,
            rows: finding.rows,
            aside,
            first_seen: first_seen.get(&key(finding)).copied().unwrap_or(ended),
        };
        let kept = check.catalog.relations.iter().zip(&check.tallies);
        let aside = check.suppressed.iter().map(|one| seen(&one.finding, true));
        Self {
            format: FORMAT,
            target: target.to_owned(),
            began: check.started_at.parse().unwrap_or(ended),
            ended,
            complete: check.complete(),
            narrowed,
            summary: Summary::of(check),
            body: Some(Body {
                relations: kept.map(|(relation, tally)| Kept::of(&relation.id, tally)).collect(),
                findings: check.findings.iter().map(|one| seen(one, false)).chain(aside).collect(),
            }),
        }
    }

    /// Whether it vouches for the whole database.
    pub fn is_whole(&self) -> bool {
        self.complete && !self.narrowed
    }

    /// Its place on the line of time.
    pub fn point(&self) -> Point {
        Point { at: self.ended, orphans: self.summary.orphans }
    }

    /// Whether two checks found the same, whenever they were made.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let findings = |record: &Self| -> Vec<Seen> {
            let body = record.body.as_ref().map_or(&[][..], |body| &body.findings);
            body.iter().map(|seen| Seen { first_seen: Timestamp::UNIX_EPOCH, ..seen.clone() }).collect()
        };
        let relations = |record: &Self| record.body.as_ref().map(|body| body.relations.clone());
        self.summary == other.summary
            && self.complete == other.complete
            && self.narrowed == other.narrowed
            && findings(self) == findings(other)
            && relations(self) == relations(other)
    }
}

/// What tells a finding apart.
pub(super) fn key(finding: &Finding) -> Key {
    (finding.rule.to_owned(), finding.object.clone())
}

impl Kept {
    fn of(id: &str, tally: &Tally) -> Self {
        let verdict = match tally.verdict() {
            Verdict::Clean => Said::Clean,
            Verdict::Orphans => Said::Orphans,
            Verdict::NotChecked(_) => Said::NotChecked,
            Verdict::Broken(_) => Said::Broken,
        };
        let counts = tally.counts();
        Self { id: id.to_owned(), verdict, rows: counts.rows, orphans: counts.orphans, exact: tally.exact() }
    }

    /// Whether it was inspected to the end.
    pub fn settled(&self) -> bool {
        match self.verdict {
            Said::Clean | Said::Broken => true,
            Said::Orphans => self.exact,
            Said::NotChecked => false,
        }
    }
}

impl Summary {
    fn of(check: &Check) -> Self {
        let mut summary = Self { relations: check.tallies.len() as u64, ..Self::default() };
        for tally in &check.tallies {
            let orphans = tally.counts().orphans.unwrap_or(0);
            match tally.verdict() {
                Verdict::Clean => summary.clean += 1,
                Verdict::NotChecked(_) => summary.not_checked += 1,
                Verdict::Orphans => {
                    summary.with_orphans += 1;
                    summary.orphans += orphans;
                }
                Verdict::Broken(_) => {
                    summary.broken += 1;
                    summary.orphans += orphans;
                }
            }
        }
        for finding in &check.findings {
            if let Some(place) = Severity::ALL.iter().position(|severity| *severity == finding.severity) {
                summary.findings[place] += 1;
            }
        }
        summary
    }
}
