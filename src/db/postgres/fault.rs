//! What a statement's error means: SQLSTATE in, [`Kind`] and a sentence out. The server's own words follow as causes.
//! Errors while connecting are `refusal`'s.

use crate::model::fault::{Fault, Kind};
use sqlx::postgres::PgDatabaseError;
use std::time::Duration;

/// What we know about a statement besides its error.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Circumstance {
    /// Whether somebody here asked to stop it.
    pub(super) asked: bool,
    /// The time the server was told to allow it.
    pub(super) limit: Option<Duration>,
    /// The time it took.
    pub(super) took: Duration,
}

/// The fault an error of the driver amounts to.
pub(super) fn of(error: &sqlx::Error, circumstance: Circumstance) -> Fault {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => quoting(said(error.code(), Words::of(error), circumstance), error),
            None => Fault::new(Kind::Other, "The server refused a statement.").because(error.message()),
        },
        sqlx::Error::Io(error) => lost().because(error.to_string()),
        sqlx::Error::Tls(error) => lost().because(error.to_string()),
        sqlx::Error::Protocol(words) => lost().because(own_words(words)),
        error => {
            Fault::new(Kind::Other, "An answer of the server could not be read.").because(error.to_string())
        }
    }
}

/// Without the place in the driver's source that it appends.
pub(super) fn own_words(words: &str) -> &str {
    words.rfind(" (sqlx_").map_or(words, |at| &words[..at])
}

/// The connection is gone.
pub(super) fn lost() -> Fault {
    Fault::new(Kind::Lost, "The connection to the server was lost.")
        .hint("Look whether the server runs and the network holds, then try again.")
}

/// Adds what the server said, in its own words.
pub(super) fn quoting(fault: Fault, error: &PgDatabaseError) -> Fault {
    let mut fault = fault.because(error.message());
    if let Some(detail) = error.detail() {
        fault = fault.because(detail);
    }
    if let Some(context) = error.r#where() {
        fault = fault.because(context);
    }
    if fault.hint.is_none() {
        fault.hint = error.hint().map(|hint| crate::model::text::visible(hint).into_owned());
    }
    fault.code(error.code())
}

/// The parts of an error that tell apart what shares a code.
struct Words<'a> {
    message: &'a str,
    file: &'a str,
    constraint: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(error: &'a PgDatabaseError) -> Self {
        Self {
            message: error.message(),
            file: error.file().unwrap_or_default(),
            constraint: error.constraint(),
        }
    }
}

fn said(code: &str, words: Words<'_>, circumstance: Circumstance) -> Fault {
    match code {
        "57014" => stopped(words.message, circumstance),
        "42501" if words.file == "rls.c" || words.message.contains("row-level security") => {
            Fault::new(Kind::RowSecurity, "Row security would hide rows from this role.")
                .hint("Connect as a role that bypasses row security, or that owns the table without FORCE.")
        }
        "42501" => Fault::new(Kind::Denied, "This role lacks a right.")
            .hint("Grant SELECT on the table, or on the columns of its keys, and USAGE on its schema."),
        "25006" => Fault::new(Kind::Denied, "The server refuses to write in a session that only reads."),
        "55P03" | "55006" => Fault::new(Kind::Busy, "Others held a lock for longer than allowed.")
            .hint("Try again later, or allow more time with --lock-timeout."),
        "40001" => Fault::new(Kind::Conflict, "The statement met a conflict with others."),
        "40P01" => Fault::new(Kind::Conflict, "The statement met a deadlock."),
        "57P01" => Fault::new(Kind::Lost, "The server ended the session on somebody's order."),
        "57P02" | "57P03" => Fault::new(Kind::Lost, "The server is shutting down or starting."),
        "57P05" | "25P03" | "25P04" => {
            Fault::new(Kind::Lost, "The server ended the session because it took too long.")
        }
        "0A000" => Fault::new(Kind::Unsupported, "The server cannot do this."),
        "42P01" | "42703" | "42704" | "42883" | "3F000" | "3D000" => {
            Fault::new(Kind::Missing, "An object is not there, or not any more.")
                .hint("If the schema changed meanwhile, read the catalog again.")
        }
        "XX001" | "XX002" => Fault::new(Kind::Other, "The server found damaged data.")
            .hint("Look into the server's log before anything else is done to this database."),
        "53100" => Fault::new(Kind::Other, "The server's disk is full."),
        "53200" => Fault::new(Kind::Other, "The server is out of memory."),
        "22021" | "22P05" => Fault::new(
            Kind::Other,
            "A value cannot be told in UTF-8, so the rows it stands in cannot be read.",
        ),
        code => by_class(code, words),
    }
}

fn by_class(code: &str, words: Words<'_>) -> Fault {
    match code.get(..2).unwrap_or_default() {
        "08" => lost(),
        "40" => Fault::new(Kind::Conflict, "The statement met a conflict with others."),
        "28" => Fault::new(Kind::Denied, "The server refuses this role."),
        "23" => Fault::new(Kind::Constraint, refused_by(code, words.constraint, words.file)),
        "58" => Fault::new(Kind::Other, "The server could not read its own files."),
        _ => Fault::new(Kind::Other, "The server refused a statement."),
    }
}

