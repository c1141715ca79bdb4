//! What was typed: the front end's arguments, not yet understood.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// What the command line said. `Debug` shows no target: it may hold a password.
#[derive(Clone, Default)]
pub struct Given {
    /// TARGET: a URL, a file, a profile, `service=NAME` or libpq's `key=value` words.
    pub target: Option<OsString>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Flags that stand for a configuration key, as (key, what was typed): `("check.jobs", "4")`. A flag given several
    /// times stands here several times.
    pub flags: Vec<(&'static str, String)>,
    /// The names of the rules, so that a misspelt one in the configuration is noticed.
    pub rules: Vec<&'static str>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given")
            .field("target", &self.target.as_ref().map(|_| "…"))
            .field("profile", &self.profile)
            .field("config", &self.config)
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}
