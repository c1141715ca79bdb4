//! The lists of an open relation grow old: they say so, they are asked for again when their relation was counted anew, and
//! the cursor stays on its key.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::list::{List, MissingParents};
use crate::model::value::{Row, Value};
use std::sync::Arc;
use std::time::Duration;

fn parents(keys: &[(i64, u64)]) -> MissingParents {
    let keys = keys.iter().map(|(key, children)| (vec![Value::Int(*key)], *children)).collect();
    MissingParents { headings: vec!["order_id".to_owned()], keys, more: false }
}

fn children(ids: &[i64]) -> List {
    let row = |id: &i64| -> Row { vec![Value::Int(*id)] };
    let headings = vec!["id".to_owned()];
    List { headings, rows: ids.iter().map(row).collect(), keys: ids.iter().map(row).collect(), next: None }
}

/// Answers the last questions for both lists; returns the limits they came with.
fn answer(person: &mut Person, keys: &[(i64, u64)], ids: &[i64]) -> (Option<u32>, Option<u32>) {
    let (mut of_parents, mut of_rows) = (None, None);
    for _ in 0..3 {
        let asked: Vec<Command> = person.commands().into_iter().cloned().collect();
        person.effects.clear();
        for command in asked {
            match command {
                Command::MissingParents { ticket, limit, .. } => {
                    of_parents = Some(limit);
                    person.hear(Event::MissingParents { ticket, answer: Ok(parents(keys)) });
                }
                Command::OrphanRows { ticket, limit, .. } => {
                    of_rows = Some(limit);
                    person.hear(Event::OrphanRows { ticket, answer: Ok(children(ids)) });
                }
                _ => {}
            }
        }
        person.wait(Duration::from_millis(150));
    }
    (of_parents, of_rows)
}

/// In front of the lists of the worst relation, the second missing parent and its third row selected.
fn reading(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.press("<enter>");
    answer(&mut person, &[(7, 40), (8, 30), (9, 20)], &[1]);
    person.press("j").wait(Duration::from_millis(150));
    answer(&mut person, &[], &[10, 11, 12, 13]);
    person.press("<tab>jj");
    person
}

/// Everything is counted again, with the same outcome.
fn counted_again(person: &mut Person) {
    person.hear(Event::Cataloged(Arc::new(shop())));
    for (relation, tally) in tallies().into_iter().enumerate() {
        person.hear(Event::Tallied { relation, tally });
    }
    person.wait(Duration::from_millis(100));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
}

#[test]
fn a_list_says_how_old_it_is_once_it_is_not_fresh() {
    let mut person = reading(160, 45);
    assert!(!person.sees("read "), "{}", person.screen());
    person.wait(Duration::from_secs(200));
    assert!(person.sees("3 missing parents · read 3 min ago"), "{}", person.screen());
    assert!(person.sees("4 rows · read 3 min ago"), "{}", person.screen());
    assert!(person.app.due().is_some(), "nobody would wake to tell the next minute");
}

#[test]
fn a_whole_check_asks_for_the_lists_again_and_the_cursor_stays_on_its_keys() {
    let mut person = reading(160, 45);
    person.wait(Duration::from_secs(200)).press("R");
    person.effects.clear();
    person.hear(Event::Cataloged(Arc::new(shop())));
    assert!(person.sees("from before, being counted again · read 3 min ago"), "{}", person.screen());
    counted_again(&mut person);
    assert!(person.sees("asking · read 3 min ago"), "{}", person.screen());
    assert!(person.sees("Child rows of 8") && person.sees("12"), "the old rows went:\n{}", person.screen());
    let limits = answer(&mut person, &[(6, 50), (7, 40), (8, 30)], &[9, 10, 11, 12, 13]);
    assert_eq!(limits, (Some(200), Some(100)));
    assert!(person.sees("Child rows of 8"), "{}", person.screen());
    let state = person.app.screens.relation.as_ref().expect("it is open");
    assert_eq!((state.cursor.at, state.children.cursor.at), (2, 3));
    assert_eq!(state.children.rows().len(), 5, "the old rows and the new ones are one list");
    assert!(!person.sees("read "), "{}", person.screen());
    assert!(person.commands().is_empty(), "asked again for nothing: {:?}", person.commands());
}

#[test]
fn a_list_that_was_read_after_its_relation_was_counted_is_not_asked_for_again() {
    let mut person = Person::at_the_shop(120, 40);
    person.hear(Event::Tallied { relation: 2, tally: orphaned(2_310_442, 41_207, 1_164) });
    person.wait(Duration::from_millis(900));
    person.hear(Event::Found(Arc::new(findings())));
    person.press("1g<enter>");
    answer(&mut person, &[(7, 40)], &[1]);
    let mut all = vec![crate::model::tally::Tally::not_checked(crate::model::tally::Why::Pending); 12];
    all[2] = orphaned(2_310_442, 41_207, 1_164);
    person.wait(Duration::from_secs(1));
    person.hear(Event::Checked(Arc::new(checked(shop(), all, findings()))));
    assert!(person.sees("41,207"), "{}", person.screen());
    assert!(person.commands().is_empty(), "{:?}", person.commands());
}

#[test]
fn rows_that_were_on_their_way_are_asked_for_once_more() {
    let mut person = Person::after_the_check(120, 40);
    person.press("<enter>");
    person.hear(Event::MissingParents { ticket: 1, answer: Ok(parents(&[(7, 40)])) });
    let asked = |person: &Person| {
        person.commands().iter().filter(|command| matches!(command, Command::OrphanRows { .. })).count()
    };
    assert_eq!(asked(&person), 1);
    person.wait(Duration::from_secs(1)).press("r");
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
    assert_eq!(asked(&person), 2, "{:?}", person.commands());
    answer(&mut person, &[(7, 40)], &[1, 2]);
    assert!(person.sees("2 rows"), "{}", person.screen());
}

#[test]
fn a_refusal_leaves_the_old_list_in_view_with_its_age_and_says_so() {
    use crate::model::fault::{Fault, Kind};
    let mut person = reading(160, 45);
    person.wait(Duration::from_secs(200)).press("R");
    person.effects.clear();
    counted_again(&mut person);
    let asked: Vec<Command> = person.commands().into_iter().cloned().collect();
    for command in asked {
        if let Command::MissingParents { ticket, .. } = command {
            let refused = Fault::new(Kind::Busy, "The table is locked.");
            person.hear(Event::MissingParents { ticket, answer: Err(refused) });
        }
    }
    assert!(person.sees("The table is locked. Enter tries again."), "{}", person.screen());
    assert!(person.sees("3 missing parents · read 3 min ago"), "{}", person.screen());
    person.effects.clear();
    person.press("<tab><enter>");
    assert!(
        person.commands().iter().any(|command| matches!(command, Command::MissingParents { .. })),
        "{:?}",
        person.commands()
    );
}
