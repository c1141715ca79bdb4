//! The run: an armed plan is carried out step by step, journalled in the transaction that does the work, so that it can be
//! broken off at any instant and go on where it was. Called by `job`.

pub(crate) mod alone;
mod attempt;
mod backfill;
mod blockers;
mod building;
mod define;
mod evicted;
pub(crate) mod execute;
mod found;
mod guard;
mod hold;
pub(crate) mod journal;
mod line;
mod lost;
mod opening;
mod overhead;
pub mod pace;
mod probe;
mod prove;
mod rebuild;
pub(crate) mod rehearse;
pub(crate) mod restore;
pub(crate) mod search;
mod shape;
mod since;
pub mod steer;

use crate::db::writer::{WriteLimits, Writer};
use crate::db::{Engine, Reader};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::Parameters;
use crate::model::plan::limits::Limits;
use crate::model::run::{Counts, News};
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::Repairs;
use std::sync::Arc;
use std::time::Duration;
use steer::Steer;

/// What everything in a run works with.
pub(crate) struct Site {
    /// The open database.
    pub(crate) engine: Arc<dyn Engine>,
    /// The session that writes.
    pub(crate) writer: Box<dyn Writer>,
    /// What may be said to it.
    pub(crate) words: &'static dyn Repairs,
    /// A session that only looks: at who keeps the one that writes waiting. None where the server gave none.
    pub(crate) watch: Option<Box<dyn Reader>>,
    /// The tables of the plan, as they were when the run began or went on.
    pub(crate) shape: shape::Shape,
    /// Where a log is kept of all that is sent; none where nobody keeps one.
    pub(crate) log: Option<Logger>,
    /// The step that goes on.
    pub(crate) step: String,
    /// Its place among the steps.
    pub(crate) place: usize,
    /// What was counted before it, in an earlier session.
    pub(crate) before: Option<Counts>,
    /// Whether the run is brought back, not carried out.
    pub(crate) restoring: bool,
    /// The run's number.
    pub(crate) run: String,
    /// The epoch this session holds it in.
    pub(crate) epoch: u64,
    /// How it is to be run.
    pub(crate) parameters: Parameters,
    /// What a person may change while it runs.
    pub(crate) steer: Arc<Steer>,
    /// What its role may see of the server; none before anybody looked.
    pub(crate) sight: Option<guard::Sight>,
    /// The limits a person changed, as they were heeded last.
    pub(crate) heeded: Limits,
    /// Whether the cost of writes is measured before and after a step that bears upon it.
    pub(crate) measure: bool,
    /// Where it tells.
    pub(crate) tell: Tell,
}

/// What is sent to change the database, and what came of it, for whoever keeps a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logged {
    /// The step; empty before the first.
    pub(crate) step: String,
    /// `sent` before, `done` or `failed` after.
    pub(crate) what: &'static str,
    /// The statements; empty after.
    pub(crate) sql: Vec<String>,
    /// Rows they changed.
    pub(crate) rows: Option<u64>,
    /// The server's code of what went wrong.
    pub(crate) code: Option<String>,
}

/// Keeps a log of what is sent; an error says that nothing may be sent.
#[derive(Clone)]
pub(crate) struct Logger(pub(crate) Arc<dyn Fn(Logged) -> Result<(), Fault> + Send + Sync>);

impl std::fmt::Debug for Logger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logger")
    }
}

impl Logger {
    /// Writes down what is about to be sent.
    fn before(&self, step: &str, changes: &[Change]) -> Result<(), Fault> {
        let sql = changes.iter().map(|change| change.text().to_owned()).collect();
        (self.0)(Logged { step: step.to_owned(), what: "sent", sql, ..Logged::default() })
    }

    /// Writes down what came of it. What cannot be written any more is known before anything else is sent.
    fn after(&self, step: &str, outcome: Result<u64, &Fault>) {
        let step = step.to_owned();
        let logged = match outcome {
            Ok(rows) => Logged { step, what: "done", rows: Some(rows), ..Logged::default() },
            Err(fault) => Logged { step, what: "failed", code: fault.code.clone(), ..Logged::default() },
        };
        let _ = (self.0)(logged);
    }
}

/// Where a run tells what it does; never blocks.
pub(crate) type Tell = Arc<dyn Fn(News) + Send + Sync>;

/// Why a step did not come to its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A person asked.
    Stopped,
    /// A guard asks a person to look.
    Paused(String),
    /// It cannot go on.
    Failed(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        match fault.code.as_deref() {
            // Somebody at the server ended the session: that is an order, and a person decides when it goes on.
            Some("57P01") => Self::Paused(fault.to_string()),
            _ => Self::Failed(fault),
        }
    }
}

impl Site {
    /// Lets the limits a person changed hold from now on.
    pub(crate) fn heed(&mut self) {
        let limits = self.steer.limits();
        if limits != self.heeded {
            self.heeded = limits;
            limits.onto(&mut self.parameters);
            (self.tell)(News::Limits(limits));
        }
    }

    /// Waits while a person wants it to.
    pub(crate) async fn rest(&mut self) -> Result<(), Halt> {
        let mut said = false;
        while self.steer.is_paused() && !self.steer.is_stopping() {
            if !said {
                (self.tell)(News::Waiting("Paused by a person; no transaction is open.".to_owned()));
                said = true;
            }
            tokio::select! {
                () = self.steer.turned() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            self.heed();
        }
        if said {
            (self.tell)(News::GoesOn);
        }
        if self.steer.is_stopping() { Err(Halt::Stopped) } else { Ok(()) }
    }

    /// What every transaction begins with: the run is ours, or it ends.
    pub(crate) fn fence(&self) -> Change {
        match self.engine.dialect().removals().filter(|_| self.restoring) {
            Some(words) => words.reclaimed(&self.run, self.epoch),
            None => self.words.fence(&self.run, self.epoch),
        }
    }

    /// Limits of a statement that may take its time but waits for locks no longer than allowed.
    pub(crate) fn limits(&self) -> WriteLimits {
        let lock = Duration::from_millis(self.parameters.lock_timeout.max(1));
        WriteLimits { lock, statement: None, one_moment: false }
    }

    /// Asks something in the writing session.
    pub(crate) async fn ask(&mut self, query: &Query) -> Result<Vec<Row>, Fault> {
        let limits = self.limits();
        self.writer.fetch(query, limits).await
    }

    /// Asks for one row of numbers.
    pub(crate) async fn numbers(&mut self, query: &Query) -> Result<Vec<u64>, Fault> {
        let rows = self.ask(query).await?;
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        let numbers: Vec<u64> = row.iter().filter_map(Value::count).collect();
        if numbers.len() != row.len() || row.is_empty() {
            return Err(Fault::new(
                Kind::Other,
                "An answer of the server is no row of numbers. This is a defect of waif.",
            ));
        }
        Ok(numbers)
    }
}
