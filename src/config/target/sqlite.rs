//! SQLite files: by `sqlite:` and `file:` URLs or by path.

use super::super::usage;
use super::params::capital;
use super::url::decode;
use crate::model::fault::Fault;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Place, Target, TlsDemand};
use crate::model::text::visible;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The schemes that mean a SQLite file. `sqlite3:` is Rails', `file:` Prisma's and SQLite's own.
pub(super) const SCHEMES: [&str; 3] = ["sqlite:", "sqlite3:", "file:"];

/// The target of a file.
pub(super) fn target(file: PathBuf, source: &str) -> Target {
    Target {
        engine: EngineKind::Sqlite,
        place: Place::File(file),
        database: None,
        user: None,
        password: None,
        tls: TlsDemand::default(),
        connect_timeout: super::postgres::CONNECT_TIMEOUT,
        options: None,
        application_name: super::postgres::APPLICATION_NAME.to_owned(),
        attach: Vec::new(),
        environment: Environment::default(),
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::from([("file", source.to_owned())]),
        notices: Vec::new(),
    }
}

/// Reads a URL of SQLite. `sqlite:shop.db` and `sqlite://shop.db` are relative, `sqlite:///srv/shop.db` is absolute.
pub(super) fn read(url: &str, source: &str, here: &Path) -> Result<Target, Fault> {
    let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = decode(path.strip_prefix("//").unwrap_or(path), source)?;
    if path.is_empty() {
        return Err(usage(format!("{} names no file.", capital(source)))
            .hint("Write sqlite:shop.db for a file here, sqlite:///srv/shop.db for one anywhere."));
    }
    if path == ":memory:" || query.split('&').any(|pair| pair == "mode=memory") {
        return Err(usage(format!(
            "{} names a database in memory, which no other program can see.",
            capital(source)
        ))
        .hint("Name a database file."));
    }
    let mut target = target(PathBuf::from(&path), source);
    for pair in query.split('&').filter(|pair| !pair.is_empty() && *pair != "mode=ro") {
        let name = pair.split('=').next().unwrap_or(pair);
        target.notices.push(format!(
            "waif opens the file read-only in its own way; the parameter {} of {source} has no effect.",
            visible(name)
        ));
    }
    // SQLAlchemy writes a relative path with three slashes, and an absolute one with four.
    let relative = here.join(path.trim_start_matches('/'));
    if path.starts_with('/') && !Path::new(&path).exists() && relative.is_file() {
        target.notices.push(format!(
            "{} has three slashes, which make its path absolute; write sqlite:{} for the file here.",
            capital(source),
            visible(path.trim_start_matches('/'))
        ));
    }
    Ok(target)
}
