//! A restore: what a run took away, overwrote, inserted or filled is brought back in the reverse order of its steps, a
//! batch of the run in a transaction each, so that it can be broken off at any instant and begun again. What would be
//! refused stays where it is and is told.

mod back;
pub(crate) mod held;
mod open;
mod rebuild;
mod renamed;
mod step;
mod strays;

use crate::model::catalog::{Catalog, TableKind};
use crate::model::fault::Fault;
use crate::model::figure::grouped;
use crate::model::ident::TableName;
use crate::model::plan::removal::Reference;
use crate::model::plan::step::{NewKey, Step, Work};
use crate::model::plan::{Parameters, Plan};
use crate::model::relation::Relation;
use crate::model::restore::{Restored, RestoredStep, Wanted, is_over, mended};
use crate::model::run::{Course, News, Run, State};
use crate::repair::run::execute::{Order, Terms};
use crate::repair::run::steer::Steer;
use crate::repair::run::{Halt, Site, Tell, evicted};
use std::sync::Arc;

/// A run to be brought back.
pub(crate) struct Restoration {
    /// The run, as the journal has it.
    pub(crate) run: Run,
    /// Its plan.
    pub(crate) plan: Plan,
    /// The database as it is.
    pub(crate) catalog: Catalog,
    /// What is wanted back.
    pub(crate) wanted: Wanted,
    /// Who does it: user, host and process.
    pub(crate) holder: String,
    /// On which terms it may write.
    pub(crate) terms: Terms,
    /// What a person may change meanwhile.
    pub(crate) steer: Arc<Steer>,
    /// Where it tells.
    pub(crate) tell: Tell,
}

impl Restoration {
    /// The same as an order without steps, for those who ask whose turn it is.
    fn order(&self) -> Order {
        Order {
            steps: Vec::new(),
            // A window that ended long ago does not keep anybody from bringing rows back.
            parameters: Parameters { window_end: None, max_rows: None, ..self.plan.parameters.clone() },
            text: String::new(),
            holder: self.holder.clone(),
            terms: self.terms.clone(),
            steer: Arc::clone(&self.steer),
            tell: Arc::clone(&self.tell),
        }
    }

    /// The steps of the run with their places, last first, as far as they are wanted.
    fn steps(&self) -> Vec<(usize, &Step)> {
        let places = self.run.steps.iter().enumerate().rev();
        places
            .filter(|(_, known)| self.wanted.step.as_ref().is_none_or(|wanted| *wanted == known.id))
            .filter_map(|(place, known)| {
                Some((place, self.plan.steps.iter().find(|step| step.id == known.id)?))
            })
            .collect()
    }

    /// Whether a step may be what brings something back.
    fn brings_back(work: &Work) -> bool {
        matches!(work, Work::Remove(_) | Work::Nullify(_) | Work::Adopt(_) | Work::Backfill(_))
    }
}

/// Brings a run back.
pub(crate) async fn restore(
    engine: Arc<dyn crate::db::Engine>,
    armed: &crate::db::writer::Armed,
    order: &Restoration,
) -> Result<Restored, Fault> {
    renamed::refuse(order)?;
    let mut site = open::open(engine, armed, order).await?;
    let mut restored = Restored { run: order.run.id.clone(), steps: Vec::new() };
    let mut outcome = go(&mut site, order, &mut restored).await;
    // Where there was nothing to bring back, all that the run did still stands.
    if outcome.is_ok() && restored.is_whole() && !restored.steps.is_empty() && !order.wanted.healed {
        outcome = note(&mut site, order).await;
    }
    if let Err(halt) = outcome {
        outcome = Err(evicted::explained(&mut site, halt).await);
    }
    match outcome {
        Ok(()) => {}
        Err(Halt::Stopped) => {
            let stopped = Fault::new(
                crate::model::fault::Kind::Interrupted,
                "The restore was stopped. What came back stays back; begin it again for the rest.",
            );
            return Err(stopped);
        }
        Err(Halt::Paused(why)) => {
            return Err(Fault::new(crate::model::fault::Kind::Busy, why)
                .hint("What came back stays back. Begin the restore again for the rest."));
        }
        Err(Halt::Failed(fault)) => {
            return Err(
                fault.because("What came back before stays back: begin the restore again for the rest.")
            );
        }
    }
    Ok(restored)
}

/// Writes down that all of it is back, where nothing waits any more.
async fn note(site: &mut Site, order: &Restoration) -> Result<(), Halt> {
    let waits = held::of(site.engine.as_ref(), Some(&order.run.id)).await?;
    // What a backfill filled, and a table built anew, wait in no store: where only one step was wanted back, the others were
    // not asked for it.
    let elsewhere = |step: &Step| matches!(step.work, Work::Backfill(_) | Work::Rebuild(_));
    if !waits.is_empty() || (order.wanted.step.is_some() && order.plan.steps.iter().any(elsewhere)) {
        return Ok(());
    }
    let change = site.words.run_state(&site.run, State::Restored.word(), None);
    site.attempt(vec![change], None).await.map(drop)
}

