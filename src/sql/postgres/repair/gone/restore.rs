//! Bringing back: a batch is undone as a whole in the reverse order of its making. Rows go back into their tables and out
//! of the stores in one statement, so that it does not matter who refers to whom; values that were overwritten are put
//! back where they still are as they were written. What would be refused stays in the store: it is struck off before.

use super::apart::fits;
use super::reach::batch;
use super::reference::{from, has_parent, referring, refers};
use super::store::{named, own};
use super::work::{by_place, number};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Edge, Removal};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::{CAME, Recall, Return};

/// What a restore finds when another one took it over.
const TAKEN_OVER: &str = "Another session took this run over: this one has nothing to write any more.";
/// What a batch finds when not all of its rows came back.
const UNLIKE: &str = "Not exactly the rows that were looked at came back, or not as they were: a trigger or a rule kept one or \
                      changed it, or a column has a type by now that does not hold what it held. Disable the trigger, or give \
                      the column its type again, and restore.";

/// Takes a run for a restore: whoever worked on it is fenced off.
pub(in crate::sql::postgres) fn reclaim(run: &str, holder: &str) -> Change {
    let update = "UPDATE waif.run SET epoch = epoch + 1, holder = $2::text, changed_at = clock_timestamp(), \
                  state = CASE WHEN state = 'running' THEN 'stopped' ELSE state END \
                  WHERE id = $1::text RETURNING epoch::text";
    let args = vec![Value::Text(run.to_owned()), Value::Text(holder.to_owned())];
    Change::new(Purpose::Journal, update, args).returning().expecting(1, "There is no such run.")
}

/// Holds the run for the rest of the transaction.
pub(in crate::sql::postgres) fn reclaimed(run: &str, epoch: u64) -> Change {
    let select = "SELECT id FROM waif.run WHERE id = $1::text AND epoch = $2::text::int FOR NO KEY UPDATE";
    let args = vec![Value::Text(run.to_owned()), number(epoch)];
    Change::new(Purpose::Journal, select, args).returning().expecting(1, TAKEN_OVER)
}

/// The rows of a batch in a store; arguments one to three name it.
pub(super) fn of_batch(prefix: &str, alias: &str) -> String {
    format!(
        "{alias}.{} = $1::text AND {alias}.{} = $2::text::int AND {alias}.{} = $3::text::bigint",
        own(prefix, "run"),
        own(prefix, "place"),
        own(prefix, "batch")
    )
}

pub(super) fn args(recall: &Recall<'_>) -> Vec<Value> {
    vec![Value::Text(recall.run.to_owned()), number(recall.place as u64), number(recall.batch)]
}

fn change(text: String, recall: &Recall<'_>) -> Change {
    Change::new(Purpose::Batch, text, args(recall))
}

/// Rows of a step whose parent is there now.
pub(in crate::sql::postgres) fn healed(
    removal: &Removal,
    run: &str,
    place: usize,
    number_of: Option<u64>,
) -> Query {
    let Some(stored) = removal.tables.first() else {
        return Query::new(Purpose::Proof, "SELECT '0'::text", Vec::new());
    };
    let own = |column: &str| own(&stored.prefix, column);
    let mut args = vec![Value::Text(run.to_owned()), number(place as u64)];
    let of = match number_of {
        Some(batch) => {
            args.push(number(batch));
            format!(" AND s.{} = $3::text::bigint", own("batch"))
        }
        None => String::new(),
    };
    let text = format!(
        "SELECT count(*)::text FROM {} AS s WHERE s.{} = $1::text AND s.{} = $2::text::int AND s.{} = 0{of} AND {}",
        named(&stored.store),
        own("run"),
        own("place"),
        own("level"),
        has_parent(&removal.missing, "s")
    );
    Query::new(Purpose::Proof, text, args)
}

/// Rows of a batch that are in the stores: table, number, level; parents first.
pub(in crate::sql::postgres) fn waiting(back: &[Return], recall: &Recall<'_>) -> Query {
    let parts: Vec<String> = back
        .iter()
        .enumerate()
        .filter(|(_, back)| !back.barred)
        .map(|(spot, back)| {
            let prefix = &back.stored.prefix;
            format!(
                "SELECT {spot} AS spot, s.{} AS seq, s.{} AS level FROM {} AS s WHERE {}",
                own(prefix, "seq"),
                own(prefix, "level"),
                named(&back.stored.store),
                of_batch(prefix, "s")
            )
        })
        .collect();
    let text = format!(
        "SELECT w.spot::text, w.seq::text, w.level::text FROM ({}) AS w ORDER BY w.level, w.spot, w.seq",
        parts.join("\nUNION ALL ")
    );
    Query::new(Purpose::Journal, text, args(recall))
}

