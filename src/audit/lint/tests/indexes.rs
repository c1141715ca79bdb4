//! Rules about indexes: which one serves the look-up of children, and which one serves nothing.

use super::{Case, shop};
use crate::model::catalog::TableKind;
use crate::model::finding::Severity;
use crate::model::relation::Referential;
use crate::model::tests::draft::{Draft, ident};

/// A composite reference whose child has the indexes a test gives it.
fn pair() -> Draft {
    let mut draft = Draft::postgres();
    draft.table("p", "x int!, y int!");
    draft.table("c", "id int!, a int, b int, z int");
    draft.relation("c(a,b)->p(x,y)");
    draft
}

fn with_index(columns: &str, change: impl FnOnce(&mut crate::model::catalog::Index)) -> Case {
    let mut draft = pair();
    change(draft.index("c", columns));
    Case::of(draft)
}

#[test]
fn an_index_serves_when_it_begins_with_the_key_in_any_order() {
    for columns in ["a,b", "b,a", "a,b,z", "b,a,z"] {
        with_index(columns, |_| {}).silent("missing-index");
    }
    for columns in ["a", "b,z,a", "z,a,b", "a,lower(b)"] {
        with_index(columns, |_| {}).only("missing-index");
    }
}

#[test]
fn an_index_that_is_invalid_unready_partial_or_of_another_kind_does_not_serve() {
    with_index("a,b", |index| index.valid = false).only("missing-index");
    with_index("a,b", |index| index.ready = false).only("missing-index");
    with_index("a,b", |index| index.predicate = Some("(z > 0)".into())).only("missing-index");
    for method in ["brin", "gin", "hash", "gist"] {
        with_index("a,b", |index| index.method = method.into()).only("missing-index");
    }
}

#[test]
fn a_partial_index_without_the_rows_that_have_no_parent_serves() {
    for predicate in [
        "(a IS NOT NULL)",
        "((a IS NOT NULL) AND (b IS NOT NULL))",
        "\"a\" is not null",
        "[b] NOTNULL",
        "`A` not null",
    ] {
        with_index("a,b", |index| index.predicate = Some(predicate.into())).silent("missing-index");
    }
    for predicate in [
        "(z IS NOT NULL)",
        "(a IS NULL)",
        "((a IS NOT NULL) OR (b IS NOT NULL))",
        "(NOT a)",
        "(a IS NOT NULL) AND z",
    ] {
        with_index("a,b", |index| index.predicate = Some(predicate.into())).only("missing-index");
    }
}

#[test]
fn a_hash_serves_a_key_of_one_column() {
    let mut draft = shop(Draft::postgres());
    draft.find("orders").indexes.last_mut().unwrap().method = "hash".into();
    Case::of(draft).silent("missing-index");
}

#[test]
fn gist_serves_a_period_key_alone() {
    let gist = |temporal| {
        let mut draft = pair();
        draft.catalog.relations[0].temporal = temporal;
        draft.index("c", "a,b").method = "gist".into();
        Case::of(draft)
    };
    gist(true).silent("missing-index");
    gist(false).only("missing-index");
}

#[test]
fn a_missing_index_weighs_by_what_a_delete_of_the_parent_would_do() {
    let weight = |on_delete| {
        let mut draft = pair();
        draft.catalog.relations[0].on_delete = on_delete;
        Case::of(draft).only("missing-index").severity
    };
    assert_eq!(weight(Referential::NoAction), Severity::Medium);
    assert_eq!(weight(Referential::Restrict), Severity::Medium);
    assert_eq!(weight(Referential::Cascade), Severity::High);
    assert_eq!(weight(Referential::SetNull), Severity::High);
    assert_eq!(weight(Referential::SetDefault), Severity::High);
}

