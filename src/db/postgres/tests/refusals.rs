//! Why there is no connection: each cause has its sentence, which names the parameter and where it came from.

use super::support::proxy::Proxy;
use super::support::server::Server;
use super::*;
use crate::model::fault::{Fault, Kind};
use crate::model::secret::Secret;
use crate::model::server::Tls;
use crate::model::target::TlsMode;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Instant;

const CANARY: &str = "canary-7f3a-sings";

async fn refused(target: &Target) -> Fault {
    let (tape, kept) = tape();
    let fault = open(target, tape).await.err().expect("no connection can come of this");
    assert_eq!(fault.kind, Kind::Unreachable, "{fault}");
    let everything = format!("{fault:?} {fault} {target:?} {:?}", kept.lock().unwrap());
    assert!(!everything.contains(CANARY), "the password leaked: {everything}");
    fault
}

fn host(name: &str, address: Option<&str>, port: u16) -> Target {
    let place = Place::Host { name: name.to_owned(), address: address.map(ToOwned::to_owned), port };
    let mut target = target(place, "postgres", "postgres");
    target.password = Some(Secret::new(CANARY));
    target
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn an_unknown_host_is_named_with_its_source() {
    let fault = refused(&host("db-7.invalid", None, 5432)).await;
    assert_eq!(fault.headline, "The host db-7.invalid from PGHOST is unknown.");
    assert!(fault.hint.is_some() && !fault.causes.is_empty());
}

#[tokio::test]
async fn a_closed_port_is_named_with_its_source() {
    let port = closed_port();
    let fault = refused(&host("127.0.0.1", None, port)).await;
    assert_eq!(
        fault.headline,
        format!("Nothing answers on port {port} (the default) of host 127.0.0.1 from PGHOST.")
    );
}

#[tokio::test]
async fn a_missing_socket_is_named_with_its_folder() {
    let mut target = target(Place::Socket { folder: PathBuf::from("/nowhere"), port: 5432 }, "a", "b");
    target.sources.insert("host", "the default".to_owned());
    let fault = refused(&target).await;
    assert_eq!(
        fault.headline,
        "There is no server socket .s.PGSQL.5432 in the folder /nowhere (the default)."
    );
}

/// A server of another kind: reads a little, says something, hangs up or stays.
fn other(says: &'static [u8], stays: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut client in listener.incoming().flatten() {
            let mut heard = [0_u8; 8];
            let _ = client.read(&mut heard);
            let _ = client.write_all(says);
            if stays {
                kept.push(client);
            }
        }
    });
    port
}

