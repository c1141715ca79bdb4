//! The guard: before a batch it looks whether the server can bear one more. Any single sign makes the run wait, and the
//! reason is said; the end of the window stops it for good. What to make of the signs is decided by a pure function.

use crate::model::fault::Fault;
use crate::model::figure::bytes;
use crate::model::plan::Parameters;
use crate::model::plan::limits::Limits;
use crate::model::run::{News, Signs};
use crate::model::text::visible;
use crate::model::value::Value;
use crate::repair::run::{Halt, Site};
use crate::sql::repairs::Look;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// How often the server is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long the run waits for the same sign to go before it asks a person.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// Why it stops for good.
const OVER: &str =
    "The window has ended. Resume the run in the next one: --window-end tells when that ends, or none.";

/// How often the size of the database is looked at.
const SIZED: Duration = Duration::from_secs(15);

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
        return Verdict::Stop(OVER.to_owned());
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
    if let Some(sign) = filling(signs, parameters) {
        return sign;
    }
    if let (Some(most), Some(active)) = (parameters.max_active, signs.active) {
        if signs.unseen > 0 {
            return Verdict::Stop(format!(
                "This role may not see whether {} sessions are at work: grant it pg_monitor, or put --max-active none over it.",
                signs.unseen
            ));
        }
        if active > most {
            return Verdict::Wait(format!("{active} statements of others run, and {most} may."));
        }
    }
    if signs.vacuums > 0 {
        return Verdict::Wait("A vacuum works on the table.".to_owned());
    }
    if signs.waiting > 0 {
        return Verdict::Wait(format!("{} sessions wait for locks of this run.", signs.waiting));
    }
    Verdict::Go
}

/// Whether disks would fill: what waits for the archive, what slots and checkpoints keep, what the database has grown.
/// How much room the disk has is nothing a server tells.
fn filling(signs: &Signs, parameters: &Parameters) -> Option<Verdict> {
    if let Some(slot) = &signs.slot {
        let slot = visible(slot);
        return Some(Verdict::Wait(format!(
            "The replication slot {slot} is about to lose the WAL it needs."
        )));
    }
    if let (Some(most), Some(backlog)) = (parameters.max_backlog, signs.backlog)
        && backlog > most
    {
        return Some(Verdict::Wait(format!(
            "{backlog} segments of WAL wait for the archive, and {most} may."
        )));
    }
    if let Some(most) = parameters.max_wal {
        let Some(wal) = signs.wal else {
            let why = "This role may not see how much WAL the server keeps: grant it pg_monitor, or put --max-wal none over it.";
            return Some(Verdict::Stop(why.to_owned()));
        };
        if wal > most {
            return Some(Verdict::Wait(format!(
                "The server keeps {} of WAL, and {} may be.",
                bytes(wal),
                bytes(most)
            )));
        }
    }
    match (parameters.max_growth, signs.growth) {
        (Some(most), Some(growth)) if growth > most => Some(Verdict::Stop(format!(
            "The database has grown by {} since this session of the run began, and {} may be.",
            bytes(growth),
            bytes(most)
        ))),
        _ => None,
    }
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
            (site.tell)(News::Signs(signs.clone()));
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

/// Stops a run whose window has ended while it waited for somebody.
pub(super) async fn in_window(site: &mut Site) -> Result<(), Halt> {
    site.heed();
    if site.parameters.window_end.is_none() {
        return Ok(());
    }
    let signs = look(site, &[]).await?;
    if signs.over { Err(Halt::Paused(OVER.to_owned())) } else { Ok(()) }
}

/// What the role of a run may see, and how large the database was when its session began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sight {
    backlog: bool,
    wal: bool,
    /// Whether the server tells where its log of writes ends.
    end: bool,
    size: Option<u64>,
    /// When the size was looked at last, and what it was.
    sized: Option<(Instant, u64)>,
}

impl Sight {
    /// Finds out, and tells what cannot be seen.
    pub(super) async fn of(site: &mut Site) -> Result<Self, Fault> {
        let Some(sessions) = site.words.sessions() else { return Ok(Self::default()) };
        let rows = site.ask(&sessions.sight()).await?;
        let truth = |at: usize| rows.first().and_then(|row| row.get(at)).is_some_and(Value::truth);
        let (archived, backlog, wal) = (truth(0), truth(1), truth(2));
        if archived && !backlog && site.parameters.max_backlog.is_some() {
            let blind = "This role may not see how much WAL waits for the archive (pg_monitor may): only whether archiving fails is looked at.";
            (site.tell)(News::Line(blind.to_owned()));
        }
        // Some varieties refuse to tell it at all, and no run fails for a figure nobody decides by.
        let end = site.ask(&sessions.wal()).await.is_ok();
        Ok(Self { backlog: archived && backlog, wal, end, ..Self::default() })
    }
}

