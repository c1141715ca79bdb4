//! What a run looks at besides its rows: where it is, who else holds it, whether its tables are what they were, who keeps
//! it waiting, and how the server would carry a batch out.

use crate::model::sent::Purpose;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::Change;

/// What a batch finds when its table was changed.
const CHANGED: &str = "The table was changed beneath the run.";

/// The place of a run's hold among the server's advisory locks; that of tables lies beside it.
const HOLDS: &str = "1934715239, pg_catalog.hashtext($1::text)";

/// What a step relies on in the tables `$1`, a line each. Foreign keys and indexes are left out: steps change them.
const LINES: &str = "\
WITH t AS (SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relkind
             FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.oid = ANY ($1::text::oid[])), lines AS (
SELECT pg_catalog.format('the table %s, of kind %s', t.name, t.relkind) AS line FROM t
UNION ALL
SELECT pg_catalog.format('the column %I %s%s of %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, t.name)
  FROM t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT pg_catalog.format('the constraint %I of %s: %s', k.conname, t.name, pg_catalog.pg_get_constraintdef(k.oid))
  FROM t JOIN pg_catalog.pg_constraint AS k ON k.conrelid = t.oid WHERE k.contype IN ('p', 'u', 'c')
UNION ALL
SELECT pg_catalog.format('the trigger %I of %s, enabled as %s: %s', g.tgname, t.name, g.tgenabled,
       pg_catalog.pg_get_triggerdef(g.oid))
  FROM t JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
UNION ALL
SELECT pg_catalog.format('the rule %I of %s', r.rulename, t.name)
  FROM t JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = t.oid
UNION ALL
SELECT pg_catalog.format('the policy %I of %s', p.polname, t.name)
  FROM t JOIN pg_catalog.pg_policy AS p ON p.polrelid = t.oid
UNION ALL
SELECT pg_catalog.format('the partition %s of %s', h.inhrelid::pg_catalog.regclass, t.name)
  FROM t JOIN pg_catalog.pg_inherits AS h ON h.inhparent = t.oid
UNION ALL
SELECT pg_catalog.format('%s as a partition of %s', t.name, h.inhparent::pg_catalog.regclass)
  FROM t JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = t.oid)";

fn numbers(tables: &[u32]) -> Value {
    let tables: Vec<String> = tables.iter().map(u32::to_string).collect();
    Value::Text(format!("{{{}}}", tables.join(",")))
}

/// One row: the database's name and number, whether it is a standby.
pub(crate) fn whereabouts() -> Query {
    let text = "SELECT d.datname::text, d.oid::text, pg_catalog.pg_is_in_recovery()::text \
                FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// Takes the hold on a run, which the session keeps until it ends.
pub(crate) fn hold(run: &str) -> Query {
    let text = format!("SELECT pg_catalog.pg_try_advisory_lock({HOLDS})::text");
    Query::new(Purpose::Journal, text, vec![Value::Text(format!("run {run}"))])
}

/// At most one row: which session holds a run, and what the journal says of it.
pub(crate) fn holder(run: &str) -> Query {
    let text = "SELECT pg_catalog.format('session %s (%s, since %s), begun by %s', l.pid, \
                coalesce(nullif(a.application_name, ''), 'unnamed'), \
                pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS'), \
                coalesce((SELECT r.holder FROM waif.run AS r WHERE r.id = $2::text), 'nobody known')) \
                FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid \
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 \
                AND l.classid::bigint = 1934715239 \
                AND l.objid::bigint = (pg_catalog.hashtext($1::text)::bigint & 4294967295) \
                AND l.pid <> pg_catalog.pg_backend_pid() LIMIT 1";
    Query::new(Purpose::Journal, text, vec![Value::Text(format!("run {run}")), Value::Text(run.to_owned())])
}

/// How far a run came by its journal, in words.
pub(crate) fn how_far(run: &str) -> Query {
    let text = "SELECT pg_catalog.format('its last batch here is number %s of step %s, committed at %s; %s rows in all', \
                b.number, s.id, pg_catalog.to_char(b.at, 'YYYY-MM-DD HH24:MI:SS'), \
                (SELECT sum(t.rows) FROM waif.step AS t WHERE t.run = b.run)) \
                FROM waif.batch AS b JOIN waif.step AS s ON s.run = b.run AND s.place = b.place \
                WHERE b.run = $1::text ORDER BY b.at DESC LIMIT 1";
    Query::new(Purpose::Journal, text, vec![Value::Text(run.to_owned())])
}

/// What a step relies on in these tables, a line each.
pub(crate) fn shape(tables: &[u32]) -> Query {
    Query::new(Purpose::Survey, format!("{LINES}\nSELECT line FROM lines ORDER BY 1"), vec![numbers(tables)])
}

const DIGEST: &str = "pg_catalog.hashtextextended((SELECT pg_catalog.string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM lines), 0)";

/// One row: a digest of the same.
pub(crate) fn digest(table: u32) -> Query {
    Query::new(Purpose::Survey, format!("{LINES}\nSELECT {DIGEST}::text"), vec![numbers(&[table])])
}

/// Fails when the digest of a table is another one by now.
pub(crate) fn still(table: u32, digest: &str) -> Change {
    let text = format!("{LINES}\nSELECT '1'::text WHERE {DIGEST}::text = $2::text");
    Change::new(Purpose::Batch, text, vec![numbers(&[table]), Value::Text(digest.to_owned())])
        .returning()
        .expecting(1, CHANGED)
}

/// Who keeps a session waiting. A prepared transaction has no session; it is told by what it holds of that which is asked for.
pub(crate) fn blockers(session: i32) -> Query {
    let text = "SELECT CASE WHEN b.pid > 0 THEN pg_catalog.format('session %s (%s, %s, since %s)', b.pid, \
                CASE WHEN a.backend_type = 'client backend' THEN coalesce(nullif(a.application_name, ''), 'unnamed') \
                ELSE coalesce(a.backend_type, 'hidden') END, coalesce(a.state, 'at work'), \
                coalesce(pg_catalog.to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'), 'an unknown time')) \
                ELSE coalesce((SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format(\
                'the prepared transaction %s (prepared %s by %s)', p.gid, \
                pg_catalog.to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SS'), p.owner), ', ') \
                FROM pg_catalog.pg_locks AS w JOIN pg_catalog.pg_locks AS h ON h.granted AND h.pid IS NULL \
                AND (h.locktype, h.database, h.relation, h.page, h.tuple, h.transactionid) IS NOT DISTINCT FROM \
                (w.locktype, w.database, w.relation, w.page, w.tuple, w.transactionid) \
                JOIN pg_catalog.pg_locks AS x ON x.pid IS NULL AND x.virtualtransaction = h.virtualtransaction \
                AND x.locktype = 'transactionid' \
                JOIN pg_catalog.pg_prepared_xacts AS p ON p.transaction = x.transactionid \
                WHERE w.pid = $1::text::int AND NOT w.granted), 'a prepared transaction') END, \
                coalesce(a.backend_type = 'autovacuum worker', false)::text, \
                coalesce(a.query LIKE '%to prevent wraparound%', false)::text, \
                (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = 'deadlock_timeout') \
                FROM (SELECT DISTINCT u.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::text::int)) AS u(pid)) AS b \
                LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid ORDER BY b.pid";
    Query::new(Purpose::Survey, text, vec![Value::Text(session.to_string())])
}

/// Whether the server is at work for a session: one that has been idle for a while has answered long ago.
pub(crate) fn at_work(session: i32) -> Query {
    let text = "SELECT (NOT coalesce(a.state LIKE 'idle%' \
                AND a.state_change < pg_catalog.clock_timestamp() - interval '5 s', false))::text \
                FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = $1::text::int";
    Query::new(Purpose::Survey, text, vec![Value::Text(session.to_string())])
}

/// Whether a moment has come, by the clock of the server.
pub(crate) fn is_past(moment: &str) -> Query {
    let text = "SELECT (pg_catalog.clock_timestamp() >= $1::text::timestamptz)::text";
    Query::new(Purpose::Survey, text, vec![Value::Text(moment.to_owned())])
}

/// How the server would carry a statement out.
pub(crate) fn explain(change: &Change) -> Change {
    Change::new(Purpose::Batch, format!("EXPLAIN (COSTS OFF) {}", change.text()), change.args().to_vec())
        .returning()
}

/// Whether rows are read by their places, and else what is read instead.
pub(crate) fn reads_by_place(answer: &[Row], by_range: bool) -> Result<(), String> {
    let lines: Vec<&str> = answer.iter().filter_map(|row| row.first()?.text()).map(str::trim).collect();
    let wanted = if by_range { "Tid Range Scan on " } else { "Tid Scan on " };
    if lines.iter().any(|line| line.contains(wanted) && line.ends_with(" c")) {
        return Ok(());
    }
    let reads = lines.iter().find(|line| line.ends_with(" c")).copied();
    Err(reads.unwrap_or("in no way known to waif").to_owned())
}

/// Where the log of writes ends, in bytes.
pub(super) const WAL_END: &str =
    "pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint::text";

/// One row: where the log of writes ends, in bytes.
pub(crate) fn wal() -> Query {
    Query::new(Purpose::Survey, format!("SELECT {WAL_END}"), Vec::new())
}
