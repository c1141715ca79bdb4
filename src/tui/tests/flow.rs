//! What keys and news do, step by step.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::fault::{Fault, Kind};
use crate::model::finding::Severity;
use crate::model::list::{List, MissingParents};
use crate::model::sent::Purpose;
use crate::model::tally::{Counts, Tally, Why};
use crate::model::value::Value;
use crate::tui::facts::log::LOG_KEEPS;
use crate::tui::msg::{Effect, Msg};
use crate::tui::screen::Place;
use crate::tui::start::Exit;
use std::sync::Arc;
use std::time::Duration;

fn found(person: &mut Person, findings: Vec<crate::model::finding::Finding>) {
    person.hear(Event::Found(Arc::new(findings)));
}

fn last(person: &Person) -> Option<&Effect> {
    person.effects.last()
}

#[test]
fn it_opens_by_asking_for_a_check_that_probes_first() {
    let person = Person::new(80, 24);
    let [Command::Check { scope, .. }] = person.commands()[..] else { panic!("{:?}", person.commands()) };
    assert!(scope.probe_first);
}

#[test]
fn the_worst_is_selected_whatever_arrives_until_a_person_chooses() {
    let mut person = Person::at_the_shop(80, 24);
    assert!(person.selected().contains("broken reference"), "{}", person.selected());
    found(&mut person, findings());
    assert!(person.selected().contains("orphan rows"), "{}", person.selected());
    assert!(person.selected().contains("order_items"));

    person.press("jjjj");
    assert!(person.selected().contains("not valid"), "{}", person.selected());
    let mut more = findings();
    more.insert(0, finding(Severity::Critical, "orphan-rows", "a(b)->c(id)", "worse", Some(99)));
    found(&mut person, more);
    assert!(person.selected().contains("not valid"), "the cursor left its finding: {}", person.selected());
}

#[test]
fn enter_opens_the_relation_and_asks_for_its_missing_parents_once() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    assert_eq!(person.app.place, Place::Relation);
    person.wait(Duration::from_secs(1));
    let asked: Vec<_> =
        person.commands().into_iter().filter(|c| matches!(c, Command::MissingParents { .. })).collect();
    assert_eq!(asked, [&Command::MissingParents { ticket: 1, relation: 2, limit: 200 }]);
}

fn parents(keys: &[(i64, u64)], more: bool) -> MissingParents {
    let keys = keys.iter().map(|(key, children)| (vec![Value::Int(*key)], *children)).collect();
    MissingParents { headings: vec!["order_id".to_owned()], keys, more }
}

fn page(ids: std::ops::Range<i64>, next: bool) -> List {
    let rows: Vec<_> = ids.clone().map(|id| vec![Value::Int(id), Value::Int(7)]).collect();
    let next = next.then(|| vec![Value::Int(ids.end - 1)]);
    let keys = ids.map(|id| vec![Value::Int(id)]).collect();
    List { headings: vec!["id".to_owned(), "order_id".to_owned()], rows, keys, next }
}

#[test]
fn child_rows_are_asked_for_once_the_cursor_rests_and_an_older_question_is_taken_back() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    person.hear(Event::MissingParents { ticket: 1, answer: Ok(parents(&[(7, 3), (8, 2), (9, 1)], false)) });
    let rows = |ticket, key: i64, after| Command::OrphanRows {
        ticket,
        relation: 2,
        of: Some(vec![Value::Int(key)]),
        after,
        limit: 100,
    };
    assert_eq!(person.commands().last(), Some(&&rows(2, 7, None)));

    person.press("jj");
    assert_eq!(
        person.commands().last(),
        Some(&&Command::Forget { ticket: 2 }),
        "moving asks for nothing yet"
    );
    person.wait(Duration::from_millis(200));
    assert_eq!(person.commands().last(), Some(&&rows(3, 9, None)));

    person.hear(Event::OrphanRows { ticket: 2, answer: Ok(page(0..3, false)) });
    assert!(person.sees("Asking the database."), "an answer to an old question was shown");
    person.hear(Event::OrphanRows { ticket: 3, answer: Ok(page(50..60, true)) });
    assert!(person.sees("Child rows of 9"));
}

