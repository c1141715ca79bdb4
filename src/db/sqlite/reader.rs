//! Readers, and the moment they see. One moment for all is given only where it costs the application nothing: a WAL
//! file keeps old pages for its readers, while in a rollback-journal file a held read lock would keep writers out.

use crate::db::sqlite::connect::Way;
use crate::db::sqlite::session::Session;
use crate::db::tape::Tape;
use crate::db::{Interrupt, Limits, Reader};
use crate::model::fault::Fault;
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::quote::quoted;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// How often the transactions are begun again because somebody committed in between, before one session must do.
const TRIES: usize = 50;

type Given = (Vec<Arc<Session>>, Snapshot, Option<String>);

/// Opens sessions that see the moment asked for, or says why they do not.
pub(super) async fn open(way: &Way, count: usize, snapshot: Snapshot, tape: &Tape) -> Result<Given, Fault> {
    let mut sessions = vec![Arc::new(way.open(tape).await?)];
    // Sessions that do not map their files read through page caches, and in the SQLite built in all page caches share
    // one lock: two such sessions take longer than one (1.6 s against 1.1 s for three counts of a million rows).
    let useful = if sessions[0].maps_its_files() { count } else { 1 };
    while sessions.len() < useful {
        sessions.push(Arc::new(way.open(tape).await?));
    }
    if snapshot == Snapshot::PerRelation {
        return Ok((sessions, snapshot, None));
    }
    if let Some(note) = keeps_writers_out(way, &sessions).await? {
        return Ok((sessions, Snapshot::PerRelation, Some(note)));
    }
    if sessions.len() > 1 {
        let witness = way.open(tape).await?;
        if !agree(way, &sessions, &witness).await? {
            sessions.truncate(1);
        }
        witness.close().await;
    }
    if let [only] = &sessions[..] {
        begin(way, only).await?;
    }
    Ok((sessions, Snapshot::One, None))
}

/// Why a moment cannot be held on these files, if it cannot.
async fn keeps_writers_out(way: &Way, sessions: &[Arc<Session>]) -> Result<Option<String>, Fault> {
    let Some(session) = sessions.first() else { return Ok(None) };
    for (name, file) in &way.files {
        let mode = say(session, format!("PRAGMA {}.journal_mode", quoted(name))).await?;
        let mode = mode.first().and_then(|row| row.first()?.text()).unwrap_or_default();
        if mode != "wal" && !session.takes_as_immutable(file) {
            return Ok(Some(format!(
                "{} is not in WAL mode: holding one moment would keep writers out, so each count sees its own.",
                file.named
            )));
        }
    }
    Ok(None)
}

/// Begins a transaction on every session, until nobody committed meanwhile: then all see the same moment.
/// `data_version` changes for the witness whenever somebody else commits.
async fn agree(way: &Way, sessions: &[Arc<Session>], witness: &Session) -> Result<bool, Fault> {
    for _ in 0..TRIES {
        let before = versions(way, witness).await?;
        for session in sessions {
            begin(way, session).await?;
        }
        if versions(way, witness).await? == before {
            return Ok(true);
        }
        for session in sessions {
            say(session, "ROLLBACK".to_owned()).await?;
        }
    }
    Ok(false)
}

/// Begins a transaction and reads from every file: only a read fixes the moment.
async fn begin(way: &Way, session: &Session) -> Result<(), Fault> {
    say(session, "BEGIN".to_owned()).await?;
    for (name, _) in &way.files {
        say(session, format!("SELECT 1 FROM {}.sqlite_schema LIMIT 1", quoted(name))).await?;
    }
    Ok(())
}

async fn versions(way: &Way, witness: &Session) -> Result<Vec<Value>, Fault> {
    let mut versions = Vec::new();
    for (name, _) in &way.files {
        let rows = say(witness, format!("PRAGMA {}.data_version", quoted(name))).await?;
        versions.extend(rows.into_iter().flatten());
    }
    Ok(versions)
}

async fn say(session: &Session, text: String) -> Result<Vec<Row>, Fault> {
    session.run(&Query::new(Purpose::Session, text, Vec::new()), Limits::default()).await
}

/// A session as the rest of the house sees it.
pub(super) fn boxed(session: Arc<Session>) -> Box<dyn Reader> {
    Box::new(Reading(session))
}

/// A session that only answers questions.
struct Reading(Arc<Session>);

impl Reader for Reading {
    fn fetch<'a>(&'a mut self, query: &'a Query, limits: Limits) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(self.0.run(query, limits))
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.0.interrupter()
    }
}