async fn go(site: &mut Site, order: &Restoration, restored: &mut Restored) -> Result<(), Halt> {
    let steps = order.steps();
    let work: Vec<&(usize, &Step)> =
        steps.iter().filter(|(_, step)| Restoration::brings_back(&step.work)).collect();
    let shown = work.iter().map(|(_, step)| (step.id.clone(), step.title.clone())).collect();
    (site.tell)(News::Began { run: site.run.clone(), steps: shown, course: Course::ComesBack });
    let mut standing = Vec::new();
    if !order.wanted.healed {
        keys(site, order, &steps, restored).await?;
        standing = rebuild::all(site, order, &steps, restored).await?;
    }
    // Keys that are gone now bind nobody any more.
    let catalog = match restored.steps.is_empty() {
        true => order.catalog.clone(),
        false => site.engine.catalog().await?,
    };
    let strays = strays::before(site, order, &catalog, &work).await?;
    for (shown, (place, step)) in work.into_iter().enumerate() {
        if let Some(key) =
            standing.iter().find(|key| mended(&step.work).is_some_and(|of| bars(&catalog, key, of)))
        {
            restored.steps.push(rebuild::barred(site, &catalog, (*place, step), key).await?);
            continue;
        }
        site.step.clone_from(&step.id);
        (site.tell)(News::Step { place: shown, state: State::Running, note: None });
        let outcome = step::bring_back(site, order, &catalog, (*place, shown), step).await?;
        let note = match (outcome.came, outcome.left) {
            (0, 0) => None,
            (came, 0) => Some(format!("{} came back", grouped(came))),
            (came, left) => Some(format!("{} came back, {} stay", grouped(came), grouped(left))),
        };
        if outcome.left == 0 && outcome.conflicts.is_empty() && !order.wanted.healed {
            state(site, *place, note.clone()).await?;
        }
        let whole = outcome.left == 0 && outcome.conflicts.is_empty();
        let ended = if whole { State::Restored } else { State::Paused };
        (site.tell)(News::Step { place: shown, state: ended, note });
        restored.steps.push(outcome);
    }
    strays::tell(site, order, strays, &mut restored.steps).await
}

/// Writes down that a step is taken back.
async fn state(site: &mut Site, place: usize, note: Option<String>) -> Result<(), Halt> {
    let change = site.words.step_state(&site.run, place, State::Restored.word(), None, note.as_deref());
    site.attempt(vec![change], None).await.map(drop)
}

/// Whether a key would refuse rows without a parent by a reference.
fn bars(catalog: &Catalog, key: &NewKey, missing: &Reference) -> bool {
    is_over(key, missing) && back::is_part(catalog, &key.table, &missing.child.table)
}

/// Whether the key of that name is the one that was added. One that is gone is nobody else's.
fn stands_as_added(catalog: &Catalog, key: &NewKey) -> bool {
    let named = |own: &&Relation| own.child.name == key.table && own.constraint.as_ref() == Some(&key.name);
    catalog.relations.iter().find(named).is_none_or(|own| {
        own.child.columns == key.columns
            && own.parent.name == key.parent
            && own.parent.columns == key.parent_columns
            && (own.on_delete, own.on_update, own.matching) == (key.on_delete, key.on_update, key.matching)
    })
}

/// Drops keys that the run itself added where they would refuse the rows that come back.
async fn keys(
    site: &mut Site,
    order: &Restoration,
    steps: &[(usize, &Step)],
    restored: &mut Restored,
) -> Result<(), Halt> {
    let refused: Vec<_> = steps.iter().filter_map(|(_, step)| mended(&step.work)).collect();
    for (place, known) in order.run.steps.iter().enumerate().rev() {
        let Some(step) = order.plan.steps.iter().find(|step| step.id == known.id) else { continue };
        let Work::AddKey(key) = &step.work else { continue };
        let bars = refused.iter().any(|missing| bars(&order.catalog, key, missing));
        if known.state != State::Finished || !bars {
            continue;
        }
        if !stands_as_added(&order.catalog, key) {
            (site.tell)(News::Line(format!(
                "The key {} of {} is not the one the run added: it stays.",
                key.name.visible(),
                key.table.name.visible()
            )));
            continue;
        }
        site.step.clone_from(&step.id);
        let is_parted = |name: &TableName| {
            back::table(&order.catalog, name).is_some_and(|table| table.kind == TableKind::Partitioned)
        };
        let parts = match is_parted(&key.table) || is_parted(&key.parent) {
            true => ", and on all partitions of both",
            false => "",
        };
        (site.tell)(News::Line(format!(
            "The key {} of {}, which the run added, is dropped first: it would refuse what comes back. That takes ACCESS \
             EXCLUSIVE on {1} and on {}{parts} for a moment.",
            key.name.visible(),
            key.table.name.visible(),
            key.parent.name.visible()
        )));
        let definition = site.drop_key(&key.table, &key.name).await?;
        state(site, place, definition.clone()).await?;
        restored.steps.push(RestoredStep {
            id: step.id.clone(),
            title: format!("The key {} of {} is dropped", key.name.visible(), key.table.name.visible()),
            came: 1,
            note: definition,
            ..RestoredStep::default()
        });
    }
    Ok(())
}
