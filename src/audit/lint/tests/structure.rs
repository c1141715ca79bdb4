//! Rules about what is declared: types, collations, duplicates, cycles, cascades, actions that cannot be carried out.

use super::{Case, shop};
use crate::model::catalog::{Generated, TableKind};
use crate::model::finding::Severity;
use crate::model::ident::TableName;
use crate::model::relation::{Enforcement, Referential};
use crate::model::tests::draft::{Draft, ident};

fn typed(child: &str, parent: &str) -> Case {
    let mut draft = Draft::postgres();
    draft.table("p", &format!("id {parent}!"));
    draft.table("c", &format!("id bigint!, p {child}"));
    draft.index("c", "p");
    draft.relation("c(p)->p(id)");
    Case::of(draft)
}

#[test]
fn a_child_that_is_narrower_than_its_parent_will_run_out_of_numbers() {
    let finding = typed("integer", "bigint").only("type-mismatch");
    assert_eq!(finding.message, "c.p is integer, but p.id is bigint.");
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.detail.unwrap().starts_with("The child runs out of numbers before the parent does"));
}

#[test]
fn types_that_compare_alike_weigh_little() {
    assert_eq!(typed("bigint", "integer").only("type-mismatch").severity, Severity::Low);
    assert_eq!(typed("integer", "smallint").only("type-mismatch").severity, Severity::Low);
    assert_eq!(typed("text", "character varying").only("type-mismatch").severity, Severity::Low);
    assert_eq!(typed("integer", "numeric").only("type-mismatch").severity, Severity::High);
    assert_eq!(typed("character varying", "character").only("type-mismatch").severity, Severity::High);
    typed("uuid", "uuid").silent("type-mismatch");
}

#[test]
fn a_domain_is_its_base_type() {
    let mut case = typed("bigint", "order_id");
    case.draft.find("p").columns[0].base_type = "bigint".into();
    case.silent("type-mismatch");
}

#[test]
fn sqlite_affinities_differ_where_text_meets_numbers() {
    let affinities = |child: &str, parent: &str| {
        let mut draft = Draft::sqlite();
        draft.table("p", &format!("id {parent}"));
        draft.table("c", &format!("id INTEGER, p {child}"));
        draft.relation("c(p)->p(id)");
        Case::of(draft)
    };
    for numbers in [("INTEGER", "NUMERIC"), ("REAL", "INTEGER"), ("TEXT", "TEXT")] {
        affinities(numbers.0, numbers.1).silent("type-mismatch");
    }
    assert_eq!(
        affinities("TEXT", "INTEGER").only("type-mismatch").message,
        "c.p is TEXT, but p.id is INTEGER."
    );
    affinities("INTEGER", "TEXT").only("type-mismatch");
    affinities("TEXT", "BLOB").only("type-mismatch");
}

fn collated(child: (&str, bool), parent: (&str, bool), mut draft: Draft) -> Case {
    draft.table("p", "id text!");
    draft.table("c", "id text!, p text");
    for (table, place, (name, deterministic)) in [("p", 0, parent), ("c", 1, child)] {
        let column = &mut draft.find(table).columns[place];
        let (schema, name) = name.split_once('.').unwrap_or(("pg_catalog", name));
        column.collation = Some(TableName { schema: ident(schema), name: ident(name) });
        column.deterministic = deterministic;
    }
    draft.relation("c(p)->p(id)");
    Case::of(draft)
}

#[test]
fn collations_that_differ_are_told_with_what_follows() {
    let found = |child, parent| collated(child, parent, Draft::postgres()).only("collation-mismatch");
    let joins = found(("C", true), ("de-x-icu", true));
    assert_eq!(joins.message, "c.p compares by C, but p.id by de-x-icu.");
    assert_eq!(joins.severity, Severity::High);
    assert!(joins.detail.unwrap().contains("could not determine which collation to use"));
    assert_eq!(found(("default", true), ("C", true)).severity, Severity::Medium);
    let loose = found(("default", true), ("app.ci", false));
    assert_eq!(loose.severity, Severity::High);
    let detail = loose.detail.unwrap();
    assert!(
        detail.contains("PostgreSQL 18 refuses") && detail.contains("An index on the child does not serve")
    );
    let strict_parent = found(("app.ci", false), ("default", true)).detail.unwrap();
    assert!(!strict_parent.contains("An index on the child does not serve"));
}

