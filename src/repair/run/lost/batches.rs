//! The batches of a removal, or of the setting of references to NULL.

mod sizes;

use super::breath::Breath;
use super::mends::{Mends, figures};
use super::{believed, suspect};
use crate::model::fault::Kind;
use crate::model::figure::counted;
use crate::model::ident::TableName;
use crate::model::plan::removal::Removal;
use crate::model::run::{Batch, Counts, News, proof};
use crate::model::value::Value;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::backfill::{Leaf, answered, changed, leaf};
use crate::repair::run::guard::Guard;
use crate::repair::run::{Halt, Site};
use crate::repair::survey::SHALLOW;
use crate::sql::change::Change;
use crate::sql::removals::{DEEPER, FORBIDDEN, Removals, Stroke, TOO_MANY};
use crate::sql::repairs::{Known, Window};
use std::time::{Duration, Instant};

/// How often the work set is made anew while others add rows without a parent faster than they go.
const SWEEPS: u32 = 50;
/// The time one statement of a batch may take before the batch is cut smaller.
const PATIENCE: Duration = Duration::from_secs(60);
/// Sweeps in a row that may do nothing.
const IDLE: u32 = 3;
/// The deepest a batch follows ON DELETE.
const DEEPEST: u32 = 1024;

/// A step in work.
pub(super) struct Batches<'a> {
    mends: Mends<'a>,
    words: &'static dyn Removals,
    place: usize,
    breath: Breath,
    depth: u32,
    number: u64,
    /// Rows changed in all.
    rows: u64,
    /// Rows without a parent that were dealt with by this session.
    own: u64,
    /// Rows without a parent still open when that was last counted.
    open: u64,
    /// Rows changed by this session.
    here: u64,
    healed: u64,
    guard: Guard,
}

impl<'a> Batches<'a> {
    /// A step that changed `rows` rows in `batches` batches before.
    pub(super) fn new(
        site: &Site,
        mends: Mends<'a>,
        place: usize,
        rows: u64,
        batches: u64,
    ) -> Result<Self, Halt> {
        let parameters = &site.parameters;
        let aim = Duration::from_millis(parameters.batch_time);
        let depth = match mends {
            Mends::Remove(removal) => removal.depth().unwrap_or(SHALLOW),
            Mends::Nullify(_) => 0,
        };
        Ok(Self {
            mends,
            words: site.removals()?,
            place,
            breath: Breath::new(parameters.first_batch, parameters.largest_batch, aim),
            depth,
            number: batches,
            rows,
            own: 0,
            open: 0,
            here: 0,
            healed: 0,
            guard: Guard::default(),
        })
    }

    /// Goes on until no row is without a parent, and proves it.
    pub(super) async fn run(mut self, site: &mut Site) -> Result<String, Halt> {
        let mut idle = 0;
        for _ in 0..SWEEPS {
            let leaves = self.prepare(site).await?;
            self.open = leaves.iter().filter_map(|leaf| leaf.rows).sum();
            if self.here == 0 {
                self.weigh(site).await?;
            }
            self.begun(site).await?;
            (site.tell)(News::Total { place: self.place, rows: self.rows, total: self.rows + self.open });
            let (before, set) = (self.own, self.open);
            for leaf in &leaves {
                self.sweep(site, leaf).await?;
            }
            let left = site.left(self.mends.missing()).await?;
            if left == 0 {
                return self.end(site).await;
            }
            // A row may have come since the set was made: only what stays so is no accident.
            idle = if self.own == before { idle + 1 } else { 0 };
            if idle >= IDLE {
                return Err(self.stuck(site, set, left));
            }
        }
        Err(Halt::Paused(format!(
            "After {SWEEPS} sweeps there are still rows without a parent: others keep adding them. A foreign key, added NOT VALID first, would keep them from it."
        )))
    }

    /// Writes down how many rows there were, where no earlier session did.
    async fn begun(&self, site: &mut Site) -> Result<(), Halt> {
        if site.before.is_none() {
            let before = Counts { orphans: Some(self.open), ..Counts::default() };
            site.before = Some(before);
            site.counted(true, before).await?;
        }
        Ok(())
    }

    /// Nothing was done in sweep after sweep, and rows are left.
    fn stuck(&self, site: &Site, set: u64, left: u64) -> Halt {
        if set > 0 {
            return Halt::Paused(
                "Others change the rows faster than they can be dealt with: nothing was done in whole sweeps."
                    .to_owned(),
            );
        }
        suspect(site, self.mends.missing(), believed(left))
    }

