//! How far an index is that the server builds: while the session that writes waits for it, another one asks. What the
//! server tells is told on: the phase, pages or rows, and whom it waits for.

use crate::db::Limits;
use crate::db::writer::{Done, WriteLimits};
use crate::model::fault::Fault;
use crate::model::run::{News, Part};
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::repair::run::Site;
use crate::sql::change::Change;
use std::time::Duration;

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(1);

impl Site {
    /// Sends one statement that stands in no transaction, and tells how far the server is with it. Where it fails, whom it
    /// waited for last stands beside.
    pub(super) async fn send_alone(&mut self, change: &Change, limits: WriteLimits) -> Result<Done, Fault> {
        let mut before = None;
        let outcome = self.watched(change, limits, &mut before).await;
        outcome.map_err(|fault| match before.filter(|_| fault.kind.may_retry()) {
            Some(who) => fault.because(format!("In the way: {who}.")),
            None => fault,
        })
    }

    async fn watched(
        &mut self,
        change: &Change,
        limits: WriteLimits,
        before: &mut Option<String>,
    ) -> Result<Done, Fault> {
        let Self { writer, watch, words, tell, place, .. } = self;
        let session = writer.backend().zip(words.sessions());
        let mut at_work = writer.alone(change, limits);
        loop {
            let (Some(reader), Some((session, words))) = (watch.as_mut(), session) else {
                return at_work.await;
            };
            tokio::select! {
                biased;
                outcome = &mut at_work => return outcome,
                () = tokio::time::sleep(EVERY) => {}
            }
            // A look takes a moment and is never dropped halfway.
            match reader.fetch(&words.building(session), Limits::default()).await {
                Ok(rows) => {
                    if let Some(row) = rows.first() {
                        *before = row.get(4).and_then(Value::text).map(|who| visible(who).into_owned());
                        part(*place, row).into_iter().for_each(|part| tell(News::Part(part)));
                    }
                }
                Err(_) => *watch = None,
            }
        }
    }
}

fn part(place: usize, row: &Row) -> Option<Part> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    let phase = visible(text(0)?);
    let doing = match text(4) {
        Some(session) => format!("{phase}: {}", visible(session)),
        None => phase.into_owned(),
    };
    let number = |at: usize| row.get(at).and_then(Value::count).unwrap_or_default();
    Some(Part {
        place,
        doing,
        done: number(1),
        total: number(2),
        unit: text(3).unwrap_or_default().to_owned(),
    })
}
