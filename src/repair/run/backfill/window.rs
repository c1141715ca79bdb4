//! The windows of a sweep: where one ends, how many rows it may have, and how the engine would go about it.

use super::{Backfill, Leaf};
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use crate::sql::repairs::{Seat, Window};

/// Where a window ends.
pub(super) struct Bound {
    pub(super) high: String,
    /// Rows it looks at, where that is what it is measured by.
    pub(super) looks_at: Option<u64>,
}

impl Backfill<'_> {
    /// The rows a person still allows, the rest of a page aside; none left stops the run: others may have added more than were counted.
    pub(super) fn room(&self, site: &Site) -> Result<u64, Halt> {
        let Some(most) = site.parameters.max_rows else { return Ok(u64::MAX) };
        match most.saturating_sub(self.rows) {
            0 => Err(Halt::Paused(format!(
                "{} rows are filled, and at most {most} may be. Resume it with a higher limit, or plan again with a higher --max-rows.",
                self.rows
            ))),
            room => Ok(room),
        }
    }

    /// Where the next window ends.
    pub(super) async fn bound(
        &self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        low: &str,
        rows: u64,
    ) -> Result<Bound, Halt> {
        let seat = Seat { leaf: leaf.oid, pass, low };
        let bound = site.words.bound(self.copied, &site.run, self.place, seat, rows);
        let rows = site.ask(&bound).await?;
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        let high = row.first().and_then(Value::text).unwrap_or(&leaf.end).to_owned();
        Ok(Bound { high, looks_at: row.get(1).and_then(Value::count) })
    }

    /// Asks the engine how it would fill a window: it must read the rows by their places, or the run stops.
    pub(super) async fn explain(
        &self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        low: &str,
        high: &str,
    ) -> Result<(), Halt> {
        let window = self.window(site, leaf, pass, low, high);
        let changes = site.words.explain(self.copied, &window);
        let limits = site.limits();
        let tried = site.writer.rehearse(&changes, None, limits).await;
        match tried.fault {
            // Somebody is in the way: the batch meets him as well, and waits as it should.
            Some(fault) if fault.kind.may_retry() => return Ok(()),
            Some(fault) => return Err(Halt::Failed(fault)),
            None => {}
        }
        let rows = tried.done.last().map(|done| done.rows.as_slice()).unwrap_or_default();
        site.words.reads_by_place(rows, self.by_range).map_err(|reads| {
            Halt::Paused(format!(
                "The server would read {} not by the places of its rows but otherwise ({reads}): every batch would read too much. ANALYZE the table, and resume.",
                leaf.name.name.visible()
            ))
        })
    }

    /// A window as the engine's language wants it.
    pub(super) fn window<'w>(
        &self,
        site: &'w Site,
        leaf: &'w Leaf,
        pass: Option<u8>,
        low: &'w str,
        high: &'w str,
    ) -> Window<'w> {
        Window {
            run: &site.run,
            place: self.place,
            number: self.number,
            epoch: site.epoch,
            leaf: leaf.oid,
            leaf_name: &leaf.name,
            pass,
            low,
            high,
            by_range: self.by_range,
        }
    }
}
