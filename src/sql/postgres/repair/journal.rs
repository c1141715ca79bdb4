//! The journal: what every run did, in the database itself, in the same transaction as the data. Its schema is `waif`.
//! A run's row carries an epoch: whoever takes the run over counts it up, and the fence in every transaction of the
//! session before fails from then on.

use crate::model::ident::TableName;
use crate::model::run::Counts;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::{NewRun, Window};

/// What another session finds when it took a run that somebody else took over.
const TAKEN_OVER: &str = "Another session took this run over: this one has nothing to write any more.";

/// The tables of the journal; a statement each.
const TABLES: [&str; 6] = [
    "CREATE SCHEMA IF NOT EXISTS waif",
    "COMMENT ON SCHEMA waif IS 'The journal of waif: what its runs did, and what takes it back'",
    "CREATE TABLE IF NOT EXISTS waif.run (\n  \
       id text PRIMARY KEY,\n  format int NOT NULL,\n  plan text NOT NULL,\n  state text NOT NULL,\n  \
       epoch int NOT NULL,\n  role text NOT NULL DEFAULT session_user,\n  holder text NOT NULL,\n  \
       note text,\n  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n  \
       changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n  ended_at timestamptz\n)",
    "CREATE TABLE IF NOT EXISTS waif.step (\n  \
       run text NOT NULL REFERENCES waif.run(id),\n  place int NOT NULL,\n  id text NOT NULL,\n  \
       state text NOT NULL,\n  rows bigint NOT NULL DEFAULT 0,\n  total bigint,\n  note text,\n  \
       started_at timestamptz,\n  ended_at timestamptz,\n  PRIMARY KEY (run, place)\n)",
    "CREATE TABLE IF NOT EXISTS waif.batch (\n  \
       run text NOT NULL,\n  place int NOT NULL,\n  number bigint NOT NULL,\n  epoch int NOT NULL,\n  \
       leaf text NOT NULL,\n  pass int NOT NULL,\n  low text NOT NULL,\n  high text NOT NULL,\n  \
       rows bigint NOT NULL,\n  milliseconds int,\n  transaction text NOT NULL DEFAULT pg_catalog.txid_current()::text,\n  \
       at timestamptz NOT NULL DEFAULT clock_timestamp(),\n  PRIMARY KEY (run, place, number),\n  \
       FOREIGN KEY (run, place) REFERENCES waif.step(run, place)\n)",
    "CREATE TABLE IF NOT EXISTS waif.proof (\n  \
       run text NOT NULL,\n  place int NOT NULL,\n  moment text NOT NULL,\n  orphans bigint,\n  half_null bigint,\n  \
       fillable bigint,\n  wrong bigint,\n  at timestamptz NOT NULL DEFAULT clock_timestamp(),\n  \
       PRIMARY KEY (run, place, moment),\n  FOREIGN KEY (run, place) REFERENCES waif.step(run, place)\n)",
];

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn number(value: u64) -> Value {
    Value::Text(value.to_string())
}

/// Statements that make the journal where it is not.
pub(crate) fn create() -> Vec<Change> {
    TABLES.iter().map(|table| Change::new(Purpose::Journal, *table, Vec::new())).collect()
}

/// One row: whether tables are there in the schema of the journal. Asked of the catalog, which every role may read.
pub(super) fn standing(tables: &[&str]) -> Query {
    let select = "SELECT (count(*) = pg_catalog.cardinality($1::text::text[]))::text FROM pg_catalog.pg_class AS c \
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
                  WHERE n.nspname = 'waif' AND c.relkind = 'r' AND c.relname::text = ANY ($1::text::text[])";
    Query::new(Purpose::Journal, select, vec![text(format!("{{{}}}", tables.join(",")))])
}

/// One row: whether the journal is there.
pub(crate) fn stands() -> Query {
    standing(&["run", "step", "batch", "proof"])
}

