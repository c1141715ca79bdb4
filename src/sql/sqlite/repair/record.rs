//! The record of a backfill: which rows were filled, in which batch, with what. Rows that have a number are named by it, and
//! by their key where that is another thing: numbers change when a table is built anew. Where rows have no number (WITHOUT
//! ROWID), the key alone names them, and a work set numbers them for the time of a sweep.

use super::super::pairs::Affinity;
use crate::model::plan::step::{Copied, Named};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};

/// A name of ours, made of letters, digits and underscores only.
fn name(kind: &str, run: &str, place: usize) -> String {
    let run: String =
        run.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("waif_{kind}_{run}_{place}")
}

fn own(kind: &str, run: &str, place: usize) -> String {
    format!("main.\"{}\"", name(kind, run, place))
}

/// The name of the table of rows that were filled, as the schema has it.
pub(crate) fn bare(run: &str, place: usize) -> String {
    name("record", run, place)
}

/// The table of rows still to be filled.
pub(crate) fn work(run: &str, place: usize) -> String {
    own("work", run, place)
}

/// The table of rows that were filled: what takes the backfill back.
pub(crate) fn record(run: &str, place: usize) -> String {
    own("record", run, place)
}

/// The number of a row of `c`, where rows have one.
pub(super) fn number_of(copied: &Copied) -> Option<String> {
    copied.numbered.as_ref().map(|name| format!("c.{}", quoted(name)))
}

/// Whether the key is the number itself.
pub(super) fn is_numbered_by_key(copied: &Copied) -> bool {
    matches!((&copied.numbered, &copied.key[..]), (Some(number), [only]) if *number == only.column)
}

/// The columns of the key that the record keeps beside the number.
pub(super) fn kept_key(copied: &Copied) -> &[Named] {
    if is_numbered_by_key(copied) { &[] } else { &copied.key }
}

/// `k0, k1, …` behind a prefix, for the columns of a key.
pub(super) fn seats(prefix: &str, key: &[Named]) -> Vec<String> {
    (0..key.len()).map(|at| format!("{prefix}k{at}")).collect()
}

/// The columns of a key, of `c`.
pub(super) fn columns(key: &[Named]) -> Vec<String> {
    key.iter().map(|named| format!("c.{}", quoted(&named.column))).collect()
}

/// An affinity as a declared type, so that the record keeps values as the table does.
fn typed(affinity: &str) -> &'static str {
    match Affinity::named(affinity) {
        Affinity::Text => "TEXT",
        Affinity::Numeric => "NUMERIC",
        Affinity::Real => "REAL",
        Affinity::None => "BLOB",
    }
}

fn declared(key: &[Named], ending: &str) -> String {
    let column = |(at, named): (usize, &Named)| format!("k{at} {}{ending}", typed(&named.type_name));
    key.iter().enumerate().map(column).collect::<Vec<_>>().join(", ")
}

/// The columns of the record that keep where a row led when it was filled, with those of `c`.
pub(super) fn ways(copied: &Copied) -> Vec<(String, String)> {
    let pairs = copied.along.iter().enumerate();
    pairs.map(|(at, pair)| (format!("w{at}"), format!("c.{}", quoted(&pair.child)))).collect()
}

/// Statements that make the table of what was filled, where it is not there yet.
pub(crate) fn create(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    let (table, fill) = (record(run, place), typed(&copied.column_type));
    let ways: String = ways(copied).iter().map(|(kept, _)| format!(",\n  {kept} BLOB")).collect();
    let text = match copied.numbered {
        Some(_) => {
            let key = kept_key(copied);
            let key = if key.is_empty() { String::new() } else { format!(",\n  {}", declared(key, "")) };
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (\n  place INTEGER PRIMARY KEY,\n  batch INTEGER NOT NULL,\n  \
                 fill {fill} NOT NULL{key}{ways}\n)"
            )
        }
        None => format!(
            "CREATE TABLE IF NOT EXISTS {table} (\n  {},\n  batch INTEGER NOT NULL,\n  fill {fill} NOT NULL{ways},\n  \
             PRIMARY KEY ({})\n) WITHOUT ROWID",
            declared(&copied.key, " NOT NULL"),
            seats("", &copied.key).join(", ")
        ),
    };
    vec![Change::new(Purpose::Journal, text, Vec::new())]
}

