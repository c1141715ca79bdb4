//! Values of cells and of query arguments: what an engine's storage can hold, without its meaning. Comparing them is
//! the engine's business; here they are only carried, shown and put into cursors.

use crate::model::text::{visible, visible_bytes};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One value. PostgreSQL values travel as text (or bytes, where the text is not UTF-8); SQLite values keep their
/// storage class, because there it takes part in comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// NULL.
    Null,
    /// SQLite INTEGER.
    Int(i64),
    /// SQLite REAL.
    Real(f64),
    /// Text in UTF-8.
    Text(String),
    /// A blob, or text that is not UTF-8.
    Bytes(Vec<u8>),
}

/// One row of a result: its cells in column order.
pub type Row = Vec<Value>;

impl Value {
    /// The value as a person may see it; NULL as the word itself.
    pub fn visible(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed("NULL"),
            Self::Int(number) => Cow::Owned(number.to_string()),
            Self::Real(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => visible(text),
            Self::Bytes(bytes) => Cow::Owned(visible_bytes(bytes)),
        }
    }

    /// The text, where the value is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a count: an integer, or text that reads as one.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Int(number) => u64::try_from(*number).ok(),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as truth: `t`, `true` or `1`.
    pub fn truth(&self) -> bool {
        match self {
            Self::Int(number) => *number != 0,
            Self::Text(text) => matches!(text.as_str(), "t" | "true" | "1"),
            _ => false,
        }
    }

    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
