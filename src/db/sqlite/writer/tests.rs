//! The writer against files: what it leaves when something goes wrong, whom it waits for, what it refuses to open.

use crate::db::sqlite::create;
use crate::db::tape::Tape;
use crate::db::writer::{Armed, WriteLimits, Writer, Written};
use crate::db::{Engine, Limits};
use crate::model::fault::{Fault, Kind};
use crate::model::scope::Snapshot;
use crate::model::sent::Purpose;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::change::{Change, Setting};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LIMITS: WriteLimits =
    WriteLimits { lock: Duration::from_millis(300), statement: None, one_moment: false };

struct Trial {
    _folder: tempfile::TempDir,
    path: PathBuf,
    engine: Arc<dyn Engine>,
}

/// A file in a journal mode, with a parent that has two children.
async fn trial(mode: &str) -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trial.db");
    let script = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p \
                  ON DELETE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 1)";
    create(&path, &[script]).await.unwrap();
    let mut other = other(&path).await;
    other
        .execute(if mode == "wal" { "PRAGMA journal_mode = WAL" } else { "PRAGMA journal_mode = DELETE" })
        .await
        .unwrap();
    drop(other);
    let engine = opened(&path).await.unwrap();
    Trial { _folder: folder, path, engine }
}

async fn opened(path: &Path) -> Result<Arc<dyn Engine>, Fault> {
    let target = Target {
        engine: EngineKind::Sqlite,
        place: Place::File(path.to_owned()),
        database: None,
        user: None,
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: 2,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Development,
        profile: None,
        before: None,
        password_command: None,
        sources: std::collections::BTreeMap::new(),
        notices: Vec::new(),
    };
    crate::db::open(&target, Tape::new(|_| {})).await
}

/// Another program.
async fn other(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::ZERO).foreign_keys(false);
    options.connect().await.unwrap()
}

impl Trial {
    async fn try_writer(&self) -> Result<Box<dyn Writer>, Fault> {
        let armed = Armed::by(self.engine.server(), true, Some("trial.db"), "20260101-abcdef").unwrap();
        self.engine.writer(&armed).await
    }

    async fn writer(&self) -> Box<dyn Writer> {
        self.try_writer().await.unwrap()
    }

    /// What a session of its own reads.
    async fn reads(&self, text: &str) -> Vec<Row> {
        let mut readers = self.engine.readers(1, Snapshot::PerRelation).await.unwrap();
        readers.sessions[0].fetch(&query(text), Limits::default()).await.unwrap()
    }

    async fn count(&self, table: &str) -> u64 {
        self.reads(&format!("SELECT count(*) FROM {table}")).await[0][0].count().unwrap()
    }
}

fn query(text: &str) -> Query {
    Query::new(Purpose::Session, text, Vec::new())
}

fn change(text: &str) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

