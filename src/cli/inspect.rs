//! No verb: the inspector.

use crate::cli::args::Screen;
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{self, Ground};
use crate::cli::{help, talk};
use crate::config::{self, Config, Env, Given, Resolved};
use crate::model::fault::{Fault, Kind};
use crate::model::target::Target;
use crate::tui::book::Dial;
use crate::tui::keymap::Keymap;
use crate::tui::start::{self, Look, Start, Writes};
use std::io::{self, IsTerminal};
use std::path::PathBuf;

/// Child tables above this are left until somebody asks: a look around should not read for minutes unasked.
const HUGE: u64 = 50_000_000;

/// Opens the inspector; without a target, with the connections to choose from.
pub(crate) fn run(given: &Given, screen: &Screen, console: &mut Console) -> Result<Exit, Ended> {
    if !somebody_is_there() {
        let ground = Ground::find(given, console).map_err(|fault| meant(fault, given))?;
        return on(ground, screen, console);
    }
    let (config, env, resolved) = given::look(given, console).map_err(|fault| meant(fault, given))?;
    let memory = given::memory(&config, &env, console);
    match resolved {
        Resolved::Target(target) => open(config, env, Some(*target), memory, Vec::new(), screen, console),
        Resolved::NothingGiven { tried } => open(config, env, None, memory, tried, screen, console),
    }
}

/// Opens the inspector on what was found.
pub(crate) fn on(ground: Ground, screen: &Screen, console: &mut Console) -> Result<Exit, Ended> {
    if !somebody_is_there() {
        return Err(Fault::new(Kind::Usage, "The inspector needs a terminal.")
            .hint("Without one, use `waif check TARGET`; `waif check --help` lists its formats.")
            .into());
    }
    let memory = ground.memory(console);
    open(ground.config, Env::real(), Some(ground.target), memory, Vec::new(), screen, console)
}

fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

fn open(
    config: Config,
    env: Env,
    target: Option<Target>,
    memory: Option<PathBuf>,
    tried: Vec<String>,
    screen: &Screen,
    console: &Console,
) -> Result<Exit, Ended> {
    let keys = config::keys(&config, &env)?;
    // Wrong keys are told before anything is connected.
    Keymap::with(keys.as_ref())?;
    let ui = config.ui;
    let policy = config.policy.clone();
    let huge = (!screen.full).then_some(HUGE);
    let mut scope = config.scope(target.as_ref().and_then(|target| target.profile.as_deref()));
    scope.max_rows = scope.max_rows.or(huge);
    let profile = target.as_ref().and_then(|target| target.profile.as_deref());
    let writes = Writes {
        allowed: screen.allow_writes || config.allows_writes(profile),
        holder: env.person(),
        copies: config.copies.clone(),
    };
    let opening = Start {
        target,
        book: Dial { config, env, huge }.book(tried),
        writes,
        scope,
        policy,
        memory,
        watch: ui.watch,
        look: Look {
            theme: ui.theme.word().to_owned(),
            color: console.color(),
            ascii: ui.ascii,
            mouse: ui.mouse,
            bell: ui.bell,
            keys,
        },
    };
    let exit = talk::block_on(async { Ok(start::run(opening).await?) })?;
    Ok(match exit {
        start::Exit::Quit => Exit::Clean,
        start::Exit::Interrupted => Exit::Interrupted,
        start::Exit::HungUp => Exit::HungUp,
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