#[test]
fn one_collation_on_both_sides_is_in_order_even_if_it_folds_case() {
    collated(("app.ci", false), ("app.ci", false), Draft::postgres()).silent("collation-mismatch");
    let sqlite =
        collated(("main.BINARY", true), ("main.NOCASE", false), Draft::sqlite()).only("collation-mismatch");
    assert_eq!(sqlite.message, "c.p compares by BINARY, but p.id by NOCASE.");
}

#[test]
fn a_constraint_on_a_spoiled_parent_index_is_not_unique() {
    let mut draft = shop(Draft::postgres());
    draft.catalog.relations[0].parent_index = Some(ident("users_pkey"));
    Case::of(Draft { catalog: draft.catalog.clone() }).silent("parent-not-unique");
    draft.find("users").indexes[0].valid = false;
    let finding = Case::of(draft).only("parent-not-unique");
    assert!(finding.message.ends_with("relies on the index users_pkey of users, which is invalid."));
}

#[test]
fn a_constraint_that_repeats_another_can_be_dropped() {
    let mut draft = shop(Draft::postgres());
    let twin = draft.relation("orders(user_id)->users(id)");
    twin.id.push_str("#twin");
    twin.constraint = Some(ident("twin"));
    let finding = Case::of(draft).only("duplicate-fk");
    assert_eq!(
        finding.message,
        "The constraint twin of orders repeats orders_user_id_fkey: same columns, same parent."
    );
    assert_eq!(finding.action.as_deref(), Some("drop-fk:orders(user_id)->users(id)#twin"));
}

#[test]
fn twins_that_disagree_are_for_a_person_to_decide() {
    let mut draft = shop(Draft::postgres());
    draft.relation("orders(user_id)->users(id)").on_delete = Referential::Cascade;
    let finding = Case::of(draft).only("duplicate-fk");
    assert_eq!(finding.action, None);
    assert!(finding.detail.unwrap().starts_with("They differ in ON DELETE (CASCADE and NO ACTION)."));
}

#[test]
fn the_twin_that_is_enforced_and_valid_is_the_one_to_keep() {
    let mut draft = shop(Draft::postgres());
    draft.catalog.relations[0].enforcement = Enforcement::Off(vec![]);
    draft.relation("orders(user_id)->users(id)").constraint = Some(ident("good"));
    assert!(
        Case::of(draft).only("duplicate-fk").message.contains("orders_user_id_fkey of orders repeats good")
    );
}

#[test]
fn the_same_pairs_in_another_order_are_the_same_reference() {
    let mut draft = Draft::postgres();
    draft.table("p", "x int!, y int!");
    draft.table("c", "id int!, a int, b int");
    draft.relation("c(a,b)->p(x,y)");
    draft.relation("c(b,a)->p(y,x)");
    draft.relation("c(a,b)->p(y,x)");
    draft.relation("c(a)->p(x)");
    assert_eq!(Case::of(draft).only("duplicate-fk").object, "c(b,a)->p(y,x)");
}

#[test]
fn a_cycle_is_told_with_the_way_round_and_the_way_out() {
    let mut draft = Draft::postgres();
    draft.table("users", "id int!, team_id int!");
    draft.table("teams", "id int!, owner_id int");
    draft.relation("users(team_id)->teams(id)");
    draft.relation("teams(owner_id)->users(id)");
    draft.relation("users(id)->users(id)");
    let finding = Case::of(draft).only("cycle");
    assert_eq!(finding.object, "users -> teams -> users");
    assert_eq!(finding.message, "2 tables refer to each other in a cycle: users -> teams -> users.");
    assert_eq!(
        finding.detail.unwrap(),
        "Loading or emptying the tables one by one has to break it at teams(owner_id)->users(id), which can be NULL \
         first and filled in later."
    );
}

#[test]
fn a_table_that_refers_to_itself_is_no_cycle() {
    let mut draft = Draft::postgres();
    draft.table("staff", "id int!, boss int");
    draft.relation("staff(boss)->staff(id)");
    Case::of(draft).silent("cycle");
}

fn cascades(levels: usize) -> Draft {
    let mut draft = Draft::postgres();
    draft.table("t0", "id int!");
    for level in 1..=levels {
        draft.table(&format!("t{level}"), "id int!, up int!");
        draft.relation(&format!("t{level}(up)->t{}(id)", level - 1)).on_delete = Referential::Cascade;
    }
    draft
}

