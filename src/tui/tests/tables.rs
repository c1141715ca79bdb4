//! Graph: the list of all tables, what stays put while counts arrive, what is exported, and what is said after a failure.

use super::world::*;
use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::model::tally::Tally;
use crate::tui::action::Action;
use crate::tui::draw::footer::applies;
use crate::tui::msg::Msg;
use crate::tui::screen::graph::{Shown, shown};
use std::sync::Arc;
use std::time::Duration;

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

/// A catalog nobody has counted yet, with its check running.
fn reading(relations: &[&str]) -> Person {
    let mut person = Person::connected(120, 40);
    person.hear(Event::Cataloged(Arc::new(catalog(relations))));
    person
}

fn count(person: &mut Person, relation: usize, tally: Tally) {
    person.msg(Msg::News(Event::Tallied { relation, tally }));
    person.wait(Duration::from_millis(10));
}

#[test]
fn all_tables_by_name_by_orphans_and_filtered() {
    hold("tables", pressed("3Aj"));
    hold("tables_by_orphans", pressed("3Assss"));
    hold("tables_filtered", pressed("3A/ord<enter>"));
    hold("tables_nothing", pressed("3A/zzz<enter>"));
}

#[test]
fn after_a_failure_the_graph_says_what_happened() {
    hold("failed", |width, height| {
        let mut person = Person::connected(width, height);
        person.hear(Event::Failed(Fault::new(Kind::Lost, "The connection was lost.")));
        person.press("<esc>3");
        person
    });
}

#[test]
fn enter_leads_to_the_table_and_its_keys_are_those_of_a_list() {
    let mut person = Person::after_the_check(120, 40);
    person.press("3A");
    for dead in [Action::Left, Action::Right, Action::More, Action::NextPane] {
        assert!(!applies(&person.app, dead), "{dead:?}");
    }
    assert!(applies(&person.app, Action::Sort) && !person.sees("children"), "{}", person.screen());
    person.press("/pay<enter><enter>");
    assert!(person.sees("┌─ payments · "), "{}", person.screen());
    assert!(!applies(&person.app, Action::Sort) && applies(&person.app, Action::Left));
    person.press("A");
    assert!(person.sees("1 of 12 · filter pay") || person.sees("· filter pay"), "{}", person.screen());
    person.press("A");
    assert!(person.sees("┌─ payments · "), "{}", person.screen());
}

#[test]
fn only_broken_leaves_the_tables_with_damage() {
    let mut person = Person::after_the_check(120, 40);
    person.press("3A!");
    assert!(person.sees("All tables · only broken") && person.sees("order_items"), "{}", person.screen());
    assert!(!person.sees("staff"), "{}", person.screen());
}

#[test]
fn the_list_is_added_up_once_a_second_while_counts_arrive() {
    let mut person = reading(&["a.b -> b.id", "c.b -> b.id"]);
    person.press("3A");
    count(&mut person, 0, orphaned(10, 3, 1));
    assert!(!person.sees("! 3"), "{}", person.screen());
    person.wait(Duration::from_secs(1));
    assert!(person.sees("! 3") && person.sees("! ≥3"), "b waits for the other one\n{}", person.screen());
}

#[test]
fn the_tree_rests_for_a_second_too_and_is_whole_in_the_end() {
    let mut person = reading(&["a.b -> b.id", "c.b -> b.id"]);
    person.press("3/a<enter>t");
    count(&mut person, 0, orphaned(10, 3, 1));
    assert!(!person.sees("3 orphans"), "{}", person.screen());
    person.wait(Duration::from_secs(1));
    assert!(person.sees("3 orphans"), "{}", person.screen());
}

#[test]
fn counts_change_labels_and_move_no_table() {
    let written: Vec<String> = (1..=40).map(|n| format!("part_{n:02}.hub_id -> hub.id")).collect();
    let mut person = reading(&written.iter().map(String::as_str).collect::<Vec<_>>());
    person.press("3/hub<enter>");
    let names = |person: &Person| -> Vec<Option<usize>> {
        person.lines().iter().take(28).map(|line| line.find("part_")).collect()
    };
    let before = names(&person);
    for relation in 0..40 {
        count(&mut person, relation, orphaned(10, u64::from(relation % 7 == 0), 1));
        assert_eq!(names(&person), before, "{}", person.screen());
    }
    assert!(person.sees("1 orphans"), "{}", person.screen());
}

#[test]
fn what_is_exported_is_what_is_in_front() {
    let written: Vec<String> = (1..=70).map(|n| format!("part_{n:02}.hub_id -> hub.id")).collect();
    let mut person = reading(&written.iter().map(String::as_str).collect::<Vec<_>>());
    person.press("3/hub<enter>");
    let Some(Shown::Picture { part, left_out, .. }) = shown(&person.app) else { panic!("no picture") };
    assert_eq!((part.tables.len(), part.relations.len(), left_out), (60, 59, 11));
    person.press("t");
    let Some(Shown::Lines("the tree", text)) = shown(&person.app) else { panic!("no tree") };
    assert!(text.contains("hub is referred to by\n") && text.contains("part_70  not counted"), "{text}");
    person.press("A");
    let Some(Shown::Tables(rows, 0)) = shown(&person.app) else { panic!("no list") };
    assert_eq!(rows.len(), 71);

    let mut person = Person::after_the_check(120, 40);
    person.press("3/orders<enter>!");
    let Some(Shown::Picture { part, left_out, .. }) = shown(&person.app) else { panic!("no picture") };
    assert_eq!(
        part.relations,
        [2, 5].into_iter().filter(|at| part.relations.contains(at)).collect::<Vec<_>>()
    );
    assert!(left_out > 0);
    // A table that does not exist has relations all the same.
    person.press("!/clients<enter>");
    let Some(Shown::Picture { name, part, .. }) = shown(&person.app) else { panic!("no picture") };
    assert_eq!((name.as_str(), part.relations.as_slice()), ("clients", [11].as_slice()));
}
