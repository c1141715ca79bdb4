//! What Plan says in words: of the whole, of a step, of a reason against it. Shared with the confirmation.

use super::locks;
use crate::model::figure::{bytes, counted};
use crate::model::ident::TableName;
use crate::model::plan::lock::Mode;
use crate::model::plan::preflight::{Look, Outcome};
use crate::model::plan::refusal::Refusal;
use crate::model::plan::removal;
use crate::model::plan::step::{Rows, Step, Undo, Work};
use crate::model::plan::{Parameters, Plan};
use crate::model::run::RehearsedStep;
use crate::tui::app::App;
use crate::tui::mend::rehearsal::Rehearsing;
use crate::tui::screen::run::figures;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{ago, count, estimate, took};
use jiff::Timestamp;
use std::time::Duration;

/// Lines of a page, each with its role.
pub type Lines = Vec<(String, Role)>;

/// `5 steps, writes 1,164 rows, about 6 min`.
pub fn summary(plan: &Plan) -> String {
    let (rows, exact) = plan.rows();
    let rows = if exact { counted(rows, "row", "rows") } else { format!("{} rows", estimate(rows)) };
    let time =
        plan.seconds().map_or("time unknown".to_owned(), |time| format!("about {}", figures::lasts(time)));
    format!("{}, writes {rows}, {time}", counted(plan.steps.len() as u64, "step", "steps"))
}

/// What a step does, short enough for a list: the table first, which tells steps apart, then the verb.
pub fn brief(step: &Step) -> String {
    let of = |table: &TableName, verb: &str| format!("{}: {verb}", table.name.visible());
    match &step.work {
        Work::Journal => "waif: create the journal".to_owned(),
        Work::Backfill(copied) => {
            format!("{}.{}: fill", copied.table.name.visible(), copied.column.visible())
        }
        Work::CreateIndex(index) if index.only => of(&index.table, "frame of the index"),
        Work::CreateIndex(index) => of(&index.table, "index"),
        Work::AttachIndex { table, .. } => of(table, "attach the index"),
        Work::AddKey(key) => of(&key.table, "add the key"),
        Work::ProveKey { table, .. } => of(table, "prove the key"),
        Work::SwapKey { table, .. } => of(table, "swap the keys"),
        Work::DropKey { table, .. } => of(table, "drop the key"),
        Work::Rebuild(rebuild) => of(&rebuild.table, "rebuild"),
        Work::Remove(removal) => of(&removal.missing.child.table, removal.manner.word()),
        Work::Nullify(nulling) => of(&nulling.missing.child.table, "set references to NULL"),
        Work::Adopt(adoption) => of(&adoption.missing.parent.table, "insert missing parents"),
    }
}

/// Ids of steps, those that follow each other as a range: `1a, 2b–2k`.
pub fn ids(plan: &Plan, which: impl Fn(&Step) -> bool) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (at, _) in plan.steps.iter().enumerate().filter(|(_, step)| which(step)) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => ranges.push((at, at)),
        }
    }
    let id = |at: usize| plan.steps.get(at).map_or("", |step| step.id.as_str());
    let range = |(first, last): (usize, usize)| match last - first {
        0 => id(first).to_owned(),
        1 => format!("{}, {}", id(first), id(last)),
        _ => format!("{}–{}", id(first), id(last)),
    };
    ranges.into_iter().map(range).collect::<Vec<_>>().join(", ")
}

/// Rows as a cell.
pub fn rows(rows: Option<Rows>) -> String {
    match rows {
        None => "–".to_owned(),
        Some(Rows { count: rows, exact: true }) => count(rows),
        Some(Rows { count: rows, .. }) => estimate(rows),
    }
}

/// A lock as a cell; the page of the step has it in full.
pub fn lock(mode: Mode) -> String {
    mode.words().replace("UPDATE", "UPD").replace("EXCLUSIVE", "EXCL")
}

/// Seconds as a cell.
pub fn time(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return "?".to_owned() };
    match seconds.clamp(0.0, 1e9) {
        short if short < 60.0 => took(Duration::from_secs_f64(short)),
        long => {
            let (hours, minutes, seconds) = (long as u64 / 3_600, long as u64 / 60 % 60, long as u64 % 60);
            if hours > 0 {
                format!("{hours}:{minutes:02}:{seconds:02}")
            } else {
                format!("{minutes}:{seconds:02}")
            }
        }
    }
}

