//! Copied columns and keys to be: how their columns compare, and whether a key leads to one parent only.

use super::super::clause::{cast, compared, operator};
use super::numbers;
use crate::model::plan::step::Copied;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::planning::Sides;
use crate::sql::quote::{quoted, quoted_table};

/// See [`comparisons`].
const COMPARISONS: &str = "\
WITH RECURSIVE pair AS (
  SELECT u.at, u.ct, u.pt, ca.atttypid AS ctype, pa.atttypid AS ptype, ca.attcollation AS ccoll, pa.attcollation AS pcoll
    FROM unnest($1::text::oid[], $2::text::int[], $3::text::oid[], $4::text::int[])
         WITH ORDINALITY AS u(ct, cn, pt, pn, at)
    JOIN pg_attribute ca ON ca.attrelid = u.ct AND ca.attnum = u.cn
    JOIN pg_attribute pa ON pa.attrelid = u.pt AND pa.attnum = u.pn
), down(at, side, typ) AS (
  SELECT at, 'c', ctype FROM pair
  UNION ALL SELECT at, 'p', ptype FROM pair
  UNION ALL SELECT d.at, d.side, t.typbasetype FROM down d JOIN pg_type t ON t.oid = d.typ WHERE t.typtype = 'd'
), base AS (
  SELECT d.at, max(d.typ::bigint) FILTER (WHERE d.side = 'c')::oid AS c, max(d.typ::bigint) FILTER (WHERE d.side = 'p')::oid AS p
    FROM down d JOIN pg_type t ON t.oid = d.typ
   WHERE t.typtype <> 'd' GROUP BY d.at
), class AS (
  SELECT DISTINCT ON (b.at) b.at, b.c, b.p, o.opcfamily AS family, o.opcintype AS takes
    FROM base b
    JOIN pg_type t ON t.oid = b.p
    JOIN pg_opclass o ON o.opcdefault
     AND o.opcmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')
     AND (o.opcintype = b.p
          OR EXISTS (SELECT 1 FROM pg_cast k WHERE k.castsource = b.p AND k.casttarget = o.opcintype
                       AND k.castmethod = 'b' AND k.castcontext = 'i')
          OR (t.typtype = 'e' AND o.opcintype = 'anyenum'::regtype)
          OR (t.typtype = 'r' AND o.opcintype = 'anyrange'::regtype)
          OR (t.typtype = 'm' AND o.opcintype = to_regtype('anymultirange'))
          OR (t.typtype = 'c' AND o.opcintype = 'record'::regtype)
          OR (t.typelem <> 0 AND t.typlen = -1 AND o.opcintype = 'anyarray'::regtype))
   ORDER BY b.at, o.opcintype = b.p DESC, o.opcintype
), found AS (
  SELECT DISTINCT ON (k.at) k.at, k.c, k.p, k.family, m.amopopr AS op, m.amoprighttype AS right_type
    FROM class k
    JOIN pg_amop m ON m.amopfamily = k.family AND m.amopstrategy = 3 AND m.amoppurpose = 's'
     AND m.amoplefttype = k.takes
     AND (m.amoprighttype = k.c
          OR (m.amoprighttype = k.takes
              AND (k.c = k.p
                   OR EXISTS (SELECT 1 FROM pg_cast t WHERE t.castsource = k.c AND t.casttarget = k.takes
                                AND t.castcontext = 'i' AND t.oid < 16384))))
   ORDER BY k.at, m.amoprighttype = k.c DESC
)
SELECT f.at::text, n.nspname::text, o.oprname::text,
       CASE WHEN p.ptype <> o.oprleft THEN quote_ident(ln.nspname) || '.' || quote_ident(lt.typname) END,
       CASE WHEN p.ctype <> o.oprright THEN quote_ident(rn.nspname) || '.' || quote_ident(rt.typname) END,
       CASE WHEN p.pcoll <> 0 AND p.pcoll <> p.ccoll THEN cn.nspname::text END,
       CASE WHEN p.pcoll <> 0 AND p.pcoll <> p.ccoll THEN co.collname::text END,
       sn.nspname::text, so.oprname::text
  FROM found f
  JOIN pair p ON p.at = f.at
  JOIN pg_operator o ON o.oid = f.op
  JOIN pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_type lt ON lt.oid = o.oprleft
  JOIN pg_namespace ln ON ln.oid = lt.typnamespace
  JOIN pg_type rt ON rt.oid = o.oprright
  JOIN pg_namespace rn ON rn.oid = rt.typnamespace
  LEFT JOIN pg_collation co ON co.oid = p.pcoll
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  LEFT JOIN pg_amop s ON s.amopfamily = f.family AND s.amopstrategy = 3 AND s.amoppurpose = 's'
   AND s.amoplefttype = o.oprright AND s.amoprighttype = o.oprright
  LEFT JOIN pg_operator so ON so.oid = s.amopopr
  LEFT JOIN pg_namespace sn ON sn.oid = so.oprnamespace
 WHERE (o.oid >= 16384 OR (SELECT steady.provolatile FROM pg_proc steady WHERE steady.oid = o.oprcode) = 'i')
   AND NOT EXISTS (SELECT 1 FROM pg_cast k JOIN pg_proc w ON w.oid = k.castfunc
                    WHERE k.castsource = f.c AND k.casttarget = o.oprright AND f.c <> o.oprright AND w.provolatile <> 'i')
ORDER BY f.at";

/// How the server would compare pairs of columns in a foreign key (`ATAddForeignKeyConstraint` in `tablecmds.c`): by the
/// equality of the operator family of the parent's default b-tree class, with the child's own type where the family has
/// such an operator, else with the parent's if the child's type turns into it by an implicit cast of the server's own. No row
/// for a pair that is compared by the time zone of each session.
pub(in crate::sql::postgres) fn comparisons(pairs: &[Sides]) -> Query {
    let args = vec![
        numbers(pairs.iter().map(|pair| pair.child.0)),
        numbers(pairs.iter().map(|pair| pair.child.1)),
        numbers(pairs.iter().map(|pair| pair.parent.0)),
        numbers(pairs.iter().map(|pair| pair.parent.1)),
    ];
    Query::new(Purpose::Survey, COMPARISONS, args)
}

/// Keys of rows to be filled that lead to more than one parent. Keys that are there twice are few: they are found first,
/// and only they are looked for among the children.
pub(in crate::sql::postgres) fn ambiguous(copied: &Copied) -> Query {
    let keys: Vec<String> = copied.along.iter().map(|pair| format!("p.{}", quoted(&pair.parent))).collect();
    let keys = keys.join(", ");
    let along: Vec<String> = copied
        .along
        .iter()
        .map(|pair| {
            let parent = cast(&format!("p.{}", quoted(&pair.parent)), pair.how.parent_cast.as_ref());
            let child = compared(&format!("c.{}", quoted(&pair.child)), &pair.how);
            format!("{parent} {} {child}", operator(pair.how.operator.as_ref()))
        })
        .collect();
    let text = format!(
        "SELECT count(*)::text\nFROM (SELECT {keys} FROM {} AS p WHERE p.{} IS NOT NULL GROUP BY {keys} HAVING count(*) > 1) AS p\n\
         WHERE EXISTS (SELECT 1 FROM {} AS c WHERE c.{} IS NULL AND {})",
        quoted_table(&copied.parent),
        quoted(&copied.from),
        quoted_table(&copied.table),
        quoted(&copied.column),
        along.join(" AND ")
    );
    Query::new(Purpose::Survey, text, Vec::new())
}
