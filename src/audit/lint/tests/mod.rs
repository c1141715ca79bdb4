//! The rules on hand-made catalogs: each fires where it should, is silent where it should be, and says what a person
//! needs.

mod indexes;
mod policy;
mod rows;
mod structure;

use super::{Evidence, Facts, run};
use crate::model::finding::Finding;
use crate::model::policy::Policy;
use crate::model::tally::{Counts, Tally, Why};
use crate::model::tests::draft::Draft;

/// A finished check of a draft: every relation clean but those told otherwise.
struct Case {
    draft: Draft,
    tallies: Vec<Tally>,
    evidence: Evidence,
    finished: bool,
}

impl Case {
    fn of(draft: Draft) -> Self {
        let tallies = vec![counted(0, 0); draft.catalog.relations.len()];
        Self { draft, tallies, evidence: Evidence::default(), finished: true }
    }

    fn tally(mut self, place: usize, tally: Tally) -> Self {
        self.tallies[place] = tally;
        self
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            catalog: &self.draft.catalog,
            tallies: &self.tallies,
            finished: self.finished,
            evidence: &self.evidence,
        }
    }

    /// What one rule finds.
    fn found(&self, rule: &str) -> Vec<Finding> {
        let rule = super::rule(rule).expect("a rule of that name");
        (rule.check)(&self.facts())
    }

    /// The one thing a rule finds.
    fn only(&self, rule: &str) -> Finding {
        let found = self.found(rule);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.into_iter().next().unwrap()
    }

    fn silent(&self, rule: &str) {
        assert_eq!(self.found(rule), []);
    }

    /// The names of all rules that fire.
    fn rules(&self) -> Vec<&'static str> {
        let mut rules: Vec<_> =
            run(&self.facts(), &Policy::default()).0.iter().map(|finding| finding.rule).collect();
        rules.dedup();
        rules
    }
}

fn counted(orphans: u64, partly_null: u64) -> Tally {
    Tally::counted(
        Counts { orphans: Some(orphans), partly_null: Some(partly_null), ..Counts::default() },
        0.0,
    )
}

fn not_checked(why: Why) -> Tally {
    Tally::not_checked(why)
}

/// Orders that refer to users, with the index such a reference wants.
fn shop(mut draft: Draft) -> Draft {
    let key = if draft.catalog.server.default_schema == "main" { "integer" } else { "bigint" };
    draft.table("users", &format!("id {key}!"));
    draft.table("orders", &format!("id {key}!, user_id {key}"));
    draft.index("orders", "user_id");
    draft.relation("orders(user_id)->users(id)");
    draft
}

#[test]
fn a_sound_database_is_found_sound() {
    assert_eq!(Case::of(shop(Draft::postgres())).rules(), [] as [&str; 0]);
    // SQLite leaves one remark: nobody can know which connections enforce.
    assert_eq!(Case::of(shop(Draft::sqlite())).rules(), ["not-enforced"]);
}

#[test]
fn every_rule_has_a_name_of_its_own_and_a_page() {
    let mut names: Vec<&str> = super::RULES.iter().map(|rule| rule.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for rule in super::RULES {
        assert!(rule.page.starts_with(&format!("# {}\n", rule.name)), "the page of {}", rule.name);
    }
}

#[test]
fn twenty_thousand_relations_are_judged_in_no_time() {
    let mut draft = Draft::postgres();
    draft.table("t0", "id bigint!, ref bigint");
    let relation = draft.relation("t0(ref)->t0(id)").clone();
    let table = draft.catalog.tables[0].clone();
    (draft.catalog.tables, draft.catalog.relations) = (Vec::new(), Vec::new());
    let name = |number: usize| crate::model::tests::draft::ident(&format!("t{number}"));
    for number in 0..5_000 {
        let mut table = table.clone();
        table.id = crate::model::catalog::TableId(u32::try_from(number).unwrap());
        table.name.name = name(number);
        draft.catalog.tables.push(table);
    }
    for number in 0..20_000 {
        let (child, parent) = (number % 5_000, number * 7 % 5_000);
        let mut relation = relation.clone();
        relation.id = format!("r{number}");
        relation.child.table = Some(draft.catalog.tables[child].id);
        relation.child.name.name = name(child);
        relation.parent.table = Some(draft.catalog.tables[parent].id);
        relation.parent.name.name = name(parent);
        draft.catalog.relations.push(relation);
    }
    let case = Case::of(draft);
    let (findings, _) = run(&case.facts(), &Policy::default());
    assert_eq!(findings.iter().filter(|finding| finding.rule == "missing-index").count(), 5_000);
}
