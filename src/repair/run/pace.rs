//! The pace: how many rows the next batch takes, and how long to wait before the next try. Pure; chance is handed in.

use std::time::Duration;

/// The size of batches, from how long they took.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    rows: u64,
    least: u64,
    most: u64,
    aim: Duration,
    before: Option<(u64, Duration)>,
    held: u32,
}

/// No batch is smaller, however slow it is: below, the transaction itself costs more than the rows.
const LEAST: u64 = 50;
/// A batch of a quarter of the rows must be shorter than this share of the one before, or smaller ones are of no use.
const HELPS: f64 = 0.7;
/// The quarter.
const SHRUNK: u64 = 4;
/// So many batches keep their size where smaller ones were of no use; then it is tried again.
const HOLD: u32 = 20;

impl Pace {
    /// Begins with batches of `first` rows, none above `most`, each to take about `aim`.
    pub fn new(first: u64, most: u64, aim: Duration) -> Self {
        let most = most.max(1);
        let least = LEAST.min(most);
        let aim = aim.max(Duration::from_millis(1));
        Self { rows: first.clamp(least, most), least, most, aim, before: None, held: 0 }
    }

    /// Every batch is to take about so long from now on.
    pub fn aim_at(&mut self, aim: Duration) {
        let aim = aim.max(Duration::from_millis(1));
        if aim != self.aim {
            (self.aim, self.before, self.held) = (aim, None, 0);
        }
    }

    /// Rows of the next batch.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// A batch of so many rows took so long. The size follows the time, at most doubled, at least halved at once; a batch
    /// that was cut short by the end of its table says nothing. Where smaller batches take as long as larger ones, for
    /// their price is that of the transaction or of a machine that is busy with other things, they become no smaller.
    pub fn took(&mut self, changed: u64, time: Duration) {
        let late = time > self.aim;
        if changed * 2 < self.rows && !late {
            return;
        }
        if !late {
            self.before = None;
        } else if self.is_vain(time) {
            return;
        }
        let ratio = self.aim.as_secs_f64() / time.as_secs_f64().max(0.000_001);
        let wanted = self.rows as f64 * ratio.clamp(0.5, 2.0);
        // Small swings are the machine's noise.
        if !(0.9..=1.1).contains(&ratio) {
            self.rows = (wanted as u64).clamp(self.least, self.most);
        }
    }

    /// Whether a batch that is late shall keep its size, or that of those before it: smaller ones were of no use.
    fn is_vain(&mut self, time: Duration) -> bool {
        if self.held > 0 {
            self.held -= 1;
            return true;
        }
        match self.before {
            Some((larger, longer)) if self.rows <= larger / SHRUNK => {
                self.before = None;
                if time <= longer.mul_f64(HELPS) {
                    return false;
                }
                self.rows = larger.min(self.most);
                self.held = HOLD;
                true
            }
            Some(_) => false,
            None => {
                self.before = Some((self.rows, time));
                false
            }
        }
    }

    /// Batches become no larger than they are now.
    pub fn grow_no_more(&mut self) {
        self.most = self.rows;
    }

    /// A batch failed for its size: the next one is half as large. Whether it could be made smaller.
    pub fn halve(&mut self) -> bool {
        let before = self.rows;
        self.rows = (self.rows / 2).max(self.least);
        self.rows < before
    }
}

/// The limit on a lock for a try, in milliseconds: short first, so that nobody queues behind us for long.
pub fn lock_limit(attempt: u32, most: Duration) -> Duration {
    Duration::from_millis(200_u64.saturating_mul(1 << attempt.min(5))).min(most.max(Duration::from_millis(1)))
}

/// The wait after a failed try: anything up to a bound that doubles with every try. `chance` is between 0 and 1.
pub fn back_off(attempt: u32, chance: f64) -> Duration {
    let bound = Duration::from_millis(200).saturating_mul(1 << attempt.min(7)).min(Duration::from_secs(20));
    bound.mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIM: Duration = Duration::from_millis(150);

    #[test]
    fn batches_grow_to_the_aim_and_no_further() {
        let mut pace = Pace::new(2_000, 50_000, AIM);
        // A machine that changes 100 rows a millisecond.
        for _ in 0..20 {
            let rows = pace.rows();
            pace.took(rows, Duration::from_micros(rows * 10));
        }
        assert!((13_000..=17_000).contains(&pace.rows()), "{}", pace.rows());
        for _ in 0..20 {
            let rows = pace.rows();
            pace.took(rows, Duration::from_micros(rows / 10));
        }
        assert_eq!(pace.rows(), 50_000);
    }

    #[test]
    fn a_slow_batch_halves_at_most_and_never_below_the_least() {
        let mut pace = Pace::new(2_000, 50_000, AIM);
        pace.took(2_000, Duration::from_secs(60));
        assert_eq!(pace.rows(), 1_000);
        for _ in 0..20 {
            let rows = pace.rows();
            pace.took(rows, Duration::from_millis(rows * 30));
        }
        assert_eq!(pace.rows(), LEAST);
        assert!(!pace.halve());
        let small = Pace::new(2_000, 10, AIM);
        assert_eq!(small.rows(), 10, "what a person allows is never exceeded");
    }

    #[test]
    fn where_smaller_batches_take_as_long_they_become_no_smaller() {
        let mut pace = Pace::new(2_000, 50_000, AIM);
        let run = |pace: &mut Pace, fixed: u64| {
            for _ in 0..100 {
                let rows = pace.rows();
                pace.took(rows, Duration::from_millis(fixed) + Duration::from_micros(rows * 50));
            }
            pace.rows()
        };
        // 2,000 rows cost 100 ms, whatever a transaction costs besides.
        assert!(run(&mut pace, 1_000) >= 1_000, "{}", pace.rows());
        assert!((1_500..=3_000).contains(&run(&mut pace, 50)), "{}", pace.rows());
        assert!((2_500..=3_500).contains(&run(&mut pace, 0)), "{}", pace.rows());
    }

    #[test]
    fn the_last_rows_of_a_table_say_nothing_about_the_pace() {
        let mut pace = Pace::new(2_000, 50_000, AIM);
        pace.took(3, Duration::from_millis(1));
        assert_eq!(pace.rows(), 2_000);
    }

    #[test]
    fn tries_wait_longer_and_longer_and_never_without_a_limit() {
        let most = Duration::from_millis(2_000);
        let limits: Vec<u128> = (0..6).map(|attempt| lock_limit(attempt, most).as_millis()).collect();
        assert_eq!(limits, [200, 400, 800, 1_600, 2_000, 2_000]);
        assert_eq!(lock_limit(0, Duration::ZERO), Duration::from_millis(1));
        assert_eq!(back_off(0, 1.0), Duration::from_millis(200));
        assert_eq!(back_off(3, 0.5), Duration::from_millis(800));
        assert_eq!(back_off(30, 1.0), Duration::from_secs(20));
        assert_eq!(back_off(3, 0.0), Duration::ZERO);
    }
}
