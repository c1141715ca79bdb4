//! The help and its search: everything can be found, and what is found is in view.

use super::world::*;
use crate::tui::keymap::Context;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

fn hold(name: &str, keys: &str) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        let mut person = Person::after_the_check(width, height);
        person.press(keys);
        shown.push_str(&format!("── {width}x{height}\n{}", person.screen()));
    }
    insta::assert_snapshot!(name, shown);
}

#[test]
fn the_help_while_a_text_is_looked_for() {
    hold("help_search_typing", "?/recount");
}

#[test]
fn the_help_at_the_second_place() {
    hold("help_search_next", "3?/table<enter>n");
}

#[test]
fn the_help_when_there_is_no_such_text() {
    hold("help_search_nothing", "?/zebra<enter>");
}

#[test]
fn every_key_of_every_context_is_in_the_help_and_the_screen_in_front_comes_first() {
    let mut person = Person::after_the_check(160, 45);
    person.press("3?y");
    let copied = person.effects.iter().rev().find_map(|effect| match effect {
        crate::tui::msg::Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let text = copied.expect("the page was copied");
    for context in Context::all() {
        assert!(text.contains(context.title()), "{}", context.title());
        for row in person.app.keymap.rows(context) {
            assert!(text.contains(&row.desc), "{}", row.desc);
        }
    }
    let place = |title| text.find(title).expect("a heading");
    assert!(place("On Graph") < place("In every list") && place("Everywhere") < place("On Overview"));
    assert!(text.starts_with(": on any screen finds"), "{text}");
}

#[test]
fn what_is_found_is_in_view_and_goes_round_the_ends() {
    for (width, height) in SIZES {
        let mut person = Person::after_the_check(width, height);
        person.press("?/invisible<esc>/terminal<enter>");
        for _ in 0..12 {
            let shown = person.lines();
            let inner = &shown[..shown.len() - 2];
            assert!(
                inner.iter().any(|line| line.contains("terminal")),
                "{width}x{height}: {}",
                person.screen()
            );
            person.press("n");
        }
        person.press("N<esc>");
        assert!(person.app.overlay.is_none());
    }
}

#[test]
fn escape_ends_the_search_before_it_closes_the_page() {
    let mut person = Person::after_the_check(80, 24);
    person.press("?/q");
    assert!(person.app.overlay.is_some(), "q is typed, not pressed");
    person.press("<esc>");
    assert!(person.app.overlay.is_some());
    person.press("<esc>");
    assert!(person.app.overlay.is_none());
}
