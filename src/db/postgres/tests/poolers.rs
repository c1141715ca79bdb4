//! Behind a real PgBouncer: it is recognised, nothing of ours stays on its backends, and what cannot be had is said.

use super::support::unique;
use super::*;
use crate::model::fault::Kind;
use crate::model::value::Value;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// A PgBouncer before the shared server.
struct Bouncer {
    folder: TempDir,
    child: Child,
}

impl Bouncer {
    fn start(settings: &str) -> Self {
        let server = super::support::server::Server::shared();
        let folder = tempfile::Builder::new().prefix(&unique("bouncer")).tempdir().unwrap();
        let at = folder.path().display().to_string();
        let configuration = format!(
            "[databases]\n* = host={} port=5432\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = {at}\n\
             auth_type = any\n{settings}\n",
            server.socket_folder().display()
        );
        // `any` logs every client in as one user: the database's own line names it.
        let configuration = configuration.replacen("port=5432", "port=5432 user=postgres", 1);
        std::fs::write(folder.path().join("bouncer.ini"), configuration).unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = Command::new(program());
        command.arg("-q").arg(folder.path().join("bouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        let owner = std::fs::metadata(server.socket_folder()).unwrap();
        if std::fs::metadata(folder.path()).unwrap().uid() != owner.uid() {
            chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
            command.uid(owner.uid()).gid(owner.gid());
        }
        let child = command.spawn().unwrap();
        let bouncer = Self { folder, child };
        let patience = Instant::now() + Duration::from_secs(20);
        while !bouncer.folder.path().join(".s.PGSQL.6432").exists() {
            assert!(Instant::now() < patience, "pgbouncer did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        bouncer
    }

    fn target(&self, database: &str) -> Target {
        target(Place::Socket { folder: self.folder.path().to_owned(), port: 6432 }, "postgres", database)
    }

    /// What the next client of the pooler is told.
    fn ask(&self, database: &Database, sql: &str) -> String {
        let mut psql = database.server().psql("postgres", database.name());
        let output = psql.args(["-p", "6432", "-c", sql, "-h"]).arg(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists())
        .expect("this test needs PgBouncer; on Debian: apt-get install --no-install-recommends pgbouncer")
}

fn database() -> Database {
    Database::with("pooled", "CREATE TABLE t(a int); INSERT INTO t VALUES (1), (2);")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_pooler_is_recognised_and_finds_its_backends_as_they_were() {
    let database = database();
    // One backend for everybody: whatever stayed behind would be seen by the next client.
    for settings in [
        "pool_mode = transaction\ndefault_pool_size = 1",
        "pool_mode = transaction\ndefault_pool_size = 1\nignore_startup_parameters = options",
        "pool_mode = transaction\ndefault_pool_size = 3\nserver_round_robin = 1\nignore_startup_parameters = options",
    ] {
        let bouncer = Bouncer::start(settings);
        let all = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings";
        let before = bouncer.ask(&database, all);
        let engine = engine(&bouncer.target(database.name())).await;
        let server = engine.server();
        assert!(server.pooled && server.read_only, "{server:?}");
        assert!(server.notices.iter().any(|notice| notice.contains("pooler")), "{:?}", server.notices);
        let readers = engine.readers(2, Snapshot::One).await.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(readers.snapshot, Snapshot::PerRelation);
        assert!(readers.note.expect("it is said").contains("pooler"));
        for mut reader in readers.sessions {
            assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
            for (name, value) in [
                ("search_path", "pg_catalog, pg_temp"),
                ("transaction_read_only", "on"),
                ("row_security", "off"),
                ("work_mem", "64MB"),
            ] {
                let read = one(&mut reader, &format!("SELECT pg_catalog.current_setting('{name}')")).await;
                assert_eq!(read, value, "{name}");
            }
            let fault =
                reader.fetch(&query("INSERT INTO public.t VALUES (3)"), Limits::default()).await.unwrap_err();
            assert_eq!(fault.code.as_deref(), Some("25006"));
            let slow = reader.fetch(&query(SLOW), limits(Some(50), Some(50))).await.unwrap_err();
            assert_eq!(slow.kind, Kind::TimedOut, "{slow}");
            let echo = Query::new(Purpose::List, "SELECT $1::text", vec![Value::Int(7)]);
            let rows = reader.fetch(&echo, Limits { no_index: true, ..Limits::default() }).await.unwrap();
            assert_eq!(rows, [[Value::Text("7".to_owned())]]);
            assert_eq!(bouncer.ask(&database, all), before, "our settings stayed behind: {settings}");
        }
        engine.close().await;
        assert_eq!(bouncer.ask(&database, "SELECT count(*) FROM pg_prepared_statements"), "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_finds_the_lent_backend_and_no_other() {
    let database = database();
    let bouncer =
        Bouncer::start("pool_mode = transaction\ndefault_pool_size = 3\nignore_startup_parameters = options");
    let engine = engine(&bouncer.target(database.name())).await;
    let mut reader =
        engine.readers(1, Snapshot::PerRelation).await.unwrap_or_else(|f| panic!("{f}")).sessions.remove(0);
    one(&mut reader, "SELECT 1::text").await;
    let task = tokio::spawn(async move { (reader.fetch(&query(SLOW), Limits::default()).await, reader) });
    let stranger = tokio::task::spawn_blocking({
        let mut psql = database.server().psql("postgres", database.name());
        psql.args(["-p", "6432", "-c", "SELECT 'slept' FROM pg_sleep(2)", "-h"]).arg(bouncer.folder.path());
        move || psql.output().unwrap()
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    engine.interrupt().await;
    let (answer, mut reader) = task.await.unwrap();
    assert_eq!(answer.unwrap_err().kind, Kind::Interrupted);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(one(&mut reader, "SELECT count(*)::text FROM public.t").await, "2");
    assert_eq!(String::from_utf8_lossy(&stranger.await.unwrap().stdout).trim(), "slept");
    drop(reader);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_no_room_for_the_interrupt_does_not_hold_us() {
    let database = database();
    let bouncer = Bouncer::start("pool_mode = transaction\ndefault_pool_size = 1");
    let engine = engine(&bouncer.target(database.name())).await;
    let mut reader =
        engine.readers(1, Snapshot::PerRelation).await.unwrap_or_else(|f| panic!("{f}")).sessions.remove(0);
    let task = tokio::spawn(async move { reader.fetch(&query(SLOW), Limits::default()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let asked = Instant::now();
    engine.interrupt().await;
    assert_eq!(task.await.unwrap().unwrap_err().kind, Kind::Interrupted);
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_splits_transactions_is_refused() {
    let database = database();
    let bouncer = Bouncer::start("pool_mode = statement");
    let fault = open(&bouncer.target(database.name()), tape().0).await.err().expect("refused");
    assert!(fault.to_string().contains("transaction"), "{fault}");
    assert!(fault.headline.contains("cannot be made safe"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_pooler_serves() {
    let database = database();
    let bouncer = Bouncer::start("pool_mode = session");
    let engine = engine(&bouncer.target(database.name())).await;
    let mut readers = engine.readers(2, Snapshot::One).await.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(one(&mut readers.sessions[0], "SELECT count(*)::text FROM public.t").await, "2");
    drop(readers);
    engine.close().await;
}
