//! A writer: one session of a run, armed by a person. Every transaction begins with `BEGIN IMMEDIATE`, so it has the file to
//! itself before it reads anything it decides by, and it is committed or rolled back before the call returns: a statement
//! that fails leaves the transaction open in SQLite, and a COMMIT after it would keep half of the work.

use crate::db::sqlite::arm;
use crate::db::sqlite::fault::{self, code};
use crate::db::sqlite::file::File;
use crate::db::sqlite::outside;
use crate::db::sqlite::session::Session;
use crate::db::vouch::Composed;
use crate::db::writer::{Done, Progress, Rehearsed, WriteLimits, Writer, Written};
use crate::db::{Interrupt, Limits};
use crate::model::fault::{Fault, Kind};
use crate::model::sent::Purpose;
use crate::model::value::Row;
use crate::sql::Query;
use crate::sql::change::{Change, Expected, Setting};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A session that may write.
struct LiteWriter {
    session: Arc<Session>,
    file: File,
    /// Whether it was closed because nobody could say any more what state it is in.
    lost: bool,
}

/// A session as the rest of the house sees it.
pub(super) fn boxed(session: Arc<Session>, file: File) -> Box<dyn Writer> {
    Box::new(LiteWriter { session, file, lost: false })
}

/// A statement that failed, with SQLite's own error where it gave one.
struct Failed {
    fault: Fault,
    primary: Option<i32>,
}

impl LiteWriter {
    /// Sends one statement.
    async fn send(&self, statement: &impl Composed, limits: Limits) -> Result<Done, Failed> {
        if self.lost {
            let fault = Fault::new(Kind::Lost, "The session that writes is closed.");
            return Err(Failed { fault, primary: None });
        }
        self.session.carry_out(statement, limits).await.map_err(|(fault, error)| match error {
            Some(error) => Failed {
                fault: self.told(fault::in_writing(fault, &error)),
                primary: fault::codes(&error).map(|(primary, _)| primary),
            },
            None => Failed { fault, primary: None },
        })
    }

    /// A fault, with whoever holds the file where somebody does.
    fn told(&self, fault: Fault) -> Fault {
        let holders = if fault.kind == Kind::Busy { outside::holders(&self.file) } else { Vec::new() };
        if holders.is_empty() { fault } else { fault.because(format!("held by {}", holders.join(", "))) }
    }

    /// Says something of our own to the session.
    async fn say(&self, text: &str, limits: WriteLimits) -> Result<Vec<Row>, Failed> {
        let query = Query::new(Purpose::Session, text, Vec::new());
        let limits = Limits { lock: Some(limits.lock), ..Limits::default() };
        self.send(&query, limits).await.map(|done| done.rows)
    }

    /// Makes a setting, and reads it back: within a transaction SQLite passes over some of them without a word.
    async fn set(&self, setting: Setting, needed: bool, limits: WriteLimits) -> Result<(), Fault> {
        let (name, on) = match setting {
            Setting::KeysOff => ("foreign_keys", !needed),
            Setting::LegacyRename => ("legacy_alter_table", needed),
            // The transaction begins with it.
            Setting::Alone => return Ok(()),
        };
        let value = if on { "ON" } else { "OFF" };
        self.say(&format!("PRAGMA {name} = {value}"), limits).await.map_err(|failed| failed.fault)?;
        let rows = self.say(&format!("PRAGMA {name}"), limits).await.map_err(|failed| failed.fault)?;
        if rows.first().and_then(|row| row.first()).is_some_and(|value| value.truth() == on) {
            return Ok(());
        }
        Err(Fault::new(Kind::Unsupported, "The session does not take a setting that this step needs.")
            .because(format!("{name} does not read back as {value}")))
    }

    /// Has the file to itself from now on.
    async fn begin(&mut self, changes: &[Change], limits: WriteLimits) -> Result<(), Fault> {
        let alone = changes.iter().any(|change| change.needs().contains(&Setting::Alone));
        // In WAL mode both are the same, and readers go on.
        self.say(if alone { "BEGIN EXCLUSIVE" } else { "BEGIN IMMEDIATE" }, limits)
            .await
            .map_err(|failed| failed.fault)?;
        if self.file.is_replaced() {
            self.give_up().await;
            return Err(arm::replaced(&self.file));
        }
        Ok(())
    }

    /// Carries out statements in the open transaction.
    async fn carry_out(
        &self,
        changes: &[Change],
        limits: WriteLimits,
        done: &mut Vec<Done>,
    ) -> Result<(), Fault> {
        for change in changes {
            if self.session.watch().is_unwanted() {
                return Err(Fault::new(Kind::Interrupted, "The run was interrupted, as asked."));
            }
            done.push(self.perform(change, limits).await?);
        }
        Ok(())
    }

    /// Carries out one statement, and holds it to what it must come to.
    async fn perform(&self, change: &Change, limits: WriteLimits) -> Result<Done, Fault> {
        let limits = Limits { statement: limits.statement, lock: Some(limits.lock), no_index: false };
        let one = self.send(change, limits).await.map_err(|failed| failed.fault)?;
        if let Expected::Rows(rows, otherwise) = change.expected()
            && *rows != one.touched
        {
            return Err(Fault::new(Kind::Unexpected, *otherwise)
                .because(format!("{} rows, where {rows} were expected", one.touched)));
        }
        self.session.watch().progress().done(one.touched);
        Ok(one)
    }

