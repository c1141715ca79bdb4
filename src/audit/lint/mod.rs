//! The rules: one file a rule, each with its page in `assets/rules`. Every rule is a pure function from [`Facts`] to
//! findings, linear or nearly so in the catalog, because it runs again whenever facts change. Called by `job`.

mod apply;
mod broken_reference;
mod collation_mismatch;
mod cycle;
mod deep_cascade;
mod duplicate_fk;
mod half_null_key;
mod invalid_index;
mod missing_index;
mod not_checked;
mod not_enforced;
mod not_valid;
mod orphan_rows;
mod parent_not_unique;
mod seen;
mod set_default_missing;
mod set_null_on_not_null;
mod suspect_index;
mod type_mismatch;

#[cfg(test)]
mod tests;

pub use apply::run;

use crate::model::catalog::Catalog;
use crate::model::finding::{Finding, Severity};
use crate::model::tally::Tally;

/// What the rules may look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// One tally per relation, in the catalog's order; pending ones are `NotChecked(Why::Pending)`.
    pub tallies: &'a [Tally],
    /// Whether counting is over: only then is what was not counted a finding.
    pub finished: bool,
    /// What only a question to the database could tell.
    pub evidence: &'a Evidence,
}

/// Answers to questions that neither catalog nor counts hold, by the relation's place in the catalog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// SET DEFAULT relations whose default has no parent row.
    pub default_without_parent: Vec<usize>,
    /// Relations whose orphans differ by access path: (place, free choice, without index).
    pub counts_differ: Vec<(usize, u64, u64)>,
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, for instance `orphan-rows`.
    pub name: &'static str,
    /// How bad it is by default; single findings may weigh less, and say why.
    pub severity: Severity,
    /// Its page: what it means, why it matters, what to do.
    pub page: &'static str,
    /// The check itself.
    pub check: fn(&Facts<'_>) -> Vec<Finding>,
}

/// All rules, worst first.
pub const RULES: &[Rule] = &[
    orphan_rows::RULE,
    broken_reference::RULE,
    not_enforced::RULE,
    suspect_index::RULE,
    half_null_key::RULE,
    not_valid::RULE,
    parent_not_unique::RULE,
    type_mismatch::RULE,
    collation_mismatch::RULE,
    set_null_on_not_null::RULE,
    set_default_missing::RULE,
    missing_index::RULE,
    invalid_index::RULE,
    not_checked::RULE,
    duplicate_fk::RULE,
    cycle::RULE,
    deep_cascade::RULE,
];

/// The rule with a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}
