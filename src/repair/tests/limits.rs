//! Limits that a person changes while a run goes on: they hold from the next batch on, and are told.

use super::backfill::{DIFFERENCE, database, due, engine, run_with};
use crate::model::plan::Parameters;
use crate::model::plan::limits::{Cap, Limits};
use crate::model::run::{Ended, News};
use crate::repair::run::execute::Terms;

/// More rows than a page of the table holds: a batch ends with its page.
const PAGE: u64 = 100;

fn small() -> Parameters {
    Parameters { first_batch: 300, largest_batch: 300, ..Parameters::default() }
}

fn told(news: &[News]) -> Vec<Limits> {
    news.iter()
        .filter_map(|said| if let News::Limits(limits) = said { Some(*limits) } else { None })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_at_the_rows_allowed_meanwhile_and_goes_on_when_they_are_raised() {
    let database = database();
    let engine = engine(&database).await;
    let least = Limits { max_rows: Some(Cap::At(1_234)), ..Limits::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), small(), false, move |said, steer| {
        if matches!(said, News::Batch(batch) if batch.number == 2) {
            steer.set_limits(least);
        }
    })
    .await;
    let filled = database.count("SELECT rows FROM waif.step");
    assert!((1_234..1_234 + PAGE).contains(&filled), "{filled} rows");
    let sentence = format!("{filled} rows are filled, and at most 1234 may be.");
    assert!(matches!(&ended, Ended::Paused(why) if why.starts_with(&sentence)), "{ended:?}");
    assert_eq!(told(&news), [least], "it is told once");
    assert_eq!(database.count("SELECT sum(rows)::bigint FROM waif.batch"), filled);
    let parameters = Parameters { max_rows: Some(1_234), ..small() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), parameters, true, |said, steer| {
        if matches!(said, News::Began { .. }) {
            steer.set_limits(Limits { max_rows: Some(Cap::Off), ..Limits::default() });
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished, "{news:?}");
    assert_eq!(database.count(DIFFERENCE), 0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_moved_before_now_ends_the_run_before_its_next_batch() {
    let database = database();
    let engine = engine(&database).await;
    let over =
        Limits { window_end: Some(Cap::At("2020-01-01T00:00:00Z".parse().unwrap())), ..Limits::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), small(), false, move |said, steer| {
        if matches!(said, News::Batch(batch) if batch.number == 3) {
            steer.set_limits(over);
        }
    })
    .await;
    let Ended::Paused(why) = ended else { panic!("{ended:?}") };
    assert!(why.starts_with("The window has ended. Resume the run in the next one"), "{why}");
    assert_eq!(news.iter().filter(|said| matches!(said, News::Batch(_))).count(), 3);
    let parameters = Parameters { window_end: Some("2020-01-01T00:00:00Z".to_owned()), ..small() };
    let (ended, _) = run_with(&engine, Terms::default(), due(), parameters, true, |said, steer| {
        if matches!(said, News::Began { .. }) {
            steer.set_limits(Limits { window_end: Some(Cap::Off), ..Limits::default() });
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished);
    assert_eq!(database.count(DIFFERENCE), 0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_batch_time_makes_batches_smaller() {
    let database = database();
    let engine = engine(&database).await;
    let parameters = Parameters { first_batch: 2_000, batch_time: 600_000, ..Parameters::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), parameters, false, |said, steer| {
        if matches!(said, News::Batch(batch) if batch.number == 1) {
            steer.set_limits(Limits { batch_time: Some(1), ..Limits::default() });
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished);
    let next: Vec<u64> = news
        .iter()
        .filter_map(|said| if let News::Batch(batch) = said { Some(batch.next) } else { None })
        .collect();
    // How far down is worth it, the machine decides: they go down to a quarter before that is judged.
    let (first, least) = (next.first().copied().unwrap_or(0), next.iter().copied().min().unwrap_or(u64::MAX));
    assert!(first >= 2_000 && least <= first / 4, "{next:?}");
    engine.close().await;
}
