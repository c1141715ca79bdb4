//! The confirmation: what will be done, to whom, what it locks and how it is taken back, and on production a line for the
//! name of the database. Enter yields the effect only when what was typed is enough.

mod back;

use crate::model::figure::counted;
use crate::model::plan::Plan;
use crate::model::plan::lock::Mode;
use crate::model::plan::step::{Step, Undo};
use crate::model::run::{Run, State};
use crate::model::target::Environment;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::consent::{Confirm, Intent};
use crate::tui::mend::{limits, restoring};
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
pub struct Open {
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
            let state = Open { confirm, line: Entry::new(""), top: 0 };
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
pub fn typed(state: &mut Open, key: KeyEvent) {
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
        Action::NextPane => {
            state.confirm.turn();
            state.top = 0;
        }
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
        Action::Accept => close(app, "Arming has lapsed: the same key opens the confirmation again."),
        _ => {}
    }
    Vec::new()
}

/// Whether it can be chosen how much is done.
pub fn can_turn(app: &App) -> bool {
    let Some(Overlay::Confirm(state)) = &app.overlay else { return false };
    matches!(&state.confirm.intent, Intent::Restore(run, ..) if restoring::healed(run) > 0)
}

fn overflow(app: &App) -> usize {
    let Some(Overlay::Confirm(state)) = &app.overlay else { return 0 };
    let (area, lines) = state.place(app);
    lines.len().saturating_sub(usize::from(inside(area).height.saturating_sub(state.prompt_rows())))
}

impl Open {
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
        if let Some(who) = &self.confirm.held {
            add("HELD BY", who, Role::Bad);
            let fate = fate(plan);
            add("", &format!("{:<16}  {fate}", ""), Role::Bad);
        }
        if let Some(why) = &self.confirm.promoted {
            let why = why.split(": waif resume").next().unwrap_or(why);
            add("FAILOVER", &format!("{why}. Typing the name says that it goes on all the same."), Role::Bad);
        }
        let needs = match &self.confirm.intent {
            Intent::Resume(run, _) => {
                resumed(run, &mut add);
                None
            }
            Intent::Run(..) => {
                add("does", &says::summary(plan), Role::Text);
                plan.seconds()
            }
            Intent::Restore(run, plan, healed) => {
                back::said(run, plan, *healed, &mut add);
                return lines;
            }
        };
        let (text, role) = locks(plan);
        add("strongest lock", &text, role);
        if let Some((who, more)) = in_the_way(plan) {
            add("in the way", &format!("{who}{more}"), Role::Warn);
        }
        add("undo", &undo(plan), Role::Text);
        let parameters = match &self.confirm.intent {
            Intent::Resume(run, plan) => limits::of_next(app, &run.id, plan),
            Intent::Run(plan, _) | Intent::Restore(_, plan, _) => plan.parameters.clone(),
        };
        let window = says::window_of(app, &parameters, needs);
        let role =
            if window.contains("TOO EARLY") || window.starts_with("ENDED") { Role::Warn } else { Role::Text };
        add("window", &window, role);
        add("limits", &says::limits(&parameters), Role::Dim);
        if matches!(self.confirm.intent, Intent::Run(..)) {
            let (text, role) = says::rehearsed(app, plan);
            add("rehearsal", &text, role);
        }
        if let Some(number) = &plan.place.system_identifier {
            add("system", number, Role::Dim);
        }
        lines
    }
}

/// What becomes of whoever holds a run that is taken over. Nothing but its own end takes a file from a process: it is kept
/// from writing by the journal.
fn fate(plan: &Plan) -> &'static str {
    match plan.place.engine.as_str() {
        "sqlite" => "It is alive. Its batch is let end, and it can write nothing more to this run.",
        _ => {
            "It is alive. Its session is ended, what it has not committed is rolled back, and it can write nothing more to \
             this run."
        }
    }
}

/// What is done of a run already.
fn resumed(run: &Run, add: &mut impl FnMut(&str, &str, Role)) {
    let state = if run.is_broken_off() { "broken off" } else { run.state.word() };
    add("goes on with", &format!("run {}, {state}, begun {}", run.id, run.started_at), Role::Text);
    let done = run.steps.iter().filter(|step| step.state == State::Finished).count();
    let all = counted(run.steps.len() as u64, "step", "steps");
    let rows = counted(run.rows, "row", "rows");
    add("done so far", &format!("{done} of {all}, {rows}; the rest is planned afresh"), Role::Text);
}

/// The strongest lock, the tables it is taken on and what waits for it.
fn locks(plan: &Plan) -> (String, Role) {
    let Some(mode) = plan.strongest_lock() else { return ("none".to_owned(), Role::Text) };
    let steps = says::ids(plan, |step| step.all_locks().any(|held| held.mode == mode));
    let spans = plan.steps.iter().flat_map(Step::all_locks).filter(|held| held.mode == mode);
    let span = spans.map(|held| held.span).max().map_or("", |span| span.words());
    let role = if mode >= Mode::Share { Role::Warn } else { Role::Text };
    (format!("{} {span} ({steps}): {}", mode.words(), mode.blocks()), role)
}

/// Who stood in the way when it was planned, and how many more.
fn in_the_way(plan: &Plan) -> Option<(&str, String)> {
    let mut all: Vec<&String> = Vec::new();
    for who in plan.steps.iter().flat_map(|step| &step.held_up_by) {
        if !all.contains(&who) {
            all.push(who);
        }
    }
    let more = match all.len() {
        0 | 1 => String::new(),
        all => format!(" And {} more: the steps tell.", all - 1),
    };
    Some((all.first()?.as_str(), more))
}

/// How the whole is taken back.
fn undo(plan: &Plan) -> String {
    let of = |how: fn(&Undo) -> bool| says::ids(plan, |step| how(&step.undo));
    let sql = of(|undo| matches!(undo, Undo::Sql { .. }));
    let record = of(|undo| matches!(undo, Undo::Record { .. }));
    let none = of(|undo| matches!(undo, Undo::None));
    let parts = [(sql, "by statement"), (record, "from the journal"), (none, "nothing to take back")];
    let parts: Vec<String> =
        parts.iter().filter(|(ids, _)| !ids.is_empty()).map(|(ids, how)| format!("{ids} {how}")).collect();
    if parts.is_empty() { counted(0, "step", "steps") } else { parts.join("; ") }
}

/// Draws the confirmation over the screen.
pub fn draw(app: &App, state: &Open, pen: &mut Pen<'_>) {
    let (area, lines) = state.place(app);
    pen.clear(area);
    let verb = match (&state.confirm.intent, &state.confirm.held) {
        (_, Some(_)) => "TAKE A RUN OVER",
        (Intent::Run(..), None) => "Execute",
        (Intent::Resume(..), None) => "Resume",
        (Intent::Restore(..), None) => "Bring back",
    };
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
        let restores = matches!(state.confirm.intent, Intent::Restore(..));
        let locked = if state.confirm.accepts(state.line.text()) { "Enter runs it" } else { "locked" };
        let what = match &state.confirm.held {
            Some(_) => "Type the database name to take the run over:",
            None if restores => "Type the database name to bring it back:",
            None => "Type the database name to run:",
        };
        pen.text(x, y, width, what, Role::Title);
        let used = pen.text_right(place.right().saturating_sub(1), y + 1, width, locked, Role::Dim);
        state.line.draw(pen, Rect { x, y: y + 1, width: width.saturating_sub(used + 1), height: 1 });
    } else {
        pen.text(x, y, width, "Enter runs it now.", Role::Title);
    }
}
