//! The server: what answered, as whom, over what link, and what waif cannot vouch for there.

use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::target::Environment;
use crate::model::text::visible;

/// Product and version: `PostgreSQL 15.18 (Citus)`.
pub fn product(server: &Server) -> String {
    let name = match server.engine {
        EngineKind::Postgres => "PostgreSQL",
        EngineKind::Sqlite => "SQLite",
    };
    let variety = match server.flavor {
        Flavor::Plain => "",
        Flavor::Citus => " (Citus)",
        Flavor::Timescale => " (TimescaleDB)",
        Flavor::Cockroach => " (CockroachDB)",
        Flavor::Yugabyte => " (YugabyteDB)",
        Flavor::Redshift => " (Amazon Redshift)",
        Flavor::Aurora => " (Amazon Aurora)",
    };
    format!("{name} {}{variety}", visible(&server.version))
}

/// How it was reached: role and place, label, link, standing, and whether it refuses writes.
pub fn place(server: &Server, environment: Environment) -> Vec<String> {
    let address = server.address.visible();
    let who = match &server.user {
        Some(user) => format!("{} at {address}", user.visible()),
        None => address.into_owned(),
    };
    let mut parts = vec![who, label(environment).to_owned()];
    if let Some(link) = link(&server.tls) {
        parts.push(link);
    }
    if server.standby {
        parts.push("hot standby".to_owned());
    }
    if server.pooled {
        parts.push("behind a transaction pooler".to_owned());
    }
    parts.push(if server.read_only { "read-only" } else { "the server allows writes" }.to_owned());
    parts
}

/// The label of a place.
pub fn label(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Staging => "staging",
        Environment::Development => "development",
    }
}

/// The link's encryption; none where there is nothing to encrypt.
pub fn link(tls: &Tls) -> Option<String> {
    match tls {
        Tls::Local => None,
        Tls::Off => Some("TLS off".to_owned()),
        Tls::On { protocol, verified: true } => Some(format!("{} verified", visible(protocol))),
        Tls::On { protocol, verified: false } => Some(format!("{} not verified", visible(protocol))),
    }
}
