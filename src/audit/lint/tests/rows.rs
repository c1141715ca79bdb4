//! Rules about rows: orphans, half keys, what was never checked.

use super::{Case, counted, not_checked, shop};
use crate::model::catalog::Gap;
use crate::model::finding::Severity;
use crate::model::relation::{Enforcement, Flaw, Matching, Referential};
use crate::model::tally::{Counts, Tally, Why};
use crate::model::tests::draft::Draft;

#[test]
fn orphans_are_told_with_their_number_and_their_missing_parents() {
    let tally =
        Tally::counted(Counts { orphans: Some(41_207), missing_parents: Some(3), ..Counts::default() }, 0.0);
    let finding = Case::of(shop(Draft::postgres())).tally(0, tally).only("orphan-rows");
    assert_eq!(finding.message, "41,207 rows of orders refer by user_id to rows of users that do not exist.");
    assert_eq!((finding.severity, finding.rows), (Severity::Critical, Some(41_207)));
    assert_eq!(finding.relation.as_deref(), Some("orders(user_id)->users(id)"));
    let detail = finding.detail.unwrap();
    assert!(detail.starts_with("They miss 3 different parents."), "{detail}");
    assert!(detail.contains("The catalog calls the constraint valid all the same"), "{detail}");
}

#[test]
fn where_every_row_is_an_orphan_the_parents_are_the_suspects() {
    let detail = |rows| {
        let counts = Counts { orphans: Some(4), rows: Some(rows), null_keys: Some(1), ..Counts::default() };
        let case = Case::of(shop(Draft::postgres())).tally(0, Tally::counted(counts, 0.0));
        case.only("orphan-rows").detail.unwrap()
    };
    assert!(
        detail(5).starts_with("That is every row with a reference: users may have been emptied or replaced.")
    );
    assert!(!detail(6).contains("every row"));
}

#[test]
fn a_probe_that_met_an_orphan_claims_no_more_than_it_saw() {
    let finding = Case::of(shop(Draft::postgres())).tally(0, Tally::met_one(0.0)).only("orphan-rows");
    assert!(finding.message.starts_with("At least 1 row of orders refers"), "{}", finding.message);
    assert_eq!(finding.rows, None);
}

#[test]
fn what_to_do_with_orphans_follows_from_the_declared_action_and_from_nothing_else() {
    let action = |on_delete, not_null| {
        let mut draft = shop(Draft::postgres());
        draft.catalog.relations[0].on_delete = on_delete;
        draft.find("orders").columns[1].not_null = not_null;
        Case::of(draft).tally(0, counted(2, 0)).only("orphan-rows").action
    };
    let id = "orders(user_id)->users(id)";
    assert_eq!(action(Referential::Cascade, true), Some(format!("quarantine:{id}")));
    assert_eq!(action(Referential::SetNull, false), Some(format!("nullify:{id}")));
    assert_eq!(action(Referential::SetNull, true), None);
    for silent in [Referential::NoAction, Referential::Restrict, Referential::SetDefault] {
        assert_eq!(action(silent, false), None, "{silent:?}: nobody said these rows may go");
    }
}

#[test]
fn clean_broken_and_unchecked_relations_have_no_orphans_to_tell() {
    for tally in [
        counted(0, 0),
        not_checked(Why::Cancelled),
        Tally::broken("x", Counts { orphans: Some(3), ..Counts::default() }),
    ] {
        Case::of(shop(Draft::postgres())).tally(0, tally).silent("orphan-rows");
    }
    let withdrawn = counted(5, 0).withdrawn(Why::SuspectIndex("x".into()));
    Case::of(shop(Draft::postgres())).tally(0, withdrawn).silent("orphan-rows");
}

/// The audit trail: a parent's id with a copy of the parent's date.
fn trail(matching: Matching, date_not_null: bool) -> Draft {
    let mut draft = Draft::postgres();
    let date = if date_not_null { "parent_date date!" } else { "parent_date date" };
    draft.table("events", &format!("id uuid!, date date!, parent_id uuid, {date}"));
    draft.index("events", "parent_id,parent_date");
    draft.relation("events(parent_id,parent_date)->events(id,date)").matching = matching;
    draft
}

#[test]
fn half_keys_are_counted_and_the_columns_that_allow_them_named() {
    let finding = Case::of(trail(Matching::Simple, false)).tally(0, counted(0, 12)).only("half-null-key");
    assert_eq!(
        finding.message,
        "12 rows of events have only part of (parent_id, parent_date) and are never checked against events."
    );
    // The parent is known by its id alone, so its date is a copy.
    let fill = Some("backfill:events.parent_date".to_owned());
    assert_eq!((finding.severity, finding.rows, finding.action), (Severity::High, Some(12), fill));
    assert!(finding.detail.unwrap().contains("parent_id and parent_date may each be NULL"));
}

