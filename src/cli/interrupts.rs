//! Interrupts: Ctrl-C, the signal by which a pipeline takes back its order, and the one of a terminal that closes.

use crate::model::fault::{Fault, Kind};
use std::io;

/// Where interrupts arrive. From the moment one listens they no longer end the process by themselves.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Interrupts {
    /// Begins to listen. Needs a running runtime.
    ///
    /// # Errors
    /// When the system refuses.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Fault> {
        use tokio::signal::unix::{SignalKind, signal};
        let all = || -> io::Result<_> {
            let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()];
            Ok([signal(interrupt)?, signal(terminate)?, signal(SignalKind::hangup())?])
        };
        all().map(|signals| Self { signals }).map_err(|error| refused(&error))
    }

    /// Begins to listen. Needs a running runtime.
    ///
    /// # Errors
    /// Never here.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Fault> {
        Ok(Self {})
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
            _ = hangup.recv() => (),
        }
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn refused(error: &io::Error) -> Fault {
    Fault::new(Kind::Other, "The system does not let waif listen for interrupts.").because(error.to_string())
}
