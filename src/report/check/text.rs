//! A check as text for a terminal or a log: who was asked, what is wrong, every relation with its verdict, what was not
//! checked and why, and one line that sums it up.

use crate::model::catalog::Gap;
use crate::model::check::Check;
use crate::model::figure::{counted, grouped};
use crate::model::finding::{Finding, Severity};
use crate::model::relation::Relation;
use crate::model::scope::Snapshot;
use crate::model::tally::Tally;
use crate::model::text::visible;
use crate::report::check::{Account, Standing, Summary, left_open};
use crate::report::paper::{Ink, Paper};
use crate::report::relation::{remarks, word};
use crate::report::server;
use crate::report::table::width;
use std::io::{self, Write};

/// The report.
///
/// # Errors
/// What the writer says.
pub fn text(account: &Account<'_>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let check = account.check;
    let summary = Summary::of(check);
    writeln!(out, "{}", paper.ink(Ink::Strong, &identity(check)))?;
    writeln!(out, "{}", place(check))?;
    writeln!(out, "{}", paper.ink(Ink::Faint, &counted_when(check)))?;
    findings(account, paper, out)?;
    relations(check, paper, out)?;
    unseen(check, paper, out)?;
    suppressed(check, paper, out)?;
    let ink = if !check.complete() {
        Ink::Warn
    } else if summary.verdicts.clean == summary.relations && check.findings.is_empty() {
        Ink::Good
    } else {
        Ink::Strong
    };
    writeln!(out)?;
    paper
        .wrap(0, &closing(check, &summary))
        .iter()
        .try_for_each(|line| writeln!(out, "{}", paper.ink(ink, line)))
}

/// Which database, in one line.
pub(crate) fn identity(check: &Check) -> String {
    let server = &check.catalog.server;
    format!("{}  {}", server.database.visible(), server::product(server))
}

/// How it was reached, in one line: role, place, label, link, and whether the server refuses writes.
pub(crate) fn place(check: &Check) -> String {
    server::place(&check.catalog.server, check.environment).join(" · ")
}

/// Which moment the counts saw.
pub(crate) fn counted_when(check: &Check) -> String {
    let moment = match check.snapshot {
        Snapshot::One => "counted at one moment",
        Snapshot::PerRelation => "each relation counted at a moment of its own",
    };
    let (day, began) = split(&check.started_at);
    let (last_day, ended) = split(&check.finished_at);
    if day == last_day {
        format!("{moment}, {day} {began} to {ended} UTC")
    } else {
        format!("{moment}, {day} {began} to {last_day} {ended} UTC")
    }
}

/// Day and time of an RFC 3339 stamp in UTC, to the second.
fn split(stamp: &str) -> (&str, &str) {
    let (day, time) = stamp.split_once('T').unwrap_or((stamp, ""));
    (day, time.split(['.', 'Z', '+']).next().unwrap_or(time))
}

fn heading(title: &str, many: u64, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}  {}", paper.ink(Ink::Strong, title), grouped(many))
}

fn findings(account: &Account<'_>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    for severity in Severity::ALL {
        let findings: Vec<&Finding> =
            account.listed().filter(|finding| finding.severity == severity).collect();
        if findings.is_empty() {
            continue;
        }
        let title = severity.word().to_uppercase();
        writeln!(out, "\n{}  {}", paper.ink(severity.into(), &title), grouped(findings.len() as u64))?;
        findings.iter().try_for_each(|one| one_finding(one, account.standing(one), paper, out))?;
    }
    Ok(())
}

fn one_finding(
    finding: &Finding,
    standing: Option<Standing>,
    paper: &Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut title = format!("{}  {}", finding.rule, visible(&finding.object));
    if let Some(rows) = finding.rows {
        title.push_str(&format!("  {}", counted(rows, "row", "rows")));
    }
    write!(out, "  {}", paper.ink(finding.severity.into(), &title))?;
    match standing {
        Some(Standing::Known) => writeln!(out, "  {}", paper.ink(Ink::Faint, "known"))?,
        Some(standing) => writeln!(out, "  {}", paper.ink(Ink::Strong, standing.word()))?,
        None => writeln!(out)?,
    }
    for line in paper.wrap(4, &visible(&finding.message)) {
        writeln!(out, "    {line}")?;
    }
    let detail = finding.detail.as_deref().unwrap_or_default();
    paper
        .wrap(4, &visible(detail))
        .iter()
        .try_for_each(|line| writeln!(out, "    {}", paper.ink(Ink::Faint, line)))
}

/// Orphans as shown in a table: a lower bound is marked, an unknown is a dash.
pub(crate) fn orphans(tally: &Tally) -> String {
    match tally.counts().orphans {
        Some(0) if !tally.exact() => "–".to_owned(),
        Some(orphans) if tally.exact() => grouped(orphans),
        Some(orphans) => format!("≥{}", grouped(orphans)),
        None => "–".to_owned(),
    }
}

