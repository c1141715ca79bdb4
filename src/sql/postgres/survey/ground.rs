//! The place as a whole: who it is, whether the journal is there, who stands by.

use crate::model::sent::Purpose;
use crate::sql::Query;

/// One row about database and role.
pub(in crate::sql::postgres) fn ground() -> Query {
    let text = "\
SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()),
       stands::text,
       (stands OR has_database_privilege(current_database(), 'CREATE'))::text,
       coalesce((SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver), false)::text,
       has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')::text,
       to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
  FROM (SELECT count(*) = 4 AS stands FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'waif' AND c.relkind = 'r' AND c.relname IN ('run', 'step', 'batch', 'proof')) AS journal";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// One row: the cluster's number.
pub(in crate::sql::postgres) fn cluster() -> Query {
    Query::new(Purpose::Survey, "SELECT system_identifier::text FROM pg_control_system()", Vec::new())
}

/// One row: the timeline the server writes on; NULL on a standby, which writes on none.
pub(in crate::sql::postgres) fn timeline() -> Query {
    let text = "SELECT CASE WHEN NOT pg_is_in_recovery() \
                THEN substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// Who could veto, delay or lag behind. A snapshot counts as old after a minute.
pub(in crate::sql::postgres) fn bystanders() -> Query {
    let text = "\
SELECT 'event trigger', evtname::text, NULL::text FROM pg_event_trigger WHERE evtenabled IN ('O', 'A')
UNION ALL
SELECT 'prepared', format('%s (prepared %s by %s)', gid, to_char(prepared, 'YYYY-MM-DD HH24:MI'), owner), NULL
  FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'snapshot',
       format('session %s (%s, %s, since %s)', pid, coalesce(nullif(application_name, ''), 'unnamed'),
              coalesce(state, 'hidden'), to_char(xact_start, 'YYYY-MM-DD HH24:MI')), NULL
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
   AND backend_xmin IS NOT NULL AND xact_start < now() - interval '1 minute'
UNION ALL
SELECT 'replica', format('%s (%s)', coalesce(nullif(application_name, ''), 'unnamed'), coalesce(state, 'hidden')),
       (extract(epoch FROM replay_lag) * 1000)::bigint::text
  FROM pg_stat_replication
ORDER BY 1, 2";
    Query::new(Purpose::Survey, text, Vec::new())
}
