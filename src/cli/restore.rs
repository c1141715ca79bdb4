//! `waif restore`: what a run took away comes back.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::named;
use crate::cli::repair::{self, Allowed};
use crate::cli::{output, talk};
use crate::config::Given;
use crate::job::{Command, Event, plan_file};
use crate::model::fault::Kind;
use crate::model::restore::Wanted;
use crate::report::restores;
use clap::ValueEnum;
use std::ffi::OsString;

/// Bring back what a run took away, overwrote, inserted or filled
///
/// Everything of a run comes back in the reverse order of its steps, byte for byte: rows from their stores into their
/// tables, overwritten values where they still are as they were written, filled values back to NULL, inserted parents out
/// again while nobody else refers to them. Keys that the run itself added are dropped first where they would refuse the rows; that
/// is said; on SQLite a table whose keys the run changed gets its old definition back by another rebuild. Nothing is ever
/// overwritten: what conflicts is told and stays in its store.
///
/// With --healed only rows come back whose parent is there now, with what they took along. With --list nothing is written
/// and nothing need be allowed. A restore that was broken off is begun again with the same words.
///
/// Exits with 0 when all that was wanted is back, with 1 when something stays in a store, with 2 when writes are not
/// allowed, with 3 when the connection is lost, with 5 when it could not go on, with 129 when the terminal closed, with 130
/// when interrupted.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database and the run: [TARGET] RUN
    #[arg(value_names = ["TARGET", "RUN"], num_args = 1..=2, required = true)]
    names: Vec<OsString>,
    /// Only rows and values whose parent is there now
    #[arg(long)]
    healed: bool,
    /// Only what this step of the run did
    #[arg(long, value_name = "ID")]
    step: Option<String>,
    /// Bring rows back though their table lacks a column they have, or computes it by now: what is in it is lost
    #[arg(long)]
    partly: bool,
    /// Put values back into the rows that have their keys, and take filled ones back, though the rows were changed since:
    /// where no key was taken again
    #[arg(long)]
    changed: bool,
    /// Tell what waits to be brought back, and write nothing
    #[arg(long, conflicts_with_all = ["partly", "step", "changed"])]
    list: bool,
    /// Take the run from the session that holds it: that one can write nothing more
    #[arg(long)]
    take_over: bool,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    allowed: Allowed,
}

/// Formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One document
    Json,
}

impl Args {
    pub(crate) fn is_machine(&self) -> bool {
        self.format == Format::Json
    }
}

/// Runs the verb.
pub(crate) fn run(args: Args, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let (target, run) = named::within(args.names, "run", "runs")?;
    let mut ground = Ground::find(&given.at(target), console)?;
    if args.list {
        return list(ground, run, args.format, console);
    }
    let consent = crate::job::Consent { take_over: args.take_over, ..args.allowed.consent(&ground) };
    let wanted = Wanted { healed: args.healed, step: args.step, partly: args.partly, changed: args.changed };
    repair::settle(&ground, &consent, console)?;
    let state = repair::log_folder(console);
    let done = talk::remembering(&mut ground.target, state, console, async |talk, _| {
        talk.follow();
        talk.say(Command::Restore { run, wanted, consent });
        loop {
            match talk.hear().await? {
                Event::Restored(restored) => return Ok((restored, talk.hung_up())),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(talk::gone()),
                _ => {}
            }
        }
    });
    let (answer, hung_up) = done?.0;
    let restored = match answer {
        Ok(restored) => restored,
        Err(fault) => {
            let exit = repair::complain(&fault, console);
            return Ok(if hung_up && fault.kind == Kind::Interrupted { Exit::HungUp } else { exit });
        }
    };
    let paper = console.stdout();
    output::print(None, |out| match args.format {
        Format::Text => restores::text(&restored, &paper, out),
        Format::Json => restores::json(&restored, out),
    })?;
    Ok(if restored.is_whole() { Exit::Clean } else { Exit::Findings })
}

/// Tells what waits.
fn list(mut ground: Ground, run: String, format: Format, console: &mut Console) -> Result<Exit, Ended> {
    let done = talk::with_desk(&mut ground.target, console, async |talk, _| {
        talk.say(Command::Held { run });
        loop {
            match talk.hear().await? {
                Event::Held(run) => return Ok(run?),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(talk::gone()),
                _ => {}
            }
        }
    });
    let (run, _) = done?;
    let paper = console.stdout();
    output::print(None, |out| match format {
        Format::Text => {
            restores::list(&run, plan_file::read(&run.plan, "The plan").ok().as_ref(), &paper, out)
        }
        Format::Json => restores::list_json(&run, out),
    })?;
    Ok(Exit::Clean)
}
