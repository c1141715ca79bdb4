//! The size of batches where a batch has a price of its own, whatever its size: a table without an index that finds what
//! hangs on the rows is read whole for each of them, and small batches would read it again and again.

use crate::repair::run::pace::Pace;
use std::time::Duration;

/// The longest a batch of a fixed price may take.
const LONGEST: Duration = Duration::from_secs(20);

/// A pace that notices a fixed price.
pub(super) struct Breath {
    pace: Pace,
    most: u64,
    aim: Duration,
    before: Option<(u64, Duration)>,
    fixed: bool,
    /// How often the next batch was doubled, for rows of later ones refer to what it removes.
    doubled: u32,
}

impl Breath {
    /// Begins as [`Pace`] does.
    pub(super) fn new(first: u64, most: u64, aim: Duration) -> Self {
        Self { pace: Pace::new(first, most, aim), most, aim, before: None, fixed: false, doubled: 0 }
    }

    /// Begins with no more rows than this.
    pub(super) fn begin_with(&mut self, rows: u64) {
        if rows < self.pace.rows() {
            self.pace = Pace::new(rows, self.most, self.aim);
        }
    }

    /// Rows of the next batch.
    pub(super) fn rows(&self) -> u64 {
        self.pace.rows()
    }

    /// So many rows, doubled as often as the batch was refused for what lies behind it.
    pub(super) fn widened(&self, rows: u64) -> u64 {
        rows.saturating_mul(1 << self.doubled.min(40))
    }

    /// Rows of later batches refer to what this one removes: it takes twice as many.
    pub(super) fn double(&mut self) {
        self.doubled += 1;
    }

    /// Whether the batch was doubled.
    pub(super) fn is_doubled(&self) -> bool {
        self.doubled > 0
    }

    /// The next batch is one like others.
    pub(super) fn single(&mut self) {
        self.doubled = 0;
    }

    /// A person changed the time a batch should take.
    pub(super) fn aim_at(&mut self, aim: Duration) {
        if aim != self.aim {
            self.aim = aim;
            if !self.fixed {
                self.pace.aim_at(aim);
            }
        }
    }

    /// A batch of so many rows took so long.
    pub(super) fn took(&mut self, rows: u64, time: Duration) {
        let halved = self.before.is_some_and(|(before, _)| rows > 0 && before >= rows + rows / 2);
        let as_long = self.before.is_some_and(|(_, before)| time > before.mul_f64(0.7));
        if !self.fixed && time > self.aim && halved && as_long {
            self.fixed = true;
            self.pace = Pace::new(self.pace.rows().saturating_mul(2), self.most, LONGEST);
        }
        self.before = Some((rows, time));
        self.pace.took(rows, time);
    }

    /// A batch failed for its size; whether it could be made smaller.
    pub(super) fn halve(&mut self) -> bool {
        self.pace.halve()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_price_makes_batches_larger_not_smaller() {
        let mut breath = Breath::new(2_000, 50_000, Duration::from_millis(150));
        for _ in 0..12 {
            let rows = breath.rows();
            breath.took(rows, Duration::from_millis(900) + Duration::from_micros(rows * 20));
        }
        assert_eq!(breath.rows(), 50_000);
    }

    #[test]
    fn a_price_per_row_is_paced_as_ever() {
        let mut breath = Breath::new(2_000, 50_000, Duration::from_millis(150));
        for _ in 0..12 {
            let rows = breath.rows();
            breath.took(rows, Duration::from_micros(rows * 500));
        }
        assert!((250..=350).contains(&breath.rows()), "{}", breath.rows());
    }
}
