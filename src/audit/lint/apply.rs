//! Running the rules: every rule over the facts, then the policy over the findings. Called by `job`.

use crate::audit::lint::{Facts, RULES};
use crate::model::finding::{Finding, Suppressed};
use crate::model::pattern;
use crate::model::policy::Policy;

/// What the rules find under a policy: the findings that stand, worst first, then by object; and those set aside.
pub fn run(facts: &Facts<'_>, policy: &Policy) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut standing = Vec::new();
    let mut aside = Vec::new();
    for mut finding in RULES.iter().flat_map(|rule| (rule.check)(facts)) {
        if let Some(severity) = policy.severity.get(finding.rule) {
            finding.severity = *severity;
        }
        let accepted = policy
            .suppress
            .iter()
            .find(|entry| entry.rule == finding.rule && pattern::matches(&entry.object, &finding.object));
        match accepted {
            Some(entry) => aside.push(Suppressed { finding, reason: entry.reason.clone() }),
            None => standing.push(finding),
        }
    }
    standing.sort_by(|a, b| {
        (b.severity, &a.object, a.rule, &a.message).cmp(&(a.severity, &b.object, b.rule, &b.message))
    });
    (standing, aside)
}
