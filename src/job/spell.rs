//! Statements about a relation for people to copy, composed by the engine's dialect and spelled out. Nothing is sent.

use crate::job::bench::Bench;
use crate::job::lists::known;
use crate::model::fault::{Fault, Kind};
use crate::model::list::Spelling;
use crate::model::value::Value;
use crate::sql::Path;
use crate::sql::spell::spelled;

/// The statements about the relation at a place, one of its missing parents, and one of its child rows.
///
/// # Errors
/// When the relation is gone, or can never be satisfied: then there is no statement that counts its orphans.
pub(crate) fn spelling(
    bench: &Bench,
    place: usize,
    of: Option<&[Value]>,
    row: Option<&[Value]>,
) -> Result<Spelling, Fault> {
    let (catalog, relation) = known(bench, place)?;
    if relation.flaw.is_some() {
        return Err(Fault::new(Kind::Unsupported, "no statement counts the orphans of a broken reference"));
    }
    let dialect = bench.engine.dialect();
    let spell = |query| spelled(dialect, &query);
    Ok(Spelling {
        count: spell(dialect.orphans(&catalog, &relation, Path::Free)),
        orphans: spell(dialect.orphans_clause(&catalog, &relation, None)),
        children: of.map(|key| spell(dialect.orphans_clause(&catalog, &relation, Some(key)))),
        row: row.map(|key| spell(dialect.row_clause(&catalog, &relation, key))),
    })
}
