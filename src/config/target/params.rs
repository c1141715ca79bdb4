//! Connection parameters while they are gathered, by libpq's names. The first source to name one keeps it, so sources
//! are asked from the strongest to the weakest: what was given, the service, the environment.

use super::super::usage;
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::text::visible;
use std::collections::BTreeMap;

/// The parameters waif heeds: libpq's name and its environment variable.
pub(super) const HEEDED: [(&str, &str); 15] = [
    ("service", "PGSERVICE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
];

/// Demands waif cannot keep: libpq's name, its variable, and the value that demands (none: any). Going on without
/// them would break a promise somebody relies on, so they are refused instead of overlooked.
pub(super) const REFUSED: [(&str, &str, Option<&str>); 5] = [
    ("channel_binding", "PGCHANNELBINDING", Some("require")),
    ("gssencmode", "PGGSSENCMODE", Some("require")),
    ("require_auth", "PGREQUIREAUTH", None),
    ("sslcrl", "PGSSLCRL", None),
    ("sslcrldir", "PGSSLCRLDIR", None),
];

/// How strong a source is. Later is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The environment.
    Environment,
    /// A service of `pg_service.conf`.
    Service,
    /// What was typed, or the profile that was named.
    Explicit,
}

/// One parameter. Any may be or hold a password, so none has a `Debug`.
pub(super) struct Param {
    pub text: Secret,
    pub source: String,
    pub rank: Rank,
}

/// The parameters gathered so far.
#[derive(Default)]
pub(super) struct Params {
    set: BTreeMap<&'static str, Param>,
    pub notices: Vec<String>,
}

impl Params {
    /// Offers a parameter under libpq's name: kept unless a stronger source named it before. An empty one is kept too: it
    /// asks for the default, whatever weaker sources say. An unknown name leaves a notice.
    pub fn offer(&mut self, name: &str, text: &str, source: &str, rank: Rank) -> Result<(), Fault> {
        refuse(name, text, source)?;
        if let Some((known, _)) = HEEDED.iter().find(|(known, _)| *known == name) {
            if !self.set.contains_key(known) {
                let param = Param { text: Secret::new(text), source: source.to_owned(), rank };
                self.set.insert(known, param);
            }
        } else if name == "ssl" && text == "true" {
            self.offer("sslmode", "require", source, rank)?;
        } else if !REFUSED.iter().any(|(known, _, _)| *known == name) {
            self.notices.push(format!(
                "waif does not know the parameter {} of {source}; it has no effect.",
                visible(name)
            ));
        }
        Ok(())
    }

    /// Offers a part of a URL that may be absent: empty means not given.
    pub fn offer_part(&mut self, name: &str, text: &str, source: &str, rank: Rank) -> Result<(), Fault> {
        if text.is_empty() { Ok(()) } else { self.offer(name, text, source, rank) }
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.set.get(name)
    }

    /// A parameter's text and source; none for an empty one.
    pub fn text(&self, name: &str) -> Option<(&str, &str)> {
        let given = self.set.get(name).filter(|param| !param.text.reveal().is_empty());
        given.map(|param| (param.text.reveal(), param.source.as_str()))
    }

    /// Drops a parameter.
    pub fn forget(&mut self, name: &str) {
        self.set.remove(name);
    }
}

/// Refuses a demand that waif cannot keep.
pub(super) fn refuse(name: &str, text: &str, source: &str) -> Result<(), Fault> {
    let demanded = REFUSED
        .iter()
        .any(|(known, _, value)| *known == name && value.map_or(!text.is_empty(), |value| value == text));
    if demanded {
        return Err(usage(format!("{} demands {name}, which waif cannot keep.", capital(source)))
            .hint(format!("Take {name} out if the connection may be made without it.")));
    }
    Ok(())
}

/// The text with its first letter in upper case, to begin a sentence with.
pub(super) fn capital(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}
