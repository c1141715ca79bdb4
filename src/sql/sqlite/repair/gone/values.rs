//! Values brought back: those that were overwritten, where they still are as they were written, and those that were filled
//! in, back to NULL.

use super::super::super::literal::literal;
use super::super::journal::{number, place, text};
use super::super::record;
use super::digest;
use super::kept::{COUNT, KEPT, args, batch, begin, came, exactly, place_of};
use super::reference::{from, has_parent, is_free, whole};
use super::restore::{SOME, of_batch};
use super::store::{DIGEST, named, own};
use crate::model::plan::removal::{Naming, Overwrite, Reference};
use crate::model::plan::step::Copied;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::overlay;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::{ALTERED, Recall, Refill};

/// What a batch finds when a value did not come back.
const UNLIKE: &str = "Not exactly the values that were looked at came back: a trigger kept one.";

/// What a batch finds when a row was changed beside what it got back.
const TOUCHED: &str = "A row that got its value back was changed beside it: a trigger did that. Drop that trigger, restore, \
                       and make it again.";

/// Two values are the same, byte for byte and in the same storage class.
pub(super) fn identical(one: &str, other: &str) -> String {
    format!("{one} COLLATE BINARY IS {other} AND typeof({one}) = typeof({other})")
}

/// Statements that put overwritten values of a batch back; the last but one answers with their number. What its column
/// would not hold as it was stays, and one answers with that.
pub(in crate::sql::sqlite) fn put_back(
    values: &Overwrite,
    needs: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    let (prefix, store) = (&values.prefix, named(&values.store));
    let seq = own(prefix, "seq");
    let few = recall.only.map_or_else(String::new, |(_, rows)| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND s.{seq} IN ({})", rows.join(", "))
    });
    let found = format!(
        "INSERT INTO {KEPT} (seq, place)\nSELECT s.{seq}, {} FROM {store} AS s CROSS JOIN {} ON {}\nWHERE {} AND {}{few}",
        place_of(&values.seat, "c"),
        from(&values.seat, "c"),
        same_row(values),
        of_batch(prefix, "s"),
        takes_it(values, needs)
    );
    let set = |given: bool| -> String {
        let columns = values.columns.iter().enumerate();
        let set = columns.map(|(at, named)| {
            let column = quoted(&named.column);
            let from = if given { own(prefix, &format!("given{at}")) } else { column.clone() };
            format!("{column} = s.{from}")
        });
        set.collect::<Vec<_>>().join(", ")
    };
    let noted = format!("{KEPT} AS k CROSS JOIN {store} AS s ON s.{seq} = k.seq");
    let row = match &values.seat.naming {
        Some(Naming::Number(number)) => format!("c.{} = k.place", quoted(number)),
        Some(Naming::Key(_)) | None => same_row(values),
    };
    let update = |given: bool| {
        let (table, odd) = (quoted_table(&values.seat.table), if given { " AND k.odd" } else { "" });
        batch(format!("UPDATE OR ABORT {table} AS c SET {} FROM {noted} WHERE {row}{odd}", set(given)))
    };
    let mut changes = begin().to_vec();
    changes.extend([Change::new(Purpose::Batch, found, args(recall)), update(false), exactly(COUNT, UNLIKE)]);
    changes.extend([
        batch(format!(
            "UPDATE {KEPT} SET odd = 1 WHERE seq IN (SELECT k.seq FROM {noted} CROSS JOIN {} ON {row} WHERE NOT ({}))",
            from(&values.seat, "c"),
            held(values)
        )),
        altered(values),
        update(true),
    ]);
    changes.extend(as_it_was(values).map(|same| {
        let touched = format!(
            "SELECT 1 FROM {noted} CROSS JOIN {} ON {row} WHERE NOT ({same}) LIMIT 1",
            from(&values.seat, "c")
        );
        batch(touched).returning().expecting(0, TOUCHED)
    }));
    changes.push(batch(format!("DELETE FROM {KEPT} WHERE odd")));
    changes.extend(came(recall, COUNT));
    changes.push(batch(format!("DELETE FROM {store} WHERE {seq} IN (SELECT k.seq FROM {KEPT} AS k)")));
    changes
}

