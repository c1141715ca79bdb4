//! What is asked before and after a backfill: what there is to fill, and what stands against it. The engine counts.

use super::backfill::{along, led, open, same};
use crate::model::plan::step::{Copied, Pair};
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::quote::{quoted, quoted_table};

/// One row: rows that could be filled now, rows whose parent is nowhere (true orphans), rows whose copy is not what the
/// parent holds (wrong copies), rows with a copy and no parent, those of them that refer to one.
pub(crate) fn remaining(copied: &Copied) -> Query {
    let (child, parent) = (quoted_table(&copied.table), quoted_table(&copied.parent));
    let whole: Vec<String> =
        copied.along.iter().map(|pair| format!("c.{} IS NOT NULL", quoted(&pair.child))).collect();
    // Few rows come so far as to the second question about their parent.
    let unlike = format!(
        "(SELECT EXISTS (SELECT 1 FROM {parent} AS p WHERE {}) AS found, {} AS whole FROM {child} AS c NOT INDEXED \
         WHERE c.{} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} AS q WHERE {} AND {}))",
        along(&copied.along, "p"),
        whole.join(" AND "),
        quoted(&copied.column),
        along(&copied.along, "q"),
        same(copied, "q"),
    );
    let text = format!(
        "SELECT o.found, o.open - o.found, w.found, w.lost, w.whole FROM \
         (SELECT count(*) AS open, coalesce(sum(EXISTS (SELECT 1 FROM {parent} AS p WHERE {})), 0) AS found \
         FROM {child} AS c NOT INDEXED WHERE {}) AS o, \
         (SELECT coalesce(sum(found), 0) AS found, coalesce(sum(NOT found), 0) AS lost, \
         coalesce(sum(NOT found AND whole), 0) AS whole FROM {unlike}) AS w",
        led(copied, "p"),
        open(copied),
    );
    Query::new(Purpose::Proof, text, Vec::new())
}

/// One row: keys of rows to be filled that lead to more than one parent with something to copy.
pub(crate) fn ambiguous(copied: &Copied) -> Query {
    let names: Vec<String> = copied.along.iter().map(|pair| format!("p.{}", quoted(&pair.parent))).collect();
    let shown: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("{name} AS d{at}")).collect();
    let whole: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let grouped: Vec<String> =
        copied.along.iter().zip(&names).map(|(pair, name)| collated(pair, name)).collect();
    let equal =
        copied.along.iter().enumerate().map(|(at, pair)| {
            format!("{} = +c.{}", collated(pair, &format!("d.d{at}")), quoted(&pair.child))
        });
    let text = format!(
        "WITH d AS MATERIALIZED (SELECT {} FROM {} AS p WHERE p.{} IS NOT NULL AND {} GROUP BY {} HAVING count(*) > 1) \
         SELECT count(*) FROM d WHERE EXISTS (SELECT 1 FROM {} AS c WHERE {} AND {})",
        shown.join(", "),
        quoted_table(&copied.parent),
        quoted(&copied.from),
        whole.join(" AND "),
        grouped.join(", "),
        quoted_table(&copied.table),
        equal.collect::<Vec<_>>().join(" AND "),
        open(copied),
    );
    Query::new(Purpose::Survey, text, Vec::new())
}

fn collated(pair: &Pair, column: &str) -> String {
    match &pair.how.collate {
        Some(collation) => format!("{column} COLLATE {}", quoted(&collation.name)),
        None => column.to_owned(),
    }
}
