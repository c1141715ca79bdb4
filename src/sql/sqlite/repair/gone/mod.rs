//! Rows whose parent is missing: how they are found, what hangs on them, how they leave their tables for a store, how
//! their references are set to NULL, how missing parents are inserted, and how everything comes back. Text only; called
//! through [`Removals`](crate::sql::removals::Removals).
//!
//! A batch has the file to itself, so nothing has to be locked: what it is to change is noted in temporary tables first,
//! and then carried out as it was noted.

pub(in crate::sql::sqlite) mod adoption;
pub(in crate::sql::sqlite) mod healed;
pub(in crate::sql::sqlite) mod nulling;
mod overwritten;
pub(in crate::sql::sqlite) mod radius;
mod reach;
mod reference;
pub(in crate::sql::sqlite) mod removal;
pub(in crate::sql::sqlite) mod restore;
pub(in crate::sql::sqlite) mod store;
pub(in crate::sql::sqlite) mod values;
pub(in crate::sql::sqlite) mod work;

/// What is not written yet fails loudly.
fn unmade(what: &str) -> crate::sql::Query {
    crate::sql::Query::new(
        crate::model::sent::Purpose::Batch,
        format!("SELECT waif_has_not_made_this_yet('{what}')"),
        Vec::new(),
    )
}

/// The same as a change.
fn unmade_change(what: &str) -> crate::sql::change::Change {
    crate::sql::change::Change::new(
        crate::model::sent::Purpose::Batch,
        unmade(what).text().to_owned(),
        Vec::new(),
    )
    .returning()
}
