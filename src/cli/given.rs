//! From what was typed to what it means: flags become keys of the configuration, and with it the target is found.

use crate::cli::args::{Limits, Look, Place, Screen, Target};
use crate::cli::console::Console;
use crate::config::{self, Config, Env, Given, Resolved};
use crate::job;
use crate::model::fault::Fault;
use crate::model::scope::Scope;
use crate::model::target;
use std::path::PathBuf;

/// What the flags that every verb takes give.
pub(crate) fn given(place: &Place, look: &Look) -> Given {
    let given = Given {
        profile: place.profile.clone(),
        config: place.config.clone(),
        rules: job::RULES.iter().map(|rule| rule.name).collect(),
        ..Given::default()
    };
    given.with(look)
}

/// Flags that stand for keys of the configuration.
pub(crate) trait Flags {
    /// Each key with what was typed.
    fn flags(&self) -> Vec<(&'static str, String)>;
}

/// Adding to what is given.
pub(crate) trait With: Sized {
    /// Adds flags.
    #[must_use]
    fn with(self, flags: &impl Flags) -> Self;
    /// Adds the target.
    #[must_use]
    fn at(self, target: Target) -> Self;
}

impl With for Given {
    fn with(mut self, flags: &impl Flags) -> Self {
        self.flags.extend(flags.flags());
        self
    }

    fn at(self, target: Target) -> Self {
        Self { target: target.target, ..self }
    }
}

fn typed(key: &'static str, text: Option<&String>) -> Option<(&'static str, String)> {
    text.map(|text| (key, text.clone()))
}

fn set(key: &'static str, yes: bool) -> Option<(&'static str, String)> {
    yes.then(|| (key, "true".to_owned()))
}

impl Flags for Look {
    fn flags(&self) -> Vec<(&'static str, String)> {
        typed("ui.color", self.color.as_ref()).into_iter().collect()
    }
}

impl Flags for Screen {
    fn flags(&self) -> Vec<(&'static str, String)> {
        [
            typed("ui.theme", self.theme.as_ref()),
            typed("ui.ascii", self.ascii.as_ref()),
            set("ui.mouse", self.mouse),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Flags for Limits {
    fn flags(&self) -> Vec<(&'static str, String)> {
        let only = self.only.iter().map(|pattern| Some(("check.only", pattern.clone())));
        let skip = self.skip.iter().map(|pattern| Some(("check.skip", pattern.clone())));
        only.chain(skip)
            .chain([
                typed("check.time_limit", self.time_limit.as_ref()),
                typed("check.statement_timeout", self.statement_timeout.as_ref()),
                typed("check.lock_timeout", self.lock_timeout.as_ref()),
                typed("check.max_rows", self.max_rows.as_ref()),
                typed("check.jobs", self.jobs.as_ref()),
                typed("check.snapshot", self.snapshot.as_ref()),
                set("check.verify", self.verify),
            ])
            .flatten()
            .collect()
    }
}

/// What a verb stands on: the configuration as it applies, and the database it is about.
pub(crate) struct Ground {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub target: target::Target,
    /// Whether checks of it are remembered.
    pub remembered: bool,
}

impl Ground {
    /// Loads the configuration and finds the target.
    ///
    /// # Errors
    /// Usage, when either makes no sense, or when nothing names a target.
    pub(crate) fn find(given: &Given, console: &mut Console) -> Result<Self, Fault> {
        let (config, _, resolved) = look(given, console)?;
        match resolved {
            Resolved::Target(target) => {
                let remembered = config.history();
                Ok(Self { config, target: *target, remembered })
            }
            Resolved::NothingGiven { tried } => Err(config::target::nothing_given(&tried)),
        }
    }

    /// The folder where checks are remembered, if they are.
    pub(crate) fn memory(&self, console: &mut Console) -> Option<PathBuf> {
        self.remembered.then(|| memory(&self.config, &Env::real(), console)).flatten()
    }

    /// Whether the profile the target came from allows writes.
    pub(crate) fn allows_writes(&self) -> bool {
        self.config.allows_writes(self.target.profile.as_deref())
    }

    /// How much to inspect, and within which limits.
    pub(crate) fn scope(&self) -> Scope {
        self.config.scope(self.target.profile.as_deref())
    }
}

/// Loads the configuration and looks for a target.
///
/// # Errors
/// Usage, when either makes no sense.
pub(crate) fn look(given: &Given, console: &mut Console) -> Result<(Config, Env, Resolved), Fault> {
    let env = Env::real();
    let config = config::load(given, &env)?;
    console.looks(config.ui.color);
    config.notices.iter().for_each(|notice| console.notice(notice));
    let resolved = config::resolve(given, &config, &env)?;
    Ok((config, env, resolved))
}

/// The folder where checks are remembered, if the configuration has it so. One that cannot be made is said once and no
/// reason to stop.
pub(crate) fn memory(config: &Config, env: &Env, console: &mut Console) -> Option<PathBuf> {
    if !config.history() {
        return None;
    }
    match config::state_folder(env) {
        Ok(folder) => Some(folder),
        Err(fault) => {
            console.notice(&format!("Checks are not saved for later comparison: {fault}."));
            None
        }
    }
}
