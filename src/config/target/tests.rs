//! Tests of targets: every form, every source, who wins, and that no password shows.

use super::*;
use crate::config::Config;
use crate::model::target::{Place, TlsMode};
use std::ffi::OsString;

pub(super) fn env(vars: &[(&str, &str)]) -> Env {
    Env {
        vars: vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect(),
        home: None,
        here: PathBuf::from("/nowhere"),
        system_config: PathBuf::from("/nowhere/etc/config.toml"),
        config_folder: None,
        state_folder: None,
        socket_folders: vec![PathBuf::from("/nowhere/run")],
        service_folders: Vec::new(),
        system_user: || Some("tess".to_owned()),
    }
}

fn given(target: &str) -> Given {
    Given { target: Some(OsString::from(target)), ..Given::default() }
}

fn target_in(text: &str, env: &Env) -> Target {
    match resolve(&given(text), &Config::default(), env) {
        Ok(Resolved::Target(target)) => *target,
        other => panic!("{text}: {other:?}"),
    }
}

fn target(text: &str) -> Target {
    target_in(text, &env(&[]))
}

fn fault(text: &str) -> Fault {
    match resolve(&given(text), &Config::default(), &env(&[])) {
        Err(fault) => fault,
        other => panic!("{text} should be refused, but: {other:?}"),
    }
}

/// user, password, place, port, database: what a URL says, on one line.
fn said(target: &Target) -> String {
    let place = match &target.place {
        Place::File(path) => format!("file {}", path.display()),
        Place::Socket { folder, port } => format!("socket {} {port}", folder.display()),
        Place::Host { name, address: None, port } => format!("{name} {port}"),
        Place::Host { name, address: Some(address), port } => format!("{name}[{address}] {port}"),
    };
    let password = target.password.as_ref().map_or("-", |password| password.reveal());
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    format!("{}:{password} @ {place} / {}", word(&target.user), word(&target.database))
}

#[test]
fn urls_are_read_as_libpq_reads_them() {
    let cases = [
        ("postgres://", "tess:- @ socket /tmp 5432 / tess"),
        ("postgresql://db", "tess:- @ db 5432 / tess"),
        ("postgres://db:6000", "tess:- @ db 6000 / tess"),
        ("postgres://app@db/shop", "app:- @ db 5432 / shop"),
        ("postgres://app:s3@db:6000/shop", "app:s3 @ db 6000 / shop"),
        ("postgres://app:a:b@db/shop", "app:a:b @ db 5432 / shop"),
        ("postgres://app:@db/shop", "app:- @ db 5432 / shop"),
        ("postgres://a%40b:p%2Fs%3F%25%23@db/sh%20op", "a@b:p/s?%# @ db 5432 / sh op"),
        ("postgres://app:p#s@db/shop", "app:p#s @ db 5432 / shop"),
        ("postgres://app:p+s@db/shop", "app:p+s @ db 5432 / shop"),
        ("postgres://app@[::1]:6000/shop", "app:- @ ::1 6000 / shop"),
        ("postgres://[2001:db8::7]/shop", "tess:- @ 2001:db8::7 5432 / shop"),
        ("postgres://%2Frun%2Fpg/shop", "tess:- @ socket /run/pg 5432 / shop"),
        ("postgres:///shop?host=/run/pg&port=6000", "tess:- @ socket /run/pg 6000 / shop"),
        ("postgres://app@localhost/shop?host=/run/pg&port=6000", "app:- @ socket /run/pg 6000 / shop"),
        ("postgres:///shop?host=db&hostaddr=10.0.0.7", "tess:- @ db[10.0.0.7] 5432 / shop"),
        ("postgres:///shop?hostaddr=10.0.0.7", "tess:- @ 10.0.0.7 5432 / shop"),
        ("postgres:///?dbname=shop&user=app&password=s3&host=db", "app:s3 @ db 5432 / shop"),
        ("postgres://db/shop?user=a&user=b", "b:- @ db 5432 / shop"),
        ("postgres://bücher.example/läden", "tess:- @ bücher.example 5432 / läden"),
    ];
    for (url, expected) in cases {
        assert_eq!(said(&target(url)), expected, "{url}");
    }
}

