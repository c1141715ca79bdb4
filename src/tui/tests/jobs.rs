//! How many keys the common jobs take, counted. A person at three in the morning pays for each.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::list::MissingParents;
use crate::model::value::Value;
use crate::tui::msg::Effect;
use crate::tui::screen::Place;

/// Presses keys and counts them: a name in angle brackets is one key.
fn keys(person: &mut Person, pressed: &[&str]) -> usize {
    for key in pressed {
        person.press(key);
    }
    pressed.len()
}

#[test]
fn the_worst_problem_and_its_rows_take_no_key() {
    let person = Person::after_the_check(80, 24);
    assert_eq!(person.app.place, Place::Overview);
    assert!(person.selected().contains("orphan rows") && person.selected().contains("41,207"));
    assert!(person.sees("41,207 rows of order_items refer by order_id"), "{}", person.screen());
}

#[test]
fn the_orphan_rows_behind_it_take_one() {
    let mut person = Person::after_the_check(80, 24);
    assert_eq!(keys(&mut person, &["<enter>"]), 1);
    let keys = vec![(vec![Value::Int(7)], 3)];
    let answer = Ok(MissingParents { headings: vec!["order_id".to_owned()], keys, more: false });
    person.hear(Event::MissingParents { ticket: 1, answer });
    let asked = person.commands().last().copied();
    assert!(matches!(asked, Some(Command::OrphanRows { relation: 2, .. })), "{asked:?}");
}

#[test]
fn its_ticket_text_takes_three() {
    let mut person = Person::after_the_check(80, 24);
    assert_eq!(keys(&mut person, &["<enter>", "y", "<enter>"]), 3);
    let Some(Effect::Copy(text)) = person.effects.last() else { panic!("{:?}", person.effects.last()) };
    assert!(text.starts_with("**order_items(order_id)->orders(id)**"), "{text}");
    assert!(text.contains("- **critical** orphan-rows: 41,207 rows of order_items"), "{text}");
}

#[test]
fn its_neighbourhood_takes_one() {
    let mut person = Person::after_the_check(80, 24);
    assert_eq!(keys(&mut person, &["3"]), 1);
    assert!(person.sees("order_items · 2 hops"), "{}", person.screen());
}
