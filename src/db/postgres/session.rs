//! A session: one connection, its lane, and the tape. Every statement to PostgreSQL goes out here and nowhere else. It
//! knows nothing of transactions; `reader` and `engine` do.

use crate::db::postgres::fault::{self, Circumstance};
use crate::db::postgres::lane::Lane;
use crate::db::tape::Tape;
use crate::db::vouch::vouched;
use crate::db::writer::Done;
use crate::model::fault::{Fault, Kind};
use crate::model::sent::{Purpose, Sent};
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::Change;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgRow, PgTypeInfo, PgValueFormat};
use sqlx::{Arguments as _, Connection as _, Encode, Postgres, Row as _, Type, TypeInfo as _, ValueRef as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One connection.
pub(super) struct Session {
    connection: PgConnection,
    lane: Arc<Lane>,
    tape: Tape,
    lost: bool,
}

impl Session {
    /// A session over a fresh connection.
    pub(super) fn new(connection: PgConnection, lane: Lane, tape: Tape) -> Self {
        Self { connection, lane: Arc::new(lane), tape, lost: false }
    }

    /// What others may know of it.
    pub(super) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Sends session talk: one or more statements without arguments.
    pub(super) async fn say(&mut self, text: impl Into<String>) -> Result<Vec<Row>, Fault> {
        self.send(&Query::new(Purpose::Session, text, Vec::new()), None).await
    }

    /// Sends a query; `limit` is the time the server was told to allow it.
    pub(super) async fn send(&mut self, query: &Query, limit: Option<Duration>) -> Result<Vec<Row>, Fault> {
        let began = Instant::now();
        let answer = self.exchange(query).await;
        let took = began.elapsed();
        let answer = match answer {
            Ok(rows) => rows.iter().map(decoded).collect(),
            Err(error) => {
                let fault = fault::of(&error, Circumstance { asked: self.lane.is_asked(), limit, took });
                Err(self.mourned(fault))
            }
        };
        self.tape.record(Sent {
            purpose: query.purpose(),
            text: query.text().to_owned(),
            took,
            outcome: answer.as_ref().map(Vec::len).map_err(|fault: &Fault| fault.headline.clone()),
        });
        answer
    }

    /// Sends a statement that writes.
    pub(super) async fn perform(&mut self, change: &Change, limit: Option<Duration>) -> Result<Done, Fault> {
        let began = Instant::now();
        let answer = self.change(change).await;
        let took = began.elapsed();
        let answer = match answer {
            Ok((rows, touched)) => rows.iter().map(decoded).collect::<Result<Vec<_>, _>>().map(|rows| Done {
                rows,
                touched,
                took,
            }),
            Err(error) => {
                let fault = fault::of(&error, Circumstance { asked: self.lane.is_asked(), limit, took });
                Err(self.mourned(fault))
            }
        };
        self.tape.record(Sent {
            purpose: change.purpose(),
            text: change.text().to_owned(),
            took,
            outcome: answer
                .as_ref()
                .map(|done| usize::try_from(done.touched).unwrap_or(usize::MAX))
                .map_err(|fault: &Fault| fault.headline.clone()),
        });
        answer
    }

    async fn change(&mut self, change: &Change) -> Result<(Vec<PgRow>, u64), sqlx::Error> {
        let text = vouched(change);
        if change.args().is_empty() {
            let statement = sqlx::raw_sql(text);
            if change.returns() {
                let rows = statement.fetch_all(&mut self.connection).await?;
                let touched = rows.len() as u64;
                return Ok((rows, touched));
            }
            let done = statement.execute(&mut self.connection).await?;
            return Ok((Vec::new(), done.rows_affected()));
        }
        let statement = sqlx::query_with(text, arguments(change.args())?).persistent(false);
        if change.returns() {
            let rows = statement.fetch_all(&mut self.connection).await?;
            let touched = rows.len() as u64;
            return Ok((rows, touched));
        }
        let done = statement.execute(&mut self.connection).await?;
        Ok((Vec::new(), done.rows_affected()))
    }

    /// Without arguments a statement goes as text, in one round; with arguments as an unnamed prepared statement, which
    /// leaves nothing behind for a pooler to stumble over.
    async fn exchange(&mut self, query: &Query) -> Result<Vec<PgRow>, sqlx::Error> {
        let text = vouched(query);
        if query.args().is_empty() {
            return sqlx::raw_sql(text).fetch_all(&mut self.connection).await;
        }
        sqlx::query_with(text, arguments(query.args())?)
            .persistent(false)
            .fetch_all(&mut self.connection)
            .await
    }

    fn mourned(&mut self, fault: Fault) -> Fault {
        if fault.kind != Kind::Lost {
            return fault;
        }
        self.lost = true;
        match self.lane.lead().broke() {
            Some(broke) => fault.because(broke),
            None => fault,
        }
    }

    /// Ends the open transaction. A late cancel may hit the statement that does it, so it is said again; a session that
    /// cannot end its transaction is of no more use.
    pub(super) async fn roll_back(&mut self) {
        for _ in 0..3 {
            if self.lost || self.say("ROLLBACK").await.is_ok() {
                return;
            }
        }
        self.lost = true;
    }

    /// Asks for a sign of life, without a statement.
    pub(super) async fn ping(&mut self) -> Result<(), Fault> {
        if self.lost {
            return Err(fault::lost());
        }
        self.connection.ping().await.map_err(|error| fault::of(&error, Circumstance::default()))
    }

    /// Takes leave of the server.
    pub(super) async fn close(self) {
        if !self.lost {
            // A server that does not hear the farewell notices the closed socket.
            drop(self.connection.close().await);
        }
    }
}

fn arguments(values: &[Value]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        arguments.add(AsText(value)).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// An argument as text, byte by byte; the server casts it.
struct AsText<'a>(&'a Value);

impl Type<Postgres> for AsText<'_> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl<'q> Encode<'q, Postgres> for AsText<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) => buffer.extend(number.to_string().as_bytes()),
            Value::Real(number) => buffer.extend(number.to_string().as_bytes()),
            Value::Text(text) => buffer.extend(text.as_bytes()),
            Value::Bytes(bytes) => buffer.extend(bytes),
        }
        Ok(IsNull::No)
    }
}

/// A row as text, or as bytes where it is not UTF-8. A prepared statement answers in binary, where only text types look
/// the same: `sql` casts every column, and one that was forgotten is a defect to be told, not to be shown as garbage.
fn decoded(row: &PgRow) -> Result<Row, Fault> {
    (0..row.len()).map(|at| cell(row, at)).collect()
}

fn cell(row: &PgRow, at: usize) -> Result<Value, Fault> {
    let value = row.try_get_raw(at).map_err(|error| defect(&error.to_string()))?;
    if value.is_null() {
        return Ok(Value::Null);
    }
    if value.format() == PgValueFormat::Binary && !<str as Type<Postgres>>::compatible(&value.type_info()) {
        return Err(defect(&format!("column {at} is of type {}, not text", value.type_info().name())));
    }
    let bytes = value.as_bytes().map_err(|error| defect(&error.to_string()))?;
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    })
}

fn defect(what: &str) -> Fault {
    Fault::new(Kind::Other, "An answer of the server could not be read. This is a defect of waif.")
        .because(what)
}