/// Statements that bring a batch back; one answers with the number of rows that came back.
pub(in crate::sql::postgres) fn recall(
    removal: &Removal,
    back: &[Return],
    recall: &Recall<'_>,
) -> Vec<Change> {
    if back.iter().all(|table| table.barred) {
        return Vec::new();
    }
    // Compiling takes longer than all of a batch.
    let mut changes = vec![Change::new(Purpose::Session, "SET LOCAL jit = off", Vec::new())];
    changes.extend(chosen(removal, back, recall));
    // Nobody else tells the server how many there are, and for a handful it would look at every pair of rows.
    changes.push(batch("ANALYZE pg_temp.waif_back".to_owned()));
    // Each round strikes off what rested on what the round before struck off.
    let rounds = back.len() + 1;
    for _ in 0..rounds {
        for (spot, table) in back.iter().enumerate().filter(|(_, table)| !table.barred) {
            changes.extend(struck(back, spot, table));
        }
    }
    changes.extend([returned(back, recall), by_place()]);
    changes.extend(free(back).map(|(spot, table)| undisturbed(spot, table)));
    changes
}

fn free(back: &[Return]) -> impl Iterator<Item = (usize, &Return)> {
    back.iter().enumerate().filter(|(_, table)| !table.barred)
}

/// Makes sure that every row that came back is where it was put: what a trigger changed behind the statement lies elsewhere.
fn undisturbed(spot: usize, table: &Return) -> Change {
    let select = format!(
        "SELECT 1 FROM pg_temp.waif_came AS w WHERE w.spot = {spot} AND NOT EXISTS \
         (SELECT 1 FROM {} WHERE t.tableoid = w.leaf AND t.ctid = w.place) LIMIT 1",
        from(&table.stored.seat, "t")
    );
    batch(select).returning().expecting(0, UNLIKE)
}

/// Notes which rows are to come back.
fn chosen(removal: &Removal, back: &[Return], recall: &Recall<'_>) -> Vec<Change> {
    let note = |spot: usize, condition: &str| {
        let prefix = &back[spot].stored.prefix;
        change(
            format!(
                "INSERT INTO pg_temp.waif_back (spot, seq) SELECT {spot}, s.{} FROM {} AS s WHERE {}{condition} ON CONFLICT DO NOTHING",
                own(prefix, "seq"),
                named(&back[spot].stored.store),
                of_batch(prefix, "s")
            ),
            recall,
        )
    };
    if let Some((spot, rows)) = recall.only {
        let prefix = &back[spot].stored.prefix;
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        let mut condition =
            format!(" AND s.{} = ANY ('{{{}}}'::bigint[])", own(prefix, "seq"), rows.join(","));
        if recall.healed {
            condition.push_str(&format!(" AND {}", wanted(removal, back, spot)));
        }
        return vec![note(spot, &condition)];
    }
    if !recall.healed {
        let free = (0..back.len()).filter(|spot| !back[*spot].barred);
        return free.map(|spot| note(spot, "")).collect();
    }
    let level = |spot: usize| own(&back[spot].stored.prefix, "level");
    let mut changes =
        vec![note(0, &format!(" AND s.{} = 0 AND {}", level(0), has_parent(&removal.missing, "s")))];
    // What could not come with its row when that came back.
    for (edge, below) in removal.takes().filter(|(_, below)| !back[*below].barred) {
        changes.push(note(below, &format!(" AND s.{} > 0 AND {}", level(below), went_along(edge))));
    }
    // What a row took along comes back with it, level by level.
    for _ in 0..removal.depth().unwrap_or(64) {
        for (edge, below) in removal.takes().filter(|(_, below)| !back[*below].barred) {
            let above = &back[edge.above].stored;
            let came = format!(
                " AND s.{} > 0 AND EXISTS (SELECT 1 FROM {} AS p JOIN pg_temp.waif_back AS b ON b.spot = {} AND b.seq = p.{} WHERE {})",
                level(below),
                named(&above.store),
                edge.above,
                own(&above.prefix, "seq"),
                refers(&edge.reference, "s", "p")
            );
            changes.push(note(below, &came));
        }
    }
    changes
}

/// What a row of a store, `s`, went along with is in its table again.
fn went_along(edge: &Edge) -> String {
    format!("({} AND {})", referring(&edge.reference, "s"), has_parent(&edge.reference, "s"))
}

