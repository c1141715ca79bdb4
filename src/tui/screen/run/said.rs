//! What is said of a run of the journal: its state in a word, all that is known of it line by line, and what the audit log
//! of this machine is worth.

use crate::job::plan_file;
use crate::model::plan::Plan;
use crate::model::run::{Run, RunStep, State};
use crate::model::text::visible;
use crate::report::restores;
use crate::tui::app::App;
use crate::tui::mend::limits;
use crate::tui::screen::plan::says;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use std::sync::Arc;

/// The plan of a run as it was read last, so that it is not read for every frame.
#[derive(Debug, Default)]
pub struct Paper {
    of: Option<String>,
    plan: Option<Arc<Plan>>,
}

impl Paper {
    /// Reads the plan of a run, where it was not read last.
    pub fn read(&mut self, run: Option<&Run>) {
        let id = run.map(|run| run.id.as_str());
        if self.of.as_deref() == id {
            return;
        }
        self.of = id.map(str::to_owned);
        self.plan = run.and_then(|run| plan_file::read(&run.plan, "The plan").ok()).map(Arc::new);
    }

    /// The plan of a run; none where it cannot be read.
    fn of(&self, run: &Run) -> Option<&Plan> {
        self.plan.as_deref().filter(|_| self.of.as_deref() == Some(run.id.as_str()))
    }
}

/// Its state in a word or two: what says that it runs and is held by no session was broken off.
pub fn state(run: &Run) -> &'static str {
    if run.is_broken_off() { "broken off" } else { run.state.word() }
}

/// A moment of the journal for people: a space before the time, and no parts of a second.
pub fn second(text: &str) -> String {
    let text = &text.replacen('T', " ", 1);
    match text.split_once('.') {
        Some((whole, rest)) => {
            let zone = rest.find(|letter: char| !letter.is_ascii_digit()).map_or("", |at| &rest[at..]);
            format!("{whole}{zone}")
        }
        None => text.to_owned(),
    }
}

/// All that is known of a run, line by line.
pub fn run(app: &App, run: &Run) -> says::Lines {
    let mut lines = says::Lines::new();
    let mut add = |label: &str, text: String, role: Role| lines.push((format!("{label:<9}  {text}"), role));
    match &run.session {
        Some(who) if run.state == State::Running => {
            add("state", format!("running: held by {who}"), Role::Gauge);
            add("", "X takes it over, after a confirmation that says so.".to_owned(), Role::Dim);
        }
        Some(who) => add("state", format!("{}, and still held by {who}", run.state.word()), Role::Warn),
        None if run.is_broken_off() => {
            let text = "broken off: the journal says running, and no session holds it. X goes on with it.";
            add("state", text.to_owned(), Role::Warn);
        }
        None => add("state", run.state.word().to_owned(), Role::Text),
    }
    if let Some(note) = &run.note {
        add("why", note.clone(), if run.state == State::Failed { Role::Bad } else { Role::Warn });
    }
    add("began", format!("{} by {}, {}", second(&run.started_at), run.role, run.holder), Role::Text);
    match &run.ended_at {
        Some(at) => add("ended", second(at), Role::Text),
        None => add("changed", second(&run.changed_at), Role::Text),
    }
    let plan = app.screens.run.paper.of(run);
    for action in plan.iter().flat_map(|plan| &plan.actions) {
        add("asked for", action.to_string(), Role::Text);
    }
    if let Some(plan) = plan.filter(|_| run.is_open()) {
        let parameters = limits::of_next(app, &run.id, plan);
        add("window", says::window_of(app, &parameters, None), Role::Text);
    }
    add("rows", format!("{} changed", count(run.rows)), Role::Text);
    let mut label = "held";
    for held in &run.restorable {
        lines.push((format!("{label:<9}  {}", restores::waits(held)), Role::Warn));
        label = "";
    }
    lines.push((String::new(), Role::Text));
    for own in &run.steps {
        let title = plan.and_then(|plan| plan.steps.iter().find(|known| known.id == own.id));
        step(&mut lines, own, title.map_or("", |known| known.title.as_str()));
    }
    lines
}

fn step(lines: &mut says::Lines, step: &RunStep, title: &str) {
    let role = match step.state {
        State::Failed => Role::Bad,
        State::Paused | State::Stopped => Role::Warn,
        _ => Role::Text,
    };
    lines.push((format!("{:<4} {:<8}  {title}", step.id, step.state.word()), role));
    let mut words = Vec::new();
    if step.rows > 0 || step.total.is_some() {
        let total = step.total.map(|total| format!(" of {}", count(total))).unwrap_or_default();
        let batches = counted(step.batches, "batch", "batches");
        words.push(format!("{}{total} rows in {batches}", count(step.rows)));
    }
    if let Some(began) = &step.started_at {
        let ended =
            step.ended_at.as_deref().map(|ended| format!(" to {}", second(ended))).unwrap_or_default();
        words.push(format!("{}{ended}", second(began)));
    }
    if !words.is_empty() {
        lines.push((format!("     {}", words.join(", ")), Role::Dim));
    }
    let counts = [("before", step.before), ("after", step.after)];
    let told = counts.into_iter().filter_map(|(when, counts)| Some((when, counts?.words())));
    let told: Vec<String> =
        told.filter(|(_, words)| !words.is_empty()).map(|(when, words)| format!("{when}: {words}")).collect();
    if !told.is_empty() && step.state != State::Finished {
        lines.push((format!("     counted {}", told.join("; ")), Role::Dim));
    }
    lines.extend(step.note.as_ref().map(|note| (format!("     {note}"), role)));
}

/// What the audit log of this machine is worth, in a line.
pub fn audit(app: &App) -> (String, Role) {
    match &app.mend.history.audit {
        None => ("audit log: being looked through".to_owned(), Role::Dim),
        Some(Err(fault)) => (format!("audit log: {fault}"), Role::Bad),
        Some(Ok(None)) => ("audit log: none is kept for this target on this machine".to_owned(), Role::Dim),
        Some(Ok(Some(found))) => {
            let file = visible(&found.file.to_string_lossy()).into_owned();
            match found.broken {
                Some((line, why)) => (format!("audit log BROKEN at line {line}: {why}. {file}"), Role::Bad),
                None if found.lines == 0 => {
                    ("audit log: nothing was sent from this machine yet".to_owned(), Role::Dim)
                }
                None => {
                    let lines = counted(found.lines, "line", "lines");
                    let torn = match found.torn {
                        0 => String::new(),
                        torn => format!(", {} cut off by a crash", counted(torn, "line", "lines")),
                    };
                    (format!("audit log of this machine: whole, {lines}{torn} · {file}"), Role::Good)
                }
            }
        }
    }
}