/// When the window ends, on the clock of the person, and what is left of it after so many seconds of work; or that there
/// is none.
pub fn window_of(app: &App, parameters: &Parameters, needs: Option<f64>) -> String {
    let Some(end) = &parameters.window_end else {
        return "none: it runs until it is done".to_owned();
    };
    let Ok(end_at) = end.parse::<Timestamp>() else { return format!("ends at {end}") };
    let now = app.mend.zoned(app.facts.now);
    let end = end_at.to_zoned(now.time_zone().clone());
    let same_day = end.date() == now.date();
    let end = end.strftime(if same_day { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string();
    let left = end_at.duration_since(now.timestamp()).as_secs_f64();
    if left <= 0.0 {
        return format!("ENDED at {end}: it would pause at once. T on Run sets another end");
    }
    match needs {
        Some(needs) if needs > left => {
            format!(
                "ends {end}, in {}: TOO EARLY by about {}",
                figures::lasts(left),
                figures::lasts(needs - left)
            )
        }
        Some(needs) => {
            format!("ends {end}, in {}, margin about {}", figures::lasts(left), figures::lasts(left - needs))
        }
        None => format!("ends {end}, in {}", figures::lasts(left)),
    }
}

/// The limits a run keeps to, besides its window.
pub fn limits(own: &Parameters) -> String {
    let time = |millis| took(Duration::from_millis(millis));
    let mut words = vec![
        format!(
            "locks waited for {} at a time, {}",
            time(own.lock_timeout),
            counted(own.lock_tries.into(), "try", "tries")
        ),
        format!("batches of {} up to {} rows", time(own.batch_time), count(own.largest_batch)),
    ];
    words.push(
        own.max_lag
            .map_or("no replica is waited for".to_owned(), |lag| format!("replica lag up to {}", time(lag))),
    );
    words.extend(own.max_rows.map(|rows| format!("at most {}", counted(rows, "row", "rows"))));
    words
        .extend(own.max_active.map(|most| format!("{} of others", counted(most, "statement", "statements"))));
    words.extend(
        own.max_backlog
            .map(|most| format!("{} to be archived", counted(most, "WAL segment", "WAL segments"))),
    );
    words.extend(own.max_wal.map(|most| format!("{} of WAL kept", bytes(most))));
    words.extend(own.max_growth.map(|most| format!("growth up to {}", bytes(most))));
    words.join(", ")
}

/// The rehearsal of a plan, if there is one.
pub fn rehearsing<'a>(app: &'a App, plan: &Plan) -> Option<&'a Rehearsing> {
    app.mend.rehearsing.as_ref().filter(|rehearsing| rehearsing.of == plan.fingerprint)
}

/// How the rehearsal of a plan went, in a sentence.
pub fn rehearsed(app: &App, plan: &Plan) -> (String, Role) {
    let Some(rehearsing) = rehearsing(app, plan) else { return ("none: d rehearses".to_owned(), Role::Warn) };
    match &rehearsing.got {
        None => (format!("goes on, {}", took(app.facts.now.saturating_sub(rehearsing.since))), Role::Text),
        Some((_, Err(fault))) => (format!("could not be carried out: {fault}"), Role::Bad),
        Some((at, Ok(rehearsal))) => {
            let tried = rehearsal.steps.iter().filter(|step| step.seconds.is_some()).count();
            let failed = rehearsal.steps.iter().filter(|step| step.failed).count();
            let when = ago(app.facts.now.saturating_sub(*at));
            let all = counted(rehearsal.steps.len() as u64, "step", "steps");
            if failed > 0 {
                return (format!("{failed} of {all} failed, {when}, rolled back"), Role::Bad);
            }
            (format!("{tried} of {all} tried and rolled back, {when}"), Role::Good)
        }
    }
}

/// All that is known of a step: what it locks and who is in the way first, what it sends last.
pub fn step(app: &App, plan: &Plan, step: &Step) -> Lines {
    let mut lines: Lines = vec![(format!("{} {}", step.id, step.title), Role::Title)];
    if let Some(rehearsing) = rehearsing(app, plan) {
        lines.extend(rehearsed_step(rehearsing, step));
    }
    lines.extend(reaches(step));
    lines.extend(locks::preview(app, step));
    head(&mut lines, &format!("In the way when it was planned{}", app.mend.planning.ago(app.facts.now)));
    if step.held_up_by.is_empty() {
        lines.push(("  nobody".to_owned(), Role::Text));
    }
    lines.extend(step.held_up_by.iter().map(|who| (format!("  {who}"), Role::Warn)));
    head(&mut lines, "Undo");
    lines.extend(undo(&step.undo));
    head(&mut lines, "Proved by");
    lines.push((format!("  {}", step.verify), Role::Text));
    head(&mut lines, "Run again");
    lines.push((format!("  {}", step.again), Role::Text));
    if !step.after.is_empty() {
        head(&mut lines, &format!("Only after {}", step.after.join(", ")));
    }
    let how = if step.transactional { "SQL, in one transaction" } else { "SQL, not in one transaction" };
    head(&mut lines, how);
    for sql in &step.sql {
        lines.extend(sql.lines().map(|line| (format!("  {line}"), Role::Text)));
    }
    lines
}

