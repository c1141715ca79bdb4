//! From a target to the driver's connect options. The driver fills its options from the environment on its own; here
//! every field is set from the target alone, as far as the driver lets itself be told (see [`leaked`]).

use crate::db::postgres::refusal;
use crate::model::fault::{Fault, Kind};
use crate::model::target::{Place, Target, TlsMode};
use crate::model::text::visible;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::IpAddr;

/// What every session of ours asks for in its first packet, before any statement: no writes, and no names but the
/// server's own. Everything else follows once it is sure that no pooler stands between.
const AT_START: [(&str, &str); 2] =
    [("default_transaction_read_only", "on"), ("search_path", "pg_catalog,pg_temp")];

/// A setting of our own invention that marks a backend as started by one certain connection.
pub(super) const MARK: &str = "waif.session";

/// The options all attempts share: everything but place, TLS mode and mark.
pub(super) fn base(target: &Target) -> Result<PgConnectOptions, Fault> {
    let mut options = PgConnectOptions::new_without_pgpass();
    let leaked = options.get_options().map(ToOwned::to_owned);
    options = options
        .username(target.user.as_deref().unwrap_or_default())
        .database(target.database.as_deref().or(target.user.as_deref()).unwrap_or_default())
        .password(target.password.as_ref().map_or("", |secret| secret.reveal()))
        .application_name(&target.application_name)
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .ssl_root_cert_from_pem(Vec::new())
        .disable_statement_logging();
    let tls = &target.tls;
    let files = [("sslrootcert", &tls.root_cert), ("sslcert", &tls.cert), ("sslkey", &tls.key)];
    for (name, path) in files.into_iter().filter_map(|(name, path)| Some((name, path.as_deref()?))) {
        std::fs::File::open(path).map_err(|error| refusal::unreadable(target, name, path, &error))?;
    }
    if let Some(path) = &tls.root_cert {
        options = options.ssl_root_cert(path);
    }
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => options = options.ssl_client_cert(cert).ssl_client_key(key),
        (None, None) => {}
        _ => {
            return Err(Fault::new(Kind::Usage, "Of a client certificate and its key only one is given.")
                .hint("Give both sslcert and sslkey, or neither."));
        }
    }
    match &target.options {
        Some(text) if leaked.as_ref() != Some(text) => Ok(options.options(switches(target, text)?)),
        _ => Ok(options),
    }
}

/// The same with our own demands and a mark.
pub(super) fn marked(options: PgConnectOptions, mark: &str) -> PgConnectOptions {
    options.options(AT_START).options([(MARK, mark)])
}

/// Start options the driver takes from `PGOPTIONS` beside those of the target; it offers no way to drop them.
pub(super) fn leaked(target: &Target) -> Option<String> {
    let options = PgConnectOptions::new_without_pgpass();
    let text = options.get_options()?;
    (target.options.as_deref() != Some(text)).then(|| {
        format!("PGOPTIONS is set ({}) and reaches the server beside what this target says.", visible(text))
    })
}

/// The TLS modes to try in turn.
pub(super) fn modes(target: &Target) -> Vec<PgSslMode> {
    let Place::Host { name, .. } = &target.place else { return vec![PgSslMode::Disable] };
    match target.tls.mode {
        None if is_loopback(name) => vec![PgSslMode::Prefer, PgSslMode::Disable],
        None | Some(TlsMode::VerifyFull) => vec![PgSslMode::VerifyFull],
        Some(TlsMode::Disable) => vec![PgSslMode::Disable],
        // As libpq: the other way when the server's pg_hba.conf refuses the one. The driver knows no `allow`.
        Some(TlsMode::Allow) => vec![PgSslMode::Disable, PgSslMode::Require],
        Some(TlsMode::Prefer) => vec![PgSslMode::Prefer, PgSslMode::Disable],
        // As libpq: who names a root wants it used.
        Some(TlsMode::Require) if target.tls.root_cert.is_some() => vec![PgSslMode::VerifyCa],
        Some(TlsMode::Require) => vec![PgSslMode::Require],
        Some(TlsMode::VerifyCa) => vec![PgSslMode::VerifyCa],
    }
}

