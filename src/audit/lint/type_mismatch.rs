//! `type-mismatch`: references whose two sides are of different types.

use super::seen::{Seen, sentences};
use super::{Facts, Rule};
use crate::model::catalog::Column;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::written;
use crate::model::server::EngineKind;

pub(super) const RULE: Rule = Rule {
    name: "type-mismatch",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/type-mismatch.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.relations().filter(|seen| seen.relation.flaw.is_none()).filter_map(|seen| finding(&seen)).collect()
}

fn finding(seen: &Seen<'_>) -> Option<Finding> {
    let engine = seen.catalog.server.engine;
    let unlike: Vec<(&Column, &Column, Consequence)> = seen
        .pairs()
        .filter_map(|(child, parent)| Some((child, parent, consequence(engine, child, parent)?)))
        .collect();
    let (child, parent, worst) = unlike.iter().max_by_key(|(_, _, consequence)| consequence.severity)?;
    let mut finding = seen.finding(
        &RULE,
        format!(
            "{}.{} is {}, but {}.{} is {}.",
            seen.child_name(),
            written(&child.name),
            shown(child),
            seen.parent_name(),
            written(&parent.name),
            shown(parent)
        ),
    );
    finding.severity = worst.severity;
    let others = unlike.iter().filter(|(other, _, _)| other.name != child.name).map(|(child, parent, _)| {
        format!(
            "So are {} ({}) and {} ({}).",
            written(&child.name),
            shown(child),
            written(&parent.name),
            shown(parent)
        )
    });
    finding.detail = sentences([worst.why.to_owned()].into_iter().chain(others));
    Some(finding)
}

fn shown(column: &Column) -> &str {
    if column.type_name.is_empty() { "of no declared type" } else { &column.type_name }
}

/// What follows from two unlike types.
struct Consequence {
    severity: Severity,
    why: &'static str,
}

fn consequence(engine: EngineKind, child: &Column, parent: &Column) -> Option<Consequence> {
    let (a, b) = (child.base_type.to_ascii_lowercase(), parent.base_type.to_ascii_lowercase());
    if a == b {
        return None;
    }
    match engine {
        EngineKind::Sqlite => affinities(&a, &b),
        EngineKind::Postgres => Some(types(&a, &b)),
    }
}

/// SQLite compares with the parent's affinity, so numbers of every sort agree; what is text on one side only does not.
fn affinities(child: &str, parent: &str) -> Option<Consequence> {
    let numeric = |affinity: &str| matches!(affinity, "integer" | "real" | "numeric");
    if numeric(child) && numeric(parent) {
        return None;
    }
    Some(Consequence {
        severity: Severity::High,
        why: "The constraint compares them under the parent's affinity, a join by rules of its own: values that look \
              alike can match in one and not in the other, and an index on the child does not serve deletes of the \
              parent. Give both columns the same type.",
    })
}

fn types(child: &str, parent: &str) -> Consequence {
    let width = |name: &str| match name {
        "smallint" => Some(2),
        "integer" => Some(4),
        "bigint" => Some(8),
        _ => None,
    };
    let text = |name: &str| matches!(name, "text" | "character varying");
    let (severity, why) = match (width(child), width(parent)) {
        (Some(narrow), Some(wide)) if narrow < wide => (
            Severity::High,
            "The child runs out of numbers before the parent does: from then on a new parent can have no \
             child. Widen the child in good time.",
        ),
        (Some(_), Some(_)) => (
            Severity::Low,
            "Nothing breaks, but the parent runs out of numbers first, and every join crosses types. Give both the same \
             type when one of them is changed anyway.",
        ),
        _ if text(child) && text(parent) => (
            Severity::Low,
            "The two compare alike, so nothing breaks; only a length limit on one side can refuse what the other takes.",
        ),
        _ => (
            Severity::High,
            "The server casts one side to compare them: an index on the cast side does not serve, so deletes of parents \
             can read the whole child table, and a plain join may compare by other rules. Give both columns the same type.",
        ),
    };
    Consequence { severity, why }
}
