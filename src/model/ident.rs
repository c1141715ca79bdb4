//! Names of database objects. Only `sql` turns them into SQL text; only [`Ident::visible`] turns them into print.

use crate::model::text::visible;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use thiserror::Error;

/// A name as the engine stores it, never empty of meaning: any bytes but NUL. It has no `Display` on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ident(String);

/// A name that no engine accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a name cannot hold a NUL character")]
pub struct HoldsNul;

impl Ident {
    /// Takes a name as stored.
    ///
    /// # Errors
    /// [`HoldsNul`] when the name holds a NUL character.
    pub fn new(name: impl Into<String>) -> Result<Self, HoldsNul> {
        let name = name.into();
        if name.contains('\0') { Err(HoldsNul) } else { Ok(Self(name)) }
    }

    /// The name as stored, for quoting, comparing and machine formats that escape by themselves.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The name as a person may see it.
    pub fn visible(&self) -> Cow<'_, str> {
        visible(&self.0)
    }
}

impl TryFrom<String> for Ident {
    type Error = HoldsNul;

    fn try_from(name: String) -> Result<Self, HoldsNul> {
        Self::new(name)
    }
}

impl From<Ident> for String {
    fn from(name: Ident) -> Self {
        name.0
    }
}

/// A table's place: schema (SQLite: `main`, `temp` or the attached name) and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableName {
    /// The schema.
    pub schema: Ident,
    /// The name within the schema.
    pub name: Ident,
}

impl TableName {
    /// The name as a person writes it: without the schema where that is `default_schema`, quoted only where needed.
    pub fn written(&self, default_schema: &str) -> String {
        if self.schema.raw() == default_schema {
            written(&self.name)
        } else {
            format!("{}.{}", written(&self.schema), written(&self.name))
        }
    }
}

/// A name as a person would write it in a relation's id: bare when it is a plain word, else in double quotes with
/// quotes doubled. Not SQL: see `sql` for that. Not yet visible: see [`visible`].
pub fn written(name: &Ident) -> String {
    let plain = !name.0.is_empty()
        && !name.0.starts_with(|c: char| c.is_ascii_digit())
        && name.0.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$' || c == '-');
    if plain { name.0.clone() } else { format!("\"{}\"", name.0.replace('"', "\"\"")) }
}