/// A row of a store, `s`, would have come back for its parent is there: its own, or what it went along with.
fn wanted(removal: &Removal, back: &[Return], spot: usize) -> String {
    let level = format!("s.{}", own(&back[spot].stored.prefix, "level"));
    let above = removal.takes().filter(|(_, below)| *below == spot);
    let mut wanted: Vec<String> =
        above.map(|(edge, _)| format!("{level} > 0 AND {}", went_along(edge))).collect();
    if spot == 0 {
        wanted.push(format!("{level} = 0 AND {}", has_parent(&removal.missing, "s")));
    }
    if wanted.is_empty() { "false".to_owned() } else { format!("({})", wanted.join(" OR ")) }
}

/// Strikes off what a key or a unique index would refuse.
fn struck(back: &[Return], spot: usize, table: &Return) -> Vec<Change> {
    let (store, prefix) = (named(&table.stored.store), &table.stored.prefix);
    let strike = |condition: String| {
        batch(format!(
            "DELETE FROM pg_temp.waif_back AS b USING {store} AS s WHERE b.spot = {spot} AND s.{} = b.seq AND {condition}",
            own(prefix, "seq")
        ))
    };
    let mut changes: Vec<Change> = table
        .needs
        .iter()
        .map(|(reference, beside)| {
            let comes = match beside.and_then(|place| Some((place, &back.get(place)?.stored))) {
                Some((place, above)) => format!(
                    " OR EXISTS (SELECT 1 FROM {} AS p JOIN pg_temp.waif_back AS o ON o.spot = {place} AND o.seq = p.{} WHERE {})",
                    named(&above.store),
                    own(&above.prefix, "seq"),
                    refers(reference, "s", "p")
                ),
                None => String::new(),
            };
            // One condition, not two: of two the server guesses that the first leaves nothing, and looks at every pair of rows
            // for the second.
            strike(format!("{} AND NOT ({}{comes})", referring(reference, "s"), has_parent(reference, "s")))
        })
        .collect();
    changes.extend(table.unique.iter().map(|columns| strike(is_taken(table, columns))));
    changes
}

/// The one statement: out of the stores and into the tables.
fn returned(back: &[Return], recall: &Recall<'_>) -> Change {
    let mut parts = Vec::new();
    let (mut out, mut into) = (Vec::new(), Vec::new());
    let mut lossless = String::new();
    for (spot, table) in back.iter().enumerate().filter(|(_, table)| !table.barred) {
        let prefix = &table.stored.prefix;
        let columns: Vec<String> = table.columns.iter().map(quoted).collect();
        let read: Vec<String> = columns.iter().map(|column| format!("s.{column}")).collect();
        parts.push(format!(
            "o{spot} AS (\n  DELETE FROM {} AS s USING pg_temp.waif_back AS b\n  WHERE b.spot = {spot} AND b.seq = s.{seq} \
             RETURNING s.{seq} AS {seq}, {}\n)",
            named(&table.stored.store),
            read.join(", "),
            seq = own(prefix, "seq")
        ));
        let overriding = if table.numbered { " OVERRIDING SYSTEM VALUE" } else { "" };
        parts.push(format!(
            "i{spot} AS (\n  INSERT INTO {} ({columns}){overriding}\n  SELECT {} FROM o{spot} AS s ORDER BY s.{} \
             RETURNING tableoid AS leaf, ctid AS place, ROW({columns})::text AS said\n)",
            quoted_table(&table.stored.seat.table),
            read.join(", "),
            own(prefix, "seq"),
            columns = columns.join(", ")
        ));
        // As the table would hold it: a column may have become a wider one since.
        let held: Vec<String> =
            read.iter().zip(&table.types).map(|(column, own)| format!("{column}::{own}")).collect();
        let changed = others(table)
            .map(|(column, own, was)| format!("NOT ({})", fits(&format!("s.{}", quoted(column)), own, was)));
        let changed: Vec<String> = changed.collect();
        if !changed.is_empty() {
            lossless.push_str(&format!(
                "\n  AND NOT EXISTS (SELECT 1 FROM o{spot} AS s WHERE {})",
                changed.join(" OR ")
            ));
        }
        out.push(format!("SELECT {spot} AS spot, ROW({})::text AS said FROM o{spot} AS s", held.join(", ")));
        into.push(format!("SELECT {spot} AS spot, leaf, place, said FROM i{spot}"));
    }
    let text = format!(
        "WITH {},\nleft_stores AS ({}),\ncame AS ({}),\nwhere_they_lie AS (\n  INSERT INTO pg_temp.waif_came (spot, leaf, place) \
         SELECT spot, leaf, place FROM came\n),\n{}\n  AND (SELECT count(*) FROM came) = (SELECT count(*) FROM left_stores)\n  \
         AND NOT EXISTS (SELECT spot, said FROM left_stores EXCEPT ALL SELECT spot, said FROM came){lossless}\n{}",
        parts.join(",\n"),
        out.join(" UNION ALL "),
        into.join(" UNION ALL "),
        noted(3),
        returning()
    );
    let args = vec![
        Value::Text(recall.run.to_owned()),
        number(recall.place as u64),
        number(recall.number),
        number(recall.epoch),
    ];
    Change::new(Purpose::Batch, text, args).returning().expecting(1, UNLIKE)
}

