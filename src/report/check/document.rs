//! The check as an object of machine formats; `assets/schema/check.schema.json` describes it. Built here, written by `json`.

use crate::model::catalog::Gap;
use crate::model::finding::{Finding, Severity, Suppressed};
use crate::model::scope::Snapshot;
use crate::model::server::{EngineKind, Flavor, Server};
use crate::model::target::Environment;
use crate::report::check::{Account, Standing, Summary};
use crate::report::relation::Told;
use crate::report::{FORMAT, Tool};
use serde::Serialize;

/// The whole document.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    #[serde(flatten)]
    pub(crate) head: Head<'a>,
    pub(crate) summary: Summary,
    pub(crate) relations: Vec<Told<'a>>,
    pub(crate) findings: Vec<Found<'a>>,
    pub(crate) suppressed: Vec<Accepted<'a>>,
    pub(crate) gaps: Vec<Unseen<'a>>,
}

/// What stands above the results.
#[derive(Debug, Serialize)]
pub(crate) struct Head<'a> {
    format: u32,
    tool: Tool,
    target: At<'a>,
    started_at: &'a str,
    finished_at: &'a str,
    complete: bool,
    snapshot: Snapshot,
}

/// The database.
#[derive(Debug, Serialize)]
pub(crate) struct At<'a> {
    engine: EngineKind,
    flavor: Flavor,
    version: &'a str,
    database: &'a str,
    user: Option<&'a str>,
    environment: Environment,
    read_only: bool,
}

impl<'a> At<'a> {
    pub(crate) fn new(server: &'a Server, environment: Environment) -> Self {
        Self {
            engine: server.engine,
            flavor: server.flavor,
            version: &server.version,
            database: server.database.raw(),
            user: server.user.as_ref().map(|user| user.raw()),
            environment,
            read_only: server.read_only,
        }
    }
}

/// A finding, and how it stands against the baseline.
#[derive(Debug, Serialize)]
pub(crate) struct Found<'a> {
    rule: &'a str,
    severity: Severity,
    object: &'a str,
    relation: Option<&'a str>,
    message: &'a str,
    detail: Option<&'a str>,
    rows: Option<u64>,
    action: Option<&'a str>,
    baseline: Option<Standing>,
}

impl<'a> Found<'a> {
    fn new(finding: &'a Finding, baseline: Option<Standing>) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity,
            object: &finding.object,
            relation: finding.relation.as_deref(),
            message: &finding.message,
            detail: finding.detail.as_deref(),
            rows: finding.rows,
            action: finding.action.as_deref(),
            baseline,
        }
    }
}

/// A finding that was accepted, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Accepted<'a> {
    #[serde(flatten)]
    finding: Found<'a>,
    reason: &'a str,
}

/// Something beside relations that could not be inspected.
#[derive(Debug, Serialize)]
pub(crate) struct Unseen<'a> {
    object: &'a str,
    reason: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn new(account: &Account<'a>) -> Self {
        let check = account.check;
        let catalog = &check.catalog;
        Self {
            head: Head {
                format: FORMAT,
                tool: Tool::WAIF,
                target: At::new(&catalog.server, check.environment),
                started_at: &check.started_at,
                finished_at: &check.finished_at,
                complete: check.complete(),
                snapshot: check.snapshot,
            },
            summary: Summary::of(check),
            relations: catalog
                .relations
                .iter()
                .zip(&check.tallies)
                .map(|(relation, tally)| Told::new(catalog, relation, tally))
                .collect(),
            findings: check.findings.iter().map(|one| Found::new(one, account.standing(one))).collect(),
            suppressed: check.suppressed.iter().map(|one| accepted(account, one)).collect(),
            gaps: check.gaps.iter().map(Unseen::from).collect(),
        }
    }
}

fn accepted<'a>(account: &Account<'_>, one: &'a Suppressed) -> Accepted<'a> {
    Accepted { finding: Found::new(&one.finding, account.standing(&one.finding)), reason: &one.reason }
}

impl<'a> From<&'a Gap> for Unseen<'a> {
    fn from(gap: &'a Gap) -> Self {
        Self { object: &gap.object, reason: &gap.reason }
    }
}