#[test]
fn the_next_page_is_asked_for_by_key_when_the_last_row_is_reached() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    person.hear(Event::MissingParents { ticket: 1, answer: Ok(parents(&[(7, 300)], false)) });
    person.hear(Event::OrphanRows { ticket: 2, answer: Ok(page(0..100, true)) });
    assert_eq!(person.commands().len(), 3, "a page too many was asked for: {:?}", person.commands());
    person.press("<tab>G");
    let next = Command::OrphanRows {
        ticket: 3,
        relation: 2,
        of: Some(vec![Value::Int(7)]),
        after: Some(vec![Value::Int(99)]),
        limit: 100,
    };
    assert_eq!(person.commands().last(), Some(&&next));
    person.hear(Event::OrphanRows { ticket: 3, answer: Ok(page(100..150, false)) });
    person.press("G");
    assert!(person.lines().iter().any(|line| line.contains("> 149")), "{}", person.screen());
    assert_eq!(person.commands().last(), Some(&&next), "after the last page nothing more is asked");
}

#[test]
fn leaving_a_relation_takes_its_questions_back() {
    for keys in ["<esc>", "1", "q", "3"] {
        let mut person = Person::after_the_check(80, 24);
        person.press("<enter>").press(keys);
        assert_eq!(person.commands().last(), Some(&&Command::Forget { ticket: 1 }), "after {keys}");
        assert_ne!(person.app.place, Place::Relation);
    }
}

#[test]
fn a_list_that_failed_is_asked_for_again_by_enter_only() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    let fault = Fault::new(Kind::TimedOut, "Listing took too long.");
    person.hear(Event::MissingParents { ticket: 1, answer: Err(fault) });
    person.wait(Duration::from_secs(5));
    assert!(person.sees("Listing took too long."));
    assert_eq!(person.commands().len(), 2);
    person.press("<enter>");
    assert_eq!(
        person.commands().last(),
        Some(&&Command::MissingParents { ticket: 2, relation: 2, limit: 200 })
    );
}

#[test]
fn orphans_met_while_the_relation_is_open_bring_its_lists() {
    let mut person = Person::at_the_shop(80, 24);
    person.press("2jj<enter>");
    assert!(person.sees("Not counted yet."));
    assert_eq!(person.commands().len(), 1);
    person.hear(Event::Tallied { relation: 2, tally: Tally::met_one(0.1) });
    assert!(matches!(person.commands().last(), Some(Command::MissingParents { relation: 2, .. })));
    assert!(person.sees("orphans ≥1, not counted to the end"), "{}", person.screen());
}

#[test]
fn escape_goes_back_step_by_step_and_never_quits() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter><tab>");
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Relation, "the first gives the keys back to the first pane");
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Overview);
    person.press("<esc><esc><esc>");
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::Leave(_))));
}

#[test]
fn q_closes_and_on_overview_quits() {
    let mut person = Person::after_the_check(80, 24);
    person.press("4q");
    assert_eq!(person.app.place, Place::Overview);
    person.press("?q");
    assert!(person.app.overlay.is_none());
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::Leave(_))));
    person.press("q");
    assert_eq!(last(&person), Some(&Effect::Leave(Exit::Quit)));
}

#[test]
fn the_first_ctrl_c_stops_the_counting_and_the_second_leaves() {
    let mut person = Person::at_the_shop(80, 24);
    person.press("<ctrl-c>");
    assert_eq!(last(&person), Some(&Effect::Submit(Command::Stop)));
    assert!(person.sees("Stopping"));
    person.press("<ctrl-c>");
    assert_eq!(last(&person), Some(&Effect::Leave(Exit::Interrupted)));
}

#[test]
fn ctrl_c_leaves_at_once_when_nothing_runs_or_nothing_is_connected() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<ctrl-c>");
    assert_eq!(last(&person), Some(&Effect::Leave(Exit::Interrupted)));
    let mut person = Person::new(80, 24);
    person.press("<ctrl-c>");
    assert_eq!(last(&person), Some(&Effect::Leave(Exit::Interrupted)));
}

#[test]
fn ctrl_c_is_heard_under_help_and_while_typing() {
    for keys in ["?", "/abc"] {
        let mut person = Person::at_the_shop(80, 24);
        person.press(keys).press("<ctrl-c>");
        assert_eq!(last(&person), Some(&Effect::Submit(Command::Stop)), "after {keys}");
    }
}

