//! The loop: messages are gathered whole, `update` takes each in, its effects are carried out, and then at most one frame
//! is drawn, at most thirty a second. When nothing happens nothing runs.

use crate::config;
use crate::job::{self, Command, Event};
use crate::model::fault::{Fault, Kind};
use crate::model::target::Target;
use crate::tui::app::App;
use crate::tui::book::Call;
use crate::tui::crash;
use crate::tui::draw::draw;
use crate::tui::intake::Intake;
use crate::tui::msg::{Effect, Msg};
use crate::tui::overlay::picker;
use crate::tui::signals;
use crate::tui::start::{Exit, Start};
use crate::tui::take::writer::Writer;
use crate::tui::terminal::{self, Held};
use crate::tui::update::update;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{execute, queue};
use futures_util::FutureExt;
use std::future::pending;
use std::io;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// News taken in between two frames at most, so that keys are never behind a flood.
const GULP: usize = 2_048;
/// The signal that lets a stopped job go on is told after the fact, at most so much later.
const JUST: Duration = Duration::from_millis(500);
/// How long the desk may take to close its connections before we go without it.
const GOODBYE: Duration = Duration::from_secs(3);
/// How long it may take where a run goes on: the batch that is open comes to its end.
const LAST_BATCH: Duration = Duration::from_secs(60);

/// Everything the loop holds.
pub struct Turn {
    app: App,
    target: Option<Target>,
    memory: Option<PathBuf>,
    /// Whether the end of something long rings.
    rings: bool,
    held: Held,
    inbox: mpsc::Receiver<Msg>,
    /// For what is done on other threads and comes back as a message.
    sender: mpsc::Sender<Msg>,
    desk: Intake,
    /// What desks that were told to close still tell.
    parting: Vec<mpsc::Receiver<Msg>>,
    writer: Writer,
    written: mpsc::UnboundedReceiver<Msg>,
    /// Whether the desk may still tell something.
    open: bool,
    began: Instant,
    drawn: Option<Instant>,
    /// When the terminal was last taken back.
    taken: Option<Instant>,
}

impl Turn {
    /// Opens the desk and is ready to run.
    pub fn new(
        app: App,
        start: Start,
        held: Held,
        (sender, inbox): (mpsc::Sender<Msg>, mpsc::Receiver<Msg>),
    ) -> Self {
        let Start { target, memory, look, .. } = start;
        let open = target.is_some();
        let desk = desk(target.clone(), memory.clone());
        let (answers, written) = mpsc::unbounded_channel();
        let writer = Writer::start(answers);
        Self {
            app,
            target,
            memory,
            rings: look.bell,
            held,
            inbox,
            sender,
            desk,
            parting: Vec::new(),
            writer,
            written,
            open,
            began: Instant::now(),
            drawn: None,
            taken: None,
        }
    }

    /// Runs until the person leaves.
    ///
    /// # Errors
    /// The fault that stood on the screen when they left, or the terminal's own.
    pub async fn run(mut self) -> Result<Exit, Fault> {
        let size = self.held.terminal().size().map_err(lost)?;
        let first = match self.target {
            Some(_) => vec![self.app.check()],
            None => {
                picker::open(&mut self.app);
                Vec::new()
            }
        };
        let mut exit = self.take(Msg::Resize(size.width, size.height));
        exit = exit.or(self.carry_out(first));
        // Whatever happens here, even a defect, what we asked of the server is taken back before we go.
        let left = AssertUnwindSafe(self.until_left(exit)).catch_unwind().await;
        drop(self.held);
        let _ = self.desk.commands.send(Command::Close);
        self.parting.push(self.desk.news);
        let going = self.app.mend.going.as_ref().filter(|going| going.goes_on());
        let patience = if going.is_some_and(|going| going.stops < 2) { LAST_BATCH } else { GOODBYE };
        farewell(self.parting, patience, &mut self.inbox).await;
        crash::tell();
        let exit = match left {
            Ok(left) => left?,
            Err(panic) => resume_unwind(panic),
        };
        match self.app.facts.fault.take() {
            Some(fault) if exit == Exit::Quit => Err(fault),
            _ => Ok(exit),
        }
    }

    async fn until_left(&mut self, mut exit: Option<Exit>) -> Result<Exit, Fault> {
        loop {
            if let Some(exit) = exit {
                return Ok(exit);
            }
            // Where it cannot be drawn any more there is no terminal.
            exit = self.draw().unwrap_or(Some(Exit::HungUp));
            if exit.is_none() {
                exit = self.turn().await;
            }
        }
    }

    /// Waits for something to happen, then takes in all that has.
    async fn turn(&mut self) -> Option<Exit> {
        let wake = self.wake();
        let sleep = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let first = tokio::select! {
            biased;
            msg = self.inbox.recv() => msg.or(Some(Msg::Terminate)),
            Some(written) = self.written.recv() => Some(written),
            news = self.desk.news.recv(), if self.open => Some(self.news(news)),
            () = sleep => None,
        };
        let mut exit = self.take(Msg::Tick(self.began.elapsed()));
        if let Some(msg) = first {
            exit = exit.or(self.take(msg));
        }
        while let Ok(msg) = self.inbox.try_recv() {
            exit = exit.or(self.take(msg));
        }
        for _ in 0..GULP {
            match self.desk.news.try_recv() {
                Ok(msg) => exit = exit.or(self.take(msg)),
                Err(_) => break,
            }
        }
        exit.or(self.take(Msg::Tick(self.began.elapsed())))
    }

