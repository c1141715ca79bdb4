//! A reader: one session whose every statement stands in a transaction that can only read. It keeps its moment between
//! fetches where it has one, and finds back to it after an error.

use crate::db::postgres::fault;
use crate::db::postgres::greeting::{BEGIN, not_taken};
use crate::db::postgres::lane::{Backend, Lane};
use crate::db::postgres::pool::Pool;
use crate::db::postgres::session::Session;
use crate::db::postgres::settings::{self, milliseconds};
use crate::db::{Interrupt, Limits, Reader};
use crate::model::fault::{Fault, Kind};
use crate::model::sent::Purpose;
use crate::model::value::{Row, Value};
use crate::sql::{Dialect, Query};
use futures_util::future::BoxFuture;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many fetches one transaction of a shared moment serves: as many as take the server's quick path for locks.
const FETCHES: u32 = 16;
/// How long such a transaction may have been open when it begins another fetch.
const LASTS: Duration = Duration::from_millis(200);

/// Which moment a reader sees.
#[derive(Clone)]
pub(super) enum Moment {
    /// A new one for each fetch.
    Each,
    /// One of its own, from its first fetch to its first error.
    Own,
    /// One shared with others.
    Shared(Arc<Common>),
}

/// A moment several readers share: the session that holds it open, and its name.
pub(super) struct Common {
    pool: Arc<Pool>,
    holder: Mutex<Option<Session>>,
    name: String,
}

impl Common {
    /// Fixes the moment in a session of its own.
    pub(super) async fn fix(pool: &Arc<Pool>) -> Result<Self, Fault> {
        let mut holder = pool.take().await?;
        match named(&mut holder).await {
            Ok(name) => Ok(Self { pool: Arc::clone(pool), holder: Mutex::new(Some(holder)), name }),
            Err(fault) => {
                pool.give_back(holder, true);
                Err(fault)
            }
        }
    }
}

async fn named(holder: &mut Session) -> Result<String, Fault> {
    holder.say(BEGIN).await?;
    let rows = holder.say("SELECT pg_catalog.pg_export_snapshot()").await?;
    let name = rows.first().and_then(|row| row.first()).and_then(Value::text).unwrap_or_default();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Fault::new(Kind::Unsupported, "The server gave its snapshot no usable name."));
    }
    Ok(name.to_owned())
}

impl Drop for Common {
    fn drop(&mut self) {
        if let Some(holder) = self.holder.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.pool.give_back(holder, true);
        }
    }
}

/// A session that can only read.
pub(super) struct PgReader {
    pool: Arc<Pool>,
    dialect: &'static dyn Dialect,
    session: Option<Session>,
    lane: Arc<Lane>,
    moment: Moment,
    /// Whether a transaction is open.
    open: bool,
    /// When it was opened, and how many fetches it has served.
    served: (Instant, u32),
    /// The limits the open transaction works under.
    limits: Limits,
}

impl PgReader {
    /// A reader over a session just taken from the pool.
    pub(super) fn new(
        pool: Arc<Pool>,
        dialect: &'static dyn Dialect,
        session: Session,
        moment: Moment,
    ) -> Self {
        let lane = Arc::clone(session.lane());
        Self {
            pool,
            dialect,
            session: Some(session),
            lane,
            moment,
            open: false,
            served: (Instant::now(), 0),
            limits: Limits::default(),
        }
    }

    async fn answer(&mut self, query: &Query, limits: Limits) -> Result<Vec<Row>, Fault> {
        let answer = match self.enter(limits).await {
            // Whoever asked meanwhile asked for this fetch, though the server had nothing to stop yet.
            Ok(session) if session.lane().is_asked() => {
                Err(Fault::new(Kind::Interrupted, "The statement was interrupted, as asked."))
            }
            Ok(session) => session.send(query, limits.statement).await,
            Err(fault) => Err(fault),
        };
        let answer = match answer {
            Ok(rows) => self.unwritten(query).await.map(|()| rows),
            Err(fault) => Err(fault),
        };
        self.served.1 += 1;
        let stays = answer.is_ok() && !limits.no_index && self.may_stay();
        if self.open && !stays {
            self.leave().await;
        }
        answer
    }

    /// Makes sure that nobody wrote a table of the query anew between the moment that is seen and the lock that has been held on
    /// it since the query was sent: of its old rows nothing is left, and the new ones are of a later moment.
    async fn unwritten(&mut self, query: &Query) -> Result<(), Fault> {
        if query.reads().is_empty() || !matches!(self.moment, Moment::Shared(_)) {
            return Ok(());
        }
        let session = self.session.as_mut().ok_or_else(fault::lost)?;
        let rows = session.send(&anew(query.reads()), None).await?;
        match rows.first().and_then(|row| row.first()).and_then(Value::count) {
            Some(0) => Ok(()),
            _ => Err(Fault::new(
                Kind::Conflict,
                "A table was written anew after the moment that all counts share.",
            )
            .because("ALTER TABLE or TRUNCATE left none of its rows in that moment")),
        }
    }

    /// Whether the transaction may serve the next fetch too. Every table read stays locked against DDL until its end,
    /// and the server's room for locks is bounded: so a shared moment is left soon, and entered again by its name.
    fn may_stay(&self) -> bool {
        match self.moment {
            Moment::Each => false,
            Moment::Own => true,
            Moment::Shared(_) => self.served.1 < FETCHES && self.served.0.elapsed() < LASTS,
        }
    }

