//! The backfill: the work set is made once, gone through batch by batch, and made again until nothing is left to fill. At
//! the end the server itself is asked what is left, and what this run filled from a parent that has gone is put back.

mod last;
mod proof;
mod window;

use crate::db::writer::Done;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::Parameters;
use crate::model::plan::step::Copied;
use crate::model::run::{Batch, Counts, News};
use crate::model::value::{Row, Value};
use crate::repair::run::attempt::Attempt;
use crate::repair::run::found::Found;
use crate::repair::run::guard::Guard;
use crate::repair::run::pace::Pace;
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::repairs::Known;
use std::time::{Duration, Instant};
use window::Bound;

/// How often the work set is made anew while others change rows faster than they are filled.
const SWEEPS: u32 = 50;
/// A batch that takes so much longer than it should is given up and cut smaller.
const PATIENCE: u32 = 40;
/// Bytes of the log of a file from which on batches grow no further.
const LOG: u64 = 6_000_000;

/// A backfill in work.
pub(super) struct Backfill<'a> {
    copied: &'a Copied,
    place: usize,
    by_range: bool,
    pace: Pace,
    number: u64,
    rows: u64,
    total: u64,
    /// Rows still to be filled, where the work set itself does not tell.
    expected: u64,
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
pub(super) struct Leaf {
    pub(super) oid: u32,
    pub(super) name: TableName,
    /// Rows to be filled, where that is known.
    pub(super) rows: Option<u64>,
    pub(super) end: String,
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
            expected: 0,
            guard: Guard::default(),
        }
    }

    /// Fills until nothing is left to fill, and proves it.
    pub(super) async fn run(mut self, site: &mut Site) -> Result<Found, Halt> {
        let mut before = match site.before {
            Some(before) => Some(before),
            None => self.counted_first(site).await?,
        };
        let fillable = before.and_then(|before| before.fillable).unwrap_or_default();
        self.expected = fillable.saturating_sub(self.rows);
        let mut known: Vec<Leaf> = Vec::new();
        for _ in 0..SWEEPS {
            let leaves = self.prepare(site).await?;
            let known_rows: Option<u64> = leaves.iter().map(|leaf| leaf.rows).sum();
            let open = known_rows.unwrap_or(self.expected);
            let before = match before {
                Some(before) => before,
                None => *before.insert(self.standing(site, open).await?),
            };
            self.total = self.rows + open;
            (site.tell)(News::Total { place: self.place, rows: self.rows, total: self.total });
            let earlier = self.rows;
            for leaf in &leaves {
                let still = site.keep(leaf.known()).await?;
                site.unchanged().await?;
                for pass in self.passes(open) {
                    self.sweep(site, leaf, pass, &still).await?;
                }
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
            if open > 0 && self.rows == earlier {
                return Err(Halt::Paused(
                    "Others change the rows faster than they can be filled: nothing was filled in a whole sweep."
                        .to_owned(),
                ));
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
            Err(Halt::Failed(fault)) => return Err(two_values(site, fault)),
            Err(halt) => return Err(halt),
        }
        let leaves = site.words.leaves(self.copied, &site.run, self.place);
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
        let mut explained = leaf.rows.is_some_and(|rows| rows <= self.pace.rows());
        while low != leaf.end {
            site.rest().await?;
            site.heed();
            self.pace.aim_at(Duration::from_millis(site.parameters.batch_time));
            let room = self.room(site)?;
            self.guard.pass(site, &[leaf.oid]).await?;
            let size = site.steer.batch().unwrap_or_else(|| self.pace.rows());
            let Bound { high, looks_at } = self.bound(site, leaf, pass, &low, size.min(room)).await?;
            if !explained {
                self.explain(site, leaf, pass, &low, &high).await?;
                explained = true;
            }
            match self.batch(site, leaf, pass, (&low, &high, looks_at), still).await {
                Ok(true) => low = high,
                Ok(false) => {}
                Err(Halt::Failed(fault)) if site.words.two_values(code(&fault), &fault.to_string()) => {
                    return Err(two_values(site, fault));
                }
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

    /// Fills one window; false when it must be cut smaller. `still` is what must hold at the end of its transaction.
    async fn batch(
        &mut self,
        site: &mut Site,
        leaf: &Leaf,
        pass: Option<u8>,
        (low, high, looks_at): (&str, &str, Option<u64>),
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
            self.pace.took(looks_at.unwrap_or(changed), took);
            self.keep_log_small(site);
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

    /// A batch is kept whole in the log of a file until it is committed, and the log never shrinks while the file is open:
    /// once it has some size, batches grow no further.
    fn keep_log_small(&mut self, site: &Site) {
        if site.engine.file().is_some_and(|facts| facts.logged && facts.log > LOG) {
            self.pace.grow_no_more();
        }
    }

    /// Removes the work set, where there is one.
    async fn drop_work(&self, site: &mut Site) -> Result<(), Halt> {
        let drop_work = site.words.drop_work(self.copied, &site.run, self.place);
        if drop_work.is_empty() { Ok(()) } else { site.attempt(drop_work, None).await.map(drop) }
    }
}

/// The number the last statement answered with.
pub(super) fn answered(done: &[Done]) -> u64 {
    done.last().and_then(|done| done.rows.first()?.first()?.count()).unwrap_or_default()
}

impl Leaf {
    pub(super) fn known(&self) -> Known<'_> {
        Known { number: self.oid, name: &self.name }
    }
}

pub(super) fn leaf(row: &Row) -> Option<Leaf> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    Some(Leaf {
        oid: text(0)?.parse().ok()?,
        name: TableName { schema: Ident::new(text(1)?).ok()?, name: Ident::new(text(2)?).ok()? },
        rows: text(3).and_then(|rows| rows.parse().ok()),
        end: text(4)?.to_owned(),
    })
}

fn code(fault: &Fault) -> &str {
    fault.code.as_deref().unwrap_or_default()
}

/// A fault, in better words where it says that a row would be filled with two values.
fn two_values(site: &Site, fault: Fault) -> Halt {
    if !site.words.two_values(code(&fault), &fault.to_string()) {
        return Halt::Failed(fault);
    }
    let ambiguous = Fault::new(
        Kind::Constraint,
        "A row has two parents with different values, so there is no value to fill it with.",
    );
    Halt::Failed(ambiguous.because(fault.to_string()))
}

/// A table of the work set is gone: the schema changed beneath the run.
pub(super) fn changed() -> Fault {
    Fault::new(Kind::Missing, "A table changed beneath the run.")
        .hint("Read the plan again on the database as it is now.")
}
