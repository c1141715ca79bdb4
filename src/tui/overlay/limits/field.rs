//! The limits a person may set: what each is called, how it is written, and how what was typed is read. Pure; the moment
//! and the zone of a bare time of day are handed in.

use crate::config;
use crate::model::figure::{size, sized};
use crate::model::plan::{Parameters, limits};
use crate::tui::screen::run::figures::lasts;
use jiff::{Timestamp, Zoned};

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// When the run must have stopped.
    WindowEnd,
    /// The time a batch should take.
    BatchTime,
    /// Rows the whole may change.
    MaxRows,
    /// The lag of a replica above which it waits.
    MaxLag,
    /// Statements of others that may run.
    MaxActive,
    /// Segments of WAL that may wait for the archive.
    MaxBacklog,
    /// WAL the server may keep.
    MaxWal,
    /// What the database may grow.
    MaxGrowth,
    /// The time a statement may wait for a lock.
    LockTimeout,
    /// How often a lock is tried for.
    LockTries,
    /// Rows of the first batch.
    FirstBatch,
    /// Rows of the largest batch.
    LargestBatch,
}

impl Field {
    /// All of a plan, the most wanted first.
    pub const PLAN: [Self; 12] = [
        Self::WindowEnd,
        Self::BatchTime,
        Self::MaxRows,
        Self::MaxLag,
        Self::MaxActive,
        Self::MaxBacklog,
        Self::MaxWal,
        Self::MaxGrowth,
        Self::LockTimeout,
        Self::LockTries,
        Self::FirstBatch,
        Self::LargestBatch,
    ];

    /// Those that can be changed while it runs, or before it goes on.
    pub const RUN: [Self; 8] = [
        Self::WindowEnd,
        Self::BatchTime,
        Self::MaxRows,
        Self::MaxLag,
        Self::MaxActive,
        Self::MaxBacklog,
        Self::MaxWal,
        Self::MaxGrowth,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::WindowEnd => "window ends",
            Self::BatchTime => "time of a batch",
            Self::MaxRows => "rows at most",
            Self::MaxLag => "replica lag at most",
            Self::MaxActive => "statements of others",
            Self::MaxBacklog => "WAL to be archived",
            Self::MaxWal => "WAL kept at most",
            Self::MaxGrowth => "growth at most",
            Self::LockTimeout => "wait for a lock",
            Self::LockTries => "tries for a lock",
            Self::FirstBatch => "first batch",
            Self::LargestBatch => "largest batch",
        }
    }

    /// What it does, and how it is written.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::WindowEnd => {
                "The run stops after its batch when this time comes. 04:00 is the next one here; or \
                 2026-01-31T04:00Z; or none."
            }
            Self::BatchTime => "Batches grow and shrink until one takes about so long: 150ms.",
            Self::MaxRows => "More rows than this are not changed: a number, or none.",
            Self::MaxLag => "While a replica lags further behind, the run waits: 10s, or none to never look.",
            Self::MaxActive => "While more statements of others run, the run waits: a number, or none.",
            Self::MaxBacklog => {
                "While more segments of WAL wait for the archive, the run waits: a number, or none."
            }
            Self::MaxWal => "While the server keeps more WAL, the run waits: 20GB, or none.",
            Self::MaxGrowth => "The run pauses once the database has grown by more: 20GB, or none.",
            Self::LockTimeout => {
                "The longest a statement waits for a lock; others queue behind it so long: 2s."
            }
            Self::LockTries => "So often a lock is tried for, then the run pauses and asks a person.",
            Self::FirstBatch => "Rows of the first batch; then time decides.",
            Self::LargestBatch => "Rows no batch ever exceeds.",
        }
    }

    /// How it stands now, as it could be typed.
    pub fn written(self, parameters: &Parameters, now: &Zoned) -> String {
        let none = || "none".to_owned();
        match self {
            Self::WindowEnd => parameters.window_end.as_deref().map_or_else(none, |end| local(end, now)),
            Self::BatchTime => time(parameters.batch_time),
            Self::MaxRows => parameters.max_rows.map_or_else(none, |rows| rows.to_string()),
            Self::MaxLag => parameters.max_lag.map_or_else(none, time),
            Self::MaxActive => parameters.max_active.map_or_else(none, |most| most.to_string()),
            Self::MaxBacklog => parameters.max_backlog.map_or_else(none, |most| most.to_string()),
            Self::MaxWal => parameters.max_wal.map_or_else(none, sized),
            Self::MaxGrowth => parameters.max_growth.map_or_else(none, sized),
            Self::LockTimeout => time(parameters.lock_timeout),
            Self::LockTries => parameters.lock_tries.to_string(),
            Self::FirstBatch => parameters.first_batch.to_string(),
            Self::LargestBatch => parameters.largest_batch.to_string(),
        }
    }

    /// Reads what was typed into the parameters.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn read(self, text: &str, parameters: &mut Parameters, now: &Zoned) -> Result<(), String> {
        let text = text.trim();
        match self {
            Self::WindowEnd => {
                parameters.window_end =
                    or_none(text, |text| window_end(text, now))?.map(|end| end.to_string());
            }
            Self::BatchTime => parameters.batch_time = milliseconds(text)?,
            Self::MaxRows => parameters.max_rows = or_none(text, number)?,
            Self::MaxLag => parameters.max_lag = or_none(text, milliseconds)?,
            Self::MaxActive => parameters.max_active = or_none(text, number)?,
            Self::MaxBacklog => parameters.max_backlog = or_none(text, number)?,
            Self::MaxWal => parameters.max_wal = or_none(text, bytes)?,
            Self::MaxGrowth => parameters.max_growth = or_none(text, bytes)?,
            Self::LockTimeout => parameters.lock_timeout = milliseconds(text)?,
            Self::LockTries => {
                let tries = u32::try_from(number(text)?).ok().filter(|tries| *tries > 0);
                parameters.lock_tries = tries.ok_or("Once at least, and not for ever.")?;
            }
            Self::FirstBatch => parameters.first_batch = positive(text)?,
            Self::LargestBatch => {
                parameters.largest_batch = positive(text)?;
                if parameters.largest_batch < parameters.first_batch {
                    return Err("The largest batch cannot be smaller than the first.".to_owned());
                }
            }
        }
        Ok(())
    }

    /// What was typed in other words, where that helps.
    pub fn reading(self, text: &str, now: &Zoned) -> Option<String> {
        if self != Self::WindowEnd {
            return None;
        }
        let end = window_end(text.trim(), now).ok()?;
        let left = end.duration_since(now.timestamp()).as_secs_f64();
        Some(format!("{}, in {}", local(&end.to_string(), now), lasts(left)))
    }
}

