//! A tunnel: the command of `before`, started with a free local port, and ended with everything it started. Called when a
//! PostgreSQL connection is opened; knows nothing of databases.

use crate::model::fault::{Fault, Kind};
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStderr, Command};

/// How often the port is tried while the tunnel is being dug.
const PAUSE: Duration = Duration::from_millis(50);
/// How many last lines of the command's complaints are kept.
const KEPT: usize = 8;

/// A running tunnel.
#[derive(Debug)]
pub(crate) struct Tunnel {
    child: Child,
    port: u16,
}

impl Tunnel {
    /// Starts the command with `${port}` replaced, and waits until that port answers.
    pub(crate) async fn dig(command: &str, seconds: u32) -> Result<Self, Fault> {
        let port =
            free_port().await.map_err(|error| failed("No local port is free for the tunnel.", &error))?;
        let mut child = shell(&command.replace("${port}", &port.to_string()))
            .spawn()
            .map_err(|error| failed("The shell for the tunnel's command did not start.", &error))?;
        let complaints: Arc<Mutex<Vec<String>>> = Arc::default();
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(listen(stderr, Arc::clone(&complaints)));
        }
        let mut tunnel = Self { child, port };
        let began = Instant::now();
        let patience = if seconds == 0 { Duration::MAX } else { Duration::from_secs(seconds.into()) };
        let headline = loop {
            let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok();
            if !tunnel.stands() {
                break "The command of `before` ended before its tunnel stood.";
            }
            if answers {
                return Ok(tunnel);
            }
            if began.elapsed() >= patience {
                break "The command of `before` opened no tunnel in time.";
            }
            tokio::time::sleep(PAUSE).await;
        };
        // What it said last may still be on the way.
        tokio::time::sleep(PAUSE).await;
        let mut fault = Fault::new(Kind::Unreachable, headline).hint(
            "Run the command by hand, with a port in place of ${port}; it has to stay in the foreground.",
        );
        for line in complaints.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            fault = fault.because(line);
        }
        Err(fault)
    }

    /// Whether the command still runs.
    pub(crate) fn stands(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The local port that leads through it.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        // The shell may have started others: its whole process group ends.
        if let (true, Some(leader)) = (self.stands(), self.child.id()) {
            drop(
                std::process::Command::new("sh").args(["-c", &format!("kill -s TERM -- -{leader}")]).status(),
            );
        }
    }
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    shell.kill_on_drop(true);
    #[cfg(unix)]
    shell.process_group(0);
    shell
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port())
}

async fn listen(stderr: ChildStderr, complaints: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut kept = complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(line);
    }
}

fn failed(headline: &str, error: &std::io::Error) -> Fault {
    Fault::new(Kind::Unreachable, headline).because(error.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::disallowed_methods, reason = "the relay is told its ends through the environment")]

    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::path::Path;

    /// A command of `before` that relays its port to a unix socket: this very test program, run for its one ignored test.
    pub(crate) fn relay_to(socket: &Path) -> String {
        let program = std::env::current_exe().unwrap();
        format!(
            "WAIF_TEST_PORT=${{port}} WAIF_TEST_SOCKET='{}' exec '{}' --ignored --exact db::tunnel::tests::relay",
            socket.display(),
            program.display()
        )
    }

    #[test]
    #[ignore = "not a test: the far end of the tunnels that other tests dig"]
    fn relay() {
        let port: u16 = std::env::var("WAIF_TEST_PORT").unwrap().parse().unwrap();
        let socket = std::env::var("WAIF_TEST_SOCKET").unwrap();
        for client in std::net::TcpListener::bind(("127.0.0.1", port)).unwrap().incoming().flatten() {
            let server = UnixStream::connect(&socket).unwrap();
            let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || carry(client, forth));
            std::thread::spawn(move || carry(server, back));
        }
    }

    fn carry(mut from: impl Read, mut to: impl Write) {
        drop(std::io::copy(&mut from, &mut to));
    }

    fn lives(pid: &str) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z")
    }

    #[tokio::test]
    async fn a_tunnel_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let noted = folder.path().join("pid");
        let command =
            format!("sleep 1000 & echo $! >'{}'; {}", noted.display(), relay_to(Path::new("/nowhere")));
        let mut tunnel = Tunnel::dig(&command, 10).await.unwrap();
        assert!(tunnel.stands());
        let child = std::fs::read_to_string(&noted).unwrap();
        assert!(lives(&child));
        drop(tunnel);
        let patience = Instant::now() + Duration::from_secs(5);
        while lives(&child) {
            assert!(Instant::now() < patience, "it outlived its tunnel");
            tokio::time::sleep(PAUSE).await;
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_quoted() {
        let fault = Tunnel::dig("echo 'no such \u{1b}[31mbastion' >&2; exit 3", 10).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Unreachable);
        assert_eq!(fault.headline, "The command of `before` ended before its tunnel stood.");
        assert_eq!(fault.causes, ["no such \\x1B[31mbastion"]);
    }

    #[tokio::test]
    async fn a_command_that_opens_nothing_is_not_waited_for() {
        let fault = Tunnel::dig("exec sleep 1000", 1).await.unwrap_err();
        assert_eq!(fault.headline, "The command of `before` opened no tunnel in time.");
    }
}
