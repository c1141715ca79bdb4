//! What a message does to the state. Pure: no clock, no input or output, no waiting; whatever is to be done outside comes
//! back as effects.

mod key;
mod mouse;
mod news;

use crate::model::fault::{Fault, Kind};
use crate::tui::app::App;
use crate::tui::mend::{history, leaving, planning};
use crate::tui::msg::{Effect, Msg};
use crate::tui::overlay::{Overlay, confirm, entry, limits, line, page, palette, picker};
use crate::tui::screen;
use crate::tui::screen::relation::ask;
use crate::tui::start::Exit;
use crate::tui::take::{file, paged};
use crate::tui::theme::Role;
use crate::tui::watch;
use ratatui::layout::Size;
use std::time::Duration;

pub use key::{act, leave};

/// Takes a message in.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    app.changed |= !matches!(msg, Msg::Tick(_) | Msg::Frame);
    let mut effects = match msg {
        Msg::Key(event) => {
            app.mend.arms.touch(app.facts.now);
            key::pressed(app, event)
        }
        Msg::Paste(text) => {
            match &mut app.overlay {
                Some(Overlay::Line(line)) => line::pasted(line, &text),
                Some(Overlay::Page(_)) => page::edit(app, |line| line.insert(&text)),
                Some(Overlay::Limits(form)) => limits::pasted(form, &text),
                Some(Overlay::Palette(_)) => palette::pasted(app, &text),
                Some(Overlay::Picker(_)) => picker::pasted(app, &text),
                // A name that is to be typed is not pasted: fingers that know it are the point.
                Some(Overlay::Confirm(_)) => app.say("The name has to be typed.", Role::Warn),
                _ => entry::pasted(app, &text),
            }
            Vec::new()
        }
        Msg::Written(written) => file::written(app, written),
        Msg::Mouse(pointer) => mouse::heard(app, pointer),
        Msg::Resize(width, height) => {
            app.size = Size { width, height };
            screen::refresh(app);
            Vec::new()
        }
        Msg::News(event) => news::heard(app, event),
        Msg::Cataloged(catalog, neighbours) => news::catalogued(app, catalog, neighbours),
        Msg::Checked(check) => news::checked(app, *check),
        Msg::Dialed(number, found) => picker::connect::dialed(app, number, found),
        Msg::DeskGone => gone(app),
        Msg::Tick(now) => tick(app, now),
        Msg::Suspended => {
            // Whoever comes back to the terminal may be somebody else.
            confirm::close(app, "Arming has lapsed: waif was put aside. X opens the confirmation again.");
            leaving::suspended(app)
        }
        Msg::Resumed => vec![Effect::TakeBack],
        Msg::Frame => {
            app.beat = app.facts.now;
            screen::refresh(app);
            Vec::new()
        }
        Msg::HungUp => vec![Effect::Leave(Exit::HungUp)],
        Msg::Terminate => vec![Effect::Leave(Exit::Interrupted)],
    };
    palette::refresh(app);
    effects.extend(ask::advance(app));
    effects.extend(planning::advance(app));
    effects.extend(history::advance(app));
    effects
}

/// Time has passed: messages go, running times move on. Lists catch up with the facts when a frame is drawn, not with
/// every piece of news.
fn tick(app: &mut App, now: Duration) -> Vec<Effect> {
    app.changed |= app.due().is_some_and(|due| due <= now);
    app.facts.now = now;
    if app.message.as_ref().is_some_and(|message| message.until <= now) {
        app.message = None;
    }
    if app.mend.arms.due().is_some_and(|due| due <= now) {
        confirm::close(app, "Arming has lapsed: no key was pressed for 15 minutes.");
    }
    if app.mend.is_running() || app.mend.is_rehearsing() {
        return Vec::new();
    }
    watch::passed(app)
}

/// The desk ended without saying why: a defect, or the runtime is going down.
fn gone(app: &mut App) -> Vec<Effect> {
    confirm::close(app, news::CUT_OFF);
    if app.facts.fault.is_none() {
        let fault = Fault::new(Kind::Lost, "The work behind the screen ended unexpectedly.")
            .hint("Press r to connect again. If it happens again, please report it.");
        app.facts.work = None;
        watch::stop(app, Some(Kind::Lost));
        app.facts.cut_off();
        app.facts.fault = Some(fault.clone());
        news::shown(app, fault);
    }
    let mut effects = paged::broken_off(app, "the connection is gone");
    effects.extend(leaving::lost(app));
    effects
}
