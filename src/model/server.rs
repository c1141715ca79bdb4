//! What answered: engine, version, identity, and what waif cannot do there.

use crate::model::text::Untrusted;
use serde::Serialize;

/// The engines waif speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// PostgreSQL and what speaks its protocol.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// What kind of server stands behind the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavor {
    /// The engine itself.
    Plain,
    /// Citus, distributed tables.
    Citus,
    /// TimescaleDB.
    Timescale,
    /// CockroachDB.
    Cockroach,
    /// YugabyteDB.
    Yugabyte,
    /// Amazon Redshift.
    Redshift,
    /// Amazon Aurora.
    Aurora,
}

/// Whether the link is encrypted, as the server itself reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// A file or a local socket: nothing to encrypt.
    Local,
    /// Not encrypted.
    Off,
    /// Encrypted: protocol version, and whether the server's name was verified.
    On {
        /// For instance `TLSv1.3`.
        protocol: String,
        /// Whether certificate and host name were verified.
        verified: bool,
    },
}

/// A server as it was found after connecting. Everything is read back, nothing assumed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Server {
    /// The engine.
    pub engine: EngineKind,
    /// The variety.
    pub flavor: Flavor,
    /// The version as people write it: `15.18`, `3.51.0`.
    pub version: String,
    /// The version as a number: 150018, 3051000.
    pub version_number: u32,
    /// The database (SQLite: the file name).
    #[serde(serialize_with = "raw")]
    pub database: Untrusted,
    /// The role that is connected; none for SQLite.
    #[serde(serialize_with = "raw_option")]
    pub user: Option<Untrusted>,
    /// Where it is: host and port, socket, or file path.
    #[serde(serialize_with = "raw")]
    pub address: Untrusted,
    /// Whether the server itself refuses writes in our session (read back).
    pub read_only: bool,
    /// Whether it is a hot standby.
    pub standby: bool,
    /// Whether a transaction pooler stands between (the backend answers under another number than it greeted with).
    pub pooled: bool,
    /// Whether the role is a superuser.
    pub superuser: bool,
    /// The link's encryption.
    pub tls: Tls,
    /// The schema whose tables are written without a prefix: `public`, `main`.
    pub default_schema: String,
    /// What waif cannot do or vouch for on this server, a sentence each.
    pub notices: Vec<String>,
}

fn raw<S: serde::Serializer>(text: &Untrusted, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text.raw())
}

fn raw_option<S: serde::Serializer>(text: &Option<Untrusted>, to: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => to.serialize_some(text.raw()),
        None => to.serialize_none(),
    }
}
