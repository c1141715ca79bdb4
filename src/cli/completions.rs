//! `waif completions`: what a shell needs to complete waif's arguments.

use crate::cli::exit::{Ended, Exit};
use crate::cli::{help, output};
use clap_complete::Shell;

/// Print completions for a shell
///
/// For bash: waif completions bash > ~/.local/share/bash-completion/completions/waif
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> Result<Exit, Ended> {
    // clap_complete gives up when its writer does, so it writes to memory, and only then to the outside.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(), "waif", &mut script);
    output::print(None, |out| out.write_all(&script))?;
    Ok(Exit::Clean)
}
