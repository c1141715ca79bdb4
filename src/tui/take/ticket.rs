//! What stands in a ticket: a finding, or a relation with all that was found about it, in Markdown. Names are shown as on
//! the screen, so that nothing hidden travels into a ticket.

use crate::model::finding::Finding;
use crate::model::text::visible;
use crate::tui::facts::Facts;
use crate::tui::screen::relation::view::summary;
use crate::tui::take::command;

/// A finding.
pub fn finding(facts: &Facts, finding: &Finding) -> String {
    let mut text = format!(
        "**{}** {}: {}\n\n{}\n",
        finding.severity.word(),
        finding.rule,
        finding.object,
        finding.message
    );
    if let Some(detail) = &finding.detail {
        text.push_str(&format!("\n{detail}\n"));
    }
    if let Some(place) = finding.relation.as_deref().and_then(|id| facts.place_of(id)) {
        text.push_str(&counts(facts, place));
    }
    plain(&(text + &whereabouts(facts)))
}

/// A relation: its counts, every finding about it, worst first, and how to list its orphans.
pub fn relation(facts: &Facts, place: usize) -> String {
    let Some((relation, _)) = facts.relation(place) else { return String::new() };
    let about = facts.findings.iter().filter(|one| one.relation.as_deref() == Some(relation.id.as_str()));
    let mut text = format!("**{}**\n{}", relation.id, counts(facts, place));
    let mut any = false;
    for Finding { severity, rule, message, detail, .. } in about {
        let detail = detail.as_ref().map(|detail| format!(" {detail}")).unwrap_or_default();
        let lead = if any { "" } else { "\n" };
        text.push_str(&format!("{lead}- **{}** {rule}: {message}{detail}\n", severity.word()));
        any = true;
    }
    plain(&(text + &whereabouts(facts)))
}

/// The counts of a relation in a line, and the command that lists its orphans, where there are any.
fn counts(facts: &Facts, place: usize) -> String {
    let Some((relation, tally)) = facts.relation(place) else { return String::new() };
    let mut text = format!("\n{}\n", summary(facts, place));
    if tally.counts().orphans.is_some_and(|orphans| orphans > 0) && relation.flaw.is_none() {
        text.push_str(&format!("\n    {}\n", command::orphans(&facts.address, &relation.id)));
    }
    text
}

fn whereabouts(facts: &Facts) -> String {
    let server = facts.server.as_ref();
    let line = |server: &std::sync::Arc<crate::model::server::Server>| {
        format!("\nDatabase: {} at {}\n", server.database.raw(), server.address.raw())
    };
    server.map(line).unwrap_or_default()
}

fn plain(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| visible(line).into_owned()).collect();
    lines.join("\n") + "\n"
}
