//! Rebuilds of a plan that are done already. What they were asked for cannot be planned again, a key that is gone cannot be
//! dropped, so their actions are left out when the plan is made afresh. A rebuild is done when the table is stored as it was
//! to be: nothing else makes it so, and nothing of it can be half done.

use crate::db::Limits;
use crate::job::bench::Bench;
use crate::model::fault::Fault;
use crate::model::plan::Plan;
use crate::model::plan::step::Work;
use crate::model::scope::Snapshot;

/// The steps of a plan that are such rebuilds, by their places.
pub(super) async fn done(bench: &Bench, plan: &Plan) -> Result<Vec<usize>, Fault> {
    let Some(words) = bench.engine.dialect().repairs().and_then(|words| words.rebuilds()) else {
        return Ok(Vec::new());
    };
    if !plan.steps.iter().any(|step| matches!(step.work, Work::Rebuild(_))) {
        return Ok(Vec::new());
    }
    let mut readers = bench.engine.readers(1, Snapshot::PerRelation).await?;
    let Some(reader) = readers.sessions.first_mut() else { return Ok(Vec::new()) };
    let mut done = Vec::new();
    for (place, step) in plan.steps.iter().enumerate() {
        let Work::Rebuild(rebuild) = &step.work else { continue };
        let rows = reader.fetch(&words.definition(&rebuild.table), Limits::default()).await?;
        let stored = rows.first().and_then(|row| row.first()?.text());
        if stored == Some(&rebuild.becomes) {
            done.push(place);
        }
    }
    Ok(done)
}

/// The plan without these steps and what they were asked for.
pub(super) fn without(plan: &Plan, done: &[usize]) -> Plan {
    let asked = |place: usize| match plan.steps.get(place).map(|step| &step.work) {
        Some(Work::Rebuild(rebuild)) => rebuild.actions.clone(),
        _ => Vec::new(),
    };
    let answered: Vec<usize> = done.iter().flat_map(|place| asked(*place)).collect();
    let mut rest = plan.clone();
    let mut place = 0..;
    rest.steps.retain(|_| place.next().is_some_and(|place| !done.contains(&place)));
    let mut action = 0..;
    rest.actions.retain(|_| action.next().is_some_and(|action| !answered.contains(&action)));
    rest
}

/// The same, without the tables nothing that is left is about. Where nothing is left at all, nothing stands against it.
pub(super) fn narrowed(mut rest: Plan, done: &[usize], fresh: &mut Plan) -> Plan {
    if !done.is_empty() {
        if rest.actions.is_empty() {
            fresh.refusals.clear();
        }
        let touched = &fresh.place.tables;
        rest.place.tables.retain(|was| touched.iter().any(|is| is.table == was.table));
    }
    rest
}
