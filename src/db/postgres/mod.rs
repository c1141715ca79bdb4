//! PostgreSQL: connecting, session prologue, catalog, faults. Called by [`open`](crate::db::open).

#[allow(dead_code)] // called once the engine stands
mod catalog;

use crate::db::Engine;
use crate::db::tape::Tape;
use crate::model::fault::{Fault, Kind};
use crate::model::target::Target;
use std::sync::Arc;

/// Opens a PostgreSQL database.
pub(crate) async fn open(_target: &Target, _tape: Tape) -> Result<Arc<dyn Engine>, Fault> {
    Err(Fault::new(Kind::Unsupported, "PostgreSQL is not connected up in this build"))
}
