//! What a session promises while nothing goes wrong.

use super::*;
use crate::model::fault::Kind;
use crate::model::value::{Row, Value};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_what_it_is() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let server = engine.server();
    assert_eq!(server.version_number / 10_000, database.server().major());
    assert!(server.version.starts_with(&database.server().major().to_string()));
    assert_eq!(server.database.raw(), database.name());
    assert_eq!(server.user.as_ref().unwrap().raw(), role);
    assert!(server.read_only && !server.standby && !server.pooled && !server.superuser, "{server:?}");
    assert_eq!(server.tls, crate::model::server::Tls::Local);
    assert_eq!(server.notices, Vec::<String>::new());
    engine.close().await;
    let superuser = self::engine(&socket(&database, "postgres")).await;
    assert!(superuser.server().superuser);
    assert!(superuser.server().notices[0].contains("superuser"));
    superuser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_hold_whatever_the_role_was_given() {
    let (database, role) = fixture();
    database.execute(&format!(
        "ALTER ROLE {role} SET search_path = public; ALTER ROLE {role} SET default_transaction_read_only = off;
         ALTER ROLE {role} SET row_security = on; ALTER ROLE {role} SET statement_timeout = '1s';
         ALTER ROLE {role} SET extra_float_digits = 0; ALTER ROLE {role} SET datestyle = 'SQL, DMY';
         ALTER ROLE {role} SET intervalstyle = iso_8601; ALTER ROLE {role} SET bytea_output = escape;
         ALTER ROLE {role} SET idle_in_transaction_session_timeout = '1s';
         ALTER ROLE {role} SET quote_all_identifiers = on; ALTER ROLE {role} SET client_encoding = latin1;"
    ));
    let engine = engine(&socket(&database, &role)).await;
    for snapshot in [Snapshot::One, Snapshot::PerRelation] {
        let mut readers = sessions(&engine, 1, snapshot).await;
        for (name, value) in [
            ("search_path", "pg_catalog, pg_temp"),
            ("default_transaction_read_only", "on"),
            ("transaction_read_only", "on"),
            ("row_security", "off"),
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
            ("extra_float_digits", "1"),
            ("DateStyle", "ISO, MDY"),
            ("IntervalStyle", "postgres"),
            ("bytea_output", "hex"),
            ("quote_all_identifiers", "off"),
            ("client_encoding", "UTF8"),
            ("TimeZone", "UTC"),
            ("session_replication_role", "origin"),
            ("application_name", "waif"),
            ("work_mem", "64MB"),
        ] {
            let read = one(&mut readers[0], &format!("SELECT pg_catalog.current_setting('{name}')")).await;
            assert_eq!(read, value, "{name}");
        }
        if database.server().major() >= 14 {
            let read = one(&mut readers[0], "SHOW client_connection_check_interval").await;
            assert_eq!(read, "2s");
        }
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_replicates_is_refused() {
    let (database, _) = fixture();
    let mut target = socket(&database, "postgres");
    target.options = Some("-c session_replication_role=replica".to_owned());
    let fault = open(&target, tape().0).await.err().expect("refused");
    assert!(fault.to_string().contains("session_replication_role reads replica"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_cannot_write_even_as_superuser() {
    let (database, _) = fixture();
    database.execute("CREATE SEQUENCE s");
    let engine = engine(&socket(&database, "postgres")).await;
    for snapshot in [Snapshot::One, Snapshot::PerRelation] {
        let mut readers = sessions(&engine, 1, snapshot).await;
        for text in [
            "INSERT INTO public.t VALUES (3)",
            "CREATE TABLE public.u(a int)",
            "SELECT pg_catalog.nextval('public.s')::text",
        ] {
            let fault = readers[0].fetch(&query(text), Limits::default()).await.unwrap_err();
            assert_eq!((fault.kind, fault.code.as_deref()), (Kind::Denied, Some("25006")), "{text}: {fault}");
        }
        assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_readers_see_one_moment_while_others_write() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut readers = sessions(&engine, 3, Snapshot::One).await;
    database.execute("INSERT INTO t VALUES (3)");
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    database.execute("INSERT INTO t VALUES (4)");
    for reader in &mut readers {
        assert_eq!(one(reader, "SELECT count(*)::text FROM public.t").await, "2");
    }
    let mut each = sessions(&engine, 1, Snapshot::PerRelation).await;
    assert_eq!(one(&mut each[0], "SELECT count(*)::text FROM public.t").await, "4");
    database.execute("INSERT INTO t VALUES (5)");
    assert_eq!(one(&mut each[0], "SELECT count(*)::text FROM public.t").await, "5");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_costs_a_reader_its_transaction_but_not_its_moment() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut readers = sessions(&engine, 2, Snapshot::One).await;
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    database.execute("INSERT INTO t VALUES (3)");
    for (text, kind) in [
        ("SELECT nothing FROM public.t", Kind::Missing),
        ("SELECT a::text FROM public.nowhere", Kind::Missing),
        ("SELECT (1/0)::text", Kind::Other),
    ] {
        let fault = readers[0].fetch(&query(text), Limits::default()).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
        assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    }
    engine.close().await;
}

#[tokio::test]
async fn a_moment_that_lasts_keeps_no_table_locked_that_lasts() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    database.execute("INSERT INTO t VALUES (3)");
    let held =
        "SELECT count(*)::text FROM pg_catalog.pg_locks WHERE relation = 'public.t'::pg_catalog.regclass";
    let mut locks = Vec::new();
    for _ in 0..20 {
        locks.push(one(&mut readers[0], held).await);
    }
    assert_eq!(
        locks.last().unwrap(),
        "0",
        "DDL on a table that was counted need not wait for the rest: {locks:?}"
    );
    assert_eq!(
        one(&mut readers[0], "SELECT count(*)::text FROM public.t").await,
        "2",
        "and the moment is the same"
    );
    drop(readers);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_ends_with_its_last_reader() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let holding =
        format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}' AND state LIKE 'idle in%'");
    let mut readers = sessions(&engine, 2, Snapshot::One).await;
    one(&mut readers[0], "SELECT 1::text").await;
    readers.pop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(database.count(&holding), 2, "the holder and the reader that was used");
    drop(readers);
    wait_until(|| database.count(&holding) == 0).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_the_servers_and_last_one_statement() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    for snapshot in [Snapshot::One, Snapshot::PerRelation] {
        let mut readers = sessions(&engine, 1, snapshot).await;
        let fault = readers[0].fetch(&query(SLOW), limits(Some(100), None)).await.unwrap_err();
        assert_eq!((fault.kind, fault.code.as_deref()), (Kind::TimedOut, Some("57014")), "{fault}");
        assert_eq!(fault.headline, "The statement did not end within 100 ms.");
        assert_eq!(one(&mut readers[0], "SHOW statement_timeout").await, "0");
        let show = query(
            "SELECT pg_catalog.current_setting('statement_timeout'), pg_catalog.current_setting('lock_timeout')",
        );
        let rows = readers[0].fetch(&show, limits(Some(7000), Some(50))).await.unwrap();
        assert_eq!(rows, [vec![Value::Text("7s".to_owned()), Value::Text("50ms".to_owned())]]);
        let rows = readers[0].fetch(&show, Limits::default()).await.unwrap();
        assert_eq!(rows, [vec![Value::Text("0".to_owned()), Value::Text("0".to_owned())]]);
    }
    let mut locker = database.session();
    locker.say("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    let fault =
        readers[0].fetch(&query("SELECT a::text FROM public.t"), limits(None, Some(50))).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Busy, "{fault}");
    drop(locker);
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planner_settings_of_a_verifying_count_do_not_stay() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    for snapshot in [Snapshot::One, Snapshot::PerRelation] {
        let mut readers = sessions(&engine, 1, snapshot).await;
        one(&mut readers[0], "SELECT count(*)::text FROM public.t").await;
        database.execute("INSERT INTO t VALUES (9)");
        let without = Limits { no_index: true, ..Limits::default() };
        let show =
            query("SELECT pg_catalog.current_setting('enable_indexscan'), count(*)::text FROM public.t");
        let rows = readers[0].fetch(&show, without).await.unwrap();
        assert_eq!(rows[0][0], Value::Text("off".to_owned()));
        let after = readers[0].fetch(&show, Limits::default()).await.unwrap();
        assert_eq!(after[0][0], Value::Text("on".to_owned()));
        assert_eq!(after[0][1], rows[0][1], "both see the same rows");
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_travel_as_text_and_come_back_byte_by_byte() {
    let (database, role) = fixture();
    let engine = engine(&socket(&database, &role)).await;
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    let echo = Query::new(
        Purpose::List,
        "SELECT $1::text, ($2::text::bigint + 1)::text, $3::text, $4::text",
        vec![
            Value::Text("O'Brien \u{1b}[31m \u{2028}".to_owned()),
            Value::Int(41),
            Value::Null,
            Value::Text(String::new()),
        ],
    );
    let rows: Vec<Row> = readers[0].fetch(&echo, Limits::default()).await.unwrap();
    assert_eq!(rows[0][0], Value::Text("O'Brien \u{1b}[31m \u{2028}".to_owned()));
    assert_eq!(rows[0][1], Value::Text("42".to_owned()));
    assert_eq!(rows[0][2], Value::Null);
    assert_eq!(rows[0][3], Value::Text(String::new()));
    let forgot = Query::new(Purpose::List, "SELECT $1::text::bigint", vec![Value::Int(41)]);
    let fault = readers[0].fetch(&forgot, Limits::default()).await.unwrap_err();
    assert!(fault.to_string().contains("INT8"), "{fault}");
    assert_eq!(
        one(&mut readers[0], "SELECT count(*)::text FROM pg_catalog.pg_prepared_statements").await,
        "0"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_saw_nothing_but_reading_and_the_tape_missed_nothing() {
    let (database, role) = fixture();
    let (tape, kept) = tape();
    let engine = open(&socket(&database, &role), tape).await.unwrap_or_else(|fault| panic!("{fault}"));
    for snapshot in [Snapshot::One, Snapshot::PerRelation] {
        let mut readers = sessions(&engine, 2, snapshot).await;
        for reader in &mut readers {
            one(reader, "SELECT count(*)::text FROM public.t").await;
            reader.fetch(&query("SELECT nothing"), Limits::default()).await.unwrap_err();
            reader.fetch(&query(SLOW), limits(Some(20), Some(20))).await.unwrap_err();
            reader
                .fetch(&query("SELECT 1::text"), Limits { no_index: true, ..Limits::default() })
                .await
                .unwrap();
        }
        engine.interrupt().await;
    }
    engine.close().await;
    let logged = super::support::statements::of(&database, &role);
    assert!(logged.len() > 20, "{logged:?}");
    for text in &logged {
        for statement in text.split("; ") {
            let verb = statement.split_whitespace().next().unwrap_or_default();
            assert!(["SELECT", "SHOW", "SET", "BEGIN", "ROLLBACK"].contains(&verb), "{statement}");
        }
    }
    let mut taped: Vec<String> = kept.lock().unwrap().iter().map(|sent| sent.text.clone()).collect();
    // A statement the server could not parse is on the tape and not in the log.
    taped.retain(|text| text != "SELECT nothing");
    let mut logged: Vec<String> = logged.into_iter().filter(|text| text != "SELECT nothing").collect();
    taped.sort();
    logged.sort();
    assert_eq!(taped, logged);
    let outcomes: Vec<_> = kept
        .lock()
        .unwrap()
        .iter()
        .filter(|sent| sent.text == SLOW)
        .map(|sent| sent.outcome.clone())
        .collect();
    assert_eq!(outcomes[0], Err("The statement did not end within 20 ms.".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_no_encoding_arrive_as_they_are() {
    let server = super::support::server::Server::shared();
    let name = super::support::unique("ascii");
    let run = |database: &str, command: &str| {
        let output = server.psql("postgres", database).args(["-c", command]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run("postgres", &format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0"));
    run(&name, "CREATE TABLE t AS SELECT 'caf'||chr(233)||'!' AS a, 'plain'::text AS b");
    let place = Place::Socket { folder: server.socket_folder().to_owned(), port: 5432 };
    let engine = engine(&target(place, "postgres", &name)).await;
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    let rows = readers[0].fetch(&query("SELECT a, b FROM public.t"), Limits::default()).await.unwrap();
    assert_eq!(rows[0], [Value::Bytes(b"caf\xe9!".to_vec()), Value::Text("plain".to_owned())]);
    let find =
        Query::new(Purpose::List, "SELECT b FROM public.t WHERE a = $1::text", vec![rows[0][0].clone()]);
    let found = readers[0].fetch(&find, Limits::default()).await.unwrap();
    assert_eq!(found, [[Value::Text("plain".to_owned())]]);
    drop(readers);
    engine.close().await;
    run("postgres", &format!("DROP DATABASE {name}"));
}

/// The processes that have this in their environment.
fn processes_with(variable: &str) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|pair| pair == variable.as_bytes())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_leads_to_the_server_and_is_dug_again_when_it_fell_in() {
    let (database, role) = fixture();
    let mut target = tcp(5432, &role, database.name());
    target.before = Some(crate::db::tunnel::tests::relay_to(&database.server().socket()));
    let engine = engine(&target).await;
    assert_eq!(
        engine.server().address.raw(),
        "localhost:5432",
        "the place is the server's, not the tunnel's"
    );
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    let variable = format!("WAIF_TEST_SOCKET={}", database.server().socket().display());
    let relays = processes_with(&variable);
    assert_eq!(relays.len(), 1);
    let ended =
        std::process::Command::new("sh").args(["-c", &format!("kill {}", relays[0])]).status().unwrap();
    assert!(ended.success());
    let fault = readers[0].fetch(&query(SLOW), Limits::default()).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Lost, "{fault}");
    wait_until(|| processes_with(&variable).is_empty()).await;
    let mut readers = sessions(&engine, 1, Snapshot::One).await;
    assert_eq!(one(&mut readers[0], "SELECT count(*)::text FROM public.t").await, "2");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_named_and_read() {
    let server = super::support::server::Server::start(&["hot_standby = on"]);
    let place = server.socket_folder().to_owned();
    let data = place.join("data");
    let program = std::fs::read_link(format!("/proc/{}/exe", server.pid())).unwrap();
    let owner = std::fs::metadata(&data).unwrap();
    std::fs::write(data.join("standby.signal"), "").unwrap();
    std::os::unix::fs::chown(data.join("standby.signal"), Some(owner.uid()), Some(owner.gid())).unwrap();
    let mut restart = std::process::Command::new(program.with_file_name("pg_ctl"));
    restart.args(["-w", "-m", "fast", "restart", "-l"]).arg(place.join("console")).arg("-D").arg(&data);
    restart.stdout(std::process::Stdio::null());
    if std::fs::metadata("/proc/self").unwrap().uid() != owner.uid() {
        restart.uid(owner.uid()).gid(owner.gid());
    }
    assert!(restart.status().unwrap().success());
    let engine = engine(&target(Place::Socket { folder: place, port: 5432 }, "postgres", "postgres")).await;
    assert!(engine.server().standby && engine.server().read_only);
    assert!(engine.server().notices.iter().any(|notice| notice.contains("hot standby")));
    let mut readers = sessions(&engine, 2, Snapshot::One).await;
    assert_eq!(one(&mut readers[1], "SELECT pg_catalog.pg_is_in_recovery()::text").await, "true");
    drop(readers);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_see_is_an_error_and_never_an_empty_answer() {
    let (database, role) = fixture();
    database.execute(&format!(
        "CREATE TABLE hidden(a int); CREATE TABLE partly(a int, b int); GRANT SELECT (a) ON partly TO {role};
         CREATE TABLE filtered(a int); INSERT INTO filtered VALUES (1); GRANT SELECT ON filtered TO {role};
         ALTER TABLE filtered ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON filtered USING (false)"
    ));
    let engine = engine(&socket(&database, &role)).await;
    let mut reader = sessions(&engine, 1, Snapshot::One).await.remove(0);
    for (text, kind, cause) in [
        ("SELECT count(*)::text FROM public.hidden", Kind::Denied, "permission denied for table hidden"),
        ("SELECT count(b)::text FROM public.partly", Kind::Denied, "permission denied for table partly"),
        (
            "SELECT count(*)::text FROM public.filtered",
            Kind::RowSecurity,
            "query would be affected by row-level security policy for table \"filtered\"",
        ),
    ] {
        let fault = reader.fetch(&query(text), Limits::default()).await.unwrap_err();
        assert_eq!((fault.kind, fault.causes[0].as_str()), (kind, cause), "{fault}");
        assert!(fault.hint.is_some());
    }
    assert_eq!(one(&mut reader, "SELECT count(a)::text FROM public.partly").await, "0");
    drop(reader);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_sessions_than_asked_for_is_no_error() {
    let (database, role) = fixture();
    // Two are the engine's own: one that works and one that interrupts. One holds the moment.
    database.execute(&format!("ALTER ROLE {role} CONNECTION LIMIT 4"));
    let engine = engine(&socket(&database, &role)).await;
    let readers = engine.readers(8, Snapshot::One).await.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((readers.sessions.len(), readers.snapshot), (2, Snapshot::One));
    drop(readers);
    engine.close().await;
}