#[test]
fn the_finding_names_the_index_that_comes_near() {
    let near = |columns: &str, change: fn(&mut crate::model::catalog::Index)| {
        with_index(columns, change).only("missing-index").detail.unwrap_or_default()
    };
    assert_eq!(near("a", |_| {}), "The index c_a_idx begins with only a part of the key.");
    assert_eq!(
        near("a,b", |index| index.valid = false),
        "The index c_a_b_idx would serve, but it is not valid: drop it and build it again."
    );
    assert_eq!(
        near("a,b", |index| {
            index.valid = false;
            index.building = true;
        }),
        "The index c_a_b_idx is being built for it now."
    );
    assert_eq!(
        near("a,b", |index| index.predicate = Some("(z > 1)".into())),
        "The index c_a_b_idx is partial and leaves out rows that have a parent."
    );
}

#[test]
fn two_relations_over_the_same_columns_want_one_index() {
    let mut draft = pair();
    draft.table("q", "x int!, y int!");
    draft.relation("c(b,a)->q(x,y)").on_delete = Referential::Cascade;
    let finding = Case::of(draft).only("missing-index");
    assert_eq!(finding.object, "c(b,a)->q(x,y)");
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.detail.unwrap().ends_with("The same index would serve c(a,b)->p(x,y)."));
}

#[test]
fn a_partitioned_child_is_served_by_its_own_index_or_by_one_on_every_leaf() {
    let mut draft = pair();
    draft.table("c1", "id int!, b int, a int");
    draft.table("c2", "id int!, a int, b int");
    draft.partition("c1", "c");
    draft.partition("c2", "c");
    draft.index("c1", "a,b");
    Case::of(Draft { catalog: draft.catalog.clone() }).only("missing-index");
    draft.index("c2", "a,b");
    Case::of(draft).silent("missing-index");
}

#[test]
fn keys_that_are_the_table_itself_serve_in_sqlite() {
    let mut draft = Draft::sqlite();
    draft.table("p", "id integer!");
    draft.table("c", "id integer!");
    draft.relation("c(id)->p(id)");
    Case::of(draft).silent("missing-index");
    let mut draft = Draft::sqlite();
    draft.table("p", "id integer!");
    let child = draft.table("c", "a text!, p integer!");
    child.kind = TableKind::WithoutRowid;
    child.keys[0].columns = vec![1, 0];
    draft.relation("c(p)->p(id)");
    Case::of(draft).silent("missing-index");
}

#[test]
fn broken_relations_want_no_index_yet() {
    let mut draft = Draft::postgres();
    draft.table("c", "id int!, a int");
    draft.relation("c(a)->nowhere(id)");
    Case::of(draft).silent("missing-index");
}

#[test]
fn an_invalid_index_is_found_wherever_it_stands() {
    let mut draft = shop(Draft::postgres());
    draft.index("users", "id").valid = false;
    let finding = Case::of(draft).only("invalid-index");
    assert_eq!(finding.message, "The index users_id_idx on users is invalid: no query uses it.");
    assert_eq!((finding.object.as_str(), finding.action), ("users_id_idx", None));
    assert!(finding.detail.unwrap().contains("IF NOT EXISTS would take it for done"));
}

#[test]
fn an_invalid_index_that_a_relation_waits_for_offers_to_build_it() {
    let mut draft = pair();
    draft.index("c", "a,b").valid = false;
    let finding = Case::of(draft).only("invalid-index");
    assert_eq!(finding.action.as_deref(), Some("index:c(a,b)->p(x,y)"));
    assert!(finding.detail.unwrap().ends_with("It was to serve c(a,b)->p(x,y)."));
}

#[test]
fn an_index_being_built_is_left_in_peace() {
    let mut draft = shop(Draft::postgres());
    let index = draft.index("users", "id");
    (index.valid, index.building) = (false, true);
    Case::of(draft).silent("invalid-index");
}

#[test]
fn what_reindex_left_behind_is_told_apart() {
    let told = |name: &str| {
        let mut draft = shop(Draft::postgres());
        let index = draft.index("users", "id");
        index.valid = false;
        index.name = ident(name);
        Case::of(draft).only("invalid-index").detail.unwrap()
    };
    assert!(told("users_idx_ccnew").contains("the old index still stands"));
    assert!(told("users_idx_ccnew3").contains("the old index still stands"));
    assert!(told("users_idx_ccold").contains("the new index already stands"));
    assert!(told("users_ccnewly").contains("CREATE INDEX CONCURRENTLY failed"));
}
