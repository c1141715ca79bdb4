//! The record of a backfill: which rows it filled, and with what, so that each of them can be set back. It has a row for
//! every batch: the primary keys of the rows in arrays, a column each, and beside them what they were filled with. That is
//! a third of the log that a row for each of them would write.

use super::backfill::{END, START, along, own, same};
use crate::model::plan::step::{Copied, Named};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::repairs::Window;

/// The table of what was filled.
pub(crate) fn table(run: &str, place: usize) -> String {
    own("record", run, place)
}

/// A value of the record: its name, its type, and whether that is an array.
struct Kept<'a> {
    name: String,
    type_name: &'a str,
    array: bool,
}

/// The values that are kept of a row: its key, part by part, and what it was filled with.
fn kept(copied: &Copied) -> Vec<Kept<'_>> {
    let key = copied.key.iter().enumerate().map(|(at, part)| Kept {
        name: format!("k{at}"),
        type_name: &part.type_name,
        array: part.array,
    });
    let fill = Kept { name: "fill".to_owned(), type_name: &copied.from_type, array: copied.from_array };
    key.chain([fill]).collect()
}

/// Their names.
pub(super) fn names(copied: &Copied) -> Vec<String> {
    kept(copied).into_iter().map(|value| value.name).collect()
}

/// The type of a row of one column. Arrays do not gather in an array as they are: the server would make one array of more
/// dimensions of them, which gives back neither their bounds nor where one ends.
fn cell(value: &Kept<'_>, run: &str, place: usize) -> String {
    own(&format!("cell_{}", value.name), run, place)
}

/// Statements that make the record, where it is not there yet.
pub(crate) fn create_record(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let change = |text: String| Change::new(Purpose::Journal, text, Vec::new());
    let kept = kept(copied);
    let cells = kept.iter().filter(|value| value.array).map(|value| {
        change(format!("CREATE TABLE IF NOT EXISTS {} (value {})", cell(value, run, place), value.type_name))
    });
    let columns: Vec<String> = kept
        .iter()
        .map(|value| {
            let of = if value.array { cell(value, run, place) } else { value.type_name.to_owned() };
            format!("{} {of}[] NOT NULL", value.name)
        })
        .collect();
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {} (\n  batch bigint PRIMARY KEY,\n  {}\n)",
        table(run, place),
        columns.join(",\n  "),
    );
    cells.chain([change(create)]).collect()
}

/// The values of rows gathered in arrays, side by side.
fn gather(
    copied: &Copied,
    run: &str,
    place: usize,
    (from, order): (&str, &str),
    end: impl Fn(String) -> String,
) -> String {
    let gathered = |value: &Kept<'_>| {
        let one = format!("{from}.{}", value.name);
        let one = if value.array { format!("ROW({one})::{}", cell(value, run, place)) } else { one };
        format!("{} AS {}", end(format!("array_agg({one}{order})")), value.name)
    };
    kept(copied).iter().map(gathered).collect::<Vec<_>>().join(", ")
}

/// The values of the rows of a batch gathered.
pub(super) fn gathered(copied: &Copied, run: &str, place: usize, from: &str) -> String {
    gather(copied, run, place, (from, ""), |array| array)
}

/// The statement that keeps what the part `batch` has gathered.
pub(super) fn keep(copied: &Copied, window: &Window<'_>) -> String {
    let names = names(copied).join(", ");
    format!(
        "INSERT INTO {} (batch, {names}) SELECT {}, {names} FROM batch WHERE size > 0",
        table(window.run, window.place),
        window.number
    )
}

/// The record again as a row for every row that was filled, of some batches. The arrays of a batch are of one length.
fn rows(copied: &Copied, record: &str, of: &str) -> String {
    let spread = |value: &Kept<'_>| match value.array {
        true => format!("(unnest({0})).value AS {0}", value.name),
        false => format!("unnest({0}) AS {0}", value.name),
    };
    let spread: Vec<String> = kept(copied).iter().map(spread).collect();
    format!("(SELECT batch, {}, generate_subscripts(fill, 1) AS at FROM {record}{of})", spread.join(", "))
}

