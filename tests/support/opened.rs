//! A database opened through the library, for tests that look at the catalog itself and at single answers.

use super::database::Database;
use std::sync::{Arc, Mutex};
use waif::db::tape::Tape;
use waif::db::{Engine, Limits, Reader};
use waif::model::catalog::{Catalog, Table};
use waif::model::fault::Fault;
use waif::model::relation::Relation;
use waif::model::scope::Snapshot;
use waif::model::sent::Sent;
use waif::model::server::EngineKind;
use waif::model::target::{Environment, Place, Target, TlsDemand};
use waif::model::value::{Row, Value};
use waif::sql::{Dialect, ListQuery, Page, Path, Query};

/// An open database with its catalog.
pub struct Opened {
    runtime: tokio::runtime::Runtime,
    engine: Arc<dyn Engine>,
    reader: Mutex<Box<dyn Reader>>,
    sent: Arc<Mutex<Vec<Sent>>>,
    pub catalog: Catalog,
}

impl Opened {
    /// Opened as superuser.
    pub fn new(database: &Database) -> Self {
        Self::as_role(database, "postgres")
    }

    /// Opened as a role.
    pub fn as_role(database: &Database, role: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sent = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&sent);
        let tape = Tape::new(move |one| keep.lock().unwrap().push(one));
        let target = target(database, role);
        let (engine, catalog, reader) = runtime.block_on(async {
            let engine = waif::db::open(&target, tape).await.expect("opened");
            let catalog = engine.catalog().await.expect("a catalog");
            let mut readers = engine.readers(1, Snapshot::PerRelation).await.expect("a reader");
            (engine, catalog, readers.sessions.remove(0))
        });
        Self { runtime, engine, reader: Mutex::new(reader), sent, catalog }
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub fn dialect(&self) -> &'static dyn Dialect {
        self.engine.dialect()
    }

    /// The relation with an id.
    pub fn relation(&self, id: &str) -> &Relation {
        let ids: Vec<&str> = self.catalog.relations.iter().map(|relation| relation.id.as_str()).collect();
        self.catalog.relation(id).unwrap_or_else(|| panic!("no relation {id} among {ids:#?}"))
    }

    /// The table a person would write so.
    pub fn table(&self, name: &str) -> &Table {
        let found = self.catalog.tables.iter().find(|table| self.catalog.written(&table.name) == name);
        found.unwrap_or_else(|| panic!("no table {name}"))
    }

    pub fn try_fetch(&self, query: &Query) -> Result<Vec<Row>, Fault> {
        let mut reader = self.reader.lock().unwrap();
        self.runtime.block_on(reader.fetch(query, Limits::default()))
    }

    /// The rows a query answers with.
    pub fn fetch(&self, query: &Query) -> Vec<Row> {
        self.try_fetch(query).unwrap_or_else(|fault| panic!("{fault}\n{}", query.text()))
    }

    /// Orphans and missing parents of a relation.
    pub fn orphans(&self, id: &str) -> (u64, u64) {
        let rows = self.fetch(&self.dialect().orphans(&self.catalog, self.relation(id), Path::Free));
        (rows[0][0].count().expect("a count"), rows[0][1].count().expect("a count"))
    }

    /// Whether a probe meets an orphan.
    pub fn probe(&self, id: &str) -> bool {
        !self.fetch(&self.dialect().probe(&self.catalog, self.relation(id))).is_empty()
    }

    /// Missing parents: keys and their number of children.
    pub fn missing_parents(&self, id: &str, limit: u32) -> Vec<(Row, u64)> {
        let list = self.dialect().missing_parents(&self.catalog, self.relation(id), limit);
        let split = |row: Row| (row[..list.key_columns].to_vec(), row[list.key_columns].count().unwrap());
        self.fetch(&list.query).into_iter().map(split).collect()
    }

    /// One page of orphan rows: identities and cells.
    pub fn page(&self, id: &str, of: Option<&[Value]>, page: &Page) -> (ListQuery, Vec<(Row, Row)>) {
        let list = self.dialect().orphan_rows(&self.catalog, self.relation(id), of, page);
        let rows = self.fetch(&list.query);
        let split = |row: Row| (row[..list.key_columns].to_vec(), row[list.key_columns..].to_vec());
        let rows = rows.into_iter().map(split).collect();
        (list, rows)
    }

    /// All orphan rows, fetched page by page.
    pub fn orphan_rows(&self, id: &str, of: Option<&[Value]>, limit: u32) -> Vec<Row> {
        let mut found = Vec::new();
        let mut page = Page { after: None, limit };
        loop {
            let (_, rows) = self.page(id, of, &page);
            let last = rows.len() < limit as usize;
            page.after = rows.last().map(|(identity, _)| identity.clone());
            found.extend(rows.into_iter().map(|(_, cells)| cells));
            if last {
                return found;
            }
            assert!(found.len() < 100_000, "the pages of {id} never end");
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.runtime.block_on(self.engine.close());
    }
}

fn target(database: &Database, role: &str) -> Target {
    Target {
        engine: EngineKind::Postgres,
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
        sources: std::collections::BTreeMap::new(),
        notices: Vec::new(),
    }
}
