//! A session: one connection, its watch, and the tape. Every statement of this folder goes through [`Session::run`].

use crate::db::sqlite::file::File;
use crate::db::sqlite::still::Still;
use crate::db::sqlite::watch::{STEPS, Watch};
use crate::db::sqlite::{decode, fault};
use crate::db::tape::Tape;
use crate::db::vouch::{Composed, vouched};
use crate::db::writer::Done;
use crate::db::{Interrupt, Limits};
use crate::model::fault::{Fault, Kind};
use crate::model::sent::{Purpose, Sent};
use crate::model::value::Row;
use crate::sql::Query;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a statement without a limit of its own waits for a locked file.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// One connection. Shared by its reader and the engine, so that the engine can close it.
pub(super) struct Session {
    connection: Mutex<Option<SqliteConnection>>,
    watch: Arc<Watch>,
    tape: Tape,
    /// Files taken as immutable. What was read holds only if they still lie as they did.
    pub(super) still: Vec<Still>,
}

impl Session {
    /// Opens a connection and puts a watch over it. The driver itself sends one pragma meanwhile.
    pub(super) async fn open(options: &SqliteConnectOptions, tape: Tape) -> Result<Self, sqlx::Error> {
        let began = Instant::now();
        let mut connection = options.connect().await?;
        let watch = Arc::new(Watch::new());
        let asked = Arc::clone(&watch);
        connection.lock_handle().await?.set_progress_handler(STEPS, move || asked.may_go_on());
        tape.record(Sent {
            purpose: Purpose::Session,
            text: "PRAGMA foreign_keys = OFF".to_owned(),
            took: began.elapsed(),
            outcome: Ok(0),
        });
        Ok(Self { connection: Mutex::new(Some(connection)), watch, tape, still: Vec::new() })
    }

    /// Runs a statement and returns its rows.
    pub(super) async fn run(&self, query: &Query, limits: Limits) -> Result<Vec<Row>, Fault> {
        self.attempt(query, limits).await.map_err(|(fault, _)| fault)
    }

    /// Runs a statement; a failure comes with SQLite's own error, for whoever must look closer.
    pub(super) async fn attempt(
        &self,
        query: &Query,
        limits: Limits,
    ) -> Result<Vec<Row>, (Fault, Option<sqlx::Error>)> {
        self.carry_out(query, limits).await.map(|done| done.rows)
    }

    /// Carries a statement out: one that asks, or one that writes where the session may.
    pub(super) async fn carry_out(
        &self,
        statement: &impl Composed,
        limits: Limits,
    ) -> Result<Done, (Fault, Option<sqlx::Error>)> {
        let mut place = self.connection.lock().await;
        let connection = place.as_mut().ok_or_else(|| (closed(), None))?;
        let began = Instant::now();
        self.watch.begin(limits.statement);
        let answer = self.wait_for(connection, statement, limits.lock.unwrap_or(LOCK_WAIT)).await;
        let stopped = self.watch.stopped();
        self.watch.end();
        let answer = match answer {
            _ if !self.still.iter().all(Still::holds) => Err((disturbed(), None)),
            Err(Failure::Driver(error)) => Err((fault::from(&error, stopped), Some(error))),
            Err(Failure::Other(fault)) => Err((fault, None)),
            Ok((rows, touched)) => Ok(Done { rows, touched, took: began.elapsed() }),
        };
        let told = |done: &Done| usize::try_from(done.touched).unwrap_or(usize::MAX);
        self.tape.record(Sent {
            purpose: statement.meant(),
            text: statement.composed().to_owned(),
            took: began.elapsed(),
            outcome: answer.as_ref().map(told).map_err(|(fault, _)| fault.headline.clone()),
        });
        answer
    }

    /// Asks again while somebody else holds the file. SQLite's own busy handler would sleep where no wish reaches it.
    async fn wait_for(
        &self,
        connection: &mut SqliteConnection,
        statement: &impl Composed,
        patience: Duration,
    ) -> Result<(Vec<Row>, u64), Failure> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match ask(connection, statement).await {
                Err(Failure::Driver(error))
                    if fault::is_busy(&error)
                        && began.elapsed() < patience
                        && self.watch.stopped().is_none() =>
                {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(25));
                }
                answer => return answer,
            }
        }
    }

    /// Whether a file is read as one that nobody writes.
    pub(super) fn takes_as_immutable(&self, file: &File) -> bool {
        self.still.iter().any(|still| still.is_of(file))
    }

    /// Whether it maps its files into memory: one taken as immutable is not mapped, for nothing keeps it from shrinking.
    pub(super) fn maps_its_files(&self) -> bool {
        self.still.is_empty()
    }

    /// The watch over its statements.
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// The way to interrupt this session.
    pub(super) fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::clone(&self.watch) as Arc<dyn Interrupt>
    }

    /// Stops what runs, if anything runs.
    pub(super) fn stop(&self) {
        self.watch.stop();
    }

    /// Closes the connection. What still runs is stopped first, again and again until it has ended.
    pub(super) async fn close(&self) {
        let mut place = loop {
            self.stop();
            if let Ok(place) = self.connection.try_lock() {
                break place;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        if let Some(connection) = place.take() {
            // A connection that only read has nothing to lose when closing it fails.
            let _ = connection.close().await;
        }
    }
}

/// What kept a statement from answering.
enum Failure {
    Driver(sqlx::Error),
    Other(Fault),
}

async fn ask(
    connection: &mut SqliteConnection,
    statement: &impl Composed,
) -> Result<(Vec<Row>, u64), Failure> {
    let arguments = decode::arguments(statement.values()).map_err(Failure::Other)?;
    let asked = sqlx::query_with(vouched(statement), arguments).persistent(false);
    if statement.answers() {
        let rows = asked.fetch_all(connection).await.map_err(Failure::Driver)?;
        let rows: Vec<Row> =
            rows.iter().map(decode::row).collect::<Result<_, _>>().map_err(Failure::Other)?;
        let touched = rows.len() as u64;
        return Ok((rows, touched));
    }
    let done = asked.execute(connection).await.map_err(Failure::Driver)?;
    Ok((Vec::new(), if changes_rows(statement.composed()) { done.rows_affected() } else { 0 }))
}

/// Whether a statement is one whose rows SQLite counts: after any other it still tells the count of the one before.
fn changes_rows(text: &str) -> bool {
    let word: String = text.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn disturbed() -> Fault {
    Fault::new(Kind::Conflict, "Another program opened the database file while waif read it.")
        .hint("Try again: waif will read it beside that program.")
}

fn closed() -> Fault {
    Fault::new(Kind::Lost, "The connection to the database file is closed.")
}
