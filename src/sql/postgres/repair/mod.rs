//! What we say to PostgreSQL when we repair. Text only; called by `repair` through [`Repairs`](crate::sql::repairs::Repairs).

pub(super) mod backfill;
pub(super) mod ddl;
pub(super) mod gone;
pub(super) mod hunt;
pub(super) mod journal;
pub(super) mod leaves;
pub(super) mod probe;
pub(super) mod record;
pub(super) mod remedy;
pub(super) mod signs;
pub(super) mod watch;
pub(super) mod writes;
