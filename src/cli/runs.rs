//! `waif runs`: the runs of a database's journal.

use crate::cli::args::Target;
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::{output, talk};
use crate::config::{self, Env, Given};
use crate::job::{AuditLog, Command, Event};
use crate::model::fault::{Fault, Kind};
use crate::model::text::visible;
use crate::report::runs;
use clap::ValueEnum;

/// List the runs of waif that the journal of a database knows, newest first
///
/// With --verify the audit log of this machine is looked through instead: every line carries a digest over itself and the
/// line before. The first line that was edited, removed or moved is told, and the exit code is 1. A log that was cut short
/// at its end, or made anew whole, cannot be told from one that ends there.
///
/// Reads only. A run that says `running` and whose session is gone was broken off: waif resume goes on with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Look through the audit log of this machine for what was changed in it; connects to nothing
    #[arg(long, conflicts_with = "format")]
    verify: bool,
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
    let mut ground = Ground::find(&given.at(args.target), console)?;
    if args.verify {
        return verify(&ground);
    }
    let runs = talk::with_desk(&mut ground.target, console, async |talk, _| {
        talk.say(Command::Runs);
        loop {
            match talk.hear().await? {
                Event::Runs(runs) => return Ok(runs?),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(talk::gone()),
                _ => {}
            }
        }
    });
    let (runs, _) = runs?;
    let paper = console.stdout();
    output::print(None, |out| match args.format {
        Format::Text => runs::text(&runs, &paper, out),
        Format::Json => runs::json(&runs, out),
    })?;
    Ok(Exit::Clean)
}

/// Looks through the audit log.
fn verify(ground: &Ground) -> Result<Exit, Ended> {
    let state = config::state_folder(&Env::real())?;
    let log = AuditLog::of(&state, &ground.target).ok_or_else(|| {
        Fault::new(Kind::Usage, "This target has no audit log: it cannot be told from others.")
    })?;
    let found = log.verify().map_err(|error| {
        Fault::new(Kind::Other, "The audit log cannot be read.").because(error.to_string())
    })?;
    let file = visible(&found.file.to_string_lossy()).into_owned();
    output::print(None, |out| match found.broken {
        Some((line, why)) => writeln!(out, "{file}: line {line} is not as it was written: {why}."),
        None if found.lines == 0 => writeln!(out, "{file}: there is no line in it."),
        None if found.torn == 0 => writeln!(out, "{file}: all {} lines follow from each other.", found.lines),
        None => writeln!(
            out,
            "{file}: all {} lines follow from each other; {} were cut off while they were written.",
            found.lines, found.torn
        ),
    })?;
    Ok(if found.broken.is_some() { Exit::Findings } else { Exit::Clean })
}
