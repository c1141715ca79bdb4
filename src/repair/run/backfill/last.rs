//! The last sweep, for when others add rows all the while: the few that are open are found, filled and counted in one
//! transaction that sees one moment. At that moment nothing is left to fill; what comes later is not this run's. No row is
//! locked but those it fills, and these only while they are filled, for the long questions are asked before.

use super::{Backfill, Leaf, answered, changed};
use crate::db::writer::{Done, WriteLimits};
use crate::model::fault::Kind;
use crate::model::run::{Counts, News};
use crate::model::value::Value;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::found::counts;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::repairs::Window;

/// The statements of a last sweep, and where the answers that matter stand among those of the transaction.
struct Sweep {
    changes: Vec<Change>,
    fills: Vec<usize>,
}

impl Backfill<'_> {
    /// Fills and proves what is left in these tables at one moment. None when it has to be swept again.
    pub(super) async fn last(&mut self, site: &mut Site, leaves: &[Leaf]) -> Result<Option<Counts>, Halt> {
        site.rest().await?;
        site.heed();
        let tables: Vec<u32> = leaves.iter().map(|leaf| leaf.oid).collect();
        self.guard.pass(site, &tables).await?;
        let sweep = self.compose(site, leaves).await?;
        let limits = WriteLimits { one_moment: true, ..site.limits() };
        let done = match site.attempt_within(sweep.changes, limits).await {
            Ok(Attempt::Done(done)) => done,
            Ok(Attempt::TooLarge(fault)) => return Err(Halt::Failed(fault)),
            Err(Halt::Failed(fault)) if fault.kind == Kind::Unexpected => {
                // Rows came to a table that had none before: the next sweep knows it.
                site.unchanged().await?;
                return Ok(None);
            }
            Err(Halt::Failed(fault)) if fault.kind == Kind::Conflict => {
                // Batches fill what others do not hold, and leave fewer rows that they could change beneath the next one.
                let said =
                    "Others changed rows of the last few meanwhile: they are filled batch by batch again.";
                (site.tell)(News::Line(said.to_owned()));
                return Ok(None);
            }
            Err(halt) => return Err(halt),
        };
        site.unchanged().await?;
        let filled: u64 = sweep.fills.iter().filter_map(|at| done.get(*at..=*at)).map(answered).sum();
        self.rows += filled;
        self.number += sweep.fills.len() as u64;
        (site.tell)(News::Total { place: self.place, rows: self.rows, total: self.rows });
        // The fence comes first, then the question how many there are of each kind.
        let [_, open, wrong, lost, referring] = numbers(done.get(1))[..] else {
            return Err(changed().into());
        };
        if wrong + lost > 0 && self.put_back(site).await? {
            return Ok(None);
        }
        (site.tell)(News::Line(format!(
            "Others add rows all the while: the last {filled} that were there at one moment are filled and proved."
        )));
        self.drop_work(site).await?;
        // All that could be filled is filled.
        Ok(counts(&[0, open, wrong, lost, referring]))
    }

    async fn compose(&self, site: &mut Site, leaves: &[Leaf]) -> Result<Sweep, Halt> {
        let remaining = site.words.remaining(self.copied);
        let ask = Change::new(remaining.purpose(), remaining.text(), remaining.args().to_vec()).returning();
        let mut changes = vec![ask];
        changes.extend(site.words.create_work(self.copied, &site.run, self.place));
        let (low, high) = site.words.ends();
        let (mut fills, mut still) = (Vec::new(), Vec::new());
        for (at, leaf) in leaves.iter().enumerate() {
            let window = Window {
                run: &site.run,
                place: self.place,
                number: self.number + at as u64,
                epoch: site.epoch,
                leaf: leaf.oid,
                leaf_name: &leaf.name,
                pass: None,
                low,
                high,
                // The few rows are looked up by their places; a range would be the whole table.
                by_range: false,
            };
            changes.extend(site.words.fill(self.copied, &window));
            fills.push(changes.len());
            still.extend(site.keep(leaf.known()).await?);
        }
        changes.extend(site.words.used_up(self.copied, &site.run, self.place));
        changes.extend(still);
        Ok(Sweep { changes, fills })
    }
}

fn numbers(done: Option<&Done>) -> Vec<u64> {
    let row = done.and_then(|done| done.rows.first());
    row.into_iter().flatten().filter_map(Value::count).collect()
}
