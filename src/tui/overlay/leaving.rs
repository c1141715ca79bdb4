//! The question before waif is left while a run goes on: it is stopped after its batch and only then left, or one stays.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::leaving;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::findings::paragraphs;
use crate::tui::theme::Role;
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use ratatui::layout::Rect;

/// Carries out what a key means.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(Overlay::Leaving(exit)) = app.overlay else { return Vec::new() };
    match action {
        Action::Back => {
            app.overlay = None;
            app.mend.leaving = None;
            Vec::new()
        }
        Action::Accept => {
            app.overlay = None;
            app.mend.leaving = Some(exit);
            let asked = app.mend.going.as_ref().map_or(0, |going| going.stops);
            if asked > 0 {
                app.say_long("Leaving when the run has stopped.", Role::Warn);
                return Vec::new();
            }
            let effects = leaving::stop(app);
            app.say_long("Stopping after this batch, then leaving. Ctrl-C interrupts the batch.", Role::Warn);
            effects
        }
        _ => Vec::new(),
    }
}

/// Draws the question over the screen.
pub fn draw(app: &App, pen: &mut Pen<'_>) {
    let width = app.size.width.saturating_sub(4).min(70);
    let id = app.mend.going.as_ref().and_then(|going| going.id.as_deref()).unwrap_or_default();
    let text = [
        (format!("Run {id} goes on."), Role::Title),
        ("Enter stops it after the batch that runs, then leaves waif.".to_owned(), Role::Text),
        ("What is committed stays, and the journal tells where to go on.".to_owned(), Role::Dim),
        ("Esc stays and lets it run.".to_owned(), Role::Text),
    ];
    let mut lines: Vec<Piece<'static>> = Vec::new();
    for (text, role) in text {
        let text = shown(&text, app.ink.ascii);
        lines.extend(
            wrap(&text, usize::from(width.saturating_sub(4))).into_iter().map(|line| piece(line, role)),
        );
    }
    let screen = Rect { x: 0, y: 0, width: app.size.width, height: app.size.height.saturating_sub(1) };
    let area = middle(screen, width, lines.len() as u16 + 2);
    pen.clear(area);
    let foot = "Enter stops and leaves · Esc stays";
    let place = Pane { title: "Leave while a run goes on?", aside: "", foot, focused: true }.draw(pen, area);
    paragraphs(pen, place, &lines, 0);
}
