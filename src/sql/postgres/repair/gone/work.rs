//! The work set of rows without a parent: found by one anti-join, ordered as the table lies on disk, and looked at again
//! by another access path before anything leaves: an index that lies about parents would make orphans of good rows.

use super::super::super::Postgres;
use super::super::backfill::work;
use super::reference::{from, has_parent, is_lost, referring, refers};
use crate::model::plan::removal::{Reference, Seat};
use crate::model::relation::Matching;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::{Dialect, Query};

/// What stands where the planner of the server is told to take no index.
pub(super) fn without_index() -> Change {
    Change::new(Purpose::Session, Postgres.no_index_settings().join("; "), Vec::new())
}

/// What tells it to take any way it likes.
pub(super) fn any_way() -> Change {
    let settings = [
        "seqscan",
        "hashjoin",
        "mergejoin",
        "nestloop",
        "indexscan",
        "indexonlyscan",
        "bitmapscan",
        "tidscan",
    ];
    let settings: Vec<String> =
        settings.iter().map(|name| format!("SET LOCAL enable_{name} TO DEFAULT")).collect();
    Change::new(Purpose::Session, settings.join("; "), Vec::new())
}

/// What tells it to read rows by their places.
pub(super) fn by_place() -> Change {
    Change::new(
        Purpose::Session,
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_tidscan = on",
        Vec::new(),
    )
}

fn batch(text: String) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

fn made(missing: &Reference, run: &str, place: usize, end: &str) -> Vec<Change> {
    let name = work(run, place);
    vec![
        batch(format!("DROP TABLE IF EXISTS {name}")),
        batch(format!(
            "CREATE UNLOGGED TABLE {name} AS\nSELECT c.tableoid AS leaf, c.ctid AS place\nFROM {}\nWHERE {}\n{end}",
            from(&missing.child, "c"),
            is_lost(missing, "c")
        )),
        batch(format!("CREATE UNIQUE INDEX ON {name} (leaf, place)")),
        batch(format!("ANALYZE {name}")),
    ]
}

/// Statements that make the work set.
pub(in crate::sql::postgres) fn create(missing: &Reference, run: &str, place: usize) -> Vec<Change> {
    made(missing, run, place, "ORDER BY c.tableoid, c.ctid")
}

/// The same of a few rows.
pub(in crate::sql::postgres) fn create_sample(
    missing: &Reference,
    run: &str,
    place: usize,
    rows: u64,
) -> Vec<Change> {
    made(missing, run, place, &format!("LIMIT {rows}"))
}

/// At most one row: a table that has a row without a parent.
pub(in crate::sql::postgres) fn first_leaf(missing: &Reference) -> Query {
    let text = format!(
        "SELECT r.oid::text, n.nspname::text, r.relname::text FROM \
         (SELECT c.tableoid AS leaf FROM {} WHERE {} LIMIT 1) AS f \
         JOIN pg_catalog.pg_class AS r ON r.oid = f.leaf \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace",
        from(&missing.child, "c"),
        is_lost(missing, "c")
    );
    Query::new(Purpose::Batch, text, Vec::new())
}

/// Looks for parents of the work set without the parent's indexes, holds those it finds, and asks the indexes for them
/// again: what was committed meanwhile is found by both, what an index hides only by the first.
pub(in crate::sql::postgres) fn doubts(missing: &Reference, run: &str, place: usize) -> Vec<Change> {
    let found = format!(
        "INSERT INTO pg_temp.waif_reach (spot, edge, level, leaf, place)\n\
         SELECT -1, -1, 0, w.leaf, w.place\nFROM {} AS w JOIN {} ON c.tableoid = w.leaf AND c.ctid = w.place \
         JOIN {} ON {}\nFOR KEY SHARE OF p\nON CONFLICT DO NOTHING",
        work(run, place),
        from(&missing.child, "c"),
        from(&missing.parent, "p"),
        refers(missing, "c", "p")
    );
    let hidden = format!(
        "SELECT count(*)::text\nFROM pg_temp.waif_reach AS r JOIN {} ON c.tableoid = r.leaf AND c.ctid = r.place\n\
         WHERE NOT {}",
        from(&missing.child, "c"),
        has_parent(missing, "c")
    );
    let by_index = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
                    SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on; SET LOCAL enable_bitmapscan = on";
    vec![
        without_index(),
        batch(found),
        Change::new(Purpose::Session, by_index, Vec::new()),
        Change::new(Purpose::Verify, hidden, Vec::new()).returning(),
    ]
}

/// One row: rows without a parent, different parents they miss, rows that are NULL in part where that is forbidden.
pub(in crate::sql::postgres) fn lost(missing: &Reference) -> Query {
    let keys: Vec<String> = missing
        .pairs
        .iter()
        .map(|pair| super::super::super::clause::compared(&format!("c.{}", quoted(&pair.child)), &pair.how))
        .collect();
    let text = format!(
        "SELECT coalesce(sum(o.orphans), 0)::text, (count(*) FILTER (WHERE NOT o.partly))::text, \
         coalesce(sum(o.orphans) FILTER (WHERE o.partly), 0)::text\n\
         FROM (SELECT count(*) AS orphans, bool_or({}) AS partly\nFROM {}\nWHERE {}\nGROUP BY {}) AS o",
        partly(missing),
        from(&missing.child, "c"),
        is_lost(missing, "c"),
        keys.join(", ")
    );
    Query::new(Purpose::Survey, text, Vec::new())
}

/// Whether a key is NULL in part; only a MATCH FULL key can be and still lack a parent.
pub(super) fn partly(missing: &Reference) -> String {
    if missing.matching != Matching::Full {
        return "false".to_owned();
    }
    let null: Vec<String> =
        missing.pairs.iter().map(|pair| format!("c.{} IS NULL", quoted(&pair.child))).collect();
    null.join(" OR ")
}

/// The rows left without a parent, told without the parent's indexes.
pub(in crate::sql::postgres) fn left(missing: &Reference) -> Vec<Change> {
    let text =
        format!("SELECT count(*)::text\nFROM {}\nWHERE {}", from(&missing.child, "c"), is_lost(missing, "c"));
    vec![without_index(), Change::new(Purpose::Proof, text, Vec::new()).returning()]
}

/// A window of the work set and the rows it means: what to read from, and which.
pub(super) fn window(window: &crate::sql::repairs::Window<'_>) -> (String, String) {
    let leaf = Seat { table: window.leaf_name.clone(), parted: false, naming: None };
    let (low, high) = (super::super::backfill::tid(window.low), super::super::backfill::tid(window.high));
    (
        format!("{} AS w JOIN {} ON c.ctid = w.place", work(window.run, window.place), from(&leaf, "c")),
        format!("w.leaf = {}::oid AND w.place >= {low} AND w.place < {high}", window.leaf),
    )
}

/// A number as an argument.
pub(super) fn number(value: u64) -> Value {
    Value::Text(value.to_string())
}

/// What a MATCH rule asks of a row that is to have a parent.
pub(super) fn whole(missing: &Reference, child: &str) -> String {
    match missing.matching {
        Matching::Full => {
            let not_null: Vec<String> = missing
                .pairs
                .iter()
                .map(|pair| format!("{child}.{} IS NOT NULL", quoted(&pair.child)))
                .collect();
            not_null.join(" AND ")
        }
        Matching::Simple | Matching::Partial => referring(missing, child),
    }
}
