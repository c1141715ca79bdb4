//! From gathered parameters to a target on PostgreSQL: defaults, types, and the files TLS needs.

use super::super::env::Env;
use super::super::usage;
use super::params::{Params, capital};
use super::url::several;
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Place, Target, TlsDemand, TlsMode};
use crate::model::text::visible;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Seconds to wait for a connection unless told otherwise. libpq waits for ever; nobody wants to.
pub(super) const CONNECT_TIMEOUT: u32 = 10;
/// What the server's activity view shows unless told otherwise.
pub(super) const APPLICATION_NAME: &str = "waif";
const PORT: u16 = 5432;
const DEFAULT: &str = "the default";

/// Makes the target, and notes where each of its parameters came from.
pub(super) fn target(mut params: Params, env: &Env) -> Result<Target, Fault> {
    let mut sources = BTreeMap::new();
    let port = port(&params, &mut sources)?;
    let place = place(&mut params, env, port, &mut sources)?;
    let tls = tls(&params, env, &place, &mut sources)?;
    let user = match params.text("user") {
        Some((user, source)) => {
            sources.insert("user", source.to_owned());
            Some(user.to_owned())
        }
        None => {
            sources.insert("user", "the operating system's user".to_owned());
            (env.system_user)()
        }
    };
    let mut taken = |name: &str, key: &'static str| {
        params.text(name).map(|(text, source)| {
            sources.insert(key, source.to_owned());
            text.to_owned()
        })
    };
    let database = taken("dbname", "database");
    let options = taken("options", "options");
    let application_name = taken("application_name", "application_name");
    taken("connect_timeout", "connect_timeout");
    let password = params.text("password").map(|(text, source)| {
        sources.insert("password", source.to_owned());
        Secret::new(text)
    });
    if database.is_none() {
        sources.insert("database", "the user's name".to_owned());
    }
    let connect_timeout = match params.text("connect_timeout") {
        Some((text, source)) => seconds(text, source)?,
        None => CONNECT_TIMEOUT,
    };
    Ok(Target {
        engine: EngineKind::Postgres,
        place,
        database: database.or_else(|| user.clone()),
        user,
        password,
        tls,
        connect_timeout,
        options,
        application_name: application_name.unwrap_or_else(|| APPLICATION_NAME.to_owned()),
        attach: Vec::new(),
        environment: Environment::default(),
        profile: None,
        before: None,
        password_command: None,
        sources,
        notices: params.notices,
    })
}

fn port(params: &Params, sources: &mut BTreeMap<&'static str, String>) -> Result<u16, Fault> {
    let Some((text, source)) = params.text("port") else {
        sources.insert("port", DEFAULT.to_owned());
        return Ok(PORT);
    };
    sources.insert("port", source.to_owned());
    if text.contains(',') {
        return Err(several(source));
    }
    // Not quoted: in a URL it may be a piece of a password.
    text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        usage(format!("The port from {source} is not a number from 1 to 65535."))
            .hint("PostgreSQL listens on 5432 unless told otherwise.")
    })
}

fn place(
    params: &mut Params,
    env: &Env,
    port: u16,
    sources: &mut BTreeMap<&'static str, String>,
) -> Result<Place, Fault> {
    drop_foreign_address(params);
    let address = params.text("hostaddr");
    if let Some((_, source)) = address {
        sources.insert("address", source.to_owned());
    }
    let (host, source) = match (params.text("host"), address) {
        (Some(host), _) => host,
        (None, Some(address)) => address,
        (None, None) => {
            sources.insert("host", DEFAULT.to_owned());
            return Ok(Place::Socket { folder: socket_folder(env, port), port });
        }
    };
    sources.insert("host", source.to_owned());
    if host.contains(',') || address.is_some_and(|(address, _)| address.contains(',')) {
        return Err(several(source));
    }
    if host.starts_with('@') {
        return Err(usage(format!("The host from {source} is an abstract socket, which waif cannot use."))
            .hint("Name the socket's folder, or a host."));
    }
    if host.contains(['@', ':']) && host.parse::<std::net::Ipv6Addr>().is_err() && !host.starts_with('/') {
        // Not quoted: with an @ in it, it may hold a piece of a password.
        return Err(usage(format!("The host from {source} is not a host name."))
            .hint("In a URL, write @ in a password as %40, and an IPv6 address in brackets."));
    }
    if host.starts_with('/') {
        return Ok(Place::Socket { folder: PathBuf::from(host), port });
    }
    let address = address.map(|(address, _)| address.to_owned()).filter(|address| address != host);
    Ok(Place::Host { name: host.to_owned(), address, port })
}

/// An address goes with the host of its own source or a weaker one. libpq would let a forgotten `PGHOSTADDR` lead a
/// host that was typed to another machine.
fn drop_foreign_address(params: &mut Params) {
    let weaker = |(host, address): (&super::params::Param, &super::params::Param)| address.rank < host.rank;
    if params.get("host").zip(params.get("hostaddr")).is_some_and(weaker) {
        let told = params.text("hostaddr").zip(params.text("host"));
        let notice = told.map(|((_, address), (_, host))| {
            format!("The address from {address} is not used, because the host comes from {host}.")
        });
        params.notices.extend(notice);
        params.forget("hostaddr");
    }
}

