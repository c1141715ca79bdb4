//! The ground itself: if these fail, no other failure in this folder means anything.

use crate::support::{Database, Proxy, Server, SqliteFile, statements};
use std::io::Read;
use std::net::TcpStream;

#[test]
fn a_database_takes_statements_and_answers() {
    let database = Database::with("ground", "CREATE TABLE t(a int); INSERT INTO t VALUES (1), (2);");
    assert_eq!(database.count("SELECT count(*) FROM t"), 2);
    assert!(database.try_execute("SELECT nonsense").unwrap_err().contains("nonsense"));
}

#[test]
fn the_log_tells_what_a_role_sent_and_nobody_elses_statements() {
    let database = Database::with("ground", "CREATE TABLE t(a int)");
    let reader = database.reader();
    let mut psql = database.server().psql(&reader, database.name());
    let output = psql.args(["-c", "SELECT count(*) FROM t"]).output().expect("psql runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0");
    assert_eq!(statements::of(&database, &reader), ["SELECT count(*) FROM t"]);
    let refused = database.server().psql(&reader, database.name()).args(["-c", "DELETE FROM t"]).output();
    assert!(!refused.expect("psql runs").status.success(), "a reader must not be able to delete");
}

#[test]
fn another_session_holds_its_lock_until_it_is_closed() {
    let database = Database::with("ground", "CREATE TABLE t(a int)");
    let mut other = database.session();
    other.say("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    let blocked = database.try_execute("SET lock_timeout = '50ms'; SELECT count(*) FROM t");
    assert!(blocked.unwrap_err().contains("lock timeout"));
    drop(other);
    assert_eq!(database.count("SELECT count(*) FROM t"), 0);
}

#[test]
fn a_server_of_ones_own_stops_when_dropped() {
    let server = Server::start(&["max_connections = 10"]);
    let place = server.socket_folder().to_owned();
    let pid = server.pid();
    assert!(server.socket().exists());
    drop(server);
    assert!(!place.exists(), "its folder is gone");
    // What init has not collected yet is a zombie, state Z: dead all the same.
    let state =
        std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_else(|_| "(gone) Z".to_owned());
    assert!(state.contains(") Z"), "its process is gone: {state}");
}

#[test]
fn the_proxy_passes_on_until_it_is_cut() {
    let proxy = Proxy::before(Server::shared().socket());
    let mut link = TcpStream::connect(("127.0.0.1", proxy.port())).expect("the proxy listens");
    // SSLRequest: eight bytes, answered by one.
    std::io::Write::write_all(&mut link, &[0, 0, 0, 8, 4, 210, 22, 47]).expect("sent");
    let mut answer = [0_u8; 1];
    link.read_exact(&mut answer).expect("answered");
    assert_eq!(answer, *b"N");
    proxy.cut();
    assert_eq!(link.read(&mut answer).unwrap_or(0), 0, "nothing comes through a cut link");
}

#[test]
fn a_sqlite_file_takes_statements_and_answers() {
    let file = SqliteFile::with("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2);");
    assert_eq!(file.count("SELECT count(*) FROM t"), 2);
    assert!(file.try_execute("SELECT nonsense").unwrap_err().contains("nonsense"));
}
