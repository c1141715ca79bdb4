//! What came while a run went on after a step had been proved. A proof holds for its moment: whoever writes rows all the
//! while may leave the same hole open in new ones, and nobody should read "finished" as "nothing is left".

use crate::model::figure::grouped;
use crate::model::plan::step::{Copied, Work};
use crate::model::run::{News, State};
use crate::repair::run::execute::{Order, note};
use crate::repair::run::{Halt, Site, journal};

/// How what came since begins in the note of a step.
const SINCE: &str = "; since then ";

/// Counts again what the backfills of a finished run left nothing of, where other steps came after them, and writes down
/// what there is to fill now.
pub(super) async fn look(site: &mut Site, order: &Order) -> Result<(), Halt> {
    let fills = order.steps.iter().enumerate().filter_map(|(at, step)| match &step.work {
        Some(Work::Backfill(copied)) if at + 1 < order.steps.len() => Some((step, copied)),
        _ => None,
    });
    for (step, copied) in fills {
        let known = journal::read(site).await?;
        let Some((place, before)) =
            known.steps.into_iter().enumerate().find(|(_, known)| known.id == step.id)
        else {
            continue;
        };
        site.step.clone_from(&step.id);
        let remaining = site.words.remaining(copied);
        let came = site.numbers(&remaining).await?.first().copied().unwrap_or_default();
        if came == 0 {
            continue;
        }
        let told = words(copied, came);
        (site.tell)(News::Since(format!("{}: since it was proved {told}", step.title)));
        let found = before.note.unwrap_or_default();
        let found = found.split(SINCE).next().unwrap_or_default();
        note(site, place, State::Finished, Some(format!("{found}{SINCE}{told}"))).await?;
    }
    Ok(())
}

/// What came, in words.
fn words(copied: &Copied, came: u64) -> String {
    let (rows, them) = if came == 1 { ("row", "it") } else { ("rows", "them") };
    format!(
        "{} {rows} came with {} NULL and a parent to copy from: what writes them leaves it NULL. A new plan fills {them}; \
         mend what writes first.",
        grouped(came),
        copied.column.visible(),
    )
}
