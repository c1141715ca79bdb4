//! Probes: once a key is proved it must also refuse. A child is pointed to a parent that is not there, and a parent that
//! has children is deleted; both in transactions that are rolled back whatever happens, and both must be refused.

use crate::db::writer::{Rehearsed, WriteLimits};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use std::time::Duration;

/// What a probe may take: it may hold the lock of a row for no longer.
const TAKES: Duration = Duration::from_secs(2);
/// How long it waits for a lock.
const WAITS: Duration = Duration::from_millis(200);
/// The ways a server refuses: a violated foreign key, and RESTRICT.
const REFUSED: [&str; 2] = ["23503", "23001"];

/// How a probe ended.
enum Tried {
    Refused,
    Untried(String),
    /// The key let it pass: it does not guard what it should.
    Passed,
}

impl Site {
    /// Probes a proved key; answers with what was seen.
    pub(super) async fn probe(&mut self, table: &TableName, name: &Ident) -> Result<String, Halt> {
        let rows = self.ask(&self.keys()?.probes(table, name)).await?;
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        let text = |at: usize| row.get(at).and_then(Value::text).map(str::to_owned);
        let child = match (text(0), text(1)) {
            (_, Some(why)) => Tried::Untried(why),
            (Some(sql), None) => self.try_probe(&self.keys()?.probe(&sql)).await?,
            (None, None) => Tried::Untried("the types of its columns have no next value".to_owned()),
        };
        let parent = match (text(2), text(3)) {
            (_, Some(why)) => Tried::Untried(why),
            (Some(sql), None) => self.try_probe(&self.keys()?.probe(&sql)).await?,
            (None, None) => Tried::Untried("its parent cannot be named".to_owned()),
        };
        Ok(format!(
            "{}; {}",
            told("a child without a parent", child)?,
            told("the deletion of a parent that has children", parent)?
        ))
    }

    async fn try_probe(&mut self, change: &Change) -> Result<Tried, Halt> {
        let limits = WriteLimits { lock: WAITS, statement: Some(TAKES), one_moment: false };
        let Rehearsed { done, fault, .. } =
            self.writer.rehearse(std::slice::from_ref(change), None, limits).await;
        Ok(match fault {
            Some(fault) if fault.code.as_deref().is_some_and(|code| REFUSED.contains(&code)) => {
                Tried::Refused
            }
            Some(fault) if fault.kind == Kind::Lost => return Err(Halt::Failed(fault)),
            Some(fault) => Tried::Untried(fault.headline),
            None if done.first().is_none_or(|done| done.touched == 0) => {
                Tried::Untried("there is no row to try it with".to_owned())
            }
            None => Tried::Passed,
        })
    }
}

fn told(what: &str, tried: Tried) -> Result<String, Halt> {
    match tried {
        Tried::Refused => Ok(format!("{what} was refused")),
        Tried::Untried(why) => Ok(format!("{what} was not tried ({why})")),
        Tried::Passed => Err(Halt::Failed(
            Fault::new(
                Kind::Unexpected,
                format!("The key is proved, and yet {what} was not refused. It was rolled back."),
            )
            .hint("See whether triggers of the key are disabled, and whether this role bypasses them."),
        )),
    }
}
