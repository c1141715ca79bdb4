//! Every screen in every state at every size, in one table: nothing there, nothing answered yet, half counted, failed, lost,
//! filtered to nothing. Lines that repeat are folded, so that a whole state can be read at once.

use super::world::*;
use crate::job::{Event, PROBING, Progress};
use crate::model::fault::{Fault, Kind};
use crate::model::tally::Tally;
use std::sync::Arc;
use std::time::Duration;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

/// The screens, and the keys that lead to each from Overview.
const SCREENS: [(&str, &str); 6] = [
    ("Overview", "1"),
    ("Relations", "2"),
    ("Relation", "2<enter>"),
    ("Graph", "3"),
    ("Findings", "4"),
    ("Log", "7"),
];

/// The screen with runs of the same line folded.
fn folded(screen: &str) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in screen.lines().map(|line| line.trim_matches('"').trim_end().to_owned()) {
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let folded = lines.into_iter().map(|(line, times)| match times {
        1 => format!("{line}\n"),
        _ => format!("{line} ×{times}\n"),
    });
    folded.collect()
}

/// Holds a state to its snapshot on every screen at every size, and each to what holds everywhere: something stands in
/// the middle, and the last line tells a key.
fn hold(name: &str, keys: &str, state: impl Fn(u16, u16) -> Person) {
    let mut told = String::new();
    for (screen, way) in SCREENS {
        for (width, height) in SIZES {
            let mut person = state(width, height);
            person.press(way).press(keys);
            let lines = person.lines();
            let middle = lines.get(2..lines.len() - 2).unwrap_or_default();
            let says = middle.iter().any(|line| line.chars().any(char::is_alphabetic));
            assert!(says, "{name}, {screen} at {width}x{height} is empty:\n{}", person.screen());
            let foot = lines.last().map(String::as_str).unwrap_or_default();
            assert!(!foot.trim().is_empty(), "{name}, {screen} at {width}x{height} tells no key");
            told.push_str(&format!("── {screen} {width}x{height}\n{}", folded(&person.screen())));
        }
    }
    insta::assert_snapshot!(name, told);
}

#[test]
fn a_database_without_tables() {
    hold("matrix_empty", "", |width, height| {
        let mut person = Person::connected(width, height);
        person.hear(Event::Cataloged(Arc::new(catalog(&[]))));
        person.hear(Event::Checked(Arc::new(checked(catalog(&[]), Vec::new(), Vec::new()))));
        person
    });
}

#[test]
fn before_anything_is_answered() {
    hold("matrix_connecting", "", Person::new);
}

#[test]
fn while_relations_are_probed() {
    hold("matrix_probing", "", |width, height| {
        let mut person = Person::at_the_shop(width, height);
        person.wait(Duration::from_millis(1_200));
        person.hear(Event::Tallied { relation: 0, tally: orphaned(90_112, 0, 0) });
        person.hear(Event::Tallied { relation: 2, tally: Tally::met_one(0.1) });
        let now = vec!["orders".to_owned()];
        person.hear(Event::Progress(Progress { phase: PROBING, done: 4, total: 20, now }));
        person
    });
}

#[test]
fn when_the_server_was_never_reached() {
    hold("matrix_unreachable", "", |width, height| {
        let mut person = Person::new(width, height);
        person.hear(Event::Failed(Fault::new(Kind::Unreachable, "The server refused the connection.")));
        person.press("<esc>");
        person
    });
}

#[test]
fn when_the_connection_was_lost_while_counting() {
    hold("matrix_lost", "", |width, height| {
        let mut person = Person::at_the_shop(width, height);
        person.hear(Event::Tallied { relation: 0, tally: orphaned(90_112, 0, 0) });
        person.hear(Event::Failed(Fault::new(Kind::Lost, "The server closed the connection.")));
        person.press("<esc>");
        person
    });
}

#[test]
fn filtered_to_nothing() {
    hold("matrix_filtered", "/zzzz<enter>", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.hear(sent(crate::model::sent::Purpose::Catalog, "SELECT 1", 1));
        person
    });
}
