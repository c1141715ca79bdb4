//! `parent-not-unique`: references to columns that nothing keeps unique.

use super::broken_reference::{held, holding};
use super::seen::{Seen, key, sentences};
use super::{Facts, Rule};
use crate::model::catalog::Index;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::written;
use crate::model::relation::Flaw;
use crate::model::server::EngineKind;

pub(super) const RULE: Rule = Rule {
    name: "parent-not-unique",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/parent-not-unique.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts.relations().filter_map(|seen| without_key(&seen).or_else(|| on_bad_index(&seen))).collect()
}

fn without_key(seen: &Seen<'_>) -> Option<Finding> {
    let Some(Flaw::NotUnique(reason)) = &seen.relation.flaw else { return None };
    let mut finding = seen.finding(
        &RULE,
        format!(
            "{} refers to {} of {}, which nothing keeps unique.",
            seen.child_name(),
            key(&seen.relation.parent.columns),
            seen.parent_name()
        ),
    );
    let refuses = match seen.catalog.server.engine {
        EngineKind::Sqlite => {
            "With foreign_keys on, SQLite answers writes to the child and deletes from the parent with \"foreign key \
             mismatch\"."
        }
        EngineKind::Postgres => "",
    };
    let mut reason = reason.clone();
    if !reason.is_empty() && !reason.ends_with('.') {
        reason.push('.');
    }
    finding.rows = seen.tally.and_then(|tally| holding(&tally.counts())).filter(|rows| *rows > 0);
    finding.detail = sentences([
        held(finding.rows),
        capital(&reason),
        refuses.to_owned(),
        "Make the parent's columns unique, or refer to a key it has.".to_owned(),
    ]);
    finding.action = None;
    Some(finding)
}

/// PostgreSQL lets no one drop the index a constraint relies on, but a damaged catalog or a forced flag can spoil it.
fn on_bad_index(seen: &Seen<'_>) -> Option<Finding> {
    let name = seen.relation.parent_index.as_ref()?;
    let index = seen.parent?.indexes.iter().find(|index| &index.name == name)?;
    if sound(index) {
        return None;
    }
    let mut finding = seen.finding(
        &RULE,
        format!(
            "{} relies on the index {} of {}, which is {}.",
            seen.constraint(),
            written(name),
            seen.parent_name(),
            if index.unique { "invalid" } else { "not unique" }
        ),
    );
    finding.detail = Some(
        "Two parents may share a key, and which one a child means cannot be told. Rebuild the index."
            .to_owned(),
    );
    Some(finding)
}

fn sound(index: &Index) -> bool {
    index.unique && index.valid
}

fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