/// Statements that make the work set, where rows have no number: the keys of rows to be filled, in their order.
pub(crate) fn create_work(copied: &Copied, run: &str, place: usize, most: Option<u64>) -> Vec<Change> {
    if copied.numbered.is_some() {
        return Vec::new();
    }
    let work = work(run, place);
    let limit = most.map(|rows| format!("\nLIMIT {rows}")).unwrap_or_default();
    let text = |text: String| Change::new(Purpose::Batch, text, Vec::<Value>::new());
    vec![
        text(format!("DROP TABLE IF EXISTS {work}")),
        text(format!(
            "CREATE TABLE {work} (place INTEGER PRIMARY KEY, {})",
            declared(&copied.key, " NOT NULL")
        )),
        text(format!(
            "INSERT INTO {work} ({}) SELECT {} FROM {} AS c NOT INDEXED WHERE {} AND EXISTS (SELECT 1 FROM {} AS p WHERE {})\n\
             ORDER BY {}{limit}",
            seats("", &copied.key).join(", "),
            columns(&copied.key).join(", "),
            quoted_table(&copied.table),
            super::backfill::open(copied),
            quoted_table(&copied.parent),
            super::backfill::led(copied, "p"),
            columns(&copied.key).join(", "),
        )),
    ]
}

/// Removes the work set, where there is one.
pub(crate) fn drop_work(copied: &Copied, run: &str, place: usize) -> Vec<Change> {
    if copied.numbered.is_some() {
        return Vec::new();
    }
    vec![Change::new(Purpose::Batch, format!("DROP TABLE IF EXISTS {}", work(run, place)), Vec::new())]
}

/// The numbers, or keys, of rows of `c` that still hold what was filled, from the record `r`: for people.
pub(crate) fn take_back(copied: &Copied) -> String {
    let record = "main.\"waif_record_RUN_STEP\"";
    let (child, column) = (quoted_table(&copied.table), quoted(&copied.column));
    let holds = format!("c.{column} COLLATE BINARY IS r.fill AND {}", leads(copied));
    let key: Vec<(String, String)> = columns(&copied.key).into_iter().zip(seats("r.", &copied.key)).collect();
    let on = |sign: &str| {
        key.iter().map(|(own, kept)| format!("{own} {sign} {kept}")).collect::<Vec<_>>().join(" AND ")
    };
    let Some(number) = number_of(copied) else {
        let keys = columns(&copied.key).join(", ");
        return format!(
            "UPDATE OR ABORT {child} AS c SET {column} = NULL WHERE ({keys}) IN (SELECT {} FROM {record} AS r) \
             AND EXISTS (SELECT 1 FROM {record} AS r WHERE {} AND {holds})",
            seats("r.", &copied.key).join(", "),
            on("=")
        );
    };
    let found = |on: &str| {
        format!("SELECT {number} FROM {record} AS r CROSS JOIN {child} AS c ON {on} WHERE {holds}")
    };
    let numbers = if is_numbered_by_key(copied) {
        found(&format!("{number} = r.place"))
    } else {
        // A key with NULL in it names no row by itself.
        let nulls: Vec<String> =
            seats("r.", &copied.key).iter().map(|kept| format!("{kept} IS NULL")).collect();
        format!(
            "{} UNION {} AND ({})",
            found(&on("=")),
            found(&format!("{number} = r.place AND {}", on("IS"))),
            nulls.join(" OR ")
        )
    };
    format!("UPDATE OR ABORT {child} AS c SET {column} = NULL WHERE {number} IN ({numbers})")
}

/// A row of `c` leads where it led when it was filled.
fn leads(copied: &Copied) -> String {
    let same = ways(copied).into_iter().map(|(kept, own)| format!("{own} COLLATE BINARY IS r.{kept}"));
    same.collect::<Vec<_>>().join(" AND ")
}

/// A row of `c` still holds what was filled.
fn holds(copied: &Copied) -> String {
    let column = quoted(&copied.column);
    format!("c.{column} COLLATE BINARY IS r.fill AND typeof(c.{column}) = typeof(r.fill)")
}

/// What names a line of the record.
fn names(copied: &Copied) -> Vec<String> {
    match copied.numbered {
        Some(_) => vec!["place".to_owned()],
        None => seats("", &copied.key),
    }
}

/// The lines of a batch of the record, each with its place `at` among them.
pub(super) fn numbered(copied: &Copied, record: &str, batch: &str) -> String {
    let names = names(copied).join(", ");
    format!(
        "(SELECT {names}, row_number() OVER (ORDER BY {names}) AS at FROM {record} WHERE batch = {batch})"
    )
}

