//! Tests of scope, order and verdicts, and of the faults that no server can be made to show on demand.

mod script;

use crate::audit::count::{News, Outcome, count};
use crate::audit::queue::{self, Work};
use crate::audit::select;
use crate::db::stop::Stop;
use crate::model::catalog::{Catalog, RowSecurity, TableId};
use crate::model::fault::{Fault, Kind};
use crate::model::relation::Enforcement;
use crate::model::scope::{Scope, Snapshot};
use crate::model::tally::{Verdict, Why};
use crate::model::tests::draft::Draft;
use script::{Answer, Script};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn shop() -> Draft {
    let mut draft = Draft::postgres();
    draft.table("customers", "id bigint!").estimated_rows = Some(1_000);
    draft.table("orders", "id bigint!, customer_id bigint").estimated_rows = Some(2_000_000);
    draft.table("notes", "id bigint!, order_id bigint, customer_id bigint").estimated_rows = Some(50);
    draft.relation("notes(customer_id)->customers(id)");
    draft.relation("orders(customer_id)->customers(id)");
    draft
}

async fn run(catalog: Catalog, scope: &Scope, script: Script) -> (Outcome, Vec<News>) {
    let heard = Mutex::new(Vec::new());
    let tell = |news| heard.lock().unwrap().push(news);
    let outcome =
        count(Arc::new(script), Arc::new(catalog), None, scope, &Stop::default(), &tell).await.unwrap();
    (outcome, heard.into_inner().unwrap())
}

fn one_job() -> Scope {
    Scope { jobs: 1, ..Scope::default() }
}

#[test]
fn what_the_role_may_not_read_is_not_checked_and_the_grant_is_named() {
    let mut draft = shop();
    draft.catalog.server.user = Some("support".into());
    draft.find("orders").columns[1].readable = false;
    let why = select::why_not(&draft.catalog, &draft.catalog.relations[1], &Scope::default());
    let Some(Why::Right(text)) = why else { panic!("{why:?}") };
    assert!(text.contains("GRANT SELECT (customer_id) ON orders TO support"), "{text}");
}

#[test]
fn row_security_on_either_side_is_not_checked() {
    for table in ["orders", "customers"] {
        let mut draft = shop();
        draft.find(table).row_security = RowSecurity::Active;
        let why = select::why_not(&draft.catalog, &draft.catalog.relations[1], &Scope::default());
        assert!(matches!(why, Some(Why::RowSecurity(_))), "{table}: {why:?}");
    }
}

#[test]
fn patterns_name_relations_by_table_constraint_or_id() {
    let draft = shop();
    let [notes, orders] = &draft.catalog.relations[..] else { panic!() };
    for pattern in ["orders", "public.orders", "orders.*_fkey", "orders(customer_id)->*"] {
        let scope = Scope { only: vec![pattern.to_owned()], ..Scope::default() };
        assert_eq!(select::why_not(&draft.catalog, orders, &scope), None, "{pattern}");
        assert!(matches!(select::why_not(&draft.catalog, notes, &scope), Some(Why::Scope(_))), "{pattern}");
    }
}

#[test]
fn a_table_over_the_row_limit_is_left_open_not_dropped() {
    let draft = shop();
    let scope = Scope { max_rows: Some(10_000), ..Scope::default() };
    assert!(matches!(
        select::why_not(&draft.catalog, &draft.catalog.relations[1], &scope),
        Some(Why::Scope(_))
    ));
    assert_eq!(select::why_not(&draft.catalog, &draft.catalog.relations[0], &scope), None);
}

#[test]
fn small_and_suspicious_tables_come_first() {
    let mut draft = shop();
    draft.table("events", "id bigint!, customer_id bigint").estimated_rows = Some(3_000_000);
    draft.relation("events(customer_id)->customers(id)").enforcement =
        Enforcement::Off(vec!["off".to_owned()]);
    let work = queue::order(&draft.catalog, &[0, 1, 2], true);
    let places = |wanted: fn(&Work) -> Option<usize>| work.iter().filter_map(wanted).collect::<Vec<_>>();
    assert_eq!(places(|work| if let Work::Probe(place) = work { Some(*place) } else { None }), [0, 2, 1]);
    assert_eq!(places(|work| if let Work::Orphans(place) = work { Some(*place) } else { None }), [0, 2, 1]);
    assert!(
        matches!(work[3], Work::Rows(TableId(2), _)),
        "rows of the smallest child come right after the probes"
    );
}

#[tokio::test]
async fn counts_become_verdicts() {
    let script = Script::new(|query| {
        Answer::figures(if query.contains("child_counts") { &[10, 1, 0] } else { &[0, 0] })
    });
    let (outcome, _) = run(shop().catalog, &one_job(), script).await;
    assert!(outcome.tallies.iter().all(|tally| tally.verdict() == &Verdict::Clean));
    assert_eq!(outcome.tallies[0].counts().rows, Some(10));
    assert_eq!(outcome.snapshot, Snapshot::One);
}

#[tokio::test]
async fn a_probe_is_no_count_and_is_replaced_by_one() {
    let script = Script::new(|query| match query {
        text if text.contains("probe") => Answer::figures(&[1]),
        text if text.contains("child_counts") => Answer::figures(&[10, 0, 0]),
        _ => Answer::figures(&[3, 2]),
    });
    let (outcome, news) = run(shop().catalog, &Scope { probe_first: true, ..one_job() }, script).await;
    let first =
        news.iter().find_map(|news| if let News::Tally(_, tally) = news { Some(tally) } else { None });
    assert!(!first.unwrap().exact(), "what a probe tells is a lower bound");
    assert!(outcome.tallies.iter().all(|tally| tally.exact() && tally.counts().orphans == Some(3)));
}

