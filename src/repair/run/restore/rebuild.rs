//! Tables that a run built anew get the definition back they had before, by another rebuild, and lose the keys the run added
//! with it. Where that cannot be, what such a key would refuse stays where it is.

use super::step::concerns_rows;
use super::{Restoration, bars, state};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::figure::counted;
use crate::model::plan::rebuild::Rebuild;
use crate::model::plan::step::{NewKey, Step, Work};
use crate::model::relation::Origin;
use crate::model::restore::mended;
use crate::model::restore::{Conflict, RestoredStep};
use crate::model::run::News;
use crate::model::value::Value;
use crate::repair::planner::rebuild_back;
use crate::repair::run::{Halt, Site};
use crate::repair::survey::schema_row;

/// What became of a table.
enum Became {
    /// It has its old definition again.
    Old(Option<String>),
    /// It had it already.
    Same,
    /// It stays as it is, and why.
    Stays(String),
}

/// Takes back the rebuilds that are wanted, and those whose keys would refuse what is wanted, last first; answers with the
/// keys that could not be taken off.
pub(super) async fn all(
    site: &mut Site,
    order: &Restoration,
    steps: &[(usize, &Step)],
    restored: &mut super::Restored,
) -> Result<Vec<NewKey>, Halt> {
    let mut standing = Vec::new();
    for (place, known) in order.run.steps.iter().enumerate().rev() {
        let Some(step) = order.plan.steps.iter().find(|step| step.id == known.id) else { continue };
        let Work::Rebuild(done) = &step.work else { continue };
        let wanted = steps.iter().any(|(wanted, _)| *wanted == place);
        let refuses = |(_, step): &(usize, &Step)| {
            let of = mended(&step.work);
            of.is_some_and(|of| done.added.iter().any(|key| bars(&order.catalog, key, of)))
        };
        if !wanted && !steps.iter().any(refuses) {
            continue;
        }
        site.step.clone_from(&step.id);
        let mut outcome =
            RestoredStep { id: step.id.clone(), title: step.title.clone(), ..RestoredStep::default() };
        match one(site, &order.catalog, done, place).await? {
            Became::Old(note) => {
                (outcome.came, outcome.note) = (1, note);
                let told = "the table has its old definition again".to_owned();
                state(site, place, Some(told)).await?;
            }
            Became::Same => {}
            Became::Stays(why) => {
                let table = order.catalog.written(&done.table);
                outcome.conflicts = vec![Conflict { table, rows: 0, why, some: Vec::new() }];
                standing.extend(done.added.iter().filter(|key| stands(&order.catalog, key)).cloned());
            }
        }
        restored.steps.push(outcome);
    }
    Ok(standing)
}

/// Whether a key is there now, whatever the table it refers to is called by now.
fn stands(catalog: &Catalog, key: &NewKey) -> bool {
    catalog.relations.iter().any(|own| {
        own.origin == Origin::Declared
            && own.child.name == key.table
            && own.child.columns == key.columns
            && (own.parent.name == key.parent || own.constraint.as_ref() == Some(&key.name))
    })
}

async fn one(site: &mut Site, catalog: &Catalog, done: &Rebuild, place: usize) -> Result<Became, Halt> {
    let dialect = site.engine.dialect();
    let (Some(words), Some(file)) =
        (site.words.rebuilds(), dialect.planning().and_then(|planning| planning.file()))
    else {
        return Err(Halt::Failed(Fault::new(Kind::Unsupported, "The engine rebuilds no tables.")));
    };
    let rows = site.ask(&words.definition(&done.table)).await?;
    let stored = rows.first().and_then(|row| row.first()).and_then(Value::text).map(str::to_owned);
    if stored.as_ref() == Some(&done.from) {
        return Ok(Became::Same);
    }
    let Some(stored) = stored else { return Ok(Became::Stays("the table is gone".to_owned())) };
    let schema = site.ask(&file.schema()).await?;
    let schema: Vec<_> = schema.iter().filter_map(|row| schema_row(row)).collect();
    let size = site.numbers(&file.size(&done.table.name)).await?.first().copied().unwrap_or_default();
    let now = site.engine.catalog().await?;
    let Some(back) = rebuild_back(&now, &schema, size, done) else {
        return Ok(Became::Stays("its definition cannot be followed".to_owned()));
    };
    if stored == back.becomes {
        return Ok(Became::Same);
    }
    if stored != done.becomes {
        // Keys that somebody took off already, or that never came, were all that was changed.
        if done.dropped.is_empty() && !done.added.iter().any(|key| stands(catalog, key)) {
            return Ok(Became::Same);
        }
        return Ok(Became::Stays("its definition was changed since the run built it anew".to_owned()));
    }
    (site.tell)(News::Line(format!(
        "{} gets the definition back it had before the run: that copies {}, and keeps other writers out of the file meanwhile.",
        done.table.name.visible(),
        counted(size, "row", "rows")
    )));
    match site.rebuild(&back, place).await {
        Ok(note) => Ok(Became::Old(note)),
        Err(Halt::Failed(fault)) if concerns_rows(&fault) => Ok(Became::Stays(fault.to_string())),
        Err(halt) => Err(halt),
    }
}

/// A step that is not brought back, for a key of the run still stands against its rows: those that wait.
pub(super) async fn barred(
    site: &mut Site,
    catalog: &Catalog,
    (place, step): (usize, &Step),
    key: &NewKey,
) -> Result<RestoredStep, Halt> {
    let held = super::held::of(site.engine.as_ref(), Some(&site.run)).await?;
    let of_step = held.values().flatten().filter(|(known, _)| *known == place);
    let rows = of_step.map(|(_, held)| held.rows).sum();
    let outcome = RestoredStep { id: step.id.clone(), title: step.title.clone(), ..RestoredStep::default() };
    if rows == 0 {
        return Ok(outcome);
    }
    let why = format!(
        "the key {} of {}, which the run added, stands, and would be broken by what comes back: take it off (drop-fk)",
        key.name.visible(),
        key.table.name.visible()
    );
    let conflict = Conflict { table: catalog.written(&key.table), rows, why, some: Vec::new() };
    Ok(RestoredStep { left: rows, conflicts: vec![conflict], ..outcome })
}
