//! Rows whose parent is missing: how they are found, what hangs on them, how they leave their tables for a store, how
//! their references are set to NULL, how missing parents are inserted, and how everything comes back. Text only; called
//! through [`Removals`](crate::sql::removals::Removals).
//!
//! A batch locks before it looks: every row it is to change is locked by one statement, which writes the row's place into
//! the notes of the session, and judged by a later one. In a server that reads committed rows each statement sees what
//! was committed before it began, and nobody can change a locked row after; a judgement made in the statement that locks
//! would still see the parents of before the wait.

pub(in crate::sql::postgres) mod adoption;
pub(in crate::sql::postgres) mod apart;
mod besides;
pub(in crate::sql::postgres) mod burden;
pub(in crate::sql::postgres) mod listeners;
pub(in crate::sql::postgres) mod nulling;
pub(in crate::sql::postgres) mod radius;
pub(in crate::sql::postgres) mod reach;
mod reference;
pub(in crate::sql::postgres) mod removal;
pub(in crate::sql::postgres) mod restore;
pub(in crate::sql::postgres) mod store;
pub(in crate::sql::postgres) mod values;
pub(in crate::sql::postgres) mod work;