#[test]
fn a_stop_is_over_when_the_check_ends() {
    let mut person = Person::at_the_shop(80, 24);
    person.press("<ctrl-c>");
    let cancelled = vec![Tally::not_checked(Why::Cancelled); 12];
    person.hear(Event::Checked(Arc::new(checked(shop(), cancelled, Vec::new()))));
    assert!(person.sees("INCOMPLETE: 12 relations not checked."), "{}", person.screen());
    assert!(!person.sees("Stopping"));
}

#[test]
fn a_fault_is_answered_by_connecting_again_or_by_leaving() {
    let fault = || Event::Failed(Fault::new(Kind::Lost, "The server closed the connection."));
    let mut person = Person::after_the_check(80, 24);
    person.hear(fault());
    person.press("r");
    assert!(matches!(person.effects[..], [.., Effect::Reopen, Effect::Submit(Command::Check { .. })]));
    assert!(!person.sees("closed the connection"), "the old fault stays on the screen");
    assert!(person.lines()[0].contains("CONNECTING"), "nobody has answered yet: {}", person.lines()[0]);

    person.hear(fault()).press("<esc>");
    assert!(person.sees("NO CONNECTION") && person.sees("order_items"), "what was read before stays visible");
    person.press("R");
    assert!(matches!(person.effects[..], [.., Effect::Reopen, Effect::Submit(Command::Check { .. })]));

    person.hear(fault()).press("q");
    assert_eq!(last(&person), Some(&Effect::Leave(Exit::Quit)));
}

#[test]
fn what_the_person_stopped_is_no_fault() {
    let mut person = Person::connected(80, 24);
    person.hear(Event::Failed(Fault::new(Kind::Interrupted, "The statement was cancelled.")));
    assert!(person.app.overlay.is_none() && person.app.facts.fault.is_none());
    assert!(person.sees("Stopped before there was anything to show."));
}

#[test]
fn a_desk_that_vanishes_is_told_and_not_waited_for() {
    let mut person = Person::at_the_shop(80, 24);
    person.msg(Msg::DeskGone);
    assert!(person.sees("The work behind the screen ended unexpectedly."));
    assert!(person.app.facts.work.is_none());
}

#[test]
fn r_counts_the_selected_relation_again_without_the_limits_of_the_check() {
    let mut person = Person::after_the_check(80, 24);
    person.app.scope.max_rows = Some(1_000);
    person.press("2jjjjjjjr");
    let Some(Command::Recount { relations, scope }) = person.commands().last().copied() else {
        panic!("{:?}", person.commands())
    };
    assert_eq!((relations.as_slice(), scope.max_rows), (&[7][..], None));
    assert!(person.selected().contains("counting"), "{}", person.selected());

    person.hear(Event::Tallied { relation: 7, tally: orphaned(8_000_000, 0, 0) });
    let mut tallies = tallies();
    tallies[7] = orphaned(8_000_000, 0, 0);
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies, findings()))));
    assert!(person.selected().contains("clean"), "{}", person.selected());
    assert!(person.sees("Complete"), "{}", person.screen());
}

#[test]
fn r_does_not_disturb_a_check_that_runs() {
    let mut person = Person::at_the_shop(80, 24);
    person.press("2r");
    assert_eq!(person.commands().len(), 1);
    assert!(person.sees("A check runs already."));
}

#[test]
fn a_recount_asks_for_the_lists_of_the_open_relation_again() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    person.hear(Event::MissingParents { ticket: 1, answer: Ok(parents(&[(7, 3)], false)) });
    person.press("r");
    let again = checked(shop(), tallies(), findings());
    person.hear(Event::Checked(Arc::new(again)));
    let asked: Vec<Command> = person.commands().into_iter().cloned().collect();
    let recount =
        asked.iter().rposition(|command| matches!(command, Command::Recount { .. })).expect("a recount");
    let lists = &asked[recount + 1..];
    let parents =
        lists.iter().filter(|command| matches!(command, Command::MissingParents { relation: 2, .. }));
    assert_eq!(parents.count(), 1, "{lists:?}");
    let children = lists.iter().filter(|command| matches!(command, Command::OrphanRows { relation: 2, .. }));
    assert_eq!(children.count(), 1, "{lists:?}");
}

