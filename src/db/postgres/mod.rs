//! PostgreSQL: connecting, session prologue, catalog, faults. Called by [`open`](crate::db::open).
//!
//! Nothing of ours outlives us at the server: settings are made for a session only where its backend is proven to be ours
//! alone, and for single transactions where a pooler lends it. Every statement stands in a transaction that can only read.

mod catalog;
mod connect;
mod fault;
mod flavor;
mod greeting;
mod lane;
mod opening;
mod options;
mod pool;
mod reader;
mod refusal;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod wire;
mod writer;

use crate::db::tape::Tape;
use crate::db::writer::{Armed, Fate, Writer};
use crate::db::{Engine, Limits, Reader as _, Readers};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::server::Server;
use crate::model::target::Target;
use crate::model::value::Value;
use crate::sql::{Dialect, Query};
use futures_util::future::{BoxFuture, join_all};
use pool::Pool;
use reader::{Common, Moment, PgReader};
use std::sync::Arc;

/// The language of this engine.
const DIALECT: &dyn Dialect = &crate::sql::postgres::Postgres;

/// Opens a PostgreSQL database.
pub(crate) async fn open(target: &Target, tape: Tape) -> Result<Arc<dyn Engine>, Fault> {
    let (pool, server) = opening::open(target, tape).await?;
    Ok(Arc::new(Postgres { pool, server }))
}

/// An open PostgreSQL database.
struct Postgres {
    pool: Arc<Pool>,
    server: Server,
}

impl Postgres {
    async fn reader(&self, moment: Moment) -> Result<PgReader, Fault> {
        let session = self.pool.take().await?;
        Ok(PgReader::new(Arc::clone(&self.pool), DIALECT, session, moment))
    }

    /// The moment readers are to share, or why they cannot.
    async fn moment(&self, snapshot: Snapshot) -> Result<(Moment, Option<String>), Fault> {
        if snapshot == Snapshot::PerRelation {
            return Ok((Moment::Each, None));
        }
        if let Some(why) = flavor::no_common_moment(self.server.flavor) {
            return Ok((Moment::Each, Some(why.to_owned())));
        }
        if !self.pool.terms.alone {
            let why = "A pooler lends the server's backends from transaction to transaction.";
            return Ok((Moment::Each, Some(why.to_owned())));
        }
        match Common::fix(&self.pool).await {
            Ok(common) => Ok((Moment::Shared(Arc::new(common)), None)),
            Err(fault) if matches!(fault.kind, Kind::Lost | Kind::Unreachable) => Err(fault),
            Err(fault) => {
                Ok((Moment::Each, Some(format!("The server shares no snapshot among sessions: {fault}"))))
            }
        }
    }
}

impl Engine for Postgres {
    fn dialect(&self) -> &'static dyn Dialect {
        DIALECT
    }

    fn server(&self) -> &Server {
        &self.server
    }

    fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Fault>> {
        Box::pin(async move {
            let mut reader = self.reader(Moment::Own).await?;
            catalog::read(&mut reader, &self.server).await
        })
    }

    fn readers(&self, count: usize, snapshot: Snapshot) -> BoxFuture<'_, Result<Readers, Fault>> {
        Box::pin(async move {
            let (moment, note) = self.moment(snapshot).await?;
            let given =
                if matches!(moment, Moment::Shared(_)) { Snapshot::One } else { Snapshot::PerRelation };
            let opened = join_all((0..count.max(1)).map(|_| self.reader(moment.clone()))).await;
            let mut sessions: Vec<Box<dyn crate::db::Reader>> = Vec::new();
            let mut refused = None;
            for reader in opened {
                match reader {
                    Ok(reader) => sessions.push(Box::new(reader)),
                    Err(fault) => refused = refused.or(Some(fault)),
                }
            }
            // The server may allow no more: those there are will do.
            if let (true, Some(fault)) = (sessions.is_empty(), refused) {
                return Err(fault);
            }
            Ok(Readers { sessions, snapshot: given, note })
        })
    }

    fn writer<'a>(&'a self, armed: &'a Armed) -> BoxFuture<'a, Result<Box<dyn Writer>, Fault>> {
        Box::pin(async move {
            let writer = writer::PgWriter::open(Arc::clone(&self.pool), armed).await?;
            Ok(Box::new(writer) as Box<dyn Writer>)
        })
    }

    fn fate<'a>(&'a self, transaction: &'a str) -> BoxFuture<'a, Result<Fate, Fault>> {
        Box::pin(async move {
            let query = Query::new(
                Purpose::Journal,
                "SELECT pg_catalog.txid_status($1::text::bigint)::text",
                vec![Value::Text(transaction.to_owned())],
            );
            let mut reader = self.reader(Moment::Each).await?;
            let rows = reader.fetch(&query, Limits::default()).await?;
            Ok(match rows.first().and_then(|row| row.first()).and_then(Value::text) {
                Some("committed") => Fate::Committed,
                Some("aborted") => Fate::Aborted,
                Some(_) => Fate::InProgress,
                None => Fate::Forgotten,
            })
        })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.interrupt_all())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.close())
    }
}
