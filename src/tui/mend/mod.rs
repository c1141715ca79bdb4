//! Mending: what is staged, the plan made of it, whether anything may be written, and the run that goes on. Shared by the
//! screens Plan and Run and by every list one can stage from. Only `update` changes it; the views read it.

pub mod arms;
pub mod consent;
pub mod fixes;
pub mod going;
pub mod history;
pub mod leaving;
pub mod limits;
pub mod planning;
pub mod rehearsal;
pub mod restoring;
pub mod staged;

use crate::model::copy::Copy;
use crate::model::plan::Parameters;
use crate::tui::start::{Exit, Writes};
use arms::Arms;
use going::Going;
use history::History;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use planning::Planning;
use rehearsal::Rehearsing;
use staged::Staged;
use std::time::Duration;

/// All that is to be done to the database, and what is being done.
#[derive(Debug)]
pub struct Mend {
    /// Whether writes may be armed, and who would write.
    pub arms: Arms,
    /// Declared copies.
    pub copies: Vec<Copy>,
    /// How plans are to be run.
    pub parameters: Parameters,
    /// What is staged.
    pub staged: Staged,
    /// The plan made of it.
    pub planning: Planning,
    /// What a rehearsal of that plan showed.
    pub rehearsing: Option<Rehearsing>,
    /// The run that goes on, or the last one.
    pub going: Option<Going>,
    /// The runs of the journal.
    pub history: History,
    /// Whether the shell wants to stop us, and what runs is about to stand still for it.
    pub stilling: bool,
    /// How to leave once the run has ended.
    pub leaving: Option<Exit>,
    /// The moment the inspector opened, for the end of a window.
    pub opened: Timestamp,
    /// The zone of the person's clock.
    pub zone: TimeZone,
}

impl Mend {
    /// Nothing staged yet.
    pub fn new(writes: &Writes) -> Self {
        Self {
            arms: Arms::new(writes),
            copies: writes.copies.clone(),
            parameters: Parameters::default(),
            staged: Staged::default(),
            planning: Planning::default(),
            rehearsing: None,
            going: None,
            history: History::default(),
            stilling: false,
            leaving: None,
            opened: Timestamp::UNIX_EPOCH,
            zone: TimeZone::UTC,
        }
    }

    /// Forgets all that was about the database one turns away from; `allowed` says whether the next may be written to.
    pub fn begin_anew(&mut self, allowed: bool) {
        let writes = Writes { allowed, holder: self.arms.holder.clone(), copies: self.copies.clone() };
        *self = Self { opened: self.opened, zone: self.zone.clone(), ..Self::new(&writes) };
    }

    /// The connection is made anew: nothing is armed any more, and what was asked will not be answered.
    pub fn cut_off(&mut self) {
        self.arms.lapse();
        self.planning.forget();
        self.rehearsing = self.rehearsing.take().filter(|rehearsing| rehearsing.got.is_some());
        self.history.asked = false;
        self.history.stale = true;
    }

    /// Whether a run goes on.
    pub fn is_running(&self) -> bool {
        self.going.as_ref().is_some_and(Going::goes_on)
    }

    /// Whether a rehearsal goes on.
    pub fn is_rehearsing(&self) -> bool {
        self.rehearsing.as_ref().is_some_and(|rehearsing| rehearsing.got.is_none())
    }

    /// The wall clock after so long.
    pub fn clock(&self, now: Duration) -> Timestamp {
        self.opened.saturating_add(now).unwrap_or(self.opened)
    }

    /// The same on the person's clock.
    pub fn zoned(&self, now: Duration) -> Zoned {
        self.clock(now).to_zoned(self.zone.clone())
    }
}
