//! Lists: answers to a ticket, each on a session of its own, beside whatever else runs.

use crate::audit::list;
use crate::db::stop::Stop;
use crate::job::bench::Bench;
use crate::job::event::Event;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::list::{List, MissingParents};
use crate::model::relation::Relation;
use crate::model::scope::Snapshot;
use crate::model::value::Value;
use crate::sql::Page;
use std::sync::Arc;

/// What is asked for.
pub(crate) enum Ask {
    /// Missing parents of the relation at a place.
    MissingParents {
        /// The place.
        relation: usize,
        /// Keys wanted.
        limit: u32,
    },
    /// Orphan rows of the relation at a place.
    OrphanRows {
        /// The place.
        relation: usize,
        /// Of one missing parent.
        of: Option<Vec<Value>>,
        /// The key to go on from.
        after: Option<Vec<Value>>,
        /// Rows wanted.
        limit: u32,
    },
}

/// Answers a ticket.
pub(crate) async fn answer(bench: Arc<Bench>, ticket: u64, ask: Ask, stop: Stop) {
    let event = match ask {
        Ask::MissingParents { relation, limit } => {
            Event::MissingParents { ticket, answer: missing_parents(&bench, relation, limit, &stop).await }
        }
        Ask::OrphanRows { relation, of, after, limit } => {
            let page = Page { after, limit };
            Event::OrphanRows {
                ticket,
                answer: orphan_rows(&bench, relation, of.as_deref(), &page, &stop).await,
            }
        }
    };
    bench.tell(event);
}

/// The catalog, and the relation at a place in it.
pub(crate) fn known(bench: &Bench, place: usize) -> Result<(Arc<Catalog>, Relation), Fault> {
    let catalog = bench.known().catalog.clone();
    let catalog = catalog.ok_or_else(|| Fault::new(Kind::Usage, "the catalog has not been read yet"))?;
    let relation = catalog.relations.get(place).cloned();
    let relation =
        relation.ok_or_else(|| Fault::new(Kind::Missing, "the relation is gone from the catalog"))?;
    Ok((catalog, relation))
}

async fn missing_parents(
    bench: &Bench,
    place: usize,
    limit: u32,
    stop: &Stop,
) -> Result<MissingParents, Fault> {
    let (catalog, relation) = known(bench, place)?;
    let mut session = session(bench, stop).await?;
    list::missing_parents(bench.engine.as_ref(), session.as_mut(), &catalog, &relation, limit).await
}

async fn orphan_rows(
    bench: &Bench,
    place: usize,
    of: Option<&[Value]>,
    page: &Page,
    stop: &Stop,
) -> Result<List, Fault> {
    let (catalog, relation) = known(bench, place)?;
    let mut session = session(bench, stop).await?;
    list::orphan_rows(bench.engine.as_ref(), session.as_mut(), &catalog, &relation, of, page).await
}

/// One session for a list; the stop can interrupt it.
async fn session(bench: &Bench, stop: &Stop) -> Result<Box<dyn crate::db::Reader>, Fault> {
    let mut readers = bench.engine.readers(1, Snapshot::PerRelation).await?;
    let session = readers.sessions.pop();
    let session = session.ok_or_else(|| Fault::new(Kind::Other, "the server gave no session"))?;
    stop.watch(session.interrupter());
    Ok(session)
}
