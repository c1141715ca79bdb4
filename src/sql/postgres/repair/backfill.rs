//! The backfill of a copied column: the work set is made by one join and ordered as the table lies on disk; batches go
//! through it by ranges of row places, and every batch looks again at what it was promised. Rows whose place changed in
//! between are left alone by a batch and found by the next work set, until none is left.
//!
//! Where pages are full, a batch takes every n-th row of a page only: the dead versions of one pass make room for the
//! next, which then need not touch any index.

use super::super::clause::{cast, compared, operator};
use super::journal::{BATCH, batch};
use crate::model::ident::TableName;
use crate::model::plan::step::{Copied, Pair};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::repairs::Window;

/// The first place after every row of a table.
pub(crate) const END: &str = "(4294967295,0)";
/// The first place of a table.
pub(crate) const START: &str = "(0,0)";

/// What the last sweep finds when rows came to a table it did not know of.
const NOT_ALL: &str = "Rows came to another table meanwhile.";

/// A name within the journal, made of letters, digits and underscores only.
fn own(kind: &str, run: &str, place: usize) -> String {
    let run: String =
        run.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("waif.\"{kind}_{run}_{place}\"")
}

/// The table of rows still to be filled.
pub(crate) fn work(run: &str, place: usize) -> String {
    own("work", run, place)
}

/// The table of rows that were filled: what takes the backfill back.
pub(crate) fn record(run: &str, place: usize) -> String {
    own("record", run, place)
}

