//! The confirmation: what will be done, to whom, what it locks and how it is taken back, and on production a line for the
//! name of the database. Enter yields the effect only when what was typed is enough.

use crate::model::figure::counted;
use crate::model::plan::Plan;
use crate::model::plan::step::Undo;
use crate::model::target::Environment;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::consent::{Confirm, Intent};
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::entry::Entry;
use crate::tui::screen::plan::says;
use crate::tui::screen::{Place, enter};
use crate::tui::theme::Role;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

/// The open confirmation.
#[derive(Debug)]
pub struct State {
    confirm: Confirm,
    line: Entry,
    /// The first line in view, where not all fit.
    top: usize,
}

/// Opens it, or says why it cannot be opened. From here on arms are ready, until it closes.
pub fn open(app: &mut App, wish: Result<Confirm, String>) -> Vec<Effect> {
    match wish {
        Ok(confirm) => {
            app.mend.arms.arm(app.facts.now);
            let state = State { confirm, line: Entry::new(""), top: 0 };
            app.overlay = Some(Overlay::Confirm(Box::new(state)));
        }
        Err(against) => app.say_long(against, Role::Warn),
    }
    Vec::new()
}

/// Closes it, and says why, where it is open: what was armed is armed no more.
pub fn close(app: &mut App, why: &str) {
    app.mend.arms.lapse();
    if matches!(app.overlay, Some(Overlay::Confirm(_))) {
        app.overlay = None;
        app.say_long(why, Role::Warn);
    }
}

/// Types a key that is no action.
pub fn typed(state: &mut State, key: KeyEvent) {
    if state.confirm.wants_name() {
        state.line.input(key);
    }
}

/// Carries out what a key means.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let over = overflow(app);
    let Some(Overlay::Confirm(state)) = &mut app.overlay else { return Vec::new() };
    match action {
        Action::Up => state.top = state.top.saturating_sub(1),
        Action::Down => state.top = (state.top + 1).min(over),
        Action::Back => {
            app.overlay = None;
            app.mend.arms.lapse();
        }
        Action::Accept if app.mend.arms.is_armed() => {
            let Some(confirmed) = state.confirm.confirmed(state.line.text()) else {
                let name = state.confirm.server.database.visible().into_owned();
                app.say(format!("Type {name}, letter by letter. Esc cancels."), Role::Warn);
                return Vec::new();
            };
            app.overlay = None;
            let effect = confirmed.effect(app);
            if app.place != Place::Run {
                enter(app, Place::Run);
            }
            return vec![effect];
        }
        Action::Accept => close(app, "Arming has lapsed: X opens the confirmation again."),
        _ => {}
    }
    Vec::new()
}

fn overflow(app: &App) -> usize {
    let Some(Overlay::Confirm(state)) = &app.overlay else { return 0 };
    let (area, lines) = state.place(app);
    lines.len().saturating_sub(usize::from(inside(area).height.saturating_sub(state.prompt_rows())))
}

impl State {
    /// Rows of the line for the name, with its question.
    fn prompt_rows(&self) -> u16 {
        if self.confirm.wants_name() { 2 } else { 1 }
    }

    fn place(&self, app: &App) -> (Rect, Vec<Piece<'static>>) {
        let width = app.size.width.saturating_sub(2).min(76);
        let lines = self.lines(app, usize::from(width.saturating_sub(4)));
        let screen = Rect { x: 0, y: 0, width: app.size.width, height: app.size.height.saturating_sub(2) };
        (middle(screen, width, lines.len() as u16 + 3 + self.prompt_rows()), lines)
    }

