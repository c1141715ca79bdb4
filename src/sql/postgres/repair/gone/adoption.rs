//! Adoption: the parents that are missing are inserted with no more than their key; what else they hold is what the table
//! gives by itself. Different keys are told apart by the parent's own equality. What was inserted is kept as it was.

use super::super::super::clause::matches;
use super::super::backfill::work;
use super::super::{journal, record};
use super::besides;
use super::reference::{from, is_lost, refers};
use super::restore::of_batch;
use super::store::{named, own};
use super::values::few;
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

/// What a batch finds where a parent is not what its row refers to.
const UNLIKE: &str = "Not every parent was inserted with the key its rows refer to: a trigger changed one.";

/// What the parent's columns would hold for a row that has no parent: the value under the type they compare by, and collated
/// as they are.
fn keys(adoption: &Adoption) -> Vec<String> {
    let keys = adoption.missing.pairs.iter().zip(&adoption.types);
    let keys = keys.map(|(pair, type_name)| {
        let value = format!("c.{}::{type_name}", quoted(&pair.child));
        match &pair.how.collate {
            Some(collation) => format!("{value} COLLATE {}", quoted_table(collation)),
            None => value,
        }
    });
    keys.collect()
}

/// A parent with the key of a row would be found by that row, as the engine itself compares: the columns of the parent hold
/// it as it is. None where the plan does not tell how they are declared.
fn fits(adoption: &Adoption) -> Option<String> {
    let declared = adoption.types.iter().zip(&adoption.declared);
    let pairs = adoption.missing.pairs.iter().zip(declared).map(|(pair, (type_name, declared))| {
        let child = format!("c.{}", quoted(&pair.child));
        matches(&child, &format!("({child}::{type_name}::{declared})"), &pair.how)
    });
    pairs.reduce(|one, other| format!("{one} AND {other}"))
}

/// One row: rows without a parent that no parent could be inserted for.
pub(in crate::sql::postgres) fn unfit(adoption: &Adoption) -> Option<Query> {
    let missing = &adoption.missing;
    let text = format!(
        "SELECT count(*)::text\nFROM {}\nWHERE {} AND {} AND ({}) IS NOT TRUE",
        from(&missing.child, "c"),
        whole(missing, "c"),
        is_lost(missing, "c"),
        fits(adoption)?
    );
    Some(Query::new(Purpose::Survey, text, Vec::new()))
}

/// Statements that make the set of missing parents, numbered from 1, each with what one of its rows refers to; without the
/// parent's indexes, for one that lies would have parents inserted that are there, and hide that they are there twice.
pub(in crate::sql::postgres) fn create_missing(adoption: &Adoption, run: &str, place: usize) -> Vec<Change> {
    let missing = &adoption.missing;
    let name = work(run, place);
    let keys = keys(adoption);
    let read = keys.iter().enumerate().map(|(at, key)| format!("{key} AS k{at}"));
    let from_child = missing.pairs.iter().enumerate();
    let from_child = from_child.map(|(at, pair)| format!("c.{} AS o{at}", quoted(&pair.child)));
    let read: Vec<String> = read.chain(from_child).collect();
    let names: Vec<String> =
        (0..keys.len()).flat_map(|at| [format!("m.k{at}"), format!("m.o{at}")]).collect();
    let fit = fits(adoption).map(|fits| format!(" AND ({fits}) IS TRUE")).unwrap_or_default();
    vec![
        without_index(),
        batch(format!("DROP TABLE IF EXISTS {name}")),
        batch(format!(
            "CREATE UNLOGGED TABLE {name} AS\nSELECT row_number() OVER () AS number, {} FROM (\n  SELECT DISTINCT ON ({}) {}\n  \
             FROM {}\n  WHERE {} AND {}{fit}\n) AS m",
            names.join(", "),
            keys.join(", "),
            read.join(", "),
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
    // Only by that key: of another one that may wait for the end of the transaction the server would not hear here.
    let arbiter = if adoption.keyed { format!(" ({})", keys.join(", ")) } else { String::new() };
    let bounds = "w.number >= $10::text::bigint AND w.number < $11::text::bigint";
    let found =
        missing.pairs.iter().enumerate().map(|(at, pair)| {
            matches(&format!("w.o{at}"), &format!("a.{}", quoted(&pair.parent)), &pair.how)
        });
    // Counted, not looked for: a server that looks for one such row holds every parent against every other.
    let found = format!(
        "\n  AND (SELECT count(*) FROM a WHERE NOT EXISTS (SELECT 1 FROM {} AS w WHERE {bounds} AND {})) = 0",
        work(window.run, window.place),
        found.collect::<Vec<_>>().join(" AND ")
    );
    let text = format!(
        "WITH a AS (\n  INSERT INTO {} AS a ({}){overriding}\n  SELECT {} FROM {} AS w \
         WHERE {bounds} ORDER BY w.number\n  \
         ON CONFLICT{arbiter} DO NOTHING\n  RETURNING {}\n),\n\
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
        journal::batch_if(&found),
    );
    let mut args = journal::batch(window);
    args.push(Value::Text(format!("adopt {}", missing.relation)));
    args.extend([bound(window.low), bound(window.high)]);
    vec![Change::new(Purpose::Batch, text, args).returning().expecting(1, UNLIKE)]
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
    // As a record: else each pair of columns would be compared by an operator of its own. Under the types of the store: a
    // domain is none of them, nor a type that was changed since.
    let row = |alias: &str| {
        let columns = parent.columns.iter();
        let columns: Vec<String> =
            columns.map(|kept| format!("{alias}.{}::{}", quoted(&kept.column), kept.type_name)).collect();
        format!("ROW({})::record", columns.join(", "))
    };
    let keys: Vec<String> = adoption
        .missing
        .pairs
        .iter()
        .zip(&adoption.types)
        .map(|(pair, type_name)| {
            let column = quoted(&pair.parent);
            record::alike(&format!("c.{column}"), &format!("s.{column}"), type_name)
        })
        .collect();
    let same = format!("{} AND {} OPERATOR(pg_catalog.*=) {}", keys.join(" AND "), row("c"), row("s"));
    let batch_of = format!("{}{}", of_batch(&parent.prefix, "s"), few(&parent.prefix, recall));
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
    let changes = vec![
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
    ];
    if recall.triggers_fire { changes } else { besides::alone(&parent.store, changes) }
}
