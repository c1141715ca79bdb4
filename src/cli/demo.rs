//! `waif demo`: a throwaway database with planted faults, to look around in.

use crate::cli::args::{Limits, Screen, Target};
use crate::cli::check::{self, Format, Told};
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::{inspect, talk};
use crate::config::Given;
use crate::job;
use crate::model::fault::{Fault, Kind};
use crate::model::target::Environment;
use clap::ValueHint;
use std::path::PathBuf;

/// Look around in a throwaway SQLite database with planted faults
///
/// Builds the database, opens the inspector on it, and removes it at the end. --headless runs `check` on it instead,
/// --path keeps it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print a check instead of opening the inspector; the flags of `check` apply
    #[arg(long)]
    headless: bool,
    /// Build the database in this file, which must not exist, and keep it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    path: Option<PathBuf>,
    #[command(flatten)]
    pub told: Told,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    screen: Screen,
}

/// Runs the verb.
pub(crate) fn run(args: &Args, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    if !args.headless && (args.told.format != Format::Text || args.told.output.is_some()) {
        let fault = Fault::new(
            Kind::Usage,
            "--format and -o tell how to print a check, and the inspector prints none.",
        );
        return Err(fault.hint("Add --headless to print a check of the demo database.").into());
    }
    // The folder is the owner's alone, and goes when this ends, however it ends.
    let private = tempfile::Builder::new().prefix("waif-demo-").tempdir();
    let private = private.map_err(|error| {
        Fault::new(Kind::Usage, "No temporary folder can be made for the demo database.")
            .because(error.to_string())
            .hint("Set TMPDIR to a folder you may write to, or name a file with --path.")
    })?;
    let file = args.path.clone().unwrap_or_else(|| private.path().join("demo.db"));
    // Absolute, so that it cannot be taken for the name of a profile.
    let file = std::path::absolute(&file).unwrap_or(file);
    talk::block_on(async { Ok(job::demo::build(&file).await?) })?;
    let target = Target { target: Some(file.into()) };
    let given =
        Given { profile: None, ..given }.with(&args.limits).with(&args.told).with(&args.screen).at(target);
    let mut ground = Ground::find(&given, console)?;
    ground.target.environment = Environment::Development;
    // What is thrown away needs no history.
    ground.remembered = false;
    if args.headless {
        check::on(ground, &args.told, console)
    } else {
        inspect::on(ground, &args.screen, console)
    }
}
