//! A fault as it is told: sentences for people, one JSON object for pipelines. Called by the front ends.

use crate::model::fault::{Fault, Kind};
use crate::report::line;
use crate::report::paper::{Ink, Paper};
use serde::Serialize;
use std::io::{self, Write};

/// For people: what happened, what was said about it, what to do.
///
/// # Errors
/// What the writer says.
pub fn text(fault: &Fault, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let code = fault.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
    part("error", Ink::Alarm, &format!("{}{code}", fault.headline), paper, out)?;
    for cause in &fault.causes {
        part("cause", Ink::Faint, cause, paper, out)?;
    }
    fault.hint.as_deref().map_or(Ok(()), |hint| part("hint", Ink::Note, hint, paper, out))
}

/// A labelled paragraph, its further lines below the first.
fn part(label: &str, ink: Ink, text: &str, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let indent = "error: ".len();
    // A configuration's mistakes come as one line each.
    for (place, line) in text.lines().flat_map(|line| paper.wrap(indent, line)).enumerate() {
        if place == 0 {
            let gap = " ".repeat(indent - label.len() - 1);
            writeln!(out, "{}{gap}{line}", paper.ink(ink, &format!("{label}:")))?;
        } else {
            writeln!(out, "{}{line}", " ".repeat(indent))?;
        }
    }
    Ok(())
}

/// For pipelines: one object on one line, in the manner of problem details (RFC 9457), with what else was to be said.
///
/// # Errors
/// What the writer says.
pub fn json(fault: &Fault, exit: u8, notices: &[String], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Problem<'a> {
        r#type: &'static str,
        title: &'static str,
        detail: &'a str,
        hint: Option<&'a str>,
        causes: &'a [String],
        code: Option<&'a str>,
        exit: u8,
        notices: &'a [String],
    }
    let (r#type, title) = class(fault);
    let Fault { headline, causes, hint, code, .. } = fault;
    let problem = Problem {
        r#type,
        title,
        detail: headline,
        hint: hint.as_deref(),
        causes,
        code: code.as_deref(),
        exit,
        notices,
    };
    line(&problem, out)
}

/// What a pipeline should know, though nothing went wrong: one object on one line.
///
/// # Errors
/// What the writer says.
pub fn notice(sentence: &str, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Notice<'a> {
        r#type: &'static str,
        detail: &'a str,
    }
    line(&Notice { r#type: "notice", detail: sentence }, out)
}

/// A word and a title for a fault's class. SQLSTATE tells apart what shares a class.
fn class(fault: &Fault) -> (&'static str, &'static str) {
    match (fault.kind, fault.code.as_deref()) {
        (Kind::Constraint, Some("23503")) => ("broken-reference", "A reference has no parent"),
        (Kind::Constraint, Some("23514")) => {
            ("check-violation", "A check failed, or no partition takes the row")
        }
        (Kind::Constraint, _) => ("constraint", "A constraint refused"),
        (Kind::Usage, _) => ("usage", "The command or the configuration makes no sense"),
        (Kind::Unreachable, _) => ("unreachable", "No connection could be made"),
        (Kind::Lost, _) => ("lost", "The connection was lost"),
        (Kind::Busy, _) => ("busy", "A lock was not granted in time"),
        (Kind::TimedOut, _) => ("timed-out", "A statement ran longer than allowed"),
        (Kind::Interrupted, _) => ("interrupted", "Somebody interrupted"),
        (Kind::Denied, _) => ("denied", "A right is missing"),
        (Kind::RowSecurity, _) => ("row-security", "Row security would have hidden rows"),
        (Kind::Missing, _) => ("missing", "An object is missing"),
        (Kind::Unsupported, _) => ("unsupported", "The server cannot do this"),
        (Kind::Conflict, _) => ("conflict", "The transaction met another"),
        (Kind::Unexpected, _) => ("unexpected", "A statement touched other rows than it must"),
        (Kind::UnknownOutcome, _) => ("unknown-outcome", "The outcome is not known"),
        (Kind::Other, _) => ("other", "Something else went wrong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::printed;

    fn fault() -> Fault {
        Fault::new(Kind::Denied, "The role waif_audit may not read the table pay\u{1b}roll.")
            .because("permission denied for table pay\u{1b}roll")
            .hint("Grant SELECT on it to waif_audit.")
            .code("42501")
    }

    #[test]
    fn people_read_what_happened_why_and_what_to_do() {
        let paper = Paper { width: 60, color: false };
        assert_eq!(
            printed(|out| text(&fault(), &paper, out)),
            "error: The role waif_audit may not read the table\n       \
             pay\\x1Broll. (42501)\n\
             cause: permission denied for table pay\\x1Broll\n\
             hint:  Grant SELECT on it to waif_audit.\n"
        );
    }

    #[test]
    fn pipelines_read_one_object_on_one_line() {
        let line = printed(|out| json(&fault(), 3, &[], out));
        assert_eq!(line.matches('\n').count(), 1);
        let problem: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(problem["type"], "denied");
        assert_eq!(problem["code"], "42501");
        assert_eq!(problem["exit"], 3);
        assert_eq!(problem["causes"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_broken_reference_is_told_from_a_missing_partition() {
        let of = |code: &str| class(&Fault::new(Kind::Constraint, "x").code(code)).0;
        assert_ne!(of("23503"), of("23514"));
    }
}
