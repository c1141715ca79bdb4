//! A plan as Markdown, for tickets and reviews.

use super::{locks, parameters, product, rows, summary, took, undo};
use crate::model::plan::Plan;
use crate::model::plan::step::Step;
use crate::model::text::visible;
use std::io::{self, Write};

/// Writes the plan.
///
/// # Errors
/// What the writer says.
pub fn markdown(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let place = &plan.place;
    writeln!(out, "# Plan for {} on {}\n", escaped(&place.database), escaped(&place.address))?;
    writeln!(
        out,
        "{}, {}. Made {} by {}. {}.\n\n{}.\n",
        escaped(&product(place)),
        format!("{:?}", place.environment).to_lowercase(),
        plan.made_at,
        escaped(&plan.made_by),
        summary(plan),
        escaped(&parameters(plan))
    )?;
    for (place, action) in plan.actions.iter().enumerate() {
        writeln!(out, "{}. {}", place + 1, code(&action.to_string()))?;
    }
    if !plan.refusals.is_empty() {
        writeln!(out, "\n## Refused: this plan will not be run\n")?;
        for refusal in &plan.refusals {
            let of = refusal.action.map_or_else(String::new, |action| format!("Action {}: ", action + 1));
            writeln!(out, "- {of}{}", escaped(&refusal.sentence))?;
            if let Some(remedy) = &refusal.remedy {
                writeln!(out, "  {}", escaped(remedy))?;
            }
        }
    }
    if !plan.warnings.is_empty() {
        writeln!(out, "\n## To be known\n")?;
        for warning in &plan.warnings {
            writeln!(out, "- {}", escaped(warning))?;
        }
    }
    if !plan.preflight.is_empty() {
        writeln!(out, "\n## Preflight\n\n| | what | found |\n|---|---|---|")?;
        for look in &plan.preflight {
            let (what, sentence) = (escaped(&look.what), escaped(&look.sentence));
            writeln!(out, "| {} | {what} | {sentence} |", look.outcome.word())?;
        }
    }
    if plan.steps.is_empty() {
        writeln!(out, "\nThere is nothing to do.")?;
    }
    plan.steps.iter().try_for_each(|step| one(step, out))?;
    writeln!(out, "\n{}", code(&plan.fingerprint))
}

fn one(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {} {}\n", escaped(&step.id), escaped(&step.title))?;
    for fact in [rows(step.rows), took(step)].into_iter().flatten() {
        writeln!(out, "- {fact}")?;
    }
    if !step.transactional {
        writeln!(out, "- stands in no transaction and cannot be rehearsed")?;
    }
    if !step.after.is_empty() {
        writeln!(out, "- after {}", escaped(&step.after.join(", ")))?;
    }
    for lock in locks(step) {
        writeln!(out, "- locks: {}", escaped(&lock))?;
    }
    for who in &step.held_up_by {
        writeln!(out, "- held up: {}", escaped(who))?;
    }
    let (sentence, statements) = undo(step);
    writeln!(
        out,
        "- undo: {}{}",
        escaped(&sentence),
        if statements.is_empty() { "" } else { " what stands below" }
    )?;
    writeln!(out, "- proof: {}\n- again: {}", escaped(&step.verify), escaped(&step.again))?;
    fenced("", &step.sql, out)?;
    fenced("Undo:\n", statements, out)
}

fn fenced(head: &str, statements: &[String], out: &mut dyn Write) -> io::Result<()> {
    if statements.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = statements
        .iter()
        .flat_map(|statement| {
            statement.lines().map(|line| visible(line).into_owned()).chain([";".to_owned()])
        })
        .collect();
    // A fence longer than any run of backticks inside.
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "\n{head}{fence}sql\n{}\n{fence}", lines.join("\n"))
}

fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if longest > 0 { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Text that Markdown takes as text.
fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for letter in visible(text).chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~') {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown
}
