//! Tests of targets: every form, every source, who wins, and that no password shows.

use super::*;
use crate::config::Config;
use crate::config::tests::Ground;
use crate::model::target::{Environment, Place, TlsDemand, TlsMode};
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
        ("postgres://app@db/shop?user=", "tess:- @ db 5432 / shop"),
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
        ("postgres://app:zqx?kwv@db/shop", "@"),
        ("postgres://app:1?zqxkwv@db/shop?x=1", "@"),
        ("postgres://app:1/zqxkwv@db/shop", "@"),
        ("postgres://app:zqx%kwv@db/shop", "%"),
        ("postgres://app:zqx%00kwv@db/shop", "NUL"),
        ("postgres://app:zqx%ffkwv@db/shop", "UTF-8"),
        ("postgres://app:zqxkwv@db:port/shop", "number"),
        ("postgres://app:zqxkwv@db:0/shop", "1 to 65535"),
        ("postgres://app:zqxkwv@db:65536/shop", "1 to 65535"),
        ("postgres://app:zqxkwv@[::1/shop", "]"),
        ("postgres://app:zqxkwv@[]/shop", "between [ and ]"),
        ("postgres://db?user=zqx@kwv", "@"),
        ("postgres://app:zqxkwv@db/shop?=1", "plain word"),
        ("host=db =zqxkwv", "plain word"),
        ("postgres://app:zqxkwv@h1,h2/shop", "several hosts"),
        ("postgres://app:zqxkwv@/shop?host=h1,h2", "several hosts"),
        ("postgres://app:zqxkwv@db/shop?sslmode=strict", "sslmode"),
        ("postgres://app:zqxkwv@db/shop?connect_timeout=soon", "connect_timeout"),
        ("postgres://app:zqxkwv@db/shop?host=x%40zqxkwv", "not a host name"),
        ("mysql://app:zqxkwv@db/shop", "MySQL"),
        ("mariadb://app:zqxkwv@db/shop", "MySQL"),
        ("oracle://app:zqxkwv@db/shop", "oracle"),
        ("jdbc:postgresql://db/shop?password=zqxkwv", "another program"),
        ("postgres:app:zqxkwv@db/shop", "not a URL"),
        ("postgres:/app:zqxkwv@db/shop", "not a URL"),
        ("app:zqxkwv@db.example/shop", "neither a file nor a URL"),
        ("host=db password='zqxkwv", "quote"),
        ("host=db zqxkwv", "without a ="),
        ("host=db zqx/kwv=1", "plain word"),
        ("host=db password=zqxkwv port=many", "1 to 65535"),
        ("host=db dbname='postgres://app:zqxkwv@db'", "whole address"),
        ("postgresql+psycopg2://app:zqxkwv@db/shop", "another program"),
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
fn an_empty_parameter_asks_for_the_default_whatever_the_environment_says() {
    let env = env(&[("PGPORT", "6000"), ("PGUSER", "env")]);
    assert_eq!(said(&target_in("host=db port='' user=app", &env)), "app:- @ db 5432 / app");
    assert_eq!(said(&target_in("postgres://db/shop?user=", &env)), "tess:- @ db 6000 / shop");
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

/// A ground with these files below the home, and its surroundings with these variables.
fn ground(files: &[(&str, &str)]) -> Ground {
    let ground = Ground::new();
    for (path, text) in files {
        ground.write(path, text);
    }
    ground
}

fn resolved(given: &Given, ground: &Ground, vars: &[(&str, &str)]) -> Result<Resolved, Fault> {
    let env = ground.env(vars);
    resolve(given, &crate::config::load(given, &env)?, &env)
}

fn target_on(text: &str, ground: &Ground, vars: &[(&str, &str)]) -> Target {
    match resolved(&given(text), ground, vars) {
        Ok(Resolved::Target(target)) => *target,
        other => panic!("{text}: {other:?}"),
    }
}

fn without_target(ground: &Ground, vars: &[(&str, &str)]) -> Target {
    match resolved(&Given::default(), ground, vars) {
        Ok(Resolved::Target(target)) => *target,
        other => panic!("{other:?}"),
    }
}

const USER: &str = "home/.config/waif/config.toml";

#[test]
fn connection_strings_are_read_as_libpq_reads_them() {
    let cases = [
        ("host=db", "tess:- @ db 5432 / tess"),
        ("host=db dbname=shop user=app password=s3 port=6000", "app:s3 @ db 6000 / shop"),
        ("  host = db  dbname= shop ", "tess:- @ db 5432 / shop"),
        ("host=db password='a b' dbname='it\\'s'", "tess:a b @ db 5432 / it's"),
        ("host=db password=a\\ b\\\\c", "tess:a b\\c @ db 5432 / tess"),
        ("host='' dbname=shop", "tess:- @ socket /tmp 5432 / shop"),
        ("host=db user=a user=", "tess:- @ db 5432 / tess"),
        ("user=a user=b host=/run/pg", "b:- @ socket /run/pg 5432 / b"),
        ("hostaddr=10.0.0.7 dbname=a=b", "tess:- @ 10.0.0.7 5432 / a=b"),
    ];
    for (text, expected) in cases {
        assert_eq!(said(&target(text)), expected, "{text}");
    }
    let target = target("host=db password=canary gizmo=1");
    assert_eq!(target.sources["host"], "the connection string");
    assert!(target.notices.iter().any(|notice| notice.contains("gizmo")));
    assert!(target.notices.iter().any(|notice| notice.contains("history")));
    assert!(!format!("{target:?}").contains("canary"));
}

const SERVICES: &str = "# ours\n[other]\nhost=no\n\n[shop]\nhost=db\n port = 6000 \nhost=late\nuser=app\ngizmo=1\n\n[last]\nhost=no\n";

#[test]
fn a_service_stands_between_what_was_given_and_the_environment() {
    let ground = ground(&[("home/.pg_service.conf", SERVICES)]);
    let vars = [("PGUSER", "env"), ("PGDATABASE", "base")];
    for (text, vars) in [("service=shop", &vars[..]), ("postgres:///?service=shop", &vars[..])] {
        let target = target_on(text, &ground, vars);
        assert_eq!(said(&target), "app:- @ db 6000 / base", "{text}");
        assert_eq!(target.sources["host"], "service shop in ~/.pg_service.conf");
        assert_eq!(target.sources["database"], "PGDATABASE");
        assert!(target.notices.iter().any(|notice| notice.contains("gizmo")), "{:?}", target.notices);
    }
    let target = target_on("service=shop host=own user=me", &ground, &vars);
    assert_eq!(said(&target), "me:- @ own 6000 / base");
    let target = without_target(&ground, &[("PGSERVICE", "shop"), ("PGHOST", "env"), ("PGPORT", "1")]);
    assert_eq!(said(&target), "app:- @ db 6000 / app");
}

#[test]
fn services_are_looked_for_where_libpq_looks() {
    let ground = ground(&[
        ("home/.pg_service.conf", "[own]\nhost=own\n"),
        ("etc/pg_service.conf", "[own]\nhost=machine\n[machine]\nhost=machine\n"),
        ("here/named.conf", "[own]\nhost=named\n"),
    ]);
    let host =
        |name: &str, vars: &[(&str, &str)]| said(&target_on(&format!("service={name}"), &ground, vars));
    let named = ground.root().join("here/named.conf");
    let named = [("PGSERVICEFILE", named.to_str().expect("utf-8"))];
    assert!(host("own", &[]).contains("@ own"));
    assert!(host("machine", &[]).contains("@ machine"));
    assert!(host("own", &named).contains("@ named"));
    assert!(host("machine", &named).contains("@ machine"));
    let folder = ground.root().join("nowhere");
    let folder = [("PGSYSCONFDIR", folder.to_str().expect("utf-8"))];
    let fault = resolved(&given("service=machine"), &ground, &folder).expect_err("not there");
    assert_eq!(fault.headline, "There is no service machine (from the connection string).");
    assert!(fault.hint.is_some_and(|hint| hint.contains("~/.pg_service.conf") && hint.contains("nowhere")));
    let fault =
        resolved(&given("service=own"), &ground, &[("PGSERVICEFILE", "/nowhere/x")]).expect_err("not there");
    assert!(fault.headline.contains("cannot be read"), "a file that was named must be there");
}

#[test]
fn a_malformed_service_is_told_with_its_line_and_without_its_text() {
    for (text, expected) in [
        ("[shop]\nhost=db\ncanary\n", "~/.pg_service.conf:3: this line has no =."),
        ("[shop]\nldap://canary\n", "~/.pg_service.conf:2: waif does not ask LDAP"),
        ("[shop]\nservice=canary\n", "~/.pg_service.conf:2: a service cannot name another service."),
        (
            "[shop]\npassword=canary\nport=x\n",
            "The port from service shop in ~/.pg_service.conf is not a number",
        ),
    ] {
        let ground = ground(&[("home/.pg_service.conf", text)]);
        let fault = resolved(&given("service=shop"), &ground, &[]).expect_err(text);
        assert!(fault.headline.starts_with(expected), "{}", fault.headline);
        assert!(!format!("{fault:?}").contains("canary"));
    }
    let ground = Ground::new();
    ground.write("home/.pg_service.conf", b"[shop]\nhost=\xff\n");
    let fault = resolved(&given("service=shop"), &ground, &[]).expect_err("not UTF-8");
    assert_eq!(fault.headline, "~/.pg_service.conf:2: this line is not valid UTF-8.");
}

#[test]
fn the_password_file_is_asked_last_and_named_with_its_line() {
    let ground = ground(&[
        ("home/.pgpass", "db:5432:shop:app:canary\nlocalhost:*:*:*:socket\n*:*:*:env:x\n"),
        ("here/other", "*:*:*:*:other\n"),
    ]);
    let target = target_on("postgres://app@db/shop", &ground, &[]);
    assert_eq!(said(&target), "app:canary @ db 5432 / shop");
    assert_eq!(target.sources["password"], "~/.pgpass:1");
    assert!(target.notices.is_empty() && !format!("{target:?}").contains("canary"));
    let usual = target_on("postgres:///shop", &ground, &[]);
    assert!(
        said(&usual).contains(":socket @"),
        "a socket in the usual folder counts as localhost: {}",
        said(&usual)
    );
    let url = format!("postgres:///shop?host={}", ground.root().join("elsewhere").display());
    assert!(
        said(&target_on(&url, &ground, &[])).starts_with("tess:- @"),
        "another socket counts as its folder"
    );
    let password =
        |text: &str, vars: &[(&str, &str)]| target_on(text, &ground, vars).sources["password"].clone();
    assert_eq!(password("postgres://app:own@db/shop", &[("PGPASSWORD", "x")]), "the URL");
    assert_eq!(password("postgres://app@db/shop", &[("PGPASSWORD", "x")]), "PGPASSWORD");
    let other = ground.root().join("here/other");
    let other = other.to_str().expect("utf-8");
    assert!(password("postgres://app@db/shop", &[("PGPASSFILE", other)]).ends_with("other:1"));
    assert!(password(&format!("postgres://app@db/shop?passfile={other}"), &[]).ends_with("other:1"));
    let missing = target_on("postgres://app@db/shop", &ground, &[("PGPASSFILE", "/nowhere/pgpass")]);
    assert_eq!(missing.password, None);
    assert!(missing.notices[0].contains("/nowhere/pgpass from PGPASSFILE is not there"));
}

#[cfg(unix)]
#[test]
fn a_password_file_open_to_others_is_not_used_and_said_so() {
    use std::os::unix::fs::PermissionsExt;
    let ground = ground(&[("home/.pgpass", "*:*:*:*:canary\n")]);
    let file = ground.root().join("home/.pgpass");
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("chmod");
        let target = target_on("postgres://db/shop", &ground, &[]);
        assert_eq!(target.password, None);
        assert!(target.notices[0].contains("~/.pgpass has group or world access"), "{:?}", target.notices);
        assert!(target.notices[0].contains("chmod 600"));
    }
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a folder");
    assert!(target_on("postgres://db/shop", &ground, &[]).notices[0].contains("not a plain file"));
}

