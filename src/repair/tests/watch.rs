//! What a run looks at besides its rows: tables that change beneath it, other sessions on the same run, whoever is in the
//! way, and whether a proved key refuses what it must.

use super::backfill::{SCHEMA, engine, ident, run_with, table};
use super::support::database::Database;
use crate::model::plan::step::{NewKey, Work};
use crate::model::plan::{Parameters, Place, Touched};
use crate::model::relation::{Matching, Referential};
use crate::model::run::{Ended, News};
use crate::model::target::Environment;
use crate::repair::run::execute::{Due, Terms};
use std::sync::Mutex;

fn place(database: &Database) -> Place {
    let touched = |name: &str| Touched {
        table: table(name),
        number: u32::try_from(database.count(&format!("SELECT '{name}'::regclass::oid::bigint"))).unwrap(),
        digest: String::new(),
    };
    Place {
        engine: "postgres".to_owned(),
        version: String::new(),
        version_number: 0,
        system_identifier: Some(database.ask("SELECT system_identifier FROM pg_control_system()")),
        timeline: None,
        database_number: Some(database.ask("SELECT oid FROM pg_database WHERE datname = current_database()")),
        database: database.name().to_owned(),
        address: String::new(),
        role: None,
        environment: Environment::Development,
        tables: ["events", "events_1", "events_2", "events_rest"].map(touched).to_vec(),
        catalog: String::new(),
    }
}

fn filled() -> Database {
    let database = Database::with("watch", SCHEMA);
    database.execute("ANALYZE");
    database
}

/// Runs a backfill and does something beside it after its third batch.
async fn changed_beneath(what: &'static str) -> (Ended, u64) {
    let database = filled();
    let engine = engine(&database).await;
    let beside = Mutex::new(database.session());
    let terms = Terms { place: Some(place(&database)), ..Terms::default() };
    let (ended, _) = run_with(
        &engine,
        terms,
        super::backfill::due(),
        Parameters { first_batch: 300, largest_batch: 300, ..Parameters::default() },
        false,
        move |said, _| {
            if matches!(said, News::Batch(batch) if batch.number == 3) {
                beside.lock().unwrap().say(what);
            }
        },
    )
    .await;
    engine.close().await;
    (ended, database.count("SELECT count(*) FROM waif.batch"))
}

