//! Figures from before, on every screen: they stay in view, they say that they are old, and fresh ones take their place
//! without moving the cursor.

use super::screens::hold;
use super::world::*;
use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::tui::msg::Msg;
use std::sync::Arc;
use std::time::Duration;

/// The shop a while after its check, being counted again: the catalog is read, and some relations are done.
fn again(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.wait(Duration::from_secs(180)).press("R");
    person.hear(Event::Cataloged(Arc::new(shop())));
    let early =
        findings().into_iter().filter(|finding| !matches!(finding.rule, "orphan-rows" | "not-checked"));
    person.hear(Event::Found(Arc::new(early.collect())));
    person.hear(progress(2, &["order_items"]));
    person.hear(Event::Tallied { relation: 0, tally: orphaned(90_113, 0, 0) });
    person.hear(Event::Tallied { relation: 3, tally: orphaned(90_112, 0, 0) });
    person
}

#[test]
fn overview_while_all_is_counted_again() {
    hold("overview_again", again);
}

#[test]
fn relations_while_all_is_counted_again() {
    hold("relations_again", |width, height| {
        let mut person = again(width, height);
        person.press("2jj");
        person
    });
}

#[test]
fn findings_while_all_is_counted_again() {
    hold("findings_again", |width, height| {
        let mut person = again(width, height);
        person.press("4");
        person
    });
}

#[test]
fn nothing_old_counts_as_current() {
    let person = again(120, 40);
    let facts = &person.app.facts;
    assert_eq!((facts.score.clean, facts.score.orphans, facts.score.pending), (2, 0, 10));
    assert!(facts.old(2).is_some() && facts.old(3).is_none(), "the third was counted again, the second not");
    assert_eq!(facts.current, 5);
    let all = &facts.findings[facts.current..];
    assert!(all.iter().all(|finding| finding.message.starts_with("From an earlier check")), "{all:?}");
    assert!(person.sees("was orphan rows") && person.sees("CRIT ~4"), "{}", person.screen());
}

#[test]
fn a_fresh_count_takes_the_place_of_the_old_and_the_cursor_stays() {
    let mut person = again(80, 24);
    person.press("j");
    assert!(person.selected().contains("was orphan rows") && person.selected().contains("payments"));
    let line = |person: &Person| person.lines().iter().position(|line| line.starts_with(" > "));
    let before = line(&person);
    person.hear(Event::Tallied { relation: 5, tally: orphaned(2_200_000, 320, 3) });
    let mut now: Vec<_> = findings().into_iter().filter(|finding| finding.rule != "not-checked").collect();
    now.remove(0);
    now[0].rows = Some(320);
    person.hear(Event::Found(Arc::new(now)));
    assert!(person.selected().contains("320"), "{}", person.screen());
    assert!(!person.selected().contains("was"), "{}", person.screen());
    assert_eq!(line(&person), before);
}

#[test]
fn what_a_finished_count_did_not_find_again_is_gone() {
    let mut person = again(80, 24);
    person.hear(Event::Tallied { relation: 5, tally: orphaned(2_200_000, 0, 0) });
    let early =
        findings().into_iter().filter(|finding| !matches!(finding.rule, "orphan-rows" | "not-checked"));
    person.hear(Event::Found(Arc::new(early.collect())));
    let left = |person: &Person| person.app.facts.findings.len() - person.app.facts.current;
    assert_eq!(left(&person), 2, "orphans of order_items, and shipments that were not checked");
    let mut tallies = tallies();
    tallies[5] = orphaned(2_200_000, 0, 0);
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies, Vec::new()))));
    assert_eq!(left(&person), 1, "shipments stayed unchecked, so what was said of them is not taken back");
    assert!(person.app.facts.findings[0].object.starts_with("shipments"));
}

#[test]
fn a_rescan_that_fails_leaves_everything_in_view_and_marked() {
    let mut person = again(80, 24);
    person.hear(Event::Failed(Fault::new(Kind::Lost, "The server closed the connection.")));
    person.press("<esc>2jj");
    assert!(person.selected().contains("had 41,207"), "{}", person.screen());
    assert!(!person.sees("ORPHANS"), "{}", person.screen());
}

#[test]
fn the_lists_of_a_relation_stay_while_it_is_counted_again() {
    let mut person = super::screens::opened(80, 24);
    person.press("R");
    person.hear(Event::Cataloged(Arc::new(shop())));
    assert!(person.sees("88120417") && person.sees("being counted again"), "{}", person.screen());
    assert!(person.sees("it had 41,207 orphans of 2,310,442 rows"), "{}", person.screen());
}

#[test]
fn without_a_minute_gone_by_the_ages_cost_a_wake_up_a_second() {
    let mut person = Person::after_the_check(80, 24);
    person.wait(Duration::from_secs(10));
    person.app.changed = false;
    person.msg(Msg::Tick(Duration::from_millis(16_900)));
    assert!(!person.app.changed, "still ten seconds ago");
    person.msg(Msg::Tick(Duration::from_millis(17_300)));
    assert!(person.app.changed);
}
