//! `waif check`: everything counted, one report, an exit code.

use crate::cli::args::{Limits, Target};
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Flags, Ground, With};
use crate::cli::output;
use crate::cli::talk::{self, Talk};
use crate::config::Given;
use crate::job::{self, Command, Event};
use crate::model::check::Check;
use crate::model::fault::{Fault, Kind};
use crate::model::finding::Severity;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::model::server::Server;
use crate::report::check::{Account, Baseline, csv, json, markdown, ndjson, text};
use clap::{ValueEnum, ValueHint};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Count every reference and report what holds, what does not, and what nobody knows
///
/// Reads the catalog, counts the orphans of every reference by the engine's own rules, and prints verdicts and findings.
/// Constraints the catalog calls valid are counted too. What could not be counted is reported as not checked, with the
/// reason, and never as clean.
///
/// Exits with 0 when everything was inspected and no finding reaches --fail-on, with 1 when one does (with --baseline:
/// when one is new or worse), with 4 when none does but something was left unchecked, with 3 when there is no connection.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub told: Told,
    /// Print what a rule means, why it matters and what to do, and connect to nothing
    #[arg(long, value_name = "RULE", conflicts_with = "target")]
    pub explain: Option<String>,
    #[command(flatten)]
    pub limits: Limits,
}

/// How a check is told, and when it fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Told {
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Exit with 1 at findings of this severity or worse: critical, high, medium, low, info, never
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<String>,
    /// Let only findings fail that are new or worse than in this JSON of an earlier check
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
}

/// Formats of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A report for people
    Text,
    /// One document; its schema is assets/schema/check.schema.json
    Json,
    /// One object a line
    Ndjson,
    /// One table
    Csv,
    /// A report for tickets
    Markdown,
}

impl Format {
    pub(crate) fn is_machine(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson | Self::Csv)
    }
}

impl Flags for Told {
    fn flags(&self) -> Vec<(&'static str, String)> {
        self.fail_on.iter().map(|least| ("policy.fail_on", least.clone())).collect()
    }
}

/// Runs the verb.
pub(crate) fn run(args: Box<Args>, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    if let Some(rule) = &args.explain {
        return explain(rule);
    }
    let given = given.with(&args.limits).with(&args.told).at(args.target);
    on(Ground::find(&given, console)?, &args.told, console)
}

/// Checks what was found, and tells it.
pub(crate) fn on(mut ground: Ground, told: &Told, console: &mut Console) -> Result<Exit, Ended> {
    output::ready(told.output.as_deref())?;
    let baseline = told.baseline.as_deref().map(read_baseline).transpose()?;
    let (scope, policy) = (ground.scope(), ground.config.policy.clone());
    let fail_on = policy.fail_on;
    let memory = ground.memory(console);
    let work = async |talk: &mut Talk<'_>, _: &Server| count(talk, scope, policy).await;
    let counted = talk::remembering(&mut ground.target, memory, console, work);
    let ((check, interrupted), fault) = counted?;
    let account = Account { check: &check, baseline: baseline.as_ref() };
    if let Some(elsewhere) =
        baseline.as_ref().filter(|one| one.database != check.catalog.server.database.raw())
    {
        console.notice(&format!("The baseline was made on another database, {}.", elsewhere.database));
    }
    tell(&account, told, console)?;
    match fault {
        Some(fault) if !interrupted => Err(fault.into()),
        _ if interrupted => Ok(Exit::Interrupted),
        _ => Ok(verdict(&account, fail_on)),
    }
}

/// What is known to be wrong wins over what is not known; neither is ever clean.
fn verdict(account: &Account<'_>, fail_on: Option<Severity>) -> Exit {
    if account.check.findings.iter().any(|finding| account.fails(finding, fail_on)) {
        Exit::Findings
    } else if account.check.complete() {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}

/// Counts everything in scope; also whether somebody interrupted.
async fn count(talk: &mut Talk<'_>, scope: Scope, policy: Policy) -> Result<(Arc<Check>, bool), Ended> {
    talk.say(Command::Check { scope, policy });
    loop {
        match talk.hear().await? {
            Event::Checked(check) => return Ok((check, talk.interrupted())),
            Event::Failed(fault) => return Err(fault.into()),
            Event::Closed => return Err(talk::gone()),
            _ => (),
        }
    }
}

fn tell(account: &Account<'_>, told: &Told, console: &Console) -> Result<(), Ended> {
    let file = told.output.as_deref();
    let paper = if file.is_some() { console.file() } else { console.stdout() };
    output::print(file, |out| match told.format {
        Format::Text => text(account, &paper, out),
        Format::Json => json(account, out),
        Format::Ndjson => ndjson(account, out),
        Format::Csv => csv(account, out),
        Format::Markdown => markdown(account, out),
    })
}

fn read_baseline(path: &Path) -> Result<Baseline, Fault> {
    let shown = path.display().to_string();
    let json = std::fs::read_to_string(path).map_err(|error| {
        Fault::new(Kind::Usage, format!("The baseline {shown} cannot be read."))
            .because(error.to_string())
            .hint("Make one with `waif check … --format json -o FILE`.")
    })?;
    Baseline::parse(&json, &shown)
}

/// Prints the page of a rule.
fn explain(name: &str) -> Result<Exit, Ended> {
    let Some(rule) = job::RULES.iter().find(|rule| rule.name == name) else {
        let names: Vec<&str> = job::RULES.iter().map(|rule| rule.name).collect();
        let fault = Fault::new(Kind::Usage, format!("No rule is called {name}."));
        return Err(fault.hint(format!("The rules are {}.", names.join(", "))).into());
    };
    output::print(None, |out| writeln!(out, "{}", rule.page.trim_end()))?;
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tally::{Tally, Why};
    use crate::report::tests::{check, clean};

    fn verdict_of(check: &Check, fail_on: Option<Severity>) -> u8 {
        verdict(&Account { check, baseline: None }, fail_on).code()
    }

    #[test]
    fn damage_wins_over_what_is_not_known_and_neither_is_clean() {
        let mut check = check();
        assert_eq!(verdict_of(&check, Some(Severity::High)), 1);
        check.findings.retain(|finding| finding.rule == "not-checked");
        assert_eq!(verdict_of(&check, Some(Severity::Info)), 4, "not-checked itself is no damage");
        assert_eq!(verdict_of(&check, None), 4);
        assert_eq!(verdict_of(&clean(), Some(Severity::Info)), 0);
    }

    #[test]
    fn a_check_is_clean_only_when_every_relation_was_counted() {
        let mut check = clean();
        check.tallies = vec![Tally::not_checked(Why::Cancelled)];
        assert_eq!(verdict_of(&check, None), 4);
        let mut check = clean();
        check.tallies = vec![Tally::met_one(0.1)];
        assert_eq!(verdict_of(&check, None), 4);
    }
}
