//! A writer: one session of a run, armed by a person. Its backend is ours alone; every transaction has limits, is
//! committed or rolled back before the call returns, and knows its own number, so that a COMMIT whose answer was lost can
//! be looked up.

use crate::db::Interrupt;
use crate::db::postgres::fault;
use crate::db::postgres::lane::Lane;
use crate::db::postgres::pool::Pool;
use crate::db::postgres::session::Session;
use crate::db::postgres::settings::milliseconds;
use crate::db::writer::{Armed, Done, Progress, Rehearsed, WriteLimits, Writer, Written};
use crate::model::fault::{Fault, Kind};
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::{Change, Expected};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What turns a session that reads into one that writes. It was proven ours and safe before.
const ARM: &str = "SET default_transaction_read_only TO off; SET idle_in_transaction_session_timeout TO '15s'; \
                   SET lock_timeout TO '1s'";
/// What must read back from it.
const PROOF: &str = "SELECT pg_catalog.current_setting('transaction_read_only'), \
                     pg_catalog.current_setting('session_replication_role'), pg_catalog.pg_is_in_recovery()::text";

/// A session that may write.
pub(super) struct PgWriter {
    pool: Arc<Pool>,
    session: Option<Session>,
    lane: Arc<Lane>,
    progress: Arc<Progress>,
}

impl PgWriter {
    /// Opens a session and arms it.
    pub(super) async fn open(pool: Arc<Pool>, armed: &Armed) -> Result<Self, Fault> {
        if !pool.terms.alone {
            return Err(Fault::new(
                Kind::Unsupported,
                "The server's backends are lent to others between transactions.",
            ));
        }
        let mut session = pool.connect().await?;
        let name = armed.run();
        session.say(format!("{ARM}; SET application_name TO 'waif/{name}'")).await?;
        // Half a second is how long the server may work on for a client that is gone; older servers do not know it.
        let quick = session.say("SET client_connection_check_interval TO '500ms'").await;
        if let Err(fault) = quick
            && fault.kind == Kind::Lost
        {
            return Err(fault);
        }
        let rows = session.say(PROOF).await?;
        let read: Vec<&str> =
            rows.first().map_or_else(Vec::new, |row| row.iter().filter_map(Value::text).collect());
        if read != ["off", "origin", "false"] {
            return Err(Fault::new(Kind::Unsupported, "The session cannot be made ready to write.")
                .because(format!("it reads back {}", read.join(", "))));
        }
        let lane = Arc::clone(session.lane());
        Ok(Self { pool, session: Some(session), lane, progress: Arc::default() })
    }

    fn session(&mut self) -> Result<&mut Session, Fault> {
        self.session.as_mut().filter(|session| !session.is_lost()).ok_or_else(fault::lost)
    }

    /// Opens a transaction and returns its number.
    async fn begin(&mut self, limits: WriteLimits) -> Result<String, Fault> {
        let isolation = if limits.one_moment { "REPEATABLE READ" } else { "READ COMMITTED" };
        let text = format!(
            "BEGIN ISOLATION LEVEL {isolation} READ WRITE; SET LOCAL lock_timeout TO {}; \
             SET LOCAL statement_timeout TO {}; SELECT pg_catalog.txid_current()::text",
            milliseconds(Some(limits.lock)),
            milliseconds(limits.statement)
        );
        let rows = self.session()?.say(text).await?;
        let number = rows.first().and_then(|row| row.first()).and_then(Value::text).unwrap_or_default();
        Ok(number.to_owned())
    }

    /// Carries out statements in the open transaction.
    async fn carry_out(
        &mut self,
        changes: &[Change],
        limits: WriteLimits,
        done: &mut Vec<Done>,
    ) -> Result<(), Fault> {
        self.progress.begin();
        if changes.iter().any(|change| !change.needs().is_empty()) {
            return Err(Fault::new(
                Kind::Unsupported,
                "PostgreSQL has no such setting. This is a defect of waif.",
            ));
        }
        for change in changes {
            if self.lane.is_asked() {
                return Err(Fault::new(Kind::Interrupted, "The run was interrupted, as asked."));
            }
            let one = self.session()?.perform(change, limits.statement).await?;
            if let Expected::Rows(rows, otherwise) = change.expected()
                && *rows != one.touched
            {
                return Err(Fault::new(Kind::Unexpected, *otherwise)
                    .because(format!("{} rows, where {rows} were expected", one.touched)));
            }
            self.progress.done(one.touched);
            done.push(one);
        }
        // A constraint that waits for COMMIT speaks now, where its error still says what it is.
        self.session()?.say("SET CONSTRAINTS ALL IMMEDIATE").await.map(drop)
    }

