//! SQLite: opening files so that they cannot be written, sessions, catalog, faults; and for a run that was armed, the one
//! session that writes. Called by [`open`](crate::db::open).

mod arm;
mod catalog;
mod connect;
mod create;
mod decode;
mod descriptor;
mod fault;
mod file;
mod format;
mod outside;
mod reader;
mod session;
mod settle;
mod still;
mod watch;
mod writer;

pub(crate) use create::create;
pub(crate) use settle::settle;

use crate::db::tape::Tape;
use crate::db::writer::{Armed, Writer};
use crate::db::{Engine, Limits, Readers};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::survey::FileFacts;
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::target::Target;
use crate::model::text::{Untrusted, visible};
use crate::model::value::Row;
use crate::sql::{Dialect, Query};
use connect::Way;
use futures_util::future::BoxFuture;
use session::Session;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// An open SQLite database. It keeps no session of its own: opening one costs a millisecond.
struct Sqlite {
    way: Way,
    server: Server,
    given: Mutex<Vec<Weak<Session>>>,
    /// The sessions that write: they are closed with the others, and never interrupted with those that read.
    writing: Mutex<Vec<Weak<Session>>>,
    tape: Tape,
}

/// How often the catalog is read again when somebody came in between.
const TRIES: usize = 3;

/// Opens a SQLite database.
pub(crate) async fn open(target: &Target, tape: Tape) -> Result<Arc<dyn Engine>, Fault> {
    let way = Way::of(target)?;
    let lay_beside = way.companions();
    let (first, rows) = first(&way, &tape).await?;
    let version = rows.first().and_then(|row| row.first()?.text()).unwrap_or_default().to_owned();
    let server = server(&way, version, notices(&way, &first, &lay_beside));
    first.close().await;
    Ok(Arc::new(Sqlite { way, server, given: Mutex::default(), writing: Mutex::default(), tape }))
}

/// The first session, and what it says about SQLite's version.
async fn first(way: &Way, tape: &Tape) -> Result<(Session, Vec<Row>), Fault> {
    let version = Query::new(Purpose::Session, "SELECT sqlite_version()", Vec::new());
    let mut tries = 0;
    loop {
        let first = way.open(tape).await?;
        tries += 1;
        match first.run(&version, Limits::default()).await {
            Ok(rows) => return Ok((first, rows)),
            Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => first.close().await,
            Err(fault) => return Err(fault),
        }
    }
}

fn server(way: &Way, version: String, notices: Vec<String>) -> Server {
    let main = way.files.first().map(|(_, file)| file.path.clone()).unwrap_or_default();
    Server {
        engine: EngineKind::Sqlite,
        flavor: Flavor::Plain,
        version_number: number(&version),
        version,
        database: Untrusted::new(main.file_name().unwrap_or_default().to_string_lossy()),
        user: None,
        address: Untrusted::new(main.to_string_lossy()),
        // A session that did not read back `query_only` is never handed out.
        read_only: true,
        standby: false,
        pooled: false,
        superuser: false,
        tls: Tls::Local,
        default_schema: "main".to_owned(),
        notices,
    }
}

fn notices(way: &Way, session: &Session, lay_beside: &[PathBuf]) -> Vec<String> {
    let mut notices = vec![
        "SQLite enforces foreign keys per connection and keeps no record of it: any program may have written without."
            .to_owned(),
    ];
    for (_, file) in way.files.iter().filter(|(_, file)| session.takes_as_immutable(file)) {
        notices.push(format!(
            "{} is in WAL mode and nobody has it open: it is read as immutable, and again if a program opens it \
             meanwhile.",
            file.named
        ));
    }
    for (_, file) in way.files.iter().filter(|(_, file)| file.wants_wal() && outside::names(&file.path) > 1) {
        notices.push(format!(
            "{} has other names (hard links): a log beside another of them would not be seen.",
            file.named
        ));
    }
    for path in way.companions().iter().filter(|path| !lay_beside.contains(path)) {
        let path = path.to_string_lossy();
        notices.push(format!(
            "To read the file in WAL mode, SQLite had to create {} beside it.",
            visible(&path)
        ));
    }
    notices
}

/// `3.51.0` as 3051000.
fn number(version: &str) -> u32 {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    part() * 1_000_000 + part() * 1_000 + part()
}

impl Sqlite {
    fn give(&self, sessions: &[Arc<Session>]) {
        keep(&self.given, sessions);
    }
}

fn kept(list: &Mutex<Vec<Weak<Session>>>) -> Vec<Arc<Session>> {
    let list = list.lock().unwrap_or_else(PoisonError::into_inner);
    list.iter().filter_map(Weak::upgrade).collect()
}

fn keep(list: &Mutex<Vec<Weak<Session>>>, sessions: &[Arc<Session>]) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    list.retain(|session| session.strong_count() > 0);
    list.extend(sessions.iter().map(Arc::downgrade));
}

impl Engine for Sqlite {
    fn dialect(&self) -> &'static dyn Dialect {
        &crate::sql::sqlite::Sqlite
    }

    fn server(&self) -> &Server {
        &self.server
    }

    fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Fault>> {
        Box::pin(async {
            let mut tries = 0;
            loop {
                let session = Arc::new(self.way.open(&self.tape).await?);
                self.give(std::slice::from_ref(&session));
                let catalog = catalog::read(&session, &self.server).await;
                session.close().await;
                tries += 1;
                match catalog {
                    Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => {}
                    catalog => return catalog,
                }
            }
        })
    }

    fn readers(&self, count: usize, snapshot: Snapshot) -> BoxFuture<'_, Result<Readers, Fault>> {
        Box::pin(async move {
            let (sessions, snapshot, note) = reader::open(&self.way, count, snapshot, &self.tape).await?;
            self.give(&sessions);
            let sessions = sessions.into_iter().map(reader::boxed).collect();
            Ok(Readers { sessions, snapshot, note })
        })
    }

    fn writer<'a>(&'a self, _armed: &'a Armed) -> BoxFuture<'a, Result<Box<dyn Writer>, Fault>> {
        Box::pin(async {
            let (session, file) = arm::open(&self.way, &self.tape).await?;
            let session = Arc::new(session);
            keep(&self.writing, std::slice::from_ref(&session));
            Ok(writer::boxed(session, file))
        })
    }

    fn file(&self) -> Option<FileFacts> {
        self.way.files.first().map(|(_, file)| outside::facts(file))
    }

    fn company(&self) -> Vec<String> {
        self.way.files.first().map_or_else(Vec::new, |(_, file)| outside::company(file))
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        for session in kept(&self.given) {
            session.stop();
        }
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for session in kept(&self.given).into_iter().chain(kept(&self.writing)) {
                session.close().await;
            }
        })
    }
}
