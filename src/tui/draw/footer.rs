//! The last line: the keys of the pane that has them, from the table of keys, as many as fit, help last.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::written;
use crate::tui::overlay::{Overlay, confirm};
use crate::tui::screen::relation::Focus;
use crate::tui::screen::{self, Place, run};
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, piece};
use ratatui::layout::Rect;

/// Draws the hints.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let contexts = app.contexts();
    let help = app.keymap.key_of(&contexts, Action::Help).map(|key| format!("{key} help"));
    let mut room = area.width.saturating_sub(1);
    if let Some(help) = &help {
        room = room.saturating_sub(
            pen.text_right(area.right().saturating_sub(1), area.y, room, help, Role::Key) + 2,
        );
    }
    let mut x = area.x + 1;
    let rows = contexts.iter().flat_map(|context| app.keymap.rows(*context));
    for row in rows.filter(|row| row.run != Action::Help && applies(app, row.run)) {
        let (Some(hint), Some(key)) = (&row.hint, row.on.first()) else { continue };
        let (key, hint) = (written(key), format!(" {}", hint_of(app, row.run, hint)));
        let wide = (pen.width(&key) + pen.width(&hint)) as u16;
        if x + wide > area.x + room {
            continue;
        }
        x += pen.line(x, area.y, wide, &[piece(key, Role::Key), piece(hint, Role::Dim)]) + 2;
    }
}

/// Whether a key does anything here now.
pub fn applies(app: &App, action: Action) -> bool {
    if let Some(Overlay::Picker(picker)) = &app.overlay {
        return picker.applies(action, app.called.is_some());
    }
    if app.place == Place::Graph && !screen::graph::applies(app, action) {
        return false;
    }
    match action {
        Action::Open if app.overlay.is_none() && app.entry.is_none() => screen::has_choice(app),
        Action::Restore => !app.mend.is_running() && run::restorable(app).is_some(),
        Action::NextPane if matches!(app.overlay, Some(Overlay::Confirm(_))) => confirm::can_turn(app),
        Action::Filter => screen::can_filter(app),
        Action::Stage | Action::NextPane if app.place == Place::Plan => !app.mend.staged.is_empty(),
        Action::NextPane => screen::has_panes(app),
        Action::Recount => app.facts.work.is_none() && screen::subject(app).is_some(),
        Action::Rescan => app.facts.work.is_none() && !app.mend.is_running(),
        Action::Stage => app.place != Place::Log && app.place != Place::Run,
        Action::Rehearse | Action::Execute | Action::MoveUp | Action::MoveDown | Action::PlanAgain
            if app.place == Place::Plan =>
        {
            !app.mend.staged.is_empty()
        }
        Action::Limits if app.place == Place::Plan => !app.mend.staged.is_empty(),
        Action::Pause | Action::StopRun => app.mend.is_running(),
        Action::More | Action::Less if app.place == Place::Run => app.mend.is_running(),
        Action::Execute => !app.mend.is_running() && run::resumable(app).is_some(),
        Action::Write if matches!(app.overlay, Some(Overlay::Fixes(_))) => false,
        Action::Left | Action::Right if app.place == Place::Relation => {
            app.screens.relation.as_ref().is_some_and(|state| state.focus == Focus::Children)
        }
        _ => true,
    }
}

fn hint_of<'a>(app: &App, action: Action, hint: &'a str) -> &'a str {
    match action {
        Action::Close if matches!(app.overlay, Some(Overlay::Picker(_))) => {
            if app.called.is_some() {
                hint
            } else {
                "quit"
            }
        }
        Action::Close if app.place == Place::Overview && app.trail.is_empty() => "quit",
        Action::Filter if app.place == Place::Graph => screen::graph::filter(app).map_or("find", |_| hint),
        Action::Open if app.place == Place::Graph => screen::graph::open_hint(app).unwrap_or(hint),
        Action::Stage if app.place == Place::Plan => "drop",
        Action::Pause if app.mend.going.as_ref().is_some_and(|going| going.paused) => "go on",
        _ => hint,
    }
}