/// Two values of a type are the same. A type that is not the server's own has its operators where no session of waif looks
/// for them: its values are compared as they are stored.
pub(super) fn alike(one: &str, other: &str, type_name: &str) -> String {
    if type_name.contains('.') {
        return format!(
            "ROW({one}::{type_name})::record OPERATOR(pg_catalog.*=) ROW({other}::{type_name})::record"
        );
    }
    format!("{one} = {other}")
}

/// Two keys are the same, part by part.
fn keys_alike(copied: &Copied, one: &str, other: &str) -> String {
    let keys = copied.key.iter().enumerate();
    let same = |(at, part): (usize, &Named)| {
        alike(&format!("{one}.k{at}"), &format!("{other}.k{at}"), &part.type_name)
    };
    keys.map(same).collect::<Vec<_>>().join(" AND ")
}

/// A row of the child is the one a row of the record names.
fn named(copied: &Copied) -> String {
    let keys = copied.key.iter().enumerate();
    let same = |(at, part): (usize, &Named)| {
        alike(&format!("c.{}", quoted(&part.column)), &format!("r.k{at}"), &part.type_name)
    };
    keys.map(same).collect::<Vec<_>>().join(" AND ")
}

/// A row of the child was last written by a run, not by anybody else since. What a transaction of a run wrote bears its
/// number, of which the server keeps the last 32 bits with the row. The condition is looked up, never joined by: the rows of
/// a batch are found by their keys.
pub(super) const OURS: &str =
    "(c.xmin IN (SELECT (b.transaction::bigint % 4294967296)::text::xid FROM waif.batch AS b)) IS TRUE";

/// Puts back what this run filled, what still is as it filled it, and what is not what the parent holds any more: the
/// parent went or changed between the work set and the batch. Such a row leaves the record, however often it was filled,
/// and what left is written down as a batch that took rows away. Answers with the number of rows.
pub(crate) fn put_back(copied: &Copied, run: &str, place: usize, number: u64, epoch: u64) -> Change {
    let record = table(run, place);
    let keys: Vec<String> = (0..copied.key.len()).map(|at| format!("k{at}")).collect();
    let listed = |of: &str| keys.iter().map(|key| format!("{of}.{key}")).collect::<Vec<_>>().join(", ");
    let same_key = |of: &str| keys_alike(copied, of, "r");
    let left = gather(copied, run, place, ("r", ""), |array| {
        format!("coalesce({array} FILTER (WHERE w.batch IS NULL), '{{}}')")
    });
    let names = names(copied);
    let set: Vec<String> = names.iter().map(|name| format!("{name} = s.{name}")).collect();
    let text = format!(
        "WITH gone AS (\n  UPDATE {} AS c SET {} = NULL FROM {} AS r\n  WHERE {} AND {}\n    \
         AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {} AND {})\n  RETURNING {}\n), \
         went AS (\n  SELECT r.batch, {} FROM {} AS r JOIN gone AS g ON {}\n), \
         cut AS (\n  UPDATE {record} AS l SET {} FROM (\n    SELECT r.batch, {left}\n    FROM {} AS r \
         LEFT JOIN went AS w ON w.batch = r.batch AND {} GROUP BY r.batch\n  ) AS s WHERE l.batch = s.batch\n), \
         done AS (\n  INSERT INTO waif.batch (run, place, number, epoch, leaf, pass, low, high, rows)\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, $4::text::int, $5::text, 0, '{START}', '{END}', -count(*) \
         FROM went HAVING count(*) > 0\n)\n\
         UPDATE waif.step SET rows = rows - (SELECT count(*) FROM went) WHERE run = $1::text AND place = $2::text::int\n\
         RETURNING (SELECT count(*) FROM went)::text",
        quoted_table(&copied.table),
        quoted(&copied.column),
        rows(copied, &record, ""),
        named(copied),
        same(copied, "r.fill"),
        quoted_table(&copied.parent),
        along(&copied.along, "c", "p"),
        same(copied, &format!("p.{}", quoted(&copied.from))),
        listed("r"),
        listed("r"),
        rows(copied, &record, ""),
        same_key("g"),
        set.join(", "),
        rows(copied, &record, " WHERE batch IN (SELECT batch FROM went)"),
        same_key("w"),
    );
    let table = format!("{}.{}", copied.table.schema.raw(), copied.table.name.raw());
    let args = [run.to_owned(), place.to_string(), number.to_string(), epoch.to_string(), table];
    Change::new(Purpose::Batch, text, args.map(Value::Text).to_vec())
        .returning()
        .expecting(1, "The step is not in the journal any more.")
}

