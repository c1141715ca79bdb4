//! An open file: the engine, everything that was sent to it, and questions in one line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use waif::db::tape::Tape;
use waif::db::{Engine, Limits, Reader, Readers};
use waif::model::catalog::{Catalog, Table};
use waif::model::fault::Fault;
use waif::model::relation::Relation;
use waif::model::scope::Snapshot;
use waif::model::sent::Sent;
use waif::model::server::EngineKind;
use waif::model::target::{Environment, Place, Target, TlsDemand};
use waif::model::value::{Row, Value};
use waif::sql::{Dialect, Page, Path as Access, Query};

/// An open file.
pub struct Opened {
    runtime: tokio::runtime::Runtime,
    pub engine: Arc<dyn Engine>,
    sent: Arc<Mutex<Vec<Sent>>>,
    reader: Mutex<Option<Box<dyn Reader>>>,
}

/// A target for a file.
pub fn target(path: &Path) -> Target {
    Target {
        engine: EngineKind::Sqlite,
        place: Place::File(path.to_owned()),
        database: None,
        user: None,
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: 1,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Development,
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::from([("file", "DATABASE_URL".to_owned())]),
        notices: Vec::new(),
    }
}

impl Opened {
    pub fn at(path: &Path) -> Self {
        Self::of(&target(path)).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    pub fn with_attached(path: &Path, attach: &[(&str, &Path)]) -> Self {
        let mut target = target(path);
        target.attach = attach.iter().map(|(name, path)| ((*name).to_owned(), PathBuf::from(path))).collect();
        Self::of(&target).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    pub fn of(target: &Target) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let kept = Arc::clone(&sent);
        let tape = Tape::new(move |one| kept.lock().expect("unpoisoned").push(one));
        let engine = runtime.block_on(waif::db::open(target, tape))?;
        Ok(Self { runtime, engine, sent, reader: Mutex::default() })
    }

    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub fn dialect(&self) -> &'static dyn Dialect {
        self.engine.dialect()
    }

    pub fn catalog(&self) -> Catalog {
        self.wait(self.engine.catalog()).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    pub fn readers(&self, count: usize, snapshot: Snapshot) -> Readers {
        self.wait(self.engine.readers(count, snapshot)).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    pub fn reader(&self) -> Box<dyn Reader> {
        self.readers(1, Snapshot::PerRelation).sessions.remove(0)
    }

    pub fn fetch(&self, query: &Query) -> Vec<Row> {
        self.try_fetch(query, Limits::default()).unwrap_or_else(|fault| panic!("{fault:?}\n{}", query.text()))
    }

    pub fn try_fetch(&self, query: &Query, limits: Limits) -> Result<Vec<Row>, Fault> {
        let mut kept = self.reader.lock().expect("unpoisoned");
        let reader = kept.get_or_insert_with(|| self.reader());
        self.wait(reader.fetch(query, limits))
    }

    /// Orphans and missing parents.
    pub fn orphans(&self, catalog: &Catalog, relation: &Relation, path: Access) -> (u64, u64) {
        let rows = self.fetch(&self.dialect().orphans(catalog, relation, path));
        (count(&rows[0][0]), count(&rows[0][1]))
    }

    /// Every orphan row, page by page: the shown cells.
    pub fn pages(
        &self,
        catalog: &Catalog,
        relation: &Relation,
        of: Option<&[Value]>,
        limit: u32,
    ) -> Vec<Row> {
        let mut all = Vec::new();
        let mut page = Page { after: None, limit };
        loop {
            let list = self.dialect().orphan_rows(catalog, relation, of, &page);
            let rows = self.fetch(&list.query);
            let Some(last) = rows.last() else { return all };
            page.after = Some(last[..list.key_columns].to_vec());
            all.extend(rows.iter().map(|row| row[list.key_columns..].to_vec()));
            assert!(all.len() < 100_000, "the pages never end: {}", list.query.text());
        }
    }

    /// The texts of everything sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("unpoisoned").clone()
    }
}

pub fn count(value: &Value) -> u64 {
    value.count().unwrap_or_else(|| panic!("no figure: {value:?}"))
}

/// The only table of a name.
pub fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    catalog.tables.iter().find(|table| table.name.name.raw() == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The relation with an id.
pub fn relation<'a>(catalog: &'a Catalog, id: &str) -> &'a Relation {
    let known: Vec<&str> = catalog.relations.iter().map(|one| one.id.as_str()).collect();
    catalog.relation(id).unwrap_or_else(|| panic!("no relation {id} among {known:?}"))
}
