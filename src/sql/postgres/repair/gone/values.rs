//! Values brought back: those that were overwritten, where they still are as they were written, and those that were filled
//! in, back to NULL.

use super::super::record;
use super::apart::{is_back, same_key, takes_it};
use super::reach::batch;
use super::reference::{from, refers};
use super::restore::{of_batch, with_note};
use super::store::{named, own};
use super::work::{any_way, by_place, number};
use crate::model::plan::removal::Reference;
use crate::model::plan::step::Copied;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::removals::{Recall, Refill};

/// The mark of rows that hold their values again, and of those that do not, among the notes of a session.
const THERE: i32 = -1;
const UNLIKE_IT: i32 = -2;
/// What a batch finds where a value is not in its row as it was put there.
const UNLIKE: &str = "Not every value came back as it was: a trigger kept one or changed it. Disable the trigger, and restore.";

/// Puts overwritten values of a batch back, and makes sure that they are there.
pub(in crate::sql::postgres) fn put_back(refill: &Refill<'_>, recall: &Recall<'_>) -> Vec<Change> {
    let values = refill.values;
    let prefix = &values.prefix;
    let store = named(&values.store);
    let set: Vec<String> = values
        .columns
        .iter()
        .map(|named| format!("{column} = s.{column}", column = quoted(&named.column)))
        .collect();
    let text = format!(
        "WITH back AS (\n  UPDATE {} SET {} FROM {store} AS s\n  WHERE {} AND {} AND {}{}\n  \
         RETURNING s.{seq} AS seq, c.tableoid AS leaf, c.ctid AS place, {} AS alike\n),\n\
         lies AS (\n  INSERT INTO pg_temp.waif_came (spot, leaf, place) SELECT CASE WHEN alike THEN {THERE} ELSE {UNLIKE_IT} END, \
         leaf, place FROM back\n),\n\
         came AS (\n  DELETE FROM {store} AS s USING back WHERE s.{seq} = back.seq RETURNING 1\n)",
        from(&values.seat, "c"),
        set.join(", "),
        of_batch(prefix, "s"),
        same_key(values),
        takes_it(refill),
        few(prefix, recall),
        is_back(values),
        seq = own(prefix, "seq"),
    );
    let moved = format!(
        "SELECT 1::text FROM pg_temp.waif_came AS w WHERE w.spot = {UNLIKE_IT} OR w.spot = {THERE} AND NOT EXISTS \
         (SELECT 1 FROM {} WHERE c.tableoid = w.leaf AND c.ctid = w.place) LIMIT 1",
        from(&values.seat, "c")
    );
    let over = format!("DELETE FROM pg_temp.waif_came AS w WHERE w.spot = {THERE}");
    vec![
        any_way(),
        with_note(&text, recall),
        by_place(),
        batch(moved).returning().expecting(0, UNLIKE),
        batch(over),
    ]
}

/// Only the lines of a store that are asked for.
pub(super) fn few(prefix: &str, recall: &Recall<'_>) -> String {
    recall.only.map_or_else(String::new, |(_, rows)| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND s.{} = ANY ('{{{}}}'::bigint[])", own(prefix, "seq"), rows.join(","))
    })
}

/// Sets a filled column back to NULL where it still is as a batch filled it, in rows that nobody wrote since unless these are
/// wanted as well.
pub(in crate::sql::postgres) fn unfill(
    copied: &Copied,
    guests: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    let mut free: Vec<String> = guests
        .iter()
        .map(|guest| {
            let refers = refers(guest, "g", "c");
            format!(" AND NOT EXISTS (SELECT 1 FROM {} WHERE {refers})", from(&guest.child, "g"))
        })
        .collect();
    if !recall.changed {
        free.push(format!(" AND {}", record::OURS));
    }
    let only = recall.only.map(|(_, rows)| rows);
    let text = record::unfill(copied, recall.run, recall.place, &free.concat(), only);
    // Whoever would refer to one of the rows waits from here on.
    let hold = record::hold(copied, recall.run, recall.place);
    let hold = (!guests.is_empty())
        .then(|| Change::new(Purpose::Batch, hold, vec![number(recall.batch)]).returning());
    hold.into_iter().chain([with_note(&text, recall)]).collect()
}

/// Batches of a backfill that are in its record, last first, each with its rows; none where the record is gone.
pub(in crate::sql::postgres) fn filled(run: &str, place: usize) -> Query {
    let text = format!(
        "SELECT r.batch::text, cardinality(r.fill)::text FROM {} AS r WHERE cardinality(r.fill) > 0 ORDER BY r.batch DESC",
        record::table(run, place)
    );
    Query::new(Purpose::Journal, text, Vec::new())
}

/// Rows of a batch by their places in its arrays, the last first: those before keep theirs when it leaves.
pub(in crate::sql::postgres) fn filled_rows(recall: &Recall<'_>) -> Query {
    let text = format!(
        "SELECT '0', a.at::text, '0' FROM {} AS r CROSS JOIN LATERAL pg_catalog.generate_subscripts(r.fill, 1) AS a(at) \
         WHERE r.batch = $1::text::bigint ORDER BY a.at DESC",
        record::table(recall.run, recall.place)
    );
    Query::new(Purpose::Journal, text, vec![number(recall.batch)])
}

/// One row: how many rows of the record still hold what was filled, and stay for they were written since.
pub(in crate::sql::postgres) fn written(copied: &Copied, run: &str, place: usize) -> Query {
    record::written(copied, run, place)
}

/// One row: whether the record of a backfill is there.
pub(in crate::sql::postgres) fn filled_stands(run: &str, place: usize) -> Query {
    let named = record::table(run, place);
    let name = named.strip_prefix("waif.").unwrap_or(&named).trim_matches('"');
    super::super::journal::standing(&[name])
}
