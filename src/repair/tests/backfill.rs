//! The backfill: it ends where one UPDATE would have ended, with writers beside it, stopped, killed and resumed.

use super::support::database::Database;
use crate::db::tape::Tape;
use crate::db::writer::Armed;
use crate::db::{self, Engine};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::Parameters;
use crate::model::plan::step::{Copied, Named, Pair, Work};
use crate::model::relation::Comparison;
use crate::model::run::{Ended, News};
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::repair::run::execute::{Due, Order, Terms, execute};
use crate::repair::run::steer::Steer;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(super) const SCHEMA: &str = "
CREATE TABLE events(id int, day date, parent int, parent_day date, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-01-01' + i % 80, CASE WHEN i % 3 > 0 AND i > 10 THEN i - 7 END, NULL, repeat('x', 60)
FROM generate_series(1, 20000) i;
UPDATE events SET parent = parent + 1000000 WHERE id % 100 = 1;
UPDATE events SET parent_day = '1999-01-01' WHERE id % 500 = 2;
";

/// What one statement would have made of it.
const TWIN: &str = "
CREATE TABLE twin AS SELECT * FROM events;
UPDATE twin c SET parent_day = p.day FROM events p WHERE p.id = c.parent AND c.parent_day IS NULL;
";

pub(super) const DIFFERENCE: &str = "SELECT (SELECT count(*) FROM (SELECT id, day, parent, parent_day, note FROM events EXCEPT ALL TABLE twin) a)
  + (SELECT count(*) FROM (TABLE twin EXCEPT ALL SELECT id, day, parent, parent_day, note FROM events) b)";

/// Rows in the record.
const RECORDED: &str = "SELECT coalesce(sum(cardinality(fill)), 0)::bigint FROM waif.record_r1_0";

pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name).expect("a name")
}

pub(super) fn table(name: &str) -> TableName {
    TableName { schema: ident("public"), name: ident(name) }
}

fn equal() -> Comparison {
    Comparison { operator: Some((ident("pg_catalog"), "=".to_owned())), ..Comparison::default() }
}

fn copied() -> Copied {
    let named = |column: &str, type_name: &str| Named {
        column: ident(column),
        type_name: type_name.to_owned(),
        array: false,
    };
    Copied {
        table: table("events"),
        column: ident("parent_day"),
        column_type: "date".to_owned(),
        parent: table("events"),
        from: ident("day"),
        from_type: "date".to_owned(),
        from_array: false,
        along: vec![Pair { child: ident("parent"), parent: ident("id"), how: equal(), affinities: None }],
        sameness: equal(),
        key: vec![named("id", "integer"), named("day", "date")],
        passes: 4,
        numbered: None,
    }
}

pub(super) fn due() -> Vec<Due> {
    vec![Due {
        id: "1a".to_owned(),
        title: "fill".to_owned(),
        work: Some(Work::Backfill(Box::new(copied()))),
        asked: None,
    }]
}

pub(super) async fn engine(database: &Database) -> Arc<dyn Engine> {
    engine_as(database, "postgres").await
}

pub(super) async fn engine_as(database: &Database, role: &str) -> Arc<dyn Engine> {
    let target = Target {
        engine: crate::model::server::EngineKind::Postgres,
        place: Place::Socket { folder: database.server().socket_folder().to_owned(), port: 5432 },
        database: Some(database.name().to_owned()),
        user: Some(role.to_owned()),
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: 10,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Development,
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::new(),
        notices: Vec::new(),
    };
    db::open(&target, Tape::new(|_| {})).await.unwrap_or_else(|fault| panic!("{fault}"))
}

/// Runs the plan, or goes on with it, and hands every word it tells to `heard` with the wheel in hand.
async fn run(
    engine: &Arc<dyn Engine>,
    first_batch: u64,
    resumed: bool,
    heard: impl Fn(&News, &Arc<Steer>) + Send + Sync + 'static,
) -> (Ended, Vec<News>) {
    let parameters = Parameters { first_batch, largest_batch: first_batch, ..Parameters::default() };
    run_with(engine, Terms::default(), due(), parameters, resumed, heard).await
}

/// The same, with steps, terms and parameters of one's own.
pub(super) async fn run_with(
    engine: &Arc<dyn Engine>,
    terms: Terms,
    steps: Vec<Due>,
    parameters: Parameters,
    resumed: bool,
    heard: impl Fn(&News, &Arc<Steer>) + Send + Sync + 'static,
) -> (Ended, Vec<News>) {
    let name = engine.server().database.raw().to_owned();
    let armed = Armed::by(engine.server(), true, Some(&name), "r1").expect("armed");
    let news = Arc::new(Mutex::new(Vec::new()));
    let steer = Arc::new(Steer::default());
    let (kept, wheel) = (Arc::clone(&news), Arc::clone(&steer));
    let tell = Arc::new(move |said: News| {
        heard(&said, &wheel);
        kept.lock().unwrap().push(said);
    });
    let (text, holder) = ("{}".to_owned(), "test".to_owned());
    let order = Order { steps, parameters, text, holder, terms, steer, tell };
    let ended = execute(Arc::clone(engine), &armed, order, resumed).await;
    let news = news.lock().unwrap().clone();
    (ended, news)
}

