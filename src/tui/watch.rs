//! Watch mode: everything is counted again and again, each time a while after the last check ended, so that two checks never
//! run at once and a slow server rests between them. Called by `update`; the header shows it in every frame.

use crate::model::fault::Kind;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::theme::Role;
use crate::tui::widget::figure::took;
use std::time::Duration;

/// Watch mode.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The time between the end of a check and the begin of the next.
    pub every: Duration,
    /// Whether it is on.
    pub on: bool,
    /// When the next check begins, unless one runs.
    next: Duration,
}

impl Watch {
    /// Off.
    pub fn new(every: Duration) -> Self {
        Self { every, on: false, next: Duration::ZERO }
    }
}

/// How long until the next check begins; none where watch mode is off, or a check runs.
pub fn left(app: &App) -> Option<Duration> {
    (app.watch.on && app.facts.work.is_none()).then(|| app.watch.next.saturating_sub(app.facts.now))
}

/// When the clock alone changes what is shown of it, or the next check begins.
pub fn due(app: &App) -> Option<Duration> {
    let left = left(app)?;
    let millis = left.as_millis() as u64;
    let unit = if millis > 60_000 { 60_000 } else { 1_000 };
    let step = match millis % unit {
        0 => unit.min(millis),
        rest => rest,
    };
    Some(app.facts.now + Duration::from_millis(step))
}

/// What the header says.
pub fn words(app: &App) -> Option<String> {
    if !app.watch.on {
        return None;
    }
    Some(match left(app) {
        None => "watch: counting".to_owned(),
        Some(left) if left > Duration::from_secs(60) => format!("watch {} min", left.as_secs().div_ceil(60)),
        Some(left) => format!("watch {} s", (left.as_millis() as u64).div_ceil(1_000)),
    })
}

/// Turns it on or off.
pub fn turn(app: &mut App) -> Vec<Effect> {
    if app.watch.on {
        app.watch.on = false;
        app.say("Watch mode is off.", Role::Dim);
        return Vec::new();
    }
    if app.facts.fault.is_some() || app.facts.server.is_none() {
        app.say("There is no connection to watch over. R connects again.", Role::Warn);
        return Vec::new();
    }
    let ended = app.facts.outcome.as_ref().map_or(Duration::ZERO, |outcome| outcome.at);
    app.watch.on = true;
    app.watch.next = (ended + app.watch.every).max(app.facts.now);
    let every = took(app.watch.every);
    let text =
        format!("Watch mode is on: everything is counted again {every} after each check. W turns it off.");
    app.say(text, Role::Text);
    Vec::new()
}

/// Time has passed: the next check begins when its time has come.
pub fn passed(app: &mut App) -> Vec<Effect> {
    match left(app) {
        Some(left) if left.is_zero() => vec![app.check()],
        _ => Vec::new(),
    }
}

/// A check has ended: the next comes a while later.
pub fn ended(app: &mut App) {
    app.watch.next = app.facts.now + app.watch.every;
}

/// Something went wrong, or somebody stopped the counting: watching ends, and says so.
pub fn stop(app: &mut App, why: Option<Kind>) {
    if !app.watch.on {
        return;
    }
    app.watch.on = false;
    let text = match why {
        Some(Kind::Interrupted) | None => "Stopped, and watch mode is off. W turns it on again.",
        Some(_) => "Watch mode is off: the check failed. Connect again, then W turns it on.",
    };
    app.say_long(text, Role::Warn);
}
