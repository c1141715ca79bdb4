//! A row as a JSON object, its columns in their order.

use crate::model::value::{Row, Value};

/// The object. Bytes are spelled as the screen shows them; a number JSON has no word for becomes null.
pub fn json(headings: &[String], row: &Row) -> String {
    let string = |text: &str| serde_json::Value::from(text).to_string();
    let field = |(heading, value): (&String, &Value)| {
        let value = match value {
            Value::Null => serde_json::Value::Null,
            Value::Int(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Bytes(_) => value.visible().into(),
        };
        format!("{}: {value}", string(heading))
    };
    let fields: Vec<String> = headings.iter().zip(row).map(field).collect();
    format!("{{{}}}", fields.join(", "))
}
