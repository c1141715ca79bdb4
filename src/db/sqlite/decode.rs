//! Values between the driver and the model. Storage classes are kept: they take part in SQLite's comparisons.

use crate::model::fault::{Fault, Kind};
use crate::model::value::{Row, Value};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Decode, Row as _, TypeInfo as _, ValueRef as _};

/// A row as plain data. Text that is not UTF-8 comes as bytes; text may hold NUL.
pub(super) fn row(row: &SqliteRow) -> Result<Row, Fault> {
    (0..row.columns().len()).map(|place| value(row, place)).collect()
}

fn value(row: &SqliteRow, place: usize) -> Result<Value, Fault> {
    let cell = row.try_get_raw(place).map_err(undecodable)?;
    if cell.is_null() {
        return Ok(Value::Null);
    }
    let class = cell.type_info().into_owned();
    match class.name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(cell).map(Value::Int),
        "REAL" => <f64 as Decode<Sqlite>>::decode(cell).map(Value::Real),
        "TEXT" => <Vec<u8> as Decode<Sqlite>>::decode(cell).map(text),
        _ => <Vec<u8> as Decode<Sqlite>>::decode(cell).map(Value::Bytes),
    }
    .map_err(undecodable)
}

fn text(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::Bytes(error.into_bytes()),
    }
}

/// Arguments as the driver wants them.
pub(super) fn arguments(values: &[Value]) -> Result<SqliteArguments, Fault> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
        }
        .map_err(undecodable)?;
    }
    Ok(arguments)
}

fn undecodable(error: impl std::fmt::Display) -> Fault {
    Fault::new(Kind::Other, "A value could not be carried between SQLite and waif.")
        .because(error.to_string())
}
