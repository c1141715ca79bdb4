//! The mouse: what is under it is what the screen shows there.

use super::world::*;
use crate::tui::msg::{Effect, Mouse, Msg, Pointer};
use crate::tui::screen::Place;
use crate::tui::start::Look;
use std::time::Duration;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

fn with_mouse(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.press("M");
    person
}

fn does(person: &mut Person, what: Mouse, x: u16, y: u16) {
    person.msg(Msg::Mouse(Pointer { what, x, y }));
    person.wait(Duration::from_millis(1));
}

#[test]
fn it_is_off_until_it_is_asked_for_and_says_what_selecting_text_needs() {
    let mut person = Person::after_the_check(80, 24);
    let before = person.selected();
    does(&mut person, Mouse::Press, 10, 8);
    assert_eq!(person.selected(), before, "nobody asked for the mouse");
    person.press("M");
    assert_eq!(person.effects.last(), Some(&Effect::Mouse(true)));
    assert!(person.sees("hold Shift") && person.sees("M turns it off"), "{}", person.screen());
    person.press("M");
    assert_eq!(person.effects.last(), Some(&Effect::Mouse(false)));
    assert!(Person::looking(80, 24, Look { mouse: true, ..Look::default() }).app.mouse);
}

#[test]
fn a_click_selects_the_row_that_stands_there_on_every_screen_and_size() {
    for (width, height) in SIZES {
        for keys in ["1", "2", "4", "7"] {
            let mut person = with_mouse(width, height);
            person.press(keys);
            let mut hit = 0;
            for y in 2..height - 2 {
                let before = person.lines();
                let was =
                    before.iter().position(|line| line.trim_start_matches(['│', ' ']).starts_with("> "));
                does(&mut person, Mouse::Press, 8, y);
                person.wait(Duration::from_secs(1));
                let after = person.lines();
                let is = after.iter().position(|line| line.trim_start_matches(['│', ' ']).starts_with("> "));
                if is != was {
                    assert_eq!(is, Some(usize::from(y)), "{keys} {width}x{height}: {}", person.screen());
                    hit += 1;
                }
            }
            assert!(hit > 0 || keys == "7", "{keys} {width}x{height}: nothing can be clicked");
        }
    }
}

#[test]
fn a_second_click_opens_and_a_late_one_does_not() {
    let mut person = with_mouse(80, 24);
    let row = person.lines().iter().position(|line| line.contains("payments")).expect("a row") as u16;
    does(&mut person, Mouse::Press, 10, row);
    assert_eq!(person.app.place, Place::Overview);
    person.wait(Duration::from_secs(1));
    does(&mut person, Mouse::Press, 10, row);
    assert_eq!(person.app.place, Place::Overview, "too late to be one wish");
    does(&mut person, Mouse::Press, 12, row);
    assert_eq!(person.app.place, Place::Relation);
}

#[test]
fn a_click_on_a_tab_goes_there_at_every_size() {
    for (width, height) in SIZES {
        for (place, key) in Place::TABS {
            let mut person = with_mouse(width, height);
            let line = person.lines()[1].clone();
            let found = line.find(key).expect("the tab is shown");
            let x = line[..found].chars().count() as u16;
            does(&mut person, Mouse::Press, x, 1);
            assert_eq!(person.app.place, place, "{width}x{height}: {line}");
        }
    }
}

#[test]
fn the_wheel_moves_what_is_under_it_and_leaves_the_keys_where_they_are() {
    let mut person = with_mouse(80, 24);
    person.press("2");
    let before = person.selected();
    does(&mut person, Mouse::Down, 20, 10);
    assert_ne!(person.selected(), before);
    does(&mut person, Mouse::Up, 20, 10);
    assert_eq!(person.selected(), before);
}

#[test]
fn a_click_in_the_palette_selects_and_a_second_one_does_it() {
    let mut person = with_mouse(80, 24);
    person.press(":order");
    let row = person.lines().iter().position(|line| line.contains("Go to table order_items")).expect("a row");
    does(&mut person, Mouse::Press, 12, row as u16);
    does(&mut person, Mouse::Press, 12, row as u16);
    assert_eq!(person.app.place, Place::Graph);
    assert!(person.sees("order_items"), "{}", person.screen());
}
