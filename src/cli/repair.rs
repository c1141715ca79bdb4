//! What `run` and `resume` share: consent, following the run, and what its end means for the exit code.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::Ground;
use crate::cli::{output, talk};
use crate::config::{self, Env};
use crate::job::{self, Command, Consent, Event};
use crate::model::fault::{Fault, Kind};
use crate::model::run::{self, News};
use crate::report::runs;
use std::path::PathBuf;

/// What a person must say before anything is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Allowed {
    /// Allow writes; a profile with writes = true allows them as well
    #[arg(long)]
    pub allow_writes: bool,
    /// The name of the database, as a sign that this one is meant
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Measure what each key and index costs a write: rows are inserted and deleted before and after, and rolled back
    #[arg(long)]
    pub measure_overhead: bool,
}

impl Allowed {
    /// What it comes to on this ground.
    pub(crate) fn consent(&self, ground: &Ground) -> Consent {
        Consent {
            writes: self.allow_writes || ground.allows_writes(),
            confirmed: self.confirm.clone(),
            holder: Env::real().person(),
            measure: self.measure_overhead,
            take_over: false,
            promoted: false,
        }
    }
}

/// Lets the desk carry something out, shows how it goes, and tells how it ended.
pub(crate) fn carry_out(mut ground: Ground, command: Command, console: &mut Console) -> Result<Exit, Ended> {
    if let Command::Run { consent, .. } | Command::Resume { consent, .. } = &command {
        settle(&ground, consent, console)?;
    }
    let state = log_folder(console);
    let done = talk::remembering(&mut ground.target, state, console, async |talk, _| {
        talk.follow();
        talk.say(command);
        loop {
            match talk.hear().await? {
                Event::Run(News::Ended(ended)) => return Ok((ended, talk.hung_up())),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(talk::gone()),
                _ => {}
            }
        }
    });
    let ((ended, hung_up), _) = done?;
    match ended {
        run::Ended::Finished => Ok(Exit::Clean),
        run::Ended::Stopped if hung_up => Ok(Exit::HungUp),
        run::Ended::Stopped => Ok(Exit::Interrupted),
        run::Ended::Paused(_) => Ok(Exit::Broken),
        run::Ended::Failed(fault) => Ok(complain(&fault, console)),
    }
}

/// What a writer that crashed left unfinished is rolled back first, where writes are allowed and confirmed; that is said.
pub(crate) fn settle(ground: &Ground, consent: &Consent, console: &mut Console) -> Result<(), Ended> {
    let done = talk::block_on(async { Ok(job::settle(&ground.target, consent).await?) })?;
    if let Some(note) = done {
        console.notice(&note);
    }
    Ok(())
}

/// Says why it could not go on. What the command or the connection is at fault for has codes of its own.
pub(crate) fn complain(fault: &Fault, console: &mut Console) -> Exit {
    let exit = match fault.kind {
        Kind::Usage | Kind::Unreachable | Kind::Lost => Exit::of(fault),
        Kind::Interrupted => Exit::Interrupted,
        _ => Exit::Broken,
    };
    console.complain(fault, exit);
    exit
}

/// The folder below which the audit log is kept. Where there is none, that is said: nobody shall believe in one.
pub(crate) fn log_folder(console: &mut Console) -> Option<PathBuf> {
    match config::state_folder(&Env::real()) {
        Ok(folder) => Some(folder),
        Err(fault) => {
            console.notice(&format!("No audit log is kept: {fault}."));
            None
        }
    }
}

/// Lets the desk try a plan out, and prints what it came to.
pub(crate) fn rehearse(mut ground: Ground, command: Command, console: &mut Console) -> Result<Exit, Ended> {
    let done = talk::with_desk(&mut ground.target, console, async |talk, _| {
        talk.follow();
        talk.say(command);
        loop {
            match talk.hear().await? {
                Event::Rehearsed(rehearsal) => return Ok(rehearsal?),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(talk::gone()),
                _ => {}
            }
        }
    });
    let (rehearsal, _): (run::Rehearsal, _) = done?;
    let paper = console.stdout();
    output::print(None, |out| runs::rehearsal(&rehearsal, &paper, out))?;
    Ok(if rehearsal.steps.iter().any(|step| step.failed) { Exit::Broken } else { Exit::Clean })
}
