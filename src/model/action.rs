//! Actions: what a person stages. An action names what is to become of a column or a relation; the planner of `repair`
//! turns it into steps. Written `verb:subject`, the way a command line takes it, with options behind a `?`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

macro_rules! verbs {
    ($($verb:ident = $word:literal: $meaning:literal,)*) => {
        /// What is to be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb { $(#[doc = $meaning] $verb,)* }

        impl Verb {
            /// All verbs with their words and meanings.
            pub const ALL: &[(Self, &str, &str)] = &[$((Self::$verb, $word, $meaning),)*];
        }
    };
}

verbs! {
    Backfill = "backfill": "Fill a copied column from the parent it copies.",
    Adopt = "adopt": "Insert the missing parents, with no more than their key.",
    Nullify = "nullify": "Set references without a parent to NULL; the old values are kept and can be restored.",
    Quarantine = "quarantine": "Take rows without a parent out of the table into a store, with what ON DELETE takes along.",
    Delete = "delete": "Delete rows without a parent as ON DELETE would have; they are kept in a store all the same.",
    Index = "index": "Create the index that looks children up by their parent.",
    AddFk = "add-fk": "Add the foreign key and prove it.",
    Validate = "validate": "Prove a foreign key that was added NOT VALID.",
    ReplaceFk = "replace-fk": "Prove a foreign key anew: a twin is added and proved, then the old one is dropped.",
    DropFk = "drop-fk": "Drop the foreign key.",
}

impl Verb {
    /// The verb's word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(verb, ..)| *verb == self).map_or("", |(_, word, _)| word)
    }
}

/// What a person stages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Action {
    /// What is to be done.
    pub verb: Verb,
    /// To what: `TABLE.COLUMN` for a backfill, a relation's id or `table.constraint` for all others.
    pub subject: String,
    /// Options behind the `?`, as (name, value), in the order given: `on_delete=cascade`, `name=orders_fk`.
    pub options: Vec<(String, String)>,
}

/// Why a text is no action.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoAction {
    /// There is no colon in it.
    #[error("{0:?} is no action: write VERB:SUBJECT, for instance backfill:orders.customer_region")]
    NoVerb(String),
    /// The verb is not known.
    #[error("there is no action {0:?}; there are {words}", words = words())]
    Unknown(String),
    /// Nothing stands behind the colon.
    #[error("{0} lacks what it is to be done to")]
    NoSubject(&'static str),
    /// An option is malformed.
    #[error("the option {0:?} is not written NAME=VALUE")]
    Option(String),
}

fn words() -> String {
    Verb::ALL.iter().map(|(_, word, _)| *word).collect::<Vec<_>>().join(", ")
}

impl Action {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromStr for Action {
    type Err = NoAction;

    fn from_str(text: &str) -> Result<Self, NoAction> {
        let (word, rest) = text.split_once(':').ok_or_else(|| NoAction::NoVerb(text.to_owned()))?;
        let (verb, word, _) = *Verb::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .ok_or_else(|| NoAction::Unknown(word.to_owned()))?;
        let (subject, options) = split_options(rest);
        if subject.trim().is_empty() {
            return Err(NoAction::NoSubject(word));
        }
        let options = options
            .split('&')
            .filter(|option| !option.is_empty())
            .map(|option| {
                let (name, value) =
                    option.split_once('=').ok_or_else(|| NoAction::Option(option.to_owned()))?;
                Ok((name.to_owned(), value.to_owned()))
            })
            .collect::<Result<_, NoAction>>()?;
        Ok(Self { verb, subject: subject.trim().to_owned(), options })
    }
}

/// The subject and what stands behind the first `?` outside of double quotes.
fn split_options(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '?' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.verb.word(), self.subject)?;
        for (at, (name, value)) in self.options.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Action {
    type Error = NoAction;

    fn try_from(text: String) -> Result<Self, NoAction> {
        text.parse()
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        action.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_reads_and_writes_itself() {
        for text in [
            "backfill:audit_events.parent_event_date",
            "add-fk:webhook_logs(event_id)->events(id)?on_delete=cascade&name=logs_event",
            "index:orders.\"what?\"",
            "drop-fk:a.b",
        ] {
            assert_eq!(text.parse::<Action>().map(|action| action.to_string()).as_deref(), Ok(text));
        }
        let action: Action = "add-fk:a(b)->c(d)?on_delete=cascade".parse().expect("an action");
        assert_eq!((action.subject.as_str(), action.option("on_delete")), ("a(b)->c(d)", Some("cascade")));
    }

    #[test]
    fn what_is_no_action_is_told_apart() {
        let fault = |text: &str| text.parse::<Action>().expect_err("no action").to_string();
        assert!(fault("orders").contains("VERB:SUBJECT"));
        assert!(fault("drop:orders").contains("replace-fk"));
        assert!(fault("index:").contains("lacks"));
        assert!(fault("index:a?b").contains("NAME=VALUE"));
    }
}
