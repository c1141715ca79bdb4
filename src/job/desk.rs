//! The desk: owns the engine, takes commands in order, lets the check and the lists run side by side, and tells what
//! happens. A wish to stop reaches the server; no database future is ever dropped.

use crate::db;
use crate::db::stop::Stop;
use crate::db::tape::Tape;
use crate::job::bench::Bench;
use crate::job::check;
use crate::job::command::{Command, Consent, Wheel};
use crate::job::event::Event;
use crate::job::lists::{self, Ask};
use crate::job::memory::Memory;
use crate::job::plan;
use crate::job::restore;
use crate::job::runs::{self, Paper};
use crate::job::spell;
use crate::model::fault::{Fault, Kind};
use crate::model::target::Target;
use crate::repair::run::steer::Steer;
use futures_util::FutureExt;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many events may wait for a front end before the desk's forwarder waits for it.
const WAITING: usize = 4096;

/// A front end's end of the door.
#[derive(Debug)]
pub struct Desk {
    /// Wishes go in here.
    pub commands: mpsc::UnboundedSender<Command>,
    /// News comes out here.
    pub events: mpsc::Receiver<Event>,
}

/// Opens a desk on a target. Returns at once: connecting is the desk's first job, and its outcome the first event
/// beside [`Event::Sent`] and [`Event::Remembered`]. Checks are remembered below the state folder, if there is one. When connecting fails the desk tells [`Event::Failed`], then [`Event::Closed`].
pub fn open(target: Target, state: Option<PathBuf>) -> Desk {
    let (commands, wishes) = mpsc::unbounded_channel();
    let (tell, mut told) = mpsc::unbounded_channel();
    let (deliver, events) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        while let Some(event) = told.recv().await {
            if deliver.send(event).await.is_err() {
                return;
            }
        }
    });
    tokio::spawn(keep(target, state, wishes, tell));
    Desk { commands, events }
}

/// Keeps the desk until it is told to close or the front end is gone.
async fn keep(
    target: Target,
    state: Option<PathBuf>,
    mut wishes: mpsc::UnboundedReceiver<Command>,
    tell: mpsc::UnboundedSender<Event>,
) {
    for notice in &target.notices {
        let _ = tell.send(Event::Notice(notice.clone()));
    }
    let log = tell.clone();
    let tape = Tape::new(move |sent| drop(log.send(Event::Sent(sent))));
    // Reading what was saved takes no time from connecting, and is over before anything new could be saved.
    let (opened, memory) = tokio::join!(db::open(&target, tape), Memory::open(state, &target, &tell));
    match opened {
        Ok(engine) => {
            let _ = tell.send(Event::Connected(Arc::new(engine.server().clone())));
            for notice in &engine.server().notices {
                let _ = tell.send(Event::Notice(notice.clone()));
            }
            let bench = Arc::new(Bench::new(engine, target.environment, memory, tell.clone()));
            let mut counter = Counter {
                bench,
                running: None,
                lists: HashMap::new(),
                left: Vec::new(),
                steered: None,
                tried: None,
                aside: None,
            };
            counter.serve(&mut wishes).await;
        }
        Err(fault) => drop(tell.send(Event::Failed(fault))),
    }
    let _ = tell.send(Event::Closed);
}

/// The desk's working side: what is open and what runs.
struct Counter {
    bench: Arc<Bench>,
    running: Option<Running>,
    lists: HashMap<u64, Running>,
    steered: Option<(Arc<Steer>, JoinHandle<()>)>,
    /// The wheel of the last rehearsal: it can only be made to stand still.
    tried: Option<Arc<Steer>>,
    /// A plan being made, or a rehearsal: beside the check, which goes on.
    aside: Option<Running>,
    /// Lists nobody wants any more, while they end.
    left: Vec<JoinHandle<()>>,
}

