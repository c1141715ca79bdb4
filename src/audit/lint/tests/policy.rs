//! The policy over findings: weights, acceptance with a reason, order.

use super::{Case, counted, shop};
use crate::audit::lint::run;
use crate::model::finding::Severity;
use crate::model::policy::{Policy, Suppress};
use crate::model::tests::draft::Draft;

/// A shop with orphans behind two constraints and one index missing.
fn damaged() -> Case {
    let mut draft = shop(Draft::postgres());
    draft.table("carts", "id bigint!, user_id bigint");
    draft.relation("carts(user_id)->users(id)");
    Case::of(draft).tally(0, counted(1, 0)).tally(1, counted(2, 0))
}

fn suppress(rule: &str, object: &str) -> Suppress {
    Suppress { rule: rule.into(), object: object.into(), reason: "known since the import".into() }
}

#[test]
fn the_worst_comes_first_then_the_object() {
    let found: Vec<_> =
        run(&damaged().facts(), &Policy::default()).0.into_iter().map(|f| (f.rule, f.object)).collect();
    assert_eq!(
        found,
        [
            ("orphan-rows", "carts(user_id)->users(id)".to_owned()),
            ("orphan-rows", "orders(user_id)->users(id)".to_owned()),
            ("missing-index", "carts(user_id)->users(id)".to_owned()),
        ]
    );
}

#[test]
fn a_rule_weighs_what_the_policy_says() {
    let mut policy = Policy::default();
    policy.severity.insert("orphan-rows".into(), Severity::Info);
    let found = run(&damaged().facts(), &policy).0;
    assert_eq!(
        found.iter().map(|f| (f.rule, f.severity)).collect::<Vec<_>>(),
        [
            ("missing-index", Severity::Medium),
            ("orphan-rows", Severity::Info),
            ("orphan-rows", Severity::Info)
        ]
    );
}

#[test]
fn an_accepted_finding_is_set_aside_with_its_reason_and_not_lost() {
    let policy = Policy { suppress: vec![suppress("orphan-rows", "orders(*")], ..Policy::default() };
    let (standing, aside) = run(&damaged().facts(), &policy);
    assert_eq!(standing.len(), 2);
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].finding.object, "orders(user_id)->users(id)");
    assert_eq!(aside[0].reason, "known since the import");
}

#[test]
fn accepting_one_rule_accepts_no_other() {
    let policy = Policy { suppress: vec![suppress("missing-index", "*")], ..Policy::default() };
    let (standing, aside) = run(&damaged().facts(), &policy);
    assert_eq!((standing.len(), aside.len()), (2, 1));
    assert!(standing.iter().all(|finding| finding.rule == "orphan-rows"));
}
