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
