//! A plan as text: what stands against it first, then the steps.

use super::{locks, parameters, product, rows, summary, took, undo};
use crate::model::plan::Plan;
use crate::model::plan::step::Step;
use crate::model::text::visible;
use crate::report::figure::duration;
use crate::report::paper::{Ink, Paper};
use std::io::{self, Write};

/// So many steps are seen at a glance as they are.
const FEW: usize = 4;

/// Writes the plan.
///
/// # Errors
/// What the writer says.
pub fn text(plan: &Plan, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let place = &plan.place;
    writeln!(
        out,
        "{} for {} on {}, {}, {}",
        paper.ink(Ink::Strong, "Plan"),
        visible(&place.database),
        visible(&place.address),
        visible(&product(place)),
        format!("{:?}", place.environment).to_lowercase()
    )?;
    writeln!(out, "made {} by {}, {}", plan.made_at, visible(&plan.made_by), visible(&plan.fingerprint))?;
    for (place, action) in plan.actions.iter().enumerate() {
        writeln!(out, "  {}  {}", place + 1, visible(&action.to_string()))?;
    }
    writeln!(out, "{}", summary(plan))?;
    wrapped(paper, out, 0, &parameters(plan))?;
    refusals(plan, paper, out)?;
    if !plan.warnings.is_empty() {
        writeln!(out, "\n{}", paper.ink(Ink::Warn, "To be known"))?;
        for warning in &plan.warnings {
            listed(paper, out, "-", warning)?;
        }
    }
    if !plan.preflight.is_empty() {
        writeln!(out, "\n{}", paper.ink(Ink::Strong, "Preflight"))?;
        for look in &plan.preflight {
            listed(paper, out, look.outcome.mark(), &format!("{}: {}", look.what, look.sentence))?;
        }
    }
    glance(plan, paper, out)?;
    for step in &plan.steps {
        one(step, paper, out)?;
    }
    if plan.steps.is_empty() {
        writeln!(out, "\nThere is nothing to do.")?;
    }
    Ok(())
}

/// All steps with their strongest lock before each is told whole: a plan over many partitions is longer than a screen.
fn glance(plan: &Plan, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if plan.steps.len() <= FEW {
        return Ok(());
    }
    writeln!(out, "\n{}", paper.ink(Ink::Strong, "Steps, each told whole below"))?;
    for step in &plan.steps {
        let lock = step.all_locks().map(|held| held.mode).max().map(|mode| mode.words().to_owned());
        let facts: Vec<String> =
            [lock, rows(step.rows), step.seconds.map(duration)].into_iter().flatten().collect();
        let facts = if facts.is_empty() { String::new() } else { format!(": {}", facts.join(", ")) };
        listed(paper, out, &step.id, &format!("{}{facts}", step.title))?;
    }
    Ok(())
}

fn refusals(plan: &Plan, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    if plan.refusals.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paper.ink(Ink::Alarm, "Refused: this plan will not be run"))?;
    for refusal in &plan.refusals {
        let of = refusal.action.map_or_else(|| "-".to_owned(), |action| (action + 1).to_string());
        listed(paper, out, &of, &refusal.sentence)?;
        if let Some(remedy) = &refusal.remedy {
            for line in paper.wrap(6, &visible(remedy)) {
                writeln!(out, "      {line}")?;
            }
        }
    }
    Ok(())
}

fn one(step: &Step, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{}  {}",
        paper.ink(Ink::Strong, &visible(&step.id)),
        paper.ink(Ink::Strong, &visible(&step.title))
    )?;
    let facts: Vec<String> = [rows(step.rows), took(step)].into_iter().flatten().collect();
    if !facts.is_empty() {
        writeln!(out, "    {}", facts.join(", "))?;
    }
    if !step.transactional {
        writeln!(out, "    stands in no transaction and cannot be rehearsed")?;
    }
    if !step.after.is_empty() {
        writeln!(out, "    after {}", visible(&step.after.join(", ")))?;
    }
    for lock in locks(step) {
        labelled(paper, out, "locks", &lock)?;
    }
    for who in &step.held_up_by {
        labelled(paper, out, "held up", who)?;
    }
    let (sentence, statements) = undo(step);
    labelled(paper, out, "undo", &sentence)?;
    sql(out, statements)?;
    labelled(paper, out, "proof", &step.verify)?;
    labelled(paper, out, "again", &step.again)?;
    writeln!(out, "    sql")?;
    sql(out, &step.sql)
}

/// Statements whole, line by line as they are sent.
fn sql(out: &mut dyn Write, statements: &[String]) -> io::Result<()> {
    for statement in statements {
        for line in statement.lines() {
            writeln!(out, "      {}", visible(line))?;
        }
        writeln!(out, "      ;")?;
    }
    Ok(())
}

fn labelled(paper: &Paper, out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    for (place, line) in paper.wrap(13, &visible(text)).iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        writeln!(out, "    {label:<8} {line}")?;
    }
    Ok(())
}

fn listed(paper: &Paper, out: &mut dyn Write, mark: &str, text: &str) -> io::Result<()> {
    for (place, line) in paper.wrap(6, &visible(text)).iter().enumerate() {
        let mark = if place == 0 { mark } else { "" };
        writeln!(out, "  {mark:<3} {line}")?;
    }
    Ok(())
}

fn wrapped(paper: &Paper, out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    paper.wrap(indent, &visible(text)).iter().try_for_each(|line| writeln!(out, "{line}"))
}
