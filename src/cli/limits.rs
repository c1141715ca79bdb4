//! Limits as flags take them: times, caps that can be `none`, the end of a window; and the flags that put limits over those
//! of a plan when a run goes on.

use crate::model::fault::{Fault, Kind};
use crate::model::figure::size;
use crate::model::plan::limits::{self, Cap, Limits};
use jiff::{Timestamp, Zoned};
use std::time::Duration;

/// What the server must be able to bear.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Bearing {
    /// Statements of others that may run at once, or the run waits: a number, or none
    #[arg(long, value_name = "N", value_parser = capped_number)]
    pub(crate) max_active: Option<Cap<u64>>,
    /// Segments of WAL that may wait for the archive, or the run waits: a number, or none
    #[arg(long, value_name = "N", value_parser = capped_number)]
    pub(crate) max_backlog: Option<Cap<u64>>,
    /// WAL the server may keep, or the run waits: 20GB, or none
    #[arg(long, value_name = "SIZE", value_parser = capped_size)]
    pub(crate) max_wal: Option<Cap<u64>>,
    /// What the database may grow while the run goes on, or it pauses: 20GB, or none
    #[arg(long, value_name = "SIZE", value_parser = capped_size)]
    pub(crate) max_growth: Option<Cap<u64>>,
}

/// Limits over those of a plan.
#[derive(Debug, clap::Args)]
pub(crate) struct Over {
    /// The time one batch should take: 100ms; over that of the plan
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    batch_time: Option<u64>,
    /// The lag of a replica above which the run waits: 10s, or none; over that of the plan
    #[arg(long, value_name = "TIME", value_parser = capped_time)]
    max_lag: Option<Cap<u64>>,
    /// The time by which the run must have stopped, or none; over that of the plan
    #[arg(long, value_name = "TIME")]
    window_end: Option<String>,
    #[command(flatten)]
    bearing: Bearing,
    /// The rows a step may change in all, or none; over that of the plan
    #[arg(long, value_name = "ROWS", value_parser = capped_number)]
    max_rows: Option<Cap<u64>>,
}

impl Over {
    /// The limits.
    pub(crate) fn limits(&self) -> Result<Limits, Fault> {
        let window_end = match self.window_end.as_deref() {
            Some("none") => Some(Cap::Off),
            Some(end) => Some(Cap::At(window_end(end)?)),
            None => None,
        };
        let Bearing { max_active, max_backlog, max_wal, max_growth } = self.bearing;
        Ok(Limits {
            batch_time: self.batch_time,
            max_lag: self.max_lag,
            window_end,
            max_rows: self.max_rows,
            max_active,
            max_backlog,
            max_wal,
            max_growth,
        })
    }
}

/// A time as flags take it, in milliseconds.
pub(crate) fn milliseconds(text: &str) -> Result<u64, String> {
    let time: Option<Duration> = crate::config::time(text);
    let time = time.filter(|time| !time.is_zero());
    let time = time.ok_or_else(|| "write a time with its unit, such as 250ms, 30s or 5min".to_owned())?;
    u64::try_from(time.as_millis()).map_err(|_| "that is too long".to_owned())
}

/// A time, or `none`.
pub(crate) fn capped_time(text: &str) -> Result<Cap<u64>, String> {
    if text == "none" { Ok(Cap::Off) } else { milliseconds(text).map(Cap::At) }
}

/// A number, or `none`.
pub(crate) fn capped_number(text: &str) -> Result<Cap<u64>, String> {
    if text == "none" {
        return Ok(Cap::Off);
    }
    text.parse().map(Cap::At).map_err(|_| "write a whole number, or none".to_owned())
}

/// A size in bytes with its unit, in powers of 1,024 as the server counts, or `none`.
pub(crate) fn capped_size(text: &str) -> Result<Cap<u64>, String> {
    if text == "none" {
        return Ok(Cap::Off);
    }
    let wrong = || "write a whole number with its unit, such as 500MB or 20GB, or none".to_owned();
    size(text).map(Cap::At).ok_or_else(wrong)
}

/// The end of a window. A bare time of day is the next one to come, on this machine's clock.
pub(crate) fn window_end(text: &str) -> Result<Timestamp, Fault> {
    limits::window_end(text, &Zoned::now()).ok_or_else(|| {
        Fault::new(Kind::Usage, format!("{text:?} is no time a window could end at."))
            .hint("Write it as 2026-01-31T04:00Z, or as a time of day: 04:00.")
    })
}
