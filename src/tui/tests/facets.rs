//! Narrowing lists by what is in them: the menu, the same typed by hand, and what is said when it is wrong.

use super::world::*;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

#[test]
fn the_menu_of_facets_at_every_size() {
    hold("facets_menu", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("4fj ");
        person
    });
}

#[test]
fn a_narrowed_list_at_every_size() {
    hold("facets_applied", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("4/sev>=high !rule:orphan*<enter>");
        person
    });
}

#[test]
fn enter_narrows_to_the_row_and_ticks_narrow_to_several() {
    let mut person = Person::after_the_check(120, 40);
    person.press("4f<enter>");
    assert!(person.sees("4 of 8 · filter sev:critical"), "{}", person.screen());
    person.press("f j <enter>");
    assert!(
        person.sees("2 of 8 · filter sev:high"),
        "the tick of before was taken away: {}",
        person.screen()
    );
    person.press("f <esc>");
    assert!(person.sees("2 of 8 · filter sev:high"), "escape changes nothing: {}", person.screen());
    person.press("fjj <enter>");
    assert!(person.sees("4 of 8 · filter sev:high,medium"), "{}", person.screen());
}

#[test]
fn free_words_and_other_comparisons_stay_when_the_menu_adds_to_them() {
    let mut person = Person::after_the_check(120, 40);
    person.press("4/payments sev>=high<enter>fG<enter>");
    assert!(person.sees("2 of 8 · filter relation:yes payments"), "{}", person.screen());
    assert_eq!(person.app.screens.findings.list.filter.text(), "relation:yes payments sev>=high");
}

#[test]
fn relations_are_narrowed_by_verdict_state_and_what_the_engine_does() {
    let mut person = Person::after_the_check(120, 40);
    for (typed, shown) in [
        ("verdict:orphans", "2 of 12"),
        ("state:not-valid", "1 of 12"),
        ("state:not-enforced,broken", "2 of 12"),
        ("!verdict:clean", "4 of 12"),
        ("schema:public", "12 of 12"),
        ("on_delete:no-action", "12 of 12"),
        ("verdict:orphans payments", "1 of 12"),
        ("verdict:orphans !payments", "1 of 12"),
    ] {
        person.press("2/").press(typed).press("<enter>");
        assert!(person.sees(shown), "{typed}: {}", person.screen());
        person.press("/");
        for _ in typed.chars() {
            person.press("<backspace>");
        }
        person.press("<enter>");
    }
}

#[test]
fn an_unknown_facet_is_told_and_hides_nothing() {
    let mut person = Person::after_the_check(120, 40);
    person.press("4/colour:red<enter>");
    assert!(person.sees("8 · there is no facet colour: sev"), "{}", person.screen());
    assert!(person.selected().contains("orphan-rows"), "{}", person.screen());
}

#[test]
fn the_log_has_words_only() {
    let mut person = Person::after_the_check(80, 24);
    person.press("7f");
    assert!(person.sees("This list has no facets."), "{}", person.screen());
}
