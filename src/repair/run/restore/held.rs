//! What waits in stores, and for which runs.

use crate::db::{Engine, Limits, Reader};
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::plan::Plan;
use crate::model::plan::rebuild::Rebuild;
use crate::model::plan::step::Work;
use crate::model::restore::{Held, Sort};
use crate::model::run::{Run, State};
use crate::model::scope::Snapshot;
use crate::model::value::{Row, Value};
use crate::repair::file;
use crate::sql::removals::Removals;
use std::collections::HashMap;

/// A store of the registry.
#[derive(Clone)]
struct Store {
    name: String,
    prefix: String,
    sort: Sort,
    table: String,
}

fn store(row: &Row) -> Option<Store> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    let (name, schema, table) = (text(0)?, text(2)?, text(3)?);
    let sort = match text(1)? {
        "values" => Sort::Values,
        _ if name.starts_with("adopted_") => Sort::Adopted,
        _ => Sort::Rows,
    };
    Some(Store {
        name: name.to_owned(),
        prefix: text(5)?.to_owned(),
        sort,
        table: format!("{schema}.{table}"),
    })
}

/// What waits in stores, by run and the step's place; of one run where it is given. Backfills keep theirs elsewhere.
pub(crate) async fn of(
    engine: &dyn Engine,
    run: Option<&str>,
) -> Result<HashMap<String, Vec<(usize, Held)>>, Fault> {
    let mut found: HashMap<String, Vec<(usize, Held)>> = HashMap::new();
    let Some(words) = engine.dialect().removals() else { return Ok(found) };
    let mut readers = engine.readers(1, Snapshot::PerRelation).await?;
    let Some(mut reader) = readers.sessions.pop() else { return Ok(found) };
    let stands = reader.fetch(&words.stores_stand(), Limits::default()).await?;
    if !stands.first().and_then(|row| row.first()).is_some_and(Value::truth) {
        return Ok(found);
    }
    for (store, row) in rows(words, reader.as_mut(), run).await? {
        let text = |at: usize| row.get(at).and_then(Value::text).unwrap_or_default();
        let (Ok(place), Ok(rows)) = (text(1).parse::<usize>(), text(3).parse::<u64>()) else { continue };
        let held = Held {
            step: String::new(),
            place,
            what: store.sort,
            table: store.table.clone(),
            store: shown(words, &store.name),
            rows,
            healed: None,
        };
        found.entry(text(0).to_owned()).or_default().push((place, held));
    }
    Ok(found)
}

/// The name of a store, as a person may see it.
fn shown(words: &dyn Removals, name: &str) -> String {
    Ident::new(name).map(|name| words.store(&name).replace('"', "")).unwrap_or_default()
}

async fn rows(
    words: &dyn Removals,
    reader: &mut dyn Reader,
    run: Option<&str>,
) -> Result<Vec<(Store, Row)>, Fault> {
    let registry = reader.fetch(&words.stores(), Limits::default()).await?;
    let stores: Vec<Store> = registry.iter().filter_map(store).collect();
    let named: Vec<(String, String)> =
        stores.iter().map(|store| (store.name.clone(), store.prefix.clone())).collect();
    let rows = reader.fetch(&words.held(&named, run), Limits::default()).await?;
    let of = |row: &Row| {
        let name = row.get(2).and_then(Value::text)?;
        stores.iter().find(|store| store.name == name).cloned()
    };
    Ok(rows.into_iter().filter_map(|row| Some((of(&row)?, row))).collect())
}

/// Tells of each run what waits to be brought back.
pub(crate) async fn tell(engine: &dyn Engine, runs: &mut [Run]) -> Result<(), Fault> {
    let mut found = of(engine, None).await?;
    for run in runs {
        for (place, held) in found.remove(&run.id).unwrap_or_default() {
            let step = run.steps.get(place).map(|step| step.id.clone()).unwrap_or_default();
            run.restorable.push(Held { step, ..held });
        }
        if let Ok(plan) = file::read(&run.plan, "The plan") {
            let filled = filled(engine, &plan, run);
            run.restorable.extend(filled);
            let rebuilt = rebuilt(engine, &plan, run).await?;
            run.restorable.extend(rebuilt);
        }
    }
    Ok(())
}

