//! What is counted before the first row is filled and after the last, and what is put back because its parent went.

use super::{Backfill, Proof, answered, changed};
use crate::model::run::{Counts, News};
use crate::repair::run::attempt::Attempt;
use crate::repair::run::found::counts;
use crate::repair::run::{Halt, Site};

impl Backfill<'_> {
    /// Counts before anything else, and writes that down; nothing where the work set will tell a part of it.
    pub(super) async fn counted_first(&self, site: &mut Site) -> Result<Option<Counts>, Halt> {
        if site.words.standing(self.copied).is_some() {
            return Ok(None);
        }
        let remaining = site.words.remaining(self.copied);
        let before = counts(&site.numbers(&remaining).await?).ok_or_else(changed)?;
        site.counted(true, before).await?;
        Ok(Some(before))
    }

    /// Counts before the first row is filled, and writes that down. The work set tells how many there are to fill.
    pub(super) async fn standing(&self, site: &mut Site, fillable: u64) -> Result<Counts, Halt> {
        let (standing, about) = site.words.standing(self.copied).ok_or_else(changed)?;
        let [open, holding] = *site.numbers(&standing).await?.as_slice() else {
            return Err(changed().into());
        };
        let [_, _, wrong, lost, referring] = match holding {
            0 => [0; 5],
            _ => site.numbers(&about).await?.as_slice().try_into().map_err(|_| changed())?,
        };
        let orphans = open.saturating_sub(fillable);
        let before = counts(&[fillable, orphans, wrong, lost, referring]).ok_or_else(changed)?;
        site.counted(true, before).await?;
        Ok(before)
    }

    /// Asks the server what is left. Copies that are not what a parent holds are put back where this run made them of a
    /// parent that has changed or gone since: then, too, there may be something to fill again.
    pub(super) async fn prove(&mut self, site: &mut Site) -> Result<Proof, Halt> {
        let look = site.words.look_for_left(self.copied, &site.run, self.place);
        if !look.is_empty() {
            site.attempt(look, None).await?;
        }
        let left = site.words.left_over(self.copied, &site.run, self.place);
        let numbers = site.numbers(&left).await?;
        let [fillable, _, wrong, lost, _] = numbers.as_slice() else { return Err(changed().into()) };
        self.expected = *fillable;
        if *fillable > 0 || (wrong + lost > 0 && self.put_back(site).await?) {
            return Ok(Proof::Open(*fillable));
        }
        self.drop_work(site).await?;
        Ok(Proof::Whole(counts(&numbers).ok_or_else(changed)?))
    }

    /// Puts back what was filled from a parent that is not there any more; whether there was such a thing.
    pub(super) async fn put_back(&mut self, site: &mut Site) -> Result<bool, Halt> {
        let back = site.words.put_back(self.copied, &site.run, self.place, self.number, site.epoch);
        let done = match site.attempt(back, None).await? {
            Attempt::Done(done) => done,
            Attempt::TooLarge(fault) => return Err(Halt::Failed(fault)),
        };
        let put_back = answered(&done);
        if put_back > 0 {
            (site.tell)(News::Line(format!(
                "{put_back} rows were put back: their parents changed or went while they were filled."
            )));
            self.rows = self.rows.saturating_sub(put_back);
            self.number += 1;
        }
        Ok(put_back > 0)
    }
}
