//! What a run changed is brought back: a key asks what waits, the answer opens the confirmation, and what came of it is a
//! page. The restore itself is followed as a run is.

use crate::job::Command;
use crate::model::fault::{Fault, Kind};
use crate::model::restore::Restored;
use crate::model::run::{Ended, News, Run};
use crate::report::{Paper, restores};
use crate::tui::app::App;
use crate::tui::mend::consent::Confirm;
use crate::tui::mend::{history, leaving};
use crate::tui::msg::Effect;
use crate::tui::overlay::page::Page;
use crate::tui::overlay::{Overlay, confirm};
use crate::tui::screen::{Place, run};
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;

/// Asks what of the run in front waits, or says why it cannot be brought back.
pub fn ask(app: &mut App) -> Vec<Effect> {
    let Some(run) = run::restorable(app) else {
        app.say("Select a run first whose rows, values or parents are held: B brings them back.", Role::Warn);
        return Vec::new();
    };
    if let Err(against) = Confirm::restore(app, &run) {
        app.say_long(against, Role::Warn);
        return Vec::new();
    }
    app.say(format!("Looking at what waits of run {}.", run.id), Role::Dim);
    app.mend.history.back = Some(run.id.clone());
    vec![Effect::Submit(Command::Held { run: run.id })]
}

/// Opens the confirmation, unless the person has gone elsewhere meanwhile.
pub fn held(app: &mut App, answer: Result<Run, Fault>) -> Vec<Effect> {
    let Some(asked) = app.mend.history.back.take() else { return Vec::new() };
    if app.place != Place::Run || app.overlay.is_some() {
        return Vec::new();
    }
    match answer {
        Ok(run) if run.id == asked => {
            // Whether a session holds it is what the list of the runs says.
            let session = history::runs(app).iter().find(|known| known.id == run.id);
            let session = session.and_then(|known| known.session.clone());
            app.message = None;
            let wish = Confirm::restore(app, &Run { session, ..run });
            confirm::open(app, wish)
        }
        Ok(_) => Vec::new(),
        Err(fault) => {
            app.overlay = Some(Overlay::Fault(fault));
            Vec::new()
        }
    }
}

/// Rows of a run whose parent is there now.
pub fn healed(run: &Run) -> u64 {
    run.restorable.iter().filter_map(|held| held.healed).sum()
}

/// Takes in what came of it.
pub fn over(app: &mut App, answer: Result<Restored, Fault>) -> Vec<Effect> {
    if !app.mend.going.as_ref().is_some_and(|going| going.restoring && going.goes_on()) {
        return Vec::new();
    }
    let ended = match &answer {
        Ok(restored) if restored.is_whole() => Ended::Finished,
        Ok(restored) => Ended::Paused(match restored.left() {
            0 => "Something stands against it, and stays as it is.".to_owned(),
            left => format!("{} in the stores.", counted(left, "row stays", "rows stay")),
        }),
        Err(fault) if fault.kind == Kind::Interrupted => Ended::Stopped,
        Err(fault) => Ended::Failed(fault.clone()),
    };
    let effects = leaving::heard(app, News::Ended(ended));
    if let (Ok(restored), None) = (answer, &app.overlay) {
        app.overlay = Some(Overlay::Page(page(app, &restored)));
    }
    effects
}

/// What came back and what did not, as a page.
fn page(app: &App, restored: &Restored) -> Page {
    let width = usize::from(app.size.width.saturating_sub(8)).clamp(40, 100);
    let mut text = Vec::new();
    // Memory takes all that is written to it.
    let _ = restores::text(restored, &Paper { color: false, width }, &mut text);
    let text = String::from_utf8_lossy(&text);
    let page = Page::of(format!("Restore of run {}", restored.run), &text);
    Page { file: ("restore", "txt"), ..page }
}

/// How a restore ended, in a line, and in a word for a notice.
pub fn told(ended: &Ended) -> (&'static str, Role, &'static str) {
    match ended {
        Ended::Finished => {
            ("Everything that was asked for is back. What changed is counted again.", Role::Good, "is back")
        }
        Ended::Stopped => (
            "The restore is stopped. What came back stays back; B begins it again.",
            Role::Warn,
            "was stopped on its way back",
        ),
        Ended::Paused(_) => (
            "Something stays where it was, with what stands against it; B begins it again.",
            Role::Warn,
            "is back in part",
        ),
        Ended::Failed(_) => (
            "The restore failed: 6 tells why. What came back stays back; B begins it again.",
            Role::Bad,
            "could not be brought back",
        ),
    }
}
