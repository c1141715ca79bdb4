//! Mistakes found while reading the configuration: gathered, so that one run tells them all.

use super::usage;
use crate::model::fault::Fault;
use crate::model::text::visible;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Where: `~/.config/waif/config.toml:12`, a variable, a flag.
    pub at: String,
    /// What, as a sentence.
    pub what: String,
    /// What to do, as a sentence.
    pub hint: Option<String>,
}

impl Mistake {
    /// A mistake.
    pub fn new(at: impl ToString, what: impl Into<String>) -> Self {
        Self { at: at.to_string(), what: what.into(), hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(visible(&hint.into()).into_owned());
        self
    }
}

/// One fault for all mistakes; none for none.
pub(super) fn fault(mut mistakes: Vec<Mistake>) -> Option<Fault> {
    if mistakes.len() > 1 {
        let count = mistakes.len();
        let headline = format!("The configuration has {count} mistakes.");
        let told = mistakes.into_iter().fold(usage(headline), |fault, mistake| {
            let hint = mistake.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
            fault.because(format!("{}: {}{hint}", mistake.at, mistake.what))
        });
        return Some(told.hint("waif config path lists the files that are read."));
    }
    mistakes.pop().map(|mistake| {
        let fault = usage(format!("{}: {}", mistake.at, mistake.what));
        match mistake.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    })
}
