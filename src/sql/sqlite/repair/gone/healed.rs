//! Rows in a store whose parent is there now.

use super::super::journal::{number, place as nth, text};
use super::reference::has_parent;
use super::store::{named, own};
use crate::model::plan::removal::Removal;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;

/// One row: rows of a step in the store whose parent is there now; only of one batch where it is given.
pub(in crate::sql::sqlite) fn healed(removal: &Removal, run: &str, place: usize, of: Option<u64>) -> Query {
    let Some(stored) = removal.tables.first() else {
        return Query::new(Purpose::Proof, "SELECT 0", Vec::new());
    };
    let own = |column: &str| own(&stored.prefix, column);
    let mut args: Vec<Value> = vec![text(run), nth(place)];
    let batch = of.map(|batch| {
        args.push(number(batch));
        format!(" AND c.{} = ?3", own("batch"))
    });
    let select = format!(
        "SELECT count(*) FROM {} AS c WHERE c.{} = ?1 AND c.{} = ?2 AND c.{} = 0{} AND {}",
        named(&stored.store),
        own("run"),
        own("place"),
        own("level"),
        batch.unwrap_or_default(),
        has_parent(&removal.missing)
    );
    Query::new(Purpose::Proof, select, args)
}
