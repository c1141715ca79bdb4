//! One transaction of a run, tried until it is committed, refused or out of tries. Waiting is said; a person's wish is
//! heard between tries; a COMMIT whose answer was lost is looked up and never guessed.

use crate::db::writer::{Done, Fate, WriteLimits, Written};
use crate::model::fault::{Fault, Kind};
use crate::model::run::News;
use crate::repair::run::blockers::Blockers;
use crate::repair::run::guard::in_window;
use crate::repair::run::pace::{back_off, lock_limit};
use crate::repair::run::{Halt, Site};
use crate::sql::change::{Change, Expected};
use std::time::{Duration, Instant};

/// How long the fate of a transaction is asked for: the server may take a while to notice that a link is dead.
const FATE: Duration = Duration::from_secs(60);

/// What a transaction came to.
pub(super) enum Attempt {
    /// It is committed.
    Done(Vec<Done>),
    /// It was too large for its limits: the same work should be cut smaller.
    TooLarge(Fault),
}

impl Site {
    /// Holds the run while the statements do their work, and commits both together.
    pub(super) async fn attempt(
        &mut self,
        changes: Vec<Change>,
        statement: Option<Duration>,
    ) -> Result<Attempt, Halt> {
        self.attempt_within(changes, WriteLimits { statement, ..self.limits() }).await
    }

    /// The same with limits of one's own; that on locks is the most of the last tries.
    pub(super) async fn attempt_within(
        &mut self,
        changes: Vec<Change>,
        within: WriteLimits,
    ) -> Result<Attempt, Halt> {
        let WriteLimits { lock: most, statement, one_moment } = within;
        let mut work = vec![self.fence()];
        work.extend(changes);
        let mut tries = 0;
        let mut longer = None;
        loop {
            if self.steer.is_stopping() {
                return Err(Halt::Stopped);
            }
            let limits =
                WriteLimits { lock: longer.take().unwrap_or(lock_limit(tries, most)), statement, one_moment };
            let (outcome, blockers) = self.send(&work, limits, tries > 0).await;
            let fault = match outcome {
                Ok(Written::Committed(done)) => return Ok(Attempt::Done(done)),
                Ok(Written::Unknown { transaction, fault }) => {
                    return Err(self.fate_of(&transaction, fault).await);
                }
                Err(fault) => fault,
            };
            if is_of(work.first(), &fault) {
                // No other try, no smaller batch and no other order changes that.
                return Err(Halt::Failed(Fault { kind: Kind::Busy, ..fault }));
            }
            tries += 1;
            longer = blockers.as_ref().and_then(Blockers::longer);
            let fault = match &blockers {
                Some(blockers) => fault.because(blockers.words()),
                None => fault,
            };
            match fault.kind {
                // Somebody changed one of its rows meanwhile: as a whole it would meet the same again and again.
                Kind::Conflict if one_moment => return Err(fault.into()),
                kind if kind.may_retry() && tries < self.parameters.lock_tries.max(1) => {
                    self.wait(&fault, blockers.as_ref(), tries).await;
                    in_window(self).await?;
                }
                kind if kind.may_retry() && statement.is_some() => return Ok(Attempt::TooLarge(fault)),
                kind if kind.may_retry() => {
                    return Err(Halt::Paused(format!("{fault} It was tried for {tries} times.")));
                }
                Kind::TimedOut if statement.is_some() => return Ok(Attempt::TooLarge(fault)),
                // The values of one batch do not fit into the arrays of the record.
                _ if statement.is_some() && fault.code.as_deref() == Some("54000") => {
                    return Ok(Attempt::TooLarge(fault));
                }
                Kind::Interrupted if self.steer.is_stopping() => return Err(Halt::Stopped),
                // Somebody at the server stopped us: that is an order, not a mishap.
                Kind::Interrupted => return Err(Halt::Paused(fault.to_string())),
                _ => return Err(fault.into()),
            }
        }
    }

    /// Waits before the next try, and says why.
    async fn wait(&mut self, fault: &Fault, blockers: Option<&Blockers>, tries: u32) {
        let time = back_off(tries, fastrand::f64());
        let who = blockers.map(|blockers| format!(" {}", blockers.words())).unwrap_or_default();
        (self.tell)(News::Retry(format!(
            "{}{who} Try {} of {} follows.",
            fault.headline,
            tries + 1,
            self.parameters.lock_tries
        )));
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.steer.turned() => {}
        }
        (self.tell)(News::GoesOn);
    }

    /// What became of a transaction whose COMMIT was never answered. The session is gone either way.
    async fn fate_of(&mut self, transaction: &str, lost: Fault) -> Halt {
        (self.tell)(News::Waiting(
            "The answer to COMMIT was lost; the server is asked what became of it.".to_owned(),
        ));
        let (mut last, began) = (None, Instant::now());
        // Whoever wants to leave does not wait for it: the journal tells it as well.
        while began.elapsed() < FATE && !self.steer.is_stopping() {
            match self.engine.fate(transaction).await {
                Ok(Fate::InProgress) => {}
                Ok(Fate::Committed) => return ended(lost, "The last transaction was committed."),
                Ok(Fate::Aborted) => return ended(lost, "The last transaction left nothing."),
                Ok(Fate::Forgotten) => {
                    return ended(
                        lost,
                        "The server does not remember the last transaction; the journal does.",
                    );
                }
                Err(fault) => last = Some(fault),
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = self.steer.turned() => {}
            }
        }
        let unknown = Fault::new(
            Kind::UnknownOutcome,
            "The answer to COMMIT was lost, and nobody can say what became of it.",
        );
        let unknown =
            unknown.because(lost.to_string()).because(last.map_or(String::new(), |fault| fault.to_string()));
        Halt::Failed(
            unknown.hint(
                "Resume the run when the server answers again: its journal tells what is in the table.",
            ),
        )
    }
}

/// Whether a fault is that this statement did not come to what it must.
fn is_of(change: Option<&Change>, fault: &Fault) -> bool {
    let Some(Expected::Rows(_, otherwise)) = change.map(Change::expected) else { return false };
    fault.kind == Kind::Unexpected && fault.headline == *otherwise
}

fn ended(lost: Fault, what: &str) -> Halt {
    Halt::Failed(
        lost.because(what)
            .hint("Resume the run when the server answers again: nothing is lost or done twice."),
    )
}
