//! The rules: one file a rule, each with its page in `assets/rules`. Every rule is a pure function from [`Facts`] to
//! findings. Called by `job` whenever facts change.

mod apply;

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
    /// How bad it is by default.
    pub severity: Severity,
    /// Its page: what it means, why it matters, what to do.
    pub page: &'static str,
    /// The check itself.
    pub check: fn(&Facts<'_>) -> Vec<Finding>,
}

/// All rules.
pub const RULES: &[Rule] = &[];
