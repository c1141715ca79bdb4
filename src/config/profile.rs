//! Profiles: places with names. What one may say, and whether it makes sense; `target` turns it into a target.

use super::env::Env;
use super::mistake::Mistake;
use super::settings::{Section, Setting};
use super::target;
use super::value::bare;
use crate::model::server::EngineKind;
use crate::model::target::Environment;
use crate::model::text::visible;
use std::path::PathBuf;

/// A place with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    name: String,
    section: Section,
}

/// The keys that say where a server is, beside `url`.
const PARTS: [&str; 7] = ["service", "host", "address", "port", "socket", "user", "database"];
/// The keys that only a server understands.
const SERVERS: [&str; 8] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "application_name",
    "options",
    "password_command",
];

impl Profile {
    pub(super) fn new(name: &str, section: &Section) -> Self {
        Self { name: name.to_owned(), section: section.clone() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How much care the place deserves.
    pub fn environment(&self) -> Environment {
        match self.text("environment") {
            Some("staging") => Environment::Staging,
            Some("development") => Environment::Development,
            _ => Environment::Production,
        }
    }

    /// Whether runs may write there once they are confirmed.
    pub fn writes(&self) -> bool {
        self.setting("writes").is_some_and(|setting| setting.value == super::value::Value::Bool(true))
    }

    /// The engine it leads to.
    pub fn engine(&self) -> EngineKind {
        let file = self.text("file").is_some() || self.text("url").is_some_and(target::is_sqlite);
        if file { EngineKind::Sqlite } else { EngineKind::Postgres }
    }

    /// Where it leads, in a few words and without secrets, for a person to choose by.
    pub fn place(&self) -> String {
        if let Some(url) = self.text("url") {
            return target::url_without_login(url);
        }
        if let Some(file) = self.text("file") {
            return visible(file).into_owned();
        }
        if let Some(service) = self.text("service") {
            return format!("service {}", visible(service));
        }
        let host =
            self.text("host").or(self.text("address")).or(self.text("socket")).unwrap_or("the local socket");
        let port = self
            .setting("port")
            .and_then(|port| port.value.whole())
            .map_or(String::new(), |port| format!(":{port}"));
        let database = self.text("database").map_or(String::new(), |database| format!("/{database}"));
        visible(&format!("{host}{port}{database}")).into_owned()
    }

    /// The name of it as a source: `profile prod in ~/.config/waif/config.toml`.
    pub(super) fn source(&self) -> String {
        let file = match &self.section.source {
            super::source::Source::File { file, .. } => file.clone(),
            other => other.to_string(),
        };
        format!("profile {} in {file}", visible(&self.name))
    }

    pub(super) fn section(&self) -> &Section {
        &self.section
    }

    pub(super) fn setting(&self, key: &str) -> Option<&Setting> {
        self.section.keys.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.setting(key).and_then(|setting| setting.value.text())
    }

    /// A path: `~/` is the home, what is relative starts at the folder of the file that says it.
    pub(super) fn path(&self, text: &str, env: &Env) -> PathBuf {
        match (text.strip_prefix("~/"), &env.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.section.folder.join(text),
        }
    }

    /// Whether a password stands in it. A URL that cannot be read may hold one.
    pub(super) fn holds_password(&self) -> bool {
        self.text("url").is_some_and(|url| target::url_holds_password(url).unwrap_or(true))
    }

    /// Whether it names a program to start.
    pub(super) fn starts_program(&self) -> bool {
        self.setting("password_command").or(self.setting("before")).is_some()
    }

    /// What does not fit together.
    pub(super) fn mistakes(&self, env: &Env) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut mistaken = |key: &str, what: String| {
            let source = self.setting(key).map_or(&self.section.source, |setting| &setting.source);
            mistakes.push(Mistake::new(source, what));
        };
        let whole = format!("profile.{}", bare(&self.name));
        let file = self.setting("file").map(|_| "file");
        let url = self.setting("url").map(|_| "url");
        if let Some(whole_place) = file.or(url) {
            let others = PARTS.into_iter().chain(url.filter(|_| file.is_some()));
            let beside = others.into_iter().find(|key| self.setting(key).is_some());
            if let Some(beside) = beside {
                mistaken(
                    beside,
                    format!("{whole} has both {whole_place} and {beside}; {whole_place} says it all."),
                );
            }
        } else if !PARTS.iter().any(|key| self.setting(key).is_some()) {
            mistaken(
                "",
                format!("{whole} does not say where to connect: it needs url, file, service or host."),
            );
        }
        if self.setting("socket").is_some() && self.setting("host").is_some() {
            mistaken("socket", format!("{whole} has both host and socket; it can have one."));
        }
        let is_file = file.is_some() || self.text("url").is_some_and(target::is_sqlite);
        if is_file && let Some(key) = SERVERS.iter().find(|key| self.setting(key).is_some()) {
            mistaken(key, format!("{whole} names a file; {key} means nothing to it."));
        }
        if !is_file && self.setting("attach").is_some() {
            mistaken("attach", format!("{whole} names no SQLite file to attach anything to."));
        }
        if let Some(Err(fault)) = self.text("url").map(|url| target::check_url(url, env)) {
            let source = self.setting("url").map_or(&self.section.source, |setting| &setting.source);
            let mistake = Mistake::new(source, fault.headline);
            mistakes.push(match fault.hint {
                Some(hint) => mistake.hint(hint),
                None => mistake,
            });
        }
        mistakes
    }
}
