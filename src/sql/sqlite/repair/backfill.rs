//! The backfill of a copied column: the table is gone through in windows of row numbers, in the order it lies in the file.
//! A window's values are looked up and written into the record first, and from there into the rows, so that what was filled
//! and what was written down are the same rows. Where rows have no number, a work set of keys numbers them.

use super::journal::{self, number, text};
use super::record::{columns, is_numbered_by_key, kept_key, number_of, record, seats, ways, work};
use crate::model::plan::step::{Copied, Pair};
use crate::model::relation::Comparison;
use crate::model::sent::Purpose;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::repairs::Window;

/// The first place of a table.
pub(crate) const START: &str = "-9223372036854775808";
/// Behind every row of a table, also behind the one with the last number there is.
pub(crate) const END: &str = "end";

/// The parent's side equals the child's, as the engine compares a reference: by the parent's affinity and collation.
fn equals(parent: &str, child: &str, how: &Comparison) -> String {
    match &how.collate {
        Some(collation) => format!("{parent} COLLATE {} = +{child}", quoted(&collation.name)),
        None => format!("{parent} = +{child}"),
    }
}

/// The way from the child to a parent.
pub(super) fn along(pairs: &[Pair], parent: &str) -> String {
    let pair = |pair: &Pair| {
        equals(
            &format!("{parent}.{}", quoted(&pair.parent)),
            &format!("c.{}", quoted(&pair.child)),
            &pair.how,
        )
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join(" AND ")
}

/// The way to a parent that has something to copy.
pub(super) fn led(copied: &Copied, parent: &str) -> String {
    format!("{} AND {parent}.{} IS NOT NULL", along(&copied.along, parent), quoted(&copied.from))
}

/// The copy is what a parent holds.
pub(super) fn same(copied: &Copied, parent: &str) -> String {
    equals(
        &format!("{parent}.{}", quoted(&copied.from)),
        &format!("c.{}", quoted(&copied.column)),
        &copied.sameness,
    )
}

/// What makes a row fillable: the copy is NULL, the way to the parent is whole.
pub(super) fn open(copied: &Copied) -> String {
    let whole = copied.along.iter().map(|pair| format!("c.{} IS NOT NULL", quoted(&pair.child)));
    std::iter::once(format!("c.{} IS NULL", quoted(&copied.column)))
        .chain(whole)
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// The rows between two places, as a condition on a place, with its arguments; `first` is the number of the first.
pub(super) fn between(place: &str, low: &str, high: &str, first: usize) -> (String, Vec<Value>) {
    let low = low.parse::<i64>().unwrap_or(i64::MIN);
    let (sign, high) = match high.parse::<i64>() {
        Ok(high) => ("<", high),
        Err(_) => ("<=", i64::MAX),
    };
    let text = format!("{place} >= ?{first} AND {place} {sign} ?{}", first + 1);
    (text, vec![Value::Int(low), Value::Int(high)])
}

/// At most one row: the table, and where a window of so many rows lies that begins with a row to be filled.
pub(crate) fn first_leaf(copied: &Copied, rows: u64) -> Query {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let name = vec![text(copied.table.schema.raw()), text(copied.table.name.raw())];
    let found = |what: &str| {
        format!(
            "SELECT {what} FROM {child} AS c NOT INDEXED CROSS JOIN {parent} AS p ON {} WHERE {} LIMIT 1",
            led(copied, "p"),
            open(copied)
        )
    };
    let Some(place) = number_of(copied) else {
        return Query::new(Purpose::Batch, found("'0', ?1, ?2"), name);
    };
    let text = format!(
        "SELECT '0', ?1, ?2, CAST(f.low AS TEXT), coalesce((SELECT CAST({place} AS TEXT) FROM {child} AS c NOT INDEXED \
         WHERE {place} >= f.low ORDER BY {place} LIMIT 1 OFFSET ?3), '{END}') FROM ({}) AS f",
        found(&format!("{place} AS low"))
    );
    let args = name.into_iter().chain([number(rows)]).collect();
    Query::new(Purpose::Batch, text, args)
}

/// At most one row: there is a row to fill. The first that is found is enough.
pub(crate) fn any_open(copied: &Copied) -> Query {
    let text = format!(
        "SELECT 1 FROM {} AS c CROSS JOIN {} AS p ON {} WHERE {} LIMIT 1",
        quoted_table(&copied.table),
        quoted_table(&copied.parent),
        led(copied, "p"),
        open(copied)
    );
    Query::new(Purpose::Survey, text, Vec::new())
}

/// The one table there is: its rows are known where a work set counts them.
pub(crate) fn leaves(copied: &Copied, run: &str, place: usize) -> Query {
    let args = vec![text(copied.table.schema.raw()), text(copied.table.name.raw())];
    let select = match copied.numbered {
        Some(_) => format!("SELECT '0', ?1, ?2, NULL, '{END}'"),
        None => format!(
            "SELECT '0', ?1, ?2, CAST(count(*) AS TEXT), '{END}' FROM {} HAVING count(*) > 0",
            work(run, place)
        ),
    };
    Query::new(Purpose::Batch, select, args)
}

/// One row: the place behind `rows` rows, and their number where rows are looked at one by one; none at the end.
pub(crate) fn bound(copied: &Copied, run: &str, place: usize, low: &str, rows: u64) -> Query {
    let low = Value::Int(low.parse().unwrap_or(i64::MIN));
    let text = match number_of(copied) {
        Some(number) => format!(
            "SELECT CAST({number} AS TEXT), ?2 FROM {} AS c NOT INDEXED WHERE {number} >= ?1 ORDER BY {number} LIMIT 1 OFFSET ?2",
            quoted_table(&copied.table)
        ),
        None => format!(
            "SELECT CAST(w.place AS TEXT), NULL FROM {} AS w WHERE w.place >= ?1 ORDER BY w.place LIMIT 1 OFFSET ?2",
            work(run, place)
        ),
    };
    Query::new(Purpose::Batch, text, vec![low, number(rows)])
}

/// Statements that fill one window, write the keys of what they fill into the record, and the batch into the journal; the
/// last answers with the number of rows.
pub(crate) fn fill(copied: &Copied, window: &Window<'_>) -> Vec<Change> {
    let mut changes = match number_of(copied) {
        Some(place) => numbered(copied, window, &place),
        None => keyed(copied, window),
    };
    changes.push(journal::counted(window.run, window.place, window.number));
    changes
}

/// How the statement that fills begins. A clause of the table's own could replace or leave out rows without a word.
const FILLS: &str = "UPDATE OR ABORT";
/// What a batch finds whose rows could not be named again.
const NAMELESS: &str =
    "The primary key of a row is NULL: that it was filled could not be taken back, so it is not filled.";
/// How far aside a line of the record is put whose row has another number by now: no table has so many rows.
const ASIDE: i64 = 1 << 62;

fn change(text: String, args: Vec<Value>) -> Change {
    Change::new(Purpose::Batch, text, args)
}

fn numbered(copied: &Copied, window: &Window<'_>, place: &str) -> Vec<Change> {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let (record, column) = (record(window.run, window.place), quoted(&copied.column));
    let (in_record, bounds) = between("r.place", window.low, window.high, 1);
    let (in_child, _) = between(place, window.low, window.high, 1);
    let with_batch =
        |first: Vec<Value>| first.into_iter().chain([number(window.number)]).collect::<Vec<Value>>();
    let key = kept_key(copied);
    let (kept, own) =
        (seats(", ", key).concat(), columns(key).iter().map(|own| format!(", {own}")).collect::<String>());
    // Numbers change when a table is built anew: it is the key that tells whether a line is still about that row.
    let same: String = columns(key)
        .iter()
        .zip(seats("r.", key))
        .map(|(own, kept)| format!(" AND {own} COLLATE BINARY IS {kept}"))
        .collect();
    let (ways, led_by) = noted_ways(copied);
    // A row somebody emptied again is filled anew: what was written down of it holds no more.
    let stale = format!(
        "DELETE FROM {record} AS r WHERE {in_record} AND EXISTS (SELECT 1 FROM {child} AS c WHERE {place} = r.place{same} AND c.{column} IS NULL)"
    );
    let others = format!(
        "UPDATE {record} AS r SET place = r.place - {ASIDE} WHERE {in_record} AND EXISTS (SELECT 1 FROM {child} AS c \
         WHERE {place} = r.place) AND NOT EXISTS (SELECT 1 FROM {child} AS c WHERE {place} = r.place{same})"
    );
    // A row with two parents comes twice, and its place is taken the second time.
    let write_down = format!(
        "INSERT INTO {record} (place, batch, fill{kept}{ways}) SELECT {place}, ?3, p.{}{own}{led_by} FROM {child} AS c NOT INDEXED \
         CROSS JOIN {parent} AS p ON {} WHERE {in_child} AND {}",
        quoted(&copied.from),
        led(copied, "p"),
        open(copied)
    );
    let (counted, numbers) = between("r.place", window.low, window.high, 8);
    let mut changes = vec![change(stale, bounds.clone())];
    if !key.is_empty() {
        changes.push(change(others, bounds.clone()));
    }
    changes.push(change(write_down, with_batch(bounds.clone())));
    if !key.is_empty() {
        let nulls: Vec<String> = seats("r.", key).iter().map(|kept| format!("{kept} IS NULL")).collect();
        let nameless = format!(
            "SELECT 1 FROM {record} AS r WHERE {in_record} AND r.batch = ?3 AND ({}) LIMIT 1",
            nulls.join(" OR ")
        );
        changes.push(change(nameless, with_batch(bounds.clone())).returning().expecting(0, NAMELESS));
    }
    changes.push(change(update(copied, &record, place, &in_record), with_batch(bounds)));
    changes.push(journal::batch(
        window,
        &format!("SELECT count(*) FROM {record} AS r WHERE {counted} AND r.batch = ?3"),
        numbers,
    ));
    changes
}

/// Where rows lead, as further columns of the record and of `c`.
fn noted_ways(copied: &Copied) -> (String, String) {
    let ways = ways(copied);
    let kept = ways.iter().map(|(kept, _)| format!(", {kept}")).collect();
    (kept, ways.iter().map(|(_, own)| format!(", {own}")).collect())
}

/// From the record into the rows: they are looked up by their numbers, in the order they lie.
fn update(copied: &Copied, record: &str, place: &str, in_record: &str) -> String {
    let column = quoted(&copied.column);
    format!(
        "UPDATE OR ABORT {} AS c NOT INDEXED SET {column} = (SELECT r.fill FROM {record} AS r WHERE r.place = {place}) \
         WHERE {place} IN (SELECT r.place FROM {record} AS r WHERE {in_record} AND r.batch = ?3) AND c.{column} IS NULL",
        quoted_table(&copied.table)
    )
}

fn keyed(copied: &Copied, window: &Window<'_>) -> Vec<Change> {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let (record, work) = (record(window.run, window.place), work(window.run, window.place));
    let column = quoted(&copied.column);
    let (in_work, bounds) = between("w.place", window.low, window.high, 1);
    let with_batch =
        |first: Vec<Value>| first.into_iter().chain([number(window.number)]).collect::<Vec<Value>>();
    let (own, noted, listed) = (columns(&copied.key), seats("r.", &copied.key), seats("w.", &copied.key));
    let equal = |left: &[String], right: &[String], plus: &str| {
        left.iter()
            .zip(right)
            .map(|(one, other)| format!("{one} = {plus}{other}"))
            .collect::<Vec<_>>()
            .join(" AND ")
    };
    let (ways, led_by) = noted_ways(copied);
    let of_window = format!("SELECT {} FROM {work} AS w", listed.join(", "));
    let stale = format!(
        "DELETE FROM {record} AS r WHERE ({}) IN ({of_window} CROSS JOIN {child} AS c ON {} WHERE {in_work} AND c.{column} IS NULL)",
        noted.join(", "),
        equal(&own, &listed, "")
    );
    let write_down = format!(
        "INSERT INTO {record} ({}, batch, fill{ways}) SELECT {}, ?3, p.{}{led_by} FROM {work} AS w CROSS JOIN {child} AS c ON {} \
         CROSS JOIN {parent} AS p ON {} WHERE {in_work} AND {}",
        seats("", &copied.key).join(", "),
        own.join(", "),
        quoted(&copied.from),
        equal(&own, &listed, ""),
        led(copied, "p"),
        open(copied)
    );
    let noted_row = equal(&noted, &own, "+");
    let update = format!(
        "UPDATE OR ABORT {child} AS c SET {column} = (SELECT r.fill FROM {record} AS r WHERE {noted_row}) \
         WHERE ({}) IN ({of_window} WHERE {in_work}) AND c.{column} IS NULL \
         AND EXISTS (SELECT 1 FROM {record} AS r WHERE {noted_row} AND r.batch = ?3)",
        own.join(", ")
    );
    let (counted, numbers) = between("w.place", window.low, window.high, 8);
    vec![
        change(stale, bounds.clone()),
        change(write_down, with_batch(bounds.clone())),
        change(update, with_batch(bounds)),
        journal::batch(
            window,
            &format!(
                "SELECT count(*) FROM {work} AS w CROSS JOIN {record} AS r ON {} WHERE {counted} AND r.batch = ?3",
                equal(&noted, &listed, "")
            ),
            numbers,
        ),
    ]
}

/// How SQLite would change the rows of a window.
pub(crate) fn explain(copied: &Copied, window: &Window<'_>) -> Vec<Change> {
    let changes = fill(copied, window);
    let update = changes.iter().find(|change| change.text().starts_with(FILLS));
    let explained = |update: &Change| {
        let text = format!("EXPLAIN QUERY PLAN {}", update.text());
        Change::new(Purpose::Batch, text, update.args().to_vec()).returning()
    };
    update.map(explained).into_iter().collect()
}

/// Whether the rows are looked up by their numbers or keys, and else how they are read.
pub(crate) fn reads_by_place(answer: &[Row]) -> Result<(), String> {
    let lines: Vec<&str> = answer.iter().filter_map(|row| row.get(3)?.text()).collect();
    let of_child = |line: &&&str| line.split_whitespace().nth(1) == Some("c");
    match lines.iter().find(of_child) {
        Some(line) if line.contains("PRIMARY KEY (") => Ok(()),
        Some(line) => Err((*line).to_owned()),
        None => Err("in no way known to waif".to_owned()),
    }
}

/// Puts back what this run filled, what still is as it filled it, and what is not what the parent holds any more.
pub(crate) fn put_back(copied: &Copied, run: &str, nth: usize, batch: u64, epoch: u64) -> Vec<Change> {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let (record, column) = (record(run, nth), quoted(&copied.column));
    // Lines of the record that are to go bear a number no batch has.
    let mark = Value::Int(-1 - i64::try_from(batch).unwrap_or(i64::MAX - 1));
    let key: Vec<(String, String)> = columns(&copied.key).into_iter().zip(seats("r.", &copied.key)).collect();
    let by_key: Vec<String> = key.iter().map(|(own, kept)| format!("{own} IS {kept}")).collect();
    let row = match number_of(copied) {
        Some(place) if is_numbered_by_key(copied) => format!("{place} = r.place"),
        Some(place) => format!("{place} = r.place AND {}", by_key.join(" AND ")),
        None => by_key.join(" AND ").replace(" IS ", " = "),
    };
    let chosen = format!(
        "UPDATE {record} AS r SET batch = ?1 WHERE EXISTS (SELECT 1 FROM {child} AS c WHERE {row} \
         AND c.{column} COLLATE BINARY IS r.fill AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {} AND {}))",
        along(&copied.along, "p"),
        same(copied, "p")
    );
    let rows = match number_of(copied) {
        Some(place) => format!("{place} IN (SELECT r.place FROM {record} AS r WHERE r.batch = ?1)"),
        None => format!(
            "({}) IN (SELECT {} FROM {record} AS r WHERE r.batch = ?1)",
            columns(&copied.key).join(", "),
            seats("r.", &copied.key).join(", ")
        ),
    };
    let written = format!(
        "INSERT INTO main.waif_batch (run, place, number, epoch, leaf, pass, low, high, rows, at) \
         SELECT ?1, ?2, ?3, ?4, ?5, 0, '{START}', '{END}', -b.rows, {} FROM (SELECT changes() AS rows) AS b WHERE b.rows > 0",
        journal::NOW
    );
    let table = format!("{}.{}", copied.table.schema.raw(), copied.table.name.raw());
    let args = vec![text(run), journal::place(nth), number(batch), number(epoch), text(table)];
    vec![
        change(chosen, vec![mark.clone()]),
        change(format!("UPDATE OR ABORT {child} AS c SET {column} = NULL WHERE {rows}"), vec![mark.clone()]),
        change(written, args),
        change(format!("DELETE FROM {record} WHERE batch = ?1"), vec![mark]),
        journal::counted(run, nth, batch),
    ]
}