/// A missing partition comes under the code of a check, but without a constraint's name.
fn refused_by(code: &str, constraint: Option<&str>, file: &str) -> &'static str {
    match (code, constraint) {
        // Whoever raises an error may give it any code.
        _ if file == "pl_exec.c" => "A trigger or a function refused.",
        ("23503", _) => "A foreign key refused.",
        ("23505", _) => "A unique key refused.",
        ("23502", _) => "A column that must not be NULL refused.",
        ("23514", Some(_)) => "A check refused.",
        ("23514", None) => "No partition takes this row.",
        _ => "A constraint refused.",
    }
}

/// 57014 covers our own wish, a time limit, and a stranger's cancel. The server's words may be in any language, so what
/// we know ourselves comes first.
fn stopped(message: &str, circumstance: Circumstance) -> Fault {
    let Circumstance { asked, limit, took } = circumstance;
    if asked {
        return Fault::new(Kind::Interrupted, "The statement was interrupted, as asked.");
    }
    match limit {
        Some(limit) if took >= limit || message.contains("statement timeout") => {
            Fault::new(Kind::TimedOut, format!("The statement did not end within {}.", spoken(limit)))
                .hint("Allow more time with --statement-timeout or --time-limit.")
        }
        None if message.contains("statement timeout") => {
            Fault::new(Kind::TimedOut, "The statement ran longer than the server allows.")
        }
        _ => Fault::new(Kind::Interrupted, "Somebody cancelled the statement on the server."),
    }
}

/// A time as people say it.
pub(super) fn spoken(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str) -> Kind {
        said(code, Words { message: "", file: "", constraint: None }, Circumstance::default()).kind
    }

    #[test]
    fn codes_have_their_kinds() {
        for (code, expected) in [
            ("42501", Kind::Denied),
            ("25006", Kind::Denied),
            ("55P03", Kind::Busy),
            ("40001", Kind::Conflict),
            ("40P01", Kind::Conflict),
            ("57P01", Kind::Lost),
            ("57P02", Kind::Lost),
            ("57P03", Kind::Lost),
            ("25P03", Kind::Lost),
            ("08006", Kind::Lost),
            ("0A000", Kind::Unsupported),
            ("42P01", Kind::Missing),
            ("42703", Kind::Missing),
            ("42883", Kind::Missing),
            ("3D000", Kind::Missing),
            ("23503", Kind::Constraint),
            ("23514", Kind::Constraint),
            ("XX002", Kind::Other),
            ("22P05", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }

    #[test]
    fn a_broken_reference_a_check_and_a_missing_partition_are_three_things() {
        let headline = |code, constraint| {
            said(code, Words { message: "", file: "", constraint }, Circumstance::default()).headline
        };
        assert_eq!(headline("23503", Some("orders_customer_fkey")), "A foreign key refused.");
        assert_eq!(headline("23514", Some("positive")), "A check refused.");
        assert_eq!(headline("23514", None), "No partition takes this row.");
        let raised = Words { message: "", file: "pl_exec.c", constraint: None };
        assert_eq!(
            said("23514", raised, Circumstance::default()).headline,
            "A trigger or a function refused."
        );
    }

    #[test]
    fn row_security_is_told_from_a_missing_right_in_any_language() {
        let kind = |message, file| {
            said("42501", Words { message, file, constraint: None }, Circumstance::default()).kind
        };
        assert_eq!(kind("permission denied for table t", "aclchk.c"), Kind::Denied);
        assert_eq!(
            kind("query would be affected by row-level security policy for table \"t\"", ""),
            Kind::RowSecurity
        );
        assert_eq!(
            kind("Anfrage würde durch Policy für Sicherheit auf Zeilenebene beeinflusst", "rls.c"),
            Kind::RowSecurity
        );
    }

    #[test]
    fn what_stopped_a_statement_is_told_by_what_we_know() {
        let limit = Some(Duration::from_secs(2));
        let long = Duration::from_millis(2001);
        let short = Duration::from_millis(300);
        let kind = |message: &str, asked, limit, took| {
            said("57014", Words { message, file: "", constraint: None }, Circumstance { asked, limit, took })
                .kind
        };
        assert_eq!(kind("", true, limit, long), Kind::Interrupted);
        assert_eq!(
            kind("storniere Anfrage wegen Zeitüberschreitung der Anfrage", false, limit, long),
            Kind::TimedOut
        );
        assert_eq!(
            kind("storniere Anfrage wegen Benutzeraufforderung", false, limit, short),
            Kind::Interrupted
        );
        assert_eq!(kind("canceling statement due to statement timeout", false, None, short), Kind::TimedOut);
        assert_eq!(kind("canceling statement due to user request", false, None, long), Kind::Interrupted);
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = |ms| spoken(Duration::from_millis(ms));
        assert_eq!((said(50), said(1000), said(1500)), ("50 ms".into(), "1 s".into(), "1.5 s".into()));
    }
}
