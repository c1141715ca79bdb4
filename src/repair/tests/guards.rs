//! What a run waits for on a real server: segments that wait for the archive, statements of others, WAL; and that a person
//! who raises a limit lets it go on at once.

use super::backfill::{SCHEMA, due, engine, run_with};
use super::support::database::Database;
use super::support::server::Server;
use crate::model::plan::Parameters;
use crate::model::plan::limits::{Cap, Limits};
use crate::model::run::{Ended, News};
use crate::repair::run::execute::Terms;
use crate::repair::run::steer::Steer;
use std::process::{Child, Stdio};
use std::sync::OnceLock;

/// A server of its own: its archive takes a segment and does not answer for a while, and nobody else is on it.
fn server() -> &'static Server {
    static OWN: OnceLock<Server> = OnceLock::new();
    OWN.get_or_init(|| Server::start(&["archive_mode = on", "archive_command = 'sleep 5'"]))
}

/// Somebody whose statement runs.
fn busy(database: &Database) -> Child {
    let mut psql = database.server().psql("postgres", database.name());
    psql.args(["-c", "SELECT pg_sleep(120)"]).stdout(Stdio::null()).stderr(Stdio::null());
    psql.spawn().expect("psql starts")
}

/// Answers each reason to wait by taking its limit away and setting the next one.
fn raise(why: &str, steer: &Steer) {
    let none = Limits::default();
    if why.contains("wait for the archive, and 0 may") {
        steer.set_limits(Limits { max_backlog: Some(Cap::Off), max_active: Some(Cap::At(0)), ..none });
    } else if why.contains("statements of others run, and 0 may") {
        steer.set_limits(Limits { max_active: Some(Cap::Off), max_wal: Some(Cap::At(1)), ..none });
    } else if why.contains("of WAL, and 1 byte may be") {
        steer.set_limits(Limits { max_wal: Some(Cap::Off), ..none });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_limit_is_waited_for_with_its_reason_until_a_person_takes_it_away() {
    let database = Database::on(server(), "guards");
    database.execute(SCHEMA);
    database.execute("SELECT pg_switch_wal(); CREATE TABLE more(); SELECT pg_switch_wal(); CREATE TABLE most(); SELECT pg_switch_wal()");
    let mut other = busy(&database);
    while database.count("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == 0 {}
    let engine = engine(&database).await;
    let parameters = Parameters { max_backlog: Some(0), ..Parameters::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), parameters, false, |said, steer| {
        if let News::Waiting(why) = said {
            raise(why, steer);
        }
    })
    .await;
    let waited: Vec<&str> = news
        .iter()
        .filter_map(|said| if let News::Waiting(why) = said { Some(why.as_str()) } else { None })
        .collect();
    assert_eq!(ended, Ended::Finished, "{waited:?}");
    assert_eq!(news.iter().filter(|said| matches!(said, News::Limits(_))).count(), 3, "{waited:?}");
    let first = waited.first().copied().unwrap_or_default();
    assert!(first.contains("segments of WAL wait for the archive"), "{waited:?}");
    other.kill().expect("it runs");
    other.wait().expect("it ends");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_see_is_said_and_what_a_person_limited_stops_the_run() {
    let database = Database::on(server(), "guards");
    database.execute(SCHEMA);
    let role = database.role("owner", "");
    database.execute(&format!(
        "ALTER TABLE events OWNER TO {role}; ALTER TABLE events_1 OWNER TO {role}; ALTER TABLE events_2 OWNER TO {role};
         ALTER TABLE events_rest OWNER TO {role}; GRANT CREATE ON DATABASE {} TO {role}",
        database.name()
    ));
    let engine = super::backfill::engine_as(&database, &role).await;
    let parameters = Parameters { max_wal: Some(1 << 40), ..Parameters::default() };
    let (ended, news) =
        run_with(&engine, Terms::default(), due(), parameters.clone(), false, |_, _| {}).await;
    assert!(matches!(&ended, Ended::Paused(why) if why.contains("--max-wal none")), "{ended:?}");
    let said =
        news.iter().filter(|said| matches!(said, News::Line(line) if line.contains("waits for the archive")));
    assert_eq!(said.count(), 1, "it is said once what is not looked at: {news:?}");
    assert_eq!(database.count("SELECT count(*) FROM waif.batch"), 0);
    let (ended, news) =
        run_with(&engine, Terms::default(), due(), Parameters::default(), true, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished, "{news:?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_look_tells_where_the_log_of_the_server_ends() {
    let database = Database::on(server(), "guards");
    database.execute(SCHEMA);
    let here = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";
    let engine = engine(&database).await;
    let before = database.count(here);
    let (ended, news) =
        run_with(&engine, Terms::default(), due(), Parameters::default(), false, |_, _| {}).await;
    let after = database.count(here);
    assert_eq!(ended, Ended::Finished, "{news:?}");
    let looks =
        || news.iter().filter_map(|said| if let News::Signs(signs) = said { Some(signs) } else { None });
    assert!(looks().count() > 0, "{news:?}");
    let ends: Vec<u64> = looks().filter_map(|signs| signs.log_end).collect();
    assert_eq!(ends.len(), looks().count(), "every look tells it: {news:?}");
    assert!(
        ends.is_sorted() && ends.iter().all(|end| (before..=after).contains(end)),
        "{before} {ends:?} {after}"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_tell_where_its_log_ends_is_run_on_all_the_same() {
    let database = Database::on(server(), "guards");
    database.execute(SCHEMA);
    let role = database.role("owner", "");
    database.execute(&format!(
        "REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM PUBLIC;
         ALTER TABLE events OWNER TO {role}; ALTER TABLE events_1 OWNER TO {role}; ALTER TABLE events_2 OWNER TO {role};
         ALTER TABLE events_rest OWNER TO {role}; GRANT CREATE ON DATABASE {} TO {role}",
        database.name()
    ));
    let engine = super::backfill::engine_as(&database, &role).await;
    let parameters = Parameters { max_backlog: None, ..Parameters::default() };
    let (ended, news) = run_with(&engine, Terms::default(), due(), parameters, false, |_, _| {}).await;
    assert_eq!(ended, Ended::Finished, "{news:?}");
    assert!(
        news.iter().any(|said| matches!(said, News::Signs(signs) if signs.log_end.is_none())),
        "{news:?}"
    );
    assert!(
        !news.iter().any(|said| matches!(said, News::Signs(signs) if signs.log_end.is_some())),
        "{news:?}"
    );
    engine.close().await;
}
