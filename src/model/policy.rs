//! What to make of findings: which rules weigh how much, which findings are accepted and why, and where a check fails.
//! `config` makes it, `audit/lint` applies it.

use crate::model::finding::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A policy over findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The least severity at which a check exits with 1; none never fails on findings.
    pub fail_on: Option<Severity>,
    /// Severities that differ from the rules' own, by rule name.
    pub severity: BTreeMap<String, Severity>,
    /// Accepted findings.
    pub suppress: Vec<Suppress>,
}

/// An accepted finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppress {
    /// The rule's name.
    pub rule: String,
    /// A pattern (`*` and `?`) over the finding's object.
    pub object: String,
    /// Why it is accepted. Required.
    pub reason: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self { fail_on: Some(Severity::High), severity: BTreeMap::new(), suppress: Vec::new() }
    }
}