    fn lines(&self, app: &App, width: usize) -> Vec<Piece<'static>> {
        let server = &self.confirm.server;
        let plan = self.confirm.intent.plan();
        let mut lines = Vec::new();
        let mut add = |label: &str, text: &str, role: Role| {
            let text = shown(text, app.ink.ascii);
            let text = if label.is_empty() { text.into_owned() } else { format!("{label:<16}  {text}") };
            lines.extend(wrap(&text, width).into_iter().map(|line| piece(line, role)));
        };
        let user = server.user.as_ref().map(|user| format!(" as {}", user.visible())).unwrap_or_default();
        add("", &format!("{} @ {}{user}", server.database.visible(), server.address.visible()), Role::Title);
        if let Intent::Resume(run, _) = &self.confirm.intent {
            add(
                "goes on with",
                &format!("run {}, {} of {}", run.id, run.state.word(), run.started_at),
                Role::Text,
            );
        }
        add("does", &says::summary(plan), Role::Text);
        match plan.strongest_lock() {
            Some(mode) => add("strongest lock", &format!("{}: {}", mode.words(), mode.blocks()), Role::Text),
            None => add("strongest lock", "none", Role::Text),
        }
        add("undo", &undo(plan), Role::Text);
        add("window", &says::window(app, plan), Role::Text);
        let (text, role) = says::rehearsed(app, plan);
        add("rehearsal", &text, role);
        if let Some(number) = &plan.place.system_identifier {
            add("system", number, Role::Dim);
        }
        lines
    }
}

/// How the whole is taken back.
fn undo(plan: &Plan) -> String {
    let of = |how: fn(&Undo) -> bool| {
        let ids: Vec<&str> =
            plan.steps.iter().filter(|step| how(&step.undo)).map(|step| step.id.as_str()).collect();
        ids.join(" ")
    };
    let sql = of(|undo| matches!(undo, Undo::Sql { .. }));
    let record = of(|undo| matches!(undo, Undo::Record { .. }));
    let none = of(|undo| matches!(undo, Undo::None));
    let parts = [(sql, "by statement"), (record, "from the journal"), (none, "nothing to take back")];
    let parts: Vec<String> =
        parts.iter().filter(|(ids, _)| !ids.is_empty()).map(|(ids, how)| format!("{ids} {how}")).collect();
    if parts.is_empty() { counted(0, "step", "steps") } else { parts.join(", ") }
}

/// Draws the confirmation over the screen.
pub fn draw(app: &App, state: &State, pen: &mut Pen<'_>) {
    let (area, lines) = state.place(app);
    pen.clear(area);
    let verb = if matches!(state.confirm.intent, Intent::Run(..)) { "Execute" } else { "Resume" };
    let title = match state.confirm.environment {
        Environment::Production => format!("{verb} on PRODUCTION"),
        Environment::Staging => format!("{verb} on staging"),
        Environment::Development => format!("{verb} on development"),
    };
    let foot = if state.confirm.wants_name() {
        "Esc cancels · Enter runs only when the name matches"
    } else {
        "Esc cancels · Enter runs"
    };
    let place = Pane { title: &title, aside: "", foot, focused: true }.draw(pen, area);
    let (x, width) = (place.x + 1, place.width.saturating_sub(2));
    let prompt = state.prompt_rows().min(place.height);
    let height = usize::from(place.height - prompt);
    let top = state.top.min(lines.len().saturating_sub(height));
    let more = lines.len() > top + height;
    for (row, (text, role)) in lines.iter().skip(top).take(height).enumerate() {
        let last = more && row + 1 == height;
        let y = place.y + row as u16;
        if last {
            let left = lines.len() - top - row;
            pen.text(
                x,
                y,
                width,
                &format!("… {} below: ↓", counted(left as u64, "line", "lines")),
                Role::Key,
            );
        } else {
            pen.text(x, y, width, text, *role);
        }
    }
    let y = place.bottom().saturating_sub(prompt);
    if state.confirm.wants_name() {
        let locked = if state.confirm.accepts(state.line.text()) { "Enter runs it" } else { "locked" };
        pen.text(x, y, width, "Type the database name to run:", Role::Title);
        let used = pen.text_right(place.right().saturating_sub(1), y + 1, width, locked, Role::Dim);
        state.line.draw(pen, Rect { x, y: y + 1, width: width.saturating_sub(used + 1), height: 1 });
    } else {
        pen.text(x, y, width, "Enter runs it now.", Role::Title);
    }
}