/// The row holds what it was given.
fn as_given(values: &Overwrite) -> String {
    let given = values.columns.iter().enumerate().map(|(at, named)| {
        let given = own(&values.prefix, &format!("given{at}"));
        identical(&format!("c.{}", quoted(&named.column)), &format!("s.{given}"))
    });
    given.collect::<Vec<_>>().join(" AND ")
}

/// A reference has its parent once the values are there.
fn has_its_parent(values: &Overwrite, need: &Reference) -> String {
    format!(
        "EXISTS (SELECT 1 FROM (SELECT {}) AS c WHERE NOT ({}) OR {})",
        overlay::columns(values, &[need]),
        whole(need, "c"),
        has_parent(need)
    )
}

/// All that must be so for a value to go back into the row that has its key.
fn takes_it(values: &Overwrite, needs: &[Reference]) -> String {
    let parents = needs.iter().map(|need| has_its_parent(values, need));
    let conditions: Vec<String> =
        [Some(as_given(values)), as_it_was(values)].into_iter().flatten().chain(parents).collect();
    conditions.join(" AND ")
}

/// The other columns of the row are as they were when it was overwritten, as far as that was kept.
fn as_it_was(values: &Overwrite) -> Option<String> {
    let digest = digest::of(values, "c")?;
    Some(format!("s.{} IS {digest} COLLATE BINARY", own(&values.prefix, DIGEST)))
}

/// The row holds again what it held.
fn held(values: &Overwrite) -> String {
    let columns = values.columns.iter().map(|named| quoted(&named.column));
    let held: Vec<String> =
        columns.map(|column| identical(&format!("c.{column}"), &format!("s.{column}"))).collect();
    held.join(" AND ")
}

/// Tells of notes that are marked odd.
fn altered(values: &Overwrite) -> Change {
    let table = literal(&text(values.seat.table.name.raw()));
    batch(format!(
        "SELECT '{ALTERED}', count(*), (SELECT group_concat(f.seq) FROM (SELECT k.seq AS seq FROM {KEPT} AS k WHERE k.odd \
         ORDER BY k.seq LIMIT {SOME}) AS f), {table} FROM {KEPT} AS k WHERE k.odd"
    ))
    .returning()
}

/// Values of a step that stay, by the reason.
pub(in crate::sql::sqlite) fn unlike(refill: &Refill<'_>, run: &str, nth: usize, healed: bool) -> Query {
    let values = refill.values;
    let own = |column: &str| own(&values.prefix, column);
    let there: Vec<String> =
        values.key.iter().map(|named| format!("c.{} IS NOT NULL", quoted(&named.column))).collect();
    let mut cases = vec![("gone", 0, there.join(" AND ")), ("other", 0, as_given(values))];
    cases.extend(as_it_was(values).map(|condition| ("changed", 0, condition)));
    let parents = refill.needs.iter().enumerate();
    cases.extend(parents.map(|(at, need)| ("parent", at, has_its_parent(values, need))));
    let cases: Vec<String> = cases
        .into_iter()
        .map(|(why, at, condition)| format!("WHEN ({condition}) IS NOT TRUE THEN '{why} {at}'"))
        .collect();
    let wanted = match healed {
        true => format!(" AND {} AND {}", there.join(" AND "), has_its_parent(values, refill.own)),
        false => String::new(),
    };
    let select = format!(
        "SELECT substr(r.why, 1, instr(r.why, ' ') - 1), substr(r.why, instr(r.why, ' ') + 1), count(*), \
         group_concat(CASE WHEN r.nth <= {SOME} THEN r.seq END)\n\
         FROM (SELECT q.*, row_number() OVER (PARTITION BY q.why ORDER BY q.seq) AS nth FROM (\
         SELECT s.{} AS seq, CASE {} ELSE 'none 0' END AS why FROM {} AS s LEFT JOIN {} ON {}\n\
         WHERE s.{} = ?1 AND s.{} = ?2{wanted}) AS q) AS r GROUP BY r.why ORDER BY r.why",
        own("seq"),
        cases.join(" "),
        named(&values.store),
        from(&values.seat, "c"),
        same_row(values),
        own("run"),
        own("place")
    );
    Query::new(Purpose::Journal, select, vec![text(run), place(nth)])
}

