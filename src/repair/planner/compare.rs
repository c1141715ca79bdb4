//! A plan file against a fresh plan on the live database: what is still to be done, and every difference in words. A run
//! does what the fresh plan says; the file only tells what a person has agreed to.

use super::there;
use crate::model::plan::lock::Held;
use crate::model::plan::step::{NewKey, Step, Work};
use crate::model::plan::{Place, Plan};
use crate::model::run::PROMOTED;
use crate::model::text::visible;

/// What stands where a step of the file stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The same step, at this place of the fresh plan.
    Same(usize),
    /// Nothing: the database is in that state already.
    Done,
}

/// The steps of a file in a fresh plan.
///
/// # Errors
/// Every difference, a sentence each, when the file is outdated: another place, a table that changed, a step that would be
/// another one now, one that is needed and not in the file, whatever stands against the fresh plan.
pub fn compare(file: &Plan, fresh: &Plan) -> Result<Vec<Match>, Vec<String>> {
    let mut differences = place(&file.place, &fresh.place);
    differences.extend(tables(&file.place, &fresh.place));
    if file.actions != fresh.actions {
        differences.push("Other actions are staged than in the file.".to_owned());
    }
    differences.extend(fresh.refusals.iter().map(|refusal| format!("Refused now: {}", refusal.sentence)));
    let mut matches = Vec::new();
    for step in &file.steps {
        let place = fresh.steps.iter().position(|now| alike(&now.work, &step.work));
        match place.and_then(|place| Some((place, fresh.steps.get(place)?))) {
            Some((place, now)) if now.sql == step.sql || matches!(now.work, Work::Rebuild(_)) => {
                differences.extend(harder(step, now));
                matches.push(Match::Same(place));
            }
            Some(_) => differences.push(format!("{}: the statements would be others now.", named(step))),
            None => match fresh.steps.iter().find(|now| subject(&now.work) == subject(&step.work)) {
                Some(now) => {
                    differences.push(format!("{} would be now: {}.", named(step), visible(&now.title)))
                }
                None => {
                    differences
                        .extend(added(&step.work).iter().filter_map(|key| there::differs(key, &fresh.there)));
                    matches.push(Match::Done);
                }
            },
        }
    }
    let known = |now: &&Step| {
        let same = |step: &Step| alike(&step.work, &now.work) || subject(&step.work) == subject(&now.work);
        !file.steps.iter().any(same)
    };
    let more = fresh.steps.iter().filter(known);
    differences.extend(more.map(|now| format!("It would need a further step now: {}.", visible(&now.title))));
    if differences.is_empty() { Ok(matches) } else { Err(differences) }
}

/// Which locks of a key that is to be added are stronger than the file announced: partitions got equal keys since.
fn harder(step: &Step, now: &Step) -> Vec<String> {
    let adds = matches!(now.work, Work::AddKey(_));
    let announced =
        |lock: &Held| step.locks.iter().any(|old| old.table == lock.table && old.mode >= lock.mode);
    let more = now.locks.iter().filter(|lock| adds && !announced(lock));
    more.map(|lock| {
        format!("{} would take {} on {} now.", named(step), lock.mode.words(), visible(&lock.table))
    })
    .collect()
}

/// How the server was promoted since the file was made, where it was: in words, none where the timeline is the same or
/// not known.
pub fn promoted(file: &Place, now: &Place) -> Option<String> {
    let (was, is) = (file.timeline.as_ref()?, now.timeline.as_ref()?);
    (was != is).then(|| format!("{PROMOTED}: its timeline was {}, and is {}.", visible(was), visible(is)))
}

/// The keys that a work adds.
fn added(work: &Work) -> &[NewKey] {
    match work {
        Work::AddKey(key) => std::slice::from_ref(key),
        Work::Rebuild(rebuild) => &rebuild.added,
        _ => &[],
    }
}

/// Whether two works are the same: the statements of a rebuild follow from it and from what stands beside its table.
fn alike(one: &Work, other: &Work) -> bool {
    match (one, other) {
        (Work::Rebuild(one), Work::Rebuild(other)) => one.is_like(other),
        (one, other) => one == other,
    }
}

