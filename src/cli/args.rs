//! What can be typed: the verbs and the flags they share. Values that stand for a key of the configuration stay text here;
//! `config` reads them, so that a flag, a variable and a file take the same words and complain in the same way.

use crate::cli::{
    check, completions, config, demo, graph, help, info, man, orphans, plan, restore, resume, run, runs, show,
};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// Inspects referential integrity: which references of a database hold, which do not, and which nobody knows.
///
/// waif connects to a database, reads its catalog, counts the orphans of every reference by the engine's own rules, and
/// says of each relation whether it holds: clean, so many orphans, not checked and why, or broken and why. Without a verb
/// it opens the inspector in the terminal. Until a run is armed it only reads, and needs no more than the right to.
#[derive(Debug, Parser)]
#[command(
    name = "waif",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = help::SHORT,
    after_long_help = help::long()
)]
pub(crate) struct Typed {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub look: Look,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub screen: Screen,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

impl Typed {
    /// Whether the output is meant for a machine; then errors are, too.
    pub(crate) fn machine(&self) -> bool {
        match &self.verb {
            Some(Verb::Check(args)) => args.told.format.is_machine(),
            Some(Verb::Demo(args)) => args.told.format.is_machine(),
            Some(Verb::Orphans(args)) => args.is_machine(),
            Some(Verb::Graph(args)) => args.is_machine(),
            Some(Verb::Plan(args)) => args.is_machine(),
            Some(Verb::Show(args)) => args.is_machine(),
            Some(Verb::Runs(args)) => args.is_machine(),
            Some(Verb::Restore(args)) => args.is_machine(),
            Some(Verb::Info(args)) => args.is_machine(),
            _ => false,
        }
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(Box<check::Args>),
    Orphans(Box<orphans::Args>),
    Graph(Box<graph::Args>),
    Plan(Box<plan::Args>),
    Show(show::Args),
    Run(run::Args),
    Resume(resume::Args),
    Restore(restore::Args),
    Runs(runs::Args),
    Info(info::Args),
    Demo(Box<demo::Args>),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Where to look for a target when none is named, and where for the configuration.
#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub target: Target,
    /// Use this profile of the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read this configuration file as well, over the others
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// The database.
#[derive(Debug, Default, Args)]
pub(crate) struct Target {
    /// The database: a URL, a SQLite file, a profile, or service=NAME
    ///
    /// A URL (postgres://…, sqlite:…), the path of a SQLite file, the name of a profile, or service=NAME of
    /// pg_service.conf. Without it: --profile, DATABASE_URL, the PG* variables, then the only or default profile.
    #[arg(value_name = "TARGET", value_hint = ValueHint::AnyPath)]
    pub target: Option<OsString>,
}

/// How words and data look.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// When to colour: auto, always, never
    ///
    /// auto colours a terminal unless NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", value_parser = PossibleValuesParser::new(["auto", "always", "never"]), hide_possible_values = true)]
    pub color: Option<String>,
    /// Say nothing but errors: no progress, no notices
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// How the inspector looks.
#[derive(Debug, Args)]
pub(crate) struct Screen {
    /// The inspector's colours: system, dark, light, mono, okabe
    #[arg(long, value_name = "NAME", help_heading = "Inspector")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only: auto, always, never
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "always",
          help_heading = "Inspector")]
    pub ascii: Option<String>,
    /// Count huge tables at once, too
    ///
    /// Otherwise the inspector leaves child tables of more than about 50 million rows until r asks for them; they are
    /// shown as not checked. --max-rows and check.max_rows set another limit.
    #[arg(long, help_heading = "Inspector")]
    pub full: bool,
    /// Allow writes: the screens Plan and Run can then change the database, after a confirmation
    ///
    /// Without it, or writes = true in the profile, plans can be made and read, and nothing can be written.
    #[arg(long, help_heading = "Inspector")]
    pub allow_writes: bool,
    /// Listen to the mouse
    #[arg(long, help_heading = "Inspector")]
    pub mouse: bool,
}

/// What to count, and what counting may cost. What these cut off is reported as not checked, never dropped.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What to count, and what it may cost")]
pub(crate) struct Limits {
    /// Only tables or relations that match this pattern (* and ?); may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub only: Vec<String>,
    /// Leave out tables or relations that match this pattern; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub skip: Vec<String>,
    /// The time all counting may take: 30s, 5min
    #[arg(long, value_name = "TIME")]
    pub time_limit: Option<String>,
    /// The time one statement may take, kept by the server
    #[arg(long, value_name = "TIME")]
    pub statement_timeout: Option<String>,
    /// The time one statement may wait for a lock
    #[arg(long, value_name = "TIME")]
    pub lock_timeout: Option<String>,
    /// Do not count child tables with more rows than this
    #[arg(long, value_name = "ROWS")]
    pub max_rows: Option<String>,
    /// Connections that count at the same time
    #[arg(long, value_name = "N")]
    pub jobs: Option<String>,
    /// Which moment the counts see: one for all, or per-relation
    ///
    /// one: all counts see the same moment; on PostgreSQL that holds back vacuum while it lasts. per-relation: each
    /// relation is counted at a moment of its own.
    #[arg(long, value_name = "MOMENT")]
    pub snapshot: Option<String>,
    /// Count everything again by another access path, to find damaged indexes
    #[arg(long)]
    pub verify: bool,
}
