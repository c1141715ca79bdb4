//! Who holds a run: the session that writes is in the place that was planned for, and no other living session works on the
//! same run. The hold is the server's own: it goes when the session goes, however it goes.

use crate::db::Engine;
use crate::db::writer::{WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::Place;
use crate::model::run::{News, State};
use crate::model::value::{Row, Value};
use crate::repair::run::Halt;
use crate::repair::run::execute::Order;
use crate::repair::run::opening;
use crate::sql::repairs::Repairs;
use crate::sql::sessions::Sessions;
use std::time::Duration;

/// How often a session that holds a run is told to end before this one gives up: for about ten seconds.
const EVICTIONS: u32 = 100;
/// How often it is looked at whether the other session has gone.
const LOOK: Duration = Duration::from_millis(250);
/// Looks before another session counts as living: a server notices the death of a client within seconds.
const DYING: u32 = 20;
/// Looks at a session that was fenced off: it ends with the statement it is at.
const FENCED: u32 = 240;

/// The session that writes stands in the very database that was planned for.
pub(super) async fn same_place(
    engine: &dyn Engine,
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    place: &Place,
    limits: WriteLimits,
) -> Result<(), Fault> {
    let rows = writer.fetch(&words.whereabouts(), limits).await?;
    let row = rows.first().map_or(&[][..], Vec::as_slice);
    let text = |at: usize| row.get(at).and_then(Value::text);
    let server = engine.dialect().planning().and_then(|planning| planning.server());
    let cluster = match (&place.system_identifier, server) {
        (Some(_), Some(planning)) => one(&writer.fetch(&planning.cluster(), limits).await?),
        _ => None,
    };
    let differs = |was: Option<&str>, is: Option<&str>| was.is_some() && was != is;
    if text(0) != Some(place.database.as_str())
        || differs(place.database_number.as_deref(), text(1))
        || differs(place.system_identifier.as_deref(), cluster.as_deref())
    {
        return Err(Fault::new(
            Kind::Usage,
            "The session that writes came to another database than the one that was planned for. Nothing was written.",
        )
        .hint("A name or an address leads to two servers: connect to the server itself."));
    }
    if row.get(2).is_some_and(Value::truth) {
        return Err(Fault::new(Kind::Unsupported, "This is a standby now: nothing can be written to it.")
            .hint("Connect to the primary."));
    }
    Ok(())
}

/// The server was promoted since the run was planned: the run is paused, and whoever decides is told how far it came here.
pub(super) async fn promoted(
    writer: &mut dyn Writer,
    words: &dyn Repairs,
    run: &str,
    how: &str,
    limits: WriteLimits,
) -> Result<Halt, Fault> {
    let far = match words.sessions() {
        Some(sessions) => one(&writer.fetch(&sessions.how_far(run), limits).await?),
        None => None,
    };
    let far = far.unwrap_or_else(|| "the journal here has no batch of it".to_owned());
    let why = format!(
        "{how} What was committed last on the server before may be missing here: {far}. The journal here tells what is \
         in the tables here, and what is missing is done again: waif resume --promoted goes on."
    );
    writer.atomically(&[words.run_state(run, State::Paused.word(), Some(&why))], limits).await?;
    Ok(Halt::Paused(why))
}

fn one(rows: &[Row]) -> Option<String> {
    rows.first()?.first()?.text().map(str::to_owned)
}

/// Whether nobody else holds the run. Somebody who does keeps it, unless a person said otherwise.
pub(super) async fn free(
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    run: &str,
    order: &Order,
    limits: WriteLimits,
) -> Result<bool, Fault> {
    let mut said = false;
    for _ in 0..DYING {
        if hold(writer, words, run, limits).await? {
            if said {
                (order.tell)(News::GoesOn);
            }
            return Ok(true);
        }
        if order.terms.take_over {
            return Ok(false);
        }
        if !said {
            (order.tell)(News::Waiting(
                "Another session holds this run: it is looked at whether it is alive.".to_owned(),
            ));
            said = true;
        }
        tokio::time::sleep(LOOK).await;
    }
    let busy = Fault::new(Kind::Busy, format!("Another session carries out the run {run} just now."));
    Err(busy.because(who(writer, words, run, limits).await).hint(
        "Let it end, or take the run from it with waif resume --take-over: it can write nothing more then.",
    ))
}

/// Takes the hold; false when another session has it. Taking it twice is harmless.
pub(super) async fn hold(
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    run: &str,
    limits: WriteLimits,
) -> Result<bool, Fault> {
    let rows = writer.fetch(&words.hold(run), limits).await?;
    Ok(rows.first().and_then(|row| row.first()).is_some_and(Value::truth))
}

/// Waits until the session that was fenced off is gone: a statement it sent before may still be at work.
pub(super) async fn outlast(
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    run: &str,
    order: &Order,
    limits: WriteLimits,
) -> Result<(), Fault> {
    let who = who(writer, words, run, limits).await;
    (order.tell)(News::Waiting(format!("The run was taken over; the session before still ends: {who}.")));
    for _ in 0..FENCED {
        if hold(writer, words, run, limits).await? {
            (order.tell)(News::GoesOn);
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(Fault::new(Kind::Busy, "The session this run was taken from is still at work on a statement.")
        .because(who)
        .hint("It writes nothing after that statement. Resume the run when it is gone."))
}

async fn who(writer: &mut dyn Writer, words: &dyn Sessions, run: &str, limits: WriteLimits) -> String {
    let rows = writer.fetch(&words.holder(run), limits).await.unwrap_or_default();
    one(&rows).unwrap_or_else(|| "this role may not see who it is".to_owned())
}

/// Ends the sessions the run had before, and waits until they are gone with their locks.
pub(super) async fn evict(
    writer: &mut dyn Writer,
    words: &dyn Sessions,
    run: &str,
    limits: WriteLimits,
) -> Result<(), Fault> {
    for _ in 0..EVICTIONS {
        let done = opening::committed(writer, &[words.evict(run)], limits).await?;
        if done.last().and_then(|done| done.rows.first()?.first()?.count()).unwrap_or_default() == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Fault::new(
        Kind::Busy,
        "A session that holds this run does not end, though the server was told to end it.",
    )
    .hint("Look at it in pg_stat_activity: its application_name is waif/ and the number of the run."))
}
