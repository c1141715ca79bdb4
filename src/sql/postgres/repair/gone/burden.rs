//! What the server reads to follow ON DELETE: where no index finds the rows that refer, all of their table for each row that
//! goes.

use crate::model::ident::TableName;
use crate::model::plan::removal::Removal;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;

/// See [`burden`]. An index serves that leads with a column of the key.
const BURDEN: &str = "\
WITH RECURSIVE e AS (
  SELECT c.oid AS root, c.oid, k.key -> 2 AS columns
    FROM pg_catalog.jsonb_array_elements($1::text::jsonb) AS k(key)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = k.key ->> 0
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = k.key ->> 1
  UNION ALL
  SELECT e.root, h.inhrelid, e.columns FROM e JOIN pg_catalog.pg_inherits AS h ON h.inhparent = e.oid
    JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid WHERE c.relispartition
)
SELECT coalesce(sum(greatest(c.reltuples, c.relpages)), 0)::bigint::text
  FROM e JOIN pg_catalog.pg_class AS c ON c.oid = e.oid
 WHERE c.relkind = 'r'
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i
                     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                    WHERE i.indrelid = c.oid AND i.indisvalid AND e.columns @> pg_catalog.to_jsonb(a.attname::text))";

/// One row: the rows that are read for each row that goes. None where nothing refers.
pub(in crate::sql::postgres) fn burden(removal: &Removal) -> Option<Query> {
    let keys: Vec<_> = removal
        .edges
        .iter()
        .map(|edge| {
            let columns: Vec<&str> = edge.reference.pairs.iter().map(|pair| pair.child.raw()).collect();
            let TableName { schema, name } = &edge.reference.child.table;
            serde_json::json!([schema.raw(), name.raw(), columns])
        })
        .collect();
    let args = vec![Value::Text(serde_json::Value::from(keys.clone()).to_string())];
    (!keys.is_empty()).then(|| Query::new(Purpose::Survey, BURDEN, args))
}
