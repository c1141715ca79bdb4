//! Arming: a session that writes, in the very file that was opened to be read. Only the main file: no key of SQLite leads
//! from one file to another, and a transaction over several is not kept whole in WAL mode. Called by the engine, for a run
//! a person armed.

use crate::db::sqlite::connect::{MAPPED, Way, first_read, no_file, obstacle};
use crate::db::sqlite::file::{self, File};
use crate::db::sqlite::format;
use crate::db::sqlite::session::Session;
use crate::db::tape::Tape;
use crate::model::fault::{Fault, Kind};
use crate::model::value::Value;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::time::Duration;

/// Kibibytes of cache of a session that writes, negative as the pragma wants it.
const CACHE: i64 = -65_536;

/// What is set in a session that writes, and what must read back. Nothing in the file may run functions of ours that do
/// more than compute; keys are enforced unless a transaction needs otherwise.
const SETTINGS: [(&str, &str, i64); 3] =
    [("trusted_schema", "OFF", 0), ("foreign_keys", "ON", 1), ("query_only", "OFF", 0)];

/// Opens a session that writes.
pub(super) async fn open(way: &Way, tape: &Tape) -> Result<(Session, File), Fault> {
    let Some((schema, file)) = way.files.first() else { return Err(no_file()) };
    ours(file)?;
    let options = SqliteConnectOptions::new()
        .filename(&file.path)
        .read_only(false)
        .create_if_missing(false)
        .foreign_keys(false)
        .busy_timeout(Duration::ZERO)
        .disable_statement_logging();
    let session = Session::open(&options, tape.clone()).await.map_err(|error| obstacle(file, &error))?;
    for (name, value, wanted) in SETTINGS {
        way.ask(&session, file, &format!("PRAGMA {name} = {value}"), Vec::new()).await?;
        if one(way, &session, file, &format!("PRAGMA {name}")).await? != Value::Int(wanted) {
            return Err(Fault::new(Kind::Unsupported, "The session cannot be made ready to write.")
                .because(format!("{name} does not read back as {value}")));
        }
    }
    way.ask(&session, file, &first_read(schema), Vec::new()).await?;
    // A log is made durable when it is taken into the file: after a power cut the last batches may be gone, together with
    // their lines in the journal. Without a log every commit must reach the disk, or the file could be damaged.
    let mode = one(way, &session, file, "PRAGMA main.journal_mode").await?;
    let synchronous = if mode.text() == Some("wal") { "NORMAL" } else { "FULL" };
    way.ask(&session, file, &format!("PRAGMA main.synchronous = {synchronous}"), Vec::new()).await?;
    // Parents lie anywhere in the file: mapped, they are looked up in half the time. The lock of the session keeps the file
    // from shrinking beneath it.
    way.ask(&session, file, &format!("PRAGMA main.mmap_size = {MAPPED}"), Vec::new()).await?;
    way.ask(&session, file, &format!("PRAGMA main.cache_size = {CACHE}"), Vec::new()).await?;
    ours(file)?;
    Ok((session, file.clone()))
}

async fn one(way: &Way, session: &Session, file: &File, text: &str) -> Result<Value, Fault> {
    let rows = way.ask(session, file, text, Vec::new()).await?;
    Ok(rows.into_iter().flatten().next().unwrap_or(Value::Null))
}

/// The file is the one that was opened, and of a format that may be written.
fn ours(file: &File) -> Result<(), Fault> {
    if file.is_replaced() {
        return Err(replaced(file));
    }
    let header = file::header(&file.path).map_err(|error| {
        Fault::new(Kind::Unreachable, format!("{} cannot be read.", file.named)).because(error.to_string())
    })?;
    match format::foreign(&header) {
        None => Ok(()),
        Some(why) => Err(Fault::new(
            Kind::Unsupported,
            format!("{} is not in the format of SQLite itself, so waif does not write to it.", file.named),
        )
        .because(why)
        .hint("Repair it with the program that made it.")),
    }
}

/// Another file came to the path since waif opened it.
pub(super) fn replaced(file: &File) -> Fault {
    Fault::new(
        Kind::Lost,
        format!("{} was replaced by another file since waif opened it. Nothing was written.", file.named),
    )
    .hint("Open it again, and see that it is the one you mean.")
}
