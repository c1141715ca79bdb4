//! Targets: from what was typed, configured or set in the environment to a [`Target`] that knows where each of its
//! parameters came from.

mod params;
mod postgres;
mod sqlite;
mod url;

#[cfg(test)]
mod tests;

use super::Config;
use super::env::Env;
use super::given::Given;
use super::usage;
use crate::model::fault::Fault;
use crate::model::server::EngineKind;
use crate::model::target::Target;
use crate::model::text::visible;
use params::{HEEDED, Params, REFUSED, Rank, capital, refuse};
use std::path::PathBuf;

/// What came of looking for a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Here it is.
    Target(Box<Target>),
    /// Nobody named one.
    NothingGiven {
        /// Where one was looked for, a sentence each.
        tried: Vec<String>,
    },
}

/// Finds the target.
///
/// # Errors
/// Usage, when what was named makes no sense.
pub fn resolve(given: &Given, _config: &Config, env: &Env) -> Result<Resolved, Fault> {
    let mut tried = Vec::new();
    if let Some(typed) = &given.target {
        let Some(text) = typed.to_str() else {
            return found(sqlite::target(PathBuf::from(typed), "the file given"));
        };
        return found(named(text, env)?);
    }
    tried.push("No TARGET was given.".to_owned());
    if let Some(url) = env.text("DATABASE_URL")? {
        let mut target = from_url(url, "DATABASE_URL", env)?;
        if target.sources.get("password").is_some_and(|source| source == "DATABASE_URL") {
            target.notices.push(readable_by_others("DATABASE_URL"));
        }
        return found(target);
    }
    tried.push("DATABASE_URL is not set.".to_owned());
    let places = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"];
    if places.iter().any(|name| env.has(name)) {
        return found(from_params(Params::default(), env)?);
    }
    tried.push(format!("None of {} is set.", places.join(", ")));
    Ok(Resolved::NothingGiven { tried })
}

fn found(target: Target) -> Result<Resolved, Fault> {
    Ok(Resolved::Target(Box::new(target)))
}

/// What TARGET names.
fn named(text: &str, env: &Env) -> Result<Target, Fault> {
    if is_url(text) {
        let mut target = from_url(text, "the URL", env)?;
        if target.sources.get("password").is_some_and(|source| source == "the URL") {
            target.notices.push(
                "The password in the URL stands in the shell's history, and every user of this machine can see it \
                 while waif runs; ~/.pgpass or password_command keep it to yourself."
                    .to_owned(),
            );
        }
        return Ok(target);
    }
    Ok(sqlite::target(PathBuf::from(text), "the file given"))
}

/// Whether a text is meant as a URL: it has `://`, or begins with a scheme that needs none.
fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    (!scheme.is_empty() && scheme.chars().all(plain))
        || sqlite::SCHEMES.iter().any(|scheme| text.starts_with(scheme))
}

/// Reads a URL of any kind.
fn from_url(text: &str, source: &str, env: &Env) -> Result<Target, Fault> {
    if sqlite::SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
        return sqlite::read(text, source, &env.here);
    }
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    match scheme {
        "postgres" | "postgresql" => {
            let mut params = Params::default();
            url::read(text, source, Rank::Explicit, &mut params)?;
            from_params(params, env)
        }
        "mysql" | "mariadb" => Err(usage(format!(
            "{} names a MySQL or MariaDB server, which this version of waif does not speak to.",
            capital(source)
        ))
        .hint("It speaks to PostgreSQL (postgres://) and SQLite (sqlite: or a path).")),
        "" => Err(usage(format!("{} is not a URL.", capital(source)))
            .hint("Write postgres://user@host/database, or sqlite:FILE.")),
        other => Err(usage(format!(
            "{} has the scheme {}, which waif does not know.",
            capital(source),
            visible(other)
        ))
        .hint("Write postgres://user@host/database, or sqlite:FILE.")),
    }
}

/// Completes parameters from the environment, as libpq does, and makes the target.
fn from_params(mut params: Params, env: &Env) -> Result<Target, Fault> {
    for (name, variable) in HEEDED {
        if let Some(text) = env.text(variable)? {
            params.offer(name, text, variable, Rank::Environment)?;
        }
    }
    for (name, variable, _) in REFUSED {
        if let Some(text) = env.text(variable)? {
            refuse(name, text, variable)?;
        }
    }
    let mut target = postgres::target(params, env)?;
    if target.sources.get("password").is_some_and(|source| source == "PGPASSWORD") {
        target.notices.push(readable_by_others("PGPASSWORD"));
    }
    debug_assert_eq!(target.engine, EngineKind::Postgres);
    Ok(target)
}

fn readable_by_others(variable: &str) -> String {
    format!(
        "The password in {variable} can be read by every process of this user; ~/.pgpass or password_command keep it \
         to yourself."
    )
}
