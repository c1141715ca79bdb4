//! Saved checks on the screens: dimmed and dated at the start, compared with once everything is counted.

use super::screens::hold;
use super::world::*;
use crate::history::{Body, Kept, Point, Record, Said, Seen, Summary, Trend};
use crate::job::{Compared, Event, Remembered};
use crate::model::check::Check;
use crate::model::tally::Verdict;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

fn now() -> Timestamp {
    "2026-11-20T20:11:06Z".parse().expect("a time")
}

fn days(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// The shop as a check three hours ago saw it: fewer orphans, one of them fixed since.
pub fn saved() -> Record {
    let catalog = shop();
    let kept = catalog.relations.iter().zip(tallies()).map(|(relation, tally)| Kept {
        id: relation.id.clone(),
        verdict: match tally.verdict() {
            Verdict::Clean => Said::Clean,
            Verdict::Orphans => Said::Orphans,
            Verdict::NotChecked(_) => Said::NotChecked,
            Verdict::Broken(_) => Said::Broken,
        },
        rows: tally.counts().rows,
        orphans: tally.counts().orphans,
        exact: tally.exact(),
    });
    let seen = |rule: &str, object: &str, severity, rows, first_seen| Seen {
        rule: rule.to_owned(),
        object: object.to_owned(),
        relation: object.contains("->").then(|| object.to_owned()),
        severity,
        rows,
        aside: false,
        first_seen,
    };
    let mut relations: Vec<Kept> = kept.collect();
    relations[2].orphans = Some(41_171);
    relations[6] = Kept { verdict: Said::Orphans, orphans: Some(12), ..relations[6].clone() };
    relations[7] = Kept { verdict: Said::Clean, orphans: Some(0), exact: true, ..relations[7].clone() };
    let mut findings: Vec<Seen> = super::world::findings()
        .into_iter()
        .filter(|finding| !matches!(finding.rule, "not-enforced" | "not-checked"))
        .map(|one| seen(one.rule, &one.object, one.severity, one.rows, days(41)))
        .collect();
    findings[0].rows = Some(41_171);
    findings[1].first_seen = days(9);
    let refunds = "refunds(order_id)->orders(id)";
    findings.push(seen("orphan-rows", refunds, crate::model::finding::Severity::Critical, Some(12), days(2)));
    Record {
        format: 1,
        target: "postgres://db-prod-2:5432/shop".to_owned(),
        began: now() - SignedDuration::from_hours(3),
        ended: now() - SignedDuration::from_hours(3),
        complete: true,
        narrowed: false,
        summary: Summary { relations: 12, orphans: 41_501, ..Summary::default() },
        body: Some(Body { relations, findings }),
    }
}

pub fn points() -> Vec<Point> {
    let orphans = [12_000, 12_400, 13_100, 18_000, 24_000, 31_000, 33_000, 38_000, 41_000, 41_501];
    let ago = [41, 35, 30, 21, 14, 9, 6, 3, 1, 0];
    ago.iter().zip(orphans).map(|(ago, orphans)| Point { at: days(*ago), orphans }).collect()
}

pub fn remembered() -> Event {
    Event::Remembered(Arc::new(Remembered { now: now(), last: Some(saved()), points: points() }))
}

/// The shop opened, with a saved check and no answer from the server yet.
fn opening(width: u16, height: u16) -> Person {
    let mut person = Person::new(width, height);
    person.hear(remembered());
    person.wait(Duration::from_millis(1_500));
    person
}

/// The same, with the catalog read and some relations counted.
fn counting(width: u16, height: u16) -> Person {
    let mut person = opening(width, height);
    person.hear(Event::Connected(Arc::new(server())));
    person.hear(Event::Cataloged(Arc::new(shop())));
    let early =
        findings().into_iter().filter(|finding| !matches!(finding.rule, "orphan-rows" | "not-checked"));
    person.hear(Event::Found(Arc::new(early.collect())));
    person.hear(progress(2, &["order_items"]));
    person.hear(Event::Tallied { relation: 0, tally: orphaned(90_113, 0, 0) });
    person
}

/// The shop's check: whole, or with a relation that was not counted.
fn check(complete: bool) -> Check {
    let (mut tallies, mut findings) = (tallies(), findings());
    if complete {
        tallies[7] = orphaned(90_112, 0, 0);
        findings.retain(|finding| finding.rule != "not-checked");
    }
    checked(shop(), tallies, findings)
}

/// How it compares with the saved one.
fn compared(check: &Check) -> Event {
    let mut record = Record::of(check, "", false, now(), &HashMap::new());
    if let Some(body) = &mut record.body {
        for seen in &mut body.findings {
            seen.first_seen = if seen.rule == "not-enforced" { now() } else { days(9) };
        }
    }
    let trend = Trend::between(&saved(), &record);
    Event::Compared(Arc::new(Compared { now: now(), trend, points: points() }))
}

/// The same, checked to the end and compared.
pub fn done(width: u16, height: u16) -> Person {
    let mut person = counting(width, height);
    person.wait(Duration::from_secs(5));
    person.hear(compared(&check(true)));
    person.hear(Event::Checked(Arc::new(check(true))));
    person
}

#[test]
fn overview_at_the_start_shows_the_saved_check() {
    hold("overview_saved", opening);
}

#[test]
fn overview_while_the_saved_check_is_replaced() {
    hold("overview_saved_counting", counting);
}

#[test]
fn relations_while_the_saved_check_is_replaced() {
    hold("relations_saved_counting", |width, height| {
        let mut person = counting(width, height);
        person.press("2jj");
        person
    });
}

#[test]
fn findings_at_the_start_show_the_saved_check() {
    hold("findings_saved", |width, height| {
        let mut person = opening(width, height);
        person.press("4");
        person
    });
}

#[test]
fn overview_with_what_changed() {
    hold("overview_trend", done);
}

#[test]
fn the_chart_says_what_a_bar_is_and_never_draws_something_as_nothing() {
    let person = done(160, 45);
    for text in ["Orphans, last 10 complete checks", "41,501", "Oct 10", "Nov 20", "orphans in 2 relations"] {
        assert!(person.sees(text), "{text}: {}", person.screen());
    }
    let blank = Person::after_the_check(160, 45);
    assert!(blank.sees("Each complete check adds a bar here."), "{}", blank.screen());
    let mut person = Person::after_the_check(120, 40);
    let points = vec![Point { at: days(3), orphans: 1_000_000 }, Point { at: days(1), orphans: 1 }];
    person.hear(Event::Remembered(Arc::new(Remembered { now: now(), last: None, points })));
    let bars = person.lines().iter().filter(|line| line.contains('▁')).count();
    assert!(bars >= 1, "one orphan is not nothing: {}", person.screen());
}

#[test]
fn findings_with_what_changed() {
    hold("findings_trend", |width, height| {
        let mut person = done(width, height);
        person.press("4j");
        person
    });
}

#[test]
fn the_page_of_what_changed() {
    hold("trend_page", |width, height| {
        let mut person = done(width, height);
        person.press("D");
        person
    });
}

#[test]
fn nothing_saved_is_ever_counted_as_current() {
    let person = counting(160, 45);
    let facts = &person.app.facts;
    assert_eq!((facts.score.clean, facts.score.orphans, facts.score.broken), (1, 0, 0));
    assert!(person.sees("from a check 3 h ago"), "{}", person.screen());
    let old = |finding: &crate::model::finding::Finding| finding.message.starts_with("From an earlier check");
    assert!(facts.findings.iter().skip(facts.current).all(old));
    assert!(!facts.findings.iter().take(facts.current).any(old));
}

#[test]
fn a_saved_finding_gives_way_to_the_fresh_one_under_the_cursor() {
    let mut person = opening(80, 24);
    person.press("j");
    let line = |person: &Person| person.lines().iter().position(|line| line.starts_with(" > "));
    let before = (line(&person), person.selected());
    assert!(before.1.contains("was orphan rows") && before.1.contains("payments"), "{}", before.1);
    person.hear(Event::Connected(Arc::new(server())));
    person.hear(Event::Cataloged(Arc::new(shop())));
    person.hear(Event::Found(Arc::new(findings())));
    assert_eq!(line(&person), before.0);
    let row = person.selected();
    assert!(row.contains("payments") && row.contains("orphan rows") && !row.contains("was"), "{row}");
}

#[test]
fn a_check_that_is_not_whole_calls_nothing_fixed() {
    let mut person = counting(120, 40);
    person.hear(compared(&check(false)));
    person.hear(Event::Checked(Arc::new(check(false))));
    assert!(!person.sees("fixed"), "{}", person.screen());
    person.press("D");
    assert!(person.sees("nothing can be called fixed"), "{}", person.screen());
}

#[test]
fn without_a_past_there_is_no_trend_to_show() {
    let mut person = Person::after_the_check(160, 45);
    assert!(!person.sees("TREND") && !person.sees("since"));
    person.press("D");
    assert!(person.sees("no earlier check"), "{}", person.screen());
}