#[test]
fn a_filter_takes_effect_with_every_letter_and_escape_puts_the_old_one_back() {
    let mut person = Person::after_the_check(80, 24);
    person.press("2/ship");
    assert!(person.selected().contains("shipments") && !person.sees("invoices(order_id)"));
    person.press("<backspace><backspace><backspace><backspace>!orders");
    assert!(!person.sees("shipments(order_id)") && person.sees("users(team_id)"));
    person.press("<esc>");
    assert!(person.sees("shipments(order_id)") && person.sees("users(team_id)"));
    person.press("/payments<enter>");
    assert!(person.sees("1 of 12"));
    person.press("/<esc>");
    assert!(person.sees("1 of 12"), "escape drops only what was typed since");
}

#[test]
fn letters_typed_into_a_filter_are_no_commands() {
    let mut person = Person::after_the_check(80, 24);
    person.press("/q1R?");
    assert_eq!(person.app.entry.as_ref().map(|entry| entry.text().to_owned()).as_deref(), Some("q1R?"));
    assert_eq!(person.commands().len(), 1);
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::Leave(_))));
}

#[test]
fn a_paste_lands_in_the_filter_spelled_out_or_nowhere() {
    let mut person = Person::after_the_check(80, 24);
    person.msg(Msg::Paste("q\nq\nq".to_owned()));
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::Leave(_))));
    person.press("/").msg(Msg::Paste("ord\u{1b}[2J\nsecond line".to_owned()));
    assert_eq!(
        person.app.entry.as_ref().map(|entry| entry.text().to_owned()).as_deref(),
        Some("ord\\x1B[2J")
    );
}

#[test]
fn sorting_keeps_the_cursor_on_its_relation() {
    let mut person = Person::after_the_check(80, 24);
    person.press("2jjs");
    assert!(person.selected().contains("order_items(order_id)"), "{}", person.selected());
    let first = person.lines()[4].clone();
    assert!(first.contains("order_items(order_id)"), "the worst verdict is not on top: {first}");
    person.press("S");
    assert!(person.selected().contains("order_items(order_id)"), "{}", person.selected());
}

#[test]
fn the_log_keeps_the_newest_on_top_until_a_person_reads() {
    let mut person = Person::connected(80, 24);
    person.press("7");
    for number in 0..5 {
        person.hear(sent(Purpose::Count, &format!("SELECT {number}"), 1));
    }
    assert!(person.selected().contains("SELECT 4"), "{}", person.selected());
    person.press("j");
    person.hear(sent(Purpose::Count, "SELECT 5", 1));
    assert!(person.selected().contains("SELECT 3"), "{}", person.selected());
}

#[test]
fn the_log_says_how_many_statements_it_dropped() {
    let mut person = Person::connected(120, 40);
    for number in 0..LOG_KEEPS + 3 {
        person.msg(Msg::News(sent(Purpose::Count, &format!("SELECT {number}"), 1)));
    }
    person.press("7");
    assert!(person.sees("10,003 statements sent, the last 10,000 kept"), "{}", person.screen());
    person.press("G");
    assert!(person.selected().contains("SELECT 3"), "{}", person.selected());
}

#[test]
fn after_a_minute_an_idle_inspector_asks_for_the_clock_once_a_minute_and_no_more() {
    let mut person = Person::after_the_check(80, 24);
    person.wait(Duration::from_secs(61));
    assert!(person.sees("checked 1 min ago"), "{}", person.screen());
    person.app.changed = false;
    person.wait(Duration::from_secs(30));
    assert!(!person.app.changed, "nothing on the screen could have changed");
    assert_eq!(person.app.due(), Some(Duration::from_millis(126_200)));
    person.wait(Duration::from_secs(31));
    assert!(person.app.changed && person.sees("checked 2 min ago"));
}

#[test]
fn a_running_check_moves_its_time_four_times_a_second() {
    let mut person = Person::at_the_shop(80, 24);
    person.app.changed = false;
    person.wait(Duration::from_millis(100));
    assert!(!person.app.changed);
    person.wait(Duration::from_millis(200));
    assert!(person.app.changed);
}

#[test]
fn a_long_check_rings_when_it_ends_and_a_short_one_does_not() {
    let person = Person::after_the_check(80, 24);
    assert!(!person.effects.contains(&Effect::Bell));
    let mut person = Person::at_the_shop(80, 24);
    person.wait(Duration::from_secs(11));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
    assert_eq!(last(&person), Some(&Effect::Bell));
}

