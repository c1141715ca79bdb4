//! Watch mode: on every frame, never two checks at once, and over as soon as something goes wrong.

use super::screens::hold;
use super::world::*;
use crate::job::{Command, Event};
use crate::model::fault::{Fault, Kind};
use std::sync::Arc;
use std::time::Duration;

fn watching(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.press("W").wait(Duration::from_secs(18));
    person
}

fn checks(person: &Person) -> usize {
    person.commands().iter().filter(|command| matches!(command, Command::Check { .. })).count()
}

fn check(person: &mut Person) {
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
}

#[test]
fn overview_in_watch_mode() {
    hold("watch_waiting", watching);
}

#[test]
fn relations_in_watch_mode() {
    hold("watch_relations", |width, height| {
        let mut person = watching(width, height);
        person.press("2j");
        person
    });
}

#[test]
fn findings_in_watch_mode_while_counting() {
    hold("watch_counting", |width, height| {
        let mut person = watching(width, height);
        person.wait(Duration::from_secs(43)).press("4");
        person.hear(Event::Cataloged(Arc::new(shop())));
        person
    });
}

#[test]
fn each_check_begins_a_while_after_the_last_ended_and_never_beside_it() {
    let mut person = watching(80, 24);
    assert_eq!(checks(&person), 1);
    person.wait(Duration::from_secs(41));
    assert_eq!(checks(&person), 1, "a second too soon");
    assert!(person.sees("watch 1 s"), "{}", person.screen());
    person.wait(Duration::from_secs(1));
    assert_eq!(checks(&person), 2);
    let probes = |command: &&Command| matches!(command, Command::Check { scope, .. } if scope.probe_first);
    assert_eq!(
        person.commands().iter().filter(|command| probes(command)).count(),
        1,
        "only the first one probes"
    );
    person.wait(Duration::from_secs(300));
    assert_eq!(checks(&person), 2, "the one that runs is waited for, however long it takes");
    assert!(person.sees("watch: counting"), "{}", person.screen());
    check(&mut person);
    person.wait(Duration::from_secs(59));
    assert_eq!(checks(&person), 2);
    person.wait(Duration::from_secs(1));
    assert_eq!(checks(&person), 3);
    check(&mut person);
    person.press("W").wait(Duration::from_secs(600));
    assert_eq!(checks(&person), 3, "off is off");
    assert!(!person.lines()[0].contains("watch"));
}

#[test]
fn a_fault_or_a_stop_ends_it_and_says_so() {
    let mut person = watching(80, 24);
    person.wait(Duration::from_secs(42));
    person.hear(Event::Failed(Fault::new(Kind::Lost, "The server closed the connection.")));
    person.press("<esc>");
    assert!(person.sees("Watch mode is off: the check failed"), "{}", person.screen());
    person.wait(Duration::from_secs(600));
    assert_eq!(checks(&person), 2);
    person.press("W");
    assert!(person.sees("no connection to watch over"), "{}", person.screen());

    let mut person = watching(80, 24);
    person.wait(Duration::from_secs(42)).press("<ctrl-c>");
    check(&mut person);
    person.wait(Duration::from_secs(600));
    assert_eq!(checks(&person), 2);
}

#[test]
fn waiting_wakes_for_a_second_that_is_shown_and_for_nothing_else() {
    let mut person = Person::after_the_check(80, 24);
    person.app.watch.every = Duration::from_secs(600);
    person.press("W").wait(Duration::from_secs(90));
    let now = person.app.facts.now;
    let due = person.app.due().expect("the countdown goes on");
    assert!(due - now >= Duration::from_secs(10), "nothing shown changes before: {:?}", due - now);
    assert!(person.sees("watch 9 min"), "{}", person.screen());
    person.wait(Duration::from_secs(480));
    assert!(person.sees("watch 30 s"), "{}", person.screen());
    let due = person.app.due().expect("the countdown goes on");
    assert!(due - person.app.facts.now <= Duration::from_secs(1));
}
