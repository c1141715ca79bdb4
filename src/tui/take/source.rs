//! The rows of a list as they are written to files: what the screens show and what they only hint at. Built by the writer,
//! from facts that `update` handed over; nothing is printed while keys wait.

use crate::model::catalog::Catalog;
use crate::model::cover;
use crate::model::finding::Finding;
use crate::model::relation::Relation;
use crate::model::sent::Sent;
use crate::model::tally::Tally;
use crate::model::value::{Row, Value};
use crate::report::sheet::{End, Format, Sheet, Title};
use crate::tui::words;
use std::io::{self, Write};
use std::sync::Arc;

/// A list that is there as a whole.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is.
    pub title: Title,
    /// Its rows.
    pub rows: Rows,
    /// Rows a filter left out.
    pub left_out: u64,
}

/// The rows of a list, in view order.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Findings.
    Findings(Arc<Vec<Finding>>, Vec<usize>),
    /// Relations.
    Relations(Arc<Catalog>, Vec<Tally>, Vec<usize>),
    /// Statements, each with the seconds since the start at which it ended.
    Log(Vec<(f64, Sent)>),
    /// Rows that are made already, with their columns.
    Ready(Vec<String>, Vec<Row>),
}

/// Two lists are the same when they say the same of themselves: a test's comparison, nothing more.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.title == other.title && self.rows.len() == other.rows.len() && self.left_out == other.left_out
    }
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Findings(_, rows) | Self::Relations(_, _, rows) => rows.len(),
            Self::Log(entries) => entries.len(),
            Self::Ready(_, rows) => rows.len(),
        }
    }

    /// Their columns.
    pub fn columns(&self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Findings(..) => {
                &["severity", "rule", "object", "rows", "message", "detail", "relation", "action"]
            }
            Self::Relations(..) => &[
                "relation",
                "constraint",
                "verdict",
                "reason",
                "rows",
                "orphans",
                "missing_parents",
                "null_keys",
                "exact",
                "state",
                "on_delete",
                "on_update",
                "child_index",
            ],
            Self::Ready(columns, _) => return columns.clone(),
            Self::Log(_) => &["second", "purpose", "milliseconds", "rows", "fault", "statement"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A row, if it is still there.
    pub fn row(&self, at: usize) -> Option<Row> {
        match self {
            Self::Findings(all, rows) => Some(finding(all.get(*rows.get(at)?)?)),
            Self::Relations(catalog, tallies, rows) => {
                let place = *rows.get(at)?;
                Some(relation(catalog, catalog.relations.get(place)?, tallies.get(place)?))
            }
            Self::Ready(_, rows) => rows.get(at).cloned(),
            Self::Log(entries) => entries.get(at).map(|(second, entry)| sent(*second, entry)),
        }
    }
}

impl Source {
    /// Writes the list; returns its rows.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<u64> {
        let mut sheet = Sheet::begin(format, self.title.clone(), &self.rows.columns(), out)?;
        for row in (0..self.rows.len()).filter_map(|at| self.rows.row(at)) {
            sheet.row(&row, out)?;
        }
        sheet.end(End { left_out: self.left_out, more: false }, out)
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn maybe_text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn maybe(number: Option<u64>) -> Value {
    number.and_then(|number| i64::try_from(number).ok()).map_or(Value::Null, Value::Int)
}

fn finding(finding: &Finding) -> Row {
    vec![
        text(finding.severity.word()),
        text(finding.rule),
        text(&finding.object),
        maybe(finding.rows),
        text(&finding.message),
        maybe_text(finding.detail.as_deref()),
        maybe_text(finding.relation.as_deref()),
        maybe_text(finding.action.as_deref()),
    ]
}

fn relation(catalog: &Catalog, relation: &Relation, tally: &Tally) -> Row {
    let counts = tally.counts();
    let index = cover::child_index(catalog, relation).map(|has| text(if has { "yes" } else { "no" }));
    vec![
        text(&relation.id),
        maybe_text(relation.constraint.as_ref().map(|name| name.raw())),
        text(words::verdict_word(tally.verdict())),
        maybe_text(words::reason(tally).as_deref()),
        maybe(counts.rows),
        maybe(counts.orphans),
        maybe(counts.missing_parents),
        maybe(counts.null_keys),
        text(if tally.exact() { "yes" } else { "no" }),
        text(words::state(relation).0),
        text(relation.on_delete.words()),
        text(relation.on_update.words()),
        index.unwrap_or(Value::Null),
    ]
}

fn sent(second: f64, sent: &Sent) -> Row {
    vec![
        Value::Real(second),
        text(sent.purpose.word()),
        Value::Int(i64::try_from(sent.took.as_millis()).unwrap_or(i64::MAX)),
        maybe(sent.outcome.as_ref().ok().map(|rows| *rows as u64)),
        maybe_text(sent.outcome.as_ref().err().map(String::as_str)),
        text(&sent.text),
    ]
}