/// What a step reaches, table by table and level by level.
fn reaches(step: &Step) -> Lines {
    let mut lines = Lines::new();
    if step.reach.is_empty() {
        return lines;
    }
    head(&mut lines, "Reaches");
    for reached in &step.reach {
        let far = match reached.level {
            0 => String::new(),
            level => format!(", {} down", counted(u64::from(level), "level", "levels")),
        };
        let rows = counted(reached.rows, "row", "rows");
        let what = match reached.what {
            removal::Outcome::Removed => "removed",
            removal::Outcome::Overwritten => "overwritten",
            removal::Outcome::Inserted => "inserted",
        };
        let (table, store) = (&reached.table, &reached.store);
        lines.push((format!("  {rows} of {table} {what}{far}; kept in {store}"), Role::Warn));
    }
    lines
}

/// What was looked at before, in a line.
pub fn preflight(plan: &Plan) -> (String, Role) {
    let of = |outcome| plan.preflight.iter().filter(|look| look.outcome == outcome).count() as u64;
    let mut words = vec![format!("{} ok", of(Outcome::Passed))];
    let (warned, refused, unknown) = (of(Outcome::Warned), of(Outcome::Refused), of(Outcome::Unknown));
    for (count, word) in [(refused, "NO"), (warned, "warn"), (unknown, "for you to look at")] {
        if count > 0 {
            words.push(format!("{count} {word}"));
        }
    }
    let role = match (refused, warned + unknown) {
        (0, 0) => Role::Good,
        (0, _) => Role::Warn,
        _ => Role::Bad,
    };
    (format!("Preflight: {}", words.join(", ")), role)
}

/// All that was looked at before.
pub fn looks(plan: &Plan) -> Lines {
    let line = |look: &Look| {
        let role = match look.outcome {
            Outcome::Passed => Role::Text,
            Outcome::Warned | Outcome::Unknown => Role::Warn,
            Outcome::Refused => Role::Bad,
        };
        (format!("{:<4}  {:<16}  {}", look.outcome.word(), look.what, look.sentence), role)
    };
    plan.preflight.iter().map(line).collect()
}

fn head(lines: &mut Lines, text: &str) {
    lines.push((text.to_owned(), Role::Dim));
}

fn undo(undo: &Undo) -> Lines {
    match undo {
        Undo::None => vec![("  nothing to take back".to_owned(), Role::Text)],
        Undo::Record { sentence, statements } => {
            let said = std::iter::once((format!("  {sentence}"), Role::Text));
            said.chain(indented(statements)).collect()
        }
        Undo::Sql { statements } => indented(statements).collect(),
    }
}

fn indented(statements: &[String]) -> impl Iterator<Item = (String, Role)> {
    statements.iter().flat_map(|sql| sql.lines()).map(|line| (format!("  {line}"), Role::Text))
}

fn rehearsed_step(rehearsing: &Rehearsing, step: &Step) -> Lines {
    let mut lines = Lines::new();
    head(&mut lines, "Rehearsed");
    let Some(RehearsedStep { rows, of, seconds, locks, note, failed, .. }) = rehearsing.step(&step.id) else {
        lines.push(("  not yet".to_owned(), Role::Text));
        return lines;
    };
    let mut words = Vec::new();
    if let Some(rows) = rows {
        words.push(match of {
            Some(of) => format!("{} of {} rows", count(*rows), count(*of)),
            None => counted(*rows, "row", "rows"),
        });
    }
    words.extend(seconds.map(|seconds| format!("{}, rolled back", time(Some(seconds)))));
    if !words.is_empty() {
        lines.push((format!("  {}", words.join(" in ")), if *failed { Role::Bad } else { Role::Good }));
    }
    lines.extend(held(locks));
    if let Some(note) = note {
        lines.push((format!("  {note}"), if *failed { Role::Bad } else { Role::Text }));
    }
    lines
}

/// The strongest lock on each table, as the server named it.
fn held(locks: &[(String, String)]) -> Lines {
    let mut tables: Vec<(&str, Option<Mode>, &str)> = Vec::new();
    for (table, word) in locks {
        let mode = Mode::named(word);
        match tables.iter_mut().find(|(known, ..)| *known == table) {
            Some(known) if known.1 < mode => (known.1, known.2) = (mode, word),
            Some(_) => {}
            None => tables.push((table, mode, word)),
        }
    }
    let line = |(table, mode, word): (&str, Option<Mode>, &str)| {
        let known = mode.map(|mode| mode.words().to_owned());
        (format!("  held {} on {table}", known.unwrap_or_else(|| word.to_owned())), Role::Text)
    };
    tables.into_iter().map(line).collect()
}

/// A reason against the plan, and what to do.
pub fn refusal(plan: &Plan, refusal: &Refusal) -> Lines {
    let mut lines: Lines = vec![(refusal.sentence.clone(), Role::Bad)];
    if let Some(action) = refusal.action.and_then(|at| plan.actions.get(at)) {
        lines.push((format!("It stands against {action}."), Role::Dim));
    }
    if let Some(remedy) = &refusal.remedy {
        head(&mut lines, "What to do");
        lines.extend(remedy.lines().map(|line| (format!("  {line}"), Role::Text)));
    }
    lines
}
