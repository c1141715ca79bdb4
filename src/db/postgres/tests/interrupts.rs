//! Interrupts and losses: whoever waits is never left waiting, and nothing of ours runs on.

use super::support::proxy::Proxy;
use super::support::server::Server;
use super::*;
use crate::model::fault::{Fault, Kind};
use crate::model::value::Row;
use std::time::Instant;
use tokio::task::JoinHandle;

type Ended = (Result<Vec<Row>, Fault>, Box<dyn Reader>);

/// Starts a statement on a task of its own and waits until the server runs it.
async fn start(database: &Database, mut reader: Box<dyn Reader>, text: &'static str) -> JoinHandle<Ended> {
    let running = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active' AND query = '{text}'",
        database.name()
    );
    let before = database.count(&running);
    let task = tokio::spawn(async move {
        let answer = reader.fetch(&query(text), Limits::default()).await;
        (answer, reader)
    });
    wait_until(|| database.count(&running) > before).await;
    task
}

fn running(database: &Database) -> u64 {
    database.count(&format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active' AND query LIKE '%pg_sleep%'
         AND pid <> pg_backend_pid()",
        database.name()
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_every_statement_at_once_and_the_moment_stays() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    engine.interrupt().await;
    let readers = sessions(&engine, 2, Snapshot::One).await;
    let mut tasks = Vec::new();
    for mut reader in readers {
        assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
        tasks.push(start(&database, reader, SLOW).await);
    }
    database.execute("INSERT INTO t VALUES (3)");
    let asked = Instant::now();
    engine.interrupt().await;
    for task in tasks {
        let (answer, mut reader) = task.await.unwrap();
        let fault = answer.unwrap_err();
        assert_eq!((fault.kind, fault.code.as_deref()), (Kind::Interrupted, Some("57014")), "{fault}");
        assert_eq!(fault.headline, "The statement was interrupted, as asked.");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
    }
    engine.interrupt().await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_is_interrupted_alone() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut readers = sessions(&engine, 2, Snapshot::PerRelation).await;
    let (first, second) = (readers.remove(0), readers.remove(0));
    let interrupter = first.interrupter();
    let first = start(&database, first, SLOW).await;
    let second = start(&database, second, SLOW).await;
    interrupter.interrupt().await;
    assert_eq!(first.await.unwrap().0.unwrap_err().kind, Kind::Interrupted);
    assert!(!second.is_finished(), "the other one goes on");
    engine.close().await;
    assert_eq!(second.await.unwrap().0.unwrap_err().kind, Kind::Interrupted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_cancel_is_told_from_ours() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    database.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_catalog.pg_sleep(30)::text' AND datname = current_database()");
    let fault = task.await.unwrap().0.unwrap_err();
    assert_eq!(fault.kind, Kind::Interrupted);
    assert_eq!(fault.headline, "Somebody cancelled the statement on the server.");
    engine.close().await;
}

const TERMINATE: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'waif'";

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_told_and_the_next_reader_has_a_new_one() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    database.ask(TERMINATE);
    let (answer, mut reader) = task.await.unwrap();
    let fault = answer.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (Kind::Lost, Some("57P01")), "{fault}");
    let again = reader.fetch(&query("SELECT 1::text"), Limits::default()).await.unwrap_err();
    assert_eq!(again.kind, Kind::Lost);
    // The sessions at rest and the one that interrupts were ended, too.
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    engine.interrupt().await;
    assert_eq!(task.await.unwrap().0.unwrap_err().kind, Kind::Interrupted);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_whose_holder_is_gone_is_not_replaced_in_silence() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
    let holder = format!("FROM pg_stat_activity WHERE usename = '{role}' AND query LIKE '%export_snapshot%'");
    assert_eq!(database.count(&format!("SELECT count(pg_terminate_backend(pid)) {holder}")), 1);
    wait_until(|| database.count(&format!("SELECT count(*) {holder}")) == 0).await;
    assert_eq!(
        one(&mut reader, "SELECT count(*)::text FROM public.t").await,
        "2",
        "its own transaction stands"
    );
    reader.fetch(&query("SELECT nothing"), Limits::default()).await.unwrap_err();
    let fault = reader.fetch(&query("SELECT 1::text"), Limits::default()).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Lost);
    assert!(fault.headline.contains("The moment all counts share was lost"), "{fault}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_made_anew_is_not_taken_for_the_old_one() {
    let (database, _) = fixture();
    let engine = engine(&socket(&database, "postgres")).await;
    let taken = sessions(&engine, 1, Snapshot::PerRelation).await;
    let mut psql = database.server().psql("postgres", "postgres");
    for command in [
        TERMINATE.replace("current_database()", &format!("'{}'", database.name())),
        format!("DROP DATABASE {}", database.name()),
        format!("CREATE DATABASE {}", database.name()),
    ] {
        psql.args(["-c", &command]);
    }
    assert!(psql.status().unwrap().success());
    let fault = engine.readers(1, Snapshot::PerRelation).await.err().expect("refused");
    assert_eq!(fault.kind, Kind::Lost);
    assert_eq!(fault.causes, ["the database was dropped and made anew"]);
    drop(taken);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_network_ends_the_wait() {
    let (database, role) = fixture();
    let proxy = Proxy::before(database.server().socket());
    let engine = engine(&tcp(proxy.port(), &role, database.name())).await;
    assert_eq!(engine.server().tls, crate::model::server::Tls::Off);
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    proxy.cut();
    let fault = task.await.unwrap().0.unwrap_err();
    assert_eq!(fault.kind, Kind::Lost, "{fault}");
    let fault = engine.readers(1, Snapshot::One).await.err().expect("nothing to connect to");
    assert_eq!(fault.kind, Kind::Unreachable, "{fault}");
    engine.close().await;
    if database.server().major() >= 14 {
        wait_until(|| running(&database) == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_the_wait_on_a_server_that_fell_silent() {
    let (database, role) = fixture();
    let proxy = Proxy::before(database.server().socket());
    let engine = engine(&tcp(proxy.port(), &role, database.name())).await;
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    proxy.fall_silent();
    let asked = Instant::now();
    engine.interrupt().await;
    let fault = task.await.unwrap().0.unwrap_err();
    assert_eq!(fault.kind, Kind::Interrupted, "{fault}");
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    proxy.cut();
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_was_dropped_does_not_run_on() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let slow = query(SLOW);
    tokio::select! {
        answer = reader.fetch(&slow, Limits::default()) => panic!("{answer:?}"),
        () = tokio::time::sleep(Duration::from_millis(300)) => {}
    }
    assert_eq!(running(&database), 1);
    drop(reader);
    wait_until(|| running(&database) == 0).await;
    assert_eq!(one(&mut sessions(&engine, 1, Snapshot::One).await[0], "SELECT 1::text").await, "1");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_is_told_and_then_named() {
    let server = Server::start(&[]);
    let place = Place::Socket { folder: server.socket_folder().to_owned(), port: 5432 };
    let engine = engine(&target(place, "postgres", "postgres")).await;
    let mut reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = tokio::spawn(async move { reader.fetch(&query(SLOW), Limits::default()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.kill();
    let fault = task.await.unwrap().unwrap_err();
    assert_eq!(fault.kind, Kind::Lost, "{fault}");
    let fault = engine.readers(1, Snapshot::One).await.err().expect("it is gone");
    assert_eq!(fault.kind, Kind::Unreachable, "{fault}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_everything() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let task = start(&database, reader, SLOW).await;
    engine.close().await;
    assert_eq!(task.await.unwrap().0.unwrap_err().kind, Kind::Interrupted);
    let left = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'");
    wait_until(|| database.count(&left) == 0).await;
    let fault = engine.readers(1, Snapshot::One).await.err().expect("it is closed");
    assert_eq!(fault.kind, Kind::Lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_never_hits_the_statement_after_the_one_it_was_meant_for() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    let interrupter = reader.interrupter();
    for round in 0..60_u64 {
        let ask = tokio::spawn({
            let interrupter = Arc::clone(&interrupter);
            async move {
                tokio::time::sleep(Duration::from_millis(round % 12)).await;
                interrupter.interrupt().await;
            }
        });
        // Short enough to end by itself about when the interrupt arrives.
        let _ = reader.fetch(&query("SELECT pg_catalog.pg_sleep(0.006)::text"), Limits::default()).await;
        let next = reader.fetch(&query("SELECT pg_catalog.pg_sleep(0.002)::text"), Limits::default()).await;
        if let Err(fault) = next {
            assert_eq!(fault.headline, "The statement was interrupted, as asked.", "round {round}: {fault}");
        }
        ask.await.unwrap();
        assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
    }
    drop(reader);
    engine.close().await;
}