#[test]
fn a_profile_becomes_a_target_that_names_it_as_the_source() {
    let ground = ground(&[(
        USER,
        "[profile.shop]\nurl = 'postgres://app@db:6000/shop?sslmode=disable'\nsslmode = 'require'\n\
         environment = 'staging'\nbefore = 'tunnel'\nconnect_timeout = '2500ms'\n\
         [profile.parts]\nhost = 'db'\naddress = '10.0.0.7'\nport = 6000\nuser = 'app'\ndatabase = 'shop'\n\
         [profile.local]\nsocket = '~/run'\n[profile.till]\nfile = 'till.db'\nattach = { old = '~/old.db' }\n\
         [profile.url]\nurl = 'sqlite:data/x.db'\nenvironment = 'development'\n",
    )]);
    let shop = target_on("shop", &ground, &[("PGUSER", "env")]);
    assert_eq!(said(&shop), "app:- @ db 6000 / shop");
    assert_eq!(shop.tls.mode, Some(TlsMode::Require), "a key beside the URL counts over the URL");
    assert_eq!(shop.sources["host"], "the url of profile shop in ~/.config/waif/config.toml");
    assert_eq!(shop.sources["sslmode"], "profile shop in ~/.config/waif/config.toml");
    assert_eq!((shop.environment, shop.connect_timeout), (Environment::Staging, 3));
    assert_eq!((shop.profile.as_deref(), shop.before.as_deref()), (Some("shop"), Some("tunnel")));
    let parts = target_on("parts", &ground, &[("PGUSER", "env")]);
    assert_eq!(said(&parts), "app:- @ db[10.0.0.7] 6000 / shop");
    assert_eq!(parts.environment, Environment::Production, "what carries no label is production");
    let home = ground.root().join("home");
    let local = target_on("local", &ground, &[("PGUSER", "env")]);
    assert_eq!(said(&local), format!("env:- @ socket {} 5432 / env", home.join("run").display()));
    let till = target_on("till", &ground, &[]);
    assert_eq!(
        till.place,
        Place::File(home.join(".config/waif/till.db")),
        "relative to the file that says it"
    );
    assert_eq!(till.attach, [("old".to_owned(), home.join("old.db"))]);
    let url = target_on("url", &ground, &[]);
    assert_eq!(url.place, Place::File(home.join(".config/waif/data/x.db")));
    assert_eq!(url.environment, Environment::Development);
}

