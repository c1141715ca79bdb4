//! `waif show`: a plan file, without a connection.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::output;
use crate::cli::plan::{self, Format};
use crate::job::plan_file;
use crate::model::fault::{Fault, Kind};
use clap::ValueHint;
use std::path::PathBuf;

/// Show a plan file: steps, SQL, locks, rows, undo, and what stands against it
///
/// Connects to nothing. A file that is cut off, changed by hand or of a newer version is refused and says so.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plan, as `waif plan -o` wrote it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Args {
    pub(crate) fn is_machine(&self) -> bool {
        self.format == Format::Json
    }
}

/// Runs the verb.
pub(crate) fn run(args: &Args, console: &Console) -> Result<Exit, Ended> {
    let shown = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).map_err(|error| {
        Fault::new(Kind::Usage, format!("The plan {shown} cannot be read.")).because(error.to_string())
    })?;
    let plan = plan_file::read(&text, &shown)?;
    let paper = console.stdout();
    output::print(None, |out| plan::print(&plan, args.format, &paper, out))?;
    Ok(if plan.is_refused() { Exit::Findings } else { Exit::Clean })
}
