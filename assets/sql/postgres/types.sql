-- The types in use ($1, numbers) with their lengths ($2): how the engine writes them, the base type below all domains
-- (without length, so that a cast to it cuts nothing off), and whether a domain forbids NULL.
WITH RECURSIVE chain AS (
  SELECT oid AS domain, typbasetype AS base, typnotnull AS not_null FROM pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT chain.domain, t.typbasetype, chain.not_null OR t.typnotnull
    FROM chain JOIN pg_type t ON t.oid = chain.base
   WHERE t.typtype = 'd'
), used AS (
  SELECT * FROM unnest($1::text::oid[], $2::text::integer[]) AS u(oid, modifier)
), based AS (
  SELECT chain.* FROM chain JOIN pg_type t ON t.oid = chain.base WHERE t.typtype <> 'd'
)
SELECT used.oid::text,
       used.modifier::text,
       format_type(used.oid, used.modifier),
       format_type(coalesce(based.base, used.oid), -1),
       coalesce(based.not_null, false)::text,
       coalesce(based.base, used.oid)::text
  FROM used LEFT JOIN based ON based.domain = used.oid