/// The folder in which the server's socket lies, or the first in which it might.
fn socket_folder(env: &Env, port: u16) -> PathBuf {
    let socket = format!(".s.PGSQL.{port}");
    let folders = &env.socket_folders;
    let found = folders.iter().find(|folder| folder.join(&socket).exists());
    let fallback = || folders.iter().find(|folder| folder.is_dir());
    found.or_else(fallback).cloned().unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// libpq's seconds: whole, 0 or less waits as long as it takes, 1 counts as 2.
fn seconds(text: &str, source: &str) -> Result<u32, Fault> {
    match text.trim().parse::<i64>() {
        Ok(seconds) if seconds <= 0 => Ok(u32::MAX),
        Ok(seconds) => Ok(u32::try_from(seconds).unwrap_or(u32::MAX).max(2)),
        Err(_) => Err(usage(format!("The connect_timeout from {source} is not a whole number of seconds."))
            .hint("Write a number such as 10; 0 waits as long as it takes.")),
    }
}

/// The demands on TLS. Where nothing is said, the files libpq would find in `~/.postgresql` are used too.
fn tls(
    params: &Params,
    env: &Env,
    place: &Place,
    sources: &mut BTreeMap<&'static str, String>,
) -> Result<TlsDemand, Fault> {
    let mut demand = TlsDemand::default();
    if let Some((text, source)) = params.text("sslmode") {
        sources.insert("sslmode", source.to_owned());
        demand.mode = Some(mode(text, source)?);
    }
    if matches!(place, Place::Socket { .. }) || demand.mode == Some(TlsMode::Disable) {
        return Ok(demand);
    }
    demand.root_cert = file("sslrootcert", "root.crt", params, env, sources)?;
    demand.cert = file("sslcert", "postgresql.crt", params, env, sources)?;
    demand.key = file("sslkey", "postgresql.key", params, env, sources)?;
    if demand.root_cert.as_deref() == Some(Path::new("system")) {
        demand.root_cert = None;
        let weak = params.text("sslmode").filter(|(mode, _)| *mode != "verify-full");
        if let Some((_, source)) = weak {
            return Err(usage(format!("The sslmode from {source} is too weak beside sslrootcert=system."))
                .hint("Use sslmode=verify-full, or name the one root certificate to trust."));
        }
        demand.mode = Some(TlsMode::VerifyFull);
    }
    if let Some(key) = demand.key.as_deref() {
        refuse_open_key(key, env)?;
    }
    Ok(demand)
}

fn mode(text: &str, source: &str) -> Result<TlsMode, Fault> {
    Ok(match text {
        "disable" => TlsMode::Disable,
        "allow" => TlsMode::Allow,
        "prefer" => TlsMode::Prefer,
        "require" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-full" => TlsMode::VerifyFull,
        other => {
            return Err(usage(format!(
                "The sslmode from {source} is \"{}\", which does not exist.",
                visible(other)
            ))
            .hint("It is one of disable, allow, prefer, require, verify-ca and verify-full."));
        }
    })
}

/// A file that TLS needs: the one named, which must exist, or libpq's own if it does.
fn file(
    name: &'static str,
    own: &str,
    params: &Params,
    env: &Env,
    sources: &mut BTreeMap<&'static str, String>,
) -> Result<Option<PathBuf>, Fault> {
    if let Some((text, source)) = params.text(name) {
        sources.insert(name, source.to_owned());
        let path = PathBuf::from(text);
        if text != "system" && !path.is_file() {
            return Err(usage(format!(
                "{} names a {name} that is not there: {}.",
                capital(source),
                visible(text)
            ))
            .hint("Name a file in PEM format."));
        }
        return Ok(Some(path));
    }
    let path = env.home.as_ref().map(|home| home.join(".postgresql").join(own)).filter(|path| path.is_file());
    if let Some(path) = &path {
        sources.insert(name, env.shown(path));
    }
    Ok(path)
}

/// As libpq: a private key may be read by its owner alone, or by root's group where root owns it.
#[cfg(unix)]
fn refuse_open_key(key: &Path, env: &Env) -> Result<(), Fault> {
    use std::os::unix::fs::MetadataExt;
    let Ok(about) = key.metadata() else { return Ok(()) };
    let forbidden = if about.uid() == 0 { 0o037 } else { 0o077 };
    if about.mode() & forbidden == 0 {
        return Ok(());
    }
    Err(usage(format!("The private key {} has group or world access.", env.shown(key)))
        .hint(format!("Take it away with chmod 600 {}.", env.shown(key))))
}

#[cfg(not(unix))]
fn refuse_open_key(_: &Path, _: &Env) -> Result<(), Fault> {
    Ok(())
}
