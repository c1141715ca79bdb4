//! `waif resume`: a run that was broken off goes on.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::limits::Over;
use crate::cli::named;
use crate::cli::repair::{self, Allowed};
use crate::config::Given;
use crate::job::{Command, Consent};
use std::ffi::OsString;

/// Go on with a run that was stopped, paused, failed or broken off
///
/// The journal in the database tells what is done; what is not is planned afresh and carried out. A run that is finished
/// needs nothing. A run that another living session holds is left to it, unless --take-over fences that session off: it can
/// write nothing more. After a failover the run is paused and a person asked: what was committed last may have gone with
/// the server before; --promoted goes on by the journal that is here, which tells what is in the tables here. It goes on
/// under the limits of its plan, unless flags put others over them. Exits as waif run does.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database and the run: [TARGET] RUN; `last` is the one that began last
    #[arg(value_names = ["TARGET", "RUN"], num_args = 1..=2, required = true)]
    names: Vec<OsString>,
    /// Take the run from the session that holds it: that one can write nothing more
    #[arg(long)]
    take_over: bool,
    /// Go on though the server was promoted since the run was planned
    #[arg(long)]
    promoted: bool,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    allowed: Allowed,
}

/// Runs the verb.
pub(crate) fn run(args: Args, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let (target, run) = named::within(args.names, "run", "runs")?;
    let ground = Ground::find(&given.at(target), console)?;
    let consent =
        Consent { take_over: args.take_over, promoted: args.promoted, ..args.allowed.consent(&ground) };
    let limits = args.over.limits()?;
    let copies = ground.config.copies.clone();
    repair::carry_out(ground, Command::Resume { run, limits, copies, consent }, console)
}
