//! From a profile to a target.

use super::super::env::Env;
use super::super::profile::Profile;
use super::params::{Params, Rank};
use super::{command, completed, from_url, is_sqlite, sqlite};
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::target::{Place, Target};

/// The keys that are libpq's parameters under the same or another name.
const PARAMETERS: [(&str, &str); 8] = [
    ("service", "service"),
    ("host", "host"),
    ("address", "hostaddr"),
    ("user", "user"),
    ("database", "dbname"),
    ("sslmode", "sslmode"),
    ("application_name", "application_name"),
    ("options", "options"),
];
const FILES: [(&str, &str); 4] =
    [("socket", "host"), ("sslrootcert", "sslrootcert"), ("sslcert", "sslcert"), ("sslkey", "sslkey")];

/// Makes the target.
pub(super) fn target(profile: &Profile, env: &Env) -> Result<Target, Fault> {
    let source = profile.source();
    let mut target = match (profile.text("file"), profile.text("url")) {
        (Some(file), _) => sqlite::target(profile.path(file, env), &source),
        (None, Some(url)) if is_sqlite(url) => sqlite_of_url(url, profile, env)?,
        (None, Some(url)) => from_url(url, &format!("the url of {source}"), params(profile, env)?, env)?,
        (None, None) => completed(params(profile, env)?, env)?,
    };
    target.environment = profile.environment();
    target.profile = Some(profile.name().to_owned());
    target.before = profile.text("before").map(str::to_owned);
    target.password_command = profile.text("password_command").map(Secret::new);
    if let Some(setting) = profile.setting("attach") {
        let paths = setting.value.paths().iter();
        target.attach = paths.map(|(name, path)| (name.clone(), profile.path(path, env))).collect();
    }
    Ok(target)
}

/// A relative path in a URL starts, like every path of a profile, at the folder of the file that says it.
fn sqlite_of_url(url: &str, profile: &Profile, env: &Env) -> Result<Target, Fault> {
    let folder = &profile.section().folder;
    let mut target = sqlite::read(url, &format!("the url of {}", profile.source()), folder)?;
    if let Place::File(path) = &target.place {
        target.place = Place::File(profile.path(&path.to_string_lossy(), env));
    }
    Ok(target)
}

/// What the profile says beside its URL, in libpq's names.
fn params(profile: &Profile, env: &Env) -> Result<Params, Fault> {
    let source = profile.source();
    let mut params = Params::default();
    let mut offer = |name: &str, text: &str| params.offer_part(name, text, &source, Rank::Explicit);
    for (key, name) in PARAMETERS {
        offer(name, profile.text(key).unwrap_or_default())?;
    }
    for (key, name) in FILES {
        match profile.text(key) {
            Some("system") if key == "sslrootcert" => offer(name, "system")?,
            Some(path) => offer(name, &profile.path(path, env).to_string_lossy())?,
            None => {}
        }
    }
    if let Some(port) = profile.setting("port").and_then(|port| port.value.whole()) {
        offer("port", &port.to_string())?;
    }
    if let Some(time) = profile.setting("connect_timeout").and_then(|setting| setting.value.time()) {
        offer("connect_timeout", &time.as_millis().div_ceil(1000).to_string())?;
    }
    // Asked before the environment and the password file, which give way to it; not when the URL says it already.
    if let Some(text) = profile.text("password_command").filter(|_| !profile.holds_password()) {
        let password = command::run(text, &source, command::PATIENCE, env)?;
        params.offer(
            "password",
            password.reveal(),
            &format!("password_command of {source}"),
            Rank::Explicit,
        )?;
    }
    Ok(params)
}
