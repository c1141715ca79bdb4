//! The figures of a run in words: pace, time left, the window, why it waits.

use crate::model::figure::counted;
use crate::model::run::{Ended, State};
use crate::report::figure::duration;
use crate::tui::app::App;
use crate::tui::mend::going::{Going, Step};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, took};
use crate::tui::widget::pen::{Piece, piece};
use jiff::Timestamp;

/// The mark of a step's state.
pub fn mark(state: State) -> (&'static str, Role) {
    match state {
        State::Waiting => ("·", Role::Dim),
        State::Running => ("►", Role::Title),
        State::Finished => ("✓", Role::Good),
        State::Paused | State::Stopped => ("‖", Role::Warn),
        State::Failed => ("✗", Role::Bad),
        State::Restored => ("↺", Role::Text),
    }
}

/// What a step has done: `5,012,000 / 8,100,000 rows`, its note, or its state.
pub fn done(step: &Step) -> String {
    match (step.state, step.total) {
        (_, Some(total)) if total > 0 && step.rows >= total && step.state != State::Finished => {
            format!("{}, more than the {} counted before", counted(step.rows, "row", "rows"), count(total))
        }
        (_, Some(total)) if total > 0 => format!("{} / {}", count(step.rows), counted(total, "row", "rows")),
        (State::Waiting, _) => String::new(),
        (State::Running, _) => step.done_of_part().unwrap_or_else(|| "running".to_owned()),
        (state, _) => state.word().to_owned(),
    }
}

/// How long a step has taken, or is given by the plan.
pub fn time(app: &App, going: &Going, step: &Step) -> String {
    let now = app.facts.now;
    match step.time {
        (Some(began), Some(ended)) => took(ended.saturating_sub(began)),
        (Some(began), None) => took(now.saturating_sub(began)),
        (None, _) if step.state == State::Finished => "before".to_owned(),
        (None, _) => {
            let planned =
                going.plan.steps.iter().find(|known| known.id == step.id).and_then(|known| known.seconds);
            planned.map(|seconds| format!("est {}", duration(seconds))).unwrap_or_default()
        }
    }
}

/// The line that heads the screen.
pub fn headline(app: &App, going: &Going) -> Vec<Piece<'static>> {
    let id = going.id.as_deref().map_or("being made ready".to_owned(), |id| format!("Run {id}"));
    let since = took(going.ended.as_ref().map_or(app.facts.now, |(at, _)| *at).saturating_sub(going.since));
    let again = if going.resumed { " · resumed" } else { "" };
    let (state, role) = match &going.ended {
        None if going.stops > 1 => ("INTERRUPTING".to_owned(), Role::Warn),
        None if going.stops == 1 => ("STOPPING after this batch".to_owned(), Role::Warn),
        None if going.paused => ("PAUSED".to_owned(), Role::Warn),
        None if going.waits.is_some() => ("WAITING".to_owned(), Role::Warn),
        None => ("RUNNING".to_owned(), Role::Gauge),
        Some((_, Ended::Finished)) => ("FINISHED and proved".to_owned(), Role::Good),
        Some((_, Ended::Stopped)) => ("STOPPED, with nothing open".to_owned(), Role::Warn),
        Some((_, Ended::Paused(_))) => ("PAUSED by a guard".to_owned(), Role::Warn),
        Some((_, Ended::Failed(_))) => ("FAILED".to_owned(), Role::Bad),
    };
    vec![
        piece(format!("{id}{again} · {since} · "), Role::Text),
        piece(state, role),
        piece(window(app, going), Role::Text),
    ]
}

fn window(app: &App, going: &Going) -> String {
    let Some(end) = &going.parameters.window_end else { return String::new() };
    let Ok(end_at) = end.parse::<Timestamp>() else { return format!(" · window ends {end}") };
    let left = end_at.duration_since(app.mend.clock(app.facts.now)).as_secs_f64();
    if left <= 0.0 {
        return " · the window has ended".to_owned();
    }
    let margin = going.left(app.facts.now).map(|needs| left - needs.as_secs_f64());
    match margin {
        Some(margin) if margin < 0.0 => format!(" · window ends in {}, TOO EARLY", duration(left)),
        Some(margin) => format!(" · window ends in {}, margin {}", duration(left), duration(margin)),
        None => format!(" · window ends in {}", duration(left)),
    }
}

/// Pace and time left.
pub fn pace(app: &App, going: &Going) -> String {
    let mut words = Vec::new();
    words.push(match going.rate() {
        Some(rate) => format!("{} rows/s", count(rate as u64)),
        None => "– rows/s".to_owned(),
    });
    let eta =
        |left: Option<std::time::Duration>| left.map_or("?".to_owned(), |left| duration(left.as_secs_f64()));
    words.push(format!("step ETA {}", eta(going.step_left(app.facts.now))));
    words.push(format!("plan ETA {}", eta(going.left(app.facts.now))));
    if let Some(batch) = &going.batch {
        let by = if going.size.is_some() { "by hand" } else { "by time" };
        let next = going.size.unwrap_or(batch.next);
        words.push(format!("batch {} {by}, last {}", count(next), took(batch.took)));
    }
    words.join("   ")
}

/// Why it waits, or how often it did.
pub fn waits(app: &App, going: &Going) -> Option<Piece<'static>> {
    if let Some((_, Ended::Paused(why))) = &going.ended {
        return Some(piece(why.clone(), Role::Warn));
    }
    if let Some((_, Ended::Failed(fault))) = &going.ended {
        let hint = fault.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
        return Some(piece(format!("{fault}{hint}"), Role::Bad));
    }
    if let Some(why) = &going.waits {
        return Some(piece(format!("waits: {why}"), Role::Warn));
    }
    let (times, time) = going.waited;
    let preparing = going.id.is_none() && going.goes_on();
    if preparing {
        return Some(piece(
            format!("planned afresh on the database as it is: {}", app.mend.planning.phase),
            Role::Text,
        ));
    }
    (times > 0)
        .then(|| piece(format!("waited {}, {}", counted(times, "time", "times"), took(time)), Role::Dim))
}

/// The last rates as a row of blocks.
pub fn chart(going: &Going, cells: usize) -> String {
    const BLOCKS: [&str; 7] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"];
    let most = going.rates.iter().copied().max().unwrap_or(0);
    let skip = going.rates.len().saturating_sub(cells);
    let block = |rate: &u64| {
        let at = if most == 0 { 0 } else { (u128::from(*rate) * 6 / u128::from(most)) as usize };
        BLOCKS.get(at).copied().unwrap_or("▇")
    };
    going.rates.iter().skip(skip).map(block).collect()
}