pub(super) fn told(ended: &Ended) -> String {
    match ended {
        Ended::Failed(fault) => fault.to_string(),
        other => format!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_changes_beneath_the_run_stops_it_with_the_difference() {
    for (what, difference) in [
        ("ALTER TABLE events DROP COLUMN note", "gone: the column note text of public.events"),
        ("ALTER TABLE events DETACH PARTITION events_2", "gone: public.events_2 as a partition of"),
        ("ALTER TABLE events_1 ADD CHECK (id > 0)", "new: the constraint events_1_id_check"),
    ] {
        let (ended, batches) = changed_beneath(what).await;
        assert!(told(&ended).contains(difference), "{what}: {}", told(&ended));
        assert!(batches <= 60, "{what}: it went on for {batches} batches");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_another_database_writes_nothing() {
    let database = filled();
    let engine = engine(&database).await;
    let place = Place { database_number: Some("1".to_owned()), ..place(&database) };
    let terms = Terms { place: Some(place), ..Terms::default() };
    let (ended, _) =
        run_with(&engine, terms, super::backfill::due(), Parameters::default(), false, |_, _| {}).await;
    assert!(told(&ended).contains("another database"), "{}", told(&ended));
    assert_eq!(database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "not even the journal");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_another_living_session_is_left_to_it_unless_it_is_taken_over() {
    let database = filled();
    let engine = engine(&database).await;
    let small = Parameters { first_batch: 300, largest_batch: 300, ..Parameters::default() };
    let (ended, _) =
        run_with(&engine, Terms::default(), super::backfill::due(), small.clone(), false, |said, steer| {
            if matches!(said, News::Batch(batch) if batch.number == 3) {
                let steer = std::sync::Arc::clone(steer);
                tokio::spawn(async move { steer.stop().await });
            }
        })
        .await;
    assert_eq!(ended, Ended::Stopped);
    let mut other = database.session();
    other.say("SELECT pg_advisory_lock(1934715239, hashtext('run r1'))");
    let (ended, _) =
        run_with(&engine, Terms::default(), super::backfill::due(), small.clone(), true, |_, _| {}).await;
    assert!(told(&ended).contains("Another session carries out the run r1"), "{}", told(&ended));
    assert!(told(&ended).contains("begun by test"), "who it is: {}", told(&ended));
    assert_eq!(database.ask("SELECT epoch::text || state FROM waif.run"), "1stopped", "nothing was touched");
    let other = Mutex::new(other);
    let terms = Terms { take_over: true, ..Terms::default() };
    let (ended, _) = run_with(&engine, terms, super::backfill::due(), small, true, move |said, _| {
        if matches!(said, News::Waiting(why) if why.contains("was taken over")) {
            other.lock().unwrap().say("SELECT pg_advisory_unlock_all()");
        }
    })
    .await;
    assert_eq!(ended, Ended::Finished, "{}", told(&ended));
    assert_eq!(database.ask("SELECT epoch FROM waif.run"), "2");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_the_way_is_named() {
    let database = filled();
    database.execute("CREATE TABLE child AS SELECT id AS parent, day FROM events WHERE id < 100");
    let engine = engine(&database).await;
    let other = database.session();
    let other = Mutex::new(other);
    other.lock().unwrap().say("BEGIN; LOCK TABLE events IN SHARE MODE");
    let parameters = Parameters { lock_timeout: 400, lock_tries: 3, ..Parameters::default() };
    let (ended, news) =
        run_with(&engine, Terms::default(), vec![key(true)], parameters, false, |_, _| {}).await;
    let waited = news.iter().any(|said| {
        matches!(said, News::Retry(why) if why.contains("In the way: session ") && why.contains("idle in transaction"))
    });
    assert!(waited, "{news:?}");
    assert!(matches!(&ended, Ended::Paused(why) if why.contains("In the way: session ")), "{ended:?}");
    engine.close().await;
}

pub(super) fn key(not_valid: bool) -> Due {
    let key = NewKey {
        table: table("child"),
        name: ident("child_fkey"),
        columns: vec![ident("parent"), ident("day")],
        parent: table("events"),
        parent_columns: vec![ident("id"), ident("day")],
        on_delete: Referential::NoAction,
        on_update: Referential::NoAction,
        set_columns: Vec::new(),
        matching: Matching::Simple,
        deferrable: false,
        initially_deferred: false,
        not_valid,
        needs_proved_leaves: false,
        inherited: false,
    };
    Due { id: "1a".to_owned(), title: "add".to_owned(), work: Some(Work::AddKey(Box::new(key))), asked: None }
}

pub(super) fn prove() -> Due {
    let work = Work::ProveKey { table: table("child"), name: ident("child_fkey"), probe: false };
    Due { id: "1b".to_owned(), title: "prove".to_owned(), work: Some(work), asked: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proved_key_is_seen_to_refuse_and_one_that_refuses_nothing_fails_the_run() {
    let database = filled();
    database.execute("CREATE TABLE child AS SELECT id AS parent, day FROM events WHERE id < 100");
    let engine = engine(&database).await;
    let (ended, _) = run_with(
        &engine,
        Terms::default(),
        vec![key(true), prove()],
        Parameters::default(),
        false,
        |_, _| {},
    )
    .await;
    assert_eq!(ended, Ended::Finished, "{}", told(&ended));
    let note = database.ask("SELECT note FROM waif.step WHERE id = '1b'");
    assert!(note.contains("a child without a parent was refused"), "{note}");
    assert!(note.contains("the deletion of a parent that has children was refused"), "{note}");
    assert_eq!(
        database.count("SELECT count(*) FROM events AS e JOIN child AS c ON e.id = c.parent"),
        99,
        "all are there"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_tells_a_key_that_does_not_guard() {
    let database = filled();
    database.execute(
        "CREATE TABLE child AS SELECT id AS parent, day FROM events WHERE id < 100;
         ALTER TABLE child ADD CONSTRAINT child_fkey FOREIGN KEY (parent, day) REFERENCES events NOT VALID;
         ALTER TABLE child DISABLE TRIGGER ALL",
    );
    let engine = engine(&database).await;
    let (ended, _) =
        run_with(&engine, Terms::default(), vec![prove()], Parameters::default(), false, |_, _| {}).await;
    assert!(told(&ended).contains("a child without a parent was not refused"), "{}", told(&ended));
    assert_eq!(database.count("SELECT count(*) FROM child WHERE parent > 100"), 0, "it was rolled back");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_common_type_are_probed() {
    let database = filled();
    let engine = engine(&database).await;
    for (kind, value) in [
        ("bigint", "i"),
        ("numeric", "i + 0.5"),
        ("text", "'k' || i"),
        ("uuid", "md5(i::text)::uuid"),
        ("date", "date '2025-01-01' + i::int"),
        ("timestamptz", "timestamptz '2025-01-01' + i * interval '1 day'"),
    ] {
        database.execute(&format!(
            "DROP SCHEMA IF EXISTS waif CASCADE;
             DROP TABLE IF EXISTS child, parent;
             CREATE TABLE parent AS SELECT ({value})::{kind} AS id FROM generate_series(1, 20) AS i;
             ALTER TABLE parent ADD PRIMARY KEY (id);
             CREATE TABLE child AS SELECT id AS parent FROM parent;"
        ));
        let Some(Work::AddKey(of_two)) = key(true).work else { panic!("a key") };
        let one = NewKey {
            columns: vec![ident("parent")],
            parent: table("parent"),
            parent_columns: vec![ident("id")],
            ..*of_two
        };
        let add = Due { work: Some(Work::AddKey(Box::new(one))), ..key(true) };
        let steps = vec![add, prove()];
        let (ended, _) =
            run_with(&engine, Terms::default(), steps, Parameters::default(), false, |_, _| {}).await;
        assert_eq!(ended, Ended::Finished, "{kind}: {}", told(&ended));
        let note = database.ask("SELECT note FROM waif.step WHERE id = '1b'");
        assert!(note.contains("a child without a parent was refused"), "{kind}: {note}");
        assert!(note.contains("the deletion of a parent that has children was refused"), "{kind}: {note}");
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_refers_to_itself_is_no_parent_to_try() {
    let database = filled();
    database.execute(
        "CREATE TABLE child(parent int, day date, up int, up_day date, PRIMARY KEY (parent, day));
         INSERT INTO child SELECT i, '2025-01-01', i, '2025-01-01' FROM generate_series(1, 20) AS i;",
    );
    let engine = engine(&database).await;
    let own = || {
        let Some(Work::AddKey(key)) = key(true).work else { panic!("a key") };
        NewKey {
            columns: vec![ident("up"), ident("up_day")],
            parent: table("child"),
            parent_columns: vec![ident("parent"), ident("day")],
            ..*key
        }
    };
    for (more, tried) in [
        ("SELECT 1", "there is no row to try it with"),
        (
            "UPDATE child SET up = 2 WHERE parent = 1",
            "the deletion of a parent that has children was refused",
        ),
    ] {
        database.execute(&format!(
            "DROP SCHEMA IF EXISTS waif CASCADE; ALTER TABLE child DROP CONSTRAINT IF EXISTS child_fkey; {more}"
        ));
        let add = Due { work: Some(Work::AddKey(Box::new(own()))), ..key(true) };
        let (ended, _) =
            run_with(&engine, Terms::default(), vec![add, prove()], Parameters::default(), false, |_, _| {})
                .await;
        assert_eq!(ended, Ended::Finished, "{}", told(&ended));
        let note = database.ask("SELECT note FROM waif.step WHERE id = '1b'");
        assert!(note.contains(tried), "{note}");
    }
    engine.close().await;
}
