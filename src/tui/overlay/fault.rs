//! A fault over the screen: what happened, what the server said, what to do about it.

use crate::model::fault::Fault;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::leaving;
use crate::tui::msg::Effect;
use crate::tui::overlay::picker;
use crate::tui::screen::findings::paragraphs;
use crate::tui::start::Exit;
use crate::tui::theme::Role;
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use ratatui::layout::Rect;

/// Carries out what a key means on a fault.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Reconnect => {
            app.overlay = None;
            app.reopen()
        }
        Action::Connections => {
            picker::open(app);
            Vec::new()
        }
        Action::Back => {
            app.overlay = None;
            Vec::new()
        }
        Action::Copy => {
            let text = app.facts.fault.as_ref().map(written).unwrap_or_default();
            app.say("Copied the message to the terminal's clipboard.", Role::Dim);
            vec![Effect::Copy(text)]
        }
        Action::Leave => leaving::leave(app, Exit::Quit),
        _ => Vec::new(),
    }
}

fn written(fault: &Fault) -> String {
    let hint = fault.hint.iter().cloned();
    let lines: Vec<String> =
        std::iter::once(fault.headline.clone()).chain(fault.causes.clone()).chain(hint).collect();
    lines.join("\n") + "\n"
}

/// Draws a fault over the screen.
pub fn draw(app: &App, fault: &Fault, pen: &mut Pen<'_>) {
    let width = app.size.width.saturating_sub(4).min(76);
    let lines = lines(fault, usize::from(width.saturating_sub(4)), app.ink.ascii);
    let screen = Rect { x: 0, y: 0, width: app.size.width, height: app.size.height.saturating_sub(1) };
    let area = middle(screen, width, lines.len() as u16 + 2);
    pen.clear(area);
    let aside = fault.code.as_deref().unwrap_or_default();
    let place = Pane { title: "Something went wrong", aside, foot: "", focused: true }.draw(pen, area);
    paragraphs(pen, place, &lines, 0);
}

fn lines(fault: &Fault, width: usize, ascii: bool) -> Vec<Piece<'static>> {
    let mut lines = Vec::new();
    let mut add = |text: &str, role| {
        let text = shown(text, ascii);
        lines.extend(wrap(&text, width).into_iter().map(|line| piece(line, role)));
    };
    add(&fault.headline, Role::Bad);
    for cause in &fault.causes {
        add(&format!("  {cause}"), Role::Text);
    }
    if let Some(hint) = &fault.hint {
        add("", Role::Text);
        add(hint, Role::Title);
    }
    lines
}
