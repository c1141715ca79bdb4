//! The figures of a check as a whole. Called by every printer, and by front ends for their last line.

use crate::model::check::Check;
use crate::model::finding::Severity;
use crate::model::relation::{Enforcement, Origin};
use crate::model::tally::Verdict;
use serde::{Serialize, Serializer};

/// Sums over a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Tables; partitions count with their root.
    pub tables: u64,
    /// Relations.
    pub relations: u64,
    /// Declared, checked on every write, and vouched for by the engine.
    pub enforced: u64,
    /// Declared and checked on writes, but rows from before may violate.
    pub not_valid: u64,
    /// Declared, but not checked on writes.
    pub not_enforced: u64,
    /// Declared where each connection chooses whether it is checked (SQLite).
    pub per_connection: u64,
    /// Expected, but not declared.
    pub missing: u64,
    /// Orphans found; a lower bound unless the check is complete.
    pub orphans: u64,
    /// Findings by severity.
    #[serde(serialize_with = "by_severity")]
    pub findings: [u64; 5],
    /// Verdicts.
    #[serde(flatten)]
    pub verdicts: Verdicts,
}

/// Relations by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// Counted exactly, no orphan.
    pub clean: u64,
    /// With orphans.
    pub with_orphans: u64,
    /// Not counted.
    pub not_checked: u64,
    /// Never to be satisfied.
    pub broken: u64,
}

impl Summary {
    /// The sums of a check.
    pub fn of(check: &Check) -> Self {
        let mut summary = Self {
            tables: check.catalog.tables.iter().filter(|table| table.partition_of.is_none()).count() as u64,
            relations: check.catalog.relations.len() as u64,
            ..Self::default()
        };
        for relation in &check.catalog.relations {
            match (&relation.enforcement, relation.origin) {
                (_, Origin::Expected) => summary.missing += 1,
                (Enforcement::On, _) if relation.validated => summary.enforced += 1,
                (Enforcement::On, _) => summary.not_valid += 1,
                (Enforcement::Off(_), _) => summary.not_enforced += 1,
                (Enforcement::PerConnection, _) => summary.per_connection += 1,
                (Enforcement::Undeclared, _) => (),
            }
        }
        for tally in &check.tallies {
            match tally.verdict() {
                Verdict::Clean => summary.verdicts.clean += 1,
                Verdict::NotChecked(_) => summary.verdicts.not_checked += 1,
                Verdict::Orphans => {
                    summary.verdicts.with_orphans += 1;
                    summary.orphans += tally.counts().orphans.unwrap_or(0);
                }
                Verdict::Broken(_) => {
                    summary.verdicts.broken += 1;
                    summary.orphans += tally.counts().orphans.unwrap_or(0);
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

    /// Findings by severity, worst first, the empty ones left out.
    pub fn severities(&self) -> impl Iterator<Item = (Severity, u64)> + '_ {
        Severity::ALL.into_iter().zip(self.findings).filter(|(_, many)| *many > 0)
    }
}

fn by_severity<S: Serializer>(findings: &[u64; 5], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(Severity::ALL.iter().map(|severity| severity.word()).zip(findings))
}
