//! How long the batches of a step took: each to the millisecond, however many there are. Called by [`super::Going`].

use std::collections::BTreeMap;
use std::time::Duration;

/// Batches below which nothing is said of how they spread.
const LEAST: u64 = 20;

/// The times of batches.
#[derive(Debug, Default)]
pub struct Times {
    /// How many batches took so many milliseconds.
    batches: BTreeMap<u128, u64>,
    all: u64,
}

impl Times {
    /// Takes in a batch.
    pub fn add(&mut self, took: Duration) {
        *self.batches.entry(took.as_millis()).or_default() += 1;
        self.all += 1;
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The least time that 95 of 100 batches did not pass; none while there are few.
    pub fn p95(&self) -> Option<Duration> {
        if self.all < LEAST {
            return None;
        }
        let wanted = (self.all * 95).div_ceil(100);
        let mut seen = 0;
        let (time, _) = self.batches.iter().find(|(_, number)| {
            seen += **number;
            seen >= wanted
        })?;
        u64::try_from(*time).ok().map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl IntoIterator<Item = u64>) -> Times {
        let mut all = Times::default();
        times.into_iter().for_each(|time| all.add(Duration::from_millis(time)));
        all
    }

    #[test]
    fn of_a_few_batches_nothing_is_said() {
        assert_eq!(of(1..=19).p95(), None);
        assert_eq!(of(1..=20).p95(), Some(Duration::from_millis(19)), "19 of 20 are 95 of 100");
    }

    #[test]
    fn it_is_a_time_that_was_measured_whatever_the_order() {
        assert_eq!(of((1..=100).rev()).p95(), Some(Duration::from_millis(95)));
        let mut slow_now_and_then = of(std::iter::repeat_n(150, 94));
        (0..6).for_each(|_| slow_now_and_then.add(Duration::from_millis(2_000)));
        assert_eq!(slow_now_and_then.p95(), Some(Duration::from_secs(2)));
        slow_now_and_then.clear();
        assert_eq!(slow_now_and_then.p95(), None);
    }
}
