//! Front end one: a verb per file. Arguments pass two stages: what was typed (clap, text as it stands), then what it means
//! (`config` reads the keys that flags stand for and finds the target). Everything that concerns a database goes through
//! the door of `job`. Standard output carries data only; words go to standard error. Called by `main`.

mod args;
mod check;
mod completions;
mod config;
mod console;
mod cursor;
mod demo;
mod exit;
mod given;
mod graph;
mod help;
mod info;
mod inspect;
mod interrupts;
mod limits;
mod man;
mod meter;
mod named;
mod orphans;
mod output;
mod password;
mod plan;
mod progress;
mod repair;
mod restore;
mod resume;
mod run;
mod runs;
mod show;
mod talk;

use crate::tui::crash;
use args::{Typed, Verb};
use clap::Parser;
use console::Console;
use exit::{Ended, Exit};
use given::With;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program on these arguments.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let exit = match Typed::try_parse_from(&args) {
        Ok(typed) => answer(typed),
        Err(error) => help::unparsed(&error, &args),
    };
    ExitCode::from(exit.code())
}

fn answer(typed: Typed) -> Exit {
    exit::guard();
    let mut console = Console::new(&typed.look, typed.machine());
    let done = dispatch(typed, &mut console);
    let exit = ended(done, &mut console);
    if crash::happened() { Exit::Defect } else { exit }
}

fn ended(done: Result<Exit, Ended>, console: &mut Console) -> Exit {
    match done {
        Ok(exit) => {
            console.flush();
            exit
        }
        Err(Ended::Left) => Exit::Interrupted,
        Err(Ended::Fault(fault)) => {
            let exit = Exit::of(&fault);
            console.complain(&fault, exit);
            exit
        }
    }
}

fn dispatch(typed: Typed, console: &mut Console) -> Result<Exit, Ended> {
    let Typed { place, look, limits, screen, verb } = typed;
    let given = given::given(&place, &look);
    match verb {
        None => inspect::run(&given.with(&limits).with(&screen).at(place.target), &screen, console),
        Some(Verb::Demo(args)) => demo::run(&args, given, console),
        Some(Verb::Check(args)) => check::run(args, given, console),
        Some(Verb::Orphans(args)) => orphans::run(*args, given, console),
        Some(Verb::Graph(args)) => graph::run(args, given, console),
        Some(Verb::Plan(args)) => plan::run(args, given, console),
        Some(Verb::Show(args)) => show::run(&args, console),
        Some(Verb::Run(args)) => run::run(args, given, console),
        Some(Verb::Resume(args)) => resume::run(args, given, console),
        Some(Verb::Restore(args)) => restore::run(args, given, console),
        Some(Verb::Runs(args)) => runs::run(args, given, console),
        Some(Verb::Info(args)) => info::run(args, given, console),
        Some(Verb::Config(args)) => config::run(&args, &given, console),
        Some(Verb::Completions(args)) => completions::run(&args),
        Some(Verb::Man(args)) => man::run(&args),
    }
}
