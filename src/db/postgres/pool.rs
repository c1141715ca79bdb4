//! The pool of an engine: it makes sessions, keeps those at rest, finds those that work, and interrupts them from a
//! session of its own. Shared by the engine and its readers.

use crate::db::postgres::connect::Door;
use crate::db::postgres::fault;
use crate::db::postgres::greeting::Terms;
use crate::db::postgres::lane::{Backend, Lane};
use crate::db::postgres::session::Session;
use crate::db::postgres::wire::Lead;
use crate::db::tape::Tape;
use crate::model::fault::Fault;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// Sessions kept at rest; more are let go.
const AT_REST: usize = 4;
/// How long the server may take to react to an interrupt before the wire is cut.
const GRACE: Duration = Duration::from_secs(5);
/// Waits between repeated interrupts: one that arrives between two statements is lost.
const REPEATS: [u64; 9] = [10, 20, 40, 80, 160, 320, 640, 1280, 2560];

/// What readers and engine share.
pub(super) struct Pool {
    pub(super) door: Door,
    pub(super) terms: Terms,
    tape: Tape,
    rest: Mutex<Vec<Session>>,
    lanes: Mutex<Vec<Weak<Lane>>>,
    /// The session that interrupts the others.
    control: tokio::sync::Mutex<Option<Session>>,
    /// The hold on its wire, for when it hangs itself.
    control_lead: Mutex<Option<Lead>>,
    /// How many sessions are on their way back from readers.
    returning: watch::Sender<usize>,
    closed: AtomicBool,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// A pool with its first two sessions: one at rest, one in control.
    pub(super) fn new(door: Door, terms: Terms, tape: Tape, first: Session, control: Session) -> Self {
        let lanes = Mutex::new(vec![Arc::downgrade(first.lane())]);
        Self {
            door,
            terms,
            tape,
            rest: Mutex::new(vec![first]),
            lanes,
            control_lead: Mutex::new(Some(control.lane().lead().clone())),
            control: tokio::sync::Mutex::new(Some(control)),
            returning: watch::Sender::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// A session for work: one at rest that still answers, or a new one.
    pub(super) async fn take(&self) -> Result<Session, Fault> {
        if self.closed.load(Ordering::Acquire) {
            return Err(fault::lost().because("waif closed it"));
        }
        loop {
            let Some(mut session) = held(&self.rest).pop() else { break };
            // Whoever slept long may be deaf: that is found out in the time a connection may take.
            if self.door.in_time(session.ping()).await.is_ok() {
                return Ok(session);
            }
        }
        let session = self.connect().await?;
        let mut lanes = held(&self.lanes);
        lanes.retain(|lane| lane.strong_count() > 0);
        lanes.push(Arc::downgrade(session.lane()));
        Ok(session)
    }

    /// A fresh session that is ready to read, and known to nobody yet.
    pub(super) async fn connect(&self) -> Result<Session, Fault> {
        self.door.dig().await?;
        self.door
            .in_time(async {
                let entry = self.door.enter().await?;
                let mut session = Session::new(entry.connection, entry.lane, self.tape.clone());
                self.terms.make_ready(&mut session, entry.mark.as_deref()).await?;
                Ok(session)
            })
            .await
    }

    /// Takes a session back; `open` says whether a transaction is. One whose fetch was dropped half-way is let go: what
    /// comes next on it would be the answer to another question.
    pub(super) fn give_back(self: &Arc<Self>, session: Session, open: bool) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let pool = Arc::clone(self);
        pool.returning.send_modify(|returning| *returning += 1);
        runtime.spawn(async move {
            pool.receive(session, open).await;
            pool.returning.send_modify(|returning| *returning -= 1);
        });
    }

    async fn receive(self: &Arc<Self>, mut session: Session, open: bool) {
        let lane = Arc::clone(session.lane());
        if lane.is_running() {
            self.cancel(&lane.backend()).await;
            return;
        }
        if open {
            session.roll_back().await;
        }
        let keep =
            !session.is_lost() && !self.closed.load(Ordering::Acquire) && held(&self.rest).len() < AT_REST;
        if keep {
            held(&self.rest).push(session);
        } else {
            session.close().await;
        }
    }

    /// Interrupts every session that works.
    pub(super) async fn interrupt_all(self: &Arc<Self>) {
        let lanes: Vec<Arc<Lane>> = held(&self.lanes).iter().filter_map(Weak::upgrade).collect();
        self.interrupt(lanes).await;
    }

    /// Asks the server to stop what these sessions run, until it stopped. Who does not react in time loses the wire, so
    /// that nobody waits for ever on a server that is gone.
    pub(super) async fn interrupt(self: &Arc<Self>, lanes: Vec<Arc<Lane>>) {
        let asked: Vec<(Arc<Lane>, u64)> =
            lanes.into_iter().filter_map(|lane| lane.ask().map(|fetch| (lane, fetch))).collect();
        if asked.is_empty() {
            return;
        }
        // A task of its own, for its statements must not be dropped when the grace is over.
        let chase = tokio::spawn({
            let (pool, asked) = (Arc::clone(self), asked.clone());
            async move { pool.chase(&asked).await }
        });
        tokio::select! {
            _ = chase => {}
            () = tokio::time::sleep(GRACE) => {
                if let Some(lead) = held(&self.control_lead).as_ref() {
                    lead.cut();
                }
            }
        }
        for (lane, _) in asked.iter().filter(|(lane, fetch)| lane.runs(*fetch)) {
            lane.lead().cut();
        }
    }

    async fn chase(self: &Arc<Self>, asked: &[(Arc<Lane>, u64)]) {
        for wait in REPEATS {
            for (lane, fetch) in asked {
                let _shut = lane.gate().lock().await;
                if lane.runs(*fetch) {
                    self.cancel(&lane.backend()).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if !asked.iter().any(|(lane, fetch)| lane.runs(*fetch)) {
                return;
            }
        }
    }

    /// Asks the server to cancel what a backend does for us. Where it is lent, only while it still is in our transaction.
    async fn cancel(&self, backend: &Backend) {
        let pid = backend.pid;
        let text = match &backend.since {
            None => format!("SELECT pg_catalog.pg_cancel_backend({pid})::text"),
            Some(since) => format!(
                "SELECT pg_catalog.pg_cancel_backend(pid)::text FROM pg_catalog.pg_stat_activity \
                 WHERE pid = {pid} AND xact_start = '{}'",
                since.replace('\'', "")
            ),
        };
        let mut control = self.control.lock().await;
        for _ in 0..2 {
            let mut session = match control.take() {
                Some(session) => session,
                None => match self.connect().await {
                    Ok(session) => {
                        *held(&self.control_lead) = Some(session.lane().lead().clone());
                        session
                    }
                    Err(_) => return,
                },
            };
            let sent = session.say(text.as_str()).await;
            if !session.is_lost() {
                *control = Some(session);
            }
            if sent.is_ok() {
                return;
            }
        }
    }

    /// Takes leave: interrupts what runs, waits a little for sessions on their way back, closes the rest.
    pub(super) async fn close(self: &Arc<Self>) {
        self.closed.store(true, Ordering::Release);
        self.interrupt_all().await;
        let mut returning = self.returning.subscribe();
        tokio::select! {
            _ = returning.wait_for(|returning| *returning == 0) => {}
            () = tokio::time::sleep(GRACE) => {}
        }
        let resting = std::mem::take(&mut *held(&self.rest));
        let control = self.control.lock().await.take();
        for session in resting.into_iter().chain(control) {
            session.close().await;
        }
        self.door.shut().await;
    }
}
