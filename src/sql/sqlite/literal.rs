//! Values as SQLite writes them in a text: the literal has the storage class of the value.

use crate::model::value::Value;
use crate::sql::spell::hex;

/// A value as a literal.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) if number.is_nan() => "NULL".to_owned(),
        // SQLite has no word for infinity, but reads what is too large as one.
        Value::Real(number) if number.is_infinite() => {
            if *number > 0.0 { "9e999" } else { "-9e999" }.to_owned()
        }
        // With its fraction or exponent always, or it would be read as an integer.
        Value::Real(number) => format!("{number:?}"),
        // A text in quotes ends at a NUL.
        Value::Text(text) if text.contains('\0') => format!("CAST(X'{}' AS TEXT)", hex(text.as_bytes())),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Bytes(bytes) => format!("X'{}'", hex(bytes)),
    }
}
