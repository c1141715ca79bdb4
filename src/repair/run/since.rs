//! What came while a run went on after a step had been proved. A proof holds for its moment: whoever writes rows all the
//! while may leave the same hole open in new ones, and nobody should read "finished" as "nothing is left".

use crate::model::figure::grouped;
use crate::model::plan::removal::Reference;
use crate::model::plan::step::{Copied, Work};
use crate::model::restore::{is_over, mended};
use crate::model::run::{News, State};
use crate::repair::run::execute::{Due, Order, note};
use crate::repair::run::{Halt, Site, journal};

/// How what came since begins in the note of a step.
const SINCE: &str = "; since then ";

/// Counts again what steps of a finished run left nothing of, where other steps came after them, and writes down what
/// there is by now: what an earlier session did as well as this one.
pub(super) async fn look(site: &mut Site, order: &Order) -> Result<(), Halt> {
    let followed = order.steps.len().saturating_sub(1);
    for step in order.steps.iter().take(followed) {
        let Some(told) = came(site, order, step).await? else { continue };
        let known = journal::read(site).await?;
        let found = known.steps.into_iter().enumerate().find(|(_, known)| known.id == step.id);
        let Some((place, before)) = found else { continue };
        site.step.clone_from(&step.id);
        (site.tell)(News::Since(format!("{}: since it was proved {told}", step.title)));
        let found = before.note.unwrap_or_default();
        let found = found.split(SINCE).next().unwrap_or_default();
        note(site, place, State::Finished, Some(format!("{found}{SINCE}{told}"))).await?;
    }
    Ok(())
}

/// What came that a step would have dealt with, in words; none where nothing did.
async fn came(site: &mut Site, order: &Order, step: &Due) -> Result<Option<String>, Halt> {
    let Some(work) = &step.asked else { return Ok(None) };
    if let Work::Backfill(copied) = work {
        let remaining = site.words.remaining(copied);
        let came = site.numbers(&remaining).await?.first().copied().unwrap_or_default();
        return Ok((came > 0).then(|| open(copied, came)));
    }
    match mended(work) {
        Some(missing) if !is_kept(order, missing) => {
            let came = site.left(missing).await?;
            Ok((came > 0).then(|| lost(missing, came)))
        }
        _ => Ok(None),
    }
}

/// Whether a key of the plan keeps everybody from adding rows without a parent.
fn is_kept(order: &Order, missing: &Reference) -> bool {
    order.steps.iter().any(|step| matches!(&step.asked, Some(Work::AddKey(key)) if is_over(key, missing)))
}

fn open(copied: &Copied, came: u64) -> String {
    let (rows, them) = if came == 1 { ("row", "it") } else { ("rows", "them") };
    format!(
        "{} {rows} came with {} NULL and a parent to copy from: what writes them leaves it NULL. A new plan fills {them}; \
         mend what writes first.",
        grouped(came),
        copied.column.visible(),
    )
}

fn lost(missing: &Reference, came: u64) -> String {
    format!(
        "{} {} of {} came without a parent: no key keeps whoever writes from it. Stage add-fk beside the next plan.",
        grouped(came),
        if came == 1 { "row" } else { "rows" },
        missing.child.table.name.visible(),
    )
}
