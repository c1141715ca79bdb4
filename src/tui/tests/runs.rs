//! What Run tells of batches and of logs, and the runs of the journal filtered.

use super::limits::{at_eight, past};
use super::mend::{batch, plan, running, runs, staged};
use super::screens::hold;
use super::world::*;
use crate::job::Event;
use crate::model::run::{Batch, Course, News, Run, Signs, State};
use std::sync::Arc;
use std::time::Duration;

/// Batches of a step after the eight of the world, a second each, and looks at the server beside them: 11 MB of its log a
/// second, every tenth batch a slow one.
fn long(mut person: Person, batches: u64) -> Person {
    for number in 9..=batches {
        person.wait(Duration::from_secs(1));
        let end = 4_294_967_296 + number * (11 << 20);
        person.hear(Event::Run(News::Signs(Signs { log_end: Some(end), ..Signs::default() })));
        person.hear(slow(number, if number.is_multiple_of(10) { 188 } else { 141 }));
    }
    person
}

fn slow(number: u64, millis: u64) -> Event {
    let Event::Run(News::Batch(made)) = batch(number, 8 * 626_500 + (number - 8) * 14_180, 8_112_000) else {
        panic!("a batch is a batch")
    };
    Event::Run(News::Batch(Batch { took: Duration::from_millis(millis), ..made }))
}

/// A run that changes a file.
fn on_a_file(width: u16, height: u16) -> Person {
    let mut person = staged(width, height, true);
    person.press("5");
    let mut made = plan(&person);
    made.place.engine = "sqlite".to_owned();
    person.hear(Event::Planned(Ok(Arc::new(made))));
    person.press("Xshop<enter>");
    let steps = plan(&person).steps.iter().map(|step| (step.id.clone(), step.title.clone())).collect();
    let begins = News::Began { run: "20261121-7f3a00".to_owned(), steps, course: Course::Begins };
    person.hear(Event::Run(begins));
    person.hear(Event::Run(News::Step { place: 1, state: State::Running, note: None }));
    person.hear(batch(1, 14_180, 8_112_000));
    person
}

#[test]
fn run_that_has_gone_on_for_a_while() {
    hold("run_long", |width, height| long(at_eight(running(width, height)), 40));
}

#[test]
fn the_spread_of_batches_is_that_of_the_step_and_of_enough_of_them() {
    let mut person = long(running(120, 40), 19);
    assert!(!person.sees("p95"), "{}", person.screen());
    person.hear(slow(20, 188));
    assert!(person.sees("last 14,180 rows in 188 ms   p95 188 ms"), "{}", person.screen());
    for number in 21..=60 {
        person.hear(slow(number, 141));
    }
    assert!(person.sees("last 14,180 rows in 141 ms   p95 141 ms"), "2 of 60 were slow: {}", person.screen());
    person.hear(Event::Run(News::Step { place: 1, state: State::Finished, note: None }));
    person.hear(Event::Run(News::Step { place: 2, state: State::Running, note: None }));
    assert!(!person.sees("p95"), "the next step has no batch yet: {}", person.screen());
}

#[test]
fn the_log_of_the_server_is_told_as_such_and_only_while_it_is_looked_at() {
    let mut person = at_eight(running(120, 40));
    let look = |end| Event::Run(News::Signs(Signs { log_end: end, ..Signs::default() }));
    person.hear(look(Some(70 << 30)));
    assert!(!person.sees("server's WAL"), "one look tells no growth: {}", person.screen());
    person.wait(Duration::from_secs(4)).hear(look(Some((70 << 30) + (6 << 20))));
    assert!(person.sees("server's WAL 6.0 MB since 20:00, 1.5 MB/s"), "{}", person.screen());
    person.wait(Duration::from_secs(60));
    // Nobody looked for a minute.
    assert!(person.sees("server's WAL 6.0 MB from 20:00:14 to 20:00:18"), "{}", person.screen());
    assert!(!person.sees("MB/s"), "{}", person.screen());
    let mut blind = at_eight(running(120, 40));
    blind.hear(look(None)).wait(Duration::from_secs(2)).hear(look(None));
    assert!(!blind.sees("server's WAL"), "{}", blind.screen());
}

#[test]
fn of_a_file_its_log_is_told_and_no_server_is_spoken_of() {
    for (width, height) in [(160, 45), (120, 40)] {
        let mut person = on_a_file(width, height);
        let look =
            |wal| Event::Run(News::Signs(Signs { wal: Some(wal), growth: Some(0), ..Signs::default() }));
        person.hear(look(0));
        assert!(!person.sees("log file"), "it has none: {}", person.screen());
        person.hear(look(4 << 20));
        assert!(person.sees("log file") && person.sees("4.0 MB"), "{}", person.screen());
        for word in ["WAL", "replica lag", "wait for us", "vacuum"] {
            assert!(!person.sees(word), "{word}: {}", person.screen());
        }
    }
}

#[test]
fn runs_that_pass_a_filter() {
    hold("runs_filtered", |width, height| {
        let mut person = past(width, height);
        person.press("/broken<enter>");
        person
    });
}

#[test]
fn a_filter_of_runs_looks_at_what_is_told_of_them() {
    let mut person = past(120, 40);
    let finds = |person: &mut Person, text: &str, found: &[&str]| {
        person.press("/").press(&"<backspace>".repeat(40)).press(text).press("<enter>");
        let ids = ["20261121-7f3a00", "20261119-00c0de"];
        let listed = |id: &&str| person.lines().iter().any(|line| line.contains(id) && line.contains("/1 "));
        let seen: Vec<&str> = ids.into_iter().filter(listed).collect();
        assert_eq!(seen, found, "{text}: {}", person.screen());
    };
    finds(&mut person, "FINISHED", &["20261119-00c0de"]);
    assert!(person.sees("1 of 2 · filter FINISHED"), "{}", person.screen());
    finds(&mut person, "order_items dba_rw", &["20261121-7f3a00"]);
    finds(&mut person, "!order_items", &["20261119-00c0de"]);
    finds(&mut person, "process 4711", &["20261121-7f3a00", "20261119-00c0de"]);
    finds(&mut person, "nowhere", &[]);
    assert!(person.sees("No run passes the filter nowhere. / changes it."), "{}", person.screen());
    person.press("X");
    assert!(person.app.overlay.is_none() && person.sees("There is no run to go on with"));
    finds(&mut person, "", &["20261121-7f3a00", "20261119-00c0de"]);
    assert!(person.sees("2 runs"), "{}", person.screen());
}

#[test]
fn a_selected_run_stays_selected_when_another_one_begins() {
    let mut person = past(120, 40);
    person.press("j");
    assert!(person.selected().contains("20261119-00c0de"), "{}", person.selected());
    let newer = Run { id: "20261122-beefed".to_owned(), ..runs().remove(0) };
    let all: Vec<Run> = std::iter::once(newer).chain(runs()).collect();
    person.hear(Event::Runs(Ok(all)));
    assert!(person.selected().contains("20261119-00c0de"), "{}", person.selected());
    person.press("/stopped<enter>");
    assert!(person.sees("2 of 3 · filter stopped") && !person.sees("20261119-00c0de"), "{}", person.screen());
}

#[test]
fn the_log_of_a_run_that_goes_on_is_no_list_to_filter() {
    let mut person = running(120, 40);
    person.press("/");
    assert!(person.app.entry.is_none() && person.sees("Tab lists all runs"), "{}", person.screen());
}
