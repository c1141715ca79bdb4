//! The figures of a run in words: pace, time left, the window, what is locked, why it waits.

use crate::model::figure::{bytes, counted};
use crate::model::plan::lock::Span;
use crate::model::run::{Ended, State};
use crate::tui::app::App;
use crate::tui::mend::going::{Going, Step};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, estimate, took};
use crate::tui::widget::pen::{Piece, piece};
use crate::tui::widget::text::width as cells;
use jiff::{Timestamp, Zoned};
use std::time::Duration;

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

/// What a step has done: `5,012,000 / 8,100,000 rows`, its note, or its state. An estimate carries its mark until the rows
/// are counted.
pub fn done(step: &Step) -> String {
    let known = |total: u64| if step.exact { count(total) } else { estimate(total) };
    let of = |total: u64| if total == 1 { "1 row".to_owned() } else { format!("{} rows", known(total)) };
    match (step.state, step.total) {
        (State::Finished | State::Restored, Some(_)) => counted(step.rows, "row", "rows"),
        (State::Waiting, Some(total)) => of(total),
        (_, Some(total)) if total > 0 && step.rows >= total => {
            let before = if step.exact { "counted" } else { "estimated" };
            format!("{}, over the {} {before}", counted(step.rows, "row", "rows"), known(total))
        }
        (_, Some(total)) if total > 0 => format!("{} / {}", count(step.rows), of(total)),
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
            going.planned(&step.id).map(|seconds| format!("est {}", lasts(seconds))).unwrap_or_default()
        }
    }
}

/// Seconds as people read them.
pub fn lasts(seconds: f64) -> String {
    took(Duration::from_secs_f64(seconds.clamp(0.0, 1e9)))
}

/// The line that heads the screen: which run, what it does now, for how long, and its window.
pub fn headline(app: &App, going: &Going) -> Vec<Piece<'static>> {
    let id = going.id.as_deref().map_or("Being made ready".to_owned(), |id| format!("Run {id}"));
    let since = took(going.ended.as_ref().map_or(app.facts.now, |(at, _)| *at).saturating_sub(going.since));
    let (state, role) = state(going);
    let mut pieces = vec![
        piece(format!("{id} · "), Role::Text),
        piece(state, role),
        piece(format!(" · {since}"), Role::Text),
    ];
    if let Some((text, role)) = window(app, going).filter(|_| going.goes_on()) {
        pieces.push(piece(format!(" · {text}"), role));
    }
    pieces
}

/// What the run does, in capitals. A person who pauses or stops it is told that this is still to come.
fn state(going: &Going) -> (&'static str, Role) {
    match &going.ended {
        None if going.stops > 1 => ("INTERRUPTING", Role::Warn),
        None if going.stops == 1 => ("STOPPING after this batch", Role::Warn),
        None if going.paused && going.waits.is_some() => ("PAUSED", Role::Warn),
        None if going.paused => ("PAUSING after this batch", Role::Warn),
        None if going.waits.is_some() => ("WAITING", Role::Warn),
        None if going.id.is_none() => ("nothing is written yet", Role::Text),
        None if going.restoring => ("BRINGING BACK", Role::Gauge),
        None => ("RUNNING", Role::Gauge),
        Some((_, Ended::Finished)) if going.restoring => ("BROUGHT BACK", Role::Good),
        Some((_, Ended::Paused(_))) if going.restoring => ("NOT ALL IS BACK", Role::Warn),
        Some((_, Ended::Finished)) => ("FINISHED and proved", Role::Good),
        Some((_, Ended::Stopped)) => ("STOPPED, with nothing open", Role::Warn),
        Some((_, Ended::Paused(_))) => ("PAUSED itself", Role::Warn),
        Some((_, Ended::Failed(_))) => ("FAILED", Role::Bad),
    }
}

/// When the window ends, and what is left of it when the run will be done.
pub fn window(app: &App, going: &Going) -> Option<Piece<'static>> {
    let end = going.parameters.window_end.as_ref()?;
    let Ok(end_at) = end.parse::<Timestamp>() else {
        return Some(piece(format!("window ends {end}"), Role::Text));
    };
    let now = app.mend.zoned(app.facts.now);
    let left = end_at.duration_since(now.timestamp()).as_secs_f64();
    if left <= 0.0 {
        return Some(piece("the window has ended", Role::Warn));
    }
    let end = hour(&end_at.to_zoned(now.time_zone().clone()), &now);
    Some(match going.left(app.facts.now).map(|needs| left - needs.as_secs_f64()) {
        Some(margin) if margin < 0.0 => {
            piece(format!("window ends {end}, TOO EARLY by {}", lasts(-margin)), Role::Bad)
        }
        Some(margin) => piece(format!("window ends {end}, margin {}", lasts(margin)), Role::Text),
        None => piece(format!("window ends {end}, in {}", lasts(left)), Role::Text),
    })
}

/// A moment as a time of day to the minute; with its date where it is another day.
fn hour(at: &Zoned, now: &Zoned) -> String {
    moment(at, now, "%H:%M")
}

/// A moment as a time of day; with its date where it is another day.
fn moment(at: &Zoned, now: &Zoned, time: &str) -> String {
    let time = at.strftime(time);
    if at.date() == now.date() { time.to_string() } else { format!("{} {time}", at.strftime("%Y-%m-%d")) }
}