    /// Makes sure that a transaction is open under these limits.
    async fn enter(&mut self, limits: Limits) -> Result<&mut Session, Fault> {
        let text = if self.open { limited(self.limits, limits) } else { self.opening(limits) };
        let session = self.session.as_mut().filter(|session| !session.is_lost()).ok_or_else(fault::lost)?;
        if text.is_empty() && !limits.no_index {
            return Ok(session);
        }
        let avoid = if limits.no_index { self.dialect.no_index_settings() } else { &[] };
        let parts: Vec<&str> =
            (!text.is_empty()).then_some(text.as_str()).into_iter().chain(avoid.iter().copied()).collect();
        // Open from here on: even when the statement fails, the server may have begun.
        let fresh = !std::mem::replace(&mut self.open, true);
        if fresh {
            self.served = (Instant::now(), 0);
        }
        self.limits = limits;
        let rows = session.say(parts.join("; ")).await.map_err(|fault| self.moment.misses(fault))?;
        if fresh && !self.pool.terms.alone {
            proved(&self.pool, session, rows.first().map_or(&[], Vec::as_slice))?;
        }
        Ok(session)
    }

    fn opening(&self, limits: Limits) -> String {
        let mut text = self.pool.terms.opening(matches!(self.moment, Moment::Each));
        if let Moment::Shared(common) = &self.moment {
            let _ = write!(text, "; SET TRANSACTION SNAPSHOT '{}'", common.name);
        }
        let limits = limited(Limits::default(), limits);
        if !limits.is_empty() {
            let _ = write!(text, "; {limits}");
        }
        text
    }

    async fn leave(&mut self) {
        self.open = false;
        if let Some(session) = self.session.as_mut() {
            session.roll_back().await;
        }
    }
}

impl Moment {
    /// An error on the way into a transaction: with a shared moment it means that the moment is gone.
    fn misses(&self, fault: Fault) -> Fault {
        match (self, fault.code.as_deref()) {
            (Self::Shared(_), Some("22023" | "55000" | "42704")) => {
                let lost = Fault::new(
                    Kind::Lost,
                    "The moment all counts share was lost: the session that held it ended.",
                );
                fault.causes.iter().fold(lost, |lost, cause| lost.because(cause))
            }
            _ => not_taken(fault),
        }
    }
}

/// On a lent backend every transaction proves its settings, and tells which backend it is.
fn proved(pool: &Pool, session: &Session, row: &[Value]) -> Result<(), Fault> {
    let (Some(pid), Some(since)) = (row.first().and_then(Value::count), row.get(1).and_then(Value::text))
    else {
        return Err(settings::unsafe_session("it does not tell who it is"));
    };
    let pid = i32::try_from(pid).unwrap_or_default();
    session.lane().served_by(Backend { pid, since: Some(since.to_owned()) });
    settings::verify(&pool.terms.musts, row.get(2..).unwrap_or_default())
}

/// One row: how many of these tables lie in other files than in the moment the transaction sees. The catalog is read as it was
/// in that moment, the function answers with what is so now. Sources: MVCC caveats in the manual ("13.6. Caveats").
fn anew(tables: &[u32]) -> Query {
    let tables: Vec<String> = tables.iter().map(u32::to_string).collect();
    let text = "SELECT pg_catalog.count(*)::text FROM pg_catalog.pg_class AS c WHERE c.oid = ANY ($1::text::oid[]) \
                AND c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid)";
    Query::new(Purpose::Session, text, vec![Value::Text(format!("{{{}}}", tables.join(",")))])
}

/// Statements that take a transaction from one set of limits to another.
fn limited(from: Limits, to: Limits) -> String {
    let mut parts = Vec::new();
    for (name, from, to) in
        [("statement_timeout", from.statement, to.statement), ("lock_timeout", from.lock, to.lock)]
    {
        if from != to {
            parts.push(format!("SET LOCAL {name} TO {}", milliseconds(to)));
        }
    }
    parts.join("; ")
}

impl Reader for PgReader {
    fn fetch<'a>(&'a mut self, query: &'a Query, limits: Limits) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(async move {
            self.lane.begin();
            let answer = self.answer(query, limits).await;
            let given_up = self.lane.is_asked();
            self.lane.end();
            if given_up && self.session.as_ref().is_some_and(|session| !session.is_lost()) {
                // A cancel still on its way must not meet the next statement.
                drop(self.lane.gate().lock().await);
            }
            match answer {
                // The wire was cut because the server did not react: that is what was asked for in the end.
                Err(fault) if given_up && fault.kind == Kind::Lost => {
                    Err(Fault { kind: Kind::Interrupted, ..fault }
                        .because("the statement was being interrupted"))
                }
                answer => answer,
            }
        })
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Interrupter { pool: Arc::clone(&self.pool), lane: Arc::clone(&self.lane) })
    }
}

impl Drop for PgReader {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.pool.give_back(session, self.open);
        }
    }
}

/// The way to interrupt one session.
pub(super) struct Interrupter {
    pub(super) pool: Arc<Pool>,
    pub(super) lane: Arc<Lane>,
}

impl Interrupt for Interrupter {
    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.interrupt(vec![Arc::clone(&self.lane)]))
    }
}