/// What backfills filled.
fn filled(engine: &dyn Engine, plan: &Plan, run: &Run) -> Vec<Held> {
    let Some(words) = engine.dialect().repairs() else { return Vec::new() };
    let steps = run.steps.iter().enumerate().filter(|(_, step)| step.rows > 0);
    steps
        .filter_map(|(place, known)| {
            let step = plan.steps.iter().find(|step| step.id == known.id)?;
            let Work::Backfill(copied) = &step.work else { return None };
            Some(Held {
                step: known.id.clone(),
                place,
                what: Sort::Filled,
                table: format!("{}.{}", copied.table.schema.raw(), copied.table.name.raw()),
                store: words.record(&run.id, place).replace('"', ""),
                rows: known.rows,
                healed: None,
            })
        })
        .collect()
}

/// Tables that are as a rebuild made them, and may have their old definition again.
async fn rebuilt(engine: &dyn Engine, plan: &Plan, run: &Run) -> Result<Vec<Held>, Fault> {
    let mut held = Vec::new();
    let Some(words) = engine.dialect().repairs().and_then(|words| words.rebuilds()) else { return Ok(held) };
    let rebuilds: Vec<(usize, &Rebuild)> = run
        .steps
        .iter()
        .enumerate()
        .filter(|(_, known)| known.state != State::Restored)
        .filter_map(|(place, known)| match &plan.steps.iter().find(|step| step.id == known.id)?.work {
            Work::Rebuild(rebuild) => Some((place, rebuild.as_ref())),
            _ => None,
        })
        .collect();
    if rebuilds.is_empty() {
        return Ok(held);
    }
    let mut readers = engine.readers(1, Snapshot::PerRelation).await?;
    let Some(mut reader) = readers.sessions.pop() else { return Ok(held) };
    for (place, rebuild) in rebuilds {
        let rows = reader.fetch(&words.definition(&rebuild.table), Limits::default()).await?;
        if rows.first().and_then(|row| row.first()?.text()) != Some(rebuild.becomes.as_str()) {
            continue;
        }
        held.push(Held {
            step: run.steps.get(place).map(|step| step.id.clone()).unwrap_or_default(),
            place,
            what: Sort::Definition,
            table: format!("{}.{}", rebuild.table.schema.raw(), rebuild.table.name.raw()),
            store: "the plan in the journal".to_owned(),
            rows: 1,
            healed: None,
        });
    }
    Ok(held)
}

/// Tells how many of a run's rows have their parent now.
pub(crate) async fn healed(engine: &dyn Engine, run: &mut Run) -> Result<(), Fault> {
    let (Some(words), Ok(plan)) = (engine.dialect().removals(), file::read(&run.plan, "The plan")) else {
        return Ok(());
    };
    let mut readers = engine.readers(1, Snapshot::PerRelation).await?;
    let Some(mut reader) = readers.sessions.pop() else { return Ok(()) };
    for held in run.restorable.iter_mut().filter(|held| held.what == Sort::Rows) {
        let step = plan.steps.iter().find(|step| step.id == held.step);
        let Some(Work::Remove(removal)) = step.map(|step| &step.work) else { continue };
        let own = removal.tables.first().map(|stored| words.store(&stored.store));
        if own.is_none_or(|own| own.replace('"', "") != held.store) {
            continue;
        }
        let query = words.healed(removal, &run.id, held.place, None);
        let rows = reader.fetch(&query, Limits::default()).await?;
        held.healed = rows.first().and_then(|row| row.first()).and_then(Value::count);
    }
    Ok(())
}
