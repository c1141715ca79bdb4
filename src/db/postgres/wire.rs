//! The wire: our own hold on the bytes between driver and server. The driver knows one name for the place to connect to
//! and the name to verify, never notices a dead peer, and gives no hold on its socket. So we dial ourselves, and hand the
//! driver one end of a private unix socket; a task carries the bytes. TLS stays end to end: the task sees what the network
//! sees. Called by `connect`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream, lookup_host};
use tokio::sync::watch;

/// After this long without a word from the peer it is asked whether it lives, and then every [`INTERVAL`].
const IDLE: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_secs(5);
const RETRIES: u32 = 4;
/// How long sent bytes may stay unacknowledged.
const UNACKNOWLEDGED: Duration = Duration::from_secs(40);

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unreached {
    /// The name has no address.
    Unknown(io::Error),
    /// No address answered as hoped; the last one's complaint.
    Closed(io::Error),
}

/// Connects to a host by name or address.
pub(super) async fn dial(host: &str, port: u16) -> Result<TcpStream, Unreached> {
    let mut last = None;
    for address in lookup_host((host, port)).await.map_err(Unreached::Unknown)? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                watchful(&stream).map_err(Unreached::Closed)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => Unreached::Closed(error),
        None => Unreached::Unknown(io::Error::other("the name has no address")),
    })
}

/// Connects to a server's socket on this machine.
pub(super) async fn dial_socket(folder: &Path, port: u16) -> Result<UnixStream, Unreached> {
    UnixStream::connect(folder.join(socket_name(port))).await.map_err(Unreached::Closed)
}

/// How a server names its socket.
pub(super) fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

/// Makes a socket notice that its peer is gone: by default that takes hours.
fn watchful(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(stream);
    let keepalive =
        socket2::TcpKeepalive::new().with_time(IDLE).with_interval(INTERVAL).with_retries(RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    Ok(())
}

/// A stream to the server.
pub(super) trait Remote: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Remote for T {}

/// A laid wire: where the driver picks up its end, and the means to cut it.
#[derive(Debug)]
pub(super) struct Wire {
    folder: PathBuf,
    lead: Lead,
}

/// A hold on a wire.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    cut: Arc<watch::Sender<bool>>,
    broke: Arc<OnceLock<String>>,
}

impl Wire {
    /// Lays a wire from `remote` to a socket that bears `port` in its name, for one caller.
    pub(super) fn lay(remote: impl Remote, port: u16) -> io::Result<Self> {
        let private = private()?;
        let listener = UnixListener::bind(private.path().join(socket_name(port)))?;
        let (cut, heard) = watch::channel(false);
        let lead = Lead { cut: Arc::new(cut), broke: Arc::default() };
        let folder = private.path().to_owned();
        tokio::spawn(carry(private, listener, remote, heard, Arc::clone(&lead.broke)));
        Ok(Self { folder, lead })
    }

    /// The folder of the driver's end.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A hold on the wire that outlives this value.
    pub(super) fn lead(&self) -> Lead {
        self.lead.clone()
    }
}

/// A folder nobody else may enter. A socket's path has little room, so a long place for temporary files is passed over.
fn private() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("waif-");
    if std::env::temp_dir().as_os_str().len() > 70 { builder.tempdir_in("/tmp") } else { builder.tempdir() }
}

impl Lead {
    /// Cuts the wire: whoever waits on it learns at once that the connection is gone.
    pub(super) fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// What the network said when the wire broke by itself.
    pub(super) fn broke(&self) -> Option<&str> {
        self.broke.get().map(String::as_str)
    }
}

async fn carry(
    private: TempDir,
    listener: UnixListener,
    mut remote: impl Remote,
    mut cut: watch::Receiver<bool>,
    broke: Arc<OnceLock<String>>,
) {
    let mut local = tokio::select! {
        accepted = listener.accept() => match accepted {
            Ok((local, _)) => local,
            Err(_) => return,
        },
        _ = cut.wait_for(|cut| *cut) => return,
    };
    drop((listener, private));
    tokio::select! {
        carried = copy_bidirectional(&mut local, &mut remote) => {
            if let Err(error) = carried {
                let _ = broke.set(error.to_string());
            }
        }
        _ = cut.wait_for(|cut| *cut) => {}
    }
}