/// Sets a batch back to NULL where it still is as it was filled: the parts `back` of a statement, the rows that were set back,
/// and `came`, the same once they have left the record; only those at some places of its arrays where they are given. The
/// batch is the third argument; `free` adds what else a row of `c` must be.
pub(super) fn unfill(copied: &Copied, run: &str, place: usize, free: &str, only: Option<&[u64]>) -> String {
    let record = table(run, place);
    let batch = rows(copied, &record, " WHERE batch = $3::text::bigint");
    let keys: Vec<String> = (0..copied.key.len()).map(|at| format!("k{at}")).collect();
    let listed = keys.iter().map(|key| format!("r.{key}")).collect::<Vec<_>>().join(", ");
    let same_key = keys_alike(copied, "w", "r");
    let first = keys.first().map_or("k0", String::as_str);
    let left = gather(copied, run, place, ("r", " ORDER BY r.at"), |array| {
        format!("coalesce({array} FILTER (WHERE w.{first} IS NULL), '{{}}')")
    });
    let set: Vec<String> = names(copied).iter().map(|name| format!("{name} = s.{name}")).collect();
    let few = only.map_or_else(String::new, |rows| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND r.at = ANY ('{{{}}}'::int[])", rows.join(","))
    });
    format!(
        "WITH back AS (\n  UPDATE {} AS c SET {} = NULL FROM {batch} AS r\n  WHERE {} AND {}{free}{few}\n  RETURNING {listed}\n),\n\
         cut AS (\n  UPDATE {record} AS l SET {} FROM (\n    SELECT r.batch, {left}\n    FROM {batch} AS r \
         LEFT JOIN back AS w ON {same_key} GROUP BY r.batch\n  ) AS s WHERE l.batch = s.batch\n),\ncame AS (SELECT 1 FROM back)",
        quoted_table(&copied.table),
        quoted(&copied.column),
        named(copied),
        same(copied, "r.fill"),
        set.join(", "),
    )
}

/// Locks the rows of a batch, the first argument, that still are as they were filled.
pub(super) fn hold(copied: &Copied, run: &str, place: usize) -> String {
    format!(
        "SELECT 1::text FROM {} AS c JOIN {} AS r ON {} AND {} FOR UPDATE OF c",
        quoted_table(&copied.table),
        rows(copied, &table(run, place), " WHERE batch = $1::text::bigint"),
        named(copied),
        same(copied, "r.fill")
    )
}

/// One row: how many rows of the record still hold what was filled and were written since.
pub(super) fn written(copied: &Copied, run: &str, place: usize) -> Query {
    let text = format!(
        "SELECT count(*)::text FROM {} AS r JOIN {} AS c ON {} AND {} WHERE NOT ({OURS})",
        rows(copied, &table(run, place), ""),
        quoted_table(&copied.table),
        named(copied),
        same(copied, "r.fill")
    );
    Query::new(Purpose::Journal, text, Vec::new())
}

/// The statement that sets back what was filled and still is as it was filled. For people: nobody sends it.
pub(crate) fn take_back(copied: &Copied) -> String {
    format!(
        "UPDATE {} AS c SET {} = NULL FROM {} AS r WHERE {} AND {} AND {OURS}",
        quoted_table(&copied.table),
        quoted(&copied.column),
        rows(copied, "waif.\"record_RUN_STEP\"", ""),
        named(copied),
        same(copied, "r.fill")
    )
}
