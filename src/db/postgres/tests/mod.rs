//! Sessions against real servers: what they promise, and what they do when the promise is tested. The pieces that start
//! servers are those of the integration tests; these tests stand here because only the crate can make a `Query`.

mod interrupts;
mod poolers;
mod refusals;
mod sessions;
mod support;
mod writers;

use super::open;
use crate::db::tape::Tape;
use crate::db::{Engine, Limits, Reader};
use crate::model::scope::Snapshot;
use crate::model::sent::{Purpose, Sent};
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::sql::Query;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::database::Database;

type Kept = Arc<Mutex<Vec<Sent>>>;

fn tape() -> (Tape, Kept) {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    (Tape::new(move |sent| keep.lock().unwrap().push(sent)), kept)
}

pub(super) fn target(place: Place, user: &str, database: &str) -> Target {
    Target {
        engine: crate::model::server::EngineKind::Postgres,
        place,
        database: Some(database.to_owned()),
        user: Some(user.to_owned()),
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: 10,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Production,
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::from([
            ("host", "PGHOST".to_owned()),
            ("port", "the default".to_owned()),
            ("user", "the URL".to_owned()),
            ("database", "PGDATABASE".to_owned()),
        ]),
        notices: Vec::new(),
    }
}

fn socket(database: &Database, role: &str) -> Target {
    let place = Place::Socket { folder: database.server().socket_folder().to_owned(), port: 5432 };
    target(place, role, database.name())
}

fn tcp(port: u16, role: &str, database: &str) -> Target {
    target(Place::Host { name: "localhost".to_owned(), address: None, port }, role, database)
}

async fn engine(target: &Target) -> Arc<dyn Engine> {
    open(target, tape().0).await.unwrap_or_else(|fault| panic!("{fault}"))
}

fn query(text: &str) -> Query {
    Query::new(Purpose::Count, text, Vec::new())
}

async fn one(reader: &mut Box<dyn Reader>, text: &str) -> String {
    let rows =
        reader.fetch(&query(text), Limits::default()).await.unwrap_or_else(|fault| panic!("{text}: {fault}"));
    rows[0][0].text().unwrap_or_default().to_owned()
}

async fn sessions(engine: &Arc<dyn Engine>, count: usize, snapshot: Snapshot) -> Vec<Box<dyn Reader>> {
    let readers = engine.readers(count, snapshot).await.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(readers.snapshot, snapshot, "{:?}", readers.note);
    readers.sessions
}

fn limits(statement: Option<u64>, lock: Option<u64>) -> Limits {
    Limits {
        statement: statement.map(Duration::from_millis),
        lock: lock.map(Duration::from_millis),
        no_index: false,
    }
}

/// A database whose readers are a role that may only SELECT.
fn fixture() -> (Database, String) {
    let database = Database::with("sessions", "CREATE TABLE t(a int); INSERT INTO t VALUES (1), (2);");
    let reader = database.reader();
    (database, reader)
}

const SLOW: &str = "SELECT pg_catalog.pg_sleep(30)::text";

async fn wait_until(mut so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < patience, "it never came to pass");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
