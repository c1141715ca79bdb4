//! Restores: a run of the journal, its plan and the catalog as it is become work for the executor that brings rows back.

use crate::db::Limits;
use crate::db::stop::Stop;
use crate::db::writer::Armed;
use crate::job::bench::Bench;
use crate::job::check::Whole;
use crate::job::command::Consent;
use crate::job::event::Event;
use crate::job::runs::logger;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::Place;
use crate::model::restore::{Restored, Wanted};
use crate::model::run::Run;
use crate::model::scope::Snapshot;
use crate::model::value::Row;
use crate::repair::file;
use crate::repair::run::alone::is_gone;
use crate::repair::run::execute::Terms;
use crate::repair::run::journal;
use crate::repair::run::restore::{self, Restoration, held};
use crate::repair::run::steer::Steer;
use std::sync::Arc;

/// Brings a run back.
pub(crate) async fn restore(
    bench: Arc<Bench>,
    id: String,
    wanted: Wanted,
    consent: Consent,
    steer: Arc<Steer>,
) {
    let restored = bring_back(&bench, &id, wanted, &consent, steer).await;
    bench.tell(Event::Restored(restored));
}

/// Tells what of a run waits to be brought back.
pub(crate) async fn list(bench: Arc<Bench>, id: String) {
    let run = match waiting(&bench, &id).await {
        Err(fault) => Err(journal::explained(bench.engine.as_ref(), fault).await),
        run => run,
    };
    bench.tell(Event::Held(run));
}

async fn waiting(bench: &Arc<Bench>, id: &str) -> Result<Run, Fault> {
    let mut runs = vec![journal::find(bench.engine.as_ref(), id).await?];
    held::tell(bench.engine.as_ref(), &mut runs).await?;
    let mut run = runs.pop().ok_or_else(|| Fault::new(Kind::Other, "The run is gone."))?;
    held::healed(bench.engine.as_ref(), &mut run).await?;
    Ok(run)
}

async fn bring_back(
    bench: &Arc<Bench>,
    id: &str,
    wanted: Wanted,
    consent: &Consent,
    steer: Arc<Steer>,
) -> Result<Restored, Fault> {
    // Who may not write is told so before anything is asked of the server.
    let armed = Armed::by(bench.engine.server(), consent.writes, consent.confirmed.as_deref(), id)?;
    let run = journal::find(bench.engine.as_ref(), id).await?;
    let plan = file::read(&run.plan, &format!("The plan of run {id} in the journal"))?;
    known(&run, &wanted)?;
    let stop = Stop::default();
    stop.watch(Arc::new(Whole(Arc::clone(bench))));
    let catalog = bench.engine.catalog().await;
    stop.release();
    let news = Arc::clone(bench);
    let terms = Terms {
        log: logger(bench, id, &plan.fingerprint, consent),
        place: Some(here(bench, &plan.place).await?),
        promoted: None,
        measure: false,
        take_over: consent.take_over || is_gone(&run.holder, &consent.holder),
    };
    let order = Restoration {
        catalog: catalog?,
        plan,
        wanted,
        holder: format!("{}, process {}", consent.holder, std::process::id()),
        terms,
        steer,
        tell: Arc::new(move |said| news.tell(Event::Run(said))),
        run,
    };
    restore::restore(Arc::clone(&bench.engine), &armed, &order).await
}

/// The step that is wanted is one of the run's.
fn known(run: &Run, wanted: &Wanted) -> Result<(), Fault> {
    let Some(step) = &wanted.step else { return Ok(()) };
    if run.steps.iter().any(|known| known.id == *step) {
        return Ok(());
    }
    let ids: Vec<&str> = run.steps.iter().map(|step| step.id.as_str()).collect();
    Err(Fault::new(Kind::Usage, format!("The run {} has no step {step}.", run.id))
        .hint(format!("It has: {}.", ids.join(", "))))
}

/// Where the journal is read: what it lies in may be called otherwise than when the run was planned, or may have been loaded
/// into another server. The session that writes must come to the same.
async fn here(bench: &Bench, was: &Place) -> Result<Place, Fault> {
    let sessions = bench.engine.dialect().repairs().and_then(|words| words.sessions());
    let Some(sessions) = sessions else { return Ok(was.clone()) };
    let mut readers = bench.engine.readers(1, Snapshot::PerRelation).await?;
    let Some(reader) = readers.sessions.first_mut() else { return Ok(was.clone()) };
    let rows = reader.fetch(&sessions.whereabouts(), Limits::default()).await?;
    let text = |rows: &[Row], at: usize| rows.first()?.get(at)?.text().map(str::to_owned);
    let server = bench.engine.dialect().planning().and_then(|planning| planning.server());
    let cluster = match (&was.system_identifier, server) {
        (Some(_), Some(planning)) => text(&reader.fetch(&planning.cluster(), Limits::default()).await?, 0),
        _ => None,
    };
    Ok(Place {
        database: text(&rows, 0).unwrap_or_else(|| was.database.clone()),
        database_number: text(&rows, 1),
        system_identifier: cluster,
        ..was.clone()
    })
}