/// Columns that have another type by now, with that type and the one they have in the store.
fn others(table: &Return) -> impl Iterator<Item = (&Ident, &String, &String)> {
    table.columns.iter().zip(&table.types).filter_map(|(column, own)| {
        let kept = table.stored.columns.iter().find(|kept| kept.column == *column)?;
        (kept.type_name != *own).then_some((column, own, &kept.type_name))
    })
}

/// Rows of a step that stay, by the reason; with `healed` only what has its parent again.
pub(in crate::sql::postgres) fn stuck(
    back: &[Return],
    run: &str,
    place: usize,
    healed: Option<&Removal>,
) -> Option<Query> {
    let mut parts = Vec::new();
    for (spot, table) in back.iter().enumerate().filter(|(_, table)| !table.barred) {
        let prefix = &table.stored.prefix;
        let wanted =
            healed.map(|removal| format!(" AND {}", wanted(removal, back, spot))).unwrap_or_default();
        let mut part = |kind: &str, at: usize, condition: &str| {
            let seq = own(prefix, "seq");
            parts.push(format!(
                "SELECT '{spot}', '{kind}', '{at}', count(*)::text, ((array_agg(s.{seq} ORDER BY s.{seq}))[1:5])::text FROM {} AS s \
                 WHERE s.{} = $1::text AND s.{} = $2::text::int AND {condition}{wanted}",
                named(&table.stored.store),
                own(prefix, "run"),
                own(prefix, "place")
            ));
        };
        for (at, (reference, _)) in table.needs.iter().enumerate() {
            let condition = format!("{} AND NOT {}", referring(reference, "s"), has_parent(reference, "s"));
            part("parent", at, &condition);
        }
        for (at, columns) in table.unique.iter().enumerate() {
            part("key", at, &is_taken(table, columns));
        }
    }
    let args = vec![Value::Text(run.to_owned()), Value::Text(place.to_string())];
    (!parts.is_empty()).then(|| Query::new(Purpose::Journal, parts.join("\nUNION ALL "), args))
}

/// Another row holds the same key.
fn is_taken(table: &Return, key: &[(Ident, Option<Ident>)]) -> String {
    let same: Vec<String> =
        key.iter().map(|(column, _)| format!("t.{column} = s.{column}", column = quoted(column))).collect();
    format!("EXISTS (SELECT 1 FROM {} WHERE {})", from(&table.stored.seat, "t"), same.join(" AND "))
}

/// The end of a statement whose part `came` brought rows back: it writes down a batch of less than no rows. The batch's
/// number and epoch are the arguments from `at` on.
pub(super) fn noted(at: usize) -> String {
    format!(
        "noted AS (\n  INSERT INTO waif.batch (run, place, number, epoch, leaf, pass, low, high, rows)\n  \
         SELECT $1::text, $2::text::int, ${at}::text::bigint, ${}::text::int, 'restore', 0, '', '', -count(*) FROM came \
         HAVING count(*) > 0\n  \
         ON CONFLICT (run, place, number) DO UPDATE SET rows = waif.batch.rows + EXCLUDED.rows\n)\n\
         UPDATE waif.step SET rows = rows - (SELECT count(*) FROM came) WHERE run = $1::text AND place = $2::text::int",
        at + 1
    )
}

/// What such a statement answers with.
fn returning() -> String {
    format!("RETURNING '{CAME}'::text, (SELECT count(*) FROM came)::text")
}

/// The same for a statement that names the batch it brings back as well, by its third argument.
pub(super) fn with_note(text: &str, recall: &Recall<'_>) -> Change {
    let text = format!("{text},\n{}\n{}", noted(4), returning());
    let mut args = args(recall);
    args.extend([number(recall.number), number(recall.epoch)]);
    Change::new(Purpose::Batch, text, args)
        .returning()
        .expecting(1, "The step is not in the journal any more.")
}
