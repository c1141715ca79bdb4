//! `waif orphans`: the rows of a relation whose parent is missing, page by page.

use crate::cli::console::Console;
use crate::cli::cursor;
use crate::cli::exit::{Ended, Exit};
use crate::cli::given::{Ground, With};
use crate::cli::talk::{self, Talk};
use crate::cli::{named, output};
use crate::config::Given;
use crate::job::{Command, Event};
use crate::model::catalog::{Catalog, Key, TableKind};
use crate::model::fault::{Fault, Kind};
use crate::model::list::List;
use crate::model::server::EngineKind;
use crate::report::rows::{self, Page};
use clap::{ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// List the rows of a relation whose parent is missing
///
/// Rows come in the order of the child table's own key, a page at a time. `next` of a page, given to --after, begins the
/// next one; no row is skipped or repeated while others write. Exits with 0 whether there are rows or not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database and the relation: [TARGET] RELATION
    ///
    /// The relation by its id, as `waif check` prints it, or as table.constraint_name. The database comes before it, as a
    /// URL, a SQLite file, a profile, or service=NAME; it may be left out when something else names one.
    #[arg(value_names = ["TARGET", "RELATION"], num_args = 1..=2, required = true, value_hint = ValueHint::AnyPath)]
    names: Vec<OsString>,
    /// Go on behind this cursor: `next` of the page before
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Rows on a page
    #[arg(long, value_name = "ROWS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Formats of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    Text,
    /// One document
    Json,
    /// One object a line
    Ndjson,
    /// One table; the cursor is said on standard error
    Csv,
}

impl Args {
    pub(crate) fn is_machine(&self) -> bool {
        self.format != Format::Text
    }
}

/// Runs the verb.
pub(crate) fn run(args: Args, given: Given, console: &mut Console) -> Result<Exit, Ended> {
    let (target, relation) = named::within(args.names, "relation", "check")?;
    output::ready(args.output.as_deref())?;
    let mut ground = Ground::find(&given.at(target), console)?;
    let environment = ground.target.environment;
    let (asked, limit) = (args.after.clone(), args.limit);
    let page = talk::with_desk(&mut ground.target, console, async |talk, _| {
        page(talk, &relation, asked.as_deref(), limit).await
    });
    let ((catalog, id, list), _) = page?;
    let next = list.next.as_deref().map(|key| cursor::pack(&id, key));
    let page =
        Page { server: &catalog.server, environment, relation: &id, list: &list, next: next.as_deref() };
    let file = args.output.as_deref();
    let paper = if file.is_some() { console.file() } else { console.stdout() };
    output::print(file, |out| match args.format {
        Format::Text => rows::text(&page, &paper, out),
        Format::Json => rows::json(&page, out),
        Format::Ndjson => rows::ndjson(&page, out),
        Format::Csv => rows::csv(&page, out),
    })?;
    if (next.is_some() || args.after.is_some()) && by_place(&catalog, &id) {
        console.notice(
            "The rows of the table have no key that lasts: they are listed by their place, and one that is moved between \
             two pages is missed or comes twice.",
        );
    }
    if let (Format::Csv, Some(next)) = (args.format, &next) {
        console.notice(&format!("There are more rows: --after {next}"));
    }
    Ok(Exit::Clean)
}

/// Whether the rows of a relation's child are told apart by nothing but where they lie: SQLite numbers them anew by VACUUM where
/// no column is their number.
fn by_place(catalog: &Catalog, id: &str) -> bool {
    let relation = catalog.relations.iter().find(|relation| relation.id == id);
    let Some(table) = relation.and_then(|relation| catalog.table(relation.child.table?)) else {
        return false;
    };
    let lasts = |key: &Key| {
        let mut columns = key.columns.iter().map(|place| table.columns.get(*place));
        let never_null = columns.all(|column| column.is_some_and(|own| own.never_null && own.readable));
        let sole = || key.columns.first().and_then(|place| table.columns.get(*place));
        let number = || {
            key.columns.len() == 1 && sole().is_some_and(|own| own.type_name.eq_ignore_ascii_case("INTEGER"))
        };
        match catalog.server.engine {
            EngineKind::Postgres => never_null && !key.columns.is_empty(),
            EngineKind::Sqlite => key.primary && number(),
        }
    };
    table.kind != TableKind::WithoutRowid && !table.keys.iter().any(lasts)
}

/// The ticket of the only list.
const TICKET: u64 = 1;

async fn page(
    talk: &mut Talk<'_>,
    typed: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<(Arc<Catalog>, String, List), Ended> {
    let catalog = talk.catalog().await?;
    let relation = named::relation(&catalog, typed)?;
    let id = catalog.relations[relation].id.clone();
    let after = after.map(|cursor| cursor::unpack(&id, cursor)).transpose()?;
    talk.on_interrupt(Command::Forget { ticket: TICKET });
    talk.say(Command::OrphanRows { ticket: TICKET, relation, of: None, after, limit });
    loop {
        match talk.hear().await? {
            Event::OrphanRows { ticket: TICKET, answer: Ok(list) } => return Ok((catalog, id, list)),
            Event::OrphanRows { ticket: TICKET, answer: Err(_) } if talk.interrupted() => {
                return Err(Fault::new(Kind::Interrupted, "Interrupted before the page was read.").into());
            }
            Event::OrphanRows { ticket: TICKET, answer: Err(fault) } | Event::Failed(fault) => {
                return Err(fault.into());
            }
            Event::Closed => return Err(talk::gone()),
            _ => (),
        }
    }
}