fn or_none<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.is_empty() || text.eq_ignore_ascii_case("none") { Ok(None) } else { read(text).map(Some) }
}

fn number(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ',' | '_' | ' ')).collect();
    digits.parse().map_err(|_| "Write a whole number.".to_owned())
}

fn bytes(text: &str) -> Result<u64, String> {
    size(text).ok_or_else(|| "Write a size with its unit, such as 500MB or 20GB.".to_owned())
}

fn positive(text: &str) -> Result<u64, String> {
    number(text).and_then(|number| if number > 0 { Ok(number) } else { Err("One row at least.".to_owned()) })
}

fn milliseconds(text: &str) -> Result<u64, String> {
    let time = config::time(text).filter(|time| !time.is_zero());
    let time = time.ok_or("Write a time with its unit, such as 250ms, 30s or 5min.")?;
    u64::try_from(time.as_millis()).map_err(|_| "That is too long.".to_owned())
}

/// The end of a window that is to come. A bare time of day is the next one, in the zone of `now`.
fn window_end(text: &str, now: &Zoned) -> Result<Timestamp, String> {
    let end = limits::window_end(text, now);
    match end {
        None => Err("Write a time of day, 04:00, or 2026-01-31T04:00Z, or none.".to_owned()),
        Some(end) if end <= now.timestamp() => Err("That time is over.".to_owned()),
        Some(end) => Ok(end),
    }
}

/// A moment in the zone of `now`, as it can be typed again.
fn local(end: &str, now: &Zoned) -> String {
    let Ok(end) = end.parse::<Timestamp>() else { return end.to_owned() };
    let end = end.to_zoned(now.time_zone().clone());
    let pattern = if end.second() == 0 { "%Y-%m-%d %H:%M%:z" } else { "%Y-%m-%d %H:%M:%S%:z" };
    end.strftime(pattern).to_string()
}

/// Milliseconds in the largest unit that holds them whole.
fn time(milliseconds: u64) -> String {
    match milliseconds {
        long if long >= 60_000 && long % 60_000 == 0 => format!("{}min", long / 60_000),
        long if long >= 1_000 && long % 1_000 == 0 => format!("{}s", long / 1_000),
        short => format!("{short}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-20T22:30:00+01:00[Europe/Berlin]".parse().expect("a moment")
    }

    fn read(field: Field, text: &str) -> Result<Parameters, String> {
        let mut parameters = Parameters::default();
        field.read(text, &mut parameters, &now()).map(|()| parameters)
    }

    #[test]
    fn what_stands_there_can_be_read_again() {
        let mut all = Parameters {
            max_rows: Some(7),
            max_wal: Some(20 << 30),
            max_active: Some(9),
            ..Parameters::default()
        };
        all.window_end = Some("2026-11-21T03:00:00Z".to_owned());
        for parameters in [Parameters::default(), all, Parameters { max_lag: None, ..Parameters::default() }]
        {
            let mut again = Parameters::default();
            for field in Field::PLAN {
                field.read(&field.written(&parameters, &now()), &mut again, &now()).expect("it can be read");
            }
            assert_eq!(again, parameters);
        }
    }

    #[test]
    fn a_time_of_day_is_the_next_one_here() {
        let end = |text| read(Field::WindowEnd, text).expect("a time").window_end;
        assert_eq!(end("23:00").as_deref(), Some("2026-11-20T22:00:00Z"));
        assert_eq!(end("04:00").as_deref(), Some("2026-11-21T03:00:00Z"), "tomorrow");
        assert_eq!(end("2026-12-01T04:00Z").as_deref(), Some("2026-12-01T04:00:00Z"));
        assert_eq!(end("none"), None);
        let told = Field::WindowEnd.reading("23:00", &now());
        assert_eq!(told.as_deref(), Some("2026-11-20 23:00+01:00, in 30 min 00 s"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        for (field, text) in [
            (Field::WindowEnd, "soon"),
            (Field::WindowEnd, "2026-11-20T21:00Z"),
            (Field::BatchTime, "150"),
            (Field::BatchTime, "0s"),
            (Field::MaxRows, "many"),
            (Field::MaxRows, "-1"),
            (Field::MaxWal, "20"),
            (Field::LockTries, "0"),
            (Field::LockTries, "99999999999"),
            (Field::FirstBatch, "0"),
            (Field::LargestBatch, "1"),
        ] {
            let why = read(field, text).expect_err(text);
            assert!(why.ends_with('.'), "{why}");
        }
        assert_eq!(read(Field::MaxRows, "1,000,000").expect("a number").max_rows, Some(1_000_000));
    }
}