#[cfg(unix)]
#[test]
fn the_password_command_counts_over_environment_and_file_and_under_the_url() {
    let ground = ground(&[
        (
            USER,
            "[profile.a]\nhost = 'db'\npassword_command = 'echo $SECRET'\n\
             [profile.b]\nurl = 'postgres://app:own@db'\npassword_command = 'exit 9'\n\
             [profile.c]\nhost = 'db'\npassword_command = 'echo wrong >&2; exit 9'\n",
        ),
        ("home/.pgpass", "*:*:*:*:file\n"),
    ]);
    let path = ("PATH", "/usr/local/bin:/usr/bin:/bin");
    let vars = [("SECRET", "canary"), ("PGPASSWORD", "env"), path];
    let target = target_on("a", &ground, &vars);
    assert_eq!(target.password.as_ref().map(|password| password.reveal()), Some("canary"));
    assert_eq!(target.sources["password"], "password_command of profile a in ~/.config/waif/config.toml");
    assert!(target.notices.is_empty(), "{:?}", target.notices);
    assert!(!format!("{target:?}").contains("canary"));
    assert_eq!(said(&target_on("b", &ground, &vars)), "app:own @ db 5432 / app");
    let fault = resolved(&given("c"), &ground, &vars).expect_err("it fails");
    assert!(
        fault.headline.contains("profile c in ~/.config/waif/config.toml failed with exit code 9"),
        "{fault}"
    );
    assert_eq!(fault.causes, ["wrong"]);
}

