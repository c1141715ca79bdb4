//! Adoption: the parents that are missing are inserted with no more than their key; what else they hold is what the table
//! gives by itself. Different keys are told apart by the parent's own equality. What was inserted is kept as it was.

use super::super::backfill::work;
use super::super::journal;
use super::reference::{from, is_lost, refers};
use super::store::{named, own};
use super::work::{number, whole, without_index};
use crate::model::plan::removal::{Adoption, Reference};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::repairs::Window;

fn batch(text: String) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

/// Statements that make the set of missing parents, numbered from 1; without the parent's indexes, for one that lies would
/// have parents inserted that are there, and hide that they are there twice.
pub(in crate::sql::postgres) fn create_missing(adoption: &Adoption, run: &str, place: usize) -> Vec<Change> {
    let missing = &adoption.missing;
    let name = work(run, place);
    let keys = missing.pairs.iter().zip(&adoption.types).enumerate();
    let keys: Vec<String> = keys
        .map(|(at, (pair, type_name))| {
            let value = format!("c.{}::{type_name}", quoted(&pair.child));
            let value = match &pair.how.collate {
                Some(collation) => format!("{value} COLLATE {}", quoted_table(collation)),
                None => value,
            };
            format!("{value} AS k{at}")
        })
        .collect();
    let names: Vec<String> = (0..missing.pairs.len()).map(|at| format!("m.k{at}")).collect();
    vec![
        without_index(),
        batch(format!("DROP TABLE IF EXISTS {name}")),
        batch(format!(
            "CREATE UNLOGGED TABLE {name} AS\nSELECT row_number() OVER () AS number, {} FROM (\n  SELECT DISTINCT {}\n  \
             FROM {}\n  WHERE {} AND {}\n) AS m",
            names.join(", "),
            keys.join(", "),
            from(&missing.child, "c"),
            whole(missing, "c"),
            is_lost(missing, "c")
        )),
        batch(format!("CREATE UNIQUE INDEX ON {name} (number)")),
        batch(format!("ANALYZE {name}")),
    ]
}

/// One row: how many parents are missing.
pub(in crate::sql::postgres) fn count(run: &str, place: usize) -> Query {
    Query::new(Purpose::Batch, format!("SELECT count(*)::text FROM {}", work(run, place)), Vec::new())
}

/// Statements that insert the parents numbered from `low` up to before `high`, and keep them as they were inserted.
pub(in crate::sql::postgres) fn adopt(adoption: &Adoption, window: &Window<'_>) -> Vec<Change> {
    let (missing, parent) = (&adoption.missing, &adoption.parent);
    let own = |column: &str| own(&parent.prefix, column);
    let keys: Vec<String> = missing.pairs.iter().map(|pair| quoted(&pair.parent)).collect();
    let from_there: Vec<String> = (0..keys.len()).map(|at| format!("w.k{at}")).collect();
    let whole: Vec<String> = parent.columns.iter().map(|kept| quoted(&kept.column)).collect();
    let returned: Vec<String> = whole.iter().map(|column| format!("a.{column}")).collect();
    let numbered = parent
        .columns
        .iter()
        .any(|kept| kept.numbered && missing.pairs.iter().any(|pair| pair.parent == kept.column));
    let overriding = if numbered { " OVERRIDING SYSTEM VALUE" } else { "" };
    let text = format!(
        "WITH a AS (\n  INSERT INTO {} AS a ({}){overriding}\n  SELECT {} FROM {} AS w \
         WHERE w.number >= $10::text::bigint AND w.number < $11::text::bigint ORDER BY w.number\n  \
         ON CONFLICT DO NOTHING\n  RETURNING {}\n),\n\
         filled AS (\n  INSERT INTO {} ({}, {}, {}, {}, {}, {})\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, 0, $9::text, {} FROM a RETURNING 1\n),\n\
         batch AS (SELECT count(*) AS size FROM filled), {}, (SELECT size FROM batch)::text",
        quoted_table(&parent.seat.table),
        keys.join(", "),
        from_there.join(", "),
        work(window.run, window.place),
        returned.join(", "),
        named(&parent.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        whole.join(", "),
        whole.join(", "),
        journal::BATCH,
    );
    let mut args = journal::batch(window);
    args.push(Value::Text(format!("adopt {}", missing.relation)));
    args.extend([bound(window.low), bound(window.high)]);
    vec![
        Change::new(Purpose::Batch, text, args)
            .returning()
            .expecting(1, "The step is not in the journal any more."),
    ]
}

fn bound(number: &str) -> Value {
    Value::Text(number.to_owned())
}

/// Takes adopted parents away: those that are as they were inserted, and that nobody refers to but the rows that had no
/// parent before. They are locked first, so that nobody can begin to refer to them.
pub(in crate::sql::postgres) fn disown(
    adoption: &Adoption,
    guests: &[Reference],
    recall: &crate::sql::removals::Recall<'_>,
) -> Vec<Change> {
    let parent = &adoption.parent;
    let own = |column: &str| own(&parent.prefix, column);
    let store = named(&parent.store);
    let columns: Vec<String> = parent.columns.iter().map(|kept| quoted(&kept.column)).collect();
    let row = |alias: &str| {
        let columns: Vec<String> = columns.iter().map(|column| format!("{alias}.{column}")).collect();
        // As a record: else each pair of columns would be compared by an operator of its own.
        format!("ROW({})::record", columns.join(", "))
    };
    let keys: Vec<String> = adoption
        .missing
        .pairs
        .iter()
        .map(|pair| format!("c.{column} = s.{column}", column = quoted(&pair.parent)))
        .collect();
    let same = format!("{} AND {} OPERATOR(pg_catalog.*=) {}", keys.join(" AND "), row("c"), row("s"));
    let batch_of = format!(
        "s.{} = $1::text AND s.{} = $2::text::int AND s.{} = $3::text::bigint",
        own("run"),
        own("place"),
        own("batch")
    );
    let args = || vec![Value::Text(recall.run.to_owned()), number(recall.place as u64), number(recall.batch)];
    let free: Vec<String> = guests
        .iter()
        .map(|guest| {
            format!(
                " AND NOT EXISTS (SELECT 1 FROM {} WHERE {})",
                from(&guest.child, "g"),
                refers(guest, "g", "c")
            )
        })
        .collect();
    let seat = from(&parent.seat, "c");
    vec![
        Change::new(
            Purpose::Batch,
            format!(
                "SELECT 1::text FROM {store} AS s JOIN {seat} ON {same}\nWHERE {batch_of}\nFOR UPDATE OF c"
            ),
            args(),
        )
        .returning(),
        super::restore::with_note(
            &format!(
                "WITH gone AS (\n  DELETE FROM {seat} USING {store} AS s\n  WHERE {batch_of} AND {same}{}\n  \
                 RETURNING s.{seq} AS seq\n),\ncame AS (\n  DELETE FROM {store} AS s USING gone WHERE s.{seq} = gone.seq RETURNING 1\n)",
                free.join(""),
                seq = own("seq")
            ),
            recall,
        ),
    ]
}
