//! The line to the session that writes. One call at a time goes through the gate of the wheel, so that a run can stand
//! still with nothing open; and while an answer is awaited, another session looks now and then whether the server is still
//! at work on it. An answer that was lost on the way is not waited for: then the line is cut.

use crate::db::writer::{Done, Progress, Rehearsed, WriteLimits, Writer, Written};
use crate::db::{Engine, Interrupt, Limits};
use crate::model::fault::Fault;
use crate::model::run::News;
use crate::model::scope::Snapshot;
use crate::model::value::{Row, Value};
use crate::repair::run::Tell;
use crate::repair::run::steer::Steer;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::Repairs;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an answer may take before anybody looks, and how long the look may take.
const LOOK: Duration = Duration::from_secs(8);
/// Looks without a sign of life before the line is cut.
const SILENT: u32 = 2;

/// The line.
pub(super) struct Line {
    writer: Box<dyn Writer>,
    steer: Arc<Steer>,
    watcher: Watcher,
}

/// Whoever looks whether the server is at work.
#[derive(Clone)]
struct Watcher {
    engine: Arc<dyn Engine>,
    words: &'static dyn Repairs,
    session: Option<i32>,
    interrupt: Arc<dyn Interrupt>,
    tell: Tell,
}

impl Line {
    /// A line to a session.
    pub(super) fn to(
        writer: Box<dyn Writer>,
        engine: &Arc<dyn Engine>,
        words: &'static dyn Repairs,
        steer: &Arc<Steer>,
        tell: &Tell,
    ) -> Self {
        let watcher = Watcher {
            engine: Arc::clone(engine),
            words,
            session: writer.backend(),
            interrupt: writer.interrupter(),
            tell: Arc::clone(tell),
        };
        Self { writer, steer: Arc::clone(steer), watcher }
    }
}

impl Watcher {
    /// Awaits an answer for as long as the server is at work on it.
    async fn over<T>(&self, mut work: BoxFuture<'_, T>) -> T {
        let began = Instant::now();
        let mut silent = 0;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(LOOK) => {}
            }
            // On a task of its own: a look that takes too long is left to itself, never broken off.
            let look = tokio::spawn(self.clone().look());
            let is_at_work = tokio::select! {
                biased;
                done = &mut work => return done,
                seen = look => seen.unwrap_or(false),
                () = tokio::time::sleep(LOOK) => false,
            };
            if is_at_work {
                if std::mem::take(&mut silent) > 0 {
                    (self.tell)(News::GoesOn);
                }
                continue;
            }
            silent += 1;
            let seconds = began.elapsed().as_secs();
            (self.tell)(News::Waiting(format!("No answer from the server for {seconds} s.")));
            if silent >= SILENT {
                let interrupt = Arc::clone(&self.interrupt);
                tokio::spawn(async move { interrupt.interrupt().await });
                return work.await;
            }
        }
    }

    /// Whether the server is at work for the session, as far as it can be seen from another one.
    async fn look(self) -> bool {
        let Some((session, words)) = self.session.zip(self.words.sessions()) else { return true };
        let Ok(mut readers) = self.engine.readers(1, Snapshot::PerRelation).await else { return false };
        let Some(mut reader) = readers.sessions.pop() else { return false };
        match reader.fetch(&words.at_work(session), Limits::default()).await {
            Ok(rows) => rows.first().and_then(|row| row.first()).is_some_and(Value::truth),
            Err(_) => false,
        }
    }
}

impl Writer for Line {
    fn atomically<'a>(
        &'a mut self,
        changes: &'a [Change],
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Written, Fault>> {
        Box::pin(async move {
            let _open = self.steer.pass().await;
            self.watcher.over(self.writer.atomically(changes, limits)).await
        })
    }

    fn rehearse<'a>(
        &'a mut self,
        changes: &'a [Change],
        question: Option<&'a Query>,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Rehearsed> {
        Box::pin(async move {
            let _open = self.steer.pass().await;
            self.watcher.over(self.writer.rehearse(changes, question, limits)).await
        })
    }

    fn alone<'a>(
        &'a mut self,
        change: &'a Change,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Done, Fault>> {
        Box::pin(async move {
            let _open = self.steer.pass().await;
            self.watcher.over(self.writer.alone(change, limits)).await
        })
    }

    fn fetch<'a>(
        &'a mut self,
        query: &'a Query,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(async move {
            let _open = self.steer.pass().await;
            self.watcher.over(self.writer.fetch(query, limits)).await
        })
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.writer.interrupter()
    }

    fn backend(&self) -> Option<i32> {
        self.writer.backend()
    }

    fn progress(&self) -> Arc<Progress> {
        self.writer.progress()
    }
}
