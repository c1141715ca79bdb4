//! Figures from before: what a saved check, or the check before a rescan, said of relations and findings that have not
//! been counted again. They stand beside the facts and never among them: a tally that is pending stays pending, and only
//! words that say "was" are made of what stands here. Called by [`super::Facts`] and by the words of the screens.

use crate::model::finding::Finding;
use crate::model::tally::{Tally, Verdict, Why};
use std::time::Duration;

/// A moment by the clock of the inspector, in milliseconds since it opened; below zero it was before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// So long after the inspector opened.
    pub fn at(now: Duration) -> Self {
        Self(millis(now))
    }

    /// What is this old now.
    pub fn aged(age: Duration, now: Duration) -> Self {
        Self(millis(now).saturating_sub(millis(age)))
    }

    /// How old it is now.
    pub fn age(self, now: Duration) -> Duration {
        Duration::from_millis(u64::try_from(millis(now).saturating_sub(self.0)).unwrap_or(0))
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// What an earlier count said of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// The relation's verdict then.
    pub verdict: Was,
    /// Rows of the child table then.
    pub rows: Option<u64>,
    /// Orphans then.
    pub orphans: Option<u64>,
    /// Whether they were counted to the end.
    pub exact: bool,
    /// When.
    pub at: Moment,
}

/// What was said of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was {
    /// Counted to the end, without an orphan.
    Clean,
    /// With orphans.
    Orphans,
    /// Never to be satisfied.
    Broken,
}

impl Was {
    /// Its word, which says that it is from before.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "was clean",
            Self::Orphans => "had orphans",
            Self::Broken => "was broken",
        }
    }
}

impl Old {
    /// What a tally becomes when it is not current any more; one that says nothing becomes nothing.
    pub fn of(tally: &Tally, at: Moment) -> Option<Self> {
        let verdict = match tally.verdict() {
            Verdict::Clean => Was::Clean,
            Verdict::Orphans => Was::Orphans,
            Verdict::Broken(_) => Was::Broken,
            Verdict::NotChecked(_) => return None,
        };
        let counts = tally.counts();
        Some(Self { verdict, rows: counts.rows, orphans: counts.orphans, exact: tally.exact(), at })
    }
}

/// Whether a tally says nothing of its own yet, so that what was said before may be shown in its place.
pub fn is_open(tally: &Tally) -> bool {
    *tally.verdict() == Verdict::NotChecked(Why::Pending)
}

/// A finding with words in front that say it is not current.
pub fn dated(mut finding: Finding) -> Finding {
    const BEFORE: &str = "From an earlier check, not checked again yet: ";
    if !finding.message.starts_with(BEFORE) {
        finding.message.insert_str(0, BEFORE);
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_before_the_opening_grows_older_like_any_other() {
        let saved = Moment::aged(Duration::from_secs(3_600), Duration::from_secs(1));
        assert_eq!(saved.age(Duration::from_secs(1)), Duration::from_secs(3_600));
        assert_eq!(saved.age(Duration::from_secs(61)), Duration::from_secs(3_660));
        assert_eq!(Moment::at(Duration::from_secs(9)).age(Duration::from_secs(5)), Duration::ZERO);
    }

    #[test]
    fn what_was_not_counted_leaves_nothing_behind() {
        assert_eq!(Old::of(&Tally::not_checked(Why::Cancelled), Moment::default()), None);
        let met = Old::of(&Tally::met_one(0.1), Moment::default()).expect("an orphan was met");
        assert_eq!((met.verdict, met.exact), (Was::Orphans, false));
    }
}