/// Where the row of a line of the record is found, of which `holds` is true besides: by its key, for numbers change when a
/// table is built anew; by its number as well where its key is NULL in part.
fn found(copied: &Copied, holds: &str) -> String {
    let child = quoted_table(&copied.table);
    let found = |on: &str| format!("EXISTS (SELECT 1 FROM {child} AS c WHERE {on} AND {holds})");
    let (by_key, partly) = (by_key(copied), partly(copied));
    match number_of(copied) {
        Some(number) if !is_numbered_by_key(copied) => {
            let nulls: Vec<String> = (columns(&copied.key).iter())
                .zip(seats("r.", &copied.key))
                .map(|(own, kept)| format!("{own} COLLATE BINARY IS {kept}"))
                .collect();
            let nulls = format!("{number} = r.place AND {}", nulls.join(" AND "));
            format!("CASE WHEN {partly} THEN {} ELSE {} END", found(&nulls), found(&by_key))
        }
        Some(number) => found(&format!("{number} = r.place")),
        None => found(&by_key),
    }
}

/// A row of `c` has the key of a line of the record. The first finds the row by an index, the second tells it from one that
/// only counts as equal.
fn by_key(copied: &Copied) -> String {
    let key = columns(&copied.key).into_iter().zip(seats("r.", &copied.key));
    let same = key.map(|(own, kept)| format!("{own} = {kept} AND {own} COLLATE BINARY = {kept}"));
    same.collect::<Vec<_>>().join(" AND ")
}

/// The key of a line of the record is NULL in part.
fn partly(copied: &Copied) -> String {
    let nulls: Vec<String> = seats("r.", &copied.key).iter().map(|kept| format!("{kept} IS NULL")).collect();
    nulls.join(" OR ")
}

/// How many lines of the record have a row that still holds what was filled, and leads elsewhere than when it was.
pub(crate) fn led_elsewhere(copied: &Copied, record: &str) -> String {
    let holds = holds(copied);
    format!(
        "SELECT count(*) FROM {record} AS r WHERE r.batch >= 0 AND {} AND NOT {}",
        found(copied, &holds),
        found(copied, &format!("{holds} AND {}", leads(copied)))
    )
}

/// Statements that set a batch back to NULL: the first marks the lines of the record (`?2` the batch, `?1` the mark) whose
/// row still holds what was filled, and leads where it led unless `by_value` alone decides; the second empties those rows.
/// With `only` no more than those lines of the batch, by their places in its [order](numbered); `free` says of a row of `c`
/// that nobody refers to it.
pub(crate) fn unfill(
    copied: &Copied,
    record: &str,
    free: &[String],
    by_value: bool,
    only: Option<&[u64]>,
) -> [String; 2] {
    let (child, column) = (quoted_table(&copied.table), quoted(&copied.column));
    let mut holds = vec![holds(copied)];
    holds.extend((!by_value).then(|| leads(copied)));
    holds.extend_from_slice(free);
    let chosen = found(copied, &holds.join(" AND "));
    let emptied = match number_of(copied) {
        Some(number) if !is_numbered_by_key(copied) => format!(
            "{number} IN (SELECT {number} FROM {record} AS r CROSS JOIN {child} AS c ON {} WHERE r.batch = ?1 \
             UNION ALL SELECT r.place FROM {record} AS r WHERE r.batch = ?1 AND ({}))",
            by_key(copied),
            partly(copied)
        ),
        Some(number) => format!("{number} IN (SELECT r.place FROM {record} AS r WHERE r.batch = ?1)"),
        None => format!(
            "({}) IN (SELECT {} FROM {record} AS r WHERE r.batch = ?1)",
            columns(&copied.key).join(", "),
            seats("r.", &copied.key).join(", ")
        ),
    };
    let few = only.map_or_else(String::new, |places| {
        let places: Vec<String> = places.iter().map(u64::to_string).collect();
        let names = names(copied).join(", ");
        let chosen = format!(
            "SELECT {names} FROM {} WHERE at IN ({})",
            numbered(copied, record, "?2"),
            places.join(", ")
        );
        format!(" AND ({names}) IN ({chosen})")
    });
    [
        format!("UPDATE {record} AS r SET batch = ?1 WHERE r.batch = ?2{few} AND {chosen}"),
        format!("UPDATE OR ABORT {child} AS c SET {column} = NULL WHERE {emptied}"),
    ]
}