    async fn roll_back(&mut self) {
        if let Some(session) = self.session.as_mut() {
            session.roll_back().await;
        }
    }

    async fn commit(&mut self, changes: &[Change], limits: WriteLimits) -> Result<Written, Fault> {
        let transaction = match self.begin(limits).await {
            Ok(number) => number,
            Err(fault) => {
                self.roll_back().await;
                return Err(fault);
            }
        };
        let mut done = Vec::with_capacity(changes.len());
        if let Err(fault) = self.carry_out(changes, limits, &mut done).await {
            self.roll_back().await;
            return Err(fault);
        }
        match self.session()?.say("COMMIT").await {
            Ok(_) => Ok(Written::Committed(done)),
            Err(fault) if fault.kind == Kind::Lost => Ok(Written::Unknown { transaction, fault }),
            Err(fault) => {
                self.roll_back().await;
                Err(fault)
            }
        }
    }

    async fn try_out(
        &mut self,
        changes: &[Change],
        question: Option<&Query>,
        limits: WriteLimits,
    ) -> Rehearsed {
        let mut rehearsed = Rehearsed::default();
        let tried = match self.begin(limits).await {
            Ok(_) => self.carry_out(changes, limits, &mut rehearsed.done).await,
            Err(fault) => Err(fault),
        };
        let asked = match (tried, question, self.session()) {
            (Ok(()), Some(question), Ok(session)) => session.send(question, limits.statement).await,
            (Ok(()), _, Ok(_)) => Ok(Vec::new()),
            (Err(fault), ..) | (Ok(()), _, Err(fault)) => Err(fault),
        };
        match asked {
            Ok(rows) => rehearsed.answer = rows,
            Err(fault) => rehearsed.fault = Some(fault),
        }
        self.roll_back().await;
        rehearsed
    }

    async fn send_alone(&mut self, change: &Change, limits: WriteLimits) -> Result<Done, Fault> {
        self.limit(limits).await?;
        self.session()?.perform(change, limits.statement).await
    }

    async fn read(&mut self, query: &Query, limits: WriteLimits) -> Result<Vec<Row>, Fault> {
        self.limit(limits).await?;
        self.session()?.send(query, limits.statement).await
    }

    /// Limits for what stands in no transaction of ours.
    async fn limit(&mut self, limits: WriteLimits) -> Result<(), Fault> {
        let text = format!(
            "SET lock_timeout TO {}; SET statement_timeout TO {}",
            milliseconds(Some(limits.lock)),
            milliseconds(limits.statement)
        );
        self.session()?.say(text).await.map(drop)
    }

    /// What every call ends with: a cancel still on its way must not meet the next statement.
    async fn settle(&mut self) {
        let given_up = self.lane.is_asked();
        self.lane.end();
        if given_up && self.session.as_ref().is_some_and(|session| !session.is_lost()) {
            drop(self.lane.gate().lock().await);
        }
    }
}

impl Writer for PgWriter {
    fn atomically<'a>(
        &'a mut self,
        changes: &'a [Change],
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Written, Fault>> {
        Box::pin(async move {
            self.lane.begin();
            let outcome = self.commit(changes, limits).await;
            self.settle().await;
            outcome
        })
    }

    fn rehearse<'a>(
        &'a mut self,
        changes: &'a [Change],
        question: Option<&'a Query>,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Rehearsed> {
        Box::pin(async move {
            self.lane.begin();
            let outcome = self.try_out(changes, question, limits).await;
            self.settle().await;
            outcome
        })
    }

    fn alone<'a>(
        &'a mut self,
        change: &'a Change,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Done, Fault>> {
        Box::pin(async move {
            self.lane.begin();
            let outcome = self.send_alone(change, limits).await;
            self.settle().await;
            outcome
        })
    }

    fn fetch<'a>(
        &'a mut self,
        query: &'a Query,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(async move {
            self.lane.begin();
            let outcome = self.read(query, limits).await;
            self.settle().await;
            outcome
        })
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(super::reader::Interrupter { pool: Arc::clone(&self.pool), lane: Arc::clone(&self.lane) })
    }

    fn backend(&self) -> Option<i32> {
        Some(self.lane.backend().pid).filter(|pid| *pid > 0)
    }

    fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl Drop for PgWriter {
    fn drop(&mut self) {
        if let (Some(session), Ok(runtime)) = (self.session.take(), tokio::runtime::Handle::try_current()) {
            // A session that is let go in the middle of something takes its transaction with it.
            runtime.spawn(session.close());
        }
    }
}