fn relations(check: &Check, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let relations = &check.catalog.relations;
    heading("RELATIONS", relations.len() as u64, paper, out)?;
    let figures: Vec<(String, String)> = check
        .tallies
        .iter()
        .map(|tally| (orphans(tally), tally.counts().rows.map_or_else(|| "–".to_owned(), grouped)))
        .collect();
    let widest = |cells: &mut dyn Iterator<Item = &String>, head: &str| {
        cells.map(|cell| width(cell)).chain([head.len()]).max().unwrap_or(0)
    };
    let columns = Columns {
        orphans: widest(&mut figures.iter().map(|(orphans, _)| orphans), "ORPHANS"),
        rows: widest(&mut figures.iter().map(|(_, rows)| rows), "ROWS"),
    };
    if !relations.is_empty() {
        let heads =
            columns.line(("VERDICT", Ink::Faint), "ORPHANS", "ROWS", &Paper { color: false, ..*paper });
        writeln!(out, "{}", paper.ink(Ink::Faint, &format!("{heads}RELATION")))?;
    }
    for ((relation, tally), (orphans, rows)) in relations.iter().zip(&check.tallies).zip(&figures) {
        let verdict = (word(tally.verdict()), Ink::from(tally.verdict()));
        let start = columns.line(verdict, orphans, rows, paper);
        named(check, relation, &start, columns.indent(), paper, out)?;
    }
    Ok(())
}

/// Widths of the figures' columns.
struct Columns {
    orphans: usize,
    rows: usize,
}

impl Columns {
    const VERDICT: usize = "not checked".len();

    /// Where the names begin.
    fn indent(&self) -> usize {
        2 + Self::VERDICT + 2 + self.orphans + 2 + self.rows + 2
    }

    /// A line up to the name.
    fn line(&self, (verdict, ink): (&str, Ink), orphans: &str, rows: &str, paper: &Paper) -> String {
        let gap = |room: usize, text: &str| " ".repeat(room.saturating_sub(width(text)));
        format!(
            "  {}{}  {}{orphans}  {}{rows}  ",
            paper.ink(ink, verdict),
            gap(Self::VERDICT, verdict),
            gap(self.orphans, orphans),
            gap(self.rows, rows),
        )
    }
}

/// The name of a relation and what is remarkable of it, on the next line where it does not fit.
fn named(
    check: &Check,
    relation: &Relation,
    start: &str,
    indent: usize,
    paper: &Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let id = visible(&relation.id);
    let remarks = remarks(&check.catalog, relation).join(" · ");
    if remarks.is_empty() {
        return writeln!(out, "{start}{id}");
    }
    let fits = indent + width(&id) + 2 + width(&remarks) <= paper.width;
    let between = if fits { "  ".to_owned() } else { format!("\n{}", " ".repeat(indent)) };
    writeln!(out, "{start}{id}{between}{}", paper.ink(Ink::Faint, &remarks))
}

fn unseen(check: &Check, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let open = left_open(check);
    if open.is_empty() {
        return Ok(());
    }
    heading("NOT CHECKED", open.len() as u64, paper, out)?;
    for Gap { object, reason } in open {
        writeln!(out, "  {}", paper.ink(Ink::Warn, &visible(&object)))?;
        paper.wrap(4, &visible(&reason)).iter().try_for_each(|line| writeln!(out, "    {line}"))?;
    }
    Ok(())
}

fn suppressed(check: &Check, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if check.suppressed.is_empty() {
        return Ok(());
    }
    heading("ACCEPTED", check.suppressed.len() as u64, paper, out)?;
    for one in &check.suppressed {
        let title = format!("{}  {}", one.finding.rule, visible(&one.finding.object));
        writeln!(out, "  {}", paper.ink(Ink::Faint, &title))?;
        paper.wrap(4, &visible(&one.reason)).iter().try_for_each(|line| writeln!(out, "    {line}"))?;
    }
    Ok(())
}

/// The last line: what holds, what does not, what is not known.
pub(crate) fn closing(check: &Check, summary: &Summary) -> String {
    let mut said = if check.complete() { String::new() } else { "INCOMPLETE. ".to_owned() };
    let verdicts = &summary.verdicts;
    let parts: Vec<String> = [
        (verdicts.clean, "clean"),
        (verdicts.with_orphans, "with orphans"),
        (verdicts.broken, "broken"),
        (verdicts.not_checked, "not checked"),
    ]
    .into_iter()
    .filter(|(many, _)| *many > 0)
    .map(|(many, what)| format!("{} {what}", grouped(many)))
    .collect();
    said.push_str(&match summary.relations {
        0 => "No relations.".to_owned(),
        many => format!("{}: {}.", counted(many, "relation", "relations"), parts.join(", ")),
    });
    if summary.orphans > 0 {
        let least = if check.complete() { "" } else { "At least " };
        said.push_str(&format!(" {least}{}.", counted(summary.orphans, "orphan row", "orphan rows")));
    }
    let findings: Vec<String> = summary
        .severities()
        .map(|(severity, many)| format!("{} {}", grouped(many), severity.word()))
        .collect();
    said.push_str(&match findings.is_empty() {
        true => " No findings.".to_owned(),
        false => format!(" Findings: {}.", findings.join(", ")),
    });
    said
}
