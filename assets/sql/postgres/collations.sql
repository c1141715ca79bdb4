-- The collations in use ($1, numbers): whether each can tell unlike bytes apart, and whether its version moved since its indexes were
-- built. The default collation's version is the database's (recorded since 15).
SELECT c.oid::text,
       n.nspname::text,
       c.collname::text,
       c.collisdeterministic::text,
       CASE WHEN c.collprovider = 'd'
            THEN NULL                                                                               -- <15
            THEN (SELECT (d.datcollversion <> pg_database_collation_actual_version(d.oid))::text    -- 15+
                    FROM pg_database d WHERE d.datname = current_database())                        -- 15+
            WHEN c.collversion IS NOT NULL
            THEN (c.collversion <> pg_collation_actual_version(c.oid))::text END
  FROM pg_collation c
  JOIN pg_namespace n ON n.oid = c.collnamespace
 WHERE c.oid = ANY ($1::text::oid[])
