-- Every schema of users: its name, whether the role may look anything up in it, and whether it is that of waif's journal.
SELECT nspname::text,
       has_schema_privilege(oid, 'USAGE')::text,
       coalesce(nspname = 'waif' AND obj_description(oid, 'pg_namespace')
                = 'The journal of waif: what its runs did, and what takes it back', false)::text
  FROM pg_namespace
 WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
