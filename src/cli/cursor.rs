//! The cursor of a paged list: the last key seen, packed so that it survives a shell and means nothing to a person.

use crate::model::fault::{Fault, Kind};
use crate::model::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What is packed: the relation it belongs to, and the key.
#[derive(Serialize, Deserialize)]
struct Packed {
    r: String,
    k: Vec<Cell>,
}

/// A value that survives JSON: a float travels as its bits, for JSON has no infinity.
#[derive(Serialize, Deserialize)]
enum Cell {
    N,
    I(i64),
    R(u64),
    T(String),
    B(Vec<u8>),
}

/// Packs a key.
pub(crate) fn pack(relation: &str, key: &[Value]) -> String {
    let k = key.iter().map(|value| match value {
        Value::Null => Cell::N,
        Value::Int(number) => Cell::I(*number),
        Value::Real(number) => Cell::R(number.to_bits()),
        Value::Text(text) => Cell::T(text.clone()),
        Value::Bytes(bytes) => Cell::B(bytes.clone()),
    });
    let packed = Packed { r: relation.to_owned(), k: k.collect() };
    // Strings, numbers and lists always become JSON.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&packed).unwrap_or_default())
}

/// Unpacks a key.
///
/// # Errors
/// Usage, when it is no cursor, or one of another relation.
pub(crate) fn unpack(relation: &str, cursor: &str) -> Result<Vec<Value>, Fault> {
    let no_cursor = || {
        Fault::new(Kind::Usage, "What --after names is no cursor.")
            .hint("Take it whole from `next` of the page before, and give the same relation.")
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_| no_cursor())?;
    let packed: Packed = serde_json::from_slice(&bytes).map_err(|_| no_cursor())?;
    if packed.r != relation {
        return Err(Fault::new(Kind::Usage, format!("The cursor belongs to the relation {}.", packed.r))
            .hint("Leave --after out to begin with the first page."));
    }
    let value = |cell| match cell {
        Cell::N => Value::Null,
        Cell::I(number) => Value::Int(number),
        Cell::R(bits) => Value::Real(f64::from_bits(bits)),
        Cell::T(text) => Value::Text(text),
        Cell::B(bytes) => Value::Bytes(bytes),
    };
    Ok(packed.k.into_iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_every_kind_comes_back_as_it_went() {
        let key = vec![
            Value::Null,
            Value::Int(i64::MIN),
            Value::Real(f64::NEG_INFINITY),
            Value::Real(0.1),
            Value::Text("a\u{0}\"'ü".into()),
            Value::Bytes(vec![0, 255]),
        ];
        let cursor = pack("a(b)->c(d)", &key);
        assert!(cursor.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{cursor}");
        assert_eq!(unpack("a(b)->c(d)", &cursor).unwrap(), key);
    }

    #[test]
    fn nonsense_and_the_cursor_of_another_relation_are_refused() {
        let cursor = pack("a(b)->c(d)", &[Value::Int(1)]);
        assert!(unpack("x(y)->c(d)", &cursor).unwrap_err().headline.contains("a(b)->c(d)"));
        for nonsense in ["", "!", "YQ", &cursor[..cursor.len() - 3]] {
            assert_eq!(unpack("a(b)->c(d)", nonsense).unwrap_err().kind, Kind::Usage, "{nonsense}");
        }
    }
}
