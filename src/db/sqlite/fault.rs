//! Faults of SQLite, classified by its result codes. Called by every file of this folder that talks to the driver.

use crate::db::sqlite::watch::Stopped;
use crate::model::fault::{Fault, Kind};
use sqlx::Error;

/// SQLite's primary result codes that matter here: <https://www.sqlite.org/rescode.html>.
pub(super) mod code {
    pub(crate) const PERM: i32 = 3;
    pub(crate) const BUSY: i32 = 5;
    pub(crate) const LOCKED: i32 = 6;
    pub(crate) const READONLY: i32 = 8;
    /// The extended code, as faults carry it: an unfinished transaction must be rolled back first.
    pub(crate) const READONLY_ROLLBACK: &str = "776";
    pub(crate) const INTERRUPT: i32 = 9;
    pub(crate) const IOERR: i32 = 10;
    pub(crate) const CORRUPT: i32 = 11;
    pub(crate) const FULL: i32 = 13;
    pub(crate) const CANTOPEN: i32 = 14;
    pub(crate) const SCHEMA: i32 = 17;
    pub(crate) const CONSTRAINT: i32 = 19;
    pub(crate) const AUTH: i32 = 23;
    pub(crate) const NOTADB: i32 = 26;
}

/// The primary and the extended result code of an error, where SQLite gave one.
pub(super) fn codes(error: &Error) -> Option<(i32, i32)> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some((extended & 0xff, extended))
}

/// Whether the error says that somebody else holds the file.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(codes(error), Some((code::BUSY | code::LOCKED, _)))
}

/// A fault from the driver's error; `stopped` tells who stopped the statement, if it was stopped.
pub(super) fn from(error: &Error, stopped: Option<Stopped>) -> Fault {
    let Some((primary, extended)) = codes(error) else { return without_code(error) };
    let fault = match primary {
        // Waiting for a locked file ends by a wish or a deadline too.
        code::INTERRUPT | code::BUSY | code::LOCKED if stopped == Some(Stopped::Late) => {
            Fault::new(Kind::TimedOut, "The statement ran longer than its time limit.")
                .hint("Raise the statement timeout, or narrow the check.")
        }
        code::BUSY | code::LOCKED if stopped == Some(Stopped::Asked) => cancelled(),
        code::INTERRUPT => cancelled(),
        code::BUSY | code::LOCKED => {
            Fault::new(Kind::Busy, "Another program held the database file locked for longer than allowed.")
                .hint("Try again when its transaction is over, or raise the lock timeout.")
        }
        code::CORRUPT | code::NOTADB => Fault::new(Kind::Other, "SQLite finds the database file damaged.")
            .hint("Run PRAGMA integrity_check, and restore the file from a backup."),
        code::IOERR => Fault::new(Kind::Lost, "The database file could not be read.")
            .hint("Look into the system's log for errors of the disk or the network share."),
        code::FULL => Fault::new(Kind::Other, "No space is left for SQLite's temporary files.")
            .hint("Free space, or point SQLITE_TMPDIR at a larger disk."),
        code::PERM | code::READONLY | code::AUTH => Fault::new(Kind::Denied, "SQLite refused the statement."),
        code::CANTOPEN => Fault::new(Kind::Lost, "The database file could not be opened again."),
        code::SCHEMA => Fault::new(Kind::Missing, "The schema changed while the statement ran."),
        code::CONSTRAINT => Fault::new(Kind::Constraint, "A constraint refused the statement."),
        _ if is_missing(error) => Fault::new(Kind::Missing, "The schema changed since the catalog was read."),
        _ if message(error).contains("no query solution") => Fault::new(
            Kind::Other,
            "SQLite cannot use an index of the table here, perhaps for a collation that only its application has.",
        ),
        _ => Fault::new(Kind::Other, "SQLite could not run the statement."),
    };
    fault.because(message(error)).code(extended.to_string())
}

/// What a fault means in a session that writes. Whatever it is, the transaction leaves nothing.
pub(super) fn in_writing(fault: Fault, error: &Error) -> Fault {
    let Some((primary, extended)) = codes(error) else { return fault };
    let meant = match primary {
        code::FULL => Fault::new(Kind::Other, "The disk is full, so nothing of this transaction was kept.")
            .hint("Free space where the database file lies, then resume."),
        code::IOERR => {
            Fault::new(Kind::Other, "The disk did not take what was written, so nothing of it was kept.")
                .hint("Look into the system's log for errors of the disk or the network share, then resume.")
        }
        code::PERM | code::READONLY | code::CANTOPEN => {
            Fault::new(Kind::Denied, "The database file or its folder may not be written by this user.")
                .hint("SQLite writes the file, and a journal beside it: grant write access to both.")
        }
        code::CONSTRAINT => Fault::new(Kind::Constraint, refused_by(extended)),
        _ => return fault,
    };
    meant.because(message(error)).code(extended.to_string())
}

/// What refused, by the extended code of a constraint.
fn refused_by(extended: i32) -> &'static str {
    match extended {
        275 => "A CHECK constraint refused the statement.",
        787 => "A foreign key refused the statement.",
        1299 => "A column that takes no NULL refused the statement.",
        1555 | 2067 | 2579 => "A unique key refused the statement.",
        1811 => "A trigger refused the statement.",
        3091 => "The type of a STRICT table refused the statement.",
        _ => "A constraint refused the statement.",
    }
}

fn cancelled() -> Fault {
    Fault::new(Kind::Interrupted, "The statement was cancelled.")
}

fn without_code(error: &Error) -> Fault {
    match error {
        Error::WorkerCrashed | Error::Io(_) => {
            Fault::new(Kind::Lost, "The connection to the database file was lost.").because(error.to_string())
        }
        _ => Fault::new(Kind::Other, "SQLite could not run the statement.").because(error.to_string()),
    }
}

fn is_missing(error: &Error) -> bool {
    let said = message(error);
    said.starts_with("no such table") || said.starts_with("no such column")
}

/// What SQLite itself said.
pub(super) fn message(error: &Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