/// A row of the table, `c`, is the one whose values a line of the store, `s`, keeps: its key is as it was.
fn same_row(values: &Overwrite) -> String {
    let same = values.key.iter().map(|named| {
        let column = quoted(&named.column);
        // The first finds the row by an index, the second tells it from one that only counts as equal.
        format!("c.{column} = s.{column} AND c.{column} COLLATE BINARY IS s.{column}")
    });
    same.collect::<Vec<_>>().join(" AND ")
}

/// One row: whether the record of a backfill is there, and whether it keeps where rows led.
pub(in crate::sql::sqlite) fn filled_stands(run: &str, nth: usize) -> Query {
    let select = "SELECT count(*) = 1, (SELECT count(*) = 1 FROM pragma_table_info(?1, 'main') WHERE name = 'w0') \
                  FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    Query::new(Purpose::Journal, select, vec![text(record::bare(run, nth))])
}

/// Batches of a backfill that are in its record, last first, each with its rows.
pub(in crate::sql::sqlite) fn filled(run: &str, nth: usize) -> Query {
    let select = format!(
        "SELECT r.batch, count(*) FROM {} AS r WHERE r.batch >= 0 GROUP BY r.batch ORDER BY r.batch DESC",
        record::record(run, nth)
    );
    Query::new(Purpose::Journal, select, Vec::new())
}

/// Lines of a batch of the record by their places in it, the last first: those before keep theirs when it leaves.
pub(in crate::sql::sqlite) fn filled_rows(copied: &Copied, recall: &Recall<'_>) -> Query {
    let lines = record::numbered(copied, &record::record(recall.run, recall.place), "?1");
    let select = format!("SELECT 0, at, 0 FROM {lines} ORDER BY at DESC");
    Query::new(Purpose::Journal, select, vec![number(recall.batch)])
}

/// One row: how many rows of the record still hold what was filled, and stay for they lead elsewhere.
pub(in crate::sql::sqlite) fn written(copied: &Copied, run: &str, nth: usize) -> Query {
    let select = record::led_elsewhere(copied, &record::record(run, nth));
    Query::new(Purpose::Journal, select, Vec::new())
}

/// Statements that set a filled column back to NULL where it still is as a batch filled it, and no guest refers to the row.
pub(in crate::sql::sqlite) fn unfill(
    copied: &Copied,
    guests: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    // Lines of the record that are to go bear a number no batch has.
    let mark = Value::Int(-1 - i64::try_from(recall.number).unwrap_or(i64::MAX - 1));
    let record = record::record(recall.run, recall.place);
    let free: Vec<String> = guests.iter().map(is_free).collect();
    let only = recall.only.map(|(_, rows)| rows);
    let [choose, update] = record::unfill(copied, &record, &free, recall.changed, only);
    let count = format!("(SELECT count(*) FROM {record} AS r WHERE r.batch = -1 - {})", recall.number);
    let mut changes = vec![
        Change::new(Purpose::Batch, choose, vec![mark.clone(), number(recall.batch)]),
        Change::new(Purpose::Batch, update, vec![mark.clone()]),
        exactly(&count, UNLIKE),
    ];
    changes.extend(came(recall, &count));
    changes.push(Change::new(Purpose::Batch, format!("DELETE FROM {record} WHERE batch = ?1"), vec![mark]));
    changes
}