/// Writes a run down, with its steps.
pub(crate) fn begin(run: &NewRun<'_>) -> Vec<Change> {
    let insert = "INSERT INTO waif.run (id, format, plan, state, epoch, holder) \
                  VALUES ($1::text, $2::text::int, $3::text, 'running', 1, $4::text)";
    let args = vec![text(run.id), number(run.format.into()), text(run.plan), text(run.holder)];
    let mut changes =
        vec![Change::new(Purpose::Journal, insert, args).expecting(1, "The run could not be written down.")];
    for (place, id) in run.steps.iter().enumerate() {
        let insert = "INSERT INTO waif.step (run, place, id, state) \
                      VALUES ($1::text, $2::text::int, $3::text, 'waiting')";
        changes.push(Change::new(
            Purpose::Journal,
            insert,
            vec![text(run.id), number(place as u64), text(id.as_str())],
        ));
    }
    changes
}

/// Other runs that are called running: id, holder, when it began.
pub(crate) fn others(run: &str) -> Query {
    let select = format!(
        "SELECT id, holder, {} FROM waif.run WHERE state = 'running' AND id <> $1::text ORDER BY started_at",
        moment("started_at")
    );
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Takes a run over: the epoch goes up, and whoever had it before is fenced off. Answers with the new epoch.
pub(crate) fn take_over(run: &str, holder: &str) -> Change {
    let update = "UPDATE waif.run SET epoch = epoch + 1, state = 'running', holder = $2::text, note = NULL, \
                  ended_at = NULL, changed_at = clock_timestamp() WHERE id = $1::text AND state NOT IN ('finished', 'restored') \
                  RETURNING epoch::text";
    Change::new(Purpose::Journal, update, vec![text(run), text(holder)])
        .returning()
        .expecting(1, "There is no such run that could go on.")
}

/// Holds the run for the rest of the transaction, or fails when somebody else has it.
pub(crate) fn fence(run: &str, epoch: u64) -> Change {
    let select = "SELECT id FROM waif.run WHERE id = $1::text AND epoch = $2::text::int AND state = 'running' FOR NO KEY UPDATE";
    Change::new(Purpose::Journal, select, vec![text(run), number(epoch)]).returning().expecting(1, TAKEN_OVER)
}

/// Writes down what became of a run.
pub(crate) fn run_state(run: &str, state: &str, note: Option<&str>) -> Change {
    let update = "UPDATE waif.run SET state = $2::text, note = $3::text, changed_at = clock_timestamp(), \
                  ended_at = CASE WHEN $2::text = 'running' THEN NULL ELSE clock_timestamp() END WHERE id = $1::text";
    let note = note.map_or(Value::Null, text);
    Change::new(Purpose::Journal, update, vec![text(run), text(state), note])
        .expecting(1, "The run is not in the journal any more.")
}

/// Writes down what became of a step.
pub(crate) fn step_state(
    run: &str,
    place: usize,
    state: &str,
    total: Option<u64>,
    note: Option<&str>,
) -> Change {
    let update = "UPDATE waif.step SET state = $3::text, total = coalesce($4::text::bigint, total), \
                  note = coalesce($5::text, note), started_at = coalesce(started_at, clock_timestamp()), \
                  ended_at = CASE WHEN $3::text = 'running' THEN NULL ELSE clock_timestamp() END \
                  WHERE run = $1::text AND place = $2::text::int";
    let args = vec![
        text(run),
        number(place as u64),
        text(state),
        total.map_or(Value::Null, number),
        note.map_or(Value::Null, text),
    ];
    Change::new(Purpose::Journal, update, args).expecting(1, "The step is not in the journal any more.")
}

/// The end of a statement whose part `batch` tells the size of a batch: writes the batch down and adds its rows to its
/// step, where a condition holds beside, and answers with their number.
pub(super) fn batch_if(condition: &str) -> String {
    format!("{DONE}{condition}\nRETURNING (SELECT size FROM batch)::text")
}

const DONE: &str = "done AS (\n  \
     INSERT INTO waif.batch (run, place, number, epoch, leaf, pass, low, high, rows)\n  \
     SELECT $1::text, $2::text::int, $3::text::bigint, $4::text::int, $5::text, $6::text::int, $7::text, $8::text, \
     size FROM batch\n)\n\
     UPDATE waif.step SET rows = rows + (SELECT size FROM batch) WHERE run = $1::text AND place = $2::text::int";

/// The arguments of [`batch_if`].
pub(super) fn batch(window: &Window<'_>) -> Vec<Value> {
    vec![
        text(window.run),
        number(window.place as u64),
        number(window.number),
        number(window.epoch),
        text(format!("{}.{}", window.leaf_name.schema.raw(), window.leaf_name.name.raw())),
        number(window.pass.unwrap_or_default().into()),
        text(window.low),
        text(window.high),
    ]
}

/// A moment as it is told: RFC 3339 in UTC, with milliseconds.
fn moment(column: &str) -> String {
    format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
}

/// What is told of each run.
fn heads() -> String {
    let [began, changed, ended] = ["started_at", "changed_at", "ended_at"].map(moment);
    format!(
        "SELECT id, format::text, plan, state, epoch::text, role, holder, note, {began}, {changed}, {ended} FROM waif.run"
    )
}

/// One row for a run: its format, plan, state, epoch, role, holder, note, when it began, changed and ended.
pub(crate) fn run(id: &str) -> Query {
    Query::new(Purpose::Journal, format!("{} WHERE id = $1::text", heads()), vec![text(id)])
}

/// All runs, newest first, as [`run`] tells each.
pub(crate) fn runs() -> Query {
    Query::new(Purpose::Journal, format!("{} ORDER BY started_at DESC, id", heads()), Vec::new())
}

/// Writes down what was counted of a step. What stood before it is written once, by the first session of the run; what
/// stands after it is what was counted last.
pub(crate) fn counted(run: &str, place: usize, moment: &str, counts: &Counts) -> Change {
    let insert = "INSERT INTO waif.proof AS f (run, place, moment, orphans, half_null, fillable, wrong) \
                  VALUES ($1::text, $2::text::int, $3::text, $4::text::bigint, $5::text::bigint, $6::text::bigint, \
                  $7::text::bigint) ON CONFLICT (run, place, moment) DO UPDATE SET orphans = excluded.orphans, \
                  half_null = excluded.half_null, fillable = excluded.fillable, wrong = excluded.wrong, at = excluded.at \
                  WHERE f.moment <> 'before'";
    let figures = [counts.orphans, counts.half_null, counts.fillable, counts.wrong];
    let mut args = vec![text(run), number(place as u64), text(moment)];
    args.extend(figures.map(|figure| figure.map_or(Value::Null, number)));
    Change::new(Purpose::Journal, insert, args)
}

/// The steps of a run in order: id, state, rows, total, note, when it began and ended, its batches; then what was counted
/// before it, whether anything was, and the same after it.
pub(crate) fn steps(run: &str) -> Query {
    let [began, ended] = ["s.started_at", "s.ended_at"].map(moment);
    let select = format!(
        "SELECT s.id, s.state, s.rows::text, s.total::text, s.note, {began}, {ended}, \
                  (SELECT count(*) FROM waif.batch AS b WHERE b.run = s.run AND b.place = s.place)::text, \
                  (p.run IS NOT NULL)::text, p.orphans::text, p.half_null::text, p.fillable::text, p.wrong::text, \
                  (q.run IS NOT NULL)::text, q.orphans::text, q.half_null::text, q.fillable::text, q.wrong::text \
                  FROM waif.step AS s \
                  LEFT JOIN waif.proof AS p ON (p.run, p.place, p.moment) = (s.run, s.place, 'before') \
                  LEFT JOIN waif.proof AS q ON (q.run, q.place, q.moment) = (s.run, s.place, 'after') \
                  WHERE s.run = $1::text ORDER BY s.place"
    );
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Steps of a run whose rows are not the sum of their batches: id, rows, sum.
pub(crate) fn contradictions(run: &str) -> Query {
    let select = "SELECT s.id, s.rows::text, b.rows::text FROM waif.step AS s CROSS JOIN LATERAL \
                  (SELECT coalesce(sum(b.rows), 0)::bigint AS rows FROM waif.batch AS b WHERE b.run = s.run AND b.place = s.place) AS b \
                  WHERE s.run = $1::text AND s.rows <> b.rows ORDER BY s.place";
    Query::new(Purpose::Journal, select, vec![text(run)])
}

/// Ends the sessions of this role that hold a run which is to be taken over: one that is stopped, or whose link is gone
/// without the server's knowing, holds its locks until then. Answers with their number.
pub(crate) fn evict(run: &str) -> Change {
    let select = "SELECT count(pg_catalog.pg_terminate_backend(a.pid))::text FROM pg_catalog.pg_stat_activity AS a \
                  WHERE a.application_name = 'waif/' || $1::text AND a.datname = pg_catalog.current_database() \
                  AND a.usename = session_user AND a.pid <> pg_catalog.pg_backend_pid()";
    Change::new(Purpose::Session, select, vec![text(run)]).returning()
}

/// Takes the right to change a table, for this session alone, until it ends. One row: whether it was free, and who holds
/// runs that go on, where it was not.
pub(crate) fn claim(run: &str, table: &TableName) -> Query {
    // 1 934 715 238 spells waif: nobody else's locks are in that class by accident.
    let select = "SELECT pg_catalog.pg_try_advisory_lock(1934715238, pg_catalog.hashtext($1::text))::text, \
                  (SELECT pg_catalog.string_agg(pg_catalog.format('%s by %s since %s', id, holder, started_at), ', ') \
                  FROM waif.run WHERE state = 'running' AND id <> $2::text)";
    let name = format!("{}.{}", table.schema.raw(), table.name.raw());
    Query::new(Purpose::Journal, select, vec![text(name), text(run)])
}

/// Locks this session holds on tables: table, mode. Those on the server's own catalog are left out.
pub(crate) fn own_locks() -> Query {
    let select = "SELECT pg_catalog.format('%I.%I', n.nspname, t.relname), l.mode FROM pg_catalog.pg_locks AS l \
                  JOIN pg_catalog.pg_class AS t ON t.oid = l.relation \
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace \
                  WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND t.relkind IN ('r', 'p') \
                  AND n.nspname NOT IN ('pg_catalog', 'pg_toast') ORDER BY 1, 2";
    Query::new(Purpose::Survey, select, Vec::new())
}

/// Whoever else could put something of their own into the journal: a row for each owner of the schema or of a table in it
/// that this role is no member of and that is no superuser. Triggers and defaults of theirs would run with our rights.
pub(crate) fn strangers() -> Query {
    let select = "SELECT DISTINCT r.rolname::text FROM (\n  \
                  SELECT n.nspowner AS owner FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'waif'\n  \
                  UNION SELECT t.relowner FROM pg_catalog.pg_class AS t \
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace WHERE n.nspname = 'waif'\n\
                  ) AS o JOIN pg_catalog.pg_roles AS r ON r.oid = o.owner\n\
                  WHERE NOT r.rolsuper AND NOT pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER') \
                  OR NOT r.rolsuper AND r.rolname <> session_user \
                  AND (SELECT s.rolsuper FROM pg_catalog.pg_roles AS s WHERE s.rolname = session_user)";
    Query::new(Purpose::Journal, select, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inspection_knows_the_schema_of_the_journal_by_the_comment_it_is_given() {
        let said = TABLES[1].split('\'').nth(1).expect("a comment");
        let assets = [
            include_str!("../../../../assets/sql/postgres/schemas.sql"),
            include_str!("../../../../assets/sql/postgres/tables.sql"),
            include_str!("../../../../assets/sql/postgres/foreign_keys.sql"),
        ];
        for asset in assets {
            assert!(asset.contains(&format!("= '{said}'")), "{asset}");
        }
    }

    #[test]
    fn inspection_knows_every_table_of_the_journal() {
        let names = |text: &str| -> Vec<String> {
            let begin = "CREATE TABLE IF NOT EXISTS waif.";
            text.strip_prefix(begin)
                .and_then(|rest| rest.split(' ').next())
                .map(str::to_owned)
                .into_iter()
                .collect()
        };
        let made: Vec<String> = TABLES.iter().flat_map(|text| names(text)).collect();
        assert_eq!(made, ["run", "step", "batch", "proof"]);
        let own = |asset: &str| {
            let from = asset.find("WITH own AS (").expect("what is waif's own");
            let to = asset.find("), member AS (").expect("members of extensions");
            asset[from..to].to_owned()
        };
        let tables = own(include_str!("../../../../assets/sql/postgres/tables.sql"));
        for name in &made {
            assert!(tables.contains(&format!("'{name}'")), "{name}: {tables}");
        }
        assert_eq!(tables, own(include_str!("../../../../assets/sql/postgres/foreign_keys.sql")));
    }
}
