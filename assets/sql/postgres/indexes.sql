-- Every index of a user's table, with the primary or unique key it serves. A build that runs is seen in the progress view;
-- builds of other roles show there without their table, and are recognised by the lock they hold on it.
WITH building AS (
  SELECT index_relid AS oid FROM pg_stat_progress_create_index WHERE index_relid <> 0
  UNION
  SELECT x.indexrelid
    FROM pg_stat_progress_create_index p
    JOIN pg_locks l ON l.pid = p.pid AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock'
    JOIN pg_index x ON x.indrelid = l.relation AND NOT x.indisvalid
   WHERE p.relid IS NULL
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT concat_ws(' ', x.indexrelid, x.indrelid, x.indnkeyatts, greatest(i.relpages, 0)::bigint * current_setting('block_size')::bigint,
                 x.indisunique::int, x.indisvalid::int, x.indisready::int, (x.indpred IS NOT NULL)::int,
                 (x.indexrelid IN (SELECT oid FROM building))::int),
       i.relname::text,
       m.amname::text,
       x.indkey::text,
       con.contype::text,
       con.conname::text
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_am m ON m.oid = i.relam
  JOIN pg_namespace n ON n.oid = i.relnamespace
  LEFT JOIN pg_constraint con ON con.conindid = x.indexrelid AND con.contype IN ('p', 'u')
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
