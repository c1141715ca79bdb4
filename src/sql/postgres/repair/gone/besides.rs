//! What triggers of a user change beside what a batch does, by the server's own counters. Where it does not count
//! (`track_counts` off), nothing is found.

use super::store::named;
use crate::model::ident::Ident;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::removals::BESIDES;

/// Rows that this session wrote in tables of others and the server has not yet added up, less those that left the store `$1`.
const WROTE: &str = "(SELECT coalesce(sum(pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid) \
     + pg_catalog.pg_stat_get_xact_tuples_updated(t.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(t.oid)), 0) \
     FROM pg_catalog.pg_class AS t WHERE t.relkind = 'r' AND t.relnamespace <> 'waif'::regnamespace \
     AND t.relnamespace <> pg_catalog.pg_my_temp_schema()) - pg_catalog.pg_stat_get_xact_tuples_deleted($1::text::regclass)";

fn ask(text: String, store: &Ident) -> Change {
    Change::new(Purpose::Batch, text, vec![Value::Text(named(store))]).returning()
}

/// The statements of a batch that takes a row away for each that leaves the store, and must change nothing else.
pub(super) fn alone(store: &Ident, changes: Vec<Change>) -> Vec<Change> {
    let remember = format!("SELECT pg_catalog.set_config('waif.besides', ({WROTE})::text, true)");
    let more = format!("SELECT 1::text WHERE {WROTE} <> pg_catalog.current_setting('waif.besides')::bigint");
    let more = ask(more, store).expecting(0, BESIDES);
    [vec![ask(remember, store)], changes, vec![more]].concat()
}