#[test]
fn url_parameters_reach_their_places() {
    let target = target(
        "postgres://db/shop?sslmode=require&connect_timeout=3&application_name=audit&options=-c%20geqo%3Doff",
    );
    assert_eq!(target.tls.mode, Some(TlsMode::Require));
    assert_eq!(target.connect_timeout, 3);
    assert_eq!(target.application_name, "audit");
    assert_eq!(target.options.as_deref(), Some("-c geqo=off"));
    assert_eq!(target.sources["sslmode"], "the URL");
    assert_eq!(target.sources["port"], "the default");
    assert_eq!(target.sources["user"], "the operating system's user");
    assert!(target.notices.is_empty(), "{:?}", target.notices);
}

#[test]
fn an_unknown_url_parameter_is_said_and_a_demand_that_cannot_be_kept_is_refused() {
    let notices = target("postgres://db/shop?schema=public&pgbouncer=true").notices;
    assert_eq!(notices.len(), 2);
    assert!(notices.iter().any(|notice| notice.contains("schema") && notice.contains("no effect")));
    assert_eq!(
        fault("postgres://db/shop?channel_binding=require").headline,
        "The URL demands channel_binding, which waif cannot keep."
    );
    assert!(target("postgres://db/shop?channel_binding=prefer").notices.is_empty());
}

#[test]
fn malformed_urls_are_refused_with_a_sentence_that_shows_no_part_of_a_password() {
    let cases = [
        ("postgres://app:zqx@kwv@db/shop", "@"),
        ("postgres://app:zqx/kwv@db/shop", "@"),
        ("postgres://app:zqx?kwv@db/shop", "parameter"),
        ("postgres://app:1?zqxkwv@db/shop?x=1", "plain word"),
        ("postgres://app:1/zqxkwv@db/shop", "@"),
        ("postgres://app:zqx%kwv@db/shop", "%"),
        ("postgres://app:zqx%00kwv@db/shop", "NUL"),
        ("postgres://app:zqx%ffkwv@db/shop", "UTF-8"),
        ("postgres://app:zqxkwv@db:port/shop", "number"),
        ("postgres://app:zqxkwv@db:0/shop", "1 to 65535"),
        ("postgres://app:zqxkwv@db:65536/shop", "1 to 65535"),
        ("postgres://app:zqxkwv@[::1/shop", "]"),
        ("postgres://app:zqxkwv@h1,h2/shop", "several hosts"),
        ("postgres://app:zqxkwv@/shop?host=h1,h2", "several hosts"),
        ("postgres://app:zqxkwv@db/shop?sslmode=strict", "sslmode"),
        ("postgres://app:zqxkwv@db/shop?connect_timeout=soon", "connect_timeout"),
        ("postgres://app:zqxkwv@db/shop?host=x%40zqxkwv", "not a host name"),
        ("mysql://app:zqxkwv@db/shop", "MySQL"),
        ("mariadb://app:zqxkwv@db/shop", "MySQL"),
        ("oracle://app:zqxkwv@db/shop", "oracle"),
        ("jdbc:postgresql://db/shop?password=zqxkwv", "jdbc:postgresql"),
    ];
    for (url, expected) in cases {
        let fault = fault(url);
        assert_eq!(fault.kind, crate::model::fault::Kind::Usage, "{url}");
        assert!(fault.headline.contains(expected), "{url}: {}", fault.headline);
        let everything = format!("{fault:?}");
        assert!(!everything.contains("zqx") && !everything.contains("kwv"), "{url}: {everything}");
        assert!(fault.hint.is_some(), "{url}");
    }
}

