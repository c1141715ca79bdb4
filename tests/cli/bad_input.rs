//! What goes wrong in the field: one clear sentence each, the right exit code, no partial result dressed as whole.

use super::{SHOP, must_give_its_password, shop, sound};
use crate::support::{Database, Outcome, Proxy, Server, SqliteFile, Waif, waif};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;

/// Holds a run to what every refusal keeps: its code, no data, no debug output, and words that name what is wrong.
fn refused(outcome: &Outcome, code: i32, words: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{outcome:#?}");
    assert_eq!(outcome.stdout, "", "{outcome:#?}");
    assert!(outcome.stderr.contains("error: "), "{outcome:#?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{word}: {outcome:#?}");
    }
    for debug in ["panicked", "Some(", "Err(", "sqlx", "Fault {"] {
        assert!(!outcome.stderr.contains(debug), "{debug}: {outcome:#?}");
    }
}

fn check(path: &Path) -> Outcome {
    waif(["check", &path.display().to_string()])
}

#[test]
fn files_that_are_no_database_are_refused_by_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    refused(&check(folder.path()), 3, &["directory"]);
    refused(&check(&folder.path().join("missing.db")), 3, &["missing.db", "does not exist"]);
    refused(&check(&file("notes.txt", b"These are notes, and no database at all.\n")), 3, &["notes.txt"]);
    refused(&check(&file("noise.db", &[0x5a_u8; 8192])), 3, &["noise.db"]);
}

#[test]
fn an_empty_file_is_nothing_to_vouch_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    fs::write(&path, b"").unwrap();
    let outcome = check(&path);
    assert!(matches!(outcome.code, Some(3 | 4)), "{outcome:#?}");
    assert!(
        outcome.everything().contains("empty") || outcome.everything().contains("no table"),
        "{outcome:#?}"
    );
    assert_eq!(fs::metadata(&path).unwrap().len(), 0, "it was written to");
}

#[test]
fn a_truncated_file_is_never_clean() {
    let sound = sound();
    let whole = fs::read(sound.path()).unwrap();
    for kept in [100, 1024, whole.len() / 2, whole.len() - 4096] {
        fs::write(sound.path(), &whole[..kept]).unwrap();
        let outcome = check(sound.path());
        assert!(matches!(outcome.code, Some(3 | 4)), "{kept} bytes kept: {outcome:#?}");
    }
}

#[test]
fn a_file_that_others_hold_locked_is_never_clean() {
    let sound = sound();
    let mut shell = std::process::Command::new("sqlite3")
        .arg(sound.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sqlite3 starts");
    let mut stdin = shell.stdin.take().unwrap();
    writeln!(stdin, "BEGIN EXCLUSIVE;\nSELECT 'held';").unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(shell.stdout.take().unwrap()), &mut said)
        .unwrap();
    assert_eq!(said.trim(), "held");
    let outcome = check(sound.path());
    drop(stdin);
    shell.wait().unwrap();
    assert!(matches!(outcome.code, Some(3 | 4)), "{outcome:#?}");
    assert!(outcome.everything().contains("lock"), "{outcome:#?}");
}

#[test]
fn names_and_values_that_act_are_only_shown() {
    let file = SqliteFile::with(
        "CREATE TABLE p(k PRIMARY KEY);
         CREATE TABLE \"it's \"\"odd\"\"\"(id INTEGER PRIMARY KEY, k REFERENCES p(k));
         INSERT INTO \"it's \"\"odd\"\"\" VALUES (1, 'esc' || char(27) || '[31m'), (2, 'nul' || char(0) || 'x'),
           (3, CAST(x'ff80' AS TEXT)), (4, char(0x202e) || 'bidi');",
    );
    let relation = "\"it's \"\"odd\"\"\"(k)->p(k)";
    let shown = waif(["orphans", &file.target(), relation]);
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(!shown.everything().contains(['\u{1b}', '\u{202e}', '\0', '\u{fffd}']), "{shown:#?}");
    for value in ["esc\\x1B[31m", "nul\\x00x", "\\xFF\\x80", "\\u{202E}bidi"] {
        assert!(shown.stdout.contains(value), "{value}: {}", shown.stdout);
    }
    let json = waif(["orphans", &file.target(), relation, "--format", "json"]).json();
    assert_eq!(json["rows"][1]["k"], "nul\0x");
    assert_eq!(json["rows"][2]["k"]["base64"], "/4A=");
}