#[tokio::test]
async fn what_is_no_database_is_told_so() {
    for says in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &b""[..], &[0_u8; 64][..]] {
        let port = other(says, false);
        for mode in [None, Some(TlsMode::Disable)] {
            let mut target = host("localhost", None, port);
            target.tls.mode = mode;
            let fault = refused(&target).await;
            assert!(fault.headline.contains(&format!("localhost from PGHOST, port {port}")), "{fault}");
            assert!(
                fault.headline.contains("no PostgreSQL server") || fault.headline.contains("broke"),
                "{fault}"
            );
        }
    }
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let mut target = host("localhost", None, other(b"", true));
    target.connect_timeout = 1;
    let began = Instant::now();
    let fault = refused(&target).await;
    assert!(began.elapsed() < Duration::from_secs(3));
    assert!(fault.headline.starts_with("No answer from host localhost from PGHOST, port"), "{fault}");
    assert!(fault.headline.ends_with("within 1 s."), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_refused_and_taken() {
    let database = Database::new("refusals");
    let role = database.role("pw", "");
    database.execute(&format!(
        "DO $$ BEGIN CREATE ROLE locked; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         GRANT locked TO {role}; SET password_encryption TO 'scram-sha-256'; ALTER ROLE {role} PASSWORD '{CANARY}'"
    ));
    let mut target = socket(&database, &role);
    let fault = refused(&target).await;
    assert_eq!(
        fault.headline,
        format!("The server wants a password for user {role} from the URL, and none was given.")
    );
    assert_eq!(fault.code.as_deref(), Some("28P01"));
    target.password = Some(Secret::new("wrong"));
    target.sources.insert("password", "~/.pgpass".to_owned());
    let fault = refused(&target).await;
    assert_eq!(
        fault.headline,
        format!("The server refuses the password from ~/.pgpass for user {role} from the URL.")
    );
    target.password = Some(Secret::new(CANARY));
    engine(&target).await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_whom_it_does_not_admit() {
    let database = Database::new("refusals");
    let fault = refused(&socket(&database, "nobody_knows")).await;
    assert_eq!(fault.headline, "The server does not admit user nobody_knows from the URL.");
    assert_eq!(fault.causes, ["role \"nobody_knows\" does not exist"]);

    let mut target = socket(&database, "postgres");
    target.database = Some("no\u{1b}[31m_such".to_owned());
    let fault = refused(&target).await;
    assert!(
        fault.headline.starts_with("There is no database no\\x1B[31m_such from PGDATABASE at /"),
        "{fault}"
    );

    let role = database.role("limited", "CONNECTION LIMIT 0");
    let fault = refused(&socket(&database, &role)).await;
    assert!(fault.headline.contains("takes no more connections"), "{fault}");

    database.execute(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", database.name()));
    let stranger = database.role("stranger", "");
    let fault = refused(&socket(&database, &stranger)).await;
    assert_eq!(fault.headline, format!("The user {stranger} from the URL may not connect to this database."));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_that_is_demanded_and_not_offered_is_no_connection() {
    let proxy = Proxy::before(Server::shared().socket());
    let fault = refused(&host("db.test", Some("127.0.0.1"), proxy.port())).await;
    assert!(
        fault.headline.contains("offers no TLS, which waif's default sslmode=verify-full demands."),
        "{fault}"
    );
    for mode in [TlsMode::Disable, TlsMode::Allow, TlsMode::Prefer] {
        let mut target = host("db.test", Some("127.0.0.1"), proxy.port());
        target.tls.mode = Some(mode);
        let engine = engine(&target).await;
        assert_eq!(engine.server().tls, Tls::Off);
        let notices = &engine.server().notices;
        assert!(notices.iter().any(|notice| notice.contains("is not encrypted")), "{notices:?}");
        engine.close().await;
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls")
}

/// A server that speaks TLS as `db.test`, and its port.
fn encrypted() -> (Server, tempfile::TempDir, u16) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let owner = std::fs::metadata(Server::shared().socket_folder()).unwrap().uid();
    for name in ["server.crt", "server.key"] {
        let copy = folder.path().join(name);
        std::fs::copy(fixtures().join(name), &copy).unwrap();
        std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o600)).unwrap();
        if std::fs::metadata(&copy).unwrap().uid() != owner {
            chown(&copy, Some(owner), None).unwrap();
        }
    }
    let port = closed_port();
    let at = folder.path().display();
    let settings = [
        "listen_addresses = '127.0.0.1'".to_owned(),
        format!("port = {port}"),
        "ssl = on".to_owned(),
        format!("ssl_cert_file = '{at}/server.crt'"),
        format!("ssl_key_file = '{at}/server.key'"),
    ];
    let server = Server::start(&settings.each_ref().map(String::as_str));
    (server, folder, port)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_verified_unless_less_was_asked_for() {
    let (_server, _folder, port) = encrypted();
    let fault = refused(&host("db.test", Some("127.0.0.1"), port)).await;
    assert_eq!(
        fault.headline,
        "The certificate of host db.test from PGHOST at 127.0.0.1 is signed by an authority this computer does not know."
    );

    let mut target = host("db.test", Some("127.0.0.1"), port);
    target.tls.root_cert = Some(fixtures().join("ca.crt"));
    let verified = engine(&target).await;
    assert!(
        matches!(&verified.server().tls, Tls::On { protocol, verified: true } if protocol.starts_with("TLSv1."))
    );
    assert!(
        !verified
            .server()
            .notices
            .iter()
            .any(|notice| notice.contains("link") || notice.contains("certificate"))
    );
    verified.close().await;

    target.place = Place::Host { name: "other.test".to_owned(), address: Some("127.0.0.1".to_owned()), port };
    let fault = refused(&target).await;
    assert!(fault.headline.contains("made out to another name than host other.test"), "{fault}");

    for (mode, notice) in [
        (TlsMode::VerifyCa, "is verified but not its name"),
        // As libpq: with a root at hand, `require` verifies it.
        (TlsMode::Require, "is verified but not its name"),
        (TlsMode::Prefer, "nobody verified who answers"),
    ] {
        target.tls.mode = Some(mode);
        let weaker = engine(&target).await;
        assert!(matches!(weaker.server().tls, Tls::On { verified: false, .. }));
        let notices = &weaker.server().notices;
        assert!(notices.iter().any(|said| said.contains(notice)), "{mode:?}: {notices:?}");
        weaker.close().await;
    }
    target.tls.root_cert = Some(PathBuf::from("/nowhere/root.crt"));
    target.tls.mode = None;
    let fault = refused(&target).await;
    assert_eq!(fault.headline, "The file sslrootcert /nowhere/root.crt cannot be read.");
}
