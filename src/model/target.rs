//! Where to connect and as whom: plain data that `config` makes from URLs, files, profiles and the environment, and
//! `db` turns into a connection. It remembers where each parameter came from, so that an error can name the culprit.

use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything needed to connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The engine.
    pub engine: EngineKind,
    /// Where the server or file is.
    pub place: Place,
    /// The database name; none lets the server choose (the user's name). Unused for SQLite.
    pub database: Option<String>,
    /// The role; none means the operating system's user. Unused for SQLite.
    pub user: Option<String>,
    /// The password, where one is known.
    pub password: Option<Secret>,
    /// TLS demands.
    pub tls: TlsDemand,
    /// Seconds to wait for a connection; `u32::MAX` waits as long as it takes.
    pub connect_timeout: u32,
    /// Server options to pass at start (`options` of a URL or `PGOPTIONS`), as given.
    pub options: Option<String>,
    /// The application name shown in the server's activity view.
    pub application_name: String,
    /// SQLite databases to attach beside the file, as (schema name, path).
    pub attach: Vec<(String, PathBuf)>,
    /// How much care the place deserves.
    pub environment: Environment,
    /// The profile this came from.
    pub profile: Option<String>,
    /// A command to start before connecting, with `${port}` replaced by a free local port: a tunnel.
    pub before: Option<String>,
    /// A command that prints the password; `config` has run it. Kept from print: some write the password into it.
    pub password_command: Option<Secret>,
    /// Where each parameter came from: `host` -> `PGHOST`.
    pub sources: BTreeMap<&'static str, String>,
    /// What was found odd while the target was put together, to be shown once: an unknown URL parameter, a password
    /// in the URL.
    pub notices: Vec<String>,
}

/// Where a server or file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A unix socket: the folder and the port that names the socket.
    Socket {
        /// The folder of the socket.
        folder: PathBuf,
        /// The port in the socket's name.
        port: u16,
    },
    /// A host on the network.
    Host {
        /// The name to verify against the certificate.
        name: String,
        /// The address to connect to, where it differs from the name.
        address: Option<String>,
        /// The port.
        port: u16,
    },
}

/// What is demanded of TLS, after libpq's `sslmode` and its companions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsDemand {
    /// The mode; none takes waif's default: `verify-full` over the network, nothing on loopback and sockets.
    pub mode: Option<TlsMode>,
    /// Root certificates.
    pub root_cert: Option<PathBuf>,
    /// Client certificate.
    pub cert: Option<PathBuf>,
    /// Client key.
    pub key: Option<PathBuf>,
}

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never encrypt.
    Disable,
    /// Encrypt only when the server insists.
    Allow,
    /// Encrypt when the server can.
    Prefer,
    /// Encrypt or fail; believe any certificate.
    Require,
    /// Encrypt and verify the chain.
    VerifyCa,
    /// Encrypt, verify the chain and the host name.
    VerifyFull,
}

/// How much care a place deserves. What carries no label counts as production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Production, labelled so or not labelled at all.
    #[default]
    Production,
    /// Staging.
    Staging,
    /// Development.
    Development,
}
