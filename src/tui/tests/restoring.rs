//! What a run changed is brought back from the screen: asked for, confirmed under its name, followed, and told.

use super::mend::{only, planned, runs};
use super::screens::hold;
use super::world::*;
use crate::job::{Command, Event, plan_file};
use crate::model::fault::{Fault, Kind};
use crate::model::restore::{Conflict, Held, Restored, RestoredStep, Sort};
use crate::model::run::{Batch, Course, News, Run, State};
use crate::repair::planner::fingerprint;
use crate::tui::mend::planning;
use crate::tui::overlay::Overlay;
use std::time::Duration;

fn held(healed: Option<u64>) -> Vec<Held> {
    let of = |what, table: &str, store: &str, rows, healed| Held {
        step: "1a".to_owned(),
        place: 0,
        what,
        table: table.to_owned(),
        store: store.to_owned(),
        rows,
        healed,
    };
    vec![
        of(Sort::Rows, "public.order_items", "waif.rows_order_items_26772d6b", 41_207, healed),
        of(Sort::Values, "public.notes", "waif.values_notes_39cc1616", 1_164, None),
    ]
}

/// A finished run that holds something, with the plan in front as its own.
fn run(person: &Person, healed: Option<u64>) -> Run {
    let mut plan = planning::current(&person.app).expect("a plan").as_ref().clone();
    plan.fingerprint.clear();
    plan.fingerprint = fingerprint::of(&plan);
    let text = plan_file::write(&plan).expect("JSON");
    let mut run = runs().pop().expect("a run");
    run.steps[0].state = State::Finished;
    Run { restorable: held(healed), plan: text, ..run }
}

/// Somebody who looks at that run.
fn looking(width: u16, height: u16) -> (Person, Run) {
    let mut person = planned(width, height);
    let own = run(&person, None);
    person.press("6");
    person.hear(Event::Runs(Ok(vec![own.clone()])));
    (person, own)
}

fn asked(person: &Person) -> usize {
    person.commands().iter().filter(|command| matches!(command, Command::Held { .. })).count()
}

fn restores(person: &Person) -> Vec<&Command> {
    person.commands().into_iter().filter(|command| matches!(command, Command::Restore { .. })).collect()
}

/// The same with the confirmation open.
fn confirming(width: u16, height: u16, healed: Option<u64>) -> Person {
    let (mut person, own) = looking(width, height);
    person.press("B");
    assert_eq!(asked(&person), 1, "{}", person.screen());
    person.hear(Event::Held(Ok(Run { restorable: held(healed), ..own })));
    assert!(matches!(person.app.overlay, Some(Overlay::Confirm(_))), "{}", person.screen());
    person
}

/// The same under way.
fn restoring(width: u16, height: u16) -> Person {
    let mut person = confirming(width, height, None);
    person.press("shop<enter>");
    let steps = vec![("1a".to_owned(), "Quarantine 41,207 rows of order_items".to_owned())];
    person.hear(Event::Run(News::Began {
        run: "20261119-00c0de".to_owned(),
        steps,
        course: Course::ComesBack,
    }));
    person.hear(Event::Run(News::Step { place: 0, state: State::Running, note: None }));
    for number in 1..=4 {
        person.wait(Duration::from_secs(1));
        person.hear(Event::Run(News::Batch(Batch {
            place: 0,
            number,
            changed: 9_000,
            rows: number * 9_000,
            total: 42_371,
            took: Duration::from_millis(900),
            next: 9_000,
            table: "order_items".to_owned(),
        })));
    }
    person
}

/// The same ended, but for three rows.
fn restored(width: u16, height: u16) -> Person {
    let mut person = restoring(width, height);
    let note = Some("42368 came back, 3 stay".to_owned());
    person.hear(Event::Run(News::Step { place: 0, state: State::Paused, note }));
    let conflict = Conflict {
        table: "order_items".to_owned(),
        rows: 3,
        why: "another row holds the same (id) by now".to_owned(),
        some: vec![4, 8, 15],
    };
    let step = RestoredStep {
        id: "1a".to_owned(),
        title: "Quarantine 41,207 rows of order_items".to_owned(),
        came: 42_368,
        left: 3,
        conflicts: vec![conflict],
        note: None,
    };
    person.hear(Event::Restored(Ok(Restored { run: "20261119-00c0de".to_owned(), steps: vec![step] })));
    person
}

