//! Connecting: from a target to one fresh connection, within the time allowed. Names, addresses, tunnels and the ways of
//! TLS end here; what a session says first is `greeting`'s.

use crate::db::postgres::lane::Lane;
use crate::db::postgres::wire::{self, Lead, Wire};
use crate::db::postgres::{options, refusal};
use crate::db::tunnel::Tunnel;
use crate::model::fault::{Fault, Kind};
use crate::model::target::{Place, Target};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// The way to a server, to be gone once for each connection.
pub(super) struct Door {
    target: Target,
    tunnel: Mutex<Option<Tunnel>>,
    /// Whether what answers takes no start options of ours: a pooler, most likely.
    bare: AtomicBool,
}

/// A fresh connection.
pub(super) struct Entry {
    /// The driver's connection.
    pub(super) connection: PgConnection,
    /// Its lane.
    pub(super) lane: Lane,
    /// The mark in its start options; none when it could only be had without.
    pub(super) mark: Option<String>,
    /// The TLS mode that led to success.
    pub(super) mode: PgSslMode,
}

/// What a dying process is given to be gone.
const LAST_BREATH: Duration = Duration::from_millis(50);

impl Door {
    /// A door to a target.
    pub(super) fn new(target: Target) -> Self {
        Self { target, tunnel: Mutex::default(), bare: AtomicBool::new(false) }
    }

    /// The target behind it.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Runs what belongs to connecting within the time allowed for it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one exception: around connecting, where no statement of weight runs yet and dropping closes the socket"
    )]
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        match self.target.connect_timeout {
            0 | u32::MAX => work.await,
            seconds => tokio::time::timeout(Duration::from_secs(seconds.into()), work)
                .await
                .unwrap_or_else(|_| Err(refusal::late(&self.target))),
        }
    }

    /// Goes through the door; once more, when it was the tunnel that fell in on the way.
    pub(super) async fn enter(&self) -> Result<Entry, Fault> {
        match self.try_options().await {
            Err(fault) if fault.kind == Kind::Unreachable && self.fell_in().await => {
                self.dig().await?;
                self.try_options().await
            }
            outcome => outcome,
        }
    }

    async fn try_options(&self) -> Result<Entry, Fault> {
        if self.bare.load(Ordering::Acquire) {
            return self.try_modes(None).await;
        }
        match self.try_modes(Some(mark())).await {
            // A pooler knows no start options of ours: without them it may let us in, and with them we know what it is.
            Err(fault) if dislikes_options(&fault) => {
                let entry = self.try_modes(None).await?;
                self.bare.store(true, Ordering::Release);
                Ok(entry)
            }
            outcome => outcome,
        }
    }

    async fn try_modes(&self, mark: Option<String>) -> Result<Entry, Fault> {
        let mut options = options::base(&self.target)?;
        if let Some(mark) = &mark {
            options = options::marked(options, mark);
        }
        let mut refused = None;
        for mode in options::modes(&self.target) {
            match self.attempt(options.clone().ssl_mode(mode)).await {
                Ok((connection, lead)) => {
                    return Ok(Entry { connection, lane: Lane::new(lead), mark, mode });
                }
                // pg_hba.conf may admit the one way and not the other.
                Err(fault) if refused.is_none() && fault.code.as_deref() == Some("28000") => {
                    refused = Some(fault)
                }
                Err(fault) => return Err(refused.unwrap_or(fault)),
            }
        }
        Err(refused.unwrap_or_else(|| Fault::new(Kind::Unreachable, "There is no way to connect.")))
    }

    async fn attempt(&self, options: PgConnectOptions) -> Result<(PgConnection, Lead), Fault> {
        let unreached = |why| refusal::unreached(&self.target, &why);
        let (name, port, wire) = match &self.target.place {
            Place::Socket { folder, port } => {
                let remote = wire::dial_socket(folder, *port).await.map_err(unreached)?;
                ("localhost", *port, Wire::lay(remote, *port))
            }
            Place::Host { name, address, port } => {
                let (address, at) = match self.tunnel.lock().await.as_ref().map(Tunnel::port) {
                    Some(local) => ("127.0.0.1", local),
                    None => (address.as_deref().unwrap_or(name), *port),
                };
                let remote = wire::dial(address, at).await.map_err(unreached)?;
                (name.as_str(), at, Wire::lay(remote, at))
            }
            Place::File(_) => return Err(Fault::new(Kind::Usage, "A file is no PostgreSQL server.")),
        };
        let wire = wire.map_err(|error| {
            Fault::new(Kind::Unreachable, "No socket could be made in the folder for temporary files.")
                .because(error.to_string())
                .hint("Set TMPDIR to a folder that can be written, with a short path.")
        })?;
        // The name is what TLS verifies; the way there is the wire.
        let options = options.host(name).port(port).socket(wire.folder());
        let lead = wire.lead();
        match PgConnection::connect_with(&options).await {
            Ok(connection) => Ok((connection, lead)),
            Err(error) => Err(refusal::of(&self.target, &error, lead.broke())),
        }
    }

    /// Digs the tunnel, where one is asked for and none stands.
    pub(super) async fn dig(&self) -> Result<(), Fault> {
        let Some(command) = &self.target.before else { return Ok(()) };
        let mut tunnel = self.tunnel.lock().await;
        if !tunnel.as_mut().is_some_and(Tunnel::stands) {
            *tunnel = Some(Tunnel::dig(command, self.target.connect_timeout).await?);
        }
        Ok(())
    }

    /// Whether the tunnel ended. A command that dies closes its links a moment before the system calls it dead.
    async fn fell_in(&self) -> bool {
        let mut tunnel = self.tunnel.lock().await;
        let Some(tunnel) = tunnel.as_mut() else { return false };
        tokio::time::sleep(LAST_BREATH).await;
        !tunnel.stands()
    }

    /// Shuts it: the tunnel ends.
    pub(super) async fn shut(&self) {
        drop(self.tunnel.lock().await.take());
    }
}

/// Codes under which start options are refused: protocol violation (poolers), unsupported, and unknown setting.
fn dislikes_options(fault: &Fault) -> bool {
    matches!(fault.code.as_deref(), Some("08P01" | "0A000" | "42704" | "22023" | "42601" | "XX000"))
}

/// A mark nobody else has.
fn mark() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{}-{now}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
