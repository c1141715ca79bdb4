//! Values as PostgreSQL writes them in a text. Every argument travels as text, so every literal is a text in quotes; the
//! casts beside it do the rest.

use crate::model::value::Value;
use crate::sql::spell::hex;

/// A value as a literal.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Int(number) => format!("'{number}'"),
        Value::Real(number) => format!("'{number:?}'"),
        // Whether a backslash means itself depends on a setting, but never in an E'' text.
        Value::Text(text) if text.contains('\\') => {
            format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
        }
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        // Bytes that are no UTF-8 come only from a server that keeps text without an encoding.
        Value::Bytes(bytes) => format!("convert_from('\\x{}'::bytea, 'SQL_ASCII')", hex(bytes)),
    }
}
