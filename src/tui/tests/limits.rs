//! Limits set on the screens, runs taken over and gone on with, and the history of runs: what a person types is what the
//! desk is told, and the confirmation says it before.

use super::mend::{plan, planned, running, runs, staged};
use super::screens::hold;
use super::world::*;
use crate::job::{Command, Event, Verified, Wheel, plan_file};
use crate::model::plan::limits::{Cap, Limits};
use crate::model::run::{Course, Ended, News, Run, Signs, State};
use crate::repair::planner::fingerprint;
use crate::tui::msg::Effect;
use std::sync::Arc;
use std::time::Duration;

/// The moment the world begins, and the end of a window in it.
const BEGIN: &str = "2026-11-20T20:00:00Z";

pub(super) fn at_eight(mut person: Person) -> Person {
    person.app.mend.opened = BEGIN.parse().expect("a moment");
    person
}

/// Types over what stands in the field.
fn window(person: &mut Person, end: &str) {
    person.press("T").press(end).press("<enter>");
}

fn requests(person: &Person) -> Vec<Option<String>> {
    let commands = person.commands().into_iter();
    let ends = commands.filter_map(|command| match command {
        Command::Plan(request) => Some(request.parameters.window_end.clone()),
        _ => None,
    });
    ends.collect()
}

fn limited(width: u16, height: u16, end: &str) -> Person {
    let mut person = at_eight(planned(width, height));
    window(&mut person, end);
    let made = plan(&person);
    person.hear(Event::Planned(Ok(Arc::new(made))));
    person
}

#[test]
fn limits_set_on_plan_make_it_anew_and_the_confirmation_shows_the_window_and_its_margin() {
    let mut person = limited(120, 40, "22:00");
    assert_eq!(requests(&person), [None, Some("2026-11-20T22:00:00Z".to_owned())]);
    person.press("X");
    assert!(person.sees("ends 22:00") && person.sees("margin about 1 h 50 min"), "{}", person.screen());
    let mut person = limited(120, 40, "20:05");
    person.press("X");
    assert!(person.sees("TOO EARLY"), "{}", person.screen());
}

#[test]
fn a_plan_that_was_asked_for_with_other_limits_is_not_taken() {
    let mut person = at_eight(staged(120, 40, true));
    person.press("5");
    let old = plan(&person);
    window(&mut person, "22:00");
    person.hear(Event::Planned(Ok(Arc::new(old))));
    assert_eq!(requests(&person).len(), 2, "it is asked for again");
    person.press("X");
    assert!(person.app.overlay.is_none() && person.sees("The plan is not there yet"), "{}", person.screen());
}

#[test]
fn what_makes_no_sense_stays_in_the_form() {
    let mut person = at_eight(planned(120, 40));
    window(&mut person, "19:99");
    assert!(person.sees("Write a time of day"), "{}", person.screen());
    person.press("<esc>T<down>12<enter>");
    assert!(person.sees("Write a time with its unit"), "{}", person.screen());
    person.press("<esc>");
    assert_eq!(requests(&person).len(), 1, "nothing was set");
}

#[test]
fn limits_of_a_run_are_steered_and_only_what_was_changed_is_sent() {
    let mut person = at_eight(running(120, 40));
    window(&mut person, "22:00");
    let wheel = person.commands().into_iter().rev().find_map(|command| match command {
        Command::Steer(Wheel::Limits(limits)) => Some(*limits),
        _ => None,
    });
    let end = Cap::At("2026-11-20T22:00:00Z".parse().expect("a moment"));
    let limits = Limits { window_end: Some(end), ..Limits::default() };
    assert_eq!(wheel, Some(limits));
    person.hear(Event::Run(News::Limits(limits)));
    assert!(person.sees("window ends 22:00, margin"), "{}", person.screen());
}

#[test]
fn a_time_for_batches_takes_them_out_of_the_hand() {
    let mut person = running(120, 40);
    person.press("+");
    assert!(person.sees("by hand"), "{}", person.screen());
    person.press("T<down>100ms<enter>");
    assert!(person.commands().contains(&&Command::Steer(Wheel::Batch(None))));
    assert!(person.sees("by time"), "{}", person.screen());
}

#[test]
fn a_run_whose_window_is_over_goes_on_with_another_end() {
    let mut person = past(120, 40);
    person.press("X");
    assert!(person.sees("ENDED at 19:00"), "{}", person.screen());
    person.press("<esc>T22:00<enter>X");
    assert!(person.sees("ends 22:00") && person.sees("5,012,000 rows; the rest"), "{}", person.screen());
    person.press("shop<enter>");
    let Some(Command::Resume { run, limits, consent, .. }) =
        person.commands().into_iter().find(|command| matches!(command, Command::Resume { .. }))
    else {
        panic!("it does not go on: {}", person.screen());
    };
    assert_eq!(run, "20261121-7f3a00");
    assert_eq!(limits.window_end, Some(Cap::At("2026-11-20T22:00:00Z".parse().expect("a moment"))));
    assert!(!consent.take_over, "nobody holds it");
}

