//! What came too soon after the last is told late, but told.

use super::*;
use crate::db::{Engine, Readers};
use crate::job::memory::Memory;
use crate::model::fault::{Fault, Kind};
use crate::model::relation::Relation;
use crate::model::scope::Snapshot;
use crate::model::server::Server;
use crate::model::target::Environment;
use crate::model::tests::draft::Draft;
use crate::sql::Dialect;
use tokio::sync::mpsc;

/// An engine that nobody asks.
struct Silent(Server);

impl Engine for Silent {
    fn dialect(&self) -> &'static dyn Dialect {
        panic!("nobody asks for it")
    }

    fn server(&self) -> &Server {
        &self.0
    }

    fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Fault>> {
        Box::pin(async { Err(Fault::new(Kind::Unsupported, "nobody asks for it")) })
    }

    fn readers(&self, _: usize, _: Snapshot) -> BoxFuture<'_, Result<Readers, Fault>> {
        Box::pin(async { Err(Fault::new(Kind::Unsupported, "nobody asks for it")) })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn drafted() -> Arc<Catalog> {
    let mut draft = Draft::postgres();
    draft.table("users", "id bigint!");
    draft.table("orders", "id bigint!, user_id bigint");
    let _: &mut Relation = draft.relation("orders(user_id)->users(id)");
    Arc::new(draft.catalog)
}

fn teller(catalog: &Arc<Catalog>) -> (Arc<Teller>, mpsc::UnboundedReceiver<Event>) {
    let (tell, told) = mpsc::unbounded_channel();
    let bench = Arc::new(Bench::new(
        Arc::new(Silent(catalog.server.clone())),
        Environment::Production,
        Memory::default(),
        tell,
    ));
    bench.known().tallies = vec![Tally::not_checked(Why::Pending)];
    (Arc::new(Teller::new(bench, Arc::clone(catalog))), told)
}

fn read(now: &str) -> News {
    News::Progress { done: 0, total: 9, now: vec![now.to_owned()], probing: false }
}

#[tokio::test]
async fn a_silence_after_a_burst_does_not_swallow_its_end() {
    let catalog = drafted();
    let (teller, mut told) = teller(&catalog);
    tokio::spawn(remind(Arc::downgrade(&teller)));
    tokio::time::sleep(BETWEEN_PROGRESS).await;
    teller.hear(read("users"));
    teller.hear(News::Tally(0, Tally::met_one(0.1)));
    teller.hear(read("orders"));
    let (mut tables, mut findings) = (Vec::new(), None);
    while findings.is_none() {
        match told.recv().await.expect("the teller lives") {
            Event::Progress(progress) => tables.extend(progress.now),
            Event::Found(found) => findings = Some(found),
            _ => {}
        }
    }
    assert_eq!(tables, ["users", "orders"]);
    assert!(findings.is_some_and(|found| found.iter().any(|finding| finding.rule == "orphan-rows")));
}

#[tokio::test]
async fn nothing_is_told_by_the_way_once_the_count_has_ended() {
    let catalog = drafted();
    let (teller, mut told) = teller(&catalog);
    let reminder = tokio::spawn(remind(Arc::downgrade(&teller)));
    teller.hear(News::Tally(0, Tally::met_one(0.1)));
    teller.finish();
    reminder.await.expect("the reminder ends by itself");
    drop(teller);
    let mut rest = Vec::new();
    while let Some(event) = told.recv().await {
        rest.push(event);
    }
    assert!(matches!(rest[..], [Event::Tallied { .. }]), "{rest:?}");
}
