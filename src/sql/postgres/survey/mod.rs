//! Questions before a repair: what the planner must know and the catalog does not tell. Nothing here waits for a lock.

pub(super) mod copies;
pub(super) mod ground;
pub(super) mod journal;
pub(super) mod tables;

use crate::model::value::Value;

/// Numbers as one argument: an array the server casts.
pub(super) fn numbers<N: ToString>(numbers: impl IntoIterator<Item = N>) -> Value {
    let words: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    Value::Text(format!("{{{}}}", words.join(",")))
}
