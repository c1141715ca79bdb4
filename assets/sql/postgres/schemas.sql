-- Every schema of users: its name, and whether the role may look anything up in it.
SELECT nspname::text,
       has_schema_privilege(oid, 'USAGE')::text
  FROM pg_namespace
 WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
