//! What the server's log of writes grew by while a run goes on, by the ends of it the run saw at its looks. It is the log of
//! the whole server: everybody writes it. Called by [`super::Going`].

use std::collections::VecDeque;
use std::time::Duration;

/// The rate is that of so long.
const WINDOW: Duration = Duration::from_secs(20);

/// The ends of the log that were seen.
#[derive(Debug, Default)]
pub struct Written {
    /// When the end was seen first, and where it was.
    first: Option<(Duration, u64)>,
    /// The same of late.
    lately: VecDeque<(Duration, u64)>,
}

impl Written {
    /// Takes in where the log ends.
    pub fn see(&mut self, now: Duration, end: u64) {
        self.first.get_or_insert((now, end));
        self.lately.push_back((now, end));
        while self.lately.front().is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW) {
            self.lately.pop_front();
        }
    }

    /// The moments of the first look and of the last, and the bytes that were written between them; none before there was
    /// a second look.
    pub fn grown(&self) -> Option<(Duration, Duration, u64)> {
        let (from, before) = self.first?;
        let (to, after) = *self.lately.back()?;
        (to > from).then(|| (from, to, after.saturating_sub(before)))
    }

    /// Bytes a second of late; none where it was not looked at lately.
    pub fn rate(&self, now: Duration) -> Option<u64> {
        let mut late = self.lately.iter().filter(|(at, _)| now.saturating_sub(*at) <= WINDOW);
        let ((from, before), (to, after)) = (late.next()?, late.next_back()?);
        let millis = to.saturating_sub(*from).as_millis();
        if millis < 200 {
            return None;
        }
        let bytes = u128::from(after.saturating_sub(*before));
        u64::try_from(bytes * 1_000 / millis).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ends: &[(u64, u64)]) -> Written {
        let mut written = Written::default();
        ends.iter().for_each(|(at, end)| written.see(Duration::from_secs(*at), *end));
        written
    }

    #[test]
    fn one_look_tells_nothing_and_what_was_there_before_is_not_counted() {
        assert_eq!(Written::default().grown(), None);
        assert_eq!(seen(&[(5, 9_000)]).grown(), None);
        let two = seen(&[(5, 9_000), (7, 9_600)]);
        assert_eq!(two.grown(), Some((Duration::from_secs(5), Duration::from_secs(7), 600)));
        assert_eq!(two.rate(Duration::from_secs(7)), Some(300));
    }

    #[test]
    fn the_rate_is_that_of_late_and_the_whole_is_that_of_all() {
        let slower: Vec<(u64, u64)> =
            (0..=60).map(|at| (at, if at < 30 { at * 1_000 } else { 30_000 })).collect();
        let written = seen(&slower);
        assert_eq!(written.grown(), Some((Duration::ZERO, Duration::from_secs(60), 30_000)));
        assert_eq!(written.rate(Duration::from_secs(60)), Some(0));
        assert_eq!(written.rate(Duration::from_secs(300)), None, "nobody looked for four minutes");
    }
}
