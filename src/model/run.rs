//! Runs: what the journal says of them, and what one tells while it goes on. Plain data; `repair` makes it, front ends
//! show it.

use crate::model::fault::Fault;
use crate::model::figure::grouped;
use crate::model::plan::limits::Limits;
use crate::model::restore::Held;
use serde::Serialize;
use std::time::Duration;

/// The state of a run or of a step, as the journal writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not begun.
    Waiting,
    /// Going on, or broken off without a word: only its session knows.
    Running,
    /// Stopped for a reason that may go away: it waits for a person to resume it.
    Paused,
    /// Stopped by a person.
    Stopped,
    /// Failed.
    Failed,
    /// Done and proved.
    Finished,
    /// Taken back.
    Restored,
}

impl State {
    /// All states with the journal's words for them.
    const ALL: [(Self, &'static str); 7] = [
        (Self::Waiting, "waiting"),
        (Self::Running, "running"),
        (Self::Paused, "paused"),
        (Self::Stopped, "stopped"),
        (Self::Failed, "failed"),
        (Self::Finished, "finished"),
        (Self::Restored, "restored"),
    ];

    /// The journal's word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    /// The state a word of the journal means.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// A run, as the journal has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its number.
    pub id: String,
    /// Its state.
    pub state: State,
    /// Who began it.
    pub role: String,
    /// Who holds it: user, host and process.
    pub holder: String,
    /// Why it stopped, where it did.
    pub note: Option<String>,
    /// When it began, as the server says it.
    pub started_at: String,
    /// When it last changed its state.
    pub changed_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Its steps, in order.
    pub steps: Vec<RunStep>,
    /// Rows it changed.
    pub rows: u64,
    /// What of it waits to be brought back, where that was asked.
    pub restorable: Vec<Held>,
    /// Its plan, as in the file.
    #[serde(skip)]
    pub plan: String,
    /// How often it was taken over, from 1.
    #[serde(skip)]
    pub epoch: u64,
    /// Which session of the server holds it, or which process of this machine where there are no sessions, as it was asked
    /// last; where none does, it goes on nowhere.
    pub session: Option<String>,
}

/// How the sentence begins with which a run pauses after a failover.
pub const PROMOTED: &str = "The server was promoted since the plan was made";

impl Run {
    /// Whether it waits for a person who says that it goes on though the server was promoted.
    pub fn is_promoted(&self) -> bool {
        self.state == State::Paused && self.note.as_deref().is_some_and(|note| note.starts_with(PROMOTED))
    }

    /// Whether anything of it is left to be done.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Finished | State::Restored)
    }

    /// Whether the journal says that it goes on, and no session holds it: it was broken off without a word.
    pub fn is_broken_off(&self) -> bool {
        self.state == State::Running && self.session.is_none()
    }
}

/// A step of a run, as the journal has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStep {
    /// The step's id in the plan.
    pub id: String,
    /// Its state.
    pub state: State,
    /// Rows it changed.
    pub rows: u64,
    /// Rows it had to change when that was last counted.
    pub total: Option<u64>,
    /// What it found, or why it stopped.
    pub note: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Batches it committed.
    pub batches: u64,
    /// What was counted before it.
    pub before: Option<Counts>,
    /// What was counted after it.
    pub after: Option<Counts>,
}

/// What was counted of the rows a step is about, before it or after it; none where nobody counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows whose parent is nowhere.
    pub orphans: Option<u64>,
    /// Rows whose reference is there in part only.
    pub half_null: Option<u64>,
    /// Rows of these that can be filled from their parent.
    pub fillable: Option<u64>,
    /// Rows whose copy is not what their parent holds.
    pub wrong: Option<u64>,
}

impl Counts {
    /// In words: what was counted, and nothing else.
    pub fn words(self) -> String {
        let figures = [
            (self.fillable, "fillable"),
            (self.half_null, "half-null"),
            (self.orphans, "orphans"),
            (self.wrong, "wrong copies"),
        ];
        let told =
            figures.iter().filter_map(|(figure, what)| figure.map(|n| format!("{} {what}", grouped(n))));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// What was counted before a step and after it, in words.
pub fn proof(before: Counts, after: Counts) -> String {
    format!("before: {}; after: {}", before.words(), after.words())
}

/// What a session does with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It is new.
    Begins,
    /// It goes on from an earlier session.
    GoesOn,
    /// It is brought back.
    ComesBack,
}

impl Course {
    /// In words: what the run does.
    pub fn words(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::GoesOn => "goes on",
            Self::ComesBack => "is brought back",
        }
    }
}

