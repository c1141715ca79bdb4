//! `waif plan`: what staged actions would do, step by step, without doing any of it.

use crate::cli::args::Target;
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::limits::{Bearing, capped_time, milliseconds, window_end};
use crate::cli::output;
use crate::cli::talk::{self, Talk};
use crate::config::Given;
use crate::job::{Command, Event, Request, plan_file};
use crate::model::action::Action;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::limits::Cap;
use crate::model::plan::{Parameters, Plan};
use crate::report::Paper;
use crate::report::plan::{markdown, text};
use clap::{ValueEnum, ValueHint};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Make a plan: what staged actions would do, step by step, with locks, rows, undo and every reason against it
///
/// An action is written VERB:SUBJECT, with options behind a question mark: backfill:TABLE.COLUMN, adopt:RELATION,
/// nullify:RELATION, quarantine:RELATION, delete:RELATION, index:RELATION, add-fk:RELATION, validate:RELATION,
/// replace-fk:RELATION, drop-fk:RELATION. RELATION is its id, table(col,…)->table(col,…), or table.constraint_name.
/// Nothing is written to the database.
///
/// Options are joined with &, as in add-fk:orders(customer_id)->customers(id)?on_delete=restrict&name=orders_customer.
/// add-fk takes name, on_delete, on_update, match, deferrable, initially; replace-fk takes all of these but name; index
/// takes name and partial=true, which leaves out rows whose first column is NULL; nullify takes columns=a,b; whatever
/// changes rows takes triggers=fire, without which a trigger that would fire stands against it.
///
/// Exits with 0 when the plan could be run, with 1 when something stands against it: the plan is made and shown all the
/// same, with all the reasons.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// What is to be done; may be repeated
    #[arg(long, value_name = "ACTION", required = true)]
    stage: Vec<String>,
    /// Write the plan to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Refuse a plan that would write more rows than this
    #[arg(long, value_name = "ROWS")]
    max_rows: Option<u64>,
    /// The time one statement may wait for a lock: 500ms, 2s
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    lock_timeout: Option<u64>,
    /// How often a lock is tried for before the run pauses
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    lock_tries: Option<u32>,
    /// The time one batch should take: 100ms
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    batch_time: Option<u64>,
    /// Rows of the first batches, until it is known how long one takes [default: 2000]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    first_batch: Option<u64>,
    /// Rows no batch has more than [default: 50000]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    largest_batch: Option<u64>,
    /// The lag of a replica above which the run waits: 10s, or none
    #[arg(long, value_name = "TIME", value_parser = capped_time)]
    max_lag: Option<Cap<u64>>,
    #[command(flatten)]
    bearing: Bearing,
    /// The time by which the run must have stopped: 2026-01-31T04:00Z, or 04:00 of this or the next day here
    #[arg(long, value_name = "TIME")]
    window_end: Option<String>,
}

/// Formats of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// The plan file; its schema is assets/schema/plan.schema.json
    Json,
    /// For tickets
    Markdown,
}

impl Args {
    pub(crate) fn is_machine(&self) -> bool {
        self.format == Format::Json
    }

    fn parameters(&self) -> Result<Parameters, Fault> {
        let default = Parameters::default();
        let largest_batch = self
            .largest_batch
            .unwrap_or_else(|| default.largest_batch.max(self.first_batch.unwrap_or_default()));
        let first_batch = self.first_batch.unwrap_or_else(|| default.first_batch.min(largest_batch));
        if first_batch > largest_batch {
            let sentence = "The first batches cannot have more rows than the largest.";
            return Err(Fault::new(Kind::Usage, sentence)
                .hint("Give --largest-batch at least as many as --first-batch."));
        }
        Ok(Parameters {
            first_batch,
            largest_batch,
            lock_timeout: self.lock_timeout.unwrap_or(default.lock_timeout),
            lock_tries: self.lock_tries.unwrap_or(default.lock_tries),
            batch_time: self.batch_time.unwrap_or(default.batch_time),
            max_rows: self.max_rows,
            window_end: self.window_end.as_deref().map(window_end).transpose()?.map(|end| end.to_string()),
            max_lag: self.max_lag.map_or(default.max_lag, Cap::at),
            max_active: self.bearing.max_active.map_or(default.max_active, Cap::at),
            max_backlog: self.bearing.max_backlog.map_or(default.max_backlog, Cap::at),
            max_wal: self.bearing.max_wal.map_or(default.max_wal, Cap::at),
            max_growth: self.bearing.max_growth.map_or(default.max_growth, Cap::at),
        })
    }
}

/// Runs the verb.
pub(crate) fn run(args: Box<Args>, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let request = request(&args)?;
    output::ready(args.output.as_deref())?;
    let target = Target { target: args.target.target.clone() };
    let mut ground = Ground::find(&given.at(target), console)?;
    let request = Request { copies: ground.config.copies.clone(), ..request };
    let planned = talk::with_desk(&mut ground.target, console, async |talk, _| planned(talk, request).await);
    let (plan, _) = planned?;
    if let Some(file) = &args.output {
        let json = plan_file::write(&plan)?;
        output::print(Some(file), |out| out.write_all(json.as_bytes()))?;
    }
    let paper = console.stdout();
    output::print(None, |out| print(&plan, args.format, &paper, out))?;
    Ok(if plan.is_refused() { Exit::Findings } else { Exit::Clean })
}

/// Prints a plan.
pub(crate) fn print(plan: &Plan, format: Format, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text(plan, paper, out),
        Format::Markdown => markdown(plan, out),
        Format::Json => {
            let json = plan_file::write(plan).map_err(|fault| io::Error::other(fault.to_string()))?;
            out.write_all(json.as_bytes())
        }
    }
}

fn request(args: &Args) -> Result<Request, Fault> {
    let read = |text: &String| {
        text.parse::<Action>().map_err(|error| {
            Fault::new(Kind::Usage, format!("{error}."))
                .hint("`waif plan --help` tells how actions are written.")
        })
    };
    let actions = args.stage.iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
    Ok(Request { actions, copies: Vec::new(), parameters: args.parameters()? })
}

async fn planned(talk: &mut Talk<'_>, request: Request) -> Result<Arc<Plan>, Ended> {
    talk.say(Command::Plan(request));
    loop {
        match talk.hear().await? {
            Event::Planned(planned) => return Ok(planned?),
            Event::Failed(fault) => return Err(fault.into()),
            Event::Closed => return Err(talk::gone()),
            _ => (),
        }
    }
}
