//! An engine that answers from a script: for faults that no server shows on demand.

use crate::db::{Engine, Interrupt, Limits, Reader, Readers};
use crate::model::catalog::{Catalog, TableId};
use crate::model::fault::{Fault, Kind};
use crate::model::relation::Relation;
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::server::Server;
use crate::model::tests::draft::Draft;
use crate::model::value::{Row, Value};
use crate::sql::{Dialect, ListQuery, Page, Path, Query};
use futures_util::future::BoxFuture;
use std::sync::Arc;

pub struct Answer(Result<Vec<Row>, Fault>);

impl Answer {
    pub fn figures(figures: &[i64]) -> Self {
        Self(Ok(vec![figures.iter().map(|figure| Value::Int(*figure)).collect()]))
    }

    pub fn fault(kind: Kind) -> Self {
        Self(Err(Fault::new(kind, "as the script says")))
    }
}

type Play = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

pub struct Script {
    play: Play,
    server: Server,
    refusal: Option<Fault>,
}

impl Script {
    /// Answers each query, named by the method of the dialect that made it.
    pub fn new(play: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self { play: Arc::new(play), server: Draft::postgres().catalog.server, refusal: None }
    }

    pub fn refusing(fault: Fault) -> Self {
        Self { refusal: Some(fault), ..Self::new(|_| Answer::figures(&[])) }
    }
}

impl Engine for Script {
    fn dialect(&self) -> &'static dyn Dialect {
        &Names
    }

    fn server(&self) -> &Server {
        &self.server
    }

    fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Fault>> {
        Box::pin(async { Err(Fault::new(Kind::Unsupported, "the script has no catalog")) })
    }

    fn readers(&self, count: usize, snapshot: Snapshot) -> BoxFuture<'_, Result<Readers, Fault>> {
        let answer = match &self.refusal {
            Some(fault) => Err(fault.clone()),
            None => {
                let session = || Box::new(Actor(Arc::clone(&self.play))) as Box<dyn Reader>;
                Ok(Readers { sessions: (0..count).map(|_| session()).collect(), snapshot, note: None })
            }
        };
        Box::pin(async { answer })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

struct Actor(Play);

impl Reader for Actor {
    fn fetch<'a>(&'a mut self, query: &'a Query, _: Limits) -> BoxFuture<'a, Result<Vec<Row>, Fault>> {
        Box::pin(async {
            // A server takes a moment; without one, a wish to stop could never arrive in between.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            (self.0)(query.text()).0
        })
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Deaf)
    }
}

struct Deaf;

impl Interrupt for Deaf {
    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A dialect whose texts are the names of its methods.
struct Names;

fn named(name: &str) -> Query {
    Query::new(Purpose::Count, name, Vec::new())
}

fn list(name: &str) -> ListQuery {
    ListQuery { query: named(name), headings: Vec::new(), key_columns: 0 }
}

impl Dialect for Names {
    fn probe(&self, _: &Catalog, _: &Relation) -> Query {
        named("probe")
    }

    fn orphans(&self, _: &Catalog, _: &Relation, path: Path) -> Query {
        named(&format!("orphans {path:?}"))
    }

    fn child_counts(&self, _: &Catalog, _: TableId, _: &[&Relation]) -> Query {
        named("child_counts")
    }

    fn no_index_settings(&self) -> &'static [&'static str] {
        &[]
    }

    fn missing_parents(&self, _: &Catalog, _: &Relation, _: u32) -> ListQuery {
        list("missing_parents")
    }

    fn orphan_rows(&self, _: &Catalog, _: &Relation, _: Option<&[Value]>, _: &Page) -> ListQuery {
        list("orphan_rows")
    }

    fn orphans_clause(&self, _: &Catalog, _: &Relation, _: Option<&[Value]>) -> Query {
        named("orphans_clause")
    }

    fn row_clause(&self, _: &Catalog, _: &Relation, _: &[Value]) -> Query {
        named("row_clause")
    }

    fn literal(&self, value: &Value) -> String {
        value.visible().into_owned()
    }
}