/// Runs of the journal, the first broken off, with its plan; its window ended an hour ago.
pub(super) fn past(width: u16, height: u16) -> Person {
    let mut person = at_eight(planned(width, height));
    let mut made = plan(&person);
    made.parameters.window_end = Some("2026-11-20T19:00:00Z".to_owned());
    made.fingerprint.clear();
    made.fingerprint = fingerprint::of(&made);
    let text = plan_file::write(&made).expect("a plan can be written");
    person.press("6").hear(Event::Runs(Ok(history(&text, None))));
    person.hear(Event::Audited(Ok(Some(verified(None)))));
    person
}

pub(super) fn history(plan: &str, session: Option<&str>) -> Vec<Run> {
    let mut runs = runs();
    runs[0].state = State::Running;
    runs[0].note = None;
    runs[0].plan = plan.to_owned();
    runs[0].session = session.map(str::to_owned);
    runs
}

fn verified(broken: Option<(u64, &'static str)>) -> Verified {
    Verified { file: "/home/dba/.local/state/waif/audit/shop.jsonl".into(), lines: 412, torn: 0, broken }
}

const HOLDER: &str =
    "session 4711 (waif/20261121-7f3a00, since 2026-11-20 20:31:07), begun by dba at desk, process 99";

fn held(width: u16, height: u16) -> Person {
    let mut person = past(width, height);
    let text = person.app.mend.history.got.as_ref().expect("runs").as_ref().expect("runs")[0].plan.clone();
    person.hear(Event::Runs(Ok(history(&text, Some(HOLDER)))));
    person
}

#[test]
fn a_run_that_somebody_holds_is_taken_over_only_by_saying_so() {
    let mut person = held(120, 40);
    assert!(person.sees("held by session 4711"), "{}", person.screen());
    // Nowhere else would one key be enough.
    person.app.facts.environment = crate::model::target::Environment::Development;
    person.press("X");
    assert!(person.sees("TAKE A RUN OVER") && person.sees("HELD BY"), "{}", person.screen());
    person.press("<enter>");
    let resumed =
        |person: &Person| person.commands().iter().any(|command| matches!(command, Command::Resume { .. }));
    assert!(!resumed(&person), "the name was not typed");
    person.press("shop<enter>");
    let taken = person.commands().into_iter().any(
        |command| matches!(command, Command::Resume { consent, .. } if consent.take_over && consent.writes),
    );
    assert!(taken, "{}", person.screen());
}

#[test]
fn after_a_failover_the_run_goes_on_only_when_a_person_says_so() {
    let mut person = past(120, 40);
    let text = person.app.mend.history.got.as_ref().expect("runs").as_ref().expect("runs")[0].plan.clone();
    let mut runs = history(&text, None);
    runs[0].state = State::Paused;
    runs[0].note = Some(
        "The server was promoted since the plan was made: its timeline was 1, and is 2. What was committed last on \
         the server before may be missing here: batch 7. The journal here tells what is in the tables here, and what \
         is missing is done again: waif resume --promoted goes on."
            .to_owned(),
    );
    person.hear(Event::Runs(Ok(runs)));
    person.app.facts.environment = crate::model::target::Environment::Development;
    person.press("X");
    assert!(person.sees("FAILOVER") && person.sees("may be missing here"), "{}", person.screen());
    person.press("<enter>");
    assert!(person.app.overlay.is_some(), "the name was not typed");
    person.press("shop<enter>");
    let said = person.commands().into_iter().any(
        |command| matches!(command, Command::Resume { consent, .. } if consent.promoted && !consent.take_over),
    );
    assert!(said, "{}", person.screen());
}

#[test]
fn runs_that_others_hold_are_looked_at_again_and_again() {
    let asked =
        |person: &Person| person.commands().iter().filter(|command| ***command == Command::Runs).count();
    let mut person = held(120, 40);
    assert_eq!(asked(&person), 1);
    person.wait(Duration::from_secs(6));
    assert_eq!(asked(&person), 2);
    person.hear(Event::Runs(Ok(runs())));
    person.wait(Duration::from_secs(60));
    assert_eq!(asked(&person), 2, "nobody holds one any more");
    person.press("16");
    assert_eq!(asked(&person), 3, "who comes back sees what is there now");
}

#[test]
fn an_audit_log_that_was_changed_is_told() {
    let mut person = past(120, 40);
    assert!(person.sees("audit log of this machine: whole, 412 lines"), "{}", person.screen());
    person.hear(Event::Audited(Ok(Some(verified(Some((17, "it was edited: its digest does not fit")))))));
    assert!(person.sees("audit log BROKEN at line 17: it was edited"), "{}", person.screen());
}

#[test]
fn an_action_is_typed_as_the_command_line_takes_it() {
    let mut person = Person::after_the_check(120, 40);
    person.press("5adance:orders<enter>");
    assert!(person.sees("there is no action \"dance\""), "{}", person.screen());
    person.press("<esc>adrop-fk:order_items(order_id)->orders(id)<enter>");
    assert_eq!(
        person.app.mend.staged.actions().first().map(ToString::to_string).as_deref(),
        Some("drop-fk:order_items(order_id)->orders(id)")
    );
    assert_eq!(requests(&person).len(), 1, "and planned");
}

#[test]
fn pausing_is_said_to_be_done_only_when_it_is() {
    let mut person = running(120, 40);
    person.press("p");
    assert!(person.sees("PAUSING after this batch"), "{}", person.screen());
    person.hear(Event::Run(News::Waiting("Paused by a person; no transaction is open.".to_owned())));
    assert!(
        person.sees("· PAUSED ·") && person.sees("no table is locked while it waits"),
        "{}",
        person.screen()
    );
}

#[test]
fn an_estimated_total_is_shown_as_one_until_it_is_counted() {
    let mut person = planned(120, 40);
    person.press("Xshop<enter>");
    assert!(person.sees("~8.1 M rows"), "{}", person.screen());
    person.hear(Event::Run(News::Began {
        run: "1".to_owned(),
        steps: vec![("0".to_owned(), "journal".to_owned()), ("1a".to_owned(), "fill".to_owned())],
        course: Course::Begins,
    }));
    person.hear(Event::Run(News::Step { place: 1, state: State::Running, note: None }));
    assert!(person.sees("0 / ~8.1 M rows") && person.sees("~0.0 %"), "{}", person.screen());
    person.hear(Event::Run(News::Total { place: 1, rows: 0, total: 8_112_345 }));
    assert!(person.sees("0 / 8,112,345 rows") && !person.sees("~"), "{}", person.screen());
}

#[test]
fn the_end_is_told_to_the_terminal() {
    let mut person = running(120, 40);
    person.hear(Event::Run(News::Ended(Ended::Paused("The window has ended.".to_owned()))));
    let notice = person.effects.iter().find_map(|effect| match effect {
        Effect::Notify(text) => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(notice, Some("run 20261121-7f3a00 on shop on db-prod-2:5432 paused itself"));
}

#[test]
fn the_form_of_limits() {
    hold("limits_plan", |width, height| {
        let mut person = at_eight(planned(width, height));
        person.press("T04:00");
        person
    });
}

#[test]
fn the_form_of_limits_with_a_mistake() {
    hold("limits_wrong", |width, height| {
        let mut person = at_eight(running(width, height));
        person.press("T<down><down>many<enter>");
        person
    });
}

#[test]
fn a_plan_with_a_window_that_is_too_early() {
    hold("plan_window", |width, height| limited(width, height, "20:05"));
}

#[test]
fn the_confirmation_with_a_window() {
    hold("confirm_window", |width, height| {
        let mut person = limited(width, height, "22:00");
        person.press("Xsho");
        person
    });
}

#[test]
fn the_confirmation_of_a_takeover() {
    hold("confirm_takeover", |width, height| {
        let mut person = held(width, height);
        person.press("X");
        person
    });
}

#[test]
fn the_confirmation_of_going_on() {
    hold("confirm_resume", |width, height| {
        let mut person = past(width, height);
        person.press("X");
        person
    });
}

#[test]
fn runs_of_which_one_was_broken_off() {
    hold("runs_broken_off", past);
}

#[test]
fn runs_of_which_one_is_held() {
    hold("runs_held", held);
}

#[test]
fn run_that_retries_under_a_window() {
    hold("run_retrying", |width, height| {
        let mut person = at_eight(running(width, height));
        window(&mut person, "22:00");
        let end = Cap::At("2026-11-20T22:00:00Z".parse().expect("a moment"));
        person.hear(Event::Run(News::Limits(Limits { window_end: Some(end), ..Limits::default() })));
        person.hear(Event::Run(News::Signs(Signs { lag: Some(400), waiting: 2, ..Signs::default() })));
        person.hear(Event::Run(News::Retry(
            "A lock was not to be had in 200 ms. In the way: process 41122 (etl). Try 2 of 10 follows."
                .to_owned(),
        )));
        person.wait(Duration::from_secs(6));
        person
    });
}

#[test]
fn run_that_was_stopped() {
    hold("run_stopped", |width, height| {
        let mut person = running(width, height);
        person.press("c");
        person.hear(Event::Run(News::Step { place: 1, state: State::Stopped, note: None }));
        person.hear(Event::Run(News::Ended(Ended::Stopped)));
        person
    });
}
