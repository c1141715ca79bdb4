//! The backfill: the work set is made once, gone through batch by batch, and made again until nothing is left to fill. At
//! the end the server itself is asked what is left, and what this run filled from a parent that has gone is put back.

mod last;
mod proof;

use crate::db::writer::Done;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::Parameters;
use crate::model::plan::step::Copied;
use crate::model::run::{Batch, Counts, News, proof};
use crate::model::value::{Row, Value};
use crate::repair::run::attempt::Attempt;
use crate::repair::run::guard::Guard;
use crate::repair::run::pace::Pace;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::repairs::Window;
use std::time::{Duration, Instant};

/// How often the work set is made anew while others change rows faster than they are filled.
const SWEEPS: u32 = 50;
/// A batch that takes so much longer than it should is given up and cut smaller.
const PATIENCE: u32 = 40;

/// A backfill in work.
pub(super) struct Backfill<'a> {
    copied: &'a Copied,
    place: usize,
    by_range: bool,
    pace: Pace,
    number: u64,
    rows: u64,
    total: u64,
    guard: Guard,
}

/// What the server answered when it was asked what is left.
enum Proof {
    /// Nothing that could be filled; so many of each kind.
    Whole(Counts),
    /// So many rows.
    Open(u64),
}

/// A table of the work set.
#[derive(Clone)]
struct Leaf {
    oid: u32,
    name: TableName,
    rows: u64,
    end: String,
}

/// What a backfill came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Rows it filled, in all sessions.
    pub(crate) filled: u64,
    /// What was counted before the first of them.
    pub(crate) before: Counts,
    /// What was counted at the end.
    pub(crate) after: Counts,
}

impl Found {
    /// In words.
    pub(crate) fn words(self) -> String {
        let (orphans, wrong) = (self.after.orphans.unwrap_or_default(), self.after.wrong.unwrap_or_default());
        format!(
            "{} rows filled; {orphans} rows have no parent; {wrong} copies differ from their parent; {}",
            self.filled,
            proof(self.before, self.after)
        )
    }
}

/// Counts from an answer: rows fillable, orphans among the rows to be filled, wrong copies, copies without a parent, those
/// of them whose row refers to one.
fn counts(numbers: &[u64]) -> Option<Counts> {
    let [fillable, open, wrong, lost, referring] = *numbers else { return None };
    Some(Counts {
        fillable: Some(fillable),
        half_null: Some(fillable + open + lost.saturating_sub(referring)),
        orphans: Some(open + referring),
        wrong: Some(wrong),
    })
}

impl<'a> Backfill<'a> {
    /// A backfill that has done `rows` rows in `batches` batches before.
    pub(super) fn new(site: &Site, copied: &'a Copied, place: usize, rows: u64, batches: u64) -> Self {
        let parameters = &site.parameters;
        let aim = Duration::from_millis(parameters.batch_time);
        Self {
            copied,
            place,
            by_range: site.engine.server().version_number >= 140_000,
            pace: Pace::new(parameters.first_batch, parameters.largest_batch, aim),
            number: batches,
            rows,
            total: rows,
            guard: Guard::default(),
        }
    }

    /// Fills until nothing is left to fill, and proves it.
    pub(super) async fn run(mut self, site: &mut Site) -> Result<Found, Halt> {
        let mut before = site.before;
        let mut known: Vec<Leaf> = Vec::new();
        for _ in 0..SWEEPS {
            let leaves = self.prepare(site).await?;
            let open: u64 = leaves.iter().map(|leaf| leaf.rows).sum();
            let before = match before {
                Some(before) => before,
                None => *before.insert(self.standing(site, open).await?),
            };
            self.total = self.rows + open;
            (site.tell)(News::Total { place: self.place, rows: self.rows, total: self.total });
            let earlier = self.rows;
            for leaf in &leaves {
                let still = site.keep(leaf.oid).await?;
                site.unchanged().await?;
                for pass in self.passes(open) {
                    self.sweep(site, leaf, pass, &still).await?;
                }
            }
            if open > 0 && self.rows == earlier {
                return Err(Halt::Paused(
                    "Others change the rows faster than they can be filled: nothing was filled in a whole sweep."
                        .to_owned(),
                ));
            }
            known.retain(|leaf| leaves.iter().all(|new| new.oid != leaf.oid));
            known.extend(leaves);
            let after = match self.prove(site).await? {
                Proof::Whole(after) => Some(after),
                // Whoever adds rows adds some during every sweep: few are filled and proved at one moment.
                Proof::Open(left) if left > 0 && left <= self.few(site) => self.last(site, &known).await?,
                Proof::Open(_) => None,
            };
            if let Some(after) = after {
                site.counted(false, after).await?;
                return Ok(Found { filled: self.rows, before, after });
            }
        }
        Err(Halt::Paused(format!(
            "After {SWEEPS} sweeps there are still rows to fill: others keep adding them."
        )))
    }

