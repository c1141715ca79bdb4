//! The person's side: words that are no data. They go to standard error, for people as sentences, for pipelines as JSON.

use crate::cli::args::Look;
use crate::cli::exit::Exit;
use crate::config::{Env, When};
use crate::model::fault::Fault;
use crate::model::text::visible;
use crate::report::{Ink, Paper, fault};
use std::io::{self, IsTerminal, Write};

/// Where words go.
#[derive(Debug)]
pub(crate) struct Console {
    paper: Paper,
    /// Whether the reader is a machine.
    machine: bool,
    /// Whether only errors are said.
    quiet: bool,
    color: When,
    /// Notices said already, and for machines those still to be said.
    said: Vec<String>,
}

impl Console {
    /// The console before the configuration is known.
    pub(crate) fn new(look: &Look, machine: bool) -> Self {
        let color = match look.color.as_deref() {
            Some("always") => When::Always,
            Some("never") => When::Never,
            _ if Env::real().has("NO_COLOR") => When::Never,
            _ => When::Auto,
        };
        let paper = paper(color, &io::stderr());
        Self { paper, machine, quiet: look.quiet, color, said: Vec::new() }
    }

    /// What the configuration says of colour.
    pub(crate) fn looks(&mut self, color: When) {
        self.color = color;
        self.paper = paper(color, &io::stderr());
    }

    /// The paper standard output is.
    pub(crate) fn stdout(&self) -> Paper {
        paper(self.color, &io::stdout())
    }

    /// The paper a file is.
    pub(crate) fn file(&self) -> Paper {
        Paper { width: 80, color: self.color == When::Always }
    }

    /// Whether colour is wanted at all.
    pub(crate) fn color(&self) -> bool {
        self.color != When::Never
    }

    /// Whether only errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether progress may be shown: to a person, at a terminal, who wants to hear.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Says something once. A machine hears it when it is known whether there is an error, which then holds it.
    pub(crate) fn notice(&mut self, sentence: &str) {
        if self.quiet || self.said.iter().any(|said| said == sentence) {
            return;
        }
        self.said.push(sentence.to_owned());
        if !self.machine {
            self.note("note", sentence);
        }
    }

    /// Says something to a person only: what comes next, how to go on.
    pub(crate) fn aside(&self, sentence: &str) {
        if !self.quiet && !self.machine {
            self.note("note", sentence);
        }
    }

    fn note(&self, label: &str, sentence: &str) {
        let mut err = io::stderr().lock();
        let shown = visible(sentence);
        for (place, line) in self.paper.wrap(6, &shown).iter().enumerate() {
            let start =
                if place == 0 { self.paper.ink(Ink::Note, &format!("{label}:")) } else { "     ".to_owned() };
            // Nobody is left to hear when standard error is gone.
            let _ = writeln!(err, "{start} {line}");
        }
    }

    /// Says what a machine has not heard yet.
    pub(crate) fn flush(&mut self) {
        if self.machine {
            let mut err = io::stderr().lock();
            for sentence in self.said.drain(..) {
                let _ = fault::notice(&sentence, &mut err);
            }
        }
    }

    /// Says what went wrong.
    pub(crate) fn complain(&mut self, fault: &Fault, exit: Exit) {
        if self.machine {
            let notices = std::mem::take(&mut self.said);
            let _ = fault::json(fault, exit.code(), &notices, &mut io::stderr().lock());
        } else {
            let _ = fault::text(fault, &self.paper, &mut io::stderr().lock());
        }
    }
}

/// Says what is wrong with the command before there is a console: usage, always.
pub(crate) fn complain(fault: &Fault, machine: bool) {
    let look = Look { color: None, quiet: false };
    Console::new(&look, machine).complain(fault, Exit::Usage);
}

/// The paper a stream is.
fn paper(color: When, stream: &impl IsTerminal) -> Paper {
    let terminal = stream.is_terminal();
    let wide = if terminal {
        crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns))
    } else {
        None
    };
    Paper {
        width: wide.filter(|wide| *wide > 0).unwrap_or(80).clamp(40, 160),
        color: color == When::Always || (color == When::Auto && terminal),
    }
}
