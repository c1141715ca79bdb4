//! The effective configuration: settings turned into what the rest of the house understands.

use super::env::Env;
use super::key::meant;
use super::mistake::Mistake;
use super::profile::Profile;
use super::settings::{Setting, Settings};
use super::ui::{Theme, Ui, When};
use super::value::{Value, quoted};
use crate::model::copy::Copy;
use crate::model::finding::Severity;
use crate::model::policy::Policy;
use crate::model::scope::{Scope, Snapshot};
use std::collections::BTreeMap;

/// The effective configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What to make of findings.
    pub policy: Policy,
    /// Declared copies.
    pub copies: Vec<Copy>,
    /// How things should look.
    pub ui: Ui,
    /// What is odd but no mistake, a sentence each, to be shown once.
    pub notices: Vec<String>,
    pub(super) settings: Settings,
    pub(super) profiles: BTreeMap<String, Profile>,
}

impl Default for Config {
    /// What holds when nobody says anything, on a terminal that speaks UTF-8.
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            copies: Vec::new(),
            ui: Ui::default(),
            notices: Vec::new(),
            settings: Settings::defaults(),
            profiles: BTreeMap::new(),
        }
    }
}

impl Config {
    pub(super) fn made_of(
        settings: Settings,
        notices: Vec<String>,
        env: &Env,
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let profiles: BTreeMap<String, Profile> = settings
            .profiles
            .iter()
            .map(|(name, section)| (name.clone(), Profile::new(name, section)))
            .collect();
        let copies = settings.copies.iter().map(|(copy, _)| copy.clone()).collect();
        let (policy, ui) = (policy(&settings), ui(&settings, env));
        let config = Self { policy, copies, ui, notices, settings, profiles };
        if let Some(name) = config.default_profile().filter(|name| config.profile(name).is_none()) {
            let names = config.profiles.keys().map(String::as_str);
            let near = meant(name, names).map_or(String::new(), |near| format!(" Did you mean {near}?"));
            if let Some(setting) = config.settings.keys.get("default_profile") {
                let what = format!("default_profile is {}, which is no profile.{near}", quoted(name));
                mistakes.push(Mistake::new(&setting.source, what));
            }
        }
        config
    }

    /// How much to inspect, and within which limits. The limits of the profile count over those of the files, and
    /// under those of the environment and the flags.
    pub fn scope(&self, profile: Option<&str>) -> Scope {
        let profile = profile.and_then(|name| self.profile(name));
        let pick = |check: &'static str, limit: &str| -> Option<&Value> {
            let own = self.settings.keys.get(check)?;
            let limit =
                profile.and_then(|profile| profile.setting(limit)).filter(|_| !own.source.above_files());
            Some(&limit.unwrap_or(own).value)
        };
        let texts = |key| self.value(key).map_or(Vec::new(), |value| value.texts().to_vec());
        let default = Scope::default();
        let time = |value: Option<&Value>| value.and_then(Value::time);
        let jobs = pick("check.jobs", "limits.jobs")
            .and_then(Value::whole)
            .and_then(|jobs| usize::try_from(jobs).ok());
        let snapshot = pick("check.snapshot", "limits.snapshot").and_then(Value::text);
        Scope {
            only: texts("check.only"),
            skip: texts("check.skip"),
            time_limit: time(pick("check.time_limit", "limits.time_limit")),
            statement_timeout: time(pick("check.statement_timeout", "limits.statement_timeout")),
            lock_timeout: time(pick("check.lock_timeout", "limits.lock_timeout"))
                .unwrap_or(default.lock_timeout),
            max_rows: pick("check.max_rows", "limits.max_rows").and_then(Value::whole),
            jobs: jobs.unwrap_or(default.jobs),
            snapshot: if snapshot == Some("per-relation") { Snapshot::PerRelation } else { Snapshot::One },
            verify: self.value("check.verify").is_some_and(Value::yes),
            ..default
        }
    }

    /// Whether checks are saved.
    pub fn history(&self) -> bool {
        self.value("check.history").is_some_and(Value::yes)
    }

    /// A profile by its name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// Whether a profile allows armed runs to write; without one nothing does.
    pub fn allows_writes(&self, named: Option<&str>) -> bool {
        named.is_some() && self.profiles().any(|profile| named == Some(profile.name()) && profile.writes())
    }

    /// All profiles, by name.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// The name of the profile to use when nothing else names a target: the one that is configured, or the only one.
    pub fn default_profile(&self) -> Option<&str> {
        let named = self.value("default_profile").and_then(Value::text).filter(|name| !name.is_empty());
        let only = || self.profiles.keys().next().filter(|_| self.profiles.len() == 1).map(String::as_str);
        named.or_else(only)
    }

    /// The file of the user's own keys, when one is named.
    pub(super) fn keymap(&self) -> Option<&str> {
        self.value(super::keys::KEY).and_then(Value::text).filter(|path| !path.is_empty())
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.settings.keys.get(key).map(|setting| &setting.value)
    }
}

fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.word() == word)
}

fn policy(settings: &Settings) -> Policy {
    let by_rule =
        |(rule, setting): (&String, &Setting)| Some((rule.clone(), severity(setting.value.text()?)?));
    let fail_on = settings.keys.get("policy.fail_on").and_then(|setting| setting.value.text());
    Policy {
        fail_on: fail_on.and_then(severity),
        severity: settings.severity.iter().filter_map(by_rule).collect(),
        suppress: settings.suppress.iter().map(|(suppress, _)| suppress.clone()).collect(),
    }
}

fn ui(settings: &Settings, env: &Env) -> Ui {
    let word =
        |key: &str| settings.keys.get(key).and_then(|setting| setting.value.text()).unwrap_or_default();
    let when = |key: &str| {
        When::ALL.iter().find(|(name, _)| *name == word(key)).map_or(When::Auto, |(_, when)| *when)
    };
    let dumb = env.text("TERM").ok().flatten() == Some("dumb");
    let ascii = match when("ui.ascii") {
        When::Auto => !env.speaks_utf8(),
        when => when == When::Always,
    };
    Ui {
        theme: Theme::ALL
            .iter()
            .find(|(name, _)| *name == word("ui.theme"))
            .map_or(Theme::System, |(_, theme)| *theme),
        ascii,
        color: if when("ui.color") == When::Auto && dumb { When::Never } else { when("ui.color") },
        mouse: settings.keys.get("ui.mouse").is_some_and(|setting| setting.value.yes()),
        bell: settings.keys.get("ui.bell").is_none_or(|setting| setting.value.yes()),
        watch: settings
            .keys
            .get("ui.watch")
            .and_then(|setting| setting.value.time())
            .unwrap_or(Ui::default().watch),
    }
}
