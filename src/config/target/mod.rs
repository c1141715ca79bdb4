//! Targets: from what was typed, configured or set in the environment to a [`Target`] that knows where each of its
//! parameters came from.
//!
//! # What TARGET is
//! Asked in this order:
//! 1. a URL, when it has `://` or begins with `sqlite:`, `sqlite3:` or `file:`;
//! 2. libpq's `key=value` words, `service=NAME` among them, when it begins with a name libpq knows and a `=`;
//! 3. a profile, when one has exactly that name (a file of that name is opened by `./NAME`, and a notice says so);
//! 4. a path to a SQLite file, when something is there, or when it has a `/` or a `.` in it;
//! 5. otherwise it is nothing, and the nearest profile is suggested.
//!
//! # Where a target comes from when none is typed
//! `--profile` (or `WAIF_PROFILE`), `DATABASE_URL`, the `PG…` variables if one of them names a place, the profile of
//! `default_profile` or the only one.
//!
//! # Where a parameter comes from
//! What was typed or stands in the profile, then the service, then the environment, then the default, as with libpq.
//! A password: the URL or words, `password_command` of the profile, the service, `PGPASSWORD`, the password file.
//! Asking for it is left to the front end.

mod choice;
mod command;
mod params;
mod passfile;
mod postgres;
mod profile;
mod service;
mod sqlite;
mod url;
mod words;

#[cfg(test)]
mod tests;

use super::Config;
use super::env::Env;
use super::given::Given;
use super::usage;
use crate::model::fault::Fault;
use crate::model::target::Target;
use crate::model::text::visible;
pub use choice::{Choice, Field, Parts, choose};
use params::{HEEDED, Params, REFUSED, Rank, capital, refuse};
pub use service::Service;
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

/// The variables that name a place. A user or a password alone does not.
const PLACES: [&str; 5] = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"];

/// Finds the target. It may run the profile's `password_command`, and takes as long as that does.
///
/// # Errors
/// Usage, when what was named makes no sense.
pub fn resolve(given: &Given, config: &Config, env: &Env) -> Result<Resolved, Fault> {
    let found = |target| Ok(Resolved::Target(Box::new(target)));
    let mut tried = vec!["No TARGET was given.".to_owned()];
    if let Some(typed) = &given.target {
        if given.profile.is_some() {
            return Err(usage("Both a TARGET and --profile were given.").hint("Give one of them."));
        }
        return match typed.to_str() {
            Some(text) => found(named(text, config, env)?),
            None => found(sqlite::target(PathBuf::from(typed), "the command line")),
        };
    }
    if let Some(name) = &given.profile {
        return found(of_profile(name, "--profile", config, env)?);
    }
    if let Some(name) = env.text("WAIF_PROFILE")? {
        return found(of_profile(name, "WAIF_PROFILE", config, env)?);
    }
    tried.push("Neither --profile nor WAIF_PROFILE names a profile.".to_owned());
    if let Some(url) = env.text("DATABASE_URL")? {
        return found(from_url(url, "DATABASE_URL", Params::default(), env)?);
    }
    tried.push("DATABASE_URL is not set.".to_owned());
    if let Some(variable) = PLACES.iter().find(|name| env.has(name)) {
        let mut target = completed(Params::default(), env)?;
        target.notices.extend(config.default_profile().map(|name| {
            format!(
                "The profile {} is not used, because {variable} is set; --profile names it.",
                visible(name)
            )
        }));
        return found(target);
    }
    tried.push(format!("None of {} is set.", PLACES.join(", ")));
    if let Some(name) = config.default_profile() {
        return found(of_profile(name, "default_profile", config, env)?);
    }
    tried.push(match config.profiles().count() {
        0 => "The configuration has no profile.".to_owned(),
        _ => format!("The profiles are {}, and default_profile names none of them.", names(config)),
    });
    Ok(Resolved::NothingGiven { tried })
}

/// The fault of having no target, for a front end that cannot ask for one.
pub fn nothing_given(tried: &[String]) -> Fault {
    tried
        .iter()
        .fold(usage("There is no target to look at."), |fault, tried| fault.because(tried))
        .hint("Name one: waif check postgres://user@host/database, waif check FILE.db, or a profile.")
}

/// The target of a profile. `asked` says who named it.
///
/// # Errors
/// Usage, when there is none, or what it says makes no sense.
pub fn of_profile(name: &str, asked: &str, config: &Config, env: &Env) -> Result<Target, Fault> {
    match config.profile(name) {
        Some(profile) => profile::target(profile, env),
        None => {
            let fault = usage(format!("There is no profile {} (from {asked}).", visible(name)));
            Err(fault.hint(suggestion(name, config)))
        }
    }
}

fn suggestion(name: &str, config: &Config) -> String {
    match super::key::meant(name, config.profiles().map(super::Profile::name)) {
        Some(near) => format!("Did you mean {}?", visible(near)),
        None if config.profiles().next().is_none() => "The configuration has no profile.".to_owned(),
        None => format!("The profiles are {}.", names(config)),
    }
}

fn names(config: &Config) -> String {
    config.profiles().map(|profile| visible(profile.name())).collect::<Vec<_>>().join(", ")
}

/// The services that can be chosen, and what keeps others from it.
pub fn services(env: &Env) -> (Vec<Service>, Vec<String>) {
    service::all(env)
}