    /// Rolls back. Some errors have SQLite do it by itself, and then it says so; a session that will not is closed.
    async fn roll_back(&mut self, limits: WriteLimits) {
        match self.say("ROLLBACK", limits).await {
            Ok(_) => {}
            Err(Failed { fault, primary: Some(_) })
                if fault.causes.iter().any(|said| said.contains("no transaction")) => {}
            Err(_) => self.give_up().await,
        }
    }

    /// Closes the session, which rolls back what it has open.
    async fn give_up(&mut self) {
        self.lost = true;
        self.session.close().await;
    }

    async fn transaction(&mut self, changes: &[Change], limits: WriteLimits) -> Result<Written, Fault> {
        self.begin(changes, limits).await?;
        let mut done = Vec::with_capacity(changes.len());
        if let Err(fault) = self.carry_out(changes, limits, &mut done).await {
            self.roll_back(limits).await;
            return Err(fault);
        }
        // Readers of a file without a log hold COMMIT up: it is tried for as long as a lock may be waited for.
        match self.say("COMMIT", limits).await {
            Ok(_) => Ok(Written::Committed(done)),
            Err(Failed { fault, primary: None | Some(code::IOERR) }) => {
                // What of it reached the disk shows when the file is opened anew; the journal in it tells.
                self.give_up().await;
                Ok(Written::Unknown { transaction: String::new(), fault })
            }
            Err(Failed { fault, .. }) => {
                self.roll_back(limits).await;
                Err(fault)
            }
        }
    }

    async fn try_out(
        &mut self,
        changes: &[Change],
        question: Option<&Query>,
        limits: WriteLimits,
    ) -> Rehearsed {
        let mut rehearsed = Rehearsed::default();
        if let Err(fault) = self.begin(changes, limits).await {
            rehearsed.fault = Some(fault);
            return rehearsed;
        }
        let tried = self.carry_out(changes, limits, &mut rehearsed.done).await;
        let asked = match (tried, question) {
            (Ok(()), Some(question)) => self.read(question, limits).await,
            (tried, _) => tried.map(|()| Vec::new()),
        };
        match asked {
            Ok(rows) => rehearsed.answer = rows,
            Err(fault) => rehearsed.fault = Some(fault),
        }
        self.roll_back(limits).await;
        rehearsed
    }

    async fn read(&self, query: &Query, limits: WriteLimits) -> Result<Vec<Row>, Fault> {
        let limits = Limits { statement: limits.statement, lock: Some(limits.lock), no_index: false };
        self.send(query, limits).await.map(|done| done.rows).map_err(|failed| failed.fault)
    }

    /// Makes the settings these statements need; answers with what was made.
    async fn prepare(&mut self, changes: &[Change], limits: WriteLimits) -> Result<Vec<Setting>, Fault> {
        let mut made = Vec::new();
        for setting in changes.iter().flat_map(Change::needs) {
            if made.contains(setting) {
                continue;
            }
            made.push(*setting);
            if let Err(fault) = self.set(*setting, true, limits).await {
                self.unmake(&made, limits).await;
                return Err(fault);
            }
        }
        Ok(made)
    }

    /// Takes settings back. A session that keeps one is no session for the next transaction.
    async fn unmake(&mut self, made: &[Setting], limits: WriteLimits) {
        for setting in made {
            if !self.lost && self.set(*setting, false, limits).await.is_err() {
                self.give_up().await;
            }
        }
    }

    fn open(&self) {
        self.session.watch().span();
        self.session.watch().progress().begin();
    }

    fn end(&self) {
        self.session.watch().end_span();
    }
}

impl Writer for LiteWriter {
    fn atomically<'a>(
        &'a mut self,
        changes: &'a [Change],
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Written, Fault>> {
        Box::pin(async move {
            self.open();
            let outcome = match self.prepare(changes, limits).await {
                Ok(made) => {
                    let outcome = self.transaction(changes, limits).await;
                    self.unmake(&made, limits).await;
                    outcome
                }
                Err(fault) => Err(fault),
            };
            self.end();
            outcome
        })
    }

    fn rehearse<'a>(
        &'a mut self,
        changes: &'a [Change],
        question: Option<&'a Query>,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Rehearsed> {
        Box::pin(async move {
            self.open();
            let rehearsed = match self.prepare(changes, limits).await {
                Ok(made) => {
                    let rehearsed = self.try_out(changes, question, limits).await;
                    self.unmake(&made, limits).await;
                    rehearsed
                }
                Err(fault) => Rehearsed { fault: Some(fault), ..Rehearsed::default() },
            };
            self.end();
            rehearsed
        })
    }

    fn alone<'a>(
        &'a mut self,
        change: &'a Change,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Done, Fault>> {
        Box::pin(async move {
            self.open();
            let outcome = match self.prepare(std::slice::from_ref(change), limits).await {
                Ok(made) => {
                    let outcome = self.perform(change, limits).await;
                    self.unmake(&made, limits).await;
                    outcome
                }
                Err(fault) => Err(fault),
            };
            self.end();
            outcome
        })
    }

    fn fetch<'a>(
        &'a mut self,
        query: &'a Query,
        limits: WriteLimits,
    ) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(async move {
            self.open();
            let answer = self.read(query, limits).await;
            self.end();
            answer
        })
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.session.interrupter()
    }

    fn backend(&self) -> Option<i32> {
        None
    }

    fn progress(&self) -> Arc<Progress> {
        Arc::clone(self.session.watch().progress())
    }
}

impl Drop for LiteWriter {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // What it was in the middle of is rolled back, and the log beside the file is taken in by whoever goes last.
            let session = Arc::clone(&self.session);
            runtime.spawn(async move { session.close().await });
        }
    }
}

#[cfg(test)]
mod tests;