#[tokio::test]
async fn a_refused_count_is_never_clean() {
    let script = Script::new(|query| {
        if query.contains("orphans") { Answer::fault(Kind::TimedOut) } else { Answer::figures(&[10, 0, 0]) }
    });
    let (outcome, _) = run(shop().catalog, &one_job(), script).await;
    for tally in &outcome.tallies {
        assert!(matches!(tally.verdict(), Verdict::NotChecked(Why::Time(_))), "{tally:?}");
        assert_eq!(tally.counts().rows, Some(10), "what is known stays visible");
    }
}

#[tokio::test]
async fn a_conflict_is_tried_again_at_a_moment_of_its_own() {
    let conflicts = Mutex::new(2);
    let script = Script::new(move |query| {
        let mut left = conflicts.lock().unwrap();
        if query.contains("orphans") && *left > 0 {
            *left -= 1;
            return Answer::fault(Kind::Conflict);
        }
        Answer::figures(if query.contains("child_counts") { &[10, 0, 0] } else { &[0, 0] })
    });
    let (outcome, _) = run(shop().catalog, &one_job(), script).await;
    assert!(outcome.tallies.iter().all(|tally| tally.verdict() == &Verdict::Clean));
    assert_eq!(outcome.snapshot, Snapshot::PerRelation, "the shared moment was given up, and that is said");
}

#[tokio::test]
async fn a_connection_lost_for_good_leaves_the_rest_open() {
    let script = Script::new(|query| {
        if query.contains("child_counts") { Answer::figures(&[10, 0, 0]) } else { Answer::fault(Kind::Lost) }
    });
    let (outcome, _) = run(shop().catalog, &one_job(), script).await;
    assert!(outcome.lost.is_some());
    assert!(outcome.tallies.iter().all(|tally| matches!(tally.verdict(), Verdict::NotChecked(Why::Lost(_)))));
}

#[tokio::test]
async fn two_access_paths_that_differ_withdraw_the_verdict() {
    let script = Script::new(|query| match query {
        text if text.contains("child_counts") => Answer::figures(&[10, 0, 0]),
        text if text.contains("NoIndex") => Answer::figures(&[0, 0]),
        _ => Answer::figures(&[7, 7]),
    });
    let (outcome, _) = run(shop().catalog, &Scope { verify: true, ..one_job() }, script).await;
    assert_eq!(outcome.evidence.counts_differ, [(0, 7, 0), (1, 7, 0)]);
    assert!(
        outcome
            .tallies
            .iter()
            .all(|tally| matches!(tally.verdict(), Verdict::NotChecked(Why::SuspectIndex(_))))
    );
}

#[tokio::test]
async fn a_time_limit_leaves_the_rest_open_with_its_reason() {
    let script = Script::new(|_| Answer::figures(&[0, 0, 0]));
    let scope = Scope { time_limit: Some(Duration::ZERO), ..one_job() };
    let (outcome, _) = run(shop().catalog, &scope, script).await;
    assert!(outcome.tallies.iter().all(|tally| matches!(tally.verdict(), Verdict::NotChecked(Why::Time(_)))));
}

#[tokio::test]
async fn a_count_that_breaks_off_leaves_its_relation_open_and_blames_no_limit() {
    let script = Script::new(|query| match query {
        text if text.contains("orphans") => panic!("a defect"),
        _ => Answer::figures(&[10, 0, 0]),
    });
    let (outcome, _) = run(shop().catalog, &one_job(), script).await;
    for tally in &outcome.tallies {
        assert!(matches!(tally.verdict(), Verdict::NotChecked(Why::Unplannable(_))), "{tally:?}");
    }
}

#[tokio::test]
async fn a_stop_leaves_the_rest_open_as_cancelled() {
    let stop = Stop::default();
    let asked = stop.clone();
    let script = Script::new(move |_| {
        let asked = asked.clone();
        tokio::spawn(async move { asked.ask().await });
        Answer::fault(Kind::Interrupted)
    });
    let catalog = Arc::new(shop().catalog);
    let outcome = count(Arc::new(script), catalog, None, &one_job(), &stop, &|_| {}).await.unwrap();
    assert!(outcome.tallies.iter().all(|tally| tally.verdict() == &Verdict::NotChecked(Why::Cancelled)));
}

#[tokio::test]
async fn a_missing_parent_table_is_broken_whatever_was_counted() {
    let mut draft = Draft::sqlite();
    draft.table("logs", "id INTEGER!, rule_id INTEGER");
    draft.relation("logs(rule_id)->rules(id)");
    let script = Script::new(|_| Answer::figures(&[10, 4, 0]));
    let (outcome, _) = run(draft.catalog, &one_job(), script).await;
    assert!(matches!(outcome.tallies[0].verdict(), Verdict::Broken(_)));
    assert_eq!(outcome.tallies[0].counts().orphans, Some(6), "every row with a key refers to nothing");
}

#[tokio::test]
async fn no_session_at_all_is_a_fault_not_an_empty_result() {
    let script = Script::refusing(Fault::new(Kind::Unreachable, "no more connections"));
    let catalog = Arc::new(shop().catalog);
    let outcome = count(Arc::new(script), catalog, None, &one_job(), &Stop::default(), &|_| {}).await;
    assert_eq!(outcome.unwrap_err().kind, Kind::Unreachable);
}
