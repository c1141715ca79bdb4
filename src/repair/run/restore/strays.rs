//! Rows that are without a parent once a run is brought back, by references the run did not mend. SQLite enforces no key
//! while rows come back, for they were there before: what they refer to may have gone since, and that is told.

use super::Restoration;
use crate::model::catalog::Catalog;
use crate::model::figure::counted;
use crate::model::ident::TableName;
use crate::model::plan::removal::Reference;
use crate::model::plan::step::{Step, Work};
use crate::model::relation::{Origin, Relation};
use crate::model::restore::{RestoredStep, mended};
use crate::repair::planner::gone::work;
use crate::repair::run::{Halt, Site};

/// References that a restore may leave rows without a parent by, each with how many there are.
pub(super) type Strays = Vec<(Reference, u64)>;

/// The tables that refer and are written to when a step is brought back.
pub(super) fn tables(work: &Work) -> Vec<&TableName> {
    match work {
        Work::Remove(removal) => {
            let overwritten = removal.overwrites().map(|(_, _, values)| &values.seat.table);
            removal.tables.iter().map(|stored| &stored.seat.table).chain(overwritten).collect()
        }
        Work::Nullify(nulling) => vec![&nulling.values.seat.table],
        Work::Backfill(copied) => vec![&copied.table],
        _ => Vec::new(),
    }
}

/// Rows without a parent by a reference; none where the engine sees to it. Counted outside of any transaction that writes.
async fn count(site: &mut Site, reference: &Reference) -> Result<Option<u64>, Halt> {
    let Some(query) = site.removals()?.strays(reference) else { return Ok(None) };
    Ok(site.numbers(&query).await?.first().copied())
}

/// Counts the rows without a parent before anything comes back. Only what has its parent comes back where that is asked for,
/// and an engine that enforces keys refuses the rest.
pub(super) async fn before(
    site: &mut Site,
    order: &Restoration,
    catalog: &Catalog,
    steps: &[&(usize, &Step)],
) -> Result<Strays, Halt> {
    if order.wanted.healed {
        return Ok(Vec::new());
    }
    let written: Vec<&TableName> = steps.iter().flat_map(|(_, step)| tables(&step.work)).collect();
    let missing: Vec<&str> =
        order.plan.steps.iter().filter_map(|step| Some(mended(&step.work)?.relation.as_str())).collect();
    let concerns = |relation: &&Relation| {
        relation.origin == Origin::Declared
            && relation.flaw.is_none()
            && (written.contains(&&relation.child.name) || written.contains(&&relation.parent.name))
    };
    let references = catalog.relations.iter().filter(concerns);
    let references = references.filter_map(|relation| work::reference(catalog, relation));
    let references: Vec<Reference> =
        references.filter(|reference| !missing.contains(&reference.relation.as_str())).collect();
    let mut strays = Vec::with_capacity(references.len());
    for reference in references {
        match count(site, &reference).await? {
            Some(rows) => strays.push((reference, rows)),
            None => break,
        }
    }
    Ok(strays)
}

/// Counts them again, and tells of what is more in the step that was last to write to the table.
pub(super) async fn tell(
    site: &mut Site,
    order: &Restoration,
    before: Strays,
    restored: &mut [RestoredStep],
) -> Result<(), Halt> {
    for (reference, rows) in before {
        let now = count(site, &reference).await?.unwrap_or_default();
        if now <= rows {
            continue;
        }
        let ends = [&reference.child.table, &reference.parent.table];
        let wrote = |step: &&mut RestoredStep| {
            let mut planned = order.plan.steps.iter().filter(|planned| planned.id == step.id);
            step.came > 0 && planned.any(|planned| tables(&planned.work).iter().any(|own| ends.contains(own)))
        };
        let Some(step) = restored.iter_mut().rev().find(wrote) else { continue };
        let columns: Vec<_> = reference.pairs.iter().map(|pair| pair.child.visible().into_owned()).collect();
        let told = format!(
            "{} of {} than before without a parent in {} by ({}): what they refer to went since, or was missing before the run",
            counted(now - rows, "row more", "rows more"),
            reference.child.table.name.visible(),
            reference.parent.table.name.visible(),
            columns.join(", ")
        );
        step.note = Some(match step.note.take() {
            Some(note) => format!("{note}; {told}"),
            None => told,
        });
    }
    Ok(())
}
