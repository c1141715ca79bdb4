//! Limits of a run that a person may change while it goes on. What is not named stays as it is; the plan itself does not
//! change, so a run that is resumed later begins with the limits of its plan again.

use crate::model::figure::{bytes, grouped};
use crate::model::plan::Parameters;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, Zoned};

/// A limit that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap<T> {
    /// No limit any more.
    Off,
    /// This limit.
    At(T),
}

impl<T> Cap<T> {
    /// The limit, where there is one.
    pub fn at(self) -> Option<T> {
        match self {
            Self::Off => None,
            Self::At(limit) => Some(limit),
        }
    }
}

/// Limits to hold from now on; each that is none stays as it is. Times are in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The time a batch should take.
    pub batch_time: Option<u64>,
    /// The lag of a replica above which the run waits.
    pub max_lag: Option<Cap<u64>>,
    /// The time by which the run must have stopped.
    pub window_end: Option<Cap<Timestamp>>,
    /// Rows a backfill may change; the batch that comes to it ends with its page.
    pub max_rows: Option<Cap<u64>>,
    /// Statements of others that may run at once.
    pub max_active: Option<Cap<u64>>,
    /// Segments of WAL that may wait for the archive.
    pub max_backlog: Option<Cap<u64>>,
    /// Bytes of WAL the server may keep.
    pub max_wal: Option<Cap<u64>>,
    /// Bytes the database may grow.
    pub max_growth: Option<Cap<u64>>,
}

impl Limits {
    /// These limits, and `later` ones over them.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            batch_time: later.batch_time.or(self.batch_time),
            max_lag: later.max_lag.or(self.max_lag),
            window_end: later.window_end.or(self.window_end),
            max_rows: later.max_rows.or(self.max_rows),
            max_active: later.max_active.or(self.max_active),
            max_backlog: later.max_backlog.or(self.max_backlog),
            max_wal: later.max_wal.or(self.max_wal),
            max_growth: later.max_growth.or(self.max_growth),
        }
    }

    /// Puts them into parameters.
    pub fn onto(self, parameters: &mut Parameters) {
        if let Some(time) = self.batch_time {
            parameters.batch_time = time.max(1);
        }
        if let Some(end) = self.window_end {
            parameters.window_end = end.at().map(|end| end.to_string());
        }
        let Parameters { max_lag, max_rows, max_active, max_backlog, max_wal, max_growth, .. } = parameters;
        for (cap, of) in [
            (self.max_lag, max_lag),
            (self.max_rows, max_rows),
            (self.max_active, max_active),
            (self.max_backlog, max_backlog),
            (self.max_wal, max_wal),
            (self.max_growth, max_growth),
        ] {
            if let Some(cap) = cap {
                *of = cap.at();
            }
        }
    }

    /// In words: what is named, and nothing else.
    pub fn words(self) -> String {
        let mut words = Vec::new();
        if let Some(time) = self.batch_time {
            words.push(format!("a batch should take {time} ms"));
        }
        words.extend(self.max_lag.map(|lag| match lag {
            Cap::Off => "no lag of a replica is waited for".to_owned(),
            Cap::At(lag) => format!("a replica may lag {lag} ms"),
        }));
        words.extend(self.window_end.map(|end| match end {
            Cap::Off => "there is no end of a window".to_owned(),
            Cap::At(end) => format!("the window ends at {end}"),
        }));
        words.extend(self.max_rows.map(|rows| match rows {
            Cap::Off => "the rows have no limit".to_owned(),
            Cap::At(rows) => format!("at most {} rows may change", grouped(rows)),
        }));
        let mut other = |cap: Option<Cap<u64>>, what: &str, shown: fn(u64) -> String| {
            words.extend(cap.map(|cap| match cap {
                Cap::Off => format!("{what} without limit"),
                Cap::At(most) => format!("{what} up to {}", shown(most)),
            }));
        };
        other(self.max_active, "running statements of others", grouped);
        other(self.max_backlog, "segments waiting for the archive", grouped);
        other(self.max_wal, "files of WAL", bytes);
        other(self.max_growth, "growth of the database", bytes);
        if words.is_empty() { "no limit is changed".to_owned() } else { words.join("; ") }
    }
}

/// The end of a window as a person writes it: a moment, or a time of day, which is the next one on the clock of `now`. None
/// for anything else.
pub fn window_end(text: &str, now: &Zoned) -> Option<Timestamp> {
    if let Ok(end) = text.parse::<Timestamp>() {
        return Some(end);
    }
    let time: Time = text.parse().ok()?;
    let on = |day: Date| day.to_datetime(time).to_zoned(now.time_zone().clone()).ok();
    let today = on(now.date())?;
    let next = if today > *now { today } else { on(now.date().tomorrow().ok()?)? };
    Some(next.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let mut parameters = Parameters { max_rows: Some(7), ..Parameters::default() };
        let before = parameters.clone();
        Limits::default().onto(&mut parameters);
        assert_eq!(parameters, before);
        Limits { max_lag: Some(Cap::Off), batch_time: Some(0), ..Limits::default() }.onto(&mut parameters);
        assert_eq!(parameters, Parameters { max_lag: None, batch_time: 1, ..before });
    }

    #[test]
    fn a_time_of_day_is_the_next_one_on_that_clock() {
        let now: Zoned = "2026-11-20T22:30:00+01:00[Europe/Berlin]".parse().unwrap();
        let end = |text| window_end(text, &now).map(|end| end.to_string());
        assert_eq!(end("23:00").as_deref(), Some("2026-11-20T22:00:00Z"));
        assert_eq!(end("04:00").as_deref(), Some("2026-11-21T03:00:00Z"), "tomorrow");
        assert_eq!(end("2026-12-01T04:00Z").as_deref(), Some("2026-12-01T04:00:00Z"));
        assert_eq!(end("soon"), None);
    }

    #[test]
    fn the_later_limit_holds_and_the_earlier_others_stay() {
        let end: Timestamp = "2026-01-31T04:00:00Z".parse().unwrap();
        let first = Limits {
            batch_time: Some(100),
            window_end: Some(Cap::At(end)),
            max_rows: Some(Cap::At(1_000)),
            ..Limits::default()
        };
        let both = first.and(Limits {
            batch_time: Some(50),
            max_rows: Some(Cap::Off),
            max_lag: Some(Cap::At(500)),
            ..Limits::default()
        });
        let mut parameters = Parameters::default();
        both.onto(&mut parameters);
        assert_eq!(parameters.batch_time, 50);
        assert_eq!(parameters.max_rows, None);
        assert_eq!(parameters.max_lag, Some(500));
        assert_eq!(parameters.window_end.as_deref(), Some("2026-01-31T04:00:00Z"));
        assert_eq!(
            both.words(),
            "a batch should take 50 ms; a replica may lag 500 ms; the window ends at 2026-01-31T04:00:00Z; \
             the rows have no limit"
        );
    }
}
