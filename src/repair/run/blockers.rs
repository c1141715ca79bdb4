//! Who keeps a run waiting: while the session that writes is at work, another one looks at who stands before it. What was
//! seen is said before the next try, and decides how long that one may wait.

use crate::db::Limits;
use crate::db::writer::{WriteLimits, Written};
use crate::model::fault::Fault;
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::repair::run::Site;
use crate::sql::change::Change;
use std::time::Duration;

/// The time a statement may take before anybody looks.
const SOON: Duration = Duration::from_millis(150);
/// The time between two looks later on.
const LATER: Duration = Duration::from_secs(1);
/// What a try adds to the time after which the server makes an autovacuum yield.
const BEYOND: Duration = Duration::from_millis(500);
/// Sessions named at most.
const NAMED: usize = 3;

/// Who was seen before us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Blockers {
    who: Vec<String>,
    autovacuum: bool,
    wraparound: bool,
    patience: Duration,
}

impl Blockers {
    fn of(rows: &[Row]) -> Option<Self> {
        let who: Vec<String> =
            rows.iter().filter_map(|row| row.first()?.text()).map(|who| visible(who).into_owned()).collect();
        let all = |at: usize| rows.iter().all(|row| row.get(at).is_some_and(Value::truth));
        let any = |at: usize| rows.iter().any(|row| row.get(at).is_some_and(Value::truth));
        let patience = rows.first()?.get(3).and_then(Value::count).map(Duration::from_millis);
        (!who.is_empty()).then(|| Self {
            who,
            autovacuum: all(1),
            wraparound: any(2),
            patience: patience.unwrap_or(Duration::from_secs(1)),
        })
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let named = self.who.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match self.who.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let vacuum = if self.wraparound {
            " It is an autovacuum that prevents wraparound: it does not yield, and is waited for."
        } else if self.autovacuum {
            " It is an autovacuum: the next try waits long enough for the server to make it yield."
        } else {
            ""
        };
        format!("In the way: {named}{more}.{vacuum}")
    }

    /// The limit of the next try, where it must be longer than usual: only an autovacuum is ever displaced, and only one
    /// that may be.
    pub(super) fn longer(&self) -> Option<Duration> {
        (self.autovacuum && !self.wraparound).then_some(self.patience + BEYOND)
    }
}

/// The rows of a transaction; where nobody knows what became of it, that.
pub(super) fn rows(outcome: &Result<Written, Fault>) -> Result<u64, &Fault> {
    match outcome {
        Ok(Written::Committed(done)) => Ok(done.iter().map(|done| done.touched).sum()),
        Ok(Written::Unknown { fault, .. }) | Err(fault) => Err(fault),
    }
}

impl Site {
    /// Commits statements, and tells who was in the way meanwhile. The first try is not looked at: it waits for a moment
    /// only, and nearly always nobody is there.
    pub(super) async fn send(
        &mut self,
        work: &[Change],
        limits: WriteLimits,
        watched: bool,
    ) -> (Result<Written, Fault>, Option<Blockers>) {
        if let Some(log) = &self.log
            && let Err(fault) = log.before(&self.step, work)
        {
            return (Err(fault), None);
        }
        let (outcome, seen) = if watched {
            self.send_watched(work, limits).await
        } else {
            (self.writer.atomically(work, limits).await, None)
        };
        if let Some(log) = &self.log {
            log.after(&self.step, rows(&outcome));
        }
        (outcome, seen)
    }

    async fn send_watched(
        &mut self,
        work: &[Change],
        limits: WriteLimits,
    ) -> (Result<Written, Fault>, Option<Blockers>) {
        let Self { writer, watch, words, .. } = self;
        let session = writer.backend().zip(words.sessions());
        let mut at_work = writer.atomically(work, limits);
        let mut seen = None;
        let mut pause = SOON;
        loop {
            let (Some(reader), Some((session, words))) = (watch.as_mut(), session) else {
                return (at_work.await, seen);
            };
            tokio::select! {
                biased;
                outcome = &mut at_work => return (outcome, seen),
                () = tokio::time::sleep(pause) => {}
            }
            // A look takes a moment and is never dropped halfway.
            match reader.fetch(&words.blockers(session), Limits::default()).await {
                Ok(rows) => seen = Blockers::of(&rows).or(seen),
                Err(_) => *watch = None,
            }
            if limits.lock < LATER * 2 && seen.is_some() {
                pause = SOON;
            } else {
                pause = (pause * 2).min(LATER);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(who: &str, autovacuum: &str, wraparound: &str) -> Row {
        [who, autovacuum, wraparound, "1000"].iter().map(|text| Value::Text((*text).to_owned())).collect()
    }

    #[test]
    fn only_an_autovacuum_that_may_yield_gets_a_longer_try() {
        let longer = |rows: &[Row]| Blockers::of(rows).and_then(|blockers| blockers.longer());
        assert_eq!(longer(&[]), None);
        assert_eq!(longer(&[row("session 1", "true", "false")]), Some(Duration::from_millis(1_500)));
        assert_eq!(longer(&[row("session 1", "true", "true")]), None);
        assert_eq!(longer(&[row("session 1", "true", "false"), row("session 2", "false", "false")]), None);
    }

    #[test]
    fn whoever_is_in_the_way_is_named_and_the_list_says_what_it_left_out() {
        let rows: Vec<Row> = (1..=5).map(|at| row(&format!("session {at}"), "false", "false")).collect();
        let words = Blockers::of(&rows).expect("blockers").words();
        assert_eq!(words, "In the way: session 1, session 2, session 3 and 2 more.");
    }
}
