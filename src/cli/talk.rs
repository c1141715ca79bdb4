//! Talking to the desk: one loop that hears its news, shows progress, and passes interrupts on. The first Ctrl-C stops the
//! work and lets what is known be told; the second leaves at once.

use crate::cli::console::Console;
use crate::cli::exit::Ended;
use crate::cli::interrupts::{Heard, Interrupts};
use crate::cli::meter::Meter;
use crate::cli::password;
use crate::cli::progress::Progress;
use crate::config;
use crate::job::{self, Command, Desk, Event, Wheel};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::run::News;
use crate::model::server::Server;
use crate::model::target::Target;
use crate::tui::{crash, signals};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A conversation with a desk that is connected.
pub(crate) struct Talk<'a> {
    desk: Desk,
    console: &'a mut Console,
    interrupts: Interrupts,
    progress: Progress,
    /// What to say to the desk when somebody interrupts.
    on_interrupt: Command,
    interrupted: bool,
    /// How a run goes, while one does.
    meter: Option<Meter>,
    /// How often somebody interrupted the run.
    asked: u8,
    /// Whether the terminal closed.
    hung_up: bool,
    /// Whether the shell wants us to stand still, and we wait until nothing is open.
    stilling: bool,
    connected: bool,
}

impl std::fmt::Debug for Talk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").field("interrupted", &self.interrupted).finish_non_exhaustive()
    }
}

/// Connects, lets the work be done, and closes what was opened, however the work ended. Besides what the work made, the
/// fault that came last is returned: a connection lost behind a result.
///
/// # Errors
/// What keeps from connecting, or what the work ended with.
pub(crate) fn with_desk<T>(
    target: &mut Target,
    console: &mut Console,
    work: impl AsyncFnOnce(&mut Talk<'_>, &Server) -> Result<T, Ended>,
) -> Result<(T, Option<Fault>), Ended> {
    remembering(target, None, console, work)
}

/// The same, with checks remembered below a state folder.
///
/// # Errors
/// As [`with_desk`].
pub(crate) fn remembering<T>(
    target: &mut Target,
    state: Option<PathBuf>,
    console: &mut Console,
    work: impl AsyncFnOnce(&mut Talk<'_>, &Server) -> Result<T, Ended>,
) -> Result<(T, Option<Fault>), Ended> {
    block_on(async {
        let (mut talk, server) = Talk::open(target, state, console).await?;
        let done = work(&mut talk, &server).await;
        if matches!(done, Err(Ended::Left)) {
            return Err(Ended::Left);
        }
        talk.progress.end();
        let last = talk.close().await?;
        Ok((done?, last))
    })
}

/// Runs work on a runtime of its own.
///
/// # Errors
/// What the work ends with.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Ended>>) -> Result<T, Ended> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Fault::new(Kind::Other, "The system gives waif no threads to work with.").because(error.to_string())
    })?;
    let done = runtime.block_on(work);
    // Whoever leaves at once does not wait for the server.
    runtime.shutdown_background();
    done
}

impl<'a> Talk<'a> {
    /// Opens a desk and waits for the connection. Asks for a password, once, where one would help.
    ///
    /// # Errors
    /// What keeps from connecting.
    async fn open(
        target: &mut Target,
        state: Option<PathBuf>,
        console: &'a mut Console,
    ) -> Result<(Self, Arc<Server>), Ended> {
        let interrupts = Interrupts::listen()?;
        let progress = Progress::new(console.shows_progress());
        let desk = job::open(target.clone(), state.clone());
        let mut talk = Self {
            desk,
            console,
            interrupts,
            progress,
            on_interrupt: Command::Stop,
            interrupted: false,
            meter: None,
            asked: 0,
            hung_up: false,
            stilling: false,
            connected: false,
        };
        match talk.connected().await {
            Err(Ended::Fault(fault)) if password::would_help(target, &fault) => {
                talk.progress.clear();
                let asked = target.clone();
                let password = tokio::task::spawn_blocking(move || password::ask(&asked)).await;
                target.password = Some(password.map_err(|_| Ended::Left)??);
                talk.progress = Progress::new(talk.console.shows_progress());
                talk.desk = job::open(target.clone(), state);
                let server = talk.connected().await?;
                Ok((talk, server))
            }
            Ok(server) => Ok((talk, server)),
            Err(ended) => Err(ended),
        }
    }

    async fn connected(&mut self) -> Result<Arc<Server>, Ended> {
        loop {
            match self.hear().await? {
                Event::Connected(server) => {
                    self.connected = true;
                    return Ok(server);
                }
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(gone()),
                _ => (),
            }
        }
    }

    /// Says something to the desk.
    pub(crate) fn say(&self, command: Command) {
        // A desk that is gone says so by an event.
        let _ = self.desk.commands.send(command);
    }

    /// What an interrupt shall stop from now on.
    pub(crate) fn on_interrupt(&mut self, command: Command) {
        self.on_interrupt = command;
    }

    /// From now on a run is followed: interrupts turn its wheel, twice, before anybody leaves.
    pub(crate) fn follow(&mut self) {
        self.progress.end();
        self.meter = Some(Meter::new(self.console.shows_progress(), self.console.is_quiet()));
        self.on_interrupt = Command::Steer(Wheel::Stop);
        self.interrupts.heed_stops();
        crash::report();
    }

    /// Whether the terminal closed meanwhile.
    pub(crate) fn hung_up(&self) -> bool {
        self.hung_up
    }

