//! `collation-mismatch`: references whose two sides sort and compare under different collations.

use super::seen::{Seen, collation, sentences};
use super::{Facts, Rule};
use crate::model::catalog::Column;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{TableName, written};
use crate::model::server::EngineKind;

pub(super) const RULE: Rule = Rule {
    name: "collation-mismatch",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/collation-mismatch.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .relations()
        .filter(|seen| seen.relation.flaw.is_none())
        .filter_map(|seen| seen.pairs().find_map(|pair| finding(&seen, pair)))
        .collect()
}

fn finding(seen: &Seen<'_>, (child, parent): (&Column, &Column)) -> Option<Finding> {
    let (on_child, on_parent) = (child.collation.as_ref()?, parent.collation.as_ref()?);
    if on_child == on_parent {
        return None;
    }
    let mut finding = seen.finding(
        &RULE,
        format!(
            "{}.{} compares by {}, but {}.{} by {}.",
            seen.child_name(),
            written(&child.name),
            collation(seen.catalog, on_child),
            seen.parent_name(),
            written(&parent.name),
            collation(seen.catalog, on_parent)
        ),
    );
    let (severity, why) = match seen.catalog.server.engine {
        EngineKind::Sqlite => (Severity::High, IN_SQLITE.to_owned()),
        EngineKind::Postgres if !(child.deterministic && parent.deterministic) => {
            (Severity::High, nondeterministic(parent))
        }
        EngineKind::Postgres if [on_child, on_parent].iter().any(|collation| is_default(collation)) => {
            (Severity::Medium, DEFAULT_AND_OTHER.to_owned())
        }
        EngineKind::Postgres => (Severity::High, TWO_OTHERS.to_owned()),
    };
    finding.severity = severity;
    finding.detail = sentences([why, "Give both columns the same collation.".to_owned()]);
    Some(finding)
}

fn is_default(collation: &TableName) -> bool {
    collation.schema.raw() == "pg_catalog" && collation.name.raw() == "default"
}

const IN_SQLITE: &str = "SQLite checks the reference by the parent's collation, but compares by whichever column stands \
                         first in a plain join, so the two can disagree; an index on the child does not serve deletes of \
                         the parent.";

const TWO_OTHERS: &str = "Equality is the same under both, so the reference holds; but a join along it fails with \
                          \"could not determine which collation to use\" unless it says COLLATE.";

const DEFAULT_AND_OTHER: &str = "Equality is the same under both, so the reference holds; but a join along it compares \
                                 by the other collation and cannot use an index made under the database's default.";

fn nondeterministic(parent: &Column) -> String {
    let index = if parent.deterministic {
        ""
    } else {
        " An index on the child does not serve deletes of the parent."
    };
    format!(
        "One of them can call unlike texts equal: the server checks the reference by the parent's, a join by neither \
         without being told.{index} PostgreSQL 18 refuses such a constraint, and pg_upgrade to it fails."
    )
}