/// The child's side of a pair equals the parent's, as the constraint would compare them.
fn along(pairs: &[Pair], child: &str, parent: &str) -> String {
    let equal = |pair: &Pair| {
        let left = cast(&format!("{parent}.{}", quoted(&pair.parent)), pair.how.parent_cast.as_ref());
        let right = compared(&format!("{child}.{}", quoted(&pair.child)), &pair.how);
        format!("{left} {} {right}", operator(pair.how.operator.as_ref()))
    };
    pairs.iter().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// What makes a row fillable: the copy is NULL, the way to the parent is whole.
fn open(copied: &Copied) -> String {
    let whole = copied.along.iter().map(|pair| format!("c.{} IS NOT NULL", quoted(&pair.child)));
    std::iter::once(format!("c.{} IS NULL", quoted(&copied.column)))
        .chain(whole)
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// Statements that make the table of what was filled, where it is not there yet.
pub(crate) fn create_record(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let columns: Vec<String> = copied
        .key
        .iter()
        .enumerate()
        .map(|(at, named)| format!("k{at} {} NOT NULL", named.type_name))
        .collect();
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {} (\n  batch bigint NOT NULL,\n  {},\n  fill {} NOT NULL\n)",
        record(run, place),
        columns.join(",\n  "),
        copied.from_type,
    );
    vec![Change::new(Purpose::Journal, create, Vec::new())]
}

/// Statements that make the work set: every row that can be filled now, with what it is to be filled with.
pub(crate) fn create_work(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let from = quoted_table(&copied.table);
    made(copied, run, place, &from, "ORDER BY c.tableoid, c.ctid")
}

/// The same of some rows of one table only, wherever they lie.
pub(crate) fn create_sample(
    copied: &Copied,
    run: &str,
    place: usize,
    leaf: &TableName,
    rows: u64,
) -> Vec<Change> {
    made(copied, run, place, &format!("ONLY {}", quoted_table(leaf)), &format!("LIMIT {rows}"))
}

/// At most one row: a table that has a row to be filled.
pub(crate) fn first_leaf(copied: &Copied) -> Query {
    let text = format!(
        "SELECT r.oid::text, n.nspname::text, r.relname::text FROM \
         (SELECT c.tableoid AS leaf FROM {} AS c JOIN {} AS p ON {} WHERE {} AND p.{} IS NOT NULL LIMIT 1) AS f \
         JOIN pg_catalog.pg_class AS r ON r.oid = f.leaf \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace",
        quoted_table(&copied.table),
        quoted_table(&copied.parent),
        along(&copied.along, "c", "p"),
        open(copied),
        quoted(&copied.from),
    );
    Query::new(Purpose::Batch, text, Vec::new())
}

fn made(copied: &Copied, run: &str, place: usize, from: &str, end: &str) -> Vec<Change> {
    let work = work(run, place);
    let keys =
        copied.key.iter().enumerate().map(|(at, named)| format!("c.{} AS k{at}", quoted(&named.column)));
    let ways =
        copied.along.iter().enumerate().map(|(at, pair)| format!("c.{} AS f{at}", quoted(&pair.child)));
    let passes = copied.passes.max(1);
    let slot = match passes {
        1 => "0::smallint AS slot".to_owned(),
        _ => format!("(((c.ctid::text::point)[1])::int % {passes})::smallint AS slot"),
    };
    let columns: Vec<String> = ["c.tableoid AS leaf".to_owned(), "c.ctid AS place".to_owned(), slot]
        .into_iter()
        .chain(keys)
        .chain(ways)
        .chain([format!("p.{} AS fill", quoted(&copied.from))])
        .collect();
    let text = |text: String| Change::new(Purpose::Batch, text, Vec::new());
    vec![
        text(format!("DROP TABLE IF EXISTS {work}")),
        text(format!(
            "CREATE UNLOGGED TABLE {work} AS\nSELECT {}\nFROM {from} AS c JOIN {} AS p ON {}\nWHERE {} AND p.{} IS NOT NULL\n{end}",
            columns.join(", "),
            quoted_table(&copied.parent),
            along(&copied.along, "c", "p"),
            open(copied),
            quoted(&copied.from),
        )),
        // Unique: a child that finds two parents with two values has no value to be filled with.
        text(format!("CREATE UNIQUE INDEX ON {work} (leaf, place)")),
        text(format!("ANALYZE {work}")),
    ]
}

/// The leaves of a work set in order: oid, schema, name, rows, and the first page behind its last row, as a place.
pub(crate) fn leaves(run: &str, place: usize) -> Query {
    let text = format!(
        "SELECT w.leaf::text, n.nspname::text, r.relname::text, w.rows::text, \
         '(' || ((w.last::text::point)[0]::bigint + 1) || ',0)'\n\
         FROM (SELECT leaf, count(*) AS rows, max(place) AS last FROM {} GROUP BY leaf) AS w\n\
         LEFT JOIN pg_catalog.pg_class AS r ON r.oid = w.leaf \
         LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace\nORDER BY w.leaf",
        work(run, place)
    );
    Query::new(Purpose::Batch, text, Vec::new())
}

/// One row: the first page behind `rows` rows from a place on, as a place; none when that reaches the end of the leaf.
pub(crate) fn bound(run: &str, place: usize, leaf: u32, low: &str, rows: u64) -> Query {
    let text = format!(
        "SELECT '(' || ((place::text::point)[0]::bigint + 1) || ',0)' FROM (SELECT place FROM {} \
         WHERE leaf = $1::text::oid AND place >= $2::text::tid ORDER BY leaf, place OFFSET $3::text::bigint LIMIT 1) AS w",
        work(run, place)
    );
    let args =
        vec![Value::Text(leaf.to_string()), Value::Text(low.to_owned()), Value::Text(rows.to_string())];
    Query::new(Purpose::Batch, text, args)
}

/// Statements that fill one window, write the keys of what they filled into the record, and the batch into the journal;
/// the last answers with the number of rows. The places stand in the
/// text, for only then does the server read just these pages; they are what the server itself wrote.
pub(crate) fn fill(copied: &Copied, window: &Window<'_>) -> Vec<Change> {
    let work = work(window.run, window.place);
    let record = record(window.run, window.place);
    let column = quoted(&copied.column);
    let (low, high) = (tid(window.low), tid(window.high));
    let keys =
        copied.key.iter().enumerate().map(|(at, named)| format!("c.{} = w.k{at}", quoted(&named.column)));
    let ways =
        copied.along.iter().enumerate().map(|(at, pair)| format!("c.{} = w.f{at}", quoted(&pair.child)));
    let slot = window.pass.map(|pass| format!("w.slot = {pass}"));
    let again: Vec<String> = keys.chain(ways).chain([format!("c.{column} IS NULL")]).chain(slot).collect();
    let range =
        if window.by_range { format!(" AND c.ctid >= {low} AND c.ctid < {high}") } else { String::new() };
    let names: Vec<String> = (0..copied.key.len()).map(|at| format!("k{at}")).collect();
    let returning: Vec<String> = names.iter().map(|name| format!("w.{name}")).collect();
    let update = format!(
        "WITH filled AS (\n  UPDATE ONLY {} AS c SET {column} = w.fill FROM {work} AS w\n  \
         WHERE w.leaf = {}::oid AND w.place >= {low} AND w.place < {high}{range}\n    AND c.ctid = w.place AND {}\n  \
         RETURNING {}, w.fill\n), kept AS (\n  INSERT INTO {record} (batch, {}, fill) SELECT {}, {}, fill FROM filled\n), {BATCH}",
        quoted_table(window.leaf_name),
        window.leaf,
        again.join(" AND "),
        returning.join(", "),
        names.join(", "),
        window.number,
        names.join(", "),
    );
    let settings = if window.by_range {
        // The range is read page by page and meets its part of the work set in memory.
        "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off"
    } else {
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
    };
    vec![
        Change::new(Purpose::Session, settings, Vec::new()),
        Change::new(Purpose::Batch, update, batch(window))
            .returning()
            .expecting(1, "The step is not in the journal any more."),
    ]
}

/// A place as a literal; whatever is not one becomes the end, where nothing is.
pub(super) fn tid(place: &str) -> String {
    let numbers = place.trim_start_matches('(').trim_end_matches(')');
    let is_place = numbers
        .split_once(',')
        .is_some_and(|(page, row)| page.parse::<u32>().is_ok() && row.parse::<u16>().is_ok());
    format!("'{}'::tid", if is_place { place } else { END })
}

/// One row: rows that could be filled now, rows whose parent is nowhere (true orphans), rows whose copy is not what the
/// parent holds (wrong copies), rows with a copy and no parent, those of them that refer to one.
pub(crate) fn remaining(copied: &Copied) -> Query {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let along = |parent: &str| along(&copied.along, "c", parent);
    let (column, from) = (quoted(&copied.column), quoted(&copied.from));
    let whole: Vec<String> =
        copied.along.iter().map(|pair| format!("c.{} IS NOT NULL", quoted(&pair.child))).collect();
    let whole = whole.join(" AND ");
    // A row may meet several parents: it counts once.
    let counted = |parent_has: &str, of: &str| {
        format!(
            "(SELECT count(*) FILTER (WHERE found)::text AS found, count(*) FILTER (WHERE NOT found)::text AS lost, \
             count(*) FILTER (WHERE NOT found AND whole)::text AS whole\n  \
             FROM (SELECT bool_or({parent_has}) AS found, bool_and({whole}) AS whole FROM {child} AS c LEFT JOIN {parent} AS p ON {}\n    \
             WHERE {of} GROUP BY c.tableoid, c.ctid) AS r)",
            along("p")
        )
    };
    let unlike = format!(
        "c.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} AS q WHERE {} AND {})",
        along("q"),
        same(copied, &format!("q.{from}"))
    );
    let text = format!(
        "SELECT o.found, o.lost, w.found, w.lost, w.whole FROM {} AS o, {} AS w",
        counted(&format!("p.{from} IS NOT NULL"), &open(copied)),
        counted("p.tableoid IS NOT NULL", &unlike)
    );
    Query::new(Purpose::Proof, text, Vec::new())
}

/// Fails while a row of the work set still stands where it stood and is open.
pub(crate) fn used_up(copied: &Copied, run: &str, place: usize) -> Change {
    let text = format!(
        "SELECT '1'::text WHERE NOT EXISTS (SELECT 1 FROM {} AS w JOIN {} AS c ON c.ctid = w.place AND c.tableoid = w.leaf \
         WHERE {})",
        work(run, place),
        quoted_table(&copied.table),
        open(copied)
    );
    Change::new(Purpose::Proof, text, Vec::new()).returning().expecting(1, NOT_ALL)
}

/// Puts back what this run filled, what still is as it filled it, and what is not what the parent holds any more: the
/// parent went or changed between the work set and the batch. What was put back is written down as a batch that took rows
/// away. Answers with the number of rows.
pub(crate) fn put_back(copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Change {
    let record = record(run, place);
    let column = quoted(&copied.column);
    let keys = kept(copied);
    let text = format!(
        "WITH gone AS (\n  UPDATE {} AS c SET {column} = NULL FROM {record} AS r\n  WHERE {keys} AND {}\n    \
         AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {} AND {})\n  RETURNING r.ctid AS line\n), cut AS (\n  \
         DELETE FROM {record} AS r USING gone WHERE r.ctid = gone.line RETURNING 1\n), done AS (\n  \
         INSERT INTO waif.batch (run, place, number, epoch, leaf, pass, low, high, rows)\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, $4::text::int, $5::text, 0, '{START}', '{END}', -count(*) \
         FROM cut HAVING count(*) > 0\n)\n\
         UPDATE waif.step SET rows = rows - (SELECT count(*) FROM cut) WHERE run = $1::text AND place = $2::text::int\n\
         RETURNING (SELECT count(*) FROM cut)::text",
        quoted_table(&copied.table),
        same(copied, "r.fill"),
        quoted_table(&copied.parent),
        along(&copied.along, "c", "p"),
        same(copied, &format!("p.{}", quoted(&copied.from))),
    );
    let table = format!("{}.{}", copied.table.schema.raw(), copied.table.name.raw());
    let args = [run.to_owned(), place.to_string(), number.to_string(), epoch.to_string(), table];
    Change::new(Purpose::Batch, text, args.map(Value::Text).to_vec())
        .returning()
        .expecting(1, "The step is not in the journal any more.")
}

/// The statement that sets back what was filled and still is as it was filled. For people: nobody sends it.
pub(crate) fn take_back(copied: &Copied) -> String {
    format!(
        "UPDATE {} AS c SET {} = NULL FROM waif.\"record_RUN_STEP\" AS r WHERE {} AND {}",
        quoted_table(&copied.table),
        quoted(&copied.column),
        kept(copied),
        same(copied, "r.fill")
    )
}

/// A row of the child is the one a line of the record names.
pub(super) fn kept(copied: &Copied) -> String {
    let keys = copied.key.iter().enumerate();
    keys.map(|(at, named)| format!("c.{} = r.k{at}", quoted(&named.column))).collect::<Vec<_>>().join(" AND ")
}

/// A value of the parent's column equals the copy.
pub(super) fn same(copied: &Copied, value: &str) -> String {
    let how = &copied.sameness;
    let value = cast(value, how.parent_cast.as_ref());
    let copy = compared(&format!("c.{}", quoted(&copied.column)), how);
    format!("{value} {} {copy}", operator(how.operator.as_ref()))
}

/// Removes the work set.
pub(crate) fn drop_work(run: &str, place: usize) -> Change {
    Change::new(Purpose::Batch, format!("DROP TABLE IF EXISTS {}", work(run, place)), Vec::new())
}
