//! The guard: before a batch it looks whether the server can bear one more. Any single sign makes the run wait, and the
//! reason is said; the end of the window stops it for good. What to make of the signs is decided by a pure function.

use crate::model::fault::Fault;
use crate::model::plan::Parameters;
use crate::model::plan::limits::Limits;
use crate::model::run::News;
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use std::time::{Duration, Instant};

/// How often the server is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long the run waits for the same sign to go before it asks a person.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// What the server looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The largest replay lag of a replica, in milliseconds; none where there is no replica, or none replays behind.
    pub lag: Option<u64>,
    /// Replicas whose lag this role may not see.
    pub hidden: u64,
    /// Whether archiving of WAL fails.
    pub archive_fails: bool,
    /// Vacuums at work on the tables that are changed.
    pub vacuums: u64,
    /// Sessions that wait for a lock of ours.
    pub waiting: u64,
    /// Whether the window has ended.
    pub over: bool,
}

/// What to do about the signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Go,
    /// Wait, and why.
    Wait(String),
    /// Stop until a person says otherwise, and why.
    Stop(String),
}

/// What to make of the signs. Once a run waits for a lag, it waits until the lag is half of what is allowed.
pub fn judge(signs: &Signs, parameters: &Parameters, waits: bool) -> Verdict {
    if signs.over {
        return Verdict::Stop("The window has ended.".to_owned());
    }
    if let (Some(most), Some(lag)) = (parameters.max_lag, signs.lag) {
        let most = if waits { most / 2 } else { most };
        if lag > most {
            return Verdict::Wait(format!("A replica lags {:.1} s behind.", lag as f64 / 1_000.0));
        }
    }
    if parameters.max_lag.is_some() && signs.hidden > 0 {
        return Verdict::Stop(format!(
            "This role may not see how far {} replicas lag behind: grant it pg_monitor, or plan with --max-lag none.",
            signs.hidden
        ));
    }
    if signs.archive_fails {
        return Verdict::Wait("The server cannot archive its WAL: the disk would fill.".to_owned());
    }
    if signs.vacuums > 0 {
        return Verdict::Wait("A vacuum works on the table.".to_owned());
    }
    if signs.waiting > 0 {
        return Verdict::Wait(format!("{} sessions wait for locks of this run.", signs.waiting));
    }
    Verdict::Go
}

/// The guard of one step.
#[derive(Debug, Default)]
pub(super) struct Guard {
    looked: Option<Instant>,
    /// The limits it looked by.
    limits: Limits,
}

impl Guard {
    /// Looks at the server when it is time to, and waits as long as it must.
    pub(super) async fn pass(&mut self, site: &mut Site, tables: &[u32]) -> Result<(), Halt> {
        site.heed();
        let lately = self.looked.is_some_and(|looked| looked.elapsed() < EVERY);
        if lately && self.limits == site.heeded {
            return Ok(());
        }
        let since = Instant::now();
        let mut waits = false;
        loop {
            site.heed();
            let signs = look(site, tables).await?;
            site.unchanged().await?;
            (self.looked, self.limits) = (Some(Instant::now()), site.heeded);
            match judge(&signs, &site.parameters, waits) {
                Verdict::Go => break,
                Verdict::Stop(why) => return Err(Halt::Paused(why)),
                Verdict::Wait(why) if since.elapsed() > LONGEST => {
                    return Err(Halt::Paused(format!("{why} It was waited for for half an hour.")));
                }
                Verdict::Wait(why) => {
                    (site.tell)(News::Waiting(why));
                    waits = true;
                }
            }
            if site.steer.is_stopping() {
                return Err(Halt::Stopped);
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = site.steer.turned() => {}
            }
        }
        if waits {
            (site.tell)(News::GoesOn);
        }
        Ok(())
    }
}

async fn look(site: &mut Site, tables: &[u32]) -> Result<Signs, Fault> {
    let query = site.words.signs(tables, site.parameters.window_end.as_deref());
    let rows = site.ask(&query).await?;
    let row = rows.first().map_or(&[][..], Vec::as_slice);
    let number = |at: usize| row.get(at).and_then(Value::count);
    let truth = |at: usize| row.get(at).is_some_and(Value::truth);
    Ok(Signs {
        lag: number(0),
        hidden: number(1).unwrap_or_default(),
        archive_fails: truth(2),
        vacuums: number(3).unwrap_or_default(),
        waiting: number(4).unwrap_or_default(),
        over: truth(5),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(signs: Signs, waits: bool) -> Verdict {
        judge(&signs, &Parameters { max_lag: Some(2_000), ..Parameters::default() }, waits)
    }

    #[test]
    fn nothing_to_see_lets_it_go_on() {
        assert_eq!(judged(Signs::default(), false), Verdict::Go);
        assert_eq!(judged(Signs { lag: Some(2_000), ..Signs::default() }, false), Verdict::Go);
    }

    #[test]
    fn a_lag_is_waited_for_until_it_is_well_below() {
        let lag = |lag| Signs { lag: Some(lag), ..Signs::default() };
        assert!(matches!(judged(lag(2_001), false), Verdict::Wait(why) if why.contains("2.0 s")));
        assert!(matches!(judged(lag(1_500), true), Verdict::Wait(_)));
        assert_eq!(judged(lag(900), true), Verdict::Go);
        let blind = Parameters { max_lag: None, ..Parameters::default() };
        assert_eq!(judge(&lag(99_000), &blind, false), Verdict::Go);
    }

    #[test]
    fn any_single_sign_is_enough() {
        for signs in [
            Signs { archive_fails: true, ..Signs::default() },
            Signs { vacuums: 1, ..Signs::default() },
            Signs { waiting: 2, ..Signs::default() },
        ] {
            assert!(matches!(judged(signs, false), Verdict::Wait(_)));
        }
        assert!(matches!(judged(Signs { over: true, ..Signs::default() }, false), Verdict::Stop(_)));
        assert!(matches!(judged(Signs { hidden: 1, ..Signs::default() }, false), Verdict::Stop(_)));
    }
}
