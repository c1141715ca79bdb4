//! Signs whether the server can bear more. What costs something to know, or takes a right of its own, is asked for only
//! where somebody wants it.

use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::postgres::repair::watch::WAL_END;
use crate::sql::repairs::Look;

/// Bytes a slot may still retain before it is in danger: four segments of the usual size.
const NEAR: u64 = 64 * 1024 * 1024;

/// One row: whether WAL is archived, whether this role may count what waits for the archive, whether it may measure the
/// folder of the WAL.
pub(crate) fn sight() -> Query {
    let text = "SELECT (pg_catalog.current_setting('archive_mode') <> 'off')::text, \
                pg_catalog.has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')::text, \
                pg_catalog.has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE')::text";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// One row: the largest replay lag in milliseconds, replicas whose lag is hidden, whether archiving fails, vacuums at work
/// on these tables, sessions that wait for us, whether the window ended, statements of others that run, sessions whose
/// state is hidden, a slot that is about to lose WAL, segments that wait for the archive, bytes of WAL in its folder, bytes
/// of the database, where the WAL ends.
pub(crate) fn signs(look: &Look<'_>) -> Query {
    let tables: Vec<String> = look.tables.iter().map(u32::to_string).collect();
    let only = |wanted: bool, text: &'static str| if wanted { text } else { "NULL::text" };
    let text = format!(
        "SELECT (SELECT max((extract(epoch FROM r.replay_lag) * 1000)::bigint)::text \
         FROM pg_catalog.pg_stat_replication AS r), \
         (SELECT count(*)::text FROM pg_catalog.pg_stat_replication AS r WHERE r.state IS NULL), \
         coalesce((SELECT a.last_failed_time > coalesce(a.last_archived_time, '-infinity') \
         FROM pg_catalog.pg_stat_archiver AS a), false)::text, \
         (SELECT count(*)::text FROM pg_catalog.pg_stat_progress_vacuum AS v \
         WHERE v.relid = ANY ($1::text::oid[])), \
         (SELECT count(*)::text FROM pg_catalog.pg_locks AS l WHERE NOT l.granted \
         AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid))), \
         coalesce(pg_catalog.clock_timestamp() >= $2::text::timestamptz, false)::text, \
         {}, {}, \
         (SELECT min(s.slot_name::text) FROM pg_catalog.pg_replication_slots AS s \
         CROSS JOIN LATERAL pg_catalog.to_jsonb(s) AS j \
         WHERE j->>'wal_status' = 'unreserved' OR (j->>'safe_wal_size')::bigint < {NEAR}), \
         {}, {}, {}, {}",
        only(
            look.active,
            "(SELECT count(*)::text FROM pg_catalog.pg_stat_activity AS a WHERE a.state = 'active' \
             AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid())"
        ),
        only(
            look.active,
            "(SELECT count(*)::text FROM pg_catalog.pg_stat_activity AS a WHERE a.state IS NULL \
             AND a.query = '<insufficient privilege>' AND a.usesysid IS NOT NULL)"
        ),
        only(
            look.backlog,
            "(SELECT count(*)::text FROM pg_catalog.pg_ls_archive_statusdir() AS f WHERE f.name LIKE '%.ready')"
        ),
        only(look.wal, "(SELECT coalesce(sum(f.size), 0)::bigint::text FROM pg_catalog.pg_ls_waldir() AS f)"),
        only(look.size, "pg_catalog.pg_database_size(pg_catalog.current_database())::text"),
        only(look.end, WAL_END),
    );
    let end = look.window_end.map_or(Value::Null, |end| Value::Text(end.to_owned()));
    Query::new(Purpose::Survey, text, vec![Value::Text(format!("{{{}}}", tables.join(","))), end])
}
