//! Opening a restore: the place is the one the run was made for, nobody else works on the run, and the journal is ours.

use super::Restoration;
use crate::db::Engine;
use crate::db::writer::{Armed, WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::limits::Limits;
use crate::model::scope::Snapshot;
use crate::repair::run::execute::spoken;
use crate::repair::run::line::Line;
use crate::repair::run::opening::{logged, ours};
use crate::repair::run::shape::Shape;
use crate::repair::run::{Site, alone, hold};
use std::sync::Arc;
use std::time::Duration;

/// A session that may write, for the run.
pub(super) async fn open(
    engine: Arc<dyn Engine>,
    armed: &Armed,
    restoration: &Restoration,
) -> Result<Site, Fault> {
    let unsupported = || Fault::new(Kind::Unsupported, "waif cannot bring rows of this engine back yet.");
    let words = spoken(engine.as_ref())?;
    let removals = engine.dialect().removals().ok_or_else(unsupported)?;
    let order = restoration.order();
    let line = Line::to(engine.writer(armed).await?, &engine, words, &order.steer, &order.tell);
    let mut writer: Box<dyn Writer> = Box::new(line);
    let limits = WriteLimits {
        lock: Duration::from_millis(order.parameters.lock_timeout.max(1)),
        statement: Some(Duration::from_secs(60)),
        one_moment: false,
    };
    let run = armed.run();
    let server = words.sessions();
    let (free, guard) = match server {
        Some(sessions) => {
            ours(&engine, writer.as_mut(), sessions, &order, limits).await?;
            let free = hold::free(writer.as_mut(), sessions, run, &order, limits).await?;
            hold::evict(writer.as_mut(), sessions, run, limits).await?;
            (free, None)
        }
        None => (true, alone::guard(writer.as_mut(), words, run, &order, limits).await?),
    };
    let take: Vec<_> = guard.into_iter().chain([removals.reclaim(run, &order.holder)]).collect();
    let done = logged(writer.as_mut(), &order, &take, limits).await?;
    let epoch = done.last().and_then(|done| done.rows.first()?.first()?.count()).unwrap_or_default();
    if let Some(sessions) = server
        && !(free && hold::hold(writer.as_mut(), sessions, run, limits).await?)
    {
        hold::outlast(writer.as_mut(), sessions, run, &order, limits).await?;
    }
    let watch = engine.readers(1, Snapshot::PerRelation).await.ok().and_then(|mut all| all.sessions.pop());
    order.steer.watch(writer.interrupter());
    Ok(Site {
        words,
        run: run.to_owned(),
        epoch,
        parameters: order.parameters,
        steer: order.steer,
        tell: order.tell,
        engine,
        writer,
        watch,
        // A table that changed since is no reason to keep its rows: what still fits is told apart.
        shape: Shape::default(),
        log: order.terms.log,
        step: String::new(),
        place: 0,
        before: None,
        sight: None,
        heeded: Limits::default(),
        restoring: true,
        measure: false,
    })
}
