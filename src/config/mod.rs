//! Configuration: layers, profiles, and where connection parameters come from. The only reader of the environment.
//! Called by the front ends, which pass what was typed as [`Given`] and get plain data of `model` back.

pub mod env;
pub mod given;
pub mod target;
pub mod ui;

pub use env::Env;
pub use given::Given;
pub use target::{Resolved, resolve};
pub use ui::{Theme, Ui, When};

use crate::model::fault::{Fault, Kind};
use crate::model::policy::Policy;
use crate::model::scope::Scope;

/// The effective configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// What to make of findings.
    pub policy: Policy,
    /// How things should look.
    pub ui: Ui,
    /// What is odd but no mistake, a sentence each, to be shown once.
    pub notices: Vec<String>,
}

impl Config {
    /// How much to inspect, and within which limits. The limits of the profile count over those of the files, and
    /// under those of the environment and the flags.
    pub fn scope(&self, _profile: Option<&str>) -> Scope {
        Scope::default()
    }
}

/// A fault of usage: what was typed or configured makes no sense.
fn usage(headline: impl Into<String>) -> Fault {
    Fault::new(Kind::Usage, headline)
}