/// Pace and time left, and when that will be.
pub fn pace(app: &App, going: &Going) -> String {
    let rate = going.rate().map_or("–".to_owned(), |rate| count(rate as u64));
    let now = app.mend.zoned(app.facts.now);
    let eta = |left: Option<Duration>| left.map_or("?".to_owned(), |left| lasts(left.as_secs_f64()));
    let left = going.left(app.facts.now);
    let done = left.and_then(|left| now.checked_add(left).ok());
    let done = done.map(|done| format!(" → {}", hour(&done, &now))).unwrap_or_default();
    format!("{rate} rows/s   step ETA {}   plan ETA {}{done}", eta(going.step_left(app.facts.now)), eta(left))
}

/// The size of batches, how long they take, how often something was in the way, and what it costs in logs, each for itself.
pub fn batches(app: &App, going: &Going) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(batch) = &going.batch {
        let by = if going.size.is_some() { "by hand" } else { "by time" };
        let size = going.size.unwrap_or(batch.next);
        words.push(format!("batch {} {by}", count(size)));
        words.push(format!("last {} in {}", counted(batch.changed, "row", "rows"), took(batch.took)));
    }
    words.extend(going.times.p95().map(|time| format!("p95 {}", took(time))));
    words.push(counted(going.retries, "retry", "retries"));
    words.push(match going.waited.0 {
        0 => "never waited".to_owned(),
        times => format!("waited {times}×, {}", took(going.waited_in_all(app.facts.now))),
    });
    words
}

/// What the log of the whole server grew by since it was looked at first, and its rate of late: who wrote it is nothing a
/// server tells. Where nobody looks any more, it ends with the last look.
pub fn written(app: &App, going: &Going) -> Option<String> {
    let (from, to, written) = going.written.grown()?;
    let (from, to, now) = (app.mend.zoned(from), app.mend.zoned(to), app.mend.zoned(app.facts.now));
    Some(match going.written.rate(app.facts.now).filter(|_| going.goes_on()) {
        Some(rate) => format!("{} since {}, {}/s", bytes(written), hour(&from, &now), bytes(rate)),
        None => {
            let (from, to) = (moment(&from, &now, "%H:%M:%S"), moment(&to, &now, "%H:%M:%S"));
            format!("{} from {from} to {to}", bytes(written))
        }
    })
}

/// The size of the log beside a file, where there is one.
pub fn log_file(going: &Going) -> Option<u64> {
    going.signs.as_ref().filter(|_| going.is_on_file())?.wal.filter(|size| *size > 0)
}

/// Words in as many lines as they need: no word is broken, and none is left out.
pub fn lines(words: Vec<String>, width: usize) -> Vec<String> {
    const APART: &str = "   ";
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if cells(line) + APART.len() + cells(&word) <= width => {
                line.push_str(APART);
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// What the step that runs keeps locked, and who waits for it.
pub fn locks(going: &Going) -> Option<String> {
    if going.waits.is_some() {
        return Some("locks   no table is locked while it waits".to_owned());
    }
    let step = going.step().filter(|step| step.state == State::Running && !going.restoring)?;
    let planned = going.plan.steps.iter().find(|known| known.id == step.id)?;
    let Some(held) = planned.locks.first() else { return Some("locks   none on any table".to_owned()) };
    let table = match (&going.batch, held.span) {
        (Some(batch), Span::Batch) => batch.table.as_str(),
        _ => held.table.as_str(),
    };
    let (mode, span) = (held.mode.words(), held.span.words());
    Some(format!("locks   {table}  {mode} {span}: {}", held.mode.blocks()))
}

/// Why it waits, or how it ended, or what is done before the first step.
pub fn waits(app: &App, going: &Going) -> Option<Piece<'static>> {
    if let Some((_, Ended::Paused(why))) = &going.ended {
        return Some(piece(why.clone(), Role::Warn));
    }
    if going.ended.is_some() && !going.came.is_empty() {
        return Some(piece(going.came.join(" "), Role::Warn));
    }
    if let Some((_, Ended::Failed(fault))) = &going.ended {
        let hint = fault.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
        return Some(piece(format!("{fault}{hint}"), Role::Bad));
    }
    if let Some(why) = &going.waits {
        return Some(piece(format!("waits: {why}"), Role::Warn));
    }
    let preparing = going.id.is_none() && going.goes_on();
    preparing.then(|| {
        piece(format!("planned afresh on the database as it is: {}", app.mend.planning.phase), Role::Text)
    })
}

/// What a person should know who wants to leave, or what comes next.
pub fn safe(app: &App, going: &Going) -> Piece<'static> {
    if going.restoring {
        return match &going.ended {
            None => piece("Safe to close: what came back stays back, B begins it again.", Role::Dim),
            Some((_, Ended::Finished)) => {
                piece("Nothing is open. Tab shows all runs of the journal.", Role::Dim)
            }
            Some(_) => piece("Nothing is open. B begins it again, Tab shows all runs.", Role::Title),
        };
    }
    let again = "X goes on with it, T sets its limits, Tab shows all runs";
    let id = going.id.as_deref().unwrap_or_default();
    match &going.ended {
        None if going.id.is_none() => piece("Safe to close: nothing is written yet.", Role::Dim),
        None => {
            piece(format!("Safe to close, all is journalled. Resume: waif resume TARGET {id}"), Role::Dim)
        }
        Some((_, Ended::Finished)) if !going.came.is_empty() => {
            piece("Every step is done and proved; see what came since. Tab shows all runs.", Role::Title)
        }
        Some((_, Ended::Finished)) => {
            piece("Nothing is left to do. Tab shows all runs of the journal.", Role::Dim)
        }
        Some(_) if going.id.is_some() && app.facts.fault.is_none() => {
            piece(format!("Nothing is open. {again}."), Role::Title)
        }
        Some(_) if going.id.is_some() => piece("R connects again; then 6 and X go on with it.", Role::Title),
        Some(_) => piece("Nothing was written. 5 shows the plan.", Role::Title),
    }
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
