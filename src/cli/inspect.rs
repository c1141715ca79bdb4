//! No verb: the inspector.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::Ground;
use crate::cli::{help, talk};
use crate::config::Given;
use crate::model::fault::{Fault, Kind};
use crate::model::server::EngineKind;
use crate::tui::start::{self, Look, Start};
use std::io::{self, IsTerminal};

/// Child tables above this are left until somebody asks: a look around should not read for minutes unasked.
const HUGE: u64 = 50_000_000;

/// Opens the inspector.
pub(crate) fn run(given: &Given, full: bool, console: &mut Console) -> Result<Exit, Ended> {
    let ground = Ground::find(given, console).map_err(|fault| meant(fault, given))?;
    on(ground, full, console)
}

/// Opens the inspector on what was found.
pub(crate) fn on(mut ground: Ground, full: bool, console: &mut Console) -> Result<Exit, Ended> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Fault::new(Kind::Usage, "The inspector needs a terminal.")
            .hint("Without one, use `waif check TARGET`; `waif check --help` lists its formats.")
            .into());
    }
    if ground.target.engine == EngineKind::Postgres && ground.target.password.is_none() {
        // A password is asked for before the screen is taken; where none is needed this is one more handshake.
        talk::with_desk(&mut ground.target, console, async |_, _| Ok(()))?;
    }
    let mut scope = ground.scope();
    if !full {
        scope.max_rows.get_or_insert(HUGE);
    }
    let ui = ground.config.ui;
    let opening = Start {
        target: ground.target,
        scope,
        policy: ground.config.policy,
        look: Look {
            theme: ui.theme.word().to_owned(),
            color: console.color(),
            ascii: ui.ascii,
            mouse: ui.mouse,
        },
    };
    let exit = talk::block_on(async { Ok(start::run(opening).await?) })?;
    Ok(match exit {
        start::Exit::Quit => Exit::Clean,
        start::Exit::Interrupted => Exit::Interrupted,
    })
}

/// A target that is none may be a verb that was misspelt.
fn meant(fault: Fault, given: &Given) -> Fault {
    let typed = given.target.as_ref().and_then(|target| target.to_str()).unwrap_or_default();
    match help::meant(typed) {
        Some(verb) => fault.hint(format!("Did you mean `waif {verb}`?")),
        None => fault,
    }
}
