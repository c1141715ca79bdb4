//! The proof of a step: what was counted before it and after it, a large table read in ranges before its key is proved, and
//! an orphan found there before VALIDATE would meet it.

use super::backfill::{database, due, engine, run_with};
use super::support::database::Database;
use super::watch::{key, prove, told};
use crate::model::plan::Parameters;
use crate::model::plan::step::Work;
use crate::model::relation::Matching;
use crate::model::run::{Counts, Ended, News, Part, Run};
use crate::repair::run::execute::{Due, Terms};
use crate::repair::run::journal;
use crate::repair::run::search::SMALL;

/// A parent with a composite key, and a child of one row a page: larger than what is read in one statement, and believed to
/// hold so many rows that its proof takes long.
const LARGE: &str = "
CREATE TABLE events(id int, day date, PRIMARY KEY (id, day));
INSERT INTO events SELECT i, date '2025-01-01' FROM generate_series(1, 1000) i;
CREATE TABLE child(number int PRIMARY KEY, parent int, day date, pad text) WITH (fillfactor = 10);
INSERT INTO child SELECT i, CASE WHEN i % 10 > 0 THEN i % 1000 + 1 END, CASE WHEN i % 7 > 0 THEN date '2025-01-01' END,
  repeat('secret', 120) FROM generate_series(1, 5000) i;
ANALYZE;
UPDATE pg_class SET reltuples = 5000000 WHERE relname = 'child';
";

/// Puts a row without a parent where no key sees it.
const ORPHAN: &str = "SET session_replication_role = replica;
UPDATE child SET parent = 5555, day = '2025-01-01' WHERE number = 4444";

async fn proved(database: &Database, steps: Vec<Due>) -> (Ended, Vec<News>, Run) {
    let engine = engine(database).await;
    let outcome = run_with(&engine, Terms::default(), steps, Parameters::default(), false, |_, _| {}).await;
    let run = journal::find(engine.as_ref(), "r1").await.expect("the run is in the journal");
    engine.close().await;
    (outcome.0, outcome.1, run)
}

fn parts(news: &[News]) -> Vec<&Part> {
    news.iter().filter_map(|said| if let News::Part(part) = said { Some(part) } else { None }).collect()
}

