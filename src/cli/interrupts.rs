//! Interrupts: Ctrl-C, the signal by which a pipeline takes back its order, and the one of a terminal that closes.

use crate::model::fault::{Fault, Kind};
use std::io;

/// What arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Somebody wants it to end.
    End,
    /// The terminal closed.
    HungUp,
    /// The shell wants it to stand still.
    Stop,
}

/// Where interrupts arrive. From the moment one listens they no longer end the process by themselves.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
    /// The wish of the shell; unheeded it stops the process at once.
    #[cfg(unix)]
    stops: Option<tokio::signal::unix::Signal>,
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
        all().map(|signals| Self { signals, stops: None }).map_err(|error| refused(&error))
    }

    /// From now on the shell's wish to stop is heard as well, and it is for whoever hears it to stop.
    #[cfg(unix)]
    pub(crate) fn heed_stops(&mut self) {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        // Where the system refuses, the signal does what it always did.
        self.stops = signal(SignalKind::from_raw(Signal::TSTP.as_raw())).ok();
    }

    /// Begins to listen. Needs a running runtime.
    ///
    /// # Errors
    /// Never here.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Fault> {
        Ok(Self {})
    }

    /// No shell stops anybody here.
    #[cfg(not(unix))]
    pub(crate) fn heed_stops(&mut self) {}

    /// Waits for the next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Heard {
        let [interrupt, terminate, hangup] = &mut self.signals;
        let stop = async {
            match &mut self.stops {
                Some(stops) => stops.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => Heard::End,
            _ = terminate.recv() => Heard::End,
            _ = hangup.recv() => Heard::HungUp,
            _ = stop => Heard::Stop,
        }
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Heard {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Heard::End
    }
}

#[cfg(unix)]
fn refused(error: &io::Error) -> Fault {
    Fault::new(Kind::Other, "The system does not let waif listen for interrupts.").because(error.to_string())
}
