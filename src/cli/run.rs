//! `waif run`: a plan is carried out.

use crate::cli::args::Target;
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::repair::{self, Allowed};
use crate::config::Given;
use crate::job::Command;
use crate::model::fault::{Fault, Kind};
use std::ffi::OsString;

/// Carry a plan out
///
/// The database is planned for afresh, and nothing is written unless the fresh plan is the one in the file. Every batch
/// stands in the journal (schema waif) in the transaction that does it: whatever happens, waif resume goes on where the
/// run was. Ctrl-C stops after the batch that runs, again interrupts it, a third time leaves at once.
///
/// With --rehearse what can stand in a short transaction is tried and rolled back, a backfill on a sample of its rows. It
/// needs the same consent, for it takes the locks of the steps, for two seconds at most.
///
/// Exits with 0 when every step is done and proved, with 5 when a guard stopped the run or a step failed, with 2 when the
/// plan is stale or refused or writes are not allowed, with 3 when the connection is lost, with 129 when
/// the terminal closed, with 130 when interrupted. Ctrl-Z stands still when no transaction is open.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database and the plan: [TARGET] FILE
    #[arg(value_names = ["TARGET", "FILE"], num_args = 1..=2, required = true, value_hint = clap::ValueHint::AnyPath)]
    names: Vec<OsString>,
    #[command(flatten)]
    allowed: Allowed,
    /// Try the steps in transactions that are rolled back, and tell what they did; nothing is left of it
    #[arg(long, conflicts_with = "measure_overhead")]
    rehearse: bool,
}

/// Runs the verb.
pub(crate) fn run(mut args: Args, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let file = args.names.pop().unwrap_or_default();
    let shown = std::path::Path::new(&file).display().to_string();
    let plan = std::fs::read_to_string(&file).map_err(|error| {
        Fault::new(Kind::Usage, format!("The plan {shown} cannot be read."))
            .because(error.to_string())
            .hint("Make one with waif plan TARGET --stage ACTION -o FILE.")
    })?;
    let ground = Ground::find(&given.at(Target { target: args.names.pop() }), console)?;
    let consent = args.allowed.consent(&ground);
    let copies = ground.config.copies.clone();
    if args.rehearse {
        let shown = format!("The plan {shown}");
        return repair::rehearse(ground, Command::Rehearse { plan, shown, copies, consent }, console);
    }
    repair::carry_out(
        ground,
        Command::Run { plan, shown: format!("The plan {shown}"), copies, consent },
        console,
    )
}
