//! `waif graph`: tables and what ties them, drawn.

use crate::cli::args::{Limits, Target};
use crate::cli::console::Console;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::talk::{self, Talk};
use crate::cli::{named, output};
use crate::config::Given;
use crate::job::{Command, Event};
use crate::model::catalog::Catalog;
use crate::model::graph::{Graph, Subgraph};
use crate::model::scope::Scope;
use crate::model::tally::Tally;
use crate::report::graph::{Picture, dot, json, mermaid, svg, text};
use clap::{ValueEnum, ValueHint};
use std::path::PathBuf;
use std::sync::Arc;

/// Draw the graph of tables and references, with orphan counts
///
/// Every reference says how many orphans it has, and whether it is NOT VALID, not enforced or without an index. Exits with
/// 0 when everything drawn was counted or needed no counting, with 4 when something was not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only this table and its neighbourhood
    #[arg(long, value_name = "TABLE")]
    around: Option<String>,
    /// How far the neighbourhood reaches
    #[arg(long, value_name = "N", default_value_t = 1, requires = "around")]
    hops: usize,
    /// Only references with orphans, or that can never be satisfied
    #[arg(long)]
    broken: bool,
    /// Read the catalog only, count nothing
    #[arg(long, conflicts_with = "broken")]
    no_count: bool,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// Formats of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A list for people
    Text,
    /// For Graphviz: `… --format dot | dot -Tsvg`
    Dot,
    /// A flowchart for Markdown viewers
    Mermaid,
    /// A drawing, of at most 60 tables
    Svg,
    /// One document
    Json,
}

impl Args {
    pub(crate) fn is_machine(&self) -> bool {
        self.format == Format::Json
    }
}

/// What is to be drawn.
struct Drawn {
    catalog: Arc<Catalog>,
    graph: Graph,
    part: Subgraph,
    tallies: Vec<Tally>,
}

/// Runs the verb.
pub(crate) fn run(args: Box<Args>, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let given = given.with(&args.limits);
    let target = Target { target: args.target.target.clone() };
    output::ready(args.output.as_deref())?;
    let mut ground = Ground::find(&given.at(target), console)?;
    let (scope, environment) = (ground.scope(), ground.target.environment);
    let drawn = talk::with_desk(&mut ground.target, console, async |talk, _| {
        let drawn = draw(talk, &args, scope).await?;
        Ok((drawn, talk.interrupted()))
    });
    let ((drawn, interrupted), fault) = drawn?;
    let Drawn { catalog, graph, part, tallies } = &drawn;
    let shown = if args.broken {
        let broken = graph.broken(tallies);
        graph.only(part, |relation| broken.relations.contains(&relation))
    } else {
        part.clone()
    };
    let open =
        part.relations.iter().filter(|place| !tallies.get(**place).is_some_and(Tally::settled)).count();
    if args.broken && open > 0 {
        console.notice(&format!(
            "{open} of {} relations were not checked and are not drawn.",
            part.relations.len()
        ));
    }
    let picture = Picture::new(catalog, tallies, graph, &shown);
    let file = args.output.as_deref();
    let paper = if file.is_some() { console.file() } else { console.stdout() };
    output::print(file, |out| match args.format {
        Format::Text => text(&picture, &paper, out),
        Format::Dot => dot(&picture, out),
        Format::Mermaid => mermaid(&picture, out),
        Format::Svg => svg(&picture, out),
        Format::Json => json(&picture, environment, out),
    })?;
    match fault {
        _ if interrupted => Ok(Exit::Interrupted),
        Some(fault) => Err(fault.into()),
        None if catalog.tables.is_empty() || !catalog.gaps.is_empty() => Ok(Exit::Incomplete),
        None if !args.no_count && open > 0 => Ok(Exit::Incomplete),
        None => Ok(Exit::Clean),
    }
}

/// Reads the catalog, chooses the part, and counts its relations unless told not to.
async fn draw(talk: &mut Talk<'_>, args: &Args, scope: Scope) -> Result<Drawn, Ended> {
    let catalog = talk.catalog().await?;
    let graph = Graph::of(&catalog);
    let part = match &args.around {
        Some(table) => graph.around(named::table(&catalog, table)?, args.hops),
        None => graph.whole(),
    };
    let mut drawn = Drawn { catalog, graph, part, tallies: Vec::new() };
    if args.no_count || drawn.part.relations.is_empty() {
        return Ok(drawn);
    }
    talk.say(Command::Recount { relations: drawn.part.relations.clone(), scope });
    loop {
        match talk.hear().await? {
            Event::Checked(check) => {
                drawn.tallies.clone_from(&check.tallies);
                return Ok(drawn);
            }
            Event::Failed(fault) => return Err(fault.into()),
            Event::Closed => return Err(talk::gone()),
            _ => (),
        }
    }
}
