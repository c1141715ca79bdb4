//! Spelling a statement out for people: every argument stands in its place as a literal of the engine's language. What is
//! spelled is read, copied and kept, never sent; what is sent keeps its arguments apart. Called by `job`.

use crate::model::value::Value;
use crate::sql::{Dialect, Query};

/// The text of a query with its arguments written as literals. Names and texts in quotes are passed over: a `$1` or `?1`
/// within them is no place of an argument.
pub fn spelled(dialect: &dyn Dialect, query: &Query) -> String {
    let mut spelled = String::with_capacity(query.text().len());
    let mut rest = query.text();
    let mut within: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = after;
        match within {
            Some(quote) if first == quote => within = None,
            None if first == '"' || first == '\'' => within = Some(first),
            None if first == '$' || first == '?' => {
                let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                if let Some(value) = argument(&after[..digits], query.args()) {
                    spelled.push_str(&dialect.literal(value));
                    rest = &after[digits..];
                    continue;
                }
            }
            _ => {}
        }
        spelled.push(first);
    }
    spelled
}

fn argument<'a>(digits: &str, args: &'a [Value]) -> Option<&'a Value> {
    args.get(digits.parse::<usize>().ok()?.checked_sub(1)?)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sent::Purpose;
    use crate::sql::postgres::Postgres;
    use crate::sql::sqlite::Sqlite;

    fn query(text: &str, args: &[Value]) -> Query {
        Query::new(Purpose::List, text, args.to_vec())
    }

    #[test]
    fn arguments_stand_in_their_places_and_quotes_are_passed_over() {
        let args = [Value::Text("it's".into()), Value::Int(7)];
        let text = r#"SELECT "a$1""b", '?1 ''$2' WHERE x = $1::text AND y = $2 AND z = $1 AND w = $3"#;
        assert_eq!(
            spelled(&Postgres, &query(text, &args)),
            r#"SELECT "a$1""b", '?1 ''$2' WHERE x = 'it''s'::text AND y = '7' AND z = 'it''s' AND w = $3"#
        );
        let ten: Vec<Value> = (0..10).map(Value::Int).collect();
        assert_eq!(spelled(&Sqlite, &query("x IN (?1, ?10)", &ten)), "x IN (0, 9)");
    }

    #[test]
    fn an_argument_that_looks_like_a_place_stays_what_it_is() {
        let args = [Value::Text("$2".into()), Value::Text("a'; DROP TABLE x --".into())];
        assert_eq!(
            spelled(&Postgres, &query("a = $1 AND b = $2", &args)),
            "a = '$2' AND b = 'a''; DROP TABLE x --'"
        );
    }

    #[test]
    fn postgres_writes_backslashes_so_that_no_setting_reads_them_otherwise() {
        for (value, literal) in [
            (Value::Null, "NULL"),
            (Value::Int(-5), "'-5'"),
            (Value::Text("C:\\x'y".into()), "E'C:\\\\x''y'"),
            (Value::Bytes(vec![0xff, 0x0a]), "convert_from('\\xff0a'::bytea, 'SQL_ASCII')"),
        ] {
            assert_eq!(Postgres.literal(&value), literal);
        }
    }

    #[test]
    fn sqlite_keeps_the_storage_class() {
        for (value, literal) in [
            (Value::Null, "NULL"),
            (Value::Int(i64::MIN), "-9223372036854775808"),
            (Value::Real(1.0), "1.0"),
            (Value::Real(1e300), "1e300"),
            (Value::Real(f64::NEG_INFINITY), "-9e999"),
            (Value::Text("it's".into()), "'it''s'"),
            (Value::Text("a\0b".into()), "CAST(X'610062' AS TEXT)"),
            (Value::Bytes(vec![0, 255]), "X'00ff'"),
        ] {
            assert_eq!(Sqlite.literal(&value), literal);
        }
    }
}
