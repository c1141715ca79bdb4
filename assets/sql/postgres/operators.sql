-- The operators foreign keys compare with ($1, numbers): their names, the types they take as SQL text without length, whether
-- what they answer depends on the session that asks (its time zone; of those of users nobody knows), and the types that turn
-- into the right one by such a cast.
SELECT o.oid::text,
       n.nspname::text,
       o.oprname::text,
       o.oprleft::text,
       (quote_ident(l.nspname) || '.' || quote_ident(lt.typname)),
       o.oprright::text,
       (quote_ident(r.nspname) || '.' || quote_ident(rt.typname)),
       (f.provolatile <> 'i' AND o.oid < 16384)::text,
       ARRAY(SELECT k.castsource FROM pg_cast k JOIN pg_proc c ON c.oid = k.castfunc
              WHERE k.casttarget = o.oprright AND k.castsource <> o.oprright AND c.provolatile <> 'i'
                AND k.oid < 16384)::text
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_proc f ON f.oid = o.oprcode
  JOIN pg_type lt ON lt.oid = o.oprleft
  JOIN pg_namespace l ON l.oid = lt.typnamespace
  JOIN pg_type rt ON rt.oid = o.oprright
  JOIN pg_namespace r ON r.oid = rt.typnamespace
 WHERE o.oid = ANY ($1::text::oid[])