    /// Whether somebody interrupted.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// The next news that matters; what is only to be shown has been shown.
    ///
    /// # Errors
    /// When the person leaves at once, or the desk is gone without a word.
    pub(crate) async fn hear(&mut self) -> Result<Event, Ended> {
        loop {
            let ticks = self.progress.wants_ticks() || self.meter.is_some();
            tokio::select! {
                event = self.desk.events.recv() => match event {
                    None => return Err(gone()),
                    Some(Event::Notice(sentence)) => {
                        let console = &mut *self.console;
                        self.progress.aside(|| console.notice(&sentence));
                    }
                    Some(Event::Progress(progress)) => self.progress.hear(progress),
                    Some(Event::Planning(phase)) => self.progress.hear(job::Progress { phase, ..job::Progress::default() }),
                    Some(Event::Run(news)) => {
                        self.run_tells(&news);
                        if matches!(news, News::Ended(_)) {
                            return Ok(Event::Run(news));
                        }
                    }
                    Some(
                        Event::Sent(_)
                        | Event::Found(_)
                        | Event::Tallied { .. }
                        | Event::Remembered(_)
                        | Event::Compared(_),
                    ) => (),
                    Some(Event::Still) => self.stand_still(),
                    Some(event) => return Ok(event),
                },
                heard = self.interrupts.next() => self.obey(heard)?,
                () = tokio::time::sleep(Duration::from_millis(100)), if ticks => self.tick(),
            }
        }
    }

    fn tick(&mut self) {
        self.progress.tick();
        if let Some(line) = self.meter.as_mut().and_then(Meter::tick) {
            self.console.aside(&line);
        }
    }

    fn obey(&mut self, heard: Heard) -> Result<(), Ended> {
        match heard {
            Heard::End => self.interrupt(),
            // A shell that goes tells its jobs once more what the system told them: that is no second wish.
            Heard::HungUp if std::mem::replace(&mut self.hung_up, true) => Ok(()),
            Heard::HungUp => self.interrupt(),
            Heard::Stop => {
                if !std::mem::replace(&mut self.stilling, true) {
                    self.beside("Standing still when no transaction is open: after this batch or statement.");
                    self.say(Command::Steer(Wheel::Still(true)));
                }
                Ok(())
            }
        }
    }

    /// Nothing is open: the shell may have its way. Whoever is let go on lets the run go on.
    fn stand_still(&mut self) {
        if std::mem::take(&mut self.stilling) {
            signals::stop();
        }
        self.say(Command::Steer(Wheel::Still(false)));
    }

    /// Says something beside the bar.
    fn beside(&self, sentence: &str) {
        let console = &*self.console;
        match &self.meter {
            Some(meter) => meter.aside(|| console.aside(sentence)),
            None => console.aside(sentence),
        }
    }

    fn run_tells(&mut self, news: &News) {
        crash::follow(news);
        debug_assert!(!matches!(news, News::Retry(_)) || !config::breaks_off(), "a test asked for it");
        let Some(meter) = &mut self.meter else { return };
        for line in meter.hear(news) {
            let console = &*self.console;
            meter.aside(|| console.aside(&line));
        }
    }

    /// The first wish to stop a run lets its batch end, the second interrupts it, the third leaves.
    fn interrupt_run(&mut self) -> Result<(), Ended> {
        self.asked += 1;
        let sentence = match self.asked {
            1 => "Stopping after this batch. Ctrl-C again interrupts it, and a third time leaves at once.",
            2 => "Interrupting: the batch is rolled back. Ctrl-C again leaves at once.",
            _ => return Err(Ended::Left),
        };
        self.beside(sentence);
        self.say(self.on_interrupt.clone());
        Ok(())
    }

    fn interrupt(&mut self) -> Result<(), Ended> {
        if self.meter.is_some() {
            return self.interrupt_run();
        }
        // Before the connection stands there is nothing to stop and nothing to tell.
        if self.interrupted || !self.connected {
            self.progress.end();
            return Err(Ended::Left);
        }
        self.interrupted = true;
        let console = &*self.console;
        self.progress.aside(|| console.aside("Stopping. Ctrl-C once more leaves at once."));
        self.say(self.on_interrupt.clone());
        Ok(())
    }

    /// Asks for the catalog and waits for it.
    ///
    /// # Errors
    /// What keeps from reading it.
    pub(crate) async fn catalog(&mut self) -> Result<Arc<Catalog>, Ended> {
        self.say(Command::Catalog);
        loop {
            match self.hear().await? {
                Event::Cataloged(catalog) => return Ok(catalog),
                Event::Failed(fault) => return Err(fault.into()),
                Event::Closed => return Err(gone()),
                _ => (),
            }
        }
    }

    /// Closes the desk and waits until it has closed its connections. A fault that came last is returned.
    async fn close(mut self) -> Result<Option<Fault>, Ended> {
        self.say(Command::Close);
        let mut last = None;
        loop {
            match self.hear().await {
                Ok(Event::Failed(fault)) => last = Some(fault),
                Ok(Event::Closed) | Err(Ended::Fault(_)) => return Ok(last),
                Ok(_) => (),
                Err(Ended::Left) => return Err(Ended::Left),
            }
        }
    }
}

/// The desk went without saying why. It always says why; if it ever does not, that must not look like an answer.
pub(crate) fn gone() -> Ended {
    Fault::new(Kind::Other, "The work ended before it was done.")
        .hint("This is a defect of waif. Please report what you did.")
        .into()
}