/// What TARGET names. The order of the questions is the promise of this module.
fn named(text: &str, config: &Config, env: &Env) -> Result<Target, Fault> {
    if is_url(text) {
        return from_url(text, "the URL", Params::default(), env);
    }
    if words::is_meant(text) {
        let mut params = Params::default();
        words::read(text, "the connection string", &mut params)?;
        return completed(params, env);
    }
    let path = env.here.join(text);
    if config.profile(text).is_some() {
        let mut target = of_profile(text, "TARGET", config, env)?;
        if path.is_file() {
            target.notices.push(format!(
                "{0} is taken as the profile; there is also a file of that name, which ./{0} opens.",
                visible(text)
            ));
        }
        return Ok(target);
    }
    if text.contains('@') && text.contains(':') && !path.exists() {
        // Not quoted: most likely a URL that lost its scheme, with a password in it.
        return Err(usage("The TARGET is neither a file nor a URL.")
            .hint("A URL begins with its scheme: postgres://user@host/database."));
    }
    if (path.exists() && !path.is_dir()) || text.contains(['/', '.', std::path::MAIN_SEPARATOR]) {
        return Ok(sqlite::target(PathBuf::from(text), "the command line"));
    }
    Err(usage(format!("{} is neither a profile nor a file.", super::value::quoted(text))).hint(format!(
        "{} For a PostgreSQL database of that name write postgres:///NAME.",
        suggestion(text, config)
    )))
}

/// Whether a text is meant as a URL: it has `://` after a scheme, or begins with a scheme that needs none.
fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    let short = ["postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme));
    (!scheme.is_empty() && scheme.chars().all(plain)) || short || is_sqlite(text)
}

/// Whether a URL means a SQLite file.
pub(super) fn is_sqlite(url: &str) -> bool {
    sqlite::SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// Reads a URL of any kind. `stronger` holds parameters that count over those of the URL.
fn from_url(text: &str, source: &str, mut stronger: Params, env: &Env) -> Result<Target, Fault> {
    if is_sqlite(text) {
        return sqlite::read(text, source, &env.here);
    }
    read_url(text, source, &mut stronger)?;
    completed(stronger, env)
}

/// Reads a URL of PostgreSQL, and says what is wrong with any other.
fn read_url(text: &str, source: &str, into: &mut Params) -> Result<(), Fault> {
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(usage(format!("{} is not a URL.", capital(source)))
            .hint("Write postgres://user@host/database, or sqlite:FILE."));
    };
    let fault = match scheme {
        "postgres" | "postgresql" => return url::read(text, source, Rank::Explicit, into),
        "mysql" | "mariadb" => {
            let what = "names a MySQL or MariaDB server, which this version of waif does not speak to";
            usage(format!("{} {what}.", capital(source)))
        }
        other if other.starts_with("postgres") || other.ends_with(":postgresql") => {
            let what = "is written for another program: waif knows its scheme only as postgres://";
            usage(format!("{} {what}.", capital(source)))
        }
        other => {
            let other = visible(other);
            usage(format!("{} has the scheme {other}://, which waif does not know.", capital(source)))
        }
    };
    Err(fault.hint("Write postgres://user@host/database, or sqlite:FILE."))
}

/// What is wrong with a URL, as far as it can be said without looking elsewhere.
pub(super) fn check_url(text: &str, env: &Env) -> Result<(), Fault> {
    if is_sqlite(text) {
        sqlite::read(text, "the url", &env.here).map(drop)
    } else {
        url_params(text).map(drop)
    }
}

/// Whether a URL holds a password.
pub(super) fn url_holds_password(text: &str) -> Result<bool, Fault> {
    if is_sqlite(text) { Ok(false) } else { url_params(text).map(|params| params.text("password").is_some()) }
}

fn url_params(text: &str) -> Result<Params, Fault> {
    let mut params = Params::default();
    read_url(text, "the url", &mut params)?;
    Ok(params)
}

/// The URL with three stars for its password.
pub(super) fn url_without_password(text: &str) -> String {
    if is_sqlite(text) { text.to_owned() } else { url::masked(text) }
}

/// Where a URL leads, in a few words: host, port and database, or the file.
pub(super) fn url_without_login(text: &str) -> String {
    if is_sqlite(text) {
        let path = sqlite::SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
        return visible(path).into_owned();
    }
    let Ok(params) = url_params(text) else { return String::new() };
    let part = |name: &str, before: &str| {
        params.text(name).map_or(String::new(), |(text, _)| format!("{before}{text}"))
    };
    let host = params.text("host").or(params.text("hostaddr")).map_or("the local socket", |(host, _)| host);
    visible(&format!("{host}{}{}", part("port", ":"), part("dbname", "/"))).into_owned()
}

/// Completes parameters from the service and the environment, makes the target, and looks its password up.
fn completed(mut params: Params, env: &Env) -> Result<Target, Fault> {
    if let Some(text) = env.text("PGSERVICE")? {
        params.offer("service", text, "PGSERVICE", Rank::Environment)?;
    }
    let service = params.text("service").map(|(name, source)| (name.to_owned(), source.to_owned()));
    if let Some((name, asked)) = service {
        service::read(&name, &asked, env, &mut params)?;
    }
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
    let passfile = params.text("passfile").map(|(file, source)| (file.to_owned(), source.to_owned()));
    let mut target = postgres::target(params, env)?;
    if target.password.is_none() {
        let named = passfile.as_ref().map(|(file, source)| (file.as_str(), source.as_str()));
        passfile::look_up(&mut target, named, env);
    }
    target.notices.extend(exposure(&target));
    Ok(target)
}

/// What to say of a password that others could see where it stood.
fn exposure(target: &Target) -> Option<String> {
    let better = "~/.pgpass or password_command keep it to yourself.";
    match target.sources.get("password")?.as_str() {
        source @ ("the URL" | "the connection string") => Some(format!(
            "The password in {source} stays in the shell's history, and every user of this machine can see it while \
             waif runs; {better}"
        )),
        source @ ("PGPASSWORD" | "DATABASE_URL") => {
            Some(format!("The password in {source} can be read by every process of this user; {better}"))
        }
        _ => None,
    }
}
