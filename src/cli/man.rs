//! `waif man`: the manual page, printed from the same source as the help.

use crate::cli::exit::{Ended, Exit};
use crate::cli::help::{self, SECTIONS, Section};
use crate::cli::output;
use crate::model::fault::{Fault, Kind};
use crate::tui::keymap::{Keymap, print};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use std::io::{self, Write};

/// Print the manual page of waif, or of one verb
///
/// To read it: waif man | man -l -
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The verb; without it, the page of waif itself
    #[arg(value_name = "VERB")]
    verb: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> Result<Exit, Ended> {
    let mut whole = help::command();
    whole.build();
    let page = match &args.verb {
        None => page(&whole.after_help(None::<&str>).after_long_help(None::<&str>), true),
        Some(verb) => {
            let verbs: Vec<String> = whole.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
            let named = whole.find_subcommand(verb).ok_or_else(|| {
                Fault::new(Kind::Usage, format!("waif has no verb {verb}."))
                    .hint(format!("Its verbs are {}.", verbs.join(", ")))
            })?;
            page(named, false)
        }
    };
    let page = page
        .map_err(|error| Fault::new(Kind::Other, "The page could not be made.").because(error.to_string()))?;
    output::print(None, |out| out.write_all(&page))?;
    Ok(Exit::Clean)
}

fn page(command: &clap::Command, sections: bool) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone()).source(format!("waif {version}")).manual("waif");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if sections {
        man.render_subcommands_section(&mut page)?;
        SECTIONS.iter().try_for_each(|section| render(section, &mut page))?;
        keys(&mut page)?;
    }
    Ok(page)
}

fn render(section: &Section, page: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::default();
    roff.control("SH", [section.title.to_uppercase().as_str()]);
    for (name, meaning) in section.entries {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
    if !section.rest.is_empty() {
        roff.control("PP", []);
        roff.text(vec![Inline::from(section.rest)]);
    }
    roff.to_writer(page)
}

/// The keys of the inspector as shipped, from the table they are looked up in.
fn keys(page: &mut dyn Write) -> io::Result<()> {
    let keymap = Keymap::shipped().map_err(|fault| io::Error::other(fault.headline))?;
    let mut roff = Roff::default();
    roff.control("SH", ["KEYS"]);
    roff.text([roman(
        "In the inspector. keymap.toml beside your config.toml, or the file that ui.keymap names, gives actions other keys.",
    )]);
    for (place, rows) in print::entries(&keymap) {
        roff.control("SS", [place]);
        for (keys, what) in rows {
            roff.control("TP", []);
            roff.text([bold(keys)]);
            roff.text([roman(what)]);
        }
    }
    roff.to_writer(page)
}