#[test]
fn a_word_is_a_profile_before_it_is_a_file_and_both_are_said() {
    let ground = ground(&[
        (USER, "[profile.prod]\nhost = 'db'\n[profile.stage]\nhost = 'st'\n"),
        ("here/prod", ""),
        ("here/till", ""),
    ]);
    let target = target_on("prod", &ground, &[]);
    assert_eq!(target.profile.as_deref(), Some("prod"));
    assert_eq!(
        target.notices,
        ["prod is taken as the profile; there is also a file of that name, which ./prod opens."]
    );
    assert_eq!(target_on("./prod", &ground, &[]).place, Place::File(PathBuf::from("./prod")));
    assert_eq!(target_on("till", &ground, &[]).place, Place::File(PathBuf::from("till")));
    assert_eq!(target_on("new.db", &ground, &[]).place, Place::File(PathBuf::from("new.db")));
    let fault = resolved(&given("prdo"), &ground, &[]).expect_err("nothing");
    assert_eq!(fault.headline, "\"prdo\" is neither a profile nor a file.");
    assert!(
        fault
            .hint
            .is_some_and(|hint| hint.contains("Did you mean prod?") && hint.contains("postgres:///NAME"))
    );
}

#[test]
fn without_a_target_profiles_come_first_when_named_and_last_when_not() {
    let ground =
        ground(&[(USER, "default_profile = 'b'\n[profile.a]\nhost = 'a'\n[profile.b]\nhost = 'b'\n")]);
    let named = Given { profile: Some("a".to_owned()), ..Given::default() };
    let vars = [("DATABASE_URL", "postgres://url"), ("WAIF_PROFILE", "b"), ("PGHOST", "env")];
    match resolved(&named, &ground, &vars) {
        Ok(Resolved::Target(target)) => {
            assert!(said(&target).contains("@ a "), "--profile counts over WAIF_PROFILE")
        }
        other => panic!("{other:?}"),
    }
    assert!(said(&without_target(&ground, &vars)).contains("@ b "), "WAIF_PROFILE counts over DATABASE_URL");
    let environment = without_target(&ground, &[("PGHOST", "env")]);
    assert!(said(&environment).contains("@ env "));
    assert!(
        environment.notices[0].contains("profile b is not used, because PGHOST is set"),
        "{:?}",
        environment.notices
    );
    assert!(said(&without_target(&ground, &[])).contains("@ b "));
    let both = Given { profile: Some("a".to_owned()), ..given("b") };
    assert!(
        resolved(&both, &ground, &[]).expect_err("both").headline.contains("Both a TARGET and --profile")
    );
    let wrong = Given { profile: Some("c".to_owned()), ..Given::default() };
    assert_eq!(
        resolved(&wrong, &ground, &[]).expect_err("none").headline,
        "There is no profile c (from --profile)."
    );
}

