//! Adoption: the set of missing parents is made once, gone through by number, and made again until none is missing.

use super::breath::Breath;
use super::{believed, suspect};
use crate::db::writer::Done;
use crate::model::figure::counted;
use crate::model::plan::removal::Adoption;
use crate::model::run::{Batch, Counts, News, proof};
use crate::model::server::EngineKind;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::backfill::answered;
use crate::repair::run::guard::Guard;
use crate::repair::run::{Halt, Site};
use crate::sql::repairs::{Known, Window};
use std::time::{Duration, Instant};

/// How often the set is made anew while others add rows without a parent.
const SWEEPS: u32 = 50;
/// The time one statement may take before the batch is cut smaller.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sweeps in a row that may do nothing.
const IDLE: u32 = 3;

/// An adoption in work.
struct Adopting<'a> {
    adoption: &'a Adoption,
    place: usize,
    breath: Breath,
    number: u64,
    rows: u64,
}

impl Site {
    /// Inserts the missing parents; answers with what was found.
    pub(in crate::repair::run) async fn adopt(
        &mut self,
        adoption: &Adoption,
        place: usize,
        rows: u64,
        batches: u64,
    ) -> Result<String, Halt> {
        let parameters = &self.parameters;
        let aim = Duration::from_millis(parameters.batch_time);
        let breath = Breath::new(parameters.first_batch, parameters.largest_batch, aim);
        Adopting { adoption, place, breath, number: batches, rows }.run(self).await
    }
}

impl Adopting<'_> {
    async fn run(mut self, site: &mut Site) -> Result<String, Halt> {
        let words = site.removals()?;
        let mut idle = 0;
        for _ in 0..SWEEPS {
            let mut changes = words.create_stores(std::slice::from_ref(&self.adoption.parent));
            changes.extend(words.create_missing(self.adoption, &site.run, self.place));
            site.attempt(changes, None).await?;
            self.vetted(site).await?;
            let count = words.count_missing(&site.run, self.place);
            let open = site.numbers(&count).await?.first().copied().unwrap_or_default();
            let total = self.rows + open;
            (site.tell)(News::Total { place: self.place, rows: self.rows, total });
            if site.before.is_none() {
                let orphans = site.left(&self.adoption.missing).await?;
                let before = Counts { orphans: Some(orphans), ..Counts::default() };
                site.before = Some(before);
                site.counted(true, before).await?;
            }
            let before = self.rows;
            self.sweep(site, open, total).await?;
            let left = site.left(&self.adoption.missing).await?;
            if left == 0 {
                site.attempt(words.drop_lost(&site.run, self.place), None).await?;
                let after = Counts { orphans: Some(0), ..Counts::default() };
                site.counted(false, after).await?;
                return Ok(format!(
                    "{} inserted; what they were is in {}; {}",
                    counted(self.rows, "parent is", "parents are"),
                    words.store(&self.adoption.parent.store),
                    proof(site.before.unwrap_or_default(), after)
                ));
            }
            if self.rows == before && open == 0 && idle < IDLE {
                // A row may have come since the set was made: only what stays so is no accident.
                idle += 1;
                continue;
            }
            if self.rows == before && open == 0 && site.engine.server().engine == EngineKind::Sqlite {
                return Err(suspect(site, &self.adoption.missing, believed(left)));
            }
            if self.rows == before {
                return Err(Halt::Paused(format!(
                    "{} still without a parent, and none could be inserted for them: their parent is there by another index or hidden from this role, their key is NULL in part, or the parent's columns would not hold it as it is.",
                    counted(left, "row is", "rows are")
                )));
            }
        }
        Err(Halt::Paused(format!(
            "After {SWEEPS} sweeps there are still rows without a parent: others keep adding them."
        )))
    }

    /// Looks for the parents of the set by another access path: one that is there is not inserted once more.
    async fn vetted(&self, site: &mut Site) -> Result<(), Halt> {
        let doubts = site.removals()?.doubts_of_missing(self.adoption, &site.run, self.place);
        if doubts.is_empty() {
            return Ok(());
        }
        let hidden = match site.attempt(doubts, None).await? {
            Attempt::Done(done) => answered(&done),
            Attempt::TooLarge(fault) => return Err(Halt::Failed(fault)),
        };
        if hidden == 0 {
            return Ok(());
        }
        let what = format!(
            "{} to be inserted that the table has, and the index does not find",
            counted(hidden, "parent is", "parents are")
        );
        Err(suspect(site, &self.adoption.missing, what))
    }

    async fn sweep(&mut self, site: &mut Site, open: u64, total: u64) -> Result<(), Halt> {
        let words = site.removals()?;
        let mut guard = Guard::default();
        let parent = &self.adoption.parent.seat.table;
        let number = site.shape.number(parent);
        let still = match number {
            Some(number) => site.keep(Known { number, name: parent }).await?,
            None => Vec::new(),
        };
        let mut low = 1;
        while low <= open {
            site.rest().await?;
            site.heed();
            self.breath.aim_at(Duration::from_millis(site.parameters.batch_time));
            let room = site.parameters.max_rows.map(|most| most.saturating_sub(self.rows));
            if let (Some(most), Some(0)) = (site.parameters.max_rows, room) {
                return Err(Halt::Paused(format!(
                    "{} parents are inserted, and the plan allows {most}. Resume it with a higher limit, or plan again with a higher --max-rows.",
                    self.rows
                )));
            }
            guard.pass(site, number.as_slice()).await?;
            let size = site.steer.batch().unwrap_or_else(|| self.breath.rows()).max(1);
            // What was allowed is never exceeded, not by the last batch either.
            let size = room.map_or(size, |room| size.min(room));
            let high = low + size;
            let (from, to) = (low.to_string(), high.to_string());
            let window = Window {
                run: &site.run,
                place: self.place,
                number: self.number,
                epoch: site.epoch,
                leaf: number.unwrap_or_default(),
                leaf_name: parent,
                pass: None,
                low: &from,
                high: &to,
                by_range: false,
            };
            let mut changes = words.adopt(self.adoption, &window);
            changes.extend(still.iter().cloned());
            let began = Instant::now();
            match site.attempt(changes, Some(PATIENCE)).await? {
                Attempt::Done(done) => self.committed(site, inserted(&done), total, began.elapsed()),
                Attempt::TooLarge(_) if self.breath.halve() => continue,
                Attempt::TooLarge(fault) => return Err(Halt::Paused(fault.to_string())),
            }
            low = high;
        }
        Ok(())
    }

    fn committed(&mut self, site: &Site, inserted: u64, total: u64, took: Duration) {
        self.number += 1;
        self.rows += inserted;
        if site.steer.batch().is_none() {
            self.breath.took(inserted, took);
        }
        (site.tell)(News::Batch(Batch {
            place: self.place,
            number: self.number,
            changed: inserted,
            rows: self.rows,
            total: total.max(self.rows),
            took,
            next: site.steer.batch().unwrap_or_else(|| self.breath.rows()),
            table: self.adoption.parent.seat.table.name.visible().into_owned(),
        }));
    }
}

fn inserted(done: &[Done]) -> u64 {
    let answer = done.iter().find_map(|done| {
        let row = done.rows.first().filter(|row| row.len() == 2)?;
        row.first()?.count()
    });
    answer.unwrap_or_default()
}