    /// Rows that may be filled at once at the end: as many as a batch has that nobody measured yet, or more where batches
    /// have more; never more than a person allows, and none where all rows are counted: nobody knows how many come.
    fn few(&self, site: &Site) -> u64 {
        let Parameters { first_batch, largest_batch, max_rows, .. } = site.parameters;
        if max_rows.is_some() {
            return 0;
        }
        site.steer.batch().unwrap_or_else(|| self.pace.rows().max(first_batch).min(largest_batch))
    }

    /// The passes over each table: what fits into one batch needs no room of an earlier pass.
    fn passes(&self, open: u64) -> Vec<Option<u8>> {
        match self.copied.passes {
            0 | 1 => vec![Some(0)],
            _ if open <= self.pace.rows() => vec![None],
            passes => (0..passes).map(Some).collect(),
        }
    }

    /// Makes the record and the work set; answers with the tables that have work.
    async fn prepare(&self, site: &mut Site) -> Result<Vec<Leaf>, Halt> {
        (site.tell)(News::Line("Looking for the rows to be filled: once, before the batches.".to_owned()));
        let mut changes = site.words.create_record(self.copied, &site.run, self.place);
        changes.extend(site.words.create_work(self.copied, &site.run, self.place));
        match site.attempt(changes, None).await {
            Ok(_) => {}
            Err(Halt::Failed(fault)) if fault.code.as_deref() == Some("23505") => {
                let ambiguous = Fault::new(
                    Kind::Constraint,
                    "A row has two parents with different values, so there is no value to fill it with.",
                );
                return Err(Halt::Failed(ambiguous.because(fault.to_string())));
            }
            Err(halt) => return Err(halt),
        }
        let leaves = site.words.leaves(&site.run, self.place);
        let rows = site.ask(&leaves).await?;
        rows.iter().map(|row| leaf(row).ok_or_else(|| changed().into())).collect()
    }

    /// Goes once through a table of the work set. `still` is what must hold at the end of every transaction.
    async fn sweep(
        &mut self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        still: &[Change],
    ) -> Result<(), Halt> {
        let (start, _) = site.words.ends();
        let mut low = start.to_owned();
        let mut explained = leaf.rows <= self.pace.rows();
        while low != leaf.end {
            site.rest().await?;
            site.heed();
            self.pace.aim_at(Duration::from_millis(site.parameters.batch_time));
            let room = self.room(site)?;
            self.guard.pass(site, &[leaf.oid]).await?;
            let size = site.steer.batch().unwrap_or_else(|| self.pace.rows());
            let bound = site.words.bound(&site.run, self.place, leaf.oid, pass, &low, size.min(room));
            let rows = site.ask(&bound).await?;
            let high = rows.first().and_then(|row| row.first()).and_then(Value::text);
            let high = high.unwrap_or(&leaf.end).to_owned();
            if !explained {
                self.explain(site, leaf, pass, &low, &high).await?;
                explained = true;
            }
            match self.batch(site, leaf, pass, &low, &high, still).await {
                Ok(true) => low = high,
                Ok(false) => {}
                Err(Halt::Failed(fault)) if fault.kind != Kind::Lost => {
                    // What changed beneath the run explains more than the statement it broke.
                    site.unchanged().await?;
                    return Err(Halt::Failed(fault));
                }
                Err(halt) => return Err(halt),
            }
        }
        Ok(())
    }

