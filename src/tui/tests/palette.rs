//! The palette as a person meets it: every state at every size, and where Enter leads.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::catalog::Catalog;
use crate::tui::msg::{Effect, Msg};
use crate::tui::screen::Place;
use std::sync::Arc;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

/// Holds a state to its snapshot at every size.
fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

fn pressed(keys: &'static str) -> impl Fn(u16, u16) -> Person {
    move |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press(keys);
        person
    }
}

/// So many relations, each between two tables of its own; their maker looks every table up among all before.
pub fn many(number: usize) -> Catalog {
    let mut whole = catalog(&[]);
    for n in 0..number {
        let one = catalog(&[&format!("order_items_{n:05}.customer_id -> customers_{n:05}.id")]);
        whole.relations.extend(one.relations);
        whole.tables.extend(one.tables);
    }
    whole
}

#[test]
fn the_palette_with_nothing_typed() {
    hold("palette_empty", pressed(":"));
}

#[test]
fn the_palette_after_some_letters() {
    hold("palette_typed", pressed(":ord"));
}

#[test]
fn the_palette_when_nothing_fits() {
    hold("palette_no_match", pressed(":zzzz"));
}

#[test]
fn the_palette_with_what_was_chosen_before() {
    hold("palette_recent", pressed(":invoices<enter>:findings<enter>:"));
}

#[test]
fn the_palette_before_the_catalog_is_read() {
    hold("palette_early", |width, height| {
        let mut person = Person::connected(width, height);
        person.press(":mis");
        person
    });
}

#[test]
fn the_palette_among_ten_thousand_relations() {
    let catalog = Arc::new(many(10_000));
    hold("palette_large", |width, height| {
        let mut person = Person::connected(width, height);
        person.hear(Event::Cataloged(Arc::clone(&catalog)));
        person.press(":items 77");
        person
    });
}

#[test]
fn the_palette_with_hostile_wide_and_long_names() {
    let long =
        "a_table_with_a_name_that_is_longer_than_any_line_of_a_small_terminal_could_ever_hold_to_its_end";
    hold("palette_hostile", |width, height| {
        let mut person = Person::connected(width, height);
        let names = [
            "注文明細の一覧表.id -> 注文.id".to_owned(),
            "a\u{1b}[2J\u{202e}b.id -> e\u{301}tat_civil.id".to_owned(),
            format!("{long}.id -> atlas.id"),
        ];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        person.hear(Event::Cataloged(Arc::new(catalog(&names))));
        person.press(":table");
        person
    });
}

#[test]
fn letters_and_enter_lead_to_a_table_and_escape_leads_back() {
    let mut person = Person::after_the_check(120, 40);
    person.press("2jj:invo<enter>");
    assert_eq!(person.app.place, Place::Graph);
    assert!(person.sees("invoices · 2 hops"), "{}", person.screen());
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Relations);
    assert!(person.selected().contains("order_items"), "the cursor is where it was: {}", person.selected());
}

#[test]
fn in_the_graph_the_table_before_is_one_escape_away() {
    let mut person = Person::after_the_check(120, 40);
    person.press("3:payments<enter>:staff<enter>");
    assert!(person.sees("staff · 2 hops"));
    person.press("<esc>");
    assert!(person.sees("payments · 2 hops"));
}

#[test]
fn a_table_chosen_from_an_open_relation_takes_its_questions_back() {
    let mut person = Person::after_the_check(120, 40);
    person.press("2jj<enter>");
    person.wait(std::time::Duration::from_secs(1));
    assert!(person.commands().iter().any(|command| matches!(command, Command::MissingParents { .. })));
    person.press(":customers<enter>");
    assert!(
        matches!(person.commands().last(), Some(Command::Forget { .. })),
        "{:?}",
        person.commands().last()
    );
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Relations, "back to where the relation was opened from");
}

#[test]
fn a_relation_opens_and_a_rule_shows_its_page() {
    let mut person = Person::after_the_check(120, 40);
    person.press(":relation payments<enter>");
    assert_eq!(person.app.place, Place::Relation);
    assert!(person.sees("payments_invoice_id_fkey"), "{}", person.screen());
    person.press(":half-null<enter>");
    assert!(person.sees("Rule · half-null-key"), "{}", person.screen());
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Relation);
}

#[test]
fn a_command_does_what_its_key_does() {
    let mut person = Person::after_the_check(80, 24);
    person.press(":rescan<enter>");
    assert!(matches!(person.commands().last(), Some(Command::Check { .. })));
    person.press(":quit<enter>");
    assert!(matches!(person.effects.last(), Some(Effect::Leave(_))));
}

#[test]
fn tab_types_the_name_and_escape_changes_nothing() {
    let mut person = Person::after_the_check(80, 24);
    person.press(":invo<tab>");
    assert!(person.sees(": invoices"), "{}", person.screen());
    let before = person.effects.len();
    person.press("<esc>");
    assert!(!person.sees(": invoices"));
    assert_eq!((person.app.place, person.effects.len()), (Place::Overview, before));
    person.press(":zzzz<enter>");
    assert!(person.sees("Nothing fits zzzz."), "Enter on nothing does nothing: {}", person.screen());
}

#[test]
fn a_paste_is_one_line_and_runs_nothing() {
    let mut person = Person::after_the_check(80, 24);
    person.press(":").msg(Msg::Paste("orders\nq\u{1b}".to_owned()));
    assert!(person.sees(": orders"), "{}", person.screen());
}

#[test]
fn the_palette_survives_every_size() {
    for keys in [":", ":ord", ":zzzz"] {
        let mut person = Person::after_the_check(80, 24);
        person.press(keys);
        for width in [0, 1, 7, 39, 40, 41, 59, 60, 79, 80, 119, 131] {
            for height in [0, 1, 5, 9, 10, 15, 16, 24, 41] {
                person.msg(Msg::Resize(width, height));
                if width > 0 && height > 0 {
                    person.screen();
                }
            }
        }
    }
}
