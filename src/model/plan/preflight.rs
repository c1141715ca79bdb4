//! What was looked at before a plan, and what was found: also where nothing stands against it, so that a person sees what
//! was asked and what was not.

use serde::{Deserialize, Serialize};

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// What, in a word or two.
    pub what: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found, as a sentence, names made visible.
    pub sentence: String,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing stands against it.
    Passed,
    /// A person should know it first.
    Warned,
    /// It stands against the plan: a refusal tells.
    Refused,
    /// It cannot be found out from here: a person has to look.
    Unknown,
}

impl Outcome {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warned => "warn",
            Self::Refused => "NO",
            Self::Unknown => "look",
        }
    }

    /// In two letters at most.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warned => "!",
            Self::Refused => "NO",
            Self::Unknown => "?",
        }
    }
}