    fn news(&mut self, msg: Option<Msg>) -> Msg {
        self.open = msg.is_some();
        msg.unwrap_or(Msg::DeskGone)
    }

    /// When to wake though nothing happens: for a frame that is wanted, or else for the clock on the screen.
    fn wake(&self) -> Option<Instant> {
        if self.app.changed {
            return self.drawn.map(|drawn| drawn + FRAME);
        }
        self.app.due().map(|due| self.began + due)
    }

    fn take(&mut self, msg: Msg) -> Option<Exit> {
        debug_assert!(!matches!(msg, Msg::Paste(_)) || !config::breaks_off(), "a test asked for it");
        if let Msg::News(Event::Run(news)) = &msg {
            crash::follow(news);
        }
        let effects = update(&mut self.app, msg);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Option<Exit> {
        let mut exit = None;
        for effect in effects {
            match effect {
                // A desk that is gone says so through its events.
                Effect::Submit(command) => drop(self.desk.commands.send(command)),
                Effect::Dial(number, call) => self.dial(number, *call),
                Effect::Reopen => self.turn_to(self.target.clone()),
                Effect::Switch(target) => self.turn_to(Some(*target)),
                Effect::HangUp => self.turn_to(None),
                // A terminal that cannot copy or ring is no reason to stop.
                Effect::Copy(text) => drop(terminal::copy(&text)),
                Effect::File(order) => self.writer.order(order),
                Effect::Mouse(yes) => drop(self.held.listen_to_mouse(yes)),
                Effect::Bell | Effect::Notify(_) if !self.rings => {}
                Effect::Bell => drop(terminal::bell()),
                Effect::Notify(text) => drop(terminal::notify(&text)),
                Effect::Suspend => signals::stop_job(),
                Effect::StandAside => {
                    self.held.stand_aside();
                    signals::stop();
                    exit = exit.or(self.take_back());
                }
                // Who stood aside has taken it back already, and to set the terminal twice would cost a key.
                Effect::TakeBack if self.taken.is_some_and(|taken| taken.elapsed() < JUST) => {}
                Effect::TakeBack => exit = exit.or(self.take_back()),
                Effect::Leave(how) => exit = Some(how),
            }
        }
        exit
    }

    /// Closes the desk, and opens one on the target, if there is one to open. Without a target the last one is kept: it can
    /// be called again.
    fn turn_to(&mut self, target: Option<Target>) {
        let _ = self.desk.commands.send(Command::Close);
        self.open = target.is_some();
        let next = desk(target.clone(), self.memory.clone());
        let old = std::mem::replace(&mut self.desk, next);
        self.parting.push(old.news);
        self.target = target.or(self.target.take());
    }

    /// Looks a choice up on a thread of its own: that reads files, and may run a command.
    fn dial(&self, number: u64, call: Call) {
        let Some(dial) = self.app.book.dial.clone() else { return };
        let (before, sender) = (self.target.clone(), self.sender.clone());
        tokio::task::spawn_blocking(move || {
            let found = dial.find(&call, before).map(Box::new);
            // Whoever has left needs no answer.
            let _ = sender.blocking_send(Msg::Dialed(number, found));
        });
    }

    /// Takes the terminal again and draws it anew at the size it has now. Where it is gone we go too.
    fn take_back(&mut self) -> Option<Exit> {
        self.drawn = None;
        self.taken = Some(Instant::now());
        match self.held.take_back().and_then(|()| self.held.terminal().size()) {
            Ok(size) => self.take(Msg::Resize(size.width, size.height)),
            Err(_) => Some(Exit::HungUp),
        }
    }

    /// Draws a frame when one is wanted and due. A terminal that knows how shows it all at once.
    fn draw(&mut self) -> io::Result<Option<Exit>> {
        let now = Instant::now();
        if !self.app.changed || self.drawn.is_some_and(|drawn| now < drawn + FRAME) {
            return Ok(None);
        }
        let exit = self.take(Msg::Frame);
        self.app.changed = false;
        self.drawn = Some(now);
        let app = &self.app;
        let terminal = self.held.terminal();
        queue!(terminal.backend_mut(), BeginSynchronizedUpdate)?;
        terminal.draw(|frame| draw(app, frame))?;
        execute!(terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(exit)
    }
}

/// Waits for the desks to close their connections, so that nothing of ours goes on running on the server; not for ever,
/// and no longer than until somebody asks once more.
async fn farewell(desks: Vec<mpsc::Receiver<Msg>>, patience: Duration, inbox: &mut mpsc::Receiver<Msg>) {
    let patience = Instant::now() + patience;
    for mut news in desks {
        loop {
            tokio::select! {
                msg = news.recv() => if matches!(msg, None | Some(Msg::News(Event::Closed))) { break },
                msg = inbox.recv() => if matches!(msg, Some(Msg::Terminate)) { return },
                () = sleep_until(patience) => return,
            }
        }
    }
}

/// A desk on a target; without one, a desk with nobody at it.
fn desk(target: Option<Target>, memory: Option<PathBuf>) -> Intake {
    target.map_or_else(Intake::silent, |target| Intake::of(job::open(target, memory)))
}

fn lost(error: io::Error) -> Fault {
    Fault::new(Kind::Other, "The terminal is gone.").because(error.to_string())
}