/// What a run tells while it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It began, or goes on.
    Began {
        /// Its number.
        run: String,
        /// The ids and titles of its steps, in order.
        steps: Vec<(String, String)>,
        /// Whether it is new.
        course: Course,
    },
    /// A step changed its state.
    Step {
        /// Its place among the steps.
        place: usize,
        /// Its state.
        state: State,
        /// What it found, or why it stopped.
        note: Option<String>,
    },
    /// A step knows how much it has to do.
    Total {
        /// Its place among the steps.
        place: usize,
        /// Rows already done.
        rows: u64,
        /// Rows to be done in all.
        total: u64,
    },
    /// A batch was committed.
    Batch(Batch),
    /// The run waits, and why.
    Waiting(String),
    /// Something was in the way: the run waits before it tries again, and why.
    Retry(String),
    /// The run goes on after waiting.
    GoesOn,
    /// What the server looked like when it was last looked at.
    Signs(Signs),
    /// Something worth a line in the log.
    Line(String),
    /// What came since a step was proved: the end of the run is not the end of it.
    Since(String),
    /// How far a step is that writes no rows.
    Part(Part),
    /// A person changed limits, and they hold from now on: all that were changed since it began.
    Limits(Limits),
    /// It ended.
    Ended(Ended),
}

/// What the server looks like to a run.
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
    /// Statements of others that run; none where nobody counts them.
    pub active: Option<u64>,
    /// Sessions of which this role may not see whether they are at work.
    pub unseen: u64,
    /// A replication slot that is about to lose the WAL it needs.
    pub slot: Option<String>,
    /// Segments of WAL that wait for the archive; none where nobody counts them, or may.
    pub backlog: Option<u64>,
    /// Bytes of WAL the server keeps; none where nobody measures them, or may.
    pub wal: Option<u64>,
    /// Bytes the database has grown since the session began; none where nobody measures it.
    pub growth: Option<u64>,
    /// Where the server's log of writes ends, in bytes: between two looks everybody wrote what lies between their ends. None
    /// where nobody tells.
    pub log_end: Option<u64>,
}

/// A batch that was committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The step's place among the steps.
    pub place: usize,
    /// The batch's number within the step.
    pub number: u64,
    /// Rows it changed.
    pub changed: u64,
    /// Rows the step has changed in all.
    pub rows: u64,
    /// Rows the step has to change in all, as last counted.
    pub total: u64,
    /// How long it took.
    pub took: Duration,
    /// Rows the next batch will aim at.
    pub next: u64,
    /// The table it worked on.
    pub table: String,
}

/// How far a step is that writes no rows: one that reads, or builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The step's place among the steps.
    pub place: usize,
    /// What is being done, in a few words.
    pub doing: String,
    /// What is done of it.
    pub done: u64,
    /// What is to be done; 0 where nobody can tell.
    pub total: u64,
    /// What is counted: `pages`, `rows`.
    pub unit: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Everything is done and proved.
    Finished,
    /// A person stopped it; it can be resumed.
    Stopped,
    /// A guard paused it, and why; it can be resumed.
    Paused(String),
    /// It failed; what was committed stands in the journal.
    Failed(Fault),
}

/// What a rehearsal showed. Nothing of it is left in the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rehearsal {
    /// The steps, in order.
    pub steps: Vec<RehearsedStep>,
    /// Bytes of WAL written meanwhile, by everybody.
    pub wal: Option<u64>,
}

/// A step, as it went in a transaction that was rolled back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RehearsedStep {
    /// Its id in the plan.
    pub id: String,
    /// Rows it changed, or would have changed in the part that was tried.
    pub rows: Option<u64>,
    /// Rows it has to change in all, where only a part was tried.
    pub of: Option<u64>,
    /// Seconds it took.
    pub seconds: Option<f64>,
    /// The locks it really held: table and mode as the server names it.
    pub locks: Vec<(String, String)>,
    /// Why it was not tried, or what went wrong.
    pub note: Option<String>,
    /// Whether it failed.
    pub failed: bool,
}