/// The journal tells exactly what is in the table.
fn assert_journal_is_true(database: &Database) {
    let filled = database.count(
        "SELECT count(*) FROM events e JOIN before b USING (id, day) WHERE b.parent_day IS NULL AND e.parent_day IS NOT NULL",
    );
    assert_eq!(database.count(RECORDED), filled, "the record");
    assert_eq!(database.count("SELECT rows FROM waif.step"), filled, "the step");
    assert_eq!(database.count("SELECT sum(rows)::bigint FROM waif.batch"), filled, "the batches");
}

pub(super) fn database() -> Database {
    let database = Database::with("backfill", SCHEMA);
    database.execute("CREATE TABLE before AS SELECT id, day, parent_day FROM events");
    database.execute(TWIN);
    assert!(database.count(DIFFERENCE) > 10_000, "there is something to do");
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_where_one_update_would_have_ended() {
    let database = database();
    let engine = engine(&database).await;
    let (ended, news) = run(&engine, 500, false, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished, "{news:?}");
    assert_eq!(database.count(DIFFERENCE), 0);
    assert_journal_is_true(&database);
    let batches = news.iter().filter(|said| matches!(said, News::Batch(_))).count();
    assert!(batches > 20, "{batches} batches");
    assert_eq!(database.ask("SELECT state FROM waif.run"), "finished");
    let note = database.ask("SELECT note FROM waif.step");
    let orphans = database.count(
        "SELECT count(*) FROM events c WHERE parent IS NOT NULL AND parent_day IS NULL AND NOT EXISTS (SELECT 1 FROM events p WHERE p.id = c.parent)",
    );
    let wrong = database
        .count("SELECT count(*) FROM events c JOIN events p ON p.id = c.parent WHERE c.parent_day <> p.day");
    assert!(orphans > 100 && wrong > 10, "{orphans} {wrong}");
    assert!(note.contains(&format!("{orphans} rows have no parent")), "{note}");
    assert!(note.contains(&format!("{wrong} copies differ")), "{note}");
    assert_eq!(database.ask("SELECT to_regclass('waif.work_r1_0') IS NULL"), "t", "the work set is gone");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_it_goes_on_where_it_was() {
    let database = database();
    let engine = engine(&database).await;
    let (ended, _) = run(&engine, 300, false, |said, steer| {
        if matches!(said, News::Batch(batch) if batch.number == 7) {
            let steer = Arc::clone(steer);
            tokio::spawn(async move { steer.stop().await });
        }
    })
    .await;
    assert_eq!(ended, Ended::Stopped);
    assert_journal_is_true(&database);
    assert_eq!(database.ask("SELECT state FROM waif.run"), "stopped");
    let filled = database.count("SELECT rows FROM waif.step");
    assert!(filled > 0 && filled < 12_000, "{filled}");
    // A crash of the server empties what is not logged; the work set is made anew.
    database.execute("TRUNCATE waif.work_r1_0");
    let (ended, _) = run(&engine, 300, true, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished);
    assert_eq!(database.count(DIFFERENCE), 0);
    assert_journal_is_true(&database);
    assert_eq!(database.count("SELECT epoch FROM waif.run"), 2);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_others_move_and_add_meanwhile_are_filled_too_and_parents_that_go_leave_no_copy() {
    let database = database();
    let engine = engine(&database).await;
    let beside = Mutex::new(database.session());
    let (ended, news) = run(&engine, 300, false, move |said, _| {
        let News::Batch(batch) = said else { return };
        let mut session = beside.lock().unwrap();
        let at = batch.number;
        if at > 60 {
            return;
        }
        // Rows move, rows are added, and one parent of rows filled already takes another day.
        session.say(&format!("UPDATE events SET note = 'moved' WHERE id % 40 = {}", at % 40));
        session.say(&format!(
            "INSERT INTO events VALUES ({}, '2025-01-05', 5, NULL, 'new')", 100_000 + at
        ));
        if at == 9 {
            session.say("DELETE FROM events WHERE id IN (SELECT parent FROM events WHERE parent_day IS NOT NULL AND parent_day > '2000-01-01' ORDER BY id LIMIT 5)");
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished, "{:?}", news.last());
    let fillable =
        "SELECT count(*) FROM events c JOIN events p ON p.id = c.parent WHERE c.parent_day IS NULL";
    assert_eq!(database.count(fillable), 0);
    let stale = "SELECT count(*) FROM (SELECT unnest(k0) AS k0, unnest(k1) AS k1 FROM waif.record_r1_0) r JOIN events c ON c.id = r.k0 AND c.day = r.k1
                 WHERE NOT EXISTS (SELECT 1 FROM events p WHERE p.id = c.parent AND p.day = c.parent_day)";
    assert_eq!(database.count(stale), 0, "what was filled from a parent that went is put back");
    assert!(news.iter().any(|said| matches!(said, News::Line(line) if line.contains("put back"))));
    assert_record_is_the_sum(&database);
    engine.close().await;
}

/// The record names as many rows as the step and its batches count.
fn assert_record_is_the_sum(database: &Database) {
    let step = database.count("SELECT rows FROM waif.step");
    assert_eq!(database.count(RECORDED), step);
    assert_eq!(database.count("SELECT sum(rows)::bigint FROM waif.batch"), step);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_filled_twice_and_is_put_back_leaves_the_record_whole() {
    let database = database();
    let engine = engine(&database).await;
    let row = "SELECT c.id FROM events_1 c JOIN events p ON p.id = c.parent WHERE c.parent_day IS NULL ORDER BY c.id LIMIT 1";
    let row = database.count(row);
    let beside = Mutex::new((database.session(), 0));
    // With a limit on rows there is no last sweep that takes all at once.
    let most =
        Parameters { first_batch: 300, largest_batch: 300, max_rows: Some(100_000), ..Parameters::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), most, false, move |said, _| {
        let (session, sweeps) = &mut *beside.lock().unwrap();
        match said {
            News::Total { .. } => *sweeps += 1,
            // Somebody empties what was filled, so it is filled again; then its parent goes.
            News::Batch(_) if *sweeps == 1 => {
                session.say(&format!("UPDATE events SET parent_day = NULL WHERE id = {row} AND parent_day IS NOT NULL"));
            }
            News::Batch(_) if *sweeps == 2 => {
                session.say(&format!(
                    "DELETE FROM events p USING events c WHERE c.id = {row} AND c.parent_day = p.day AND p.id = c.parent"
                ));
            }
            _ => {}
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished, "{:?}", news.last());
    let left = "SELECT count(*) FROM events WHERE parent_day IS NULL AND id = ";
    assert_eq!(database.count(&format!("{left} {row}")), 1, "it is put back");
    let named = "SELECT count(*) FROM (SELECT unnest(k0) AS k0 FROM waif.record_r1_0) r WHERE k0 = ";
    assert_eq!(database.count(&format!("{named} {row}")), 0, "it is in the record no more");
    let back = "SELECT -rows FROM waif.batch WHERE rows < 0";
    assert!(database.count(back) > 1, "every time it was filled was written down");
    assert_record_is_the_sum(&database);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_taken_over_writes_nothing_more() {
    let database = database();
    let engine = engine(&database).await;
    let beside = Mutex::new(database.session());
    let (ended, _) = run(&engine, 300, false, move |said, _| {
        if matches!(said, News::Batch(batch) if batch.number == 3) {
            beside.lock().unwrap().say("UPDATE waif.run SET epoch = epoch + 1");
        }
    })
    .await;
    assert!(
        matches!(&ended, Ended::Failed(fault) if fault.headline.contains("took this run over")),
        "{ended:?}"
    );
    assert_eq!(database.count("SELECT count(*) FROM waif.batch"), 3);
    assert_journal_is_true(&database);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_never_work_on_one_table() {
    let database = database();
    let engine = engine(&database).await;
    let mut beside = database.session();
    beside.say("SELECT pg_advisory_lock(1934715238, hashtext('public.events'))");
    let (ended, _) = run(&engine, 300, false, |_, _| {}).await;
    assert!(
        matches!(&ended, Ended::Failed(fault) if fault.headline.contains("Another run works on events")),
        "{ended:?}"
    );
    assert_eq!(database.count("SELECT count(*) FROM events e JOIN before b USING (id, day) WHERE e.parent_day IS DISTINCT FROM b.parent_day"), 0);
    beside.say("SELECT pg_advisory_unlock_all()");
    let (ended, _) = run(&engine, 300, true, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished);
    assert_eq!(database.count(DIFFERENCE), 0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_somebody_else_is_no_place_to_write() {
    let database = database();
    let stranger = database.role("stranger", "");
    database.execute(&format!("CREATE SCHEMA waif AUTHORIZATION {stranger}"));
    let engine = engine(&database).await;
    let (ended, _) = run(&engine, 300, false, |_, _| {}).await;
    assert!(
        matches!(&ended, Ended::Failed(fault) if fault.headline.contains("belongs to somebody else")),
        "{ended:?}"
    );
    assert_eq!(database.ask("SELECT to_regclass('waif.run') IS NULL"), "t");
    database.execute("ALTER SCHEMA waif OWNER TO postgres");
    let (ended, _) = run(&engine, 300, false, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished);
    engine.close().await;
}
