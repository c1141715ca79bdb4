//! Loading: every layer read, laid over the weaker ones, and turned into a [`Config`].

use super::Config;
use super::env::Env;
use super::file::File;
use super::given::Given;
use super::key::{KEYS, Key, meant};
use super::mistake::{self, Mistake};
use super::paths::{Looked, files};
use super::profile::Profile;
use super::settings::{Setting, Settings};
use super::source::Source;
use super::value::{Shape, Value, quoted};
use crate::model::fault::Fault;
use crate::model::text::visible;
use std::io::Read;

/// Loads the configuration: built-in defaults, the machine's file, the user's, the one in the current folder, the one
/// named, the environment and the flags, each over those before.
///
/// # Errors
/// Usage, telling every mistake with its file and line.
pub fn load(given: &Given, env: &Env) -> Result<Config, Fault> {
    let mut mistakes = Vec::new();
    let mut settings = Settings::defaults();
    for file in files(given, env)? {
        if let Some(text) = text(&file, env, &mut mistakes) {
            settings.lay(read(&file, &text, given, env, &mut mistakes));
        }
    }
    let mut notices = Vec::new();
    let mut variables = variables(env, &mut mistakes, &mut notices)?;
    super::keys::anchor(&mut variables, &env.here, true, env, &mut mistakes);
    settings.lay(variables);
    settings.lay(flags(given, &mut mistakes));
    let config = Config::made_of(settings, notices, env, &mut mistakes);
    match mistake::fault(mistakes) {
        Some(fault) => Err(fault),
        None => Ok(config),
    }
}

fn read(file: &Looked, text: &str, given: &Given, env: &Env, mistakes: &mut Vec<Mistake>) -> Settings {
    let shown = env.shown(&file.path);
    let folder = file.path.parent().unwrap_or(&env.here).to_owned();
    let before = mistakes.len();
    let mut settings =
        File { shown: &shown, text, folder, trusted: file.trusted, rules: &given.rules, mistakes }.read();
    let folder = file.path.parent().unwrap_or(&env.here);
    super::keys::anchor(&mut settings, folder, file.trusted, env, mistakes);
    let profiles: Vec<Profile> =
        settings.profiles.iter().map(|(name, section)| Profile::new(name, section)).collect();
    // A key that could not be read would be told a second time as one that is missing.
    if mistakes.len() == before {
        mistakes.extend(profiles.iter().flat_map(|profile| profile.mistakes(env)));
    }
    mistakes.extend(super::rights::mistake(&file.path, &shown, &profiles));
    settings
}

/// More than a configuration ever holds: what is longer was named by mistake, and may never end.
const LONGEST: u64 = 1 << 20;

/// The text of a file; none when it is not there and need not be.
pub(super) fn text(file: &Looked, env: &Env, mistakes: &mut Vec<Mistake>) -> Option<String> {
    let shown = env.shown(&file.path);
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(&file.path).and_then(|open| open.take(LONGEST + 1).read_to_end(&mut bytes));
    let what = match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !file.named => return None,
        Err(error) => format!("this file cannot be read: {}.", visible(&error.to_string())),
        Ok(_) if bytes.len() as u64 > LONGEST => {
            "this file is longer than 1 MiB: it is no configuration.".to_owned()
        }
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(error) => {
                let line =
                    error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
                let at = Source::File { file: shown, line };
                mistakes.push(Mistake::new(at, "this line is not valid UTF-8."));
                return None;
            }
        },
    };
    mistakes.push(Mistake::new(shown, what));
    None
}

/// What `WAIF_…` variables say, and `NO_COLOR`.
fn variables(env: &Env, mistakes: &mut Vec<Mistake>, notices: &mut Vec<String>) -> Result<Settings, Fault> {
    let mut settings = Settings::default();
    if env.has("NO_COLOR") {
        let setting = Setting {
            value: Value::Text("never".to_owned()),
            source: Source::Variable("NO_COLOR".to_owned()),
        };
        settings.keys.insert("ui.color", setting);
    }
    for key in KEYS {
        let variable = key.variable();
        if let Some(text) = env.text(&variable)? {
            match key.shape.read_text(text) {
                Some(value) => {
                    settings.keys.insert(key.path, Setting { value, source: Source::Variable(variable) });
                }
                None => mistakes.push(wrong(&variable, key, text)),
            }
        }
    }
    notices.extend(strangers(env));
    Ok(settings)
}

/// `WAIF_…` variables that mean nothing: most likely misspelt.
fn strangers(env: &Env) -> Vec<String> {
    let known: Vec<String> = super::env::variables().into_iter().map(|variable| variable.name).collect();
    let names = env.vars.keys().map(|name| name.to_string_lossy());
    let strange = names.filter(|name| name.starts_with("WAIF_") && !known.iter().any(|known| known == name));
    let told = |name: std::borrow::Cow<'_, str>| {
        let near = meant(&name, known.iter().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!(" Did you mean {near}?"));
        format!("The variable {} means nothing to waif.{near}", visible(&name))
    };
    strange.map(told).collect()
}

/// What flags say. A flag that takes a list adds one item each time it is given.
fn flags(given: &Given, mistakes: &mut Vec<Mistake>) -> Settings {
    let mut settings = Settings::default();
    for (path, text) in &given.flags {
        let Some(key) = KEYS.iter().find(|key| key.path == *path) else {
            mistakes.push(Mistake::new(path, "no key stands behind this flag."));
            continue;
        };
        let flag = key.flag.unwrap_or(key.path);
        let before = settings.keys.get(key.path).map_or(&[][..], |setting: &Setting| setting.value.texts());
        let value = match key.shape {
            Shape::Texts => Some(Value::Texts(before.iter().cloned().chain([text.clone()]).collect())),
            shape => shape.read_text(text),
        };
        match value {
            Some(value) => {
                drop(settings.keys.insert(key.path, Setting { value, source: Source::Flag(flag) }))
            }
            None => mistakes.push(wrong(flag, key, text)),
        }
    }
    settings
}

fn wrong(at: &str, key: &Key, text: &str) -> Mistake {
    let near = match key.shape {
        Shape::Word(words) => meant(text, words.iter().copied()),
        _ => None,
    };
    let near = near.map_or(String::new(), |near| format!(" Did you mean {near}?"));
    Mistake::new(at, format!("{} is not {}.{near}", quoted(text), key.shape.expected()))
}
