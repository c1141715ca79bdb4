//! A check as Markdown, to paste into a ticket or file with a change record.

use crate::model::check::Check;
use crate::model::figure::grouped;
use crate::model::finding::{Finding, Severity};
use crate::model::tally::Tally;
use crate::model::text::visible;
use crate::report::check::text::{closing, counted_when, identity, orphans, place};
use crate::report::check::{Account, Summary, left_open};
use crate::report::relation::{remarks, word};
use std::io::{self, Write};

/// The report.
///
/// # Errors
/// What the writer says.
pub fn markdown(account: &Account<'_>, out: &mut dyn Write) -> io::Result<()> {
    let check = account.check;
    writeln!(out, "# Referential integrity of {}\n", code(check.catalog.server.database.raw()))?;
    writeln!(out, "{}\n", prose(&closing(check, &Summary::of(check))))?;
    writeln!(out, "- {}", prose(&identity(check)))?;
    writeln!(out, "- {}", prose(&place(check)))?;
    writeln!(out, "- {}", prose(&counted_when(check)))?;
    findings(account, out)?;
    relations(check, out)?;
    unseen(check, out)?;
    suppressed(check, out)
}

fn findings(account: &Account<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Findings\n")?;
    if account.listed().next().is_none() {
        return writeln!(out, "None.");
    }
    let compared = account.baseline.is_some();
    writeln!(out, "| Severity | Rule | Where | Rows | What |{}", if compared { " Since |" } else { "" })?;
    writeln!(out, "|---|---|---|---:|---|{}", if compared { "---|" } else { "" })?;
    for finding in account.listed() {
        let Finding { severity, rule, object, message, rows, .. } = finding;
        let strong = if *severity == Severity::Critical { "**" } else { "" };
        let rows = rows.map_or_else(String::new, grouped);
        write!(out, "| {strong}{}{strong} | {} | {} | ", severity.word(), code(rule), code(object))?;
        write!(out, "{rows} | {} |", prose(&whole(message, finding.detail.as_deref())))?;
        match account.standing(finding) {
            Some(standing) => writeln!(out, " {} |", standing.word())?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn whole(message: &str, detail: Option<&str>) -> String {
    detail.map_or_else(|| message.to_owned(), |detail| format!("{message} {detail}"))
}

fn relations(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Relations\n")?;
    if check.catalog.relations.is_empty() {
        return writeln!(out, "None.");
    }
    writeln!(out, "| Verdict | Orphans | Rows | Relation | Remarks |\n|---|---:|---:|---|---|")?;
    for (relation, tally) in check.catalog.relations.iter().zip(&check.tallies) {
        let rows = tally.counts().rows.map_or_else(|| "–".to_owned(), grouped);
        let strong = if Tally::settled(tally) && word(tally.verdict()) == "clean" { "" } else { "**" };
        let remarks = remarks(&check.catalog, relation).join(", ");
        write!(out, "| {strong}{}{strong} | {} | {rows} | ", word(tally.verdict()), orphans(tally))?;
        writeln!(out, "{} | {} |", code(&relation.id), prose(&remarks))?;
    }
    Ok(())
}

fn unseen(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let open = left_open(check);
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Not checked\n")?;
    open.iter().try_for_each(|gap| writeln!(out, "- {}: {}", code(&gap.object), prose(&gap.reason)))
}

fn suppressed(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    if check.suppressed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Accepted\n")?;
    check.suppressed.iter().try_for_each(|one| {
        let (rule, object) = (code(one.finding.rule), code(&one.finding.object));
        writeln!(out, "- {rule} {object}: {}", prose(&one.reason))
    })
}

/// Text that Markdown leaves as it is: its own marks escaped, HTML disarmed, one line.
pub(crate) fn prose(text: &str) -> String {
    let shown = visible(text);
    let mut escaped = String::with_capacity(shown.len());
    let mut before = ' ';
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', c]),
            // Within a word, as in `order_items`, an underscore marks nothing.
            '_' if !inside_word => escaped.push_str("\\_"),
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// A name as code: fenced by more backticks than it holds, pipes escaped for the table around it.
pub(crate) fn code(text: &str) -> String {
    let shown = visible(text).replace('|', "\\|");
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let padded = shown.starts_with('`') || shown.ends_with('`') || shown.is_empty();
    let pad = if padded { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

#[cfg(test)]
mod escaping {
    use super::{code, prose};

    #[test]
    fn marks_of_markdown_and_html_are_disarmed() {
        assert_eq!(
            prose("a|b <script> *x* [y](z) `q` #1"),
            "a\\|b &lt;script&gt; \\*x\\* \\[y\\](z) \\`q\\` \\#1"
        );
        assert_eq!(prose("order_items _loud_"), "order_items \\_loud\\_");
        assert_eq!(prose("two\nlines"), "two\\\\nlines");
    }

    #[test]
    fn code_is_fenced_by_more_backticks_than_it_holds() {
        assert_eq!(code("orders(id)"), "`orders(id)`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a|b"), "`a\\|b`");
    }
}