    /// Makes the stores and the work set, and looks at the set again by another access path; answers with the tables that
    /// have work.
    async fn prepare(&mut self, site: &mut Site) -> Result<Vec<Leaf>, Halt> {
        let (words, missing) = (self.words, self.mends.missing());
        let mut changes = Vec::new();
        match self.mends {
            Mends::Remove(removal) => {
                changes.extend(words.create_stores(&removal.tables));
                for (_, _, values) in removal.overwrites() {
                    changes.extend(words.create_kept(values));
                }
            }
            Mends::Nullify(nulling) => changes.extend(words.create_kept(&nulling.values)),
        }
        changes.extend(words.create_notes());
        changes.extend(words.create_work(missing, &site.run, self.place));
        if let Mends::Remove(removal) = self.mends {
            changes.extend(words.create_ties(removal, &site.run, self.place));
        }
        site.attempt(changes, None).await?;
        let hidden = match site.attempt(words.doubts(missing, &site.run, self.place), None).await? {
            Attempt::Done(done) => answered(&done),
            Attempt::TooLarge(fault) => return Err(Halt::Failed(fault)),
        };
        if hidden > 0 {
            let what = format!(
                "the parents of {} are in the table, and the index does not find them",
                counted(hidden, "row", "rows")
            );
            return Err(suspect(site, missing, what));
        }
        let leaves = words.lost_leaves(missing, &site.run, self.place);
        let rows = site.ask(&leaves).await?;
        rows.iter().map(|row| leaf(row).ok_or_else(|| changed().into())).collect()
    }