#[test]
fn clean_is_said_only_of_a_check_that_saw_everything() {
    let complete = |tally: Tally, gaps| {
        let mut person = Person::connected(80, 24);
        let catalog = catalog(&["orders.customer_id -> customers.id"]);
        person.hear(Event::Cataloged(Arc::new(catalog.clone())));
        let mut check = checked(catalog, vec![tally], Vec::new());
        check.gaps = gaps;
        person.hear(Event::Checked(Arc::new(check)));
        (person.sees("Complete"), person.sees("INCOMPLETE"))
    };
    let gap = || {
        let reason = "it is a foreign table".to_owned();
        vec![crate::model::catalog::Gap { object: "remote".to_owned(), reason }]
    };
    assert_eq!(complete(orphaned(9, 0, 0), Vec::new()), (true, false));
    assert_eq!(complete(orphaned(9, 0, 0), gap()), (false, true));
    assert_eq!(complete(Tally::met_one(0.1), Vec::new()), (false, true));
    assert_eq!(complete(Tally::not_checked(Why::Cancelled), Vec::new()), (false, true));
    assert_eq!(complete(Tally::counted(Counts::default(), 1.0), Vec::new()), (false, true));
}

#[test]
fn notices_are_counted_on_the_screen_and_read_with_a_key() {
    let mut person = Person::after_the_check(80, 24);
    person.hear(Event::Notice("A transaction pooler stands between.".to_owned()));
    person.hear(Event::Notice("A transaction pooler stands between.".to_owned()));
    assert!(person.sees("1 notice"), "{}", person.screen());
    person.press("n");
    assert!(person.sees("A transaction pooler stands between."));
}

#[test]
fn a_server_that_could_write_is_shown_as_one() {
    let mut person = Person::new(80, 24);
    let mut server = server();
    server.read_only = false;
    server.superuser = true;
    server.tls = crate::model::server::Tls::Off;
    person.hear(Event::Connected(Arc::new(server)));
    for word in ["NOT READ-ONLY", "superuser", "TLS OFF"] {
        assert!(person.lines()[0].contains(word), "{}", person.lines()[0]);
    }
}

#[test]
fn a_relation_that_is_gone_after_a_rescan_is_told_and_left() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>R");
    person.hear(Event::Cataloged(Arc::new(catalog(&["orders.customer_id -> customers.id"]))));
    assert!(person.sees("order_items(order_id)->orders(id) is gone"), "{}", person.screen());
    assert_eq!(person.app.place, Place::Overview);
}

#[test]
fn a_relation_keeps_its_screen_when_it_moves_in_the_catalog() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>R");
    person.hear(Event::Cataloged(Arc::new(catalog(&["order_items.order_id -> orders.id"]))));
    person.hear(Event::Tallied { relation: 0, tally: orphaned(10, 2, 1) });
    assert!(matches!(person.commands().last(), Some(Command::MissingParents { relation: 0, .. })));
}

#[test]
fn the_selection_stays_on_its_relation_while_ten_thousand_are_counted() {
    let written: Vec<String> =
        (0..10_000).map(|number| format!("child_{number}.parent_id -> parent_{}.id", number % 500)).collect();
    let relations: Vec<&str> = written.iter().map(String::as_str).collect();
    let mut person = Person::connected(160, 45);
    person.hear(Event::Cataloged(Arc::new(catalog(&relations))));
    person.press("2s");
    person.press("gjjj");
    let chosen = |person: &Person| person.selected().split("->").next().unwrap_or_default().to_owned();
    let before = chosen(&person);
    for turn in 0..20 {
        for relation in turn * 100..turn * 100 + 100 {
            person
                .msg(Msg::News(Event::Tallied { relation, tally: orphaned(1_000, relation as u64 % 3, 1) }));
        }
        assert_eq!(chosen(&person), before, "turn {turn}");
    }
}

#[test]
fn a_broken_reference_is_never_asked_for_its_parents() {
    let mut person = Person::at_the_shop(80, 24);
    let counts = Counts { rows: Some(6), orphans: Some(4), null_keys: Some(2), ..Counts::default() };
    let mut tallies = tallies();
    tallies[11] = Tally::broken("the table clients does not exist", counts);
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies, findings()))));
    person.press("2G");
    assert!(person.selected().contains("BROKEN 4"), "{}", person.selected());
    person.press("<enter>");
    assert!(person.sees("4 rows with a key") && person.sees("so none is listed."), "{}", person.screen());
    assert_eq!(person.commands().len(), 1, "{:?}", person.commands());
}
