//! Signals: those that ask us to go, and those by which a shell stops a job and lets it go on. They arrive as messages;
//! the loop acts. Called by `start` and the loop.

use crate::tui::msg::Msg;
use tokio::sync::mpsc;

/// Passes signals on as messages until nobody listens.
#[cfg(unix)]
pub fn listen(inbox: &mpsc::Sender<Msg>) {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    let listened = [
        (SignalKind::terminate(), Msg::Terminate),
        (SignalKind::hangup(), Msg::HungUp),
        (SignalKind::interrupt(), Msg::Terminate),
        (SignalKind::from_raw(Signal::TSTP.as_raw()), Msg::Suspended),
        (SignalKind::from_raw(Signal::CONT.as_raw()), Msg::Resumed),
    ];
    for (kind, msg) in listened {
        let inbox = inbox.clone();
        // Without the listener the signal does what it always did.
        let Ok(mut signals) = signal(kind) else { continue };
        tokio::spawn(async move {
            while signals.recv().await.is_some() && inbox.send(msg.clone()).await.is_ok() {}
        });
    }
}

/// Elsewhere there are no such signals.
#[cfg(not(unix))]
pub fn listen(_inbox: &mpsc::Sender<Msg>) {}

/// Asks the system to stop our whole job, as the terminal would if it still read Ctrl-Z. We hear of it ourselves as
/// [`Msg::Suspended`].
#[cfg(unix)]
pub fn stop_job() {
    use rustix::process::{Signal, kill_current_process_group};
    // A system that refuses leaves us running: the key did nothing, which is seen.
    let _ = kill_current_process_group(Signal::TSTP);
}

/// Elsewhere a job cannot be stopped.
#[cfg(not(unix))]
pub fn stop_job() {}

/// Stops this process until somebody lets it go on. SIGTSTP has our listener behind it; SIGTTIN stops as it does, and like
/// it does nothing where no shell could ever wake us.
#[cfg(unix)]
pub fn stop() {
    use rustix::process::{Signal, getpid, kill_process};
    if kill_process(getpid(), Signal::TTIN).is_ok() {
        // Another thread may be the one that takes the signal, a moment later.
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Elsewhere there is nothing to wait for.
#[cfg(not(unix))]
pub fn stop() {}
