-- The operators foreign keys compare with ($1, numbers): their names, and the types they take as SQL text without length.
SELECT o.oid::text,
       n.nspname::text,
       o.oprname::text,
       o.oprleft::text,
       (quote_ident(l.nspname) || '.' || quote_ident(lt.typname)),
       o.oprright::text,
       (quote_ident(r.nspname) || '.' || quote_ident(rt.typname))
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_type lt ON lt.oid = o.oprleft
  JOIN pg_namespace l ON l.oid = lt.typnamespace
  JOIN pg_type rt ON rt.oid = o.oprright
  JOIN pg_namespace r ON r.oid = rt.typnamespace
 WHERE o.oid = ANY ($1::text::oid[])
