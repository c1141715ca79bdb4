//! Limits a person sets on the screens: those of the plan, of the run that goes on, or of one that is to go on.

use crate::job::{Command, Wheel, plan_file};
use crate::model::plan::limits::{Cap, Limits};
use crate::model::plan::{Parameters, Plan};
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::{Place, run};
use crate::tui::theme::Role;

/// What the limits are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The plan in front.
    Plan,
    /// The run that goes on.
    Going,
    /// A run of the journal that is to go on, by its number.
    Next(String),
}

/// What could be limited where the person is, and how it is limited now.
///
/// # Errors
/// Why there is nothing, as a sentence.
pub fn here(app: &App) -> Result<(About, Parameters), String> {
    if app.place == Place::Plan {
        return Ok((About::Plan, app.mend.parameters.clone()));
    }
    if let Some(going) = app.mend.going.as_ref().filter(|going| going.goes_on()) {
        return Ok((About::Going, going.parameters.clone()));
    }
    let Some(next) = run::resumable(app) else {
        return Err("There is no run to set limits for. 5 and T set those of the plan.".to_owned());
    };
    let plan = plan_file::read(&next.plan, "The plan of this run").map_err(|fault| fault.to_string())?;
    Ok((About::Next(next.id.clone()), of_next(app, &next.id, &plan)))
}

/// Takes the limits that were typed.
pub fn set(app: &mut App, about: About, before: &Parameters, after: Parameters) -> Vec<Effect> {
    if *before == after {
        app.say("Nothing was changed.", Role::Dim);
        return Vec::new();
    }
    match about {
        About::Plan => {
            app.mend.parameters = after;
            app.mend.planning.spoil();
            app.say("The plan is made anew with these limits.", Role::Text);
            Vec::new()
        }
        About::Going => {
            let limits = changed(before, &after);
            app.say_long(format!("From the next batch on: {}.", limits.words()), Role::Text);
            let mut effects = vec![Effect::Submit(Command::Steer(Wheel::Limits(limits)))];
            // A time means nothing to batches whose rows were set by hand.
            let by_hand = app.mend.going.as_mut().filter(|_| limits.batch_time.is_some());
            if by_hand.and_then(|going| going.size.take()).is_some() {
                effects.push(Effect::Submit(Command::Steer(Wheel::Batch(None))));
            }
            effects
        }
        About::Next(run) => {
            let limits = over(app, &run).and(changed(before, &after));
            app.say_long(format!("When it goes on: {}. X goes on with it.", limits.words()), Role::Text);
            app.mend.history.over = Some((run, limits));
            Vec::new()
        }
    }
}

/// Limits over those of its plan that a person set for a run that is to go on.
pub fn over(app: &App, run: &str) -> Limits {
    let over = app.mend.history.over.as_ref().filter(|(known, _)| known == run);
    over.map(|(_, limits)| *limits).unwrap_or_default()
}

/// How a run of the journal would go on.
pub fn of_next(app: &App, run: &str, plan: &Plan) -> Parameters {
    let mut parameters = plan.parameters.clone();
    over(app, run).onto(&mut parameters);
    parameters
}

/// What differs, as limits.
fn changed(before: &Parameters, after: &Parameters) -> Limits {
    let cap = |limit: Option<u64>| limit.map_or(Cap::Off, Cap::At);
    let end = after.window_end.as_deref().and_then(|end| end.parse().ok());
    Limits {
        batch_time: (before.batch_time != after.batch_time).then_some(after.batch_time),
        max_lag: (before.max_lag != after.max_lag).then(|| cap(after.max_lag)),
        window_end: (before.window_end != after.window_end).then(|| end.map_or(Cap::Off, Cap::At)),
        max_rows: (before.max_rows != after.max_rows).then(|| cap(after.max_rows)),
        max_active: (before.max_active != after.max_active).then(|| cap(after.max_active)),
        max_backlog: (before.max_backlog != after.max_backlog).then(|| cap(after.max_backlog)),
        max_wal: (before.max_wal != after.max_wal).then(|| cap(after.max_wal)),
        max_growth: (before.max_growth != after.max_growth).then(|| cap(after.max_growth)),
    }
}
