//! `waif config show`, `validate` and the example: the configuration as a person reads it.

use super::Config;
use super::env::Env;
use super::given::Given;
use super::key::{KEYS, PROFILE_KEYS};
use super::settings::Setting;
use super::value::{bare, quoted};
use crate::model::fault::Fault;

/// A configuration file with every key, its default, and what it does.
pub fn example() -> &'static str {
    include_str!("../../config.example.toml")
}

/// Reads everything and says whether it makes sense; the notices, a sentence each.
///
/// # Errors
/// Usage, telling every mistake with its file and line.
pub fn validate(given: &Given, env: &Env) -> Result<Vec<String>, Fault> {
    super::load(given, env).map(|config| config.notices)
}

/// The effective configuration as TOML, with where each value came from beside it. Passwords and commands, which may
/// hold one, show as three stars.
pub fn show(config: &Config) -> String {
    let mut lines = Vec::new();
    let mut section = "";
    for key in KEYS {
        let Some(setting) = config.settings.keys.get(key.path) else { continue };
        let (own, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if own != section {
            section = own;
            lines.extend([Line::Blank, Line::Plain(format!("[{section}]"))]);
        }
        lines.push(Line::pair(name, setting));
    }
    if !config.settings.severity.is_empty() {
        lines.extend([Line::Blank, Line::Plain("[severity]".to_owned())]);
        lines.extend(config.settings.severity.iter().map(|(rule, setting)| Line::pair(&bare(rule), setting)));
    }
    for (suppress, source) in &config.settings.suppress {
        lines.extend([Line::Blank, Line::Sourced("[[suppress]]".to_owned(), source.to_string())]);
        let keys = [("rule", &suppress.rule), ("object", &suppress.object), ("reason", &suppress.reason)];
        lines.extend(keys.map(|(name, text)| Line::Plain(format!("{name} = {}", quoted(text)))));
    }
    for (copy, source) in &config.settings.copies {
        lines.extend([Line::Blank, Line::Sourced("[[copy]]".to_owned(), source.to_string())]);
        let keys = [("column", &copy.column), ("from", &copy.from), ("along", &copy.along)];
        lines.extend(keys.map(|(name, text)| Line::Plain(format!("{name} = {}", quoted(text)))));
    }
    for profile in config.profiles() {
        let source = profile.section().source.to_string();
        lines.extend([Line::Blank, Line::Sourced(format!("[profile.{}]", bare(profile.name())), source)]);
        let set = PROFILE_KEYS
            .iter()
            .filter_map(|key| profile.setting(key.path).map(|setting| (key.path, setting)));
        lines.extend(set.map(|(path, setting)| match (path, profile.text("url")) {
            ("url", Some(url)) => {
                let shown = quoted(&super::target::url_without_password(url));
                Line::Sourced(format!("url = {shown}"), setting.source.to_string())
            }
            _ => Line::pair(path, setting),
        }));
    }
    written(&lines)
}

/// A line of what is shown.
enum Line {
    Blank,
    Plain(String),
    Sourced(String, String),
}

impl Line {
    fn pair(name: &str, setting: &Setting) -> Self {
        Self::Sourced(format!("{name} = {}", setting.value.toml()), setting.source.to_string())
    }
}

/// The lines with their sources in one column, as far as lines are not long.
fn written(lines: &[Line]) -> String {
    let text = |line: &Line| match line {
        Line::Blank => String::new(),
        Line::Plain(text) => text.clone(),
        Line::Sourced(text, source) => format!("{text:<36}  # {source}"),
    };
    lines.iter().map(|line| text(line) + "\n").collect()
}
