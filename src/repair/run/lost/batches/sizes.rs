//! How many rows a batch takes: no more than the plan allows, as few as it takes in time, and as many as have to go at once.

use super::{Batches, Mends};
use crate::model::fault::Fault;
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::run::News;
use crate::repair::run::{Halt, Site};

/// Bytes of the first batch: how long so much takes tells how large the others may be.
const FIRST: u64 = 16_000_000;

/// Rows the server reads for what refers to the rows of the first batch.
const READ: u64 = 1_000_000;

impl Batches<'_> {
    /// Weighs some rows: where they are long, or much is read for each, the first batch is small. One that outgrows its time keeps readers of a file
    /// without a log waiting.
    pub(super) async fn weigh(&mut self, site: &mut Site) -> Result<(), Halt> {
        let columns: Vec<&Ident> = match self.mends {
            Mends::Remove(removal) => {
                let columns = removal.tables.first().map(|stored| stored.columns.as_slice());
                columns.unwrap_or_default().iter().map(|kept| &kept.column).collect()
            }
            Mends::Nullify(nulling) => {
                let values = &nulling.values;
                let columns = values.key.iter().chain(&values.columns).chain(&values.digested);
                columns.map(|named| &named.column).collect()
            }
        };
        let missing = self.mends.missing();
        if let Some(query) = self.words.weight(missing, &columns, &site.run, self.place) {
            let bytes = site.numbers(&query).await?.first().copied().unwrap_or_default();
            self.breath.begin_with(FIRST / bytes.max(1));
        }
        if let Mends::Remove(removal) = self.mends
            && let Some(query) = self.words.burden(removal)
        {
            let read = site.numbers(&query).await?.first().copied().unwrap_or_default();
            self.breath.begin_with(READ / read.max(1));
        }
        Ok(())
    }

    /// Rows the plan may still change.
    pub(super) fn most(&self, site: &Site) -> Option<u64> {
        site.parameters.max_rows.map(|most| most.saturating_sub(self.rows))
    }

    pub(super) fn within_limit(&self, site: &Site) -> Result<(), Halt> {
        match site.parameters.max_rows {
            Some(most) if self.rows >= most => Err(self.over(most)),
            _ => Ok(()),
        }
    }

    pub(super) fn over(&self, most: u64) -> Halt {
        Halt::Paused(format!(
            "{} rows are changed, and the plan allows {most}: others keep adding some. Resume it with a higher limit, or plan again with a higher --max-rows.",
            self.rows
        ))
    }

    /// Rows of the next batch.
    pub(super) fn size(&self, site: &Site) -> u64 {
        let size = self.breath.widened(site.steer.batch().unwrap_or_else(|| self.breath.rows()));
        // What was allowed is never exceeded, not by the last batch either.
        self.most(site).map_or(size, |room| size.min(room))
    }

    /// What refers to the rows of a batch may be to go itself, in a later one: then one batch takes both.
    pub(super) fn larger(&mut self, site: &Site, fault: Fault) -> Result<bool, Halt> {
        let size = self.size(site);
        if self.most(site).is_some_and(|room| room <= size) {
            return Err(Halt::Failed(fault));
        }
        self.breath.double();
        (site.tell)(News::Line(format!(
            "Rows that are not in the batch refer to what it removes: one of {} is tried.",
            counted(self.size(site), "row", "rows")
        )));
        Ok(false)
    }

    pub(super) fn smaller(&mut self, site: &Site, why: String, fault: Fault) -> Result<bool, Halt> {
        if self.breath.is_doubled() || !self.breath.halve() {
            return Err(Halt::Paused(fault.to_string()));
        }
        let rows = self.breath.rows();
        (site.tell)(News::Line(format!("{why} Batches are cut to {rows} rows.")));
        Ok(false)
    }
}