#[test]
fn a_cascade_is_deep_from_the_fourth_level_on() {
    Case::of(cascades(3)).silent("deep-cascade");
    let mut draft = cascades(4);
    draft.table("notes", "id int!, t int");
    draft.relation("notes(t)->t2(id)").on_delete = Referential::SetNull;
    draft.relation("notes(id)->t4(id)").on_delete = Referential::Restrict;
    let finding = Case::of(draft).only("deep-cascade");
    assert_eq!(finding.object, "t0");
    assert_eq!(finding.message, "Deleting from t0 cascades through 4 levels and can empty 4 other tables.");
    assert_eq!(
        finding.detail.unwrap(),
        "The deepest way: t0 -> t1 -> t2 -> t3 -> t4. On the way 1 more reference sets its column to NULL. \
         1 reference on the way can refuse the whole delete."
    );
}

fn acting(action: Referential, change: impl FnOnce(&mut Draft)) -> Case {
    let mut draft = shop(Draft::postgres());
    draft.catalog.relations[0].on_delete = action;
    change(&mut draft);
    Case::of(draft)
}

#[test]
fn set_null_needs_a_column_that_can_be_null() {
    acting(Referential::SetNull, |_| {}).silent("set-null-on-not-null");
    acting(Referential::Cascade, |draft| draft.find("orders").columns[1].not_null = true)
        .silent("set-null-on-not-null");
    let finding = acting(Referential::SetNull, |draft| draft.find("orders").columns[1].not_null = true)
        .only("set-null-on-not-null");
    assert_eq!(
        finding.message,
        "ON DELETE SET NULL of orders_user_id_fkey can never be carried out: user_id is NOT NULL."
    );
    let generated = acting(Referential::SetNull, |draft| {
        draft.find("orders").columns[1].generated = Generated::Stored;
    });
    assert!(generated.only("set-null-on-not-null").message.ends_with("user_id is generated."));
    let on_update = acting(Referential::NoAction, |draft| {
        draft.catalog.relations[0].on_update = Referential::SetNull;
        draft.find("orders").columns[1].not_null = true;
    });
    assert!(on_update.only("set-null-on-not-null").message.starts_with("ON UPDATE SET NULL"));
}

#[test]
fn set_null_of_some_columns_asks_only_those() {
    let tenant = |set: &[&str]| {
        let mut draft = Draft::postgres();
        draft.table("p", "tenant int!, id int!");
        draft.table("c", "id int!, tenant int!, p int");
        let relation = draft.relation("c(tenant,p)->p(tenant,id)");
        relation.on_delete = Referential::SetNull;
        relation.set_columns = set.iter().map(|name| ident(name)).collect();
        Case::of(draft)
    };
    tenant(&["p"]).silent("set-null-on-not-null");
    assert!(tenant(&[]).only("set-null-on-not-null").message.ends_with("tenant is NOT NULL."));
}

#[test]
fn sqlite_primary_keys_hold_null_but_for_the_row_id_and_without_rowid() {
    let keyed = |key: &str, kind| {
        let mut draft = Draft::sqlite();
        draft.table("p", "id integer");
        draft.table("c", key).kind = kind;
        draft.relation("c(id)->p(id)").on_delete = Referential::SetNull;
        Case::of(draft)
    };
    keyed("id int", TableKind::Plain).silent("set-null-on-not-null");
    assert!(
        keyed("id integer", TableKind::Plain)
            .only("set-null-on-not-null")
            .message
            .ends_with("id is in the primary key.")
    );
    keyed("id text", TableKind::WithoutRowid).only("set-null-on-not-null");
}

#[test]
fn set_default_needs_a_default_that_can_stand() {
    acting(Referential::SetDefault, |_| {}).silent("set-default-missing");
    let none = acting(Referential::SetDefault, |draft| draft.find("orders").columns[1].not_null = true);
    assert_eq!(
        none.only("set-default-missing").message,
        "SET DEFAULT on orders can never be carried out: user_id is NOT NULL and has no default."
    );
    let defaulted = |draft: &mut Draft| draft.find("orders").columns[1].default = Some("0".into());
    let mut orphaned = acting(Referential::SetDefault, defaulted);
    orphaned.silent("set-default-missing");
    orphaned.evidence.default_without_parent.push(0);
    assert_eq!(
        orphaned.only("set-default-missing").message,
        "SET DEFAULT on orders cannot be carried out: users has no row for its default (user_id = 0)."
    );
}