fn half_null(database: &Database) -> u64 {
    database.count("SELECT count(*) FROM child WHERE (parent IS NULL) <> (day IS NULL)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_is_read_in_ranges_and_what_was_counted_stands_in_the_journal() {
    let database = Database::with("proof", LARGE);
    let pages = database.count("SELECT pg_relation_size('child') / 8192");
    assert!(pages > SMALL, "{pages} pages");
    let (ended, news, run) = proved(&database, vec![key(true), prove()]).await;
    assert_eq!(ended, Ended::Finished, "{}", told(&ended));
    let read: Vec<(u64, u64)> = parts(&news)
        .iter()
        .filter(|part| {
            part.doing == "looking for orphans in child" && part.unit == "pages" && part.place == 1
        })
        .map(|part| (part.done, part.total))
        .collect();
    assert!(read.len() > 2 && read.iter().all(|(_, total)| *total == pages), "{read:?}");
    assert!(read.windows(2).all(|pair| pair[0].0 < pair[1].0), "it goes on: {read:?}");
    assert_eq!((read.first(), read.last()), (Some(&(0, pages)), Some(&(pages, pages))));
    let half_null = half_null(&database);
    assert!(half_null > 500, "{half_null}");
    let counts = Counts { orphans: Some(0), half_null: Some(half_null), ..Counts::default() };
    let step = run.steps.get(1).expect("the proof");
    assert_eq!((step.before, step.after), (Some(counts), Some(counts)));
    let note = step.note.as_deref().unwrap_or_default();
    assert!(
        note.starts_with("before: ") && note.contains("; after: ") && note.contains(" 0 orphans"),
        "{note}"
    );
    assert_eq!((run.steps.first().map(|step| step.before)), Some(None), "to add a key counts nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_found_in_its_range_and_named_by_its_key_alone() {
    let database = Database::with("proof", LARGE);
    let engine = engine(&database).await;
    let first =
        run_with(&engine, Terms::default(), vec![key(true)], Parameters::default(), false, |_, _| {}).await;
    assert_eq!(first.0, Ended::Finished);
    engine.close().await;
    database.execute(ORPHAN);
    database.execute("DELETE FROM waif.step; DELETE FROM waif.run");
    let (ended, news, run) = proved(&database, vec![prove()]).await;
    let sentence = told(&ended);
    assert!(sentence.contains("VALIDATE fails: 1 row in pages "), "{sentence}");
    assert!(sentence.contains("(number) = (4444)"), "{sentence}");
    assert!(!sentence.contains("secret") && !sentence.contains("5555"), "no values: {sentence}");
    assert!(parts(&news).iter().all(|part| part.total > 0), "VALIDATE was never sent");
    assert_eq!(database.ask("SELECT convalidated FROM pg_constraint WHERE conname = 'child_fkey'"), "f");
    let step = run.steps.first().expect("the proof");
    assert_eq!((step.before, step.after), (None, None), "a search that broke off counted no whole");
    database.execute(
        "SET session_replication_role = replica; UPDATE child SET parent = NULL WHERE number = 4444",
    );
    let engine = super::backfill::engine(&database).await;
    let again =
        run_with(&engine, Terms::default(), vec![prove()], Parameters::default(), true, |_, _| {}).await;
    assert_eq!(again.0, Ended::Finished, "{}", told(&again.0));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_table_is_proved_at_once_and_an_orphan_in_it_is_counted_and_named_all_the_same() {
    let database = Database::with("proof", &LARGE.replace("(1, 5000)", "(1, 300)"));
    database.execute("ANALYZE child");
    database.execute(ORPHAN.replace("4444", "44").as_str());
    let engine = engine(&database).await;
    let small = Parameters::default();
    let steps = || vec![key(true), prove()];
    let (ended, news) = run_with(&engine, Terms::default(), steps(), small, false, |_, _| {}).await;
    let sentence = told(&ended);
    assert!(sentence.contains("VALIDATE fails: 1 row in child refer to no parent"), "{sentence}");
    assert!(sentence.contains("(number) = (44)"), "{sentence}");
    assert!(parts(&news).iter().all(|part| part.total == 0), "the server was asked first");
    database
        .execute("SET session_replication_role = replica; UPDATE child SET parent = NULL WHERE number = 44");
    let small = Parameters::default();
    let (ended, _) = run_with(&engine, Terms::default(), steps(), small, true, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished, "{}", told(&ended));
    let run = journal::find(engine.as_ref(), "r1").await.expect("the run is in the journal");
    let counts = Counts { orphans: Some(0), half_null: Some(half_null(&database)), ..Counts::default() };
    let step = run.steps.get(1).expect("the proof");
    assert!(counts.half_null > Some(20), "{counts:?}");
    assert_eq!((step.before, step.after), (Some(counts), Some(counts)));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_in_part_violate_a_key_that_matches_fully() {
    let database = Database::with("proof", LARGE);
    database.execute(
        "TRUNCATE child; INSERT INTO child SELECT i, 1, CASE WHEN i % 7 > 0 THEN date '2025-01-01' END FROM generate_series(1, 50) i",
    );
    let steps = [key(true), prove()].map(|mut due| {
        if let Some(Work::AddKey(key)) = &mut due.work {
            key.matching = Matching::Full;
        }
        due
    });
    let (ended, news, _) = proved(&database, steps.into()).await;
    let half_null = half_null(&database);
    assert!(told(&ended).contains(&format!("{half_null} are NULL in part (MATCH FULL)")), "{}", told(&ended));
    assert!(parts(&news).iter().all(|part| part.total == 0), "a small table is read in one statement");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_tells_what_was_there_before_its_first_session_and_what_is_after_its_last() {
    let database = database();
    let open = "parent IS NOT NULL AND parent_day IS NULL";
    let counted = || {
        let number = |sql: String| Some(database.count(&sql));
        let parent = "SELECT FROM events p WHERE p.id = c.parent";
        Counts {
            fillable: number(format!("SELECT count(*) FROM events c WHERE {open} AND EXISTS ({parent})")),
            half_null: number(
                "SELECT count(*) FROM events WHERE (parent IS NULL) <> (parent_day IS NULL)".to_owned(),
            ),
            orphans: number(format!(
                "SELECT count(*) FROM events c WHERE parent IS NOT NULL AND NOT EXISTS ({parent})"
            )),
            wrong: number(format!(
                "SELECT count(*) FROM events c WHERE parent_day IS NOT NULL AND EXISTS ({parent}) AND NOT EXISTS ({parent} AND p.day = c.parent_day)"
            )),
        }
    };
    let before = counted();
    assert!(
        before.fillable > Some(10_000) && before.wrong > Some(10) && before.orphans > Some(100),
        "{before:?}"
    );
    let engine = engine(&database).await;
    let small = Parameters { first_batch: 300, largest_batch: 300, ..Parameters::default() };
    let (ended, _) = run_with(&engine, Terms::default(), due(), small, false, |said, steer| {
        if matches!(said, News::Batch(batch) if batch.number == 3) {
            let steer = std::sync::Arc::clone(steer);
            tokio::spawn(async move { steer.stop().await });
        }
    })
    .await;
    assert_eq!(ended, Ended::Stopped);
    let (ended, _) = run_with(&engine, Terms::default(), due(), Parameters::default(), true, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished);
    let run = journal::find(engine.as_ref(), "r1").await.expect("the run is in the journal");
    let after = counted();
    assert_eq!(after.fillable, Some(0));
    let step = run.steps.first().expect("the backfill");
    assert_eq!((step.before, step.after), (Some(before), Some(after)));
    let note = step.note.as_deref().unwrap_or_default();
    assert!(note.contains(&format!("before: {}; after: {}", before.words(), after.words())), "{note}");
    engine.close().await;
}
