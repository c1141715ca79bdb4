//! The way in: what `cli` hands over, and what it gets back when the person leaves.

use crate::config::Keys;
use crate::model::copy::Copy as Copied;
use crate::model::fault::Fault;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::model::target::Target;
use crate::tui::app::App;
use crate::tui::book::Book;
use crate::tui::signals;
use crate::tui::terminal::{self, Held};
use crate::tui::turn::Turn;
use jiff::Zoned;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// Keys that may wait to be taken in.
const INBOX: usize = 1_024;

/// Everything the inspector needs to open.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where to connect; none lets the person choose.
    pub target: Option<Target>,
    /// What there is to choose from.
    pub book: Book,
    /// What to count, and within which limits. The inspector probes first whatever this says.
    pub scope: Scope,
    /// What to make of the findings.
    pub policy: Policy,
    /// The state folder below which checks are remembered; none remembers nothing.
    pub memory: Option<PathBuf>,
    /// How long watch mode waits after a check.
    pub watch: Duration,
    /// Whether the target may be written to, and by whom.
    pub writes: Writes,
    /// How it should look.
    pub look: Look,
}

/// What a person allowed when starting waif, and what repairs need to know of the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writes {
    /// Whether writes may be armed: by flag or by the target's profile.
    pub allowed: bool,
    /// Who would write: user and host.
    pub holder: String,
    /// Declared copies.
    pub copies: Vec<Copied>,
}

/// How the inspector looks; `config` decides each from flags, file and environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The theme's name: `system`, `dark`, `light`, `mono`, `okabe`. Without colour it is `mono` whatever is asked.
    pub theme: String,
    /// Whether colour is wanted at all (`NO_COLOR`, `--color never`).
    pub color: bool,
    /// Whether to draw with ASCII characters only.
    pub ascii: bool,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether the end of something long rings.
    pub bell: bool,
    /// The user's own keys.
    pub keys: Option<Keys>,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: "system".to_owned(), color: true, ascii: false, mouse: false, bell: true, keys: None }
    }
}

/// How the person left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By choice.
    Quit,
    /// By Ctrl-C or a signal: the process should exit with 130.
    Interrupted,
    /// The terminal closed: the process should exit with 129.
    HungUp,
}

/// Opens the inspector and stays until the person leaves. Needs a running tokio runtime; the terminal is restored on
/// every way out.
///
/// # Errors
/// A usage fault when there is no terminal or no such theme; the connection's fault when the person left with no
/// connection standing.
pub async fn run(start: Start) -> Result<Exit, Fault> {
    let mut app = App::new(&start)?;
    let now = Zoned::now();
    app.opened = now.datetime();
    app.mend.opened = now.timestamp();
    app.mend.zone = now.time_zone().clone();
    let held = Held::take(start.look.mouse)?;
    let (sender, inbox) = mpsc::channel(INBOX);
    terminal::listen(sender.clone());
    signals::listen(&sender);
    Turn::new(app, start, held, (sender, inbox)).run().await
}