/// Whether the name can only mean this machine.
pub(super) fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Settings out of libpq's `options`: `-c name=value`, `-cname=value`, `--name=value`, blanks escaped by a backslash.
fn switches(target: &Target, text: &str) -> Result<Vec<(String, String)>, Fault> {
    let mut found = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--") {
            Some(long) => {
                long.split_once('=').map(|(name, value)| (name.replace('-', "_"), value.to_owned()))
            }
            None => match word.strip_prefix("-c") {
                Some("") => words.next(),
                Some(joined) => Some(joined.to_owned()),
                None => None,
            }
            .and_then(|setting| {
                setting.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
            }),
        };
        found.push(setting.ok_or_else(|| {
            let source = target.sources.get("options").map_or("the target", String::as_str);
            Fault::new(
                Kind::Usage,
                format!("The server options from {source} hold {word}, which waif cannot pass on."),
            )
            .hint("Write them as -c name=value or --name=value.")
        })?);
    }
    Ok(found)
}

/// Words as the server splits them: at blanks, a backslash taking the next character as it is.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let taken = if letter == '\\' { letters.next() } else { Some(letter) };
        word.get_or_insert_default().extend(taken);
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::postgres::tests::target;
    use std::path::PathBuf;

    fn host(name: &str, mode: Option<TlsMode>) -> Target {
        let mut target = target(Place::Host { name: name.to_owned(), address: None, port: 1 }, "u", "d");
        target.tls.mode = mode;
        target
    }

    fn mode(name: &str, mode: Option<TlsMode>) -> String {
        format!("{:?}", modes(&host(name, mode)))
    }

    #[test]
    fn over_the_network_everything_is_verified_unless_less_is_asked_for() {
        assert_eq!(mode("db-7", None), "[VerifyFull]");
        assert_eq!(mode("10.0.0.7", None), "[VerifyFull]");
        assert_eq!(mode("db-7", Some(TlsMode::Disable)), "[Disable]");
        assert_eq!(mode("db-7", Some(TlsMode::Allow)), "[Disable, Require]");
        for here in ["localhost", "LOCALHOST", "127.0.0.1", "::1"] {
            assert_eq!(mode(here, None), "[Prefer, Disable]");
            assert_eq!(mode(here, Some(TlsMode::VerifyFull)), "[VerifyFull]");
        }
        let socket = target(Place::Socket { folder: PathBuf::from("/run"), port: 1 }, "u", "d");
        assert_eq!(format!("{:?}", modes(&socket)), "[Disable]");
    }

    #[test]
    fn who_names_a_root_wants_it_used() {
        let mut target = host("db-7", Some(TlsMode::Require));
        assert_eq!(format!("{:?}", modes(&target)), "[Require]");
        target.tls.root_cert = Some(PathBuf::from("ca.crt"));
        assert_eq!(format!("{:?}", modes(&target)), "[VerifyCa]");
    }

    #[test]
    fn server_options_are_read_as_the_server_reads_them() {
        let target = host("db-7", None);
        let read = |text: &str| switches(&target, text).map_err(|fault| fault.headline);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(r"-c geqo=off  -cwork_mem=1MB --lock-timeout=5s -c search_path=a\ b\\c"),
            Ok(vec![
                pair("geqo", "off"),
                pair("work_mem", "1MB"),
                pair("lock_timeout", "5s"),
                pair("search_path", r"a b\c")
            ])
        );
        assert_eq!(read(""), Ok(vec![]));
        for odd in ["-B 100", "-c", "-c geqo", "--geqo", "geqo=off"] {
            assert!(read(odd).unwrap_err().contains("which waif cannot pass on"), "{odd}");
        }
    }

    #[test]
    fn half_a_client_certificate_is_told_before_connecting() {
        let mut target = host("db-7", None);
        target.tls.cert = Some(PathBuf::from(file!()));
        assert!(base(&target).is_err_and(|fault| fault.kind == Kind::Usage));
    }
}