/// What a file looks like from outside: its log, its size, the time. Nobody else's statements are seen in it.
fn look_at_file(site: &mut Site) -> Signs {
    let facts = site.engine.file().unwrap_or_default();
    let mut sight = site.sight.unwrap_or_default();
    let before = *sight.size.get_or_insert(facts.bytes);
    site.sight = Some(sight);
    let end = site.parameters.window_end.as_deref().and_then(|end| end.parse::<Timestamp>().ok());
    Signs {
        over: end.is_some_and(|end| end <= Timestamp::now()),
        wal: Some(facts.log),
        growth: Some(facts.bytes.saturating_sub(before)),
        ..Signs::default()
    }
}

async fn look(site: &mut Site, tables: &[u32]) -> Result<Signs, Fault> {
    let Some(sessions) = site.words.sessions() else { return Ok(look_at_file(site)) };
    let mut sight = match site.sight {
        Some(sight) => sight,
        None => Sight::of(site).await?,
    };
    let own = site.parameters.clone();
    // To measure a database takes longer than to look at the rest.
    let sized = sight.sized.filter(|(at, _)| at.elapsed() < SIZED).map(|(_, size)| size);
    let query = sessions.signs(&Look {
        tables,
        window_end: own.window_end.as_deref(),
        active: own.max_active.is_some(),
        backlog: own.max_backlog.is_some() && sight.backlog,
        wal: own.max_wal.is_some() && sight.wal,
        size: own.max_growth.is_some() && sized.is_none(),
        end: sight.end,
    });
    let rows = site.ask(&query).await?;
    let row = rows.first().map_or(&[][..], Vec::as_slice);
    let number = |at: usize| row.get(at).and_then(Value::count);
    let truth = |at: usize| row.get(at).is_some_and(Value::truth);
    if let Some(size) = number(11) {
        sight.sized = Some((Instant::now(), size));
        sight.size = sight.size.or(Some(size));
    }
    site.sight = Some(sight);
    let size = number(11).or(sized);
    Ok(Signs {
        lag: number(0),
        hidden: number(1).unwrap_or_default(),
        archive_fails: truth(2),
        vacuums: number(3).unwrap_or_default(),
        waiting: number(4).unwrap_or_default(),
        over: truth(5),
        active: number(6),
        unseen: number(7).unwrap_or_default(),
        slot: row.get(8).and_then(Value::text).map(str::to_owned),
        backlog: number(9),
        wal: number(10),
        growth: size.zip(sight.size).map(|(now, before)| now.saturating_sub(before)),
        log_end: number(12),
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

    #[test]
    fn what_fills_disks_is_waited_for_and_growth_asks_a_person() {
        let parameters = Parameters {
            max_backlog: Some(42),
            max_wal: Some(1 << 30),
            max_growth: Some(1 << 20),
            ..Parameters::default()
        };
        let seen = Signs { backlog: Some(42), wal: Some(1 << 30), growth: Some(1 << 20), ..Signs::default() };
        assert_eq!(judge(&seen, &parameters, false), Verdict::Go, "what is allowed is allowed");
        let judged = |signs| judge(&signs, &parameters, false);
        let backlog = judged(Signs { backlog: Some(43), ..seen.clone() });
        assert!(matches!(backlog, Verdict::Wait(why) if why.starts_with("43 segments of WAL wait")));
        let wal = judged(Signs { wal: Some((1 << 30) + 1), ..seen.clone() });
        assert!(matches!(wal, Verdict::Wait(why) if why.contains("1.0 GB of WAL")));
        assert!(
            matches!(judged(Signs { wal: None, ..seen.clone() }), Verdict::Stop(why) if why.contains("pg_monitor"))
        );
        let grown = judged(Signs { growth: Some((1 << 20) + 1), ..seen.clone() });
        assert!(matches!(grown, Verdict::Stop(why) if why.contains("grown")));
        let slot = judged(Signs { slot: Some("a\u{7}b".to_owned()), ..seen });
        assert!(matches!(slot, Verdict::Wait(why) if why.contains("slot") && !why.contains('\u{7}')));
        let blind = Parameters { max_backlog: None, ..Parameters::default() };
        assert_eq!(judge(&Signs { backlog: Some(9_999), ..Signs::default() }, &blind, false), Verdict::Go);
    }

    #[test]
    fn statements_of_others_are_counted_only_where_a_person_set_a_limit() {
        let busy = Signs { active: Some(9), ..Signs::default() };
        let most = |max_active| Parameters { max_active, ..Parameters::default() };
        assert_eq!(judge(&busy, &most(None), false), Verdict::Go);
        assert_eq!(judge(&busy, &most(Some(9)), false), Verdict::Go);
        assert!(
            matches!(judge(&busy, &most(Some(8)), false), Verdict::Wait(why) if why.starts_with("9 statements"))
        );
        let unseen = Signs { active: Some(1), unseen: 3, ..Signs::default() };
        assert!(
            matches!(judge(&unseen, &most(Some(8)), false), Verdict::Stop(why) if why.contains("3 sessions"))
        );
    }
}
