//! What we say to SQLite when we repair. Text only; called by `repair` through [`Repairs`](crate::sql::repairs::Repairs).

pub(super) mod backfill;
pub(super) mod gone;
pub(super) mod index;
pub(super) mod journal;
pub(crate) mod own;
pub(super) mod proof;
pub(super) mod record;
pub(super) mod shape;

#[cfg(test)]
mod tests;