fn named(step: &Step) -> String {
    format!("Step {} ({})", visible(&step.id), visible(&step.title))
}

fn place(file: &Place, now: &Place) -> Vec<String> {
    let shown =
        |text: Option<&String>| text.map_or_else(|| "unknown".to_owned(), |text| visible(text).into_owned());
    let differs = |what: &str, was: String, is: String| {
        (was != is).then(|| format!("{what} was {was} when the plan was made, and is {is}."))
    };
    let known = |was: Option<&String>, is: Option<&String>| was.is_some() && is.is_some() && was != is;
    [
        differs("The engine", visible(&file.engine).into_owned(), visible(&now.engine).into_owned()),
        differs("The database", visible(&file.database).into_owned(), visible(&now.database).into_owned()),
        known(file.system_identifier.as_ref(), now.system_identifier.as_ref()).then(|| {
            let what = if now.engine == "sqlite" { "file" } else { "cluster" };
            format!(
                "This is another {what}: the plan was made on {}, and here is {}.",
                shown(file.system_identifier.as_ref()),
                shown(now.system_identifier.as_ref())
            )
        }),
        known(file.database_number.as_ref(), now.database_number.as_ref()).then(|| {
            match now.engine.as_str() {
                "sqlite" => format!(
                    "The application's own marks in the file changed: they were {}, and are {}.",
                    shown(file.database_number.as_ref()),
                    shown(now.database_number.as_ref())
                ),
                _ => "The database was dropped and made anew, or it is another one of the name.".to_owned(),
            }
        }),
        // The version of SQLite is that of waif itself.
        differs("The server's version", release(file), release(now)).filter(|_| now.engine != "sqlite"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn release(place: &Place) -> String {
    (place.version_number / 10_000).to_string()
}

fn tables(file: &Place, now: &Place) -> Vec<String> {
    let name = |touched: &crate::model::plan::Touched| visible(&touched.table.written("")).into_owned();
    let mut differences = Vec::new();
    for was in &file.tables {
        match now.tables.iter().find(|is| is.table == was.table) {
            None => differences.push(format!(
                "The table {} is gone, or no partition of what is repaired any more.",
                name(was)
            )),
            Some(is) if is.number != was.number => {
                differences.push(format!("The table {} was dropped and made anew.", name(was)));
            }
            Some(is) if is.digest != was.digest => differences.push(format!(
                "The definition of {} changed: its columns, keys, triggers, rules or its place among partitions.",
                name(was)
            )),
            Some(_) => {}
        }
    }
    let new = now.tables.iter().filter(|is| !file.tables.iter().any(|was| was.table == is.table));
    differences.extend(new.map(|is| format!("The table {} came since.", name(is))));
    differences
}

/// What a step is about, whatever it does to it: two steps about the same are two versions of one.
fn subject(work: &Work) -> (u8, String) {
    let of = |kind: u8, names: &[&dyn std::fmt::Debug]| (kind, format!("{names:?}"));
    match work {
        Work::Journal => of(0, &[]),
        Work::Backfill(copied) => of(1, &[&copied.table, &copied.column]),
        Work::Remove(removal) => of(8, &[&removal.missing.relation]),
        Work::Nullify(nulling) => of(9, &[&nulling.missing.relation]),
        Work::Adopt(adoption) => of(10, &[&adoption.missing.relation]),
        Work::CreateIndex(index) => of(2, &[&index.table, &index.name]),
        Work::AttachIndex { part, .. } => of(3, &[part]),
        Work::AddKey(key) => of(4, &[&key.table, &key.name]),
        Work::ProveKey { table, name, .. } => of(5, &[table, name]),
        Work::SwapKey { table, old, .. } => of(6, &[table, old]),
        Work::DropKey { table, name } => of(7, &[table, name]),
        Work::Rebuild(rebuild) => of(8, &[&rebuild.table]),
    }
}