/// A job that runs, and the way to stop it.
struct Running {
    stop: Stop,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a job; its stop rests when the job has ended. One that panics is told as a failure: whoever waits for its
    /// answer would wait for ever.
    fn start(bench: &Arc<Bench>, stop: Stop, work: impl Future<Output = ()> + Send + 'static) -> Self {
        let resting = stop.clone();
        let bench = Arc::clone(bench);
        let task = tokio::spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                let fault = Fault::new(Kind::Other, "The work broke off by a defect of waif.");
                bench.tell(Event::Failed(fault.hint("Please report it with what is printed above.")));
            }
            resting.rest();
        });
        Self { stop, task }
    }

    /// Stops the job and waits for its end: it is interrupted, so that is soon.
    async fn halt(self) {
        self.stop.ask().await;
        // A job that panicked has ended too; there is nothing to take back from it.
        let _ = self.task.await;
    }
}

impl Counter {
    async fn serve(&mut self, wishes: &mut mpsc::UnboundedReceiver<Command>) {
        while let Some(wish) = wishes.recv().await {
            self.lists.retain(|_, list| !list.task.is_finished());
            self.left.retain(|task| !task.is_finished());
            match wish {
                Command::Close => break,
                Command::Stop => self.halt_all().await,
                Command::Forget { ticket } => {
                    if let Some(list) = self.lists.remove(&ticket) {
                        self.left.push(tokio::spawn(list.halt()));
                    }
                }
                Command::Catalog => self.run(check::catalog).await,
                Command::Plan(request) => {
                    self.aside(|bench, stop| plan::make(bench, request, stop)).await;
                }
                Command::Check { scope, policy } => {
                    self.run(|bench, stop| check::whole(bench, scope, policy, stop)).await;
                }
                Command::Recount { relations, scope } => {
                    self.run(|bench, stop| check::again(bench, relations, scope, stop)).await;
                }
                Command::Run { plan, shown, copies, consent } => {
                    let paper = Paper { text: plan, shown, copies };
                    self.steered(|bench, steer| runs::run(bench, paper, consent, steer)).await;
                }
                Command::Rehearse { plan, shown, copies, consent } => {
                    self.rehearse(Paper { text: plan, shown, copies }, consent).await;
                }
                Command::Resume { run, limits, copies, consent } => {
                    self.steered(|bench, steer| {
                        steer.set_limits(limits);
                        runs::resume(bench, run, copies, consent, steer)
                    })
                    .await;
                }
                wish @ (Command::Restore { .. } | Command::Held { .. }) => self.restore(wish).await,
                Command::Steer(wheel) => self.steer(wheel),
                Command::Runs => self.beside(runs::list),
                Command::Verify => self.beside(runs::verify),
                Command::MissingParents { ticket, relation, limit } => {
                    self.list(ticket, Ask::MissingParents { relation, limit });
                }
                Command::Spell { ticket, relation, of, row } => {
                    let answer = spell::spelling(&self.bench, relation, of.as_deref(), row.as_deref());
                    self.bench.tell(Event::Spelled { ticket, answer });
                }
                Command::OrphanRows { ticket, relation, of, after, limit } => {
                    self.list(ticket, Ask::OrphanRows { relation, of, after, limit });
                }
            }
        }
        self.halt_all().await;
        // All are stopped at once, and none is left behind: a closed door would not stop a statement on the server.
        let lists = self.lists.drain().map(|(_, list)| list.halt());
        join_all(lists.collect::<Vec<_>>()).await;
        join_all(self.left.drain(..)).await;
        self.bench.engine.close().await;
    }