    /// Goes once through a table of the work set.
    async fn sweep(&mut self, site: &mut Site, leaf: &Leaf) -> Result<(), Halt> {
        let (start, _) = site.words.ends();
        let mut low = start.to_owned();
        site.unchanged().await?;
        let still = self.still(site, leaf).await?;
        while low != leaf.end {
            site.rest().await?;
            site.heed();
            self.breath.aim_at(Duration::from_millis(site.parameters.batch_time));
            self.within_limit(site)?;
            self.guard.pass(site, &[leaf.oid]).await?;
            let size = self.size(site);
            let window = self.window(site, leaf, &low, &leaf.end);
            let bound = self.words.lost_bound(self.mends.missing(), &window, size);
            let rows = site.ask(&bound).await?;
            let high = rows.first().and_then(|row| row.first()).and_then(Value::text);
            let high = high.unwrap_or(&leaf.end).to_owned();
            match self.batch(site, leaf, &low, &high, &still).await {
                Ok(true) => {
                    low = high;
                    self.breath.single();
                }
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

    /// What must hold at the end of every batch: the tables are what they were.
    async fn still(&self, site: &mut Site, leaf: &Leaf) -> Result<Vec<Change>, Halt> {
        let mut tables: Vec<&TableName> = self.mends.tables();
        tables.push(&leaf.name);
        tables.sort_unstable();
        tables.dedup();
        let mut still = Vec::with_capacity(tables.len());
        for name in tables {
            if let Some(number) = site.shape.number(name) {
                still.extend(site.keep(Known { number, name }).await?);
            }
        }
        Ok(still)
    }

    fn changes(&self, site: &Site, window: Window<'_>) -> Vec<Change> {
        match self.mends {
            Mends::Remove(removal) => {
                let stroke = Stroke { window, depth: self.depth, most: self.most(site) };
                self.words.take(removal, &stroke)
            }
            Mends::Nullify(nulling) => self.words.nullify(nulling, &window),
        }
    }

    fn window<'w>(&self, site: &'w Site, leaf: &'w Leaf, low: &'w str, high: &'w str) -> Window<'w> {
        Window {
            run: &site.run,
            place: self.place,
            number: self.number,
            epoch: site.epoch,
            leaf: leaf.oid,
            leaf_name: &leaf.name,
            pass: None,
            low,
            high,
            by_range: false,
        }
    }

    /// Deals with one window; false when it must be done again, smaller or deeper.
    async fn batch(
        &mut self,
        site: &mut Site,
        leaf: &Leaf,
        low: &str,
        high: &str,
        still: &[Change],
    ) -> Result<bool, Halt> {
        let window = self.window(site, leaf, low, high);
        let mut changes = self.changes(site, window);
        changes.extend_from_slice(still);
        let began = Instant::now();
        let done = match site.attempt(changes, Some(PATIENCE)).await {
            Ok(Attempt::Done(done)) => done,
            Ok(Attempt::TooLarge(fault)) => return self.smaller(site, fault.headline.clone(), fault),
            Err(Halt::Failed(fault)) if fault.headline == DEEPER && self.depth < DEEPEST => {
                self.depth *= 2;
                return Ok(false);
            }
            Err(Halt::Failed(fault)) if fault.headline == FORBIDDEN && high != leaf.end => {
                return self.larger(site, fault);
            }
            Err(Halt::Failed(fault)) if fault.headline == TOO_MANY => {
                if !self.breath.is_doubled() && self.breath.halve() {
                    return Ok(false);
                }
                return Err(self.over(site.parameters.max_rows.unwrap_or_default()));
            }
            Err(halt) => return Err(halt),
        };
        let (all, own) = figures(&done);
        self.committed(site, leaf, (all, own), began.elapsed());
        self.look_for_healed(site, own).await?;
        Ok(true)
    }

    fn committed(&mut self, site: &Site, leaf: &Leaf, (all, own): (u64, u64), took: Duration) {
        self.number += 1;
        self.rows += all;
        self.here += all;
        self.own += own;
        if site.steer.batch().is_none() {
            self.breath.took(own, took);
        }
        // What hangs on the rows to come is guessed from what hung on those before.
        let open = self.open.saturating_sub(own);
        self.open = open;
        let each = if self.own == 0 { 1.0 } else { self.here as f64 / self.own as f64 };
        (site.tell)(News::Batch(Batch {
            place: self.place,
            number: self.number,
            changed: all,
            rows: self.rows,
            total: self.rows + (open as f64 * each).ceil() as u64,
            took,
            next: site.steer.batch().unwrap_or_else(|| self.breath.rows()),
            table: leaf.name.name.visible().into_owned(),
        }));
    }

    /// Looks for rows of the last batch whose parent is there now: it was on its way when they went.
    async fn look_for_healed(&mut self, site: &mut Site, own: u64) -> Result<(), Halt> {
        let Mends::Remove(removal) = self.mends else { return Ok(()) };
        if own == 0 {
            return Ok(());
        }
        let query = self.words.healed(removal, &site.run, self.place, Some(self.number - 1));
        let numbers = site.numbers(&query).await?;
        let healed = numbers.first().copied().unwrap_or_default();
        if healed > 0 {
            self.healed += healed;
            (site.tell)(News::Line(format!(
                "The parents of {} came while they were taken away: waif restore {} --healed brings them back.",
                counted(healed, "row", "rows"),
                site.run
            )));
        }
        Ok(())
    }

    /// Removes the work set and tells what was found.
    async fn end(mut self, site: &mut Site) -> Result<String, Halt> {
        site.attempt(self.words.drop_lost(&site.run, self.place), None).await?;
        let after = Counts { orphans: Some(0), ..Counts::default() };
        site.counted(false, after).await?;
        let proved = proof(site.before.unwrap_or_default(), after);
        match self.mends {
            Mends::Nullify(nulling) => Ok(format!(
                "{} set to NULL; what they held is in {}; {proved}",
                counted(self.rows, "reference is", "references are"),
                self.words.store(&nulling.values.store)
            )),
            Mends::Remove(removal) => {
                let query = self.words.healed(removal, &site.run, self.place, None);
                self.healed = site.numbers(&query).await?.first().copied().unwrap_or_default();
                Ok(format!("{}; {proved}", self.told(site, removal)))
            }
        }
    }

    fn told(&self, site: &Site, removal: &Removal) -> String {
        let stores: Vec<String> = removal
            .tables
            .iter()
            .map(|stored| self.words.store(&stored.store))
            .chain(removal.overwrites().map(|(_, _, values)| self.words.store(&values.store)))
            .collect();
        let mut text = format!(
            "{} in {}; waif restore brings them back",
            counted(self.rows, "row is", "rows are"),
            stores.join(", ")
        );
        if self.healed > 0 {
            text.push_str(&format!(
                "; the parents of {} are there now: waif restore {} --healed",
                counted(self.healed, "row", "rows"),
                site.run
            ));
        }
        text
    }
}
