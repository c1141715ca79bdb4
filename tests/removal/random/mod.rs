//! The property everything else rests on, over random schemas with random damage: plan, run, the engine's own verdict is
//! clean, restore, and every table is as it was.

mod postgres;
mod schema;

use crate::support::dice::seed;
use crate::support::{Dice, Outcome};
use schema::{Reference, Schema};
use std::collections::BTreeMap;

/// An engine's side of the property.
trait Side {
    /// Whether keys may stand that were never proved.
    const PROVES_LATER: bool;

    /// A database with the schema and its damage.
    fn of(schema: &Schema) -> Self;
    /// `waif plan`, whatever it comes to.
    fn plans(&self, actions: &[&str]) -> Outcome;
    /// `waif run` of the last plan.
    fn run(&self) -> Outcome;
    /// `waif restore` of the last run.
    fn restore(&self) -> Outcome;
    /// A checksum of every table.
    fn sums(&self) -> BTreeMap<String, String>;
    /// Rows in stores.
    fn held(&self) -> u64;
    /// What the engine itself says against a reference; nothing where it holds.
    fn objection(&self, schema: &Schema, reference: &Reference) -> Option<String>;
    /// Lifts the keys that stood before the run: they would refuse what comes back.
    fn lift_keys(&self, schema: &Schema);
}

/// Schemas a run tries; `tests/run --soak` asks for more.
fn schemas() -> u64 {
    std::env::var("WAIF_TEST_SCHEMAS")
        .ok()
        .map_or(15, |text| text.parse().expect("WAIF_TEST_SCHEMAS is a number"))
}

/// Tries schemas one after the other.
fn hold<S: Side>() {
    let (mut tried, mut carried_out, mut held) = (0, 0, 0);
    for number in 0..schemas() {
        let seed = seed().wrapping_mul(1_000).wrapping_add(number);
        let mut dice = Dice::new(seed);
        let schema = schema::random(&mut dice);
        eprintln!("schema {number}, seed {seed}:\n{}", schema.told());
        if schema.references.iter().all(|reference| schema.lost(reference) == 0) {
            continue;
        }
        tried += 1;
        if let Some(rows) = there_and_back::<S>(&schema, &mut dice) {
            carried_out += 1;
            held += rows;
        }
    }
    assert!(tried * 2 >= schemas(), "{tried} of {} were damaged", schemas());
    assert!(carried_out * 2 >= tried, "{carried_out} of {tried} were carried out");
    assert!(held > carried_out * 5, "{held} rows were held in all");
}

/// One schema; the rows that were held, or nothing where every plan was refused.
fn there_and_back<S: Side>(schema: &Schema, dice: &mut Dice) -> Option<u64> {
    let side = S::of(schema);
    let before = side.sums();
    for reference in schema.references.iter().filter(|reference| schema.lost(reference) > 0) {
        let id = schema.id(reference);
        assert!(side.objection(schema, reference).is_some(), "{id} is damaged, and the engine finds nothing");
    }
    let plan = (0..4).find_map(|attempt| {
        let actions = schema.actions(dice, attempt > 1, S::PROVES_LATER);
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let outcome = side.plans(&actions);
        assert!(matches!(outcome.code, Some(0 | 1)), "{actions:?}: {outcome:#?}");
        assert_eq!(side.sums(), before, "a plan changes nothing");
        eprintln!("{actions:?}: {}", if outcome.code == Some(0) { "planned" } else { "refused" });
        (outcome.code == Some(0)).then_some(outcome)
    });
    let plan = plan?;
    let outcome = side.run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}\n{}", plan.stdout);
    for reference in &schema.references {
        // What is neither declared nor staged is nobody's promise.
        if reference.declared || schema.lost(reference) > 0 {
            let objection = side.objection(schema, reference);
            assert_eq!(objection, None, "{}\n{}", schema.id(reference), plan.stdout);
        }
    }
    let held = side.held();
    side.lift_keys(schema);
    let outcome = side.restore();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}\n{}", plan.stdout);
    assert_eq!(side.sums(), before, "{outcome:#?}\n{}", plan.stdout);
    assert_eq!(side.held(), 0, "{outcome:#?}");
    Some(held)
}

#[test]
fn on_postgres_every_table_is_as_it_was() {
    hold::<postgres::Postgres>();
}
