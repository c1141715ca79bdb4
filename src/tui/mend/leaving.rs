//! What keys do to a run that goes on: pausing, steering, stopping, and leaving waif while it does. Nothing here ends a
//! run without its saying so.

use crate::job::{Command, Wheel};
use crate::model::fault::{Fault, Kind};
use crate::model::run::{Ended, News};
use crate::tui::app::App;
use crate::tui::mend::restoring;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::start::Exit;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;

/// The least and the largest batch a person may ask for.
const BATCHES: (u64, u64) = (1, 1_000_000);

/// Takes in what a run tells; whoever waits for its end to leave is let go.
pub fn heard(app: &mut App, news: News) -> Vec<Effect> {
    let now = app.facts.now;
    let ended = match &news {
        News::Ended(ended) => Some(ended.clone()),
        _ => None,
    };
    let Some(going) = &mut app.mend.going else { return Vec::new() };
    going.hear(now, news);
    let Some(ended) = ended else { return Vec::new() };
    app.mend.history.stale = true;
    app.mend.history.audit = None;
    app.mend.planning.spoil();
    app.mend.arms.lapse();
    if let Some(exit) = app.mend.leaving.take() {
        return vec![Effect::Leave(exit)];
    }
    if matches!(app.overlay, Some(Overlay::Leaving(_))) {
        app.overlay = None;
    }
    let restoring = app.mend.going.as_ref().is_some_and(|going| going.restoring);
    let (text, role) = match &ended {
        own if restoring => {
            app.screens.findings.list.spoil();
            let (text, role, _) = restoring::told(own);
            (text, role)
        }
        Ended::Finished => {
            let done = app.mend.going.as_ref().map(|going| going.plan.actions.clone()).unwrap_or_default();
            app.mend.staged.settle(&done);
            app.screens.findings.list.spoil();
            (
                "The run is finished: every step is done and proved. What it changed is counted again.",
                Role::Good,
            )
        }
        Ended::Stopped => ("The run is stopped, with nothing open. 6 and X go on with it.", Role::Warn),
        Ended::Paused(_) => ("The run paused itself: 6 tells why. X goes on with it.", Role::Warn),
        Ended::Failed(_) => {
            ("The run failed: 6 tells why. What was committed stands in the journal.", Role::Bad)
        }
    };
    app.say_long(text, role);
    let id = app.mend.going.as_ref().and_then(|going| going.id.clone()).unwrap_or_default();
    let word = match &ended {
        own if restoring => restoring::told(own).2,
        Ended::Finished => "finished and proved",
        Ended::Stopped => "stopped",
        Ended::Paused(_) => "paused itself",
        Ended::Failed(_) => "failed",
    };
    let mut effects = vec![Effect::Notify(format!("run {id} on {} {word}", app.facts.place))];
    // What was counted before is not what stands there now.
    if app.facts.fault.is_none() && app.facts.server.is_some() {
        effects.push(app.check());
    }
    effects
}

/// The desk is gone: nobody tells any more how the run ends.
pub fn lost(app: &mut App) -> Vec<Effect> {
    if !app.mend.is_running() {
        return Vec::new();
    }
    let fault = Fault::new(Kind::Lost, "The connection is gone, and nothing more is heard of the run.")
        .hint("What was committed stands in the journal: R connects again, 6 and X go on with a run, 6 and B with a restore.");
    heard(app, News::Ended(Ended::Failed(fault)))
}

/// Pauses after the batch that runs, or goes on.
pub fn pause(app: &mut App) -> Vec<Effect> {
    let Some(going) = app.mend.going.as_mut().filter(|going| going.goes_on()) else {
        return nothing_runs(app);
    };
    going.paused = !going.paused;
    let paused = going.paused;
    app.say(if paused { "Pausing after this batch. p goes on." } else { "Going on." }, Role::Text);
    vec![Effect::Submit(Command::Steer(Wheel::Pause(paused)))]
}

