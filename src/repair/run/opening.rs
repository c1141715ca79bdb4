//! How a run enters the journal: the session stands where it should, the journal is nobody else's, and the run is written
//! down or taken over. Whoever is in the way is waited for as ever.

use super::execute::Order;
use crate::db::Engine;
use crate::db::writer::{WriteLimits, Writer, Written};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::FORMAT;
use crate::model::run::News;
use crate::model::value::Value;
use crate::repair::run::hold;
use crate::repair::run::pace::back_off;
use crate::sql::change::Change;
use crate::sql::repairs::{NewRun, Repairs};
use crate::sql::sessions::Sessions;
use std::sync::Arc;

/// The session stands where it should, in a journal that is nobody else's.
pub(super) async fn ours(
    engine: &Arc<dyn Engine>,
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    order: &Order,
    limits: WriteLimits,
) -> Result<(), Fault> {
    refuse_strangers(writer, words, limits).await?;
    match &order.terms.place {
        Some(place) => hold::same_place(engine.as_ref(), writer, words, place, limits).await,
        None => Ok(()),
    }
}

/// Writes a new run down, where the guard lets it; answers with its epoch.
pub(super) async fn begin(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    guard: Option<Change>,
    order: &Order,
    (run, limits): (&str, WriteLimits),
) -> Result<u64, Fault> {
    let steps = order.steps.iter().map(|step| step.id.clone()).collect();
    let new = NewRun { id: run, format: FORMAT, plan: &order.text, holder: &order.holder, steps };
    let mut changes = journal(writer, words, limits).await?;
    changes.extend(guard);
    changes.extend(words.begin_run(&new));
    logged(writer, order, &changes, limits).await?;
    Ok(1)
}

/// The statements that make the journal where it is not: where it stands, only its owner could send them.
pub(super) async fn journal(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    limits: WriteLimits,
) -> Result<Vec<Change>, Fault> {
    let rows = writer.fetch(&words.journal_stands(), limits).await?;
    let stands = rows.first().and_then(|row| row.first()).is_some_and(Value::truth);
    Ok(if stands { Vec::new() } else { words.create_journal() })
}

/// Takes a run of the journal, where the guard lets it; answers with the epoch from now on.
pub(super) async fn take_over(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    guard: Option<Change>,
    order: &Order,
    (run, limits): (&str, WriteLimits),
) -> Result<u64, Fault> {
    if let Some(sessions) = words.sessions() {
        hold::evict(writer, sessions, run, limits).await?;
    }
    let take: Vec<Change> = guard.into_iter().chain([words.take_over(run, &order.holder)]).collect();
    let done = logged(writer, order, &take, limits).await?;
    Ok(done.last().and_then(|done| done.rows.first()?.first()?.count()).unwrap_or_default())
}

/// A journal that somebody else owns is no place to write: what they put into it would run with our rights.
async fn refuse_strangers(
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    limits: WriteLimits,
) -> Result<(), Fault> {
    let rows = writer.fetch(&words.strangers(), limits).await?;
    let names: Vec<&str> = rows.iter().filter_map(|row| row.first()?.text()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let strange =
        Fault::new(Kind::Denied, "The schema waif belongs to somebody else, so nothing was written.");
    Err(strange.because(format!("it or a table in it is owned by {}", names.join(", "))).hint(
        "Look at what is in it. Let the role that repairs own the schema, or be a member of its owner.",
    ))
}

/// The same as [`committed`], written down in the log before and after, and tried again while others are in the way.
pub(super) async fn logged(
    writer: &mut dyn Writer,
    order: &Order,
    changes: &[Change],
    limits: WriteLimits,
) -> Result<Vec<crate::db::writer::Done>, Fault> {
    let mut tries = 0;
    loop {
        if let Some(log) = &order.terms.log {
            log.before("", changes)?;
        }
        let outcome = committed(writer, changes, limits).await;
        if let Some(log) = &order.terms.log {
            log.after("", outcome.as_ref().map(|done| done.iter().map(|done| done.touched).sum()));
        }
        tries += 1;
        match outcome {
            Err(fault) if fault.kind.may_retry() && tries < order.parameters.lock_tries.max(1) => {
                let (next, most) = (tries + 1, order.parameters.lock_tries);
                (order.tell)(News::Retry(format!("{} Try {next} of {most} follows.", fault.headline)));
                tokio::select! {
                    () = tokio::time::sleep(back_off(tries, fastrand::f64())) => {}
                    () = order.steer.turned() => {}
                }
                (order.tell)(News::GoesOn);
                if order.steer.is_stopping() {
                    return Err(fault);
                }
            }
            outcome => return outcome,
        }
    }
}

pub(super) async fn committed(
    writer: &mut dyn Writer,
    changes: &[Change],
    limits: WriteLimits,
) -> Result<Vec<crate::db::writer::Done>, Fault> {
    match writer.atomically(changes, limits).await? {
        Written::Committed(done) => Ok(done),
        Written::Unknown { fault, .. } => {
            Err(fault.because("It is not known whether the run was written down."))
        }
    }
}