#[test]
fn a_key_of_which_only_one_column_may_be_null_may_mean_it() {
    let finding = Case::of(trail(Matching::Simple, true)).tally(0, counted(0, 1)).only("half-null-key");
    assert!(
        finding
            .detail
            .unwrap()
            .contains("Only parent_id may be NULL: where that means that there is no parent")
    );
}

#[test]
fn half_keys_under_full_match_are_orphans_instead() {
    Case::of(trail(Matching::Simple, false)).silent("half-null-key");
    let full = Case::of(trail(Matching::Full, false)).tally(0, counted(4, 4));
    full.silent("half-null-key");
    assert!(
        full.only("orphan-rows")
            .detail
            .unwrap()
            .contains("4 are only NULL in part, which MATCH FULL forbids")
    );
}

#[test]
fn sqlite_reads_match_full_and_forgets_it() {
    let mut draft = Draft::sqlite();
    draft.table("p", "a text!, b text!");
    draft.table("c", "id integer!, a text, b text");
    draft.relation("c(a,b)->p(a,b)").matching = Matching::Full;
    assert_eq!(Case::of(draft).tally(0, counted(0, 3)).only("half-null-key").rows, Some(3));
}

#[test]
fn a_constraint_that_is_not_valid_says_how_validating_it_would_end() {
    let case = || {
        let mut draft = shop(Draft::postgres());
        draft.catalog.relations[0].validated = false;
        Case::of(draft)
    };
    let clean = case().only("not-valid");
    assert_eq!(
        clean.message,
        "The constraint orders_user_id_fkey of orders is NOT VALID: rows from before it were never checked."
    );
    assert_eq!(clean.action.as_deref(), Some("validate:orders(user_id)->users(id)"));
    let damaged = case().tally(0, counted(3, 0)).only("not-valid");
    assert!(damaged.detail.unwrap().starts_with("Validating it would fail on 3 orphan rows"));
    assert_eq!(damaged.action, None);
    let unknown = case().tally(0, not_checked(Why::Pending)).only("not-valid");
    assert_eq!(unknown.action.as_deref(), Some("validate:orders(user_id)->users(id)"));
    Case::of(shop(Draft::postgres())).silent("not-valid");
}

#[test]
fn a_constraint_switched_off_is_critical_and_not_also_not_valid() {
    let mut draft = shop(Draft::postgres());
    draft.catalog.relations[0].enforcement =
        Enforcement::Off(vec!["its triggers on orders are disabled".into()]);
    draft.catalog.relations[0].validated = false;
    let case = Case::of(draft);
    let finding = case.only("not-enforced");
    assert_eq!(finding.severity, Severity::Critical);
    assert!(
        finding
            .detail
            .unwrap()
            .starts_with("The reason: its triggers on orders are disabled. A count found no orphan yet")
    );
    case.silent("not-valid");
}

#[test]
fn sqlite_is_remarked_on_once_however_many_relations_it_has() {
    let mut draft = shop(Draft::sqlite());
    draft.table("carts", "id integer!, user_id integer");
    draft.relation("carts(user_id)->users(id)");
    let finding = Case::of(draft).only("not-enforced");
    assert_eq!((finding.severity, finding.object.as_str(), finding.relation), (Severity::Info, "shop", None));
    assert!(finding.detail.unwrap().starts_with("2 relations rest on every writer"));
}

#[test]
fn what_was_not_checked_is_a_finding_once_counting_is_over() {
    let mut case =
        Case::of(shop(Draft::postgres())).tally(0, not_checked(Why::Right("may not read orders".into())));
    let finding = case.only("not-checked");
    assert_eq!(finding.message, "orders(user_id)->users(id) was not checked: may not read orders.");
    assert_eq!(finding.severity, Severity::High);
    case.finished = false;
    case.silent("not-checked");
}

#[test]
fn what_was_left_out_on_request_is_one_remark() {
    let mut draft = shop(Draft::postgres());
    draft.relation("orders(id)->users(id)");
    draft.catalog.gaps.push(Gap { object: "secret".into(), reason: "permission denied".into() });
    let scope = || not_checked(Why::Scope("left out by --skip orders".into()));
    let found = Case::of(draft).tally(0, scope()).tally(1, scope()).found("not-checked");
    let messages: Vec<_> = found.iter().map(|finding| (finding.severity, finding.message.as_str())).collect();
    assert_eq!(
        messages,
        [
            (Severity::Info, "2 relations were not checked: left out by --skip orders."),
            (Severity::High, "secret could not be inspected: permission denied."),
        ]
    );
}

