//! Faults: whatever can go wrong, classified so that the rest of the house need not know codes. Drivers make most of
//! them, `config` those of usage; `audit`, `repair` and `job` decide by [`Kind`]; front ends print headline, causes and
//! hint, and turn the kind into an exit code.

use crate::model::text::visible;
use std::fmt;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its class.
    pub kind: Kind,
    /// What happened, as a sentence, names made visible.
    pub headline: String,
    /// What the server or system said, outermost first, made visible.
    pub causes: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The engine's code, for instance SQLSTATE `42501`.
    pub code: Option<String>,
}

/// Classes of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for makes no sense: a wrong flag, a malformed configuration, an unknown relation.
    Usage,
    /// Could not connect: unknown host, refused, wrong password, TLS, not a database.
    Unreachable,
    /// The connection was lost.
    Lost,
    /// A lock or the file was held by others for longer than allowed.
    Busy,
    /// The statement ran longer than allowed.
    TimedOut,
    /// Somebody cancelled the statement.
    Interrupted,
    /// A right is missing.
    Denied,
    /// Row security would have hidden rows.
    RowSecurity,
    /// A constraint refused.
    Constraint,
    /// An object is missing: it changed beneath us.
    Missing,
    /// The server cannot do this.
    Unsupported,
    /// Serialization failure, deadlock or recovery conflict.
    Conflict,
    /// A statement touched other rows than it must: its transaction was rolled back.
    Unexpected,
    /// COMMIT went out and no answer came back.
    UnknownOutcome,
    /// Anything else.
    Other,
}

impl Kind {
    /// Whether the same statement may be tried again on a new transaction.
    pub fn may_retry(self) -> bool {
        matches!(self, Self::Busy | Self::Conflict)
    }
}

impl Fault {
    /// A fault with a headline and nothing else.
    pub fn new(kind: Kind, headline: impl Into<String>) -> Self {
        let headline = headline.into();
        Self { kind, headline: visible(&headline).into_owned(), causes: Vec::new(), hint: None, code: None }
    }

    /// Adds what the server or system said.
    #[must_use]
    pub fn because(mut self, cause: impl AsRef<str>) -> Self {
        let cause = visible(cause.as_ref()).into_owned();
        if !cause.is_empty() && self.causes.last() != Some(&cause) && cause != self.headline {
            self.causes.push(cause);
        }
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the engine's code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.causes.is_empty() {
            return f.write_str(&self.headline);
        }
        f.write_str(self.headline.trim_end_matches('.'))?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Fault {}