fn done(written: Written) -> Vec<u64> {
    match written {
        Written::Committed(done) => done.iter().map(|done| done.touched).collect(),
        Written::Unknown { fault, .. } => panic!("{fault}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_tells_the_rows_of_each_statement() {
    for mode in ["wal", "delete"] {
        let trial = trial(mode).await;
        let mut writer = trial.writer().await;
        let insert = Change::new(
            Purpose::Batch,
            "INSERT INTO c VALUES (?1, ?2), (?1 + 1, ?2)",
            vec![Value::Int(10), Value::Int(1)],
        );
        let changes = [
            insert,
            change("CREATE TABLE made (a)"),
            change("UPDATE c SET p = p RETURNING id").returning(),
            change("DELETE FROM c WHERE id >= 10").expecting(2, "not two"),
        ];
        assert_eq!(done(writer.atomically(&changes, LIMITS).await.unwrap()), [2, 0, 4, 2], "{mode}");
        assert_eq!((writer.progress().statements(), writer.progress().touched()), (4, 8));
        assert_eq!(trial.count("made").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_leaves_nothing_and_the_session_works_on() {
    for mode in ["wal", "delete"] {
        let trial = trial(mode).await;
        let mut writer = trial.writer().await;
        let first = change("INSERT INTO p VALUES (2)");
        let cases = [
            (change("INSERT INTO p VALUES (1)"), Kind::Constraint),
            (change("INSERT INTO nowhere VALUES (1)"), Kind::Missing),
            (change("INSERT INTO c VALUES (9, 77)"), Kind::Constraint),
            (change("DELETE FROM c").expecting(1, "not one"), Kind::Unexpected),
            (change("INSERT OR ROLLBACK INTO p VALUES (1)"), Kind::Constraint),
        ];
        for (second, kind) in cases {
            let changes = [first.clone(), second];
            let fault = writer.atomically(&changes, LIMITS).await.unwrap_err();
            assert_eq!(fault.kind, kind, "{mode}: {fault}");
            assert_eq!((trial.count("p").await, trial.count("c").await), (1, 2), "{mode}: {fault}");
        }
        assert_eq!(done(writer.atomically(&[first], LIMITS).await.unwrap()), [1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_key_that_refuses_the_commit_leaves_nothing() {
    let trial = trial("wal").await;
    let mut writer = trial.writer().await;
    let changes = [change("PRAGMA defer_foreign_keys = ON"), change("INSERT INTO c VALUES (9, 77)")];
    let fault = writer.atomically(&changes, LIMITS).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (Kind::Constraint, Some("787")), "{fault}");
    assert_eq!(trial.count("c").await, 2);
    assert_eq!(done(writer.atomically(&[change("INSERT INTO c VALUES (9, 1)")], LIMITS).await.unwrap()), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_enforced_unless_a_transaction_needs_them_off() {
    let trial = trial("wal").await;
    let mut writer = trial.writer().await;
    let refused = writer.atomically(&[change("INSERT INTO c VALUES (9, 77)")], LIMITS).await.unwrap_err();
    assert_eq!(refused.code.as_deref(), Some("787"));
    let off = change("INSERT INTO c VALUES (9, 77)").needing(Setting::KeysOff);
    // The statement that needs it is the second: the whole transaction must have it.
    done(writer.atomically(&[change("DELETE FROM p"), off], LIMITS).await.unwrap());
    assert_eq!((trial.count("p").await, trial.count("c").await), (0, 3), "nothing was cascaded");
    assert_eq!(writer.fetch(&query("PRAGMA foreign_keys"), LIMITS).await.unwrap(), [[Value::Int(1)]]);
    let failing = change("nonsense").needing(Setting::KeysOff).needing(Setting::LegacyRename);
    writer.atomically(&[failing], LIMITS).await.unwrap_err();
    for (setting, wanted) in [("foreign_keys", 1), ("legacy_alter_table", 0), ("trusted_schema", 0)] {
        let text = format!("PRAGMA {setting}");
        assert_eq!(writer.fetch(&query(&text), LIMITS).await.unwrap(), [[Value::Int(wanted)]], "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_answers_and_leaves_nothing() {
    let trial = trial("delete").await;
    let mut writer = trial.writer().await;
    let changes = [change("DELETE FROM p")];
    let tried = writer.rehearse(&changes, Some(&query("SELECT count(*) FROM c")), LIMITS).await;
    assert_eq!((tried.fault, tried.answer), (None, vec![vec![Value::Int(0)]]), "the cascade was at work");
    assert_eq!((trial.count("p").await, trial.count("c").await), (1, 2));
    let tried = writer.rehearse(&[change("nonsense"), change("DELETE FROM p")], None, LIMITS).await;
    assert!(tried.fault.is_some() && tried.done.is_empty());
    assert_eq!(done(writer.atomically(&[change("DELETE FROM c")], LIMITS).await.unwrap()), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_writer_is_waited_for_as_long_as_allowed() {
    for mode in ["wal", "delete"] {
        let trial = trial(mode).await;
        let mut writer = trial.writer().await;
        let mut other = other(&trial.path).await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let began = Instant::now();
        let fault = writer.atomically(&[change("DELETE FROM c")], LIMITS).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Busy, "{mode}: {fault}");
        assert!(began.elapsed() >= LIMITS.lock, "{mode}: given up after {:?}", began.elapsed());
        let patient = WriteLimits { lock: Duration::from_secs(20), statement: None, one_moment: false };
        let changes = [change("DELETE FROM c")];
        let (outcome, ()) = tokio::join!(writer.atomically(&changes, patient), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            other.execute("ROLLBACK").await.unwrap();
        });
        assert_eq!(done(outcome.unwrap()), [2], "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commit_waits_for_readers_of_a_file_without_a_log() {
    let trial = trial("delete").await;
    let mut writer = trial.writer().await;
    let mut other = other(&trial.path).await;
    other.execute("BEGIN; SELECT count(*) FROM c").await.unwrap();
    let fault = writer.atomically(&[change("DELETE FROM c")], LIMITS).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Busy, "{fault}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(trial.count("c").await, 2, "what could not be committed was rolled back");
    other.execute("BEGIN; SELECT count(*) FROM c").await.unwrap();
    let patient = WriteLimits { lock: Duration::from_secs(20), statement: None, one_moment: false };
    let changes = [change("DELETE FROM c")];
    let (outcome, ()) = tokio::join!(writer.atomically(&changes, patient), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.execute("ROLLBACK").await.unwrap();
    });
    assert_eq!(done(outcome.unwrap()), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_needs_the_file_alone_waits_for_readers_first() {
    for (mode, waits) in [("wal", false), ("delete", true)] {
        let trial = trial(mode).await;
        let mut writer = trial.writer().await;
        let mut other = other(&trial.path).await;
        other.execute("BEGIN; SELECT count(*) FROM c").await.unwrap();
        let changes = [change("DELETE FROM c"), change("DELETE FROM p").needing(Setting::Alone)];
        let outcome = writer.atomically(&changes, LIMITS).await;
        other.execute("ROLLBACK").await.unwrap();
        if waits {
            assert_eq!(outcome.unwrap_err().kind, Kind::Busy);
            assert_eq!(writer.progress().statements(), 0, "nothing was done in vain");
            assert_eq!(done(writer.atomically(&changes, LIMITS).await.unwrap()), [2, 1]);
        } else {
            assert_eq!(done(outcome.unwrap()), [2, 1], "in WAL mode readers go on");
        }
    }
}

const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) \
                    INSERT INTO p SELECT 10 + count(*) FROM n";

#[tokio::test(flavor = "multi_thread")]
async fn a_long_statement_shows_that_it_works_and_ends_by_a_wish_or_by_its_limit() {
    let trial = trial("wal").await;
    let mut writer = trial.writer().await;
    let (progress, interrupter) = (writer.progress(), writer.interrupter());
    let changes = [change("DELETE FROM c"), change(LONG)];
    let (outcome, ()) = tokio::join!(writer.atomically(&changes, LIMITS), async {
        while progress.statements() == 0 || progress.steps() < 1_000_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        interrupter.interrupt().await;
    });
    assert_eq!(outcome.unwrap_err().kind, Kind::Interrupted);
    let limited = WriteLimits { statement: Some(Duration::from_millis(50)), ..LIMITS };
    assert_eq!(writer.atomically(&changes, limited).await.unwrap_err().kind, Kind::TimedOut);
    assert_eq!(trial.count("c").await, 2);
    assert_eq!(done(writer.atomically(&changes[..1], LIMITS).await.unwrap()), [2], "the wish is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_took_the_place_of_ours_is_not_written() {
    let trial = trial("delete").await;
    let mut writer = trial.writer().await;
    let copy = trial.path.with_extension("copy");
    std::fs::copy(&trial.path, &copy).unwrap();
    std::fs::rename(&copy, &trial.path).unwrap();
    let before = std::fs::read(&trial.path).unwrap();
    let fault = writer.atomically(&[change("DELETE FROM c")], LIMITS).await.unwrap_err();
    assert!(fault.kind == Kind::Lost && fault.headline.contains("replaced"), "{fault}");
    assert_eq!(writer.atomically(&[change("DELETE FROM c")], LIMITS).await.unwrap_err().kind, Kind::Lost);
    let fault = trial.try_writer().await.err().expect("no writer");
    assert!(fault.headline.contains("replaced"), "{fault}");
    assert_eq!(std::fs::read(&trial.path).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_fork_is_read_and_never_written() {
    let trial = trial("delete").await;
    let mut other = other(&trial.path).await;
    other.execute("PRAGMA user_version = 1").await.unwrap();
    drop(other);
    // Reserved bytes with a whole file behind them: what a fork with checksums leaves.
    let mut bytes = std::fs::read(&trial.path).unwrap();
    bytes[72] = 1;
    std::fs::write(&trial.path, &bytes).unwrap();
    let fault = trial.try_writer().await.err().expect("no writer");
    assert_eq!(fault.kind, Kind::Unsupported, "{fault}");
    assert_eq!(std::fs::read(&trial.path).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_opened_meanwhile_is_read_beside_him_from_then_on() {
    let trial = trial("wal").await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    let mut readers = trial.engine.readers(1, Snapshot::PerRelation).await.unwrap();
    let count = query("SELECT count(*) FROM c");
    assert_eq!(readers.sessions[0].fetch(&count, Limits::default()).await.unwrap(), [[Value::Int(2)]]);
    let visit = async || {
        let mut other = other(&trial.path).await;
        other.execute("INSERT INTO c VALUES (NULL, 1)").await.unwrap();
        sqlx::Connection::close(other).await.unwrap();
    };
    visit().await;
    let fault = readers.sessions[0].fetch(&count, Limits::default()).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Conflict, "what was read as immutable holds no more");
    let mut readers = trial.engine.readers(1, Snapshot::PerRelation).await.unwrap();
    for more in 4..8 {
        visit().await;
        let rows = readers.sessions[0].fetch(&count, Limits::default()).await.unwrap();
        assert_eq!(rows, [[Value::Int(more)]], "whoever comes and goes disturbs nobody any more");
    }
}

/// Looking at the header of a file must not take away the locks of a session that writes it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_file_keeps_the_locks_of_the_writer() {
    let trial = trial("delete").await;
    let mut writer = trial.writer().await;
    let path = trial.path.clone();
    let progress = writer.progress();
    let changes = [change("DELETE FROM c"), change(LONG)];
    let interrupter = writer.interrupter();
    let (outcome, wrote) = tokio::join!(writer.atomically(&changes, LIMITS), async {
        while progress.statements() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(opened(&path).await.unwrap());
        // Only another process meets locks: those of one process never conflict.
        let wrote = tokio::task::spawn_blocking(move || {
            std::process::Command::new("sqlite3").arg(&path).arg("INSERT INTO p VALUES (5)").output().unwrap()
        })
        .await
        .unwrap();
        interrupter.interrupt().await;
        wrote
    });
    assert_eq!(outcome.unwrap_err().kind, Kind::Interrupted);
    assert!(String::from_utf8_lossy(&wrote.stderr).contains("locked"), "{wrote:?}");
    assert_eq!((trial.count("p").await, trial.count("c").await), (1, 2));
}