    /// Starts a job that works on the whole bench; the one that runs is stopped first.
    async fn run<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        job: impl FnOnce(Arc<Bench>, Stop) -> F,
    ) {
        self.halt().await;
        let stop = Stop::default();
        let work = job(Arc::clone(&self.bench), stop.clone());
        self.running = Some(Running::start(&self.bench, stop, work));
    }

    /// Starts a job beside the check; the one of its kind that runs is stopped first.
    async fn aside<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        job: impl FnOnce(Arc<Bench>, Stop) -> F,
    ) {
        self.halt_aside().await;
        let stop = Stop::default();
        let work = job(Arc::clone(&self.bench), stop.clone());
        self.aside = Some(Running::start(&self.bench, stop, work));
    }

    /// Starts a rehearsal beside the check.
    async fn rehearse(&mut self, paper: Paper, consent: Consent) {
        let steer = Arc::new(Steer::default());
        self.tried = Some(Arc::clone(&steer));
        self.aside(|bench, _| runs::rehearse(bench, paper, consent, steer)).await;
    }

    /// Starts a look that ends by itself, beside everything else.
    fn beside<F: Future<Output = ()> + Send + 'static>(&self, job: impl FnOnce(Arc<Bench>) -> F) {
        tokio::spawn(job(Arc::clone(&self.bench)));
    }

    /// Starts a run; whatever works on the bench is stopped first.
    async fn steered<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        job: impl FnOnce(Arc<Bench>, Arc<Steer>) -> F,
    ) {
        self.halt_all().await;
        let steer = Arc::new(Steer::default());
        let work = job(Arc::clone(&self.bench), Arc::clone(&steer));
        let running = Running::start(&self.bench, Stop::default(), work);
        self.steered = Some((steer, running.task));
    }

    /// Turns the wheel of the run that goes on. A statement is interrupted beside the desk, which hears on.
    fn steer(&self, wheel: Wheel) {
        if let Wheel::Still(still) = wheel {
            self.stand_still(still);
        }
        let Some((steer, _)) = &self.steered else { return };
        match wheel {
            Wheel::Pause(paused) => steer.pause(paused),
            Wheel::Batch(rows) => steer.set_batch(rows.unwrap_or(0)),
            Wheel::Limits(limits) => steer.set_limits(limits),
            Wheel::Stop => {
                let steer = Arc::clone(steer);
                tokio::spawn(async move { steer.stop().await });
            }
            Wheel::Still(_) => {}
        }
    }

    /// What concerns bringing a run back.
    async fn restore(&mut self, wish: Command) {
        match wish {
            Command::Restore { run, wanted, consent } => {
                self.steered(|bench, steer| restore::restore(bench, run, wanted, consent, steer)).await;
            }
            Command::Held { run } => {
                tokio::spawn(restore::list(Arc::clone(&self.bench), run));
            }
            _ => {}
        }
    }

    async fn halt_all(&mut self) {
        self.halt().await;
        self.halt_aside().await;
    }

    /// Waits beside the desk until nothing that writes has a transaction open, and tells; or lets all go on.
    fn stand_still(&self, still: bool) {
        let running = self.steered.as_ref().map(|(steer, _)| Arc::clone(steer));
        let wheels: Vec<Arc<Steer>> = running.into_iter().chain(self.tried.clone()).collect();
        if !still {
            wheels.iter().for_each(|steer| steer.let_in());
            return;
        }
        let bench = Arc::clone(&self.bench);
        tokio::spawn(async move {
            for steer in &wheels {
                steer.shut().await;
            }
            bench.tell(Event::Still);
        });
    }

    /// Stops a plan being made, or waits for a rehearsal to end.
    async fn halt_aside(&mut self) {
        if let Some(aside) = self.aside.take() {
            aside.halt().await;
        }
    }

    /// Stops what runs and waits for its end. A run ends after its batch, with nothing open.
    async fn halt(&mut self) {
        if let Some(running) = self.running.take() {
            running.halt().await;
        }
        if let Some((steer, task)) = self.steered.take() {
            steer.stop().await;
            // A run that broke off by a defect has told so.
            let _ = task.await;
        }
    }

    fn list(&mut self, ticket: u64, ask: Ask) {
        let stop = Stop::default();
        let work = lists::answer(Arc::clone(&self.bench), ticket, ask, stop.clone());
        self.lists.insert(ticket, Running::start(&self.bench, stop, work));
    }
}
