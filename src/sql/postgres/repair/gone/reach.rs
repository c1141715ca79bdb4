//! What hangs on the rows of a batch: level by level, every row that refers to one that goes is locked and noted, so that
//! no cascade of the server finds anything that was not noted. Rows that are locked keep anybody from adding rows that
//! refer to them: the check of a foreign key would wait.

use super::reference::{from, is_lost, refers};
use super::work::{any_way, by_place, number, window};
use crate::model::plan::removal::{Edge, Reference, Removal, Seat};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::quoted_table;
use crate::sql::removals::{DEEPER, FORBIDDEN, Stroke, TOO_MANY};
use crate::sql::repairs::Window;
use std::collections::BTreeSet;

/// What a batch finds when a key refers to its tables that the plan does not know.
const UNKNOWN_KEY: &str = "A foreign key refers to a table of the plan that the plan does not know: it came since, or waif check leaves it out.";

/// What a session notes the reach of a batch in: gone with the transaction. An edge of -1 marks a row that goes.
pub(in crate::sql::postgres) fn create_notes() -> Vec<Change> {
    [
        "CREATE TEMPORARY TABLE IF NOT EXISTS waif_reach (spot int NOT NULL, edge int NOT NULL, level int NOT NULL, \
         leaf oid NOT NULL, place tid NOT NULL) ON COMMIT DELETE ROWS",
        "CREATE UNIQUE INDEX IF NOT EXISTS waif_reach_place ON pg_temp.waif_reach (leaf, place, edge)",
        "CREATE TEMPORARY TABLE IF NOT EXISTS waif_back (spot int NOT NULL, seq bigint NOT NULL, \
         PRIMARY KEY (spot, seq)) ON COMMIT DELETE ROWS",
        "CREATE TEMPORARY TABLE IF NOT EXISTS waif_came (spot int NOT NULL, leaf oid NOT NULL, place tid NOT NULL) \
         ON COMMIT DELETE ROWS",
    ]
    .map(|text| Change::new(Purpose::Session, text, Vec::new()))
    .to_vec()
}

pub(super) fn batch(text: String) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

/// Holds the tables as they are for the rest of the transaction: nobody adds a key or a trigger.
pub(super) fn hold<'t>(tables: impl IntoIterator<Item = &'t Seat>) -> Change {
    let named =
        |seat: &Seat| format!("{}{}", if seat.parted { "" } else { "ONLY " }, quoted_table(&seat.table));
    let tables: BTreeSet<String> = tables.into_iter().map(named).collect();
    let tables: Vec<String> = tables.into_iter().collect();
    batch(format!("LOCK TABLE {} IN ROW EXCLUSIVE MODE", tables.join(", ")))
}

/// Looks at the parents of the window's rows, before the rows are locked: whoever changes or removes a parent is waited
/// for, and may take its children along.
pub(super) fn parents(missing: &Reference, rows: &Window<'_>) -> Change {
    let (set, condition) = window(rows);
    batch(format!(
        "SELECT count(*)::text FROM (SELECT 1\nFROM {set} JOIN {} ON {}\nWHERE {condition}\nFOR KEY SHARE OF p) AS l",
        from(&missing.parent, "p"),
        refers(missing, "c", "p")
    ))
    .returning()
}

/// Locks the window's rows and notes them, then strikes off those that have a parent by now.
pub(super) fn begin(missing: &Reference, rows: &Window<'_>) -> Vec<Change> {
    let (set, condition) = window(rows);
    vec![
        parents(missing, rows),
        by_place(),
        batch(format!(
            "INSERT INTO pg_temp.waif_reach (spot, edge, level, leaf, place)\n\
             SELECT 0, -1, 0, c.tableoid, c.ctid\nFROM {set}\nWHERE {condition}\nFOR UPDATE OF c"
        )),
        any_way(),
        batch(format!(
            "DELETE FROM pg_temp.waif_reach AS r USING {}\nWHERE c.tableoid = r.leaf AND c.ctid = r.place AND NOT ({})",
            from(&missing.child, "c"),
            is_lost(missing, "c")
        )),
    ]
}

/// The rows an edge leads to from those of one level, or of all levels; each with its own condition.
fn along(edge: &Edge, level: Option<u32>) -> String {
    let level = level.map(|level| format!(" AND r.level = {level}")).unwrap_or_default();
    format!(
        "FROM pg_temp.waif_reach AS r JOIN {} ON p.tableoid = r.leaf AND p.ctid = r.place JOIN {} ON {}\n\
         WHERE r.spot = {} AND r.edge = -1{level}",
        from(&edge.reference.parent, "p"),
        from(&edge.reference.child, "c"),
        refers(&edge.reference, "c", "p"),
        edge.above
    )
}

/// A row is not among those that go.
const STAYS: &str = "NOT EXISTS (SELECT 1 FROM pg_temp.waif_reach AS x WHERE x.leaf = c.tableoid AND x.place = c.ctid AND x.edge = -1)";

