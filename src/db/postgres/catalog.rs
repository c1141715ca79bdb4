//! Reads the PostgreSQL catalog: queries in `sql`'s text-only manner, rows in, [`Catalog`] out. Called by the engine;
//! it sees a [`Reader`] and knows no driver.

use crate::db::Reader;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::server::Server;

/// Reads the catalog of the database `reader` is connected to. Every output column arrives as text.
pub(crate) async fn read(_reader: &mut dyn Reader, _server: &Server) -> Result<Catalog, Fault> {
    Err(Fault::new(Kind::Unsupported, "the PostgreSQL catalog is not read in this build"))
}
