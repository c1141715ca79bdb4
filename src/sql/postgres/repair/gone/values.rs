//! Values brought back: those that were overwritten, where they still are as they were written, and those that were filled
//! in, back to NULL.

use super::super::record;
use super::reference::{from, has_parent, referring};
use super::restore::{of_batch, with_note};
use super::store::{named, own};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Overwrite, Reference};
use crate::model::plan::step::Copied;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::removals::Recall;
use std::collections::BTreeSet;

/// Puts overwritten values of a batch back.
pub(in crate::sql::postgres) fn put_back(
    values: &Overwrite,
    needs: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    let prefix = &values.prefix;
    let store = named(&values.store);
    let columns = values.columns.iter().enumerate();
    let set: Vec<String> = columns
        .clone()
        .map(|(_, named)| format!("{column} = s.{column}", column = quoted(&named.column)))
        .collect();
    let same: Vec<String> = values
        .key
        .iter()
        .map(|named| {
            let column = quoted(&named.column);
            record::alike(&format!("c.{column}"), &format!("s.{column}"), &named.type_name)
        })
        .collect();
    let given: Vec<String> = columns
        .map(|(at, named)| {
            let (now, given) =
                (format!("c.{}", quoted(&named.column)), format!("s.{}", own(prefix, &format!("given{at}"))));
            match named.type_name.contains('.') {
                true => record::alike(&now, &given, &named.type_name),
                false => format!("{now} IS NOT DISTINCT FROM {given}"),
            }
        })
        .collect();
    let held: Vec<String> = needs
        .iter()
        .map(|reference| {
            format!(" AND (NOT ({}) OR {})", referring(reference, "v"), has_parent(reference, "v"))
        })
        .collect();
    let row = overlaid(values, needs);
    let few = recall.only.map_or_else(String::new, |(_, rows)| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND s.{} = ANY ('{{{}}}'::bigint[])", own(prefix, "seq"), rows.join(","))
    });
    let text = format!(
        "WITH back AS (\n  UPDATE {seat} SET {} FROM {store} AS s\n  WHERE {} AND {} AND {}{}{few}\n  RETURNING s.{seq} AS seq\n),\n\
         came AS (\n  DELETE FROM {store} AS s USING back WHERE s.{seq} = back.seq RETURNING 1\n)",
        set.join(", "),
        of_batch(prefix, "s"),
        same.join(" AND "),
        given.join(" AND "),
        if held.is_empty() {
            String::new()
        } else {
            format!(" AND EXISTS (SELECT 1 FROM (SELECT {row}) AS v WHERE true{})", held.join(""))
        },
        seat = from(&values.seat, "c"),
        seq = own(prefix, "seq"),
    );
    vec![with_note(&text, recall)]
}

/// The columns of keys as they would be: the values put back, and beside them those the row has.
fn overlaid(values: &Overwrite, needs: &[Reference]) -> String {
    let columns: BTreeSet<&Ident> =
        needs.iter().flat_map(|reference| reference.pairs.iter().map(|pair| &pair.child)).collect();
    let columns: Vec<String> = columns
        .into_iter()
        .map(|column| {
            let from = if values.columns.iter().any(|named| named.column == *column) { "s" } else { "c" };
            format!("{from}.{column} AS {column}", column = quoted(column))
        })
        .collect();
    columns.join(", ")
}

/// Sets a filled column back to NULL where it still is as a batch filled it.
pub(in crate::sql::postgres) fn unfill(copied: &Copied, recall: &Recall<'_>) -> Vec<Change> {
    let text = record::unfill(copied, recall.run, recall.place);
    vec![with_note(&text, recall)]
}

/// Batches of a backfill that are in its record, last first, each with its rows; none where the record is gone.
pub(in crate::sql::postgres) fn filled(run: &str, place: usize) -> Query {
    let text = format!(
        "SELECT r.batch::text, cardinality(r.fill)::text FROM {} AS r WHERE cardinality(r.fill) > 0 ORDER BY r.batch DESC",
        record::table(run, place)
    );
    Query::new(Purpose::Journal, text, Vec::new())
}

/// One row: whether the record of a backfill is there.
pub(in crate::sql::postgres) fn filled_stands(run: &str, place: usize) -> Query {
    let named = record::table(run, place);
    let name = named.strip_prefix("waif.").unwrap_or(&named).trim_matches('"');
    super::super::journal::standing(&[name])
}
