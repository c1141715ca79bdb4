//! Steps that change definitions: indexes and foreign keys. Each looks first at the state it finds, does what is missing,
//! and looks again: what the catalog says afterwards is the outcome, not what the statement answered.

use crate::db::writer::WriteLimits;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{NewIndex, NewKey};
use crate::model::run::News;
use crate::model::value::Value;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::pace::back_off;
use crate::repair::run::{Halt, Site};
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::keys::Keys;
use std::time::Duration;

/// How often an index that came out invalid is dropped and built anew.
const BUILDS: u32 = 3;
/// How long a build waits for sessions older than itself. Nobody queues behind it but other definitions and vacuum.
const BUILD_WAITS: Duration = Duration::from_secs(10 * 60);
/// How often somebody is looked after who builds the index just now.
const LOOK: Duration = Duration::from_secs(2);

/// What is known of an index.
struct IndexState {
    whole: bool,
    building: bool,
    part_of: Option<String>,
}

impl Site {
    /// What can be said to change keys where they stand.
    pub(super) fn keys(&self) -> Result<&'static dyn Keys, Halt> {
        self.words.keys().ok_or_else(|| {
            let none = Fault::new(Kind::Unsupported, "The engine changes no foreign key where it stands.");
            Halt::Failed(none)
        })
    }

    async fn row(&mut self, query: &Query) -> Result<Option<Vec<Value>>, Halt> {
        Ok(self.ask(query).await?.into_iter().next())
    }

    async fn index(&mut self, table: &TableName, name: &Ident) -> Result<Option<IndexState>, Halt> {
        let query = self.words.index_state(table, name);
        Ok(self.row(&query).await?.map(|row| IndexState {
            whole: row.first().is_some_and(Value::truth),
            building: row.get(1).is_some_and(Value::truth),
            part_of: row.get(2).and_then(Value::text).map(str::to_owned),
        }))
    }

    /// Whether a key is there, and whether it is proved.
    pub(super) async fn key(
        &mut self,
        table: &TableName,
        name: &Ident,
    ) -> Result<Option<(bool, String)>, Halt> {
        let query = self.keys()?.key_state(table, name);
        Ok(self.row(&query).await?.map(|row| {
            let definition = row.get(1).and_then(Value::text).unwrap_or_default().to_owned();
            (row.first().is_some_and(Value::truth), definition)
        }))
    }

    /// Commits statements of definition together with the hold on the run.
    pub(super) async fn define(&mut self, changes: Vec<Change>) -> Result<(), Halt> {
        match self.attempt(changes, None).await? {
            Attempt::Done(_) => Ok(()),
            Attempt::TooLarge(fault) => Err(Halt::Failed(fault)),
        }
    }

    /// Creates an index, unless a whole one is there.
    pub(super) async fn create_index(&mut self, index: &NewIndex) -> Result<Option<String>, Halt> {
        for _ in 0..BUILDS {
            match self.index(&index.table, &index.name).await? {
                // The frame over partitions is whole only when every partition has joined it.
                Some(_) if index.only => return Ok(Some("it is there".to_owned())),
                Some(state) if state.whole => return Ok(Some("it is there and whole".to_owned())),
                Some(state) if state.building => {
                    self.wait_for_builder().await?;
                    continue;
                }
                Some(_) => self.drop_index(index).await?,
                None => {}
            }
            let change = self.words.create_index(index);
            if index.concurrently {
                self.alone(&change).await?
            } else {
                self.define(vec![change]).await?
            }
            match self.index(&index.table, &index.name).await? {
                Some(state) if state.whole || index.only => return Ok(None),
                _ => (self.tell)(News::Line(
                    "The index came out invalid; it is dropped and built anew.".to_owned(),
                )),
            }
        }
        Err(Halt::Paused(format!(
            "The index came out invalid {BUILDS} times, or somebody else keeps building it."
        )))
    }

    /// Drops what an earlier build left behind. Nobody builds it now: that was asked.
    async fn drop_index(&mut self, index: &NewIndex) -> Result<(), Halt> {
        let name = TableName { schema: index.table.schema.clone(), name: index.name.clone() };
        let change = self.words.drop_index(&name, index.concurrently);
        if index.concurrently { self.alone(&change).await } else { self.define(vec![change]).await }
    }

    async fn wait_for_builder(&mut self) -> Result<(), Halt> {
        (self.tell)(News::Waiting("Somebody builds this index just now: it is waited for.".to_owned()));
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = self.steer.turned() => {}
        }
        if self.steer.is_stopping() { Err(Halt::Stopped) } else { Ok(()) }
    }

    /// Sends one statement that cannot stand in a transaction, after a look at whether the run is still ours.
    async fn alone(&mut self, change: &Change) -> Result<(), Halt> {
        let mut tries = 0;
        loop {
            self.define(Vec::new()).await?;
            let limits = WriteLimits { lock: BUILD_WAITS, statement: None, one_moment: false };
            if let Some(log) = &self.log {
                log.before(&self.step, std::slice::from_ref(change))?;
            }
            let outcome = self.send_alone(change, limits).await;
            if let Some(log) = &self.log {
                log.after(&self.step, outcome.as_ref().map(|done| done.touched));
            }
            let fault = match outcome {
                Ok(_) => return Ok(()),
                Err(fault) => fault,
            };
            tries += 1;
            match fault.kind {
                kind if kind.may_retry() && tries < self.parameters.lock_tries.max(1) => {
                    let who = fault.causes.iter().filter(|cause| cause.starts_with("In the way: "));
                    let who: String = who.map(|cause| format!(" {cause}")).collect();
                    (self.tell)(News::Retry(format!("{}{who} Another try follows.", fault.headline)));
                    tokio::time::sleep(back_off(tries, fastrand::f64())).await;
                    (self.tell)(News::GoesOn);
                    // A concurrent build that broke off leaves an invalid index: the caller looks.
                    if matches!(fault.kind, Kind::Busy | Kind::Conflict)
                        && change.text().starts_with("CREATE")
                    {
                        return Ok(());
                    }
                }
                kind if kind.may_retry() => return Err(Halt::Paused(fault.to_string())),
                Kind::Interrupted if self.steer.is_stopping() => return Err(Halt::Stopped),
                Kind::Interrupted => return Err(Halt::Paused(fault.to_string())),
                _ => return Err(Halt::Failed(fault)),
            }
        }
    }

    /// Makes the index of a partition part of the whole, unless it is.
    pub(super) async fn attach_index(
        &mut self,
        table: &TableName,
        whole: &TableName,
        part: &TableName,
    ) -> Result<Option<String>, Halt> {
        if self.index(table, &part.name).await?.is_some_and(|state| state.part_of.is_some()) {
            return Ok(Some("it is part of it".to_owned()));
        }
        let change = self.keys()?.attach_index(whole, part);
        self.define(vec![change]).await.map(|()| None)
    }

    /// Adds a foreign key, unless it is there.
    pub(super) async fn add_key(&mut self, key: &NewKey) -> Result<Option<String>, Halt> {
        if self.key(&key.table, &key.name).await?.is_some() {
            return Ok(Some("it is there".to_owned()));
        }
        let changes = self.keys()?.add_key(key);
        self.define(changes).await?;
        match self.key(&key.table, &key.name).await? {
            Some((true, _)) => self.probe(&key.table, &key.name).await.map(Some),
            Some((false, _)) if key.not_valid => Ok(None),
            Some(_) => Err(Halt::Failed(unproved())),
            None => Err(Halt::Failed(Fault::new(Kind::Missing, "The key was added and is not there."))),
        }
    }

    /// Drops a foreign key and gives its name to its proved twin, unless that is done.
    pub(super) async fn swap_key(
        &mut self,
        table: &TableName,
        old: &Ident,
        twin: &Ident,
    ) -> Result<Option<String>, Halt> {
        match (self.key(table, twin).await?, self.key(table, old).await?) {
            (None, Some((true, _))) => return Ok(Some("the twin has its name".to_owned())),
            (Some((true, _)), Some(_)) => {}
            (Some((false, _)), _) => return Err(Halt::Failed(unproved())),
            _ => {
                let gone = Fault::new(Kind::Missing, "The key or its twin is not there any more.");
                return Err(Halt::Failed(gone.hint("Plan again on the database as it is now.")));
            }
        }
        let changes = self.keys()?.swap_key(table, old, twin);
        self.define(changes).await?;
        match (self.key(table, twin).await?, self.key(table, old).await?) {
            (None, Some((true, _))) => Ok(None),
            _ => Err(Halt::Failed(unproved())),
        }
    }

    /// Drops a foreign key, unless it is gone; its definition is kept in the journal.
    pub(super) async fn drop_key(&mut self, table: &TableName, name: &Ident) -> Result<Option<String>, Halt> {
        let Some((_, definition)) = self.key(table, name).await? else {
            return Ok(Some("it is gone".to_owned()));
        };
        let change = self.keys()?.drop_key(table, name);
        self.define(vec![change]).await?;
        Ok(Some(definition))
    }
}

pub(super) fn unproved() -> Fault {
    Fault::new(Kind::Other, "The server took the statement, and its catalog does not call the key valid.")
}