#[test]
fn a_server_is_refused_by_the_parameter_at_fault() {
    let database = Database::with("bad", "CREATE TABLE t(id int PRIMARY KEY)");
    let server = database.server();
    refused(&waif(["check", "postgres://reader@no-such-host.invalid/shop"]), 3, &["no-such-host.invalid"]);
    refused(&waif(["check", &server.url("postgres", "no_such_database")]), 3, &["no_such_database"]);
    refused(&waif(["check", &database.url_as("no_such_role")]), 3, &["no_such_role"]);
    let role = database.role("locked_out", "PASSWORD \'right\'");
    must_give_its_password(&database, &role);
    let url = database.url_as(&role).replacen('@', ":canary-secret@", 1);
    let outcome = waif(["check", &url]);
    refused(&outcome, 3, &["password", "28P01"]);
    assert!(!outcome.everything().contains("canary-secret"), "{outcome:#?}");
    let proxy = Proxy::before(Server::shared().socket());
    let tls = format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=require", proxy.port(), database.name());
    refused(&waif(["check", &tls]), 3, &["TLS"]);
}

#[test]
fn a_port_that_is_no_database_is_refused_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let url = format!("postgres://u@127.0.0.1:{port}/x?sslmode=disable&connect_timeout=5");
    refused(&waif(["check", &url]), 3, &[&port.to_string()]);
}

#[test]
fn a_role_without_rights_sees_what_it_may_and_says_what_it_may_not() {
    let database = Database::with("rights", SHOP_ON_POSTGRES);
    let role = database.role("nobody", "");
    let outcome = waif(["check", &database.url_as(&role), "--format", "json"]);
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    assert_eq!(outcome.json()["complete"], false);
    database.execute(&format!("GRANT SELECT ON customers, orders TO {role}"));
    let outcome = waif(["check", &database.url_as(&role), "--format", "json"]);
    let json = outcome.json();
    let verdicts: Vec<&str> =
        json["relations"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["not_checked", "clean"], "{json:#}");
    assert_eq!(outcome.code, Some(4));
}

const SHOP_ON_POSTGRES: &str = "
    CREATE TABLE customers(id int PRIMARY KEY);
    CREATE TABLE orders(id int PRIMARY KEY, customer_id int REFERENCES customers);
    CREATE INDEX ON orders(customer_id);
    CREATE TABLE items(id int PRIMARY KEY, order_id int REFERENCES orders);
    CREATE INDEX ON items(order_id);";

#[test]
fn nothing_named_says_what_was_tried() {
    let outcome = waif(["check"]);
    refused(&outcome, 2, &["DATABASE_URL", "PGHOST", "profile"]);
    let file = SqliteFile::with(SHOP);
    let named = Waif::new(["check"]).env("DATABASE_URL", format!("sqlite:{}", file.target())).run();
    assert_eq!(named.code, Some(1), "{named:#?}");
}

#[test]
fn without_a_terminal_the_inspector_names_the_way_out() {
    refused(&waif([shop().target()]), 2, &["terminal", "waif check"]);
    refused(&waif(["demo"]), 2, &["terminal"]);
}

#[test]
fn a_database_without_what_is_meant_in_it_is_asked_what_is_meant() {
    let sound = sound();
    let path = sound.path().display().to_string();
    for (verb, what) in [("resume", "run"), ("restore", "run"), ("orphans", "relation")] {
        refused(&waif([verb, &path]), 2, &["is a database:", &format!("which {what}"), "of it?"]);
    }
}
