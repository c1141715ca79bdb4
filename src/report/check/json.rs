//! A check as JSON: one document, or one object a line. Names and values stand as they are stored.

use crate::report::check::Account;
use crate::report::check::document::Document;
use crate::report::{line, pretty};
use serde::Serialize;
use std::io::{self, Write};

/// One document, described by `assets/schema/check.schema.json`.
///
/// # Errors
/// What the writer says.
pub fn json(account: &Account<'_>, out: &mut dyn Write) -> io::Result<()> {
    pretty(&Document::new(account), out)
}

/// One object a line, each with a `record`: `check` with what stands above the results, then `relation`, `finding`,
/// `suppressed` and `gap`, and last `summary`. A stream without its summary was cut off.
///
/// # Errors
/// What the writer says.
pub fn ndjson(account: &Account<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document::new(account);
    record("check", &document.head, out)?;
    document.relations.iter().try_for_each(|one| record("relation", one, out))?;
    document.findings.iter().try_for_each(|one| record("finding", one, out))?;
    document.suppressed.iter().try_for_each(|one| record("suppressed", one, out))?;
    document.gaps.iter().try_for_each(|one| record("gap", one, out))?;
    record("summary", &document.summary, out)
}

fn record(kind: &'static str, body: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Record<'a, T> {
        record: &'static str,
        #[serde(flatten)]
        body: &'a T,
    }
    line(&Record { record: kind, body }, out)
}