#[test]
fn sqlite_is_named_by_url_or_path() {
    let cases = [
        ("shop.db", "shop.db"),
        ("./shop", "./shop"),
        ("/srv/shop.db", "/srv/shop.db"),
        ("sqlite:shop.db", "shop.db"),
        ("sqlite://shop.db", "shop.db"),
        ("sqlite:///srv/shop.db", "/srv/shop.db"),
        ("sqlite3:db/dev.sqlite3", "db/dev.sqlite3"),
        ("file:./dev.db?mode=ro", "./dev.db"),
        ("sqlite:a%20b%3F.db", "a b?.db"),
    ];
    for (text, path) in cases {
        let target = target(text);
        assert_eq!(target.place, Place::File(PathBuf::from(path)), "{text}");
        assert!(target.notices.is_empty(), "{text}: {:?}", target.notices);
    }
    assert!(fault("sqlite::memory:").headline.contains("in memory"));
    assert!(fault("sqlite:").headline.contains("names no file"));
    assert_eq!(target("sqlite:shop.db?mode=rwc").notices.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf8_is_a_file_all_the_same() {
    use std::os::unix::ffi::OsStringExt;
    let name = OsString::from_vec(b"sh\xffop.db".to_vec());
    let given = Given { target: Some(name.clone()), ..Given::default() };
    match resolve(&given, &Config::default(), &env(&[])) {
        Ok(Resolved::Target(target)) => assert_eq!(target.place, Place::File(PathBuf::from(name))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_environment_completes_what_was_given_and_is_named() {
    let env = env(&[
        ("PGUSER", "app"),
        ("PGPORT", "6000"),
        ("PGPASSWORD", "s3"),
        ("PGHOST", "other"),
        ("PGAPPNAME", ""),
    ]);
    let target = target_in("postgres://db/shop", &env);
    assert_eq!(said(&target), "app:s3 @ db 6000 / shop");
    assert_eq!(target.sources["host"], "the URL");
    assert_eq!(target.sources["user"], "PGUSER");
    assert_eq!(target.sources["password"], "PGPASSWORD");
    assert_eq!(target.application_name, "waif");
    assert!(target.notices.iter().any(|notice| notice.contains("PGPASSWORD")));
}

#[test]
fn a_forgotten_address_does_not_lead_a_typed_host_astray() {
    let target = target_in("postgres://db/shop", &env(&[("PGHOSTADDR", "10.0.0.7")]));
    assert_eq!(said(&target), "tess:- @ db 5432 / shop");
    assert!(target.notices.iter().any(|notice| notice.contains("PGHOSTADDR")), "{:?}", target.notices);
}

#[test]
fn root_certificates_of_the_system_force_full_verification() {
    let system = target("postgres://db/shop?sslrootcert=system");
    assert_eq!((system.tls.mode, system.tls.root_cert), (Some(TlsMode::VerifyFull), None));
    assert!(fault("postgres://db/shop?sslrootcert=system&sslmode=require").headline.contains("too weak"));
    assert!(fault("postgres://db/shop?sslrootcert=/nowhere/root.crt").headline.contains("/nowhere/root.crt"));
}

#[test]
fn a_password_in_the_url_is_pointed_out_and_never_shown() {
    let target = target("postgres://app:canary@db/shop");
    assert!(target.notices.iter().any(|notice| notice.contains("history")));
    assert!(!format!("{target:?}").contains("canary"));
    assert!(!format!("{:?}", given("postgres://app:canary@db/shop")).contains("canary"));
    assert!(!format!("{:?}", env(&[("PGPASSWORD", "canary")])).contains("canary"));
}

#[test]
fn without_a_target_the_environment_is_asked_in_order() {
    let asked = |vars: &[(&str, &str)]| resolve(&Given::default(), &Config::default(), &env(vars));
    match asked(&[]) {
        Ok(Resolved::NothingGiven { tried }) => assert!(tried.len() >= 3, "{tried:?}"),
        other => panic!("{other:?}"),
    }
    let both = [("DATABASE_URL", "postgres://app:s3@db/shop"), ("PGHOST", "other"), ("PGPORT", "6000")];
    match asked(&both) {
        Ok(Resolved::Target(target)) => {
            assert_eq!(said(&target), "app:s3 @ db 6000 / shop");
            assert_eq!(target.sources["host"], "DATABASE_URL");
            assert!(target.notices.iter().any(|notice| notice.contains("DATABASE_URL")));
        }
        other => panic!("{other:?}"),
    }
    match asked(&[("PGDATABASE", "shop")]) {
        Ok(Resolved::Target(target)) => assert_eq!(target.sources["database"], "PGDATABASE"),
        other => panic!("{other:?}"),
    }
    assert!(
        matches!(asked(&[("PGUSER", "app")]), Ok(Resolved::NothingGiven { .. })),
        "a user alone is no place"
    );
}
