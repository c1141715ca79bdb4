//! `waif info`: what answers at a target, and what waif can see there.

use crate::cli::args::Target;
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::{output, talk};
use crate::config::Given;
use crate::report::server::{self, Found};
use clap::ValueEnum;

/// Say what answers at a target, as whom, over what link, and what waif can see there
///
/// Connects, reads the catalog, counts nothing. Shows where each connection parameter came from, whether the server
/// refuses writes in waif's session, and what waif cannot do or vouch for there.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
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
    let catalog = talk::with_desk(&mut ground.target, console, async |talk, _| talk.catalog().await);
    let (catalog, _) = catalog?;
    let target = &ground.target;
    let found = Found { catalog: &catalog, environment: target.environment, sources: &target.sources };
    let paper = console.stdout();
    output::print(None, |out| match args.format {
        Format::Text => server::text(&found, &paper, out),
        Format::Json => server::json(&found, out),
    })?;
    Ok(Exit::Clean)
}
