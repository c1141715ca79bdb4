//! `set-default-missing`: SET DEFAULT actions whose default cannot stand.

use super::seen::{Seen, listed};
use super::set_null_on_not_null::set_columns;
use super::{Facts, Rule};
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, written};
use crate::model::relation::Referential;

pub(super) const RULE: Rule = Rule {
    name: "set-default-missing",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/set-default-missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.sound().filter_map(|seen| without_default(&seen).or_else(|| without_parent(facts, &seen))).collect()
}

/// No default means NULL, which a NOT NULL column refuses.
fn without_default(seen: &Seen<'_>) -> Option<Finding> {
    let child = seen.child?;
    let affected: &[Ident] = match (seen.relation.on_delete, seen.relation.on_update) {
        (Referential::SetDefault, _) => set_columns(seen.relation),
        (_, Referential::SetDefault) => &seen.relation.child.columns,
        _ => return None,
    };
    let columns = affected.iter().filter_map(|name| child.column(name));
    let names: Vec<String> = columns
        .filter(|(_, column)| column.not_null && column.default.is_none())
        .map(|(_, column)| written(&column.name))
        .collect();
    if names.is_empty() {
        return None;
    }
    let (is, has) = if names.len() == 1 { ("is", "has") } else { ("are", "have") };
    let message = format!(
        "SET DEFAULT on {} can never be carried out: {} {is} NOT NULL and {has} no default.",
        seen.child_name(),
        listed(&names)
    );
    Some(fails(
        seen,
        message,
        "Give the column a default that names an existing parent, or declare another action.",
    ))
}

fn without_parent(facts: &Facts<'_>, seen: &Seen<'_>) -> Option<Finding> {
    if !facts.evidence.default_without_parent.contains(&seen.place) {
        return None;
    }
    let defaults: Vec<String> = seen
        .child_columns()
        .filter_map(|column| Some(format!("{} = {}", written(&column.name), column.default.as_deref()?)))
        .collect();
    let message = format!(
        "SET DEFAULT on {} cannot be carried out: {} has no row for its default ({}).",
        seen.child_name(),
        seen.parent_name(),
        listed(&defaults)
    );
    Some(fails(seen, message, "Insert the parent row the default names, or change the default."))
}

fn fails(seen: &Seen<'_>, message: String, remedy: &str) -> Finding {
    let mut finding = seen.finding(&RULE, message);
    let act = match seen.relation.on_delete {
        Referential::SetDefault => "Deleting a row",
        _ => "Changing the key of a row",
    };
    finding.detail = Some(format!(
        "{act} of {} that {} refers to fails with an error. {remedy}",
        seen.parent_name(),
        seen.child_name()
    ));
    finding
}
