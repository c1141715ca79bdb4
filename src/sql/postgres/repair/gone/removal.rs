//! A batch of a removal: the rows and all that hangs on them are locked and noted, values are overwritten, then one
//! statement takes every row out of its table and puts it into its store, so that what the server itself does for ON
//! DELETE at the end of the statement finds nothing left.

use super::super::journal;
use super::nulling;
use super::reach::{begin, follow, forbidden, hold, known_keys, touched, within};
use super::reference::from;
use super::store::{named, own};
use super::work::{any_way, by_place};
use crate::model::plan::removal::{Removal, Seat, Stored};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::Stroke;

/// What a batch finds when a row did not leave its table, or could not be written down.
const UNLIKE: &str =
    "Not exactly the rows that were looked at left their tables: a trigger or a rule kept one back.";
/// What a batch finds when more rows were deleted than it deleted itself.
const MORE: &str = "The server deleted rows that the batch did not: something else hangs on them.";

/// Statements that take the rows of a window away; the last but one answers with the rows changed, and of those without a
/// parent.
pub(in crate::sql::postgres) fn take(removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change> {
    let tables = removal.tables.iter().map(|stored| &stored.seat);
    let overwritten = removal.overwrites().map(|(_, _, values)| &values.seat);
    let mut changes = vec![hold(tables.chain(overwritten)), known_keys(removal)];
    changes.extend(begin(&removal.missing, &stroke.window));
    changes.extend(follow(removal, stroke.depth));
    changes.extend(forbidden(removal));
    for (place, edge, values) in removal.overwrites() {
        changes.extend([any_way(), touched(place, edge), by_place()]);
        let reason = &edge.reference.relation;
        changes.push(nulling::overwrite(values, &place.to_string(), &stroke.window, reason));
    }
    changes.extend(within(stroke));
    changes.extend([by_place(), counted(removal)]);
    changes.push(leave(removal, stroke));
    changes.push(nothing_else(removal));
    changes
}

/// The one statement.
fn leave(removal: &Removal, stroke: &Stroke<'_>) -> Change {
    let again = removal.takes().any(|(_, below)| below == 0);
    let mut parts: Vec<String> = Vec::new();
    let mut stored: Vec<String> = Vec::new();
    for (spot, table) in removal.tables.iter().enumerate() {
        let leaf = Seat { table: stroke.window.leaf_name.clone(), parted: false, naming: None };
        // All rows of the window lie in one table: the others need not be looked through for them.
        let seat = if spot == 0 && !again { &leaf } else { &table.seat };
        parts.push(one(spot, table, seat));
        stored.push(format!("SELECT level FROM s{spot}"));
    }
    let text = format!(
        "WITH {},\nfilled AS (\n  {}\n  UNION ALL SELECT r.level FROM pg_temp.waif_reach AS r WHERE r.edge >= 0\n),\n\
         done AS (\n  INSERT INTO waif.batch (run, place, number, epoch, leaf, pass, low, high, rows)\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, $4::text::int, $5::text, $6::text::int, $7::text, $8::text, \
         count(*) FROM filled\n)\n\
         UPDATE waif.step SET rows = rows + (SELECT count(*) FROM filled) WHERE run = $1::text AND place = $2::text::int\n  \
         AND (SELECT count(*) FROM filled) = (SELECT count(*) FROM pg_temp.waif_reach)\n\
         RETURNING (SELECT count(*) FROM filled)::text, (SELECT count(*) FROM s0 WHERE level = 0)::text",
        parts.join(",\n"),
        stored.join("\n  UNION ALL ")
    );
    let mut args = journal::batch(&stroke.window);
    args.push(Value::Text(format!("{} {}", removal.manner.word(), removal.missing.relation)));
    Change::new(Purpose::Batch, text, args).returning().expecting(1, UNLIKE)
}

/// One table: deleted from, and into the store.
fn one(spot: usize, table: &Stored, seat: &Seat) -> String {
    let own = |column: &str| own(&table.prefix, column);
    let columns: Vec<String> = table.columns.iter().map(|kept| quoted(&kept.column)).collect();
    let returned: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
    format!(
        "d{spot} AS (\n  DELETE FROM {} USING pg_temp.waif_reach AS r\n  \
         WHERE r.spot = {spot} AND r.edge = -1 AND c.tableoid = r.leaf AND c.ctid = r.place\n  \
         RETURNING r.level AS {level}, {}\n),\n\
         s{spot} AS (\n  INSERT INTO {} ({}, {}, {}, {level}, {}, {})\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, {level}, $9::text, {} FROM d{spot}\n  \
         RETURNING {level} AS level\n)",
        from(seat, "c"),
        returned.join(", "),
        named(&table.store),
        own("run"),
        own("place"),
        own("batch"),
        own("reason"),
        columns.join(", "),
        columns.join(", "),
        level = own("level"),
    )
}

/// Rows of the tables that this session deleted and the server has not yet added up, its own cascades among them. Where
/// the server does not count, none. The tables are the arguments.
fn deleted(removal: &Removal) -> (String, Vec<Value>) {
    let args: Vec<Value> =
        removal.tables.iter().map(|stored| Value::Text(quoted_table(&stored.seat.table))).collect();
    let sums: Vec<String> = (1..=args.len())
        .map(|at| {
            format!(
                "(SELECT coalesce(sum(pg_catalog.pg_stat_get_xact_tuples_deleted(t.leaf)), 0) \
                 FROM (SELECT ${at}::text::regclass::oid AS leaf UNION SELECT p.relid::oid \
                 FROM pg_catalog.pg_partition_tree(${at}::text::regclass) AS p) AS t)"
            )
        })
        .collect();
    (sums.join(" + "), args)
}

/// Remembers how many rows were deleted before, for the rest of the transaction.
fn counted(removal: &Removal) -> Change {
    let (sum, args) = deleted(removal);
    let text = format!("SELECT pg_catalog.set_config('waif.deleted', ({sum})::text, true)");
    Change::new(Purpose::Batch, text, args).returning()
}

/// Makes sure that the server deleted nothing but what was noted.
fn nothing_else(removal: &Removal) -> Change {
    let (sum, args) = deleted(removal);
    let text = format!(
        "SELECT 1::text WHERE {sum} - pg_catalog.current_setting('waif.deleted')::bigint \
         > (SELECT count(*) FROM pg_temp.waif_reach AS r WHERE r.edge = -1)"
    );
    Change::new(Purpose::Batch, text, args).returning().expecting(0, MORE)
}
