//! `pg_service.conf`, read as libpq reads it: `~/.pg_service.conf` or the file of `PGSERVICEFILE` first, then the
//! machine's.

use super::super::env::Env;
use super::super::usage;
use super::params::{Params, Rank};
use crate::model::fault::Fault;
use crate::model::text::visible;
use std::path::PathBuf;

/// Reads a service into parameters. `asked` says who named it.
pub(super) fn read(name: &str, asked: &str, env: &Env, into: &mut Params) -> Result<(), Fault> {
    let (files, must_exist) = files(env)?;
    for file in &files {
        let text = match std::fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist.contains(file) => {
                continue;
            }
            Err(error) => {
                return Err(usage(format!("The service file {} cannot be read.", env.shown(file)))
                    .because(error.to_string())
                    .hint(format!("The service {} comes from {asked}.", visible(name))));
            }
        };
        if read_file(name, &text, &env.shown(file), into)? {
            return Ok(());
        }
    }
    let shown: Vec<String> = files.iter().map(|file| env.shown(file)).collect();
    Err(usage(format!("There is no service {} (from {asked}).", visible(name)))
        .hint(format!("It was looked for in {}.", shown.join(", "))))
}

/// A service that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The file that says it.
    pub file: String,
}

/// All services, those of the stronger file first, and a sentence for each file that cannot be read.
pub(super) fn all(env: &Env) -> (Vec<Service>, Vec<String>) {
    let (mut services, mut troubles) = (Vec::<Service>::new(), Vec::new());
    let files = match files(env) {
        Ok((files, _)) => files,
        Err(fault) => return (services, vec![fault.headline]),
    };
    for file in files {
        let shown = env.shown(&file);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                troubles.push(format!("The service file {shown} cannot be read: {error}."));
                continue;
            }
        };
        for line in text.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            let Some(header) = line.trim().strip_prefix('[') else { continue };
            let name = header.split(']').next().unwrap_or_default().to_owned();
            if !name.is_empty() && services.iter().all(|known| known.name != name) {
                services.push(Service { name, file: shown.clone() });
            }
        }
    }
    (services, troubles)
}

/// The files to look in, and those that somebody named and that must be there.
fn files(env: &Env) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Fault> {
    let named = env.text("PGSERVICEFILE")?.map(PathBuf::from);
    let own = env.home.as_ref().map(|home| home.join(".pg_service.conf"));
    let machine = match env.text("PGSYSCONFDIR")? {
        Some(folder) => vec![PathBuf::from(folder)],
        None => env.service_folders.clone(),
    };
    let machine = machine.into_iter().map(|folder| folder.join("pg_service.conf"));
    let files = named.clone().or(own).into_iter().chain(machine).collect();
    Ok((files, named.into_iter().collect()))
}

/// Looks for the service in one file. Within it, the first line to name a parameter counts.
fn read_file(name: &str, text: &[u8], shown: &str, into: &mut Params) -> Result<bool, Fault> {
    let source = format!("service {} in {shown}", visible(name));
    let mut inside = false;
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let wrong = |what: &str| usage(format!("{shown}:{number}: {what}"));
        let line = std::str::from_utf8(line).map_err(|_| wrong("this line is not valid UTF-8."))?.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if inside {
                return Ok(true);
            }
            inside = header.split(']').next() == Some(name);
            continue;
        }
        if !inside {
            continue;
        }
        if line.starts_with("ldap") {
            return Err(wrong("waif does not ask LDAP for connection parameters."));
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(wrong("this line has no =."));
        };
        if key.trim() == "service" {
            return Err(wrong("a service cannot name another service."));
        }
        into.offer(key.trim(), value.trim(), &source, Rank::Service)?;
    }
    Ok(inside)
}