/// Follows ON DELETE as deep as the stroke says, and makes sure that nothing hangs deeper.
pub(super) fn follow(removal: &Removal, depth: u32) -> Vec<Change> {
    let levels = removal.levels(depth);
    let mut changes = Vec::new();
    for (above, tables) in levels.iter().enumerate().take(levels.len().saturating_sub(1)) {
        for (edge, below) in removal.takes().filter(|(edge, _)| tables.contains(&edge.above)) {
            changes.push(batch(format!(
                "INSERT INTO pg_temp.waif_reach (spot, edge, level, leaf, place)\n\
                 SELECT {below}, -1, {}, c.tableoid, c.ctid\n{} AND {STAYS}\nFOR UPDATE OF c\nON CONFLICT DO NOTHING",
                above + 1,
                along(edge, u32::try_from(above).ok())
            )));
        }
    }
    if removal.depth().is_none() {
        let last = levels.len() - 1;
        let tables = levels.last().map(Vec::as_slice).unwrap_or_default();
        for (edge, _) in removal.takes().filter(|(edge, _)| tables.contains(&edge.above)) {
            changes.push(
                batch(format!(
                    "SELECT 1::text\n{} AND {STAYS}\nLIMIT 1",
                    along(edge, u32::try_from(last).ok())
                ))
                .returning()
                .expecting(0, DEEPER),
            );
        }
    }
    changes
}

/// Makes sure that nobody forbids it.
pub(super) fn forbidden(removal: &Removal) -> Vec<Change> {
    removal
        .forbids()
        .map(|(_, edge)| {
            batch(format!("SELECT 1::text\n{} AND {STAYS}\nLIMIT 1", along(edge, None)))
                .returning()
                .expecting(0, FORBIDDEN)
        })
        .collect()
}

/// Locks the rows whose values an edge overwrites, and notes them under the edge.
pub(super) fn touched(place: usize, edge: &Edge) -> Change {
    batch(format!(
        "INSERT INTO pg_temp.waif_reach (spot, edge, level, leaf, place)\n\
         SELECT -1, {place}, r.level + 1, c.tableoid, c.ctid\n{} AND {STAYS}\nFOR UPDATE OF c\nON CONFLICT DO NOTHING",
        along(edge, None)
    ))
}

/// Makes sure that the batch changes no more than it may.
pub(super) fn within(stroke: &Stroke<'_>) -> Option<Change> {
    let most = stroke.most?;
    let text = "SELECT 1::text FROM pg_temp.waif_reach HAVING count(*) > $1::text::bigint";
    let change = Change::new(Purpose::Batch, text, vec![number(most)]);
    Some(change.returning().expecting(0, TOO_MANY))
}

/// Makes sure that no key refers to the tables of a removal that the plan does not know: along it the server would delete
/// what nobody noted. Along one that the plan knows to forbid it finds no row, for the batch has looked. One on a partition
/// leads to rows that the same key of its whole leads to: so the keys begin that the run itself adds to partitioned tables. One
/// that is NOT ENFORCED does nothing.
pub(super) fn known_keys(removal: &Removal) -> Change {
    let name =
        |table: &crate::model::ident::TableName| serde_json::json!([table.schema.raw(), table.name.raw()]);
    let tables: Vec<_> = removal.tables.iter().map(|stored| name(&stored.seat.table)).collect();
    let keys: Vec<_> = removal
        .edges
        .iter()
        .map(|edge| {
            let Reference { child, parent, pairs, .. } = &edge.reference;
            let ours: Vec<&str> = pairs.iter().map(|pair| pair.child.raw()).collect();
            let theirs: Vec<&str> = pairs.iter().map(|pair| pair.parent.raw()).collect();
            serde_json::json!([name(&child.table), ours, name(&parent.table), theirs])
        })
        .collect();
    let text = "\
WITH RECURSIVE t AS (
  SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE $1::text::jsonb @> pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_array(n.nspname::text, c.relname::text))
  UNION SELECT h.inhrelid FROM t JOIN pg_catalog.pg_inherits AS h ON h.inhparent = t.oid
   JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid WHERE c.relispartition
)
SELECT k.conname::text
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
  JOIN pg_catalog.pg_namespace AS m ON m.oid = p.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid IN (SELECT oid FROM t) AND k.confdeltype IN ('c', 'n', 'd')
   AND pg_catalog.to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.jsonb_array_elements($2::text::jsonb) AS e
                    WHERE e -> 2 = pg_catalog.jsonb_build_array(m.nspname::text, p.relname::text)
                      AND e -> 0 IN (SELECT pg_catalog.jsonb_build_array(n.nspname::text, c.relname::text)
                                       FROM pg_catalog.pg_class AS c
                                       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                                      WHERE c.oid = k.conrelid OR c.oid IN (SELECT a.relid::oid
                                              FROM pg_catalog.pg_partition_ancestors(k.conrelid) AS a(relid)))
                      AND e -> 1 = (SELECT pg_catalog.jsonb_agg(a.attname::text ORDER BY u.at)
                                      FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(number, at)
                                      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number)
                      AND e -> 3 = (SELECT pg_catalog.jsonb_agg(a.attname::text ORDER BY u.at)
                                      FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(number, at)
                                      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number))
 LIMIT 1";
    let args = vec![
        Value::Text(serde_json::Value::from(tables).to_string()),
        Value::Text(serde_json::Value::from(keys).to_string()),
    ];
    Change::new(Purpose::Batch, text, args).returning().expecting(0, UNKNOWN_KEY)
}