#[test]
fn having_nothing_says_everything_that_was_tried() {
    let only = ground(&[(USER, "[profile.a]\nhost = 'a'\n")]);
    assert!(said(&without_target(&only, &[])).contains("@ a "), "the only profile is the default");
    let two = ground(&[(USER, "[profile.a]\nhost = 'a'\n[profile.b]\nhost = 'b'\n")]);
    let Ok(Resolved::NothingGiven { tried }) = resolved(&Given::default(), &two, &[("PGUSER", "u")]) else {
        panic!("a user alone is no target");
    };
    let fault = nothing_given(&tried);
    assert_eq!(fault.headline, "There is no target to look at.");
    assert_eq!(
        fault.causes,
        [
            "No TARGET was given.",
            "Neither --profile nor WAIF_PROFILE names a profile.",
            "DATABASE_URL is not set.",
            "None of PGHOST, PGHOSTADDR, PGPORT, PGDATABASE, PGSERVICE is set.",
            "The profiles are a, b, and default_profile names none of them.",
        ]
    );
}

#[test]
fn demands_of_the_environment_that_cannot_be_kept_are_refused() {
    for (variable, value) in
        [("PGCHANNELBINDING", "require"), ("PGREQUIREAUTH", "scram-sha-256"), ("PGSSLCRL", "x")]
    {
        let fault =
            resolved(&given("postgres://db"), &Ground::new(), &[(variable, value)]).expect_err(variable);
        assert!(fault.headline.starts_with(variable), "{}", fault.headline);
    }
    target_on(
        "postgres://db",
        &Ground::new(),
        &[("PGCHANNELBINDING", "prefer"), ("PGGSSENCMODE", "disable")],
    );
}

