//! Reads the PostgreSQL catalog: a handful of set queries, joined here by the server's own numbers. Called by the
//! engine; it sees a [`Reader`] and knows no driver. Never `information_schema`: it hides foreign keys from a role that
//! may only read, and takes minutes where these queries take milliseconds.

mod answer;
mod columns;
mod draft;
mod enforcement;
mod foreign_keys;
mod indexes;
mod query;
mod relations;
mod tables;
mod triggers;

use crate::db::{Limits, Reader};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::server::Server;
use crate::model::value::{Row, Value};
use draft::Draft;
use query::Asked;
use std::time::Duration;

/// How long the catalogs themselves may be waited for: only a VACUUM FULL of them, or its like, holds them.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long texts that need a lock on a user's table may be waited for.
const IMPATIENCE: Duration = Duration::from_millis(250);

/// Reads the catalog of the database `reader` is connected to. All queries should see one moment: what changes between
/// them ends up as a gap, never as a relation that is silently missing.
///
/// # Errors
/// What the server says to the queries, for instance that somebody revoked the catalogs from the role.
pub(crate) async fn read(reader: &mut dyn Reader, server: &Server) -> Result<Catalog, Fault> {
    let mut desk = Questions { reader, version: server.version_number };
    let mut draft = Draft::default();
    tables::schemas(&mut draft, &desk.ask(query::SCHEMAS, &[]).await?)?;
    tables::tables(&mut draft, &desk.ask(query::TABLES, &[]).await?)?;
    let raw = columns::raw(&desk.ask(query::COLUMNS, &[]).await?)?;
    let (types, modifiers) = columns::types_in_use(&raw);
    let types = columns::types(&desk.ask(query::TYPES, &[types, modifiers]).await?)?;
    let collations = desk.ask(query::COLLATIONS, &[columns::collations_in_use(&raw)]).await?;
    let collations = columns::collations(&collations)?;
    columns::place(&mut draft, raw, &types, &collations);
    indexes::place(&mut draft, &desk.ask(query::INDEXES, &[]).await?)?;
    triggers::place(&mut draft, &desk.ask(query::TRIGGERS, &[]).await?)?;
    let keys = foreign_keys::read(&desk.ask(query::FOREIGN_KEYS, &[]).await?)?;
    let operators = desk.ask(query::OPERATORS, &[foreign_keys::operators_in_use(&keys)]).await?;
    let operators = foreign_keys::operators(&operators)?;
    triggers::define(&mut draft, &desk.definitions().await?)?;
    draft.settle(server);
    let relations = relations::build(&mut draft, &keys, &operators, &collations, server);
    Ok(draft.finish(server.clone(), relations))
}

/// Asks the queries, in their form for the server's version.
struct Questions<'a> {
    reader: &'a mut dyn Reader,
    version: u32,
}

impl Questions<'_> {
    async fn ask(&mut self, asked: Asked, args: &[String]) -> Result<Vec<Row>, Fault> {
        self.ask_within(asked, args, Limits { lock: Some(PATIENCE), ..Limits::default() }).await
    }

    /// Texts that the server writes only under a lock. Another session's lock costs them, not the catalog.
    async fn definitions(&mut self) -> Result<Vec<Row>, Fault> {
        let limits = Limits { lock: Some(IMPATIENCE), ..Limits::default() };
        match self.ask_within(query::DEFINITIONS, &[], limits).await {
            Err(fault) if fault.kind == Kind::Busy => Ok(Vec::new()),
            outcome => outcome,
        }
    }

    async fn ask_within(&mut self, asked: Asked, args: &[String], limits: Limits) -> Result<Vec<Row>, Fault> {
        let args = args.iter().cloned().map(Value::Text).collect();
        let query = asked.for_version(self.version, args);
        self.reader.fetch(&query, limits).await
    }
}
