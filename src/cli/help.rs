//! What help and manual say beside flags: exit codes, the environment, examples. One source for both.

use crate::cli::args::Typed;
use crate::cli::console;
use crate::cli::exit::Exit;
use crate::config::key::distance;
use crate::model::fault::{Fault, Kind};
use clap::CommandFactory;
use std::ffi::OsString;

/// Below the short help.
pub(crate) const SHORT: &str =
    "`waif --help` says more: exit codes, environment, examples. `waif VERB --help` has a verb's flags.";

/// A section: a title, and entries with what they mean.
pub(crate) struct Section {
    pub title: &'static str,
    pub entries: &'static [(&'static str, &'static str)],
    /// What is to be added, a sentence or more.
    pub rest: &'static str,
}

/// The sections below the flags.
pub(crate) const SECTIONS: [Section; 3] = [
    Section {
        title: "Exit codes",
        entries: &[
            ("0", "clean: everything was inspected, and no finding reaches --fail-on"),
            (
                "1",
                "findings at or above --fail-on (high unless said otherwise); with --baseline only new or worse ones",
            ),
            ("2", "the command or the configuration makes no sense"),
            ("3", "no connection could be made, or it was lost"),
            ("4", "incomplete: something could not be inspected, or there was nothing to inspect"),
            ("5", "a run was stopped by a guard, or a step failed: what was committed stands in its journal"),
            ("101", "a defect of waif: what a run committed stands in its journal"),
            ("129", "the terminal closed; a run ended its batch first"),
            ("130", "interrupted"),
        ],
        rest: "What is known to be wrong wins over what is not known: a check that found damage exits with 1 even if \
               something was left unchecked, and one that exits with 4 found no such damage in what it saw. Neither is \
               ever 0. What --only, --skip and the limits leave out counts as not checked.",
    },
    Section {
        title: "Environment",
        entries: &[
            ("DATABASE_URL", "the target, when neither TARGET nor --profile names one"),
            ("PGHOST, PGPORT, PGUSER, PGDATABASE, …", "connection parameters, as libpq knows them"),
            ("PGSERVICE, PGSERVICEFILE, PGPASSFILE", "where libpq's own files are, and which service to use"),
            ("WAIF_CONFIG", "a configuration file, as --config"),
            ("WAIF_CHECK_JOBS, WAIF_POLICY_FAIL_ON, …", "any key of the configuration: WAIF_, section, key"),
            ("NO_COLOR", "set to anything: no colour"),
        ],
        rest: "Configuration files, each over those before: /etc/waif/config.toml, the user's config.toml, waif.toml in \
               the current folder, --config. `waif config path` shows them, `waif config show` what they amount to.",
    },
    Section {
        title: "Examples",
        entries: &[
            ("waif demo", "a throwaway database with planted faults, in the inspector"),
            ("waif postgres://reader@db-1/shop", "the inspector on a database"),
            ("waif check shop.db", "count everything, print a report"),
            ("waif check service=shop --format json -o shop.json", "one JSON document into a file"),
            ("waif check shop --baseline last.json", "fail only on what is new or worse"),
            ("waif check --explain half-null-key", "what a rule means, and what to do about it"),
            (
                "waif orphans shop.db 'orders(customer_id)->customers(id)'",
                "the rows themselves, page by page",
            ),
            (
                "waif plan shop --stage 'add-fk:orders(customer_id)->customers(id)' -o plan.json",
                "what it would take, and what stands against it; nothing is written",
            ),
            (
                "waif run shop plan.json --allow-writes --confirm shop",
                "carry a plan out, with a bar; Ctrl-C stops after the batch that runs",
            ),
            ("waif resume shop RUN --allow-writes --confirm shop", "go on where a run was"),
            ("waif restore shop RUN --allow-writes --confirm shop", "bring back what a run took away"),
            ("waif graph shop.db --format dot | dot -Tsvg > shop.svg", "a picture"),
        ],
        rest: "",
    },
];

/// The sections as text below the long help.
pub(crate) fn long() -> String {
    let mut text = String::new();
    for Section { title, entries, rest } in &SECTIONS {
        text.push_str(&format!("{title}:\n"));
        let widest = entries
            .iter()
            .map(|(name, _)| name.chars().count())
            .filter(|name| *name <= 16)
            .max()
            .unwrap_or(0);
        for (name, meaning) in *entries {
            if name.chars().count() <= widest {
                text.push_str(&format!("  {name:widest$}  {meaning}\n"));
            } else {
                text.push_str(&format!("  {name}\n  {:widest$}  {meaning}\n", ""));
            }
        }
        if !rest.is_empty() {
            text.push_str(&format!("\n  {rest}\n"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// The command as clap knows it.
pub(crate) fn command() -> clap::Command {
    Typed::command()
}

/// The verb that a word was probably meant for; none where it is a verb.
pub(crate) fn meant(word: &str) -> Option<String> {
    let names = command().get_subcommands().map(|verb| verb.get_name().to_owned()).collect::<Vec<_>>();
    if names.iter().any(|name| name == word) {
        return None;
    }
    let near =
        names.into_iter().map(|name| (distance(word, &name), name)).filter(|(far, _)| (1..=2).contains(far));
    near.min().map(|(_, name)| name)
}

/// What clap could not make sense of, or help and version, which it takes for errors.
pub(crate) fn unparsed(error: &clap::Error, args: &[OsString]) -> Exit {
    if !error.use_stderr() {
        // Help into a closed pipe is no error.
        let _ = error.print();
        return Exit::Clean;
    }
    let machine = asked_for_machine(args);
    let first = args.get(1).and_then(|word| word.to_str()).unwrap_or_default();
    match meant(first) {
        Some(verb) => {
            let fault = Fault::new(Kind::Usage, format!("waif has no verb {first}."));
            console::complain(&fault.hint(format!("Did you mean `waif {verb}`?")), machine);
        }
        None if machine => console::complain(&as_fault(error), machine),
        None => drop(error.print()),
    }
    Exit::Usage
}

/// clap's message as a fault: its first line, then what it adds, without its advice on usage.
fn as_fault(error: &clap::Error) -> Fault {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let headline = lines.next().unwrap_or("").trim_start_matches("error: ").to_owned();
    let rest: Vec<&str> = lines
        .take_while(|line| !line.starts_with("Usage:"))
        .filter(|line| !line.starts_with("tip:"))
        .collect();
    Fault::new(Kind::Usage, headline).because(rest.join(" ")).hint("See `waif --help`.")
}

/// Whether the arguments ask for a machine's format, as far as that can be seen without understanding them.
fn asked_for_machine(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().filter_map(|word| word.to_str()).collect();
    let machine = |word: &str| ["json", "ndjson", "csv"].contains(&word);
    words.iter().any(|word| word.strip_prefix("--format=").is_some_and(machine))
        || words.windows(2).any(|pair| pair[0] == "--format" && machine(pair[1]))
}