/// Makes batches larger or smaller by half.
pub fn resize(app: &mut App, larger: bool) -> Vec<Effect> {
    let Some(going) = app.mend.going.as_mut().filter(|going| going.goes_on()) else {
        return nothing_runs(app);
    };
    let first = going.plan.parameters.first_batch;
    let now = going.size.unwrap_or_else(|| going.batch.as_ref().map_or(first, |batch| batch.next));
    let next = if larger { now.saturating_add(now / 2).max(now + 1) } else { now - now / 3 };
    let next = next.min(going.plan.parameters.largest_batch.min(BATCHES.1)).max(BATCHES.0);
    going.size = Some(next);
    app.say(format!("Batches of {} from now on.", counted(next, "row", "rows")), Role::Text);
    vec![Effect::Submit(Command::Steer(Wheel::Batch(Some(next))))]
}

/// Stops after the batch that runs; asked again, interrupts it.
pub fn stop(app: &mut App) -> Vec<Effect> {
    let Some(going) = app.mend.going.as_mut().filter(|going| going.goes_on()) else {
        return nothing_runs(app);
    };
    going.stops = going.stops.saturating_add(1);
    let text = match going.stops {
        1 => "Stopping after this batch. Again interrupts it: it is rolled back.",
        _ => "Interrupting: the batch is rolled back.",
    };
    app.say_long(text, Role::Warn);
    vec![Effect::Submit(Command::Steer(Wheel::Stop))]
}

fn nothing_runs(app: &mut App) -> Vec<Effect> {
    app.say("Nothing runs.", Role::Dim);
    Vec::new()
}

/// Ctrl-C while a run goes on: first after the batch, then at once, then away. None where no run goes on.
pub fn interrupted(app: &mut App) -> Option<Vec<Effect>> {
    let going = app.mend.going.as_ref().filter(|going| going.goes_on())?;
    if going.stops >= 2 {
        return Some(vec![Effect::Leave(Exit::Interrupted)]);
    }
    let stops = going.stops;
    let effects = stop(app);
    if stops == 1 {
        app.say_long("Interrupting: the batch is rolled back. Ctrl-C again leaves at once.", Role::Warn);
    } else {
        app.say_long(
            "Stopping after this batch. Ctrl-C again interrupts it, a third time leaves.",
            Role::Warn,
        );
    }
    Some(effects)
}

/// The shell stops us. While something has a transaction open, or may at any moment, that has to end first: whoever is
/// stopped holds its locks for ever.
pub fn suspended(app: &mut App) -> Vec<Effect> {
    if !(app.mend.is_running() || app.mend.is_rehearsing()) {
        return vec![Effect::StandAside];
    }
    if std::mem::replace(&mut app.mend.stilling, true) {
        return Vec::new();
    }
    app.say_long("Stopping when no transaction is open: after this batch or statement.", Role::Warn);
    vec![Effect::Submit(Command::Steer(Wheel::Still(true)))]
}

/// Nothing is open any more: now the shell may stop us. Whoever goes on lets the run go on.
pub fn stands_still(app: &mut App) -> Vec<Effect> {
    if !std::mem::take(&mut app.mend.stilling) {
        return Vec::new();
    }
    vec![Effect::StandAside, Effect::Submit(Command::Steer(Wheel::Still(false)))]
}

/// Leaves waif; while a run goes on, asks first.
pub fn leave(app: &mut App, exit: Exit) -> Vec<Effect> {
    if app.mend.is_running() {
        app.overlay = Some(Overlay::Leaving(exit));
        return Vec::new();
    }
    vec![Effect::Leave(exit)]
}

/// Why the desk may not be asked for anything else now: a run or a rehearsal goes on, and would be ended by it.
pub fn is_busy(app: &mut App) -> bool {
    let busy = app.mend.is_running() || app.mend.is_rehearsing();
    if app.mend.is_running() {
        app.say("A run goes on: 6 shows it, c there stops it. Then this can be done.", Role::Warn);
    } else if busy {
        app.say("A rehearsal goes on. In a moment this can be done.", Role::Warn);
    }
    busy
}
