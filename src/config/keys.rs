//! The user's own keys: which file holds them, and its text. What the keys mean is the inspector's to say, so the text is
//! handed over as it is.

use super::Config;
use super::env::Env;
use super::load::text;
use super::mistake::{self, Mistake};
use super::paths::Looked;
use super::settings::Settings;
use super::source::Source;
use super::value::Value;
use crate::model::fault::Fault;
use std::path::{Path, PathBuf};

/// The key that names the file.
pub(super) const KEY: &str = "ui.keymap";

/// The user's own keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The file, as a person may see its path.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Reads the user's own keys, where there are any.
///
/// # Errors
/// Usage, when the file cannot be read, or is not there though it was named.
pub fn keys(config: &Config, env: &Env) -> Result<Option<Keys>, Fault> {
    let Some(file) = file(Some(config), env) else { return Ok(None) };
    let mut mistakes = Vec::new();
    let text = text(&file, env, &mut mistakes);
    match mistake::fault(mistakes) {
        Some(fault) => Err(fault.hint("Make the file readable, or take ui.keymap out of the configuration.")),
        None => Ok(text.map(|text| Keys { file: env.shown(&file.path), text })),
    }
}

/// Where they are looked for: where `ui.keymap` says, otherwise beside the user's configuration.
pub(super) fn file(config: Option<&Config>, env: &Env) -> Option<Looked> {
    let named = config.and_then(|config| config.keymap()).map(PathBuf::from);
    let is_named = named.is_some();
    let path = named.or_else(|| env.config_folder.as_ref().map(|folder| folder.join("keymap.toml")))?;
    Some(Looked { whose: "keys", exists: path.exists(), path, named: is_named, trusted: true })
}

/// Makes what a layer says of the file a whole path: it is relative to the folder of who says it. A file that merely
/// lies in the current folder says nothing of it: it can have come with somebody else's files, and would change what the
/// keys under a person's fingers do.
pub(super) fn anchor(
    settings: &mut Settings,
    folder: &Path,
    trusted: bool,
    env: &Env,
    mistakes: &mut Vec<Mistake>,
) {
    let Some(setting) = settings.keys.get_mut(KEY) else { return };
    if !trusted && matches!(setting.source, Source::File { .. }) {
        let what = "ui.keymap changes what keys do, and a file in the current folder may not do that.";
        let hint = "Move it to your own configuration, or name this file with --config to trust it.";
        return mistakes.push(Mistake::new(&setting.source, what).hint(hint));
    }
    let Some(text) = setting.value.text().filter(|text| !text.is_empty()) else { return };
    let path = match (text.strip_prefix("~/"), &env.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(text),
    };
    setting.value = Value::Text(path.to_string_lossy().into_owned());
}
