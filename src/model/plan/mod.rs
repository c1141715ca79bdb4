//! A plan: what staged actions become. Steps with everything a person must know before, refusals with every reason,
//! the identity of the place it was made for. Plain data that is written to a file and read back; `repair` makes it,
//! `report` prints it, both front ends show it.

pub mod limits;
pub mod lock;
pub mod preflight;
pub mod rebuild;
pub mod refusal;
pub mod removal;
pub mod step;
pub mod survey;

use crate::model::action::Action;
use crate::model::copy::Copy;
use crate::model::ident::TableName;
use crate::model::target::Environment;
use lock::Mode;
use preflight::Look;
use refusal::Refusal;
use serde::{Deserialize, Serialize};
use step::Step;

/// The format of plan files this program writes.
pub const FORMAT: u32 = 1;

/// What staged actions become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The format of the file: [`FORMAT`].
    pub format: u32,
    /// The program that made it, as `waif 0.1.0`.
    pub made_by: String,
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// Where it may run.
    pub place: Place,
    /// What was staged, in the order it was staged.
    pub actions: Vec<Action>,
    /// The declared copies its backfills rest on: whoever runs it needs no configuration that tells them.
    pub copies: Vec<Copy>,
    /// How it is to be run.
    pub parameters: Parameters,
    /// What will be done, in order.
    pub steps: Vec<Step>,
    /// Why it may not be run: all reasons. A plan with one of them is never executed.
    pub refusals: Vec<Refusal>,
    /// What a person should know, a sentence each.
    pub warnings: Vec<String>,
    /// What was looked at before, and what was found.
    pub preflight: Vec<Look>,
    /// Keys that were asked for and are there already, as they are. No part of a file: a run holds them against it.
    #[serde(skip)]
    pub there: Vec<step::NewKey>,
    /// Digest over everything above, and over the definition of every table it touches: `sha256:…`.
    pub fingerprint: String,
}

/// The place a plan was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// `postgres` or `sqlite`.
    pub engine: String,
    /// The server's version as people write it.
    pub version: String,
    /// The server's version as a number.
    pub version_number: u32,
    /// The cluster's own number, where the role may read it.
    pub system_identifier: Option<String>,
    /// The timeline the server wrote on, where the role may know: it changes with every promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<String>,
    /// The database's own number.
    pub database_number: Option<String>,
    /// The database's name.
    pub database: String,
    /// Where it was reached.
    pub address: String,
    /// The role that planned.
    pub role: Option<String>,
    /// How much care the place deserves.
    pub environment: Environment,
    /// The tables the plan touches, partitions among them, each as it was.
    pub tables: Vec<Touched>,
    /// Digest over all of these: `sha256:…`.
    pub catalog: String,
}

/// A table a plan touches, as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// The table.
    pub table: TableName,
    /// The server's own number for it.
    pub number: u32,
    /// Digest over its columns, keys, triggers, rules and its place among partitions: what a step may rely on and no step
    /// changes.
    pub digest: String,
}

/// How a plan is run. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The time one statement may wait for a lock.
    pub lock_timeout: u64,
    /// How often a lock is tried for before the run pauses.
    pub lock_tries: u32,
    /// Rows of the first batch.
    pub first_batch: u64,
    /// Rows of the largest batch.
    pub largest_batch: u64,
    /// The time a batch should take.
    pub batch_time: u64,
    /// Rows the whole plan may change; none sets no limit.
    pub max_rows: Option<u64>,
    /// The time by which the run must have stopped, RFC 3339; none sets no window.
    pub window_end: Option<String>,
    /// The replay lag of a replica, in milliseconds, above which the run waits; none never looks.
    pub max_lag: Option<u64>,
    /// Statements of others that may run at once, or the run waits; none never counts them.
    pub max_active: Option<u64>,
    /// Segments of WAL that may wait for the archive, or the run waits; none never counts them.
    pub max_backlog: Option<u64>,
    /// Bytes of WAL the server may keep, or the run waits; none never measures it.
    pub max_wal: Option<u64>,
    /// Bytes the database may grow while a session of the run goes on, or the run pauses; none never measures it.
    pub max_growth: Option<u64>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            lock_timeout: 2_000,
            lock_tries: 10,
            first_batch: 2_000,
            largest_batch: 50_000,
            batch_time: 150,
            max_rows: None,
            window_end: None,
            max_lag: Some(10_000),
            max_active: None,
            max_backlog: Some(42),
            max_wal: None,
            max_growth: None,
        }
    }
}

impl Plan {
    /// Whether anything stands against running it.
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// The strongest lock any step takes on any table.
    pub fn strongest_lock(&self) -> Option<Mode> {
        self.steps.iter().flat_map(Step::all_locks).map(|held| held.mode).max()
    }

    /// Rows that will be written, and whether all of the figures are exact.
    pub fn rows(&self) -> (u64, bool) {
        let rows = self.steps.iter().filter_map(|step| step.rows.as_ref());
        rows.fold((0, true), |(sum, exact), rows| (sum + rows.count, exact && rows.exact))
    }

    /// Seconds it will take, where every step has an estimate.
    pub fn seconds(&self) -> Option<f64> {
        // The sum of no steps is a negative zero, which nobody wants to read.
        self.steps.iter().map(|step| step.seconds).sum::<Option<f64>>().map(|time| time + 0.0)
    }
}
