//! Planning: the catalog is read afresh, the server surveyed, a plan made. Nothing is written.

use crate::db::stop::Stop;
use crate::job::bench::Bench;
use crate::job::check::Whole;
use crate::job::event::Event;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::Plan;
use crate::model::plan::survey::Survey;
use crate::model::scope::Snapshot;
use crate::repair::planner::{self, Request, Setting};
use crate::repair::survey::{self, Depth};
use jiff::Timestamp;
use std::sync::Arc;

/// Makes a plan and tells it.
pub(crate) async fn make(bench: Arc<Bench>, request: Request, stop: Stop) {
    let made = planned(&bench, &request, &stop).await;
    bench.tell(Event::Planned(made.map(Arc::new)));
}

/// A plan of what is asked for, on the database as it is.
pub(crate) async fn planned(bench: &Arc<Bench>, request: &Request, stop: &Stop) -> Result<Plan, Fault> {
    let (catalog, survey) = seen(bench, request, stop, Depth::Figures).await?;
    made(bench, request, &catalog, &survey, false)
}

/// The same for a comparison, without figures nobody reads; and beside it the plan that brings a run to its end: with the
/// backfills that are filled and not proved.
pub(crate) async fn planned_to_end(
    bench: &Arc<Bench>,
    request: &Request,
    stop: &Stop,
) -> Result<(Plan, Plan), Fault> {
    let (catalog, survey) = seen(bench, request, stop, Depth::Presence).await?;
    Ok((made(bench, request, &catalog, &survey, false)?, made(bench, request, &catalog, &survey, true)?))
}

fn made(
    bench: &Bench,
    request: &Request,
    catalog: &Catalog,
    survey: &Survey,
    finishing: bool,
) -> Result<Plan, Fault> {
    let dialect = bench.engine.dialect();
    let (Some(planning), Some(repairs)) = (dialect.planning(), dialect.repairs()) else {
        return Err(unrepairable());
    };
    let now = Timestamp::now().to_string();
    let removals = dialect.removals();
    let environment = bench.environment;
    let setting = Setting { planning, repairs, removals, environment, now: &now, finishing };
    Ok(planner::plan(catalog, survey, request, &setting))
}

fn unrepairable() -> Fault {
    Fault::new(Kind::Unsupported, "waif cannot repair databases of this engine yet.")
        .hint("It repairs PostgreSQL and SQLite.")
}

/// How often it is looked again when somebody came in between.
const TRIES: usize = 3;

/// What a plan is made from: the catalog, read afresh, and the survey.
async fn seen(
    bench: &Arc<Bench>,
    request: &Request,
    stop: &Stop,
    depth: Depth,
) -> Result<(Catalog, Survey), Fault> {
    let dialect = bench.engine.dialect();
    if dialect.planning().is_none() || dialect.repairs().is_none() {
        return Err(unrepairable());
    }
    let mut tries = 1;
    loop {
        match looked(bench, request, stop, depth).await {
            Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => tries += 1,
            seen => return seen,
        }
    }
}

async fn looked(
    bench: &Arc<Bench>,
    request: &Request,
    stop: &Stop,
    depth: Depth,
) -> Result<(Catalog, Survey), Fault> {
    // A catalog of its own: what the front end shows of the last check stays as it is.
    bench.tell(Event::Planning("reading the catalog"));
    stop.watch(Arc::new(Whole(Arc::clone(bench))));
    let catalog = bench.engine.catalog().await;
    stop.release();
    let catalog = catalog?;
    bench.tell(Event::Planning("surveying"));
    let mut readers = bench.engine.readers(1, Snapshot::PerRelation).await?;
    let mut reader =
        readers.sessions.pop().ok_or_else(|| Fault::new(Kind::Other, "The server gave no session."))?;
    stop.watch(reader.interrupter());
    let survey = survey::look(bench.engine.as_ref(), reader.as_mut(), &catalog, request, depth).await;
    stop.release();
    Ok((catalog, survey?))
}
