//! Configuration: layers, profiles, and where connection parameters come from. The only reader of the environment.
//! Called by the front ends, which pass what was typed as [`Given`] and get plain data of `model` back.
//!
//! The layers, each over those before: built-in defaults, `/etc/waif/config.toml`, the user's `config.toml`, `waif.toml`
//! in the current folder, `--config`, the environment, the flags.

pub mod effective;
pub mod env;
mod file;
pub mod given;
pub mod key;
mod keys;
mod load;
mod mistake;
pub mod paths;
pub mod profile;
mod rights;
mod settings;
mod show;
pub mod source;
pub mod target;
pub mod ui;
mod value;

#[cfg(test)]
mod tests;

pub use effective::Config;
pub use env::{Env, breaks_off};
pub use given::Given;
pub use keys::{Keys, keys};
pub use load::load;
pub use paths::{paths, state_folder};
pub use profile::Profile;
pub use show::{example, show, validate};
pub use target::{Choice, Field, Parts, Resolved, choose, nothing_given, resolve};
pub use ui::{Theme, Ui, When};
pub use value::time;

use crate::model::fault::{Fault, Kind};

/// A fault of usage: what was typed or configured makes no sense.
fn usage(headline: impl Into<String>) -> Fault {
    Fault::new(Kind::Usage, headline)
}
