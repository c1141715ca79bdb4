//! The backfill of a copied column: the work set is made by one join and ordered as the table lies on disk; batches go
//! through it by ranges of row places, and every batch looks again at what it was promised. Rows whose place changed in
//! between are left alone by a batch and found by the next work set, until none is left.
//!
//! Where pages are full, a batch takes every n-th row of a page only: the dead versions of one pass make room for the
//! next, which then need not touch any index.

use super::super::clause::{cast, compared, operator};
use super::journal::{batch, batch_if};
use super::record;
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
pub(super) fn own(kind: &str, run: &str, place: usize) -> String {
    let run: String =
        run.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("waif.\"{kind}_{run}_{place}\"")
}

/// The table of rows still to be filled.
pub(crate) fn work(run: &str, place: usize) -> String {
    own("work", run, place)
}

/// The child's side of every pair equals the parent's, as the constraint would compare them.
pub(super) fn along(pairs: &[Pair], child: &str, parent: &str) -> String {
    led(pairs, parent, |_, pair| format!("{child}.{}", quoted(&pair.child)))
}

/// The same, with the child's side wherever it lies.
fn led(pairs: &[Pair], parent: &str, child: impl Fn(usize, &Pair) -> String) -> String {
    let equal = |(at, pair): (usize, &Pair)| {
        let left = cast(&format!("{parent}.{}", quoted(&pair.parent)), pair.how.parent_cast.as_ref());
        let right = compared(&child(at, pair), &pair.how);
        format!("{left} {} {right}", operator(pair.how.operator.as_ref()))
    };
    pairs.iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// What makes a row fillable: the copy is NULL, the way to the parent is whole.
fn open(copied: &Copied) -> String {
    let whole = copied.along.iter().map(|pair| format!("c.{} IS NOT NULL", quoted(&pair.child)));
    std::iter::once(format!("c.{} IS NULL", quoted(&copied.column)))
        .chain(whole)
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// Statements that make the work set: every row that can be filled now, with what it is to be filled with. In the order the
/// rows are met, which costs no sorting. By one process: the others are the application's.
pub(crate) fn create_work(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let from = quoted_table(&copied.table);
    let alone = Change::new(Purpose::Session, "SET LOCAL max_parallel_workers_per_gather = 0", Vec::new());
    std::iter::once(alone).chain(made(copied, run, place, &from, "ORDER BY c.tableoid, c.ctid")).collect()
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
    let ways =
        copied.along.iter().enumerate().map(|(at, pair)| format!("c.{} AS f{at}", quoted(&pair.child)));
    let passes = copied.passes.max(1);
    let slot = match passes {
        1 => "0::smallint AS slot".to_owned(),
        // The last byte a row's place is sent as: its number within the page, as far as a few passes tell it apart.
        _ => format!("(pg_catalog.get_byte(pg_catalog.tidsend(c.ctid), 5) % {passes})::smallint AS slot"),
    };
    let columns: Vec<String> = ["c.tableoid AS leaf".to_owned(), "c.ctid AS place".to_owned(), slot]
        .into_iter()
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
        text(format!("CREATE UNIQUE INDEX ON {work} (leaf, slot, place)")),
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

/// One row: the place of the first row behind `rows` rows of a pass from a place on, for what a person allows is never
/// exceeded by what else lies in a page; none when that reaches the end of the leaf.
pub(crate) fn bound(run: &str, place: usize, leaf: u32, pass: Option<u8>, low: &str, rows: u64) -> Query {
    let slot = pass.map(|pass| format!(" AND w.slot = {pass}")).unwrap_or_default();
    let text = format!(
        "SELECT w.place::text FROM {} AS w WHERE w.leaf = $1::text::oid{slot} AND w.place >= $2::text::tid \
         ORDER BY w.leaf, w.place OFFSET $3::text::bigint LIMIT 1",
        work(run, place)
    );
    let args =
        vec![Value::Text(leaf.to_string()), Value::Text(low.to_owned()), Value::Text(rows.to_string())];
    Query::new(Purpose::Batch, text, args)
}

/// Statements that fill one window, write the keys of what they filled into the record, and the batch into the journal;
/// the last answers with the number of rows. The places stand in the text, for only then does the server read just these
/// pages; they are what the server itself wrote. Rows that are open meet by their places alone: were where they lead part
/// of the join, the server would hash that of every row.
pub(crate) fn fill(copied: &Copied, window: &Window<'_>) -> Vec<Change> {
    let work = work(window.run, window.place);
    let column = quoted(&copied.column);
    let (low, high) = (tid(window.low), tid(window.high));
    // Where a row leads decides what it is filled with: any row in that place that leads there is filled rightly.
    let ways =
        copied.along.iter().enumerate().map(|(at, pair)| format!("c.{} = w.f{at}", quoted(&pair.child)));
    let slot = window.pass.map(|pass| format!(" AND w.slot = {pass}")).unwrap_or_default();
    let ways: Vec<String> = ways.collect();
    let range =
        if window.by_range { format!(" AND c.ctid >= {low} AND c.ctid < {high}") } else { String::new() };
    let keys =
        copied.key.iter().enumerate().map(|(at, named)| format!("c.{} AS k{at}", quoted(&named.column)));
    let returning: Vec<String> = keys.chain(["w.fill".to_owned()]).collect();
    let update = format!(
        "WITH filled AS (\n  UPDATE ONLY {} AS c SET {column} = w.fill FROM {work} AS w\n  \
         WHERE w.leaf = {}::oid{slot} AND w.place >= {low} AND w.place < {high}{range}\n    \
         AND {} AND c.ctid = w.place AND ({}) IS TRUE\n  \
         RETURNING {}\n), batch AS (\n  SELECT count(*) AS size, {} FROM filled\n), kept AS (\n  {}\n), {}",
        quoted_table(window.leaf_name),
        window.leaf,
        open(copied),
        ways.join(" AND "),
        returning.join(", "),
        record::gathered(copied, window.run, window.place, "filled"),
        record::keep(copied, window),
        batch_if(""),
    );
    let settings = if window.by_range {
        // The range is read page by page and meets its part of the work set in memory.
        "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off"
    } else {
        // Looked up by its place, a row costs one page of those that were just read: nothing is gained by reading others.
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; \
         SET LOCAL random_page_cost = 0"
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

/// Rows of the child that do not hold what a parent of theirs holds, of those that do or should hold something: their
/// places, where they lead, and whether the copy is open. One join, whatever the server believes of the column: what it
/// knows of it is from before it was filled.
fn unlike(copied: &Copied, of: &str) -> String {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let ways = copied.along.iter().enumerate();
    let ways: Vec<String> = ways.map(|(at, pair)| format!("c.{} AS f{at}", quoted(&pair.child))).collect();
    format!(
        "SELECT c.tableoid AS leaf, c.ctid AS place, {}, c.{} IS NULL AS open\nFROM {child} AS c\n\
         WHERE {of}\n  AND NOT EXISTS (SELECT 1 FROM {parent} AS q WHERE {} AND {})",
        ways.join(", "),
        quoted(&copied.column),
        along(&copied.along, "c", "q"),
        same(copied, &format!("q.{}", quoted(&copied.from)))
    )
}

/// Rows that hold a copy or should hold one.
fn concerned(copied: &Copied) -> String {
    format!("(c.{} IS NOT NULL OR ({}))", quoted(&copied.column), open(copied))
}

/// One row about such rows: those that could be filled now, those to be filled whose parent is nowhere (true orphans),
/// those whose copy is not what the parent holds (wrong copies), those with a copy and no parent, those of them that refer
/// to one.
fn told(copied: &Copied, unlike: &str) -> String {
    let whole: Vec<String> = (0..copied.along.len()).map(|at| format!("u.f{at} IS NOT NULL")).collect();
    // A row may meet several parents: it counts once.
    format!(
        "SELECT count(*) FILTER (WHERE open AND holds)::text AS fillable, \
         count(*) FILTER (WHERE open AND NOT holds)::text AS orphans,\n       \
         count(*) FILTER (WHERE NOT open AND found)::text AS wrong, \
         count(*) FILTER (WHERE NOT open AND NOT found)::text AS lost,\n       \
         count(*) FILTER (WHERE NOT open AND NOT found AND whole)::text AS referring\n\
         FROM (SELECT u.open, bool_or(p.{} IS NOT NULL) AS holds, bool_or(p.tableoid IS NOT NULL) AS found, \
         bool_and({}) AS whole\n  \
         FROM {unlike} AS u LEFT JOIN {} AS p ON {}\n  GROUP BY u.leaf, u.place, u.open) AS r",
        quoted(&copied.from),
        whole.join(" AND "),
        quoted_table(&copied.parent),
        led(&copied.along, "p", |at, _| format!("u.f{at}"))
    )
}

/// One row: what is left, as [`told`].
pub(crate) fn remaining(copied: &Copied) -> Query {
    // Looked for first, and then led to parents: what is left is little, and what is compared is not.
    let unlike = format!("({} OFFSET 0)", unlike(copied, &concerned(copied)));
    Query::new(Purpose::Proof, told(copied, &unlike), Vec::new())
}

/// One row about the rows before any is filled, beside a work set that was just made: rows to be filled, with a parent or
/// without; rows that hold a copy. One reading of the table.
pub(crate) fn standing(copied: &Copied) -> Query {
    let text = format!(
        "SELECT count(*) FILTER (WHERE c.{column} IS NULL)::text AS open, count(*) FILTER (WHERE c.{column} IS NOT NULL)::text AS holding\n\
         FROM {} AS c\nWHERE {}",
        quoted_table(&copied.table),
        concerned(copied),
        column = quoted(&copied.column)
    );
    Query::new(Purpose::Proof, text, Vec::new())
}

/// One row about those that hold a copy, as [`told`].
pub(crate) fn holding(copied: &Copied) -> Query {
    let holding = format!("c.{} IS NOT NULL", quoted(&copied.column));
    let unlike = format!("({} OFFSET 0)", unlike(copied, &holding));
    Query::new(Purpose::Proof, told(copied, &unlike), Vec::new())
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

/// The table of rows that are not as they should be.
fn left(run: &str, place: usize) -> String {
    own("left", run, place)
}

/// Statements that look for what is left and keep it, so that the server knows how little it is.
pub(crate) fn look_for_left(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let left = left(run, place);
    let texts = [
        format!("DROP TABLE IF EXISTS {left}"),
        format!("CREATE UNLOGGED TABLE {left} AS\n{}", unlike(copied, &concerned(copied))),
        format!("ANALYZE {left}"),
    ];
    texts.map(|text| Change::new(Purpose::Proof, text, Vec::new())).to_vec()
}

/// One row: what [`look_for_left`] found, as [`remaining`] tells it.
pub(crate) fn left_over(copied: &Copied, run: &str, place: usize) -> Query {
    Query::new(Purpose::Proof, told(copied, &left(run, place)), Vec::new())
}

/// At most one row: there is a row to fill. The first that is found is enough.
pub(crate) fn any_open(copied: &Copied) -> Query {
    let text = format!(
        "SELECT 1::text FROM {} AS c JOIN {} AS p ON {}\nWHERE {} AND p.{} IS NOT NULL LIMIT 1",
        quoted_table(&copied.table),
        quoted_table(&copied.parent),
        along(&copied.along, "c", "p"),
        open(copied),
        quoted(&copied.from),
    );
    Query::new(Purpose::Survey, text, Vec::new())
}

/// A value of the parent's column equals the copy.
pub(super) fn same(copied: &Copied, value: &str) -> String {
    let how = &copied.sameness;
    let value = cast(value, how.parent_cast.as_ref());
    let copy = compared(&format!("c.{}", quoted(&copied.column)), how);
    format!("{value} {} {copy}", operator(how.operator.as_ref()))
}

/// Removes the work set, and what was left of it.
pub(crate) fn drop_work(run: &str, place: usize) -> Change {
    let text = format!("DROP TABLE IF EXISTS {}, {}", work(run, place), left(run, place));
    Change::new(Purpose::Batch, text, Vec::new())
}
