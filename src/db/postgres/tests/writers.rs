//! Writers: what is committed, what is rolled back, and what is known when the answer to COMMIT is lost.

use super::support::proxy::Proxy;
use super::*;
use crate::db::writer::{Armed, Fate, WriteLimits, Writer, Written};
use crate::model::fault::Kind;
use crate::sql::change::Change;

fn limits() -> WriteLimits {
    WriteLimits { lock: Duration::from_millis(500), statement: None, one_moment: false }
}

fn change(text: &str) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

fn armed(engine: &Arc<dyn Engine>) -> Armed {
    let name = engine.server().database.raw().to_owned();
    Armed::by(engine.server(), true, Some(&name), "test-run").expect("armed")
}

async fn writer(engine: &Arc<dyn Engine>) -> Box<dyn Writer> {
    engine.writer(&armed(engine)).await.unwrap_or_else(|fault| panic!("{fault}"))
}

fn database() -> Database {
    Database::with("writers", "CREATE TABLE t(a int PRIMARY KEY); INSERT INTO t VALUES (1), (2);")
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_without_being_armed_for_this_very_database() {
    let database = database();
    let engine = engine(&socket(&database, "postgres")).await;
    let name = database.name();
    for (allowed, confirmed, run) in
        [(false, Some(name), "r"), (true, None, "r"), (true, Some("shop"), "r"), (true, Some(name), "r'; --")]
    {
        let fault = Armed::by(engine.server(), allowed, confirmed, run).expect_err("refused");
        assert_eq!(fault.kind, Kind::Usage, "{fault}");
    }
    // Readers stay what they are beside a writer.
    let mut writer = writer(&engine).await;
    let done = writer.atomically(&[change("INSERT INTO public.t VALUES (3)")], limits()).await;
    assert!(matches!(done, Ok(Written::Committed(_))), "{done:?}");
    let mut reader = sessions(&engine, 1, Snapshot::PerRelation).await.remove(0);
    let refused = reader.fetch(&query("INSERT INTO public.t VALUES (4)"), Limits::default()).await;
    assert_eq!(refused.expect_err("read only").code.as_deref(), Some("25006"));
    let name = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waif/test-run' AND datname = current_database()";
    assert_eq!(database.count(name), 1);
    drop(writer);
    wait_until(|| database.count(name) == 0).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_whole_or_nothing() {
    let database = database();
    let engine = engine(&socket(&database, "postgres")).await;
    let mut writer = writer(&engine).await;
    let insert = change("INSERT INTO public.t VALUES (10)");
    let unexpected =
        change("UPDATE public.t SET a = a WHERE a > 100").expecting(1, "The run was taken over.");
    let fault = writer.atomically(&[insert.clone(), unexpected], limits()).await.expect_err("unexpected");
    assert_eq!((fault.kind, fault.headline.as_str()), (Kind::Unexpected, "The run was taken over."));
    let twice = writer.atomically(&[insert.clone(), insert.clone()], limits()).await.expect_err("unique");
    assert_eq!((twice.kind, twice.code.as_deref()), (Kind::Constraint, Some("23505")));
    assert_eq!(database.count("SELECT count(*) FROM t"), 2);
    let question = query("SELECT count(*)::text FROM public.t");
    let rehearsed = writer.rehearse(std::slice::from_ref(&insert), Some(&question), limits()).await;
    assert_eq!(rehearsed.fault, None);
    assert_eq!((rehearsed.done[0].touched, rehearsed.answer[0][0].text()), (1, Some("3")));
    assert_eq!(database.count("SELECT count(*) FROM t"), 2, "a rehearsal leaves nothing");
    let returning = change("INSERT INTO public.t VALUES (11), (12) RETURNING a::text").returning();
    match writer.atomically(&[insert, returning], limits()).await.expect("committed") {
        Written::Committed(done) => {
            assert_eq!(done.iter().map(|done| done.touched).collect::<Vec<_>>(), [1, 2]);
            assert_eq!(done[1].rows[1][0].text(), Some("12"));
        }
        unknown => panic!("{unknown:?}"),
    }
    assert_eq!(database.count("SELECT count(*) FROM t"), 5);
    let idle =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    assert_eq!(database.count(idle), 0, "no transaction stays open");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_key_speaks_before_commit_and_a_lock_is_waited_for_no_longer_than_allowed() {
    let database = Database::with(
        "deferred",
        "CREATE TABLE p(a int PRIMARY KEY);
         CREATE TABLE c(a int REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
    );
    let engine = engine(&socket(&database, "postgres")).await;
    let mut writer = writer(&engine).await;
    let orphan = [change("INSERT INTO public.c VALUES (7)")];
    let fault = writer.atomically(&orphan, limits()).await.expect_err("an orphan");
    assert_eq!(fault.code.as_deref(), Some("23503"));
    let mut other = database.session();
    other.say("BEGIN; LOCK TABLE p IN ACCESS EXCLUSIVE MODE");
    let began = Instant::now();
    let parent = [change("INSERT INTO public.p VALUES (7)")];
    let fault = writer.atomically(&parent, limits()).await.expect_err("locked");
    assert_eq!(fault.kind, Kind::Busy, "{fault}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    other.say("ROLLBACK");
    assert!(matches!(writer.atomically(&parent, limits()).await, Ok(Written::Committed(_))));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_commit_is_looked_up_and_never_guessed() {
    for after in [false, true] {
        let database = database();
        let proxy = Proxy::before(database.server().socket());
        let engine = engine(&tcp(proxy.port(), "postgres", database.name())).await;
        let mut writer = writer(&engine).await;
        if after {
            proxy.cut_after("COMMIT\0")
        } else {
            proxy.cut_before("COMMIT\0")
        }
        let insert = [change("INSERT INTO public.t VALUES (10)")];
        let (transaction, fault) = match writer.atomically(&insert, limits()).await.expect("unknown") {
            Written::Unknown { transaction, fault } => (transaction, fault),
            known => panic!("{known:?}"),
        };
        assert_eq!(fault.kind, Kind::Lost);
        let patience = Instant::now() + Duration::from_secs(20);
        let fate = loop {
            match engine.fate(&transaction).await.unwrap_or_else(|fault| panic!("{fault}")) {
                Fate::InProgress if Instant::now() < patience => {
                    tokio::time::sleep(Duration::from_millis(50)).await
                }
                fate => break fate,
            }
        };
        assert_eq!(fate, if after { Fate::Committed } else { Fate::Aborted });
        assert_eq!(database.count("SELECT count(*) FROM t"), if after { 3 } else { 2 });
        let again = writer.atomically(&insert, limits()).await.expect_err("the session is gone");
        assert_eq!(again.kind, Kind::Lost);
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_writer_leaves_nothing_and_can_go_on() {
    let database = database();
    let engine = engine(&socket(&database, "postgres")).await;
    let mut writer = writer(&engine).await;
    let interrupter = writer.interrupter();
    let work = [change("INSERT INTO public.t VALUES (10)"), change(SLOW).returning()];
    let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid() AND state = 'active'";
    let watch = async {
        wait_until(|| database.count(running) == 1).await;
        interrupter.interrupt().await;
    };
    let (outcome, ()) = tokio::join!(writer.atomically(&work, limits()), watch);
    assert_eq!(outcome.expect_err("interrupted").kind, Kind::Interrupted);
    assert_eq!(database.count("SELECT count(*) FROM t"), 2);
    assert!(matches!(writer.atomically(&work[..1], limits()).await, Ok(Written::Committed(_))));
    engine.close().await;
}
