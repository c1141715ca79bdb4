//! A check as CSV: one table for relations, findings and gaps, told apart by the first column, so that one file holds
//! everything and a spreadsheet can filter it.

use crate::model::catalog::{Catalog, Gap};
use crate::model::cover;
use crate::model::finding::Finding;
use crate::model::ident::Ident;
use crate::model::relation::{Matching, Origin, Referential, Relation};
use crate::model::tally::Tally;
use crate::report::check::Account;
use crate::report::figure::milliseconds;
use crate::report::relation::{enforced, key, reason};
use crate::report::spreadsheet::cell;
use std::io::{self, Write};

const COLUMNS: [&str; 36] = [
    "record",
    "object",
    "verdict",
    "severity",
    "rule",
    "rows",
    "orphans",
    "missing_parents",
    "null_keys",
    "partly_null",
    "exact",
    "reason",
    "message",
    "detail",
    "relation",
    "action",
    "baseline",
    "origin",
    "constraint",
    "child_schema",
    "child_table",
    "child_columns",
    "parent_schema",
    "parent_table",
    "parent_columns",
    "on_delete",
    "on_update",
    "match",
    "deferrable",
    "initially_deferred",
    "validated",
    "enforced",
    "temporal",
    "child_index",
    "partitions",
    "seconds",
];

/// The table, its heads first. Records are `relation`, `finding`, `suppressed` and `gap`; what a record does not have
/// stays empty.
///
/// # Errors
/// What the writer says.
pub fn csv(account: &Account<'_>, out: &mut dyn Write) -> io::Result<()> {
    let check = account.check;
    let mut csv = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    csv.write_record(COLUMNS)?;
    for (relation, tally) in check.catalog.relations.iter().zip(&check.tallies) {
        write(&mut csv, &relation_cells(&check.catalog, relation, tally))?;
    }
    for finding in &check.findings {
        write(&mut csv, &finding_cells("finding", finding, account))?;
    }
    for one in &check.suppressed {
        let mut cells = finding_cells("suppressed", &one.finding, account);
        cells.push(("reason", one.reason.clone()));
        write(&mut csv, &cells)?;
    }
    for Gap { object, reason } in &check.gaps {
        write(&mut csv, &[("record", "gap".into()), ("object", object.clone()), ("reason", reason.clone())])?;
    }
    csv.flush()
}

type Cell = (&'static str, String);

fn write(csv: &mut ::csv::Writer<&mut dyn Write>, cells: &[Cell]) -> io::Result<()> {
    for column in COLUMNS {
        let text = cells.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text.as_str());
        csv.write_field(cell(text).as_bytes())?;
    }
    csv.write_record(None::<&[u8]>)?;
    Ok(())
}

fn relation_cells(catalog: &Catalog, relation: &Relation, tally: &Tally) -> Vec<Cell> {
    let counts = tally.counts();
    vec![
        ("record", "relation".into()),
        ("object", relation.id.clone()),
        ("verdict", key(tally.verdict()).into()),
        ("rows", maybe(counts.rows)),
        ("orphans", maybe(counts.orphans)),
        ("missing_parents", maybe(counts.missing_parents)),
        ("null_keys", maybe(counts.null_keys)),
        ("partly_null", maybe(counts.partly_null)),
        ("exact", tally.exact().to_string()),
        ("reason", reason(tally.verdict()).unwrap_or_default()),
        ("relation", relation.id.clone()),
        ("origin", origin(relation.origin).into()),
        ("constraint", relation.constraint.as_ref().map_or_else(String::new, |name| name.raw().to_owned())),
        ("child_schema", relation.child.name.schema.raw().to_owned()),
        ("child_table", relation.child.name.name.raw().to_owned()),
        ("child_columns", names(&relation.child.columns)),
        ("parent_schema", relation.parent.name.schema.raw().to_owned()),
        ("parent_table", relation.parent.name.name.raw().to_owned()),
        ("parent_columns", names(&relation.parent.columns)),
        ("on_delete", action(relation.on_delete).into()),
        ("on_update", action(relation.on_update).into()),
        ("match", matching(relation.matching).into()),
        ("deferrable", relation.deferrable.to_string()),
        ("initially_deferred", relation.initially_deferred.to_string()),
        ("validated", relation.validated.to_string()),
        ("enforced", maybe(enforced(relation))),
        ("temporal", relation.temporal.to_string()),
        ("partitions", relation.partitions.to_string()),
        ("child_index", maybe(cover::child_index(catalog, relation))),
        ("seconds", milliseconds(tally.seconds).to_string()),
    ]
}

fn finding_cells(record: &'static str, finding: &Finding, account: &Account<'_>) -> Vec<Cell> {
    vec![
        ("record", record.into()),
        ("object", finding.object.clone()),
        ("severity", finding.severity.word().into()),
        ("rule", finding.rule.into()),
        ("rows", maybe(finding.rows)),
        ("message", finding.message.clone()),
        ("detail", finding.detail.clone().unwrap_or_default()),
        ("relation", finding.relation.clone().unwrap_or_default()),
        ("action", finding.action.clone().unwrap_or_default()),
        ("baseline", account.standing(finding).map_or("", |standing| standing.word()).into()),
    ]
}

fn maybe(known: Option<impl ToString>) -> String {
    known.map_or_else(String::new, |known| known.to_string())
}

/// Column names as they stand in a relation's id.
fn names(columns: &[Ident]) -> String {
    columns.iter().map(crate::model::ident::written).collect::<Vec<_>>().join(",")
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Declared => "declared",
        Origin::Expected => "expected",
        Origin::Implied => "implied",
    }
}

fn action(action: Referential) -> &'static str {
    match action {
        Referential::NoAction => "no_action",
        Referential::Restrict => "restrict",
        Referential::Cascade => "cascade",
        Referential::SetNull => "set_null",
        Referential::SetDefault => "set_default",
    }
}

fn matching(matching: Matching) -> &'static str {
    match matching {
        Matching::Simple => "simple",
        Matching::Full => "full",
        Matching::Partial => "partial",
    }
}