#[test]
fn counts_that_differ_accuse_the_index_and_nothing_else() {
    let suspect = counted(2, 0).withdrawn(Why::SuspectIndex("2 and 0".into()));
    let mut case = Case::of(shop(Draft::postgres())).tally(0, suspect);
    case.evidence.counts_differ.push((0, 2, 0));
    assert_eq!(case.rules(), ["suspect-index"]);
    let finding = case.only("suspect-index");
    assert_eq!(finding.severity, Severity::Critical);
    assert!(finding.message.contains("gave 2 with the indexes of its tables and 0 without them"));
    assert_eq!(finding.action, None);
}

#[test]
fn a_collation_that_moved_is_one_suspicion_for_all_that_rest_on_it() {
    use crate::model::ident::TableName;
    use crate::model::tests::draft::ident;
    let mut draft = Draft::postgres();
    draft.table("p", "code text!");
    draft.table("c", "id bigint!, a text, b text");
    draft.index("c", "a");
    draft.index("c", "b");
    for table in ["p", "c"] {
        for column in &mut draft.find(table).columns {
            column.collation = (column.type_name == "text")
                .then(|| TableName { schema: ident("pg_catalog"), name: ident("de-x-icu") });
            column.collation_drifted = column.type_name == "text";
        }
    }
    draft.relation("c(a)->p(code)");
    draft.relation("c(b)->p(code)");
    let finding = Case::of(draft).only("suspect-index");
    assert_eq!((finding.severity, finding.object.as_str()), (Severity::Medium, "de-x-icu"));
    assert!(
        finding
            .detail
            .unwrap()
            .starts_with("2 relations rest on such an index: c(a)->p(code) and c(b)->p(code).")
    );
}

#[test]
fn a_reference_to_nothing_is_broken_and_tells_its_rows() {
    let mut draft = Draft::sqlite();
    draft.table("orders", "id integer!, user_id integer");
    draft.relation("orders(user_id)->users(id)");
    let tally = Tally::broken("no users", Counts { orphans: Some(7), ..Counts::default() });
    let case = Case::of(draft).tally(0, tally);
    assert_eq!(case.rules(), ["broken-reference", "not-enforced"]);
    let finding = case.only("broken-reference");
    assert_eq!(finding.message, "orders refers to users, which does not exist.");
    assert_eq!((finding.severity, finding.rows), (Severity::Critical, Some(7)));
    assert!(finding.detail.unwrap().starts_with("7 rows hold such a reference."));
}

#[test]
fn where_a_broken_relation_has_no_orphans_to_count_the_rows_that_refer_are_told() {
    let counts = Counts { rows: Some(9), null_keys: Some(2), partly_null: Some(0), ..Counts::default() };
    let mut draft = shop(Draft::sqlite());
    draft.catalog.relations[0].flaw = Some(Flaw::ColumnCount { child: 1, parent: 2 });
    assert_eq!(Case::of(draft).tally(0, Tally::broken("x", counts)).only("broken-reference").rows, Some(7));
}

#[test]
fn every_flaw_is_told_in_its_own_words_and_only_once() {
    let told = |flaw: Flaw| {
        let mut draft = shop(Draft::sqlite());
        draft.catalog.relations[0].flaw = Some(flaw);
        let case = Case::of(draft).tally(0, Tally::broken("x", Counts::default()));
        let mut found = case.found("broken-reference");
        found.extend(case.found("parent-not-unique"));
        assert_eq!(found.len(), 1);
        (found[0].rule, found[0].message.clone())
    };
    let missing = crate::model::tests::draft::ident("uid");
    assert_eq!(
        told(Flaw::MissingColumns(vec![missing])).1,
        "orders refers to uid of users, which does not exist."
    );
    assert_eq!(
        told(Flaw::NotATable).1,
        "orders refers to users, which is not a table; only a table can be a parent."
    );
    assert_eq!(
        told(Flaw::ColumnCount { child: 1, parent: 2 }).1,
        "orders refers with 1 column to 2 columns of users."
    );
    assert_eq!(
        told(Flaw::NotUnique("the unique index is partial".into())),
        ("parent-not-unique", "orders refers to id of users, which nothing keeps unique.".to_owned())
    );
}

#[test]
fn a_relation_the_count_called_broken_is_a_finding_even_if_the_catalog_saw_no_flaw() {
    let case =
        Case::of(shop(Draft::sqlite())).tally(0, Tally::broken("foreign key mismatch", Counts::default()));
    assert!(case.only("broken-reference").message.ends_with("no row can satisfy: foreign key mismatch."));
}
