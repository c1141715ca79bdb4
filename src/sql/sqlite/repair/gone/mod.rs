//! Rows whose parent is missing: how they are found, what hangs on them, how they leave their tables for a store, how
//! their references are set to NULL, how missing parents are inserted, and how everything comes back. Text only; called
//! through [`Removals`](crate::sql::removals::Removals).
//!
//! A batch has the file to itself, so nothing has to be locked: what it is to change is noted in temporary tables first,
//! and then carried out as it was noted.

pub(in crate::sql::sqlite) mod adoption;
pub(in crate::sql::sqlite) mod demands;
mod digest;
pub(in crate::sql::sqlite) mod healed;
mod kept;
mod leaving;
pub(in crate::sql::sqlite) mod nulling;
mod overwritten;
pub(in crate::sql::sqlite) mod radius;
mod reach;
mod reference;
pub(in crate::sql::sqlite) mod removal;
pub(in crate::sql::sqlite) mod restore;
pub(in crate::sql::sqlite) mod store;
pub(in crate::sql::sqlite) mod ties;
pub(in crate::sql::sqlite) mod values;
pub(in crate::sql::sqlite) mod work;