#[test]
fn what_a_run_holds_is_shown_and_the_confirmation_says_what_comes_back() {
    hold("run_held", |width, height| looking(width, height).0);
    hold("confirm_restore", |width, height| confirming(width, height, Some(18)));
}

#[test]
fn only_the_whole_name_brings_it_back() {
    let mut person = confirming(120, 40, None);
    person.press("<enter>sho<enter>");
    assert!(restores(&person).is_empty() && person.sees("Bring back on PRODUCTION"));
    person.press("<esc>");
    assert!(person.app.overlay.is_none() && !person.app.mend.arms.is_armed());
    person.press("B");
    let own = run(&person, None);
    person.hear(Event::Held(Ok(own)));
    person.press("shop<enter>");
    let [Command::Restore { wanted, consent, .. }] = &restores(&person)[..] else {
        panic!("no restore: {}", person.screen());
    };
    assert!(!wanted.healed && consent.writes && consent.confirmed.as_deref() == Some("shop"));
    assert!(person.sees("WRITING") && person.sees("BRINGING BACK"), "{}", person.screen());
}

#[test]
fn tab_chooses_only_what_has_its_parent_again() {
    let mut person = confirming(120, 40, Some(18));
    person.press("<tab>");
    assert!(
        person.sees("18 rows to go back") && !person.sees("41,207 rows to go back"),
        "{}",
        person.screen()
    );
    person.press("shop<enter>");
    let [Command::Restore { wanted, .. }] = &restores(&person)[..] else { panic!("no restore") };
    assert!(wanted.healed);
    // Where no parent came back there is nothing to choose.
    let mut person = confirming(120, 40, Some(0));
    assert!(!person.sees("how much"));
    person.press("<tab>shop<enter>");
    let [Command::Restore { wanted, .. }] = &restores(&person)[..] else { panic!("no restore") };
    assert!(!wanted.healed);
}

#[test]
fn it_is_followed_and_what_stays_is_told_with_the_reason() {
    hold("run_restoring", restoring);
    hold("restored_in_part", restored);
    let mut person = restoring(80, 24);
    // Only one at a time, and X is no other way in.
    person.press("BX");
    assert_eq!((asked(&person), restores(&person).len()), (1, 1));
    let mut person = restored(80, 24);
    assert!(matches!(person.app.overlay, Some(Overlay::Page(_))), "{}", person.screen());
    assert!(!person.app.mend.is_running() && !person.app.mend.arms.is_armed());
    person.press("<esc>");
    assert!(person.app.mend.history.asked, "the runs are asked for again");
}

#[test]
fn a_restore_that_fails_says_so_and_begins_again() {
    let mut person = confirming(120, 40, None);
    let own = run(&person, None);
    person.press("shop<enter>");
    person.hear(Event::Restored(Err(Fault::new(Kind::Lost, "The connection to the server was lost."))));
    assert!(!person.app.mend.is_running() && person.app.overlay.is_none(), "{}", person.screen());
    assert!(person.sees("B begins it again"), "{}", person.screen());
    person.hear(Event::Runs(Ok(vec![own])));
    person.press("B");
    assert_eq!(asked(&person), 2, "{}", person.screen());
}

#[test]
fn nothing_opens_where_nothing_waits_or_the_person_went_elsewhere() {
    let mut person = planned(120, 40);
    person.press("6");
    person.hear(Event::Runs(Ok(runs())));
    person.press("jB");
    assert_eq!(asked(&person), 0, "{}", person.screen());
    let (mut person, own) = looking(120, 40);
    person.press("B2");
    person.hear(Event::Held(Ok(own)));
    assert!(person.app.overlay.is_none(), "{}", person.screen());
    // An answer nobody waits for opens nothing either.
    person.press("6");
    let own = run(&person, None);
    person.hear(Event::Held(Ok(own)));
    assert!(person.app.overlay.is_none());
}

#[test]
fn a_relation_with_orphans_offers_all_that_may_become_of_them() {
    let mut person = planned(120, 40);
    person.press("2");
    only(&mut person, "payments(invoice");
    person.press(" ");
    for verb in ["adopt", "nullify", "delete"] {
        assert!(person.sees(&format!("{verb}:payments(")), "{verb}: {}", person.screen());
    }
    person.press("<enter>");
    let last = person.app.mend.staged.actions().last().map(ToString::to_string).unwrap_or_default();
    assert!(last.starts_with("quarantine:"), "what loses least comes first: {last}");
}