#[cfg(unix)]
#[test]
fn certificates_are_found_where_libpq_finds_them_and_an_open_key_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let ground = Ground::new();
    std::fs::create_dir(ground.root().join("home/.postgresql")).expect("a folder");
    for name in ["root.crt", "postgresql.crt", "postgresql.key"] {
        ground.write(&format!("home/.postgresql/{name}"), "");
    }
    let own = |name: &str| Some(ground.root().join("home/.postgresql").join(name));
    let tls = target_on("postgres://db/shop", &ground, &[]).tls;
    assert_eq!(
        (tls.root_cert, tls.cert, tls.key),
        (own("root.crt"), own("postgresql.crt"), own("postgresql.key"))
    );
    assert_eq!(tls.mode, None, "the default rule is the driver's");
    assert_eq!(
        target_on("postgres:///shop", &ground, &[]).tls,
        TlsDemand::default(),
        "a socket has nothing to encrypt"
    );
    let key = ground.root().join("home/.postgresql/postgresql.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    let fault = resolved(&given("postgres://db/shop"), &ground, &[]).expect_err("open");
    assert_eq!(fault.headline, "The private key ~/.postgresql/postgresql.key has group or world access.");
    assert_eq!(target_on("postgres://db/shop?sslmode=disable", &ground, &[]).tls.key, None);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStringExt;
    let mut env = env(&[]);
    env.vars.insert("PGHOST".into(), OsString::from_vec(b"d\xffb".to_vec()));
    let fault = resolve(&Given::default(), &Config::default(), &env).expect_err("not UTF-8");
    assert_eq!(fault.headline, "The environment variable PGHOST is not valid UTF-8.");
}

proptest::proptest! {
    /// Whatever is typed, there is an answer; and where a password is typed in its place, no fault shows it.
    #[test]
    fn no_text_breaks_the_reader_and_no_fault_shows_a_password(head in "[@:/?&=%#,a-z0-9\\[\\] ']{0,12}", tail in "[@:/?&=%#,a-z0-9\\[\\] ']{0,20}") {
        for text in [
            format!("{head}{tail}"),
            format!("postgres://{head}:zqxkwv{tail}"),
            format!("postgres://{head}:zqxkwv@{tail}"),
            format!("host={head} password=zqxkwv{tail}"),
            format!("host=db password='zqxkwv{tail}' {head}"),
        ] {
            if let Err(fault) = resolve(&given(&text), &Config::default(), &env(&[])) {
                proptest::prop_assert!(!format!("{fault:?}").contains("zqxkwv"), "{text}: {fault:?}");
            }
        }
    }
}
