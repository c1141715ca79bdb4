//! The journal: what every run did, in the file itself, in the same transaction as the data. Four tables, `waif_run`,
//! `waif_step`, `waif_batch` and `waif_proof`. A run's row carries an epoch: whoever takes the run over counts it up, and the fence in
//! every transaction of the process before fails from then on. `BEGIN IMMEDIATE` stands before each, so nobody comes between
//! the fence and the commit.

use crate::model::run::Counts;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::{NewRun, Window};

/// What another process finds when it took a run that somebody else took over.
const TAKEN_OVER: &str = "Another process took this run over: this one has nothing to write any more.";
/// What a process finds that came between another one's look and its own.
const NOT_ALONE: &str = "Another run began on this file at the same moment.";
/// What somebody finds whose step was struck off the journal.
pub(super) const NO_STEP: &str = "The step is not in the journal any more.";
/// Now, as the journal writes it.
pub(super) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/// The tables of the journal: name, and what stands behind it. SQLite keeps the text as it is given here.
const TABLES: [(&str, &str); 4] = [
    (
        "waif_run",
        "(\n  id TEXT NOT NULL PRIMARY KEY,\n  format INTEGER NOT NULL,\n  plan TEXT NOT NULL,\n  state TEXT NOT NULL,\n  \
         epoch INTEGER NOT NULL,\n  role TEXT NOT NULL,\n  holder TEXT NOT NULL,\n  note TEXT,\n  started_at TEXT NOT NULL,\n  \
         changed_at TEXT NOT NULL,\n  ended_at TEXT\n)",
    ),
    (
        "waif_step",
        "(\n  run TEXT NOT NULL REFERENCES waif_run(id),\n  place INTEGER NOT NULL,\n  id TEXT NOT NULL,\n  state TEXT NOT NULL,\n  \
         rows INTEGER NOT NULL DEFAULT 0,\n  total INTEGER,\n  note TEXT,\n  started_at TEXT,\n  ended_at TEXT,\n  \
         PRIMARY KEY (run, place)\n)",
    ),
    (
        "waif_batch",
        "(\n  run TEXT NOT NULL,\n  place INTEGER NOT NULL,\n  number INTEGER NOT NULL,\n  epoch INTEGER NOT NULL,\n  \
         leaf TEXT NOT NULL,\n  pass INTEGER NOT NULL,\n  low TEXT NOT NULL,\n  high TEXT NOT NULL,\n  rows INTEGER NOT NULL,\n  \
         at TEXT NOT NULL,\n  PRIMARY KEY (run, place, number),\n  \
         FOREIGN KEY (run, place) REFERENCES waif_step(run, place)\n)",
    ),
    (
        "waif_proof",
        "(\n  run TEXT NOT NULL,\n  place INTEGER NOT NULL,\n  moment TEXT NOT NULL,\n  orphans INTEGER,\n  half_null INTEGER,\n  \
         fillable INTEGER,\n  wrong INTEGER,\n  at TEXT NOT NULL,\n  PRIMARY KEY (run, place, moment),\n  \
         FOREIGN KEY (run, place) REFERENCES waif_step(run, place)\n)",
    ),
];

pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// A number as SQLite holds it; one that is too large for it is none of ours.
pub(super) fn number(value: u64) -> Value {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

pub(super) fn place(value: usize) -> Value {
    number(value as u64)
}

/// Whether a table is one of the journal.
pub(super) fn is_own(name: &str, definition: &str) -> bool {
    let own = TABLES.iter().find(|(own, _)| *own == name);
    own.is_some_and(|(name, rest)| definition == format!("CREATE TABLE {name} {rest}"))
}

/// Statements that make the journal where it is not.
pub(crate) fn create() -> Vec<Change> {
    let table = |(name, rest): &(&str, &str)| format!("CREATE TABLE IF NOT EXISTS main.{name} {rest}");
    TABLES.iter().map(|each| Change::new(Purpose::Journal, table(each), Vec::new())).collect()
}

/// One row: whether the journal is there.
pub(crate) fn stands() -> Query {
    let text = "SELECT count(*) = 4 FROM main.sqlite_schema WHERE type = 'table' \
                AND name IN ('waif_run', 'waif_step', 'waif_batch', 'waif_proof')";
    Query::new(Purpose::Journal, text, Vec::new())
}

/// What stands under the names of the journal and is none of ours, and what listens to it.
pub(crate) fn strange() -> Query {
    let names: Vec<String> = TABLES.iter().map(|(name, _)| format!("'{name}'")).collect();
    let names = names.join(", ");
    let args: Vec<Value> =
        TABLES.iter().map(|(name, rest)| text(format!("CREATE TABLE {name} {rest}"))).collect();
    let select = format!(
        "SELECT type || ' ' || name FROM main.sqlite_schema WHERE lower(name) IN ({names}) \
         AND (type <> 'table' OR sql NOT IN (?1, ?2, ?3, ?4)) OR type = 'trigger' AND lower(tbl_name) IN ({names}) ORDER BY 1"
    );
    Query::new(Purpose::Survey, select, args)
}

/// Writes a run down, with its steps.
pub(crate) fn begin(run: &NewRun<'_>) -> Vec<Change> {
    let insert = format!(
        "INSERT INTO main.waif_run (id, format, plan, state, epoch, role, holder, started_at, changed_at) \
         VALUES (?1, ?2, ?3, 'running', 1, ?4, ?5, {NOW}, {NOW})"
    );
    // A file has no roles: whoever runs it is who the system says he is.
    let who = run.holder.rsplit_once(", process ").map_or(run.holder, |(who, _)| who);
    let args = vec![text(run.id), number(run.format.into()), text(run.plan), text(who), text(run.holder)];
    let mut changes =
        vec![Change::new(Purpose::Journal, insert, args).expecting(1, "The run could not be written down.")];
    for (nth, id) in run.steps.iter().enumerate() {
        let insert = "INSERT INTO main.waif_step (run, place, id, state) VALUES (?1, ?2, ?3, 'waiting')";
        let args = vec![text(run.id), place(nth), text(id.as_str())];
        changes.push(Change::new(Purpose::Journal, insert, args));
    }
    changes
}

/// Other runs that are called running: id, holder, when it began.
pub(crate) fn others(run: &str) -> Query {
    let select = "SELECT id, holder, started_at FROM main.waif_run WHERE state = 'running' AND id <> ?1 ORDER BY started_at";
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Fails when another run is called running than this one and those.
pub(crate) fn alone(run: &str, gone: &[String]) -> Change {
    let seats: Vec<String> = (0..gone.len()).map(|nth| format!("?{}", nth + 2)).collect();
    let select = format!(
        "SELECT id FROM main.waif_run WHERE state = 'running' AND id <> ?1 AND id NOT IN ({})",
        seats.join(", ")
    );
    let args = std::iter::once(run).chain(gone.iter().map(String::as_str)).map(text).collect();
    Change::new(Purpose::Journal, select, args).returning().expecting(0, NOT_ALONE)
}

/// Takes a run over: the epoch goes up, and whoever had it before is fenced off. Answers with the new epoch.
pub(crate) fn take_over(run: &str, holder: &str) -> Change {
    let update = format!(
        "UPDATE main.waif_run SET epoch = epoch + 1, state = 'running', holder = ?2, note = NULL, ended_at = NULL, \
         changed_at = {NOW} WHERE id = ?1 AND state <> 'finished' RETURNING epoch"
    );
    Change::new(Purpose::Journal, update, vec![text(run), text(holder)])
        .returning()
        .expecting(1, "There is no such run that could go on.")
}

/// Holds the run for the rest of the transaction, or fails when somebody else has it.
pub(crate) fn fence(run: &str, epoch: u64) -> Change {
    let select = "SELECT id FROM main.waif_run WHERE id = ?1 AND epoch = ?2 AND state = 'running'";
    Change::new(Purpose::Journal, select, vec![text(run), number(epoch)]).returning().expecting(1, TAKEN_OVER)
}

/// Writes down what became of a run.
pub(crate) fn run_state(run: &str, state: &str, note: Option<&str>) -> Change {
    let update = format!(
        "UPDATE main.waif_run SET state = ?2, note = ?3, changed_at = {NOW}, \
         ended_at = CASE WHEN ?2 = 'running' THEN NULL ELSE {NOW} END WHERE id = ?1"
    );
    let note = note.map_or(Value::Null, text);
    Change::new(Purpose::Journal, update, vec![text(run), text(state), note])
        .expecting(1, "The run is not in the journal any more.")
}

/// Writes down what became of a step.
pub(crate) fn step_state(
    run: &str,
    nth: usize,
    state: &str,
    total: Option<u64>,
    note: Option<&str>,
) -> Change {
    let update = format!(
        "UPDATE main.waif_step SET state = ?3, total = coalesce(?4, total), note = coalesce(?5, note), \
         started_at = coalesce(started_at, {NOW}), ended_at = CASE WHEN ?3 = 'running' THEN NULL ELSE {NOW} END \
         WHERE run = ?1 AND place = ?2"
    );
    let args = vec![
        text(run),
        place(nth),
        text(state),
        total.map_or(Value::Null, number),
        note.map_or(Value::Null, text),
    ];
    Change::new(Purpose::Journal, update, args).expecting(1, NO_STEP)
}

const RUN: &str = "SELECT id, CAST(format AS TEXT), plan, state, CAST(epoch AS TEXT), role, holder, note, started_at, \
                   changed_at, ended_at FROM main.waif_run";

/// One row for a run: its format, plan, state, epoch, role, holder, note, when it began, changed and ended.
pub(crate) fn run(id: &str) -> Query {
    Query::new(Purpose::Journal, format!("{RUN} WHERE id = ?1"), vec![text(id)])
}

/// All runs, newest first, as [`run`] tells each.
pub(crate) fn runs() -> Query {
    Query::new(Purpose::Journal, format!("{RUN} ORDER BY started_at DESC, id"), Vec::new())
}

/// Writes down what was counted of a step. What stood before it is written once, by the first process of the run; what
/// stands after it is what was counted last.
pub(crate) fn counts(run: &str, nth: usize, moment: &str, counts: &Counts) -> Change {
    let insert = format!(
        "INSERT INTO main.waif_proof (run, place, moment, orphans, half_null, fillable, wrong, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {NOW}) ON CONFLICT (run, place, moment) DO UPDATE SET \
         orphans = excluded.orphans, half_null = excluded.half_null, fillable = excluded.fillable, \
         wrong = excluded.wrong, at = excluded.at WHERE waif_proof.moment <> 'before'"
    );
    let figures = [counts.orphans, counts.half_null, counts.fillable, counts.wrong];
    let mut args = vec![text(run), place(nth), text(moment)];
    args.extend(figures.map(|figure| figure.map_or(Value::Null, number)));
    Change::new(Purpose::Journal, insert, args)
}

/// The steps of a run in order: id, state, rows, total, note, when it began and ended, its batches; then what was counted
/// before it, whether anything was, and the same after it.
pub(crate) fn steps(run: &str) -> Query {
    let counted = |of: &str| {
        let figures =
            ["orphans", "half_null", "fillable", "wrong"].map(|name| format!("CAST({of}.{name} AS TEXT)"));
        format!("{of}.run IS NOT NULL, {}", figures.join(", "))
    };
    let joined = |of: &str, moment: &str| {
        format!(
            "LEFT JOIN main.waif_proof AS {of} ON {of}.run = s.run AND {of}.place = s.place AND {of}.moment = '{moment}'"
        )
    };
    let select = format!(
        "SELECT s.id, s.state, CAST(s.rows AS TEXT), CAST(s.total AS TEXT), s.note, s.started_at, s.ended_at, \
         CAST((SELECT count(*) FROM main.waif_batch AS b WHERE b.run = s.run AND b.place = s.place) AS TEXT), {}, {} \
         FROM main.waif_step AS s {} {} WHERE s.run = ?1 ORDER BY s.place",
        counted("p"),
        counted("q"),
        joined("p", "before"),
        joined("q", "after")
    );
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Steps of a run whose rows are not the sum of their batches: id, rows, sum.
pub(crate) fn contradictions(run: &str) -> Query {
    let select = "SELECT id, CAST(rows AS TEXT), CAST(sum AS TEXT) FROM (SELECT s.place, s.id, s.rows, \
                  (SELECT coalesce(sum(b.rows), 0) FROM main.waif_batch AS b WHERE b.run = s.run AND b.place = s.place) AS sum \
                  FROM main.waif_step AS s WHERE s.run = ?1) WHERE rows <> sum ORDER BY place";
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Writes a batch down: the rows that the statement right before it changed, which must be as many as `kept` counts, an
/// expression. A batch whose figures differ was changed by somebody else in our own transaction: a trigger.
pub(super) fn batch(window: &Window<'_>, kept: &str, bounds: Vec<Value>) -> Change {
    let insert = format!(
        "INSERT INTO main.waif_batch (run, place, number, epoch, leaf, pass, low, high, rows, at) \
         SELECT ?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, b.rows, {NOW} FROM (SELECT changes() AS rows) AS b WHERE b.rows = ({kept})"
    );
    let mut args = vec![
        text(window.run),
        place(window.place),
        number(window.number),
        number(window.epoch),
        text(format!("{}.{}", window.leaf_name.schema.raw(), window.leaf_name.name.raw())),
        text(window.low),
        text(window.high),
    ];
    args.extend(bounds);
    Change::new(Purpose::Batch, insert, args)
        .expecting(1, "A batch filled other rows than it wrote down: a trigger is at work.")
}

/// Adds the rows of a batch to its step, and answers with their number, negative where they were taken back.
pub(super) fn counted(run: &str, nth: usize, number_of: u64) -> Change {
    let rows = "coalesce((SELECT b.rows FROM main.waif_batch AS b WHERE b.run = ?1 AND b.place = ?2 AND b.number = ?3), 0)";
    let update = format!(
        "UPDATE main.waif_step SET rows = rows + {rows} WHERE run = ?1 AND place = ?2 RETURNING abs({rows})"
    );
    Change::new(Purpose::Journal, update, vec![text(run), place(nth), number(number_of)])
        .returning()
        .expecting(1, NO_STEP)
}

/// Writes a batch down whose rows an expression counts, and adds it to its step; answers with their number, and with that
/// of those among them the step is about, which another counts.
pub(super) fn sized(window: &Window<'_>, all: &str, own: &str) -> [Change; 2] {
    let insert = format!(
        "INSERT INTO main.waif_batch (run, place, number, epoch, leaf, pass, low, high, rows, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, {all}, {NOW})"
    );
    let args = vec![
        text(window.run),
        place(window.place),
        number(window.number),
        number(window.epoch),
        text(format!("{}.{}", window.leaf_name.schema.raw(), window.leaf_name.name.raw())),
        text(window.low),
        text(window.high),
    ];
    let update = format!(
        "UPDATE main.waif_step SET rows = rows + {all} WHERE run = ?1 AND place = ?2 RETURNING {all}, {own}"
    );
    [
        Change::new(Purpose::Batch, insert, args).expecting(1, "The batch could not be written down."),
        Change::new(Purpose::Journal, update, vec![text(window.run), place(window.place)])
            .returning()
            .expecting(1, NO_STEP),
    ]
}
