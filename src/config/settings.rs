//! Settings: values with their origins, laid over each other from the weakest layer to the strongest.

use super::key::{KEYS, Key};
use super::source::Source;
use super::value::Value;
use crate::model::copy::Copy;
use crate::model::policy::Suppress;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub value: Value,
    pub source: Source,
}

/// What one `[profile.NAME]` says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    /// Where it begins.
    pub source: Source,
    /// The folder of its file: relative paths start there.
    pub folder: PathBuf,
    /// The keys it sets, by their path below the profile.
    pub keys: BTreeMap<&'static str, Setting>,
}

/// What a layer, or all of them together, say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// The fixed keys.
    pub keys: BTreeMap<&'static str, Setting>,
    /// `[severity]`, by rule.
    pub severity: BTreeMap<String, Setting>,
    /// `[[suppress]]`, in the order of the layers.
    pub suppress: Vec<(Suppress, Source)>,
    /// `[[copy]]`, in the order of the layers.
    pub copies: Vec<(Copy, Source)>,
    /// `[profile.NAME]`.
    pub profiles: BTreeMap<String, Section>,
}

impl Settings {
    /// What holds when nobody says anything.
    pub fn defaults() -> Self {
        let value = |key: &Key| key.default.and_then(|text| key.shape.read_text(text));
        let setting =
            |key: &Key| value(key).map(|value| (key.path, Setting { value, source: Source::Default }));
        Self { keys: KEYS.iter().filter_map(setting).collect(), ..Self::default() }
    }

    /// Lays a stronger layer over this one. Keys and severities are replaced one by one; suppressions add up. A profile
    /// is replaced whole: half a profile from one file and half from another could send a password to a host that its
    /// owner never named.
    pub fn lay(&mut self, stronger: Self) {
        self.keys.extend(stronger.keys);
        self.severity.extend(stronger.severity);
        self.suppress.extend(stronger.suppress);
        self.copies.extend(stronger.copies);
        self.profiles.extend(stronger.profiles);
    }
}
