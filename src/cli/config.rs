//! `waif config`: where the configuration comes from, what it amounts to, and whether it makes sense.

use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::output;
use crate::config::{self, Env, Given};
use crate::tui::keymap::Keymap;

/// Show the configuration: where it comes from, what it amounts to, whether it makes sense
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What to show.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum What {
    /// The files looked at, in the order they are laid over each other, the file of your own keys, and the state folder
    Path,
    /// The effective configuration as TOML, each value with where it came from; secrets as stars
    Show,
    /// Read everything and complain about every mistake
    Validate,
}

/// Runs the verb.
pub(crate) fn run(args: &Args, given: &Given, console: &mut Console) -> Result<Exit, Ended> {
    let env = Env::real();
    match args.what {
        What::Path => {
            let paths = config::paths(given, &env)?;
            output::print(None, |out| out.write_all(paths.as_bytes()))?;
        }
        What::Show => {
            let config = config::load(given, &env)?;
            config.notices.iter().for_each(|notice| console.notice(notice));
            let shown = config::show(&config);
            output::print(None, |out| out.write_all(shown.as_bytes()))?;
        }
        What::Validate => {
            let notices = config::validate(given, &env)?;
            Keymap::with(config::keys(&config::load(given, &env)?, &env)?.as_ref())?;
            notices.iter().for_each(|notice| console.notice(notice));
            output::print(None, |out| writeln!(out, "The configuration makes sense."))?;
        }
    }
    Ok(Exit::Clean)
}