    /// The rows a person still allows, the rest of a page aside; none left stops the run: others may have added more than were counted.
    fn room(&self, site: &Site) -> Result<u64, Halt> {
        let Some(most) = site.parameters.max_rows else { return Ok(u64::MAX) };
        match most.saturating_sub(self.rows) {
            0 => Err(Halt::Paused(format!(
                "{} rows are filled, and at most {most} may be. Resume it with a higher limit, or plan again with a higher --max-rows.",
                self.rows
            ))),
            room => Ok(room),
        }
    }

    /// Asks the server how it would fill a window: it must read the rows by their places, or the run stops.
    async fn explain(
        &self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        low: &str,
        high: &str,
    ) -> Result<(), Halt> {
        let window = self.window(site, leaf, pass, low, high);
        let mut changes = site.words.fill(self.copied, &window);
        let Some(fill) = changes.pop() else { return Ok(()) };
        changes.push(site.words.explain(&fill));
        let limits = site.limits();
        let tried = site.writer.rehearse(&changes, None, limits).await;
        match tried.fault {
            // Somebody is in the way: the batch meets him as well, and waits as it should.
            Some(fault) if fault.kind.may_retry() => return Ok(()),
            Some(fault) => return Err(Halt::Failed(fault)),
            None => {}
        }
        let rows = tried.done.last().map(|done| done.rows.as_slice()).unwrap_or_default();
        let lines: Vec<&str> = rows.iter().filter_map(|row| row.first()?.text()).map(str::trim).collect();
        let wanted = if self.by_range { "Tid Range Scan on " } else { "Tid Scan on " };
        if lines.iter().any(|line| line.contains(wanted) && line.ends_with(" c")) {
            return Ok(());
        }
        let reads =
            lines.iter().find(|line| line.ends_with(" c")).copied().unwrap_or("in no way known to waif");
        Err(Halt::Paused(format!(
            "The server would read {} not by the places of its rows but otherwise ({reads}): every batch would read too much. ANALYZE the table, and resume.",
            leaf.name.name.visible()
        )))
    }

    fn window<'w>(
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

    /// Fills one window; false when it must be cut smaller. `still` is what must hold at the end of its transaction.
    async fn batch(
        &mut self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        low: &str,
        high: &str,
        still: &[Change],
    ) -> Result<bool, Halt> {
        let window = self.window(site, leaf, pass, low, high);
        let mut changes = site.words.fill(self.copied, &window);
        changes.extend_from_slice(still);
        let limit = Duration::from_millis(site.parameters.batch_time).saturating_mul(PATIENCE);
        let began = Instant::now();
        let done = match site.attempt(changes, Some(limit.max(Duration::from_secs(5)))).await? {
            Attempt::Done(done) => done,
            Attempt::TooLarge(fault) if self.pace.halve() => {
                let rows = self.pace.rows();
                (site.tell)(News::Line(format!("{} Batches are cut to {rows} rows.", fault.headline)));
                return Ok(false);
            }
            Attempt::TooLarge(fault) => return Err(Halt::Paused(fault.to_string())),
        };
        let took = began.elapsed();
        let changed = answered(done.get(..done.len() - still.len()).unwrap_or_default());
        self.number += 1;
        self.rows += changed;
        if site.steer.batch().is_none() {
            self.pace.took(changed, took);
        }
        (site.tell)(News::Batch(Batch {
            place: self.place,
            number: self.number,
            changed,
            rows: self.rows,
            total: self.total.max(self.rows),
            took,
            next: site.steer.batch().unwrap_or_else(|| self.pace.rows()),
            table: leaf.name.name.visible().into_owned(),
        }));
        Ok(true)
    }
}

/// The number the last statement answered with.
fn answered(done: &[Done]) -> u64 {
    done.last().and_then(|done| done.rows.first()?.first()?.count()).unwrap_or_default()
}

fn leaf(row: &Row) -> Option<Leaf> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    Some(Leaf {
        oid: text(0)?.parse().ok()?,
        name: TableName { schema: Ident::new(text(1)?).ok()?, name: Ident::new(text(2)?).ok()? },
        rows: text(3)?.parse().ok()?,
        end: text(4)?.to_owned(),
    })
}

/// A table of the work set is gone: the schema changed beneath the run.
fn changed() -> Fault {
    Fault::new(Kind::Missing, "A table changed beneath the run.")
        .hint("Read the plan again on the database as it is now.")
}
