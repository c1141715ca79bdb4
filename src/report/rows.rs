//! A page of orphan rows as text, JSON, NDJSON and CSV. Called by the front ends.

use crate::model::figure::counted;
use crate::model::list::List;
use crate::model::server::Server;
use crate::model::target::Environment;
use crate::model::text::visible;
use crate::model::value::Value;
use crate::report::check::At;
use crate::report::paper::{Ink, Paper};
use crate::report::spreadsheet::cell;
use crate::report::table::{Side, Table, clipped};
use crate::report::{FORMAT, Tool, line, pretty};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use std::io::{self, Write};

/// A page, and what it is a page of.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Who answered.
    pub server: &'a Server,
    /// How much care it deserves.
    pub environment: Environment,
    /// The relation's id.
    pub relation: &'a str,
    /// The rows.
    pub list: &'a List,
    /// The cursor of the next page, where there is one.
    pub next: Option<&'a str>,
}

/// The widest a value is shown in a table.
const WIDEST: usize = 40;

/// A table, and how to go on.
///
/// # Errors
/// What the writer says.
pub fn text(page: &Page<'_>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let List { headings, rows, .. } = page.list;
    writeln!(out, "{}", paper.ink(Ink::Strong, &visible(page.relation)))?;
    if !rows.is_empty() {
        let numeric =
            |column: usize| rows.iter().all(|row| row.get(column).is_some_and(is_number)) && !rows.is_empty();
        let columns = headings.iter().enumerate().map(|(place, heading)| {
            let side = if numeric(place) { Side::Right } else { Side::Left };
            (side, clipped(&visible(heading), WIDEST))
        });
        let mut table = Table::new(2, columns);
        for row in rows {
            table.row(row.iter().map(|value| match value {
                Value::Null => (Ink::Faint, "NULL".to_owned()),
                value => (Ink::Plain, clipped(&value.visible(), WIDEST)),
            }));
        }
        table.write(paper, out)?;
    }
    let shown = counted(rows.len() as u64, "orphan row", "orphan rows");
    match page.next {
        Some(next) => writeln!(out, "{shown} on this page. Next page: --after {next}"),
        None => writeln!(out, "{shown}. This is the end."),
    }
}

fn is_number(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Real(_) | Value::Null => true,
        Value::Text(text) => text.parse::<f64>().is_ok(),
        Value::Bytes(_) => false,
    }
}

/// One document: columns, rows as objects, and the cursor of the next page.
///
/// # Errors
/// What the writer says.
pub fn json(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        tool: Tool,
        target: At<'a>,
        relation: &'a str,
        columns: &'a [String],
        rows: Vec<Object<'a>>,
        next: Option<&'a str>,
    }
    let List { headings, rows, .. } = page.list;
    let document = Document {
        format: FORMAT,
        tool: Tool::WAIF,
        target: At::new(page.server, page.environment),
        relation: page.relation,
        columns: headings,
        rows: rows.iter().map(|row| Object(headings, row)).collect(),
        next: page.next,
    };
    pretty(&document, out)
}

/// One object a line: each row under `row`, and last one with `next`. A stream without it was cut off.
///
/// # Errors
/// What the writer says.
pub fn ndjson(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        record: &'static str,
        row: Object<'a>,
    }
    #[derive(Serialize)]
    struct End<'a> {
        record: &'static str,
        relation: &'a str,
        rows: usize,
        next: Option<&'a str>,
    }
    let List { headings, rows, .. } = page.list;
    for row in rows {
        line(&Line { record: "row", row: Object(headings, row) }, out)?;
    }
    line(&End { record: "end", relation: page.relation, rows: rows.len(), next: page.next }, out)
}

/// A head and the rows. NULL is an empty cell, an empty text one in quotes, as `COPY … CSV` has it.
///
/// # Errors
/// What the writer says.
pub fn csv(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let List { headings, rows, .. } = page.list;
    let heads: Vec<Value> = headings.iter().cloned().map(Value::Text).collect();
    csv_line(&heads, out)?;
    rows.iter().try_for_each(|row| csv_line(row, out))
}

/// One line of CSV.
pub(crate) fn csv_line(row: &[Value], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<String> = row
        .iter()
        .map(|value| match value {
            Value::Null => String::new(),
            Value::Text(text) => quoted(&cell(text)),
            value => quoted(&cell(&value.visible())),
        })
        .collect();
    write!(out, "{}\r\n", cells.join(","))
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\r', '\n']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A row as an object, columns in their order.
pub(crate) struct Object<'a>(pub(crate) &'a [String], pub(crate) &'a [Value]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (heading, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(heading, &Json(value))?;
        }
        map.end()
    }
}

/// A value as JSON: text and numbers as themselves, bytes as `{"base64": …}`, what JSON has no number for as text.
pub(crate) struct Json<'a>(pub(crate) &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => to.serialize_none(),
            Value::Int(number) => to.serialize_i64(*number),
            Value::Real(number) if number.is_finite() => to.serialize_f64(*number),
            Value::Real(number) => to.serialize_str(&number.to_string()),
            Value::Text(text) => to.serialize_str(text),
            Value::Bytes(bytes) => {
                let mut object = to.serialize_struct("Bytes", 1)?;
                object.serialize_field("base64", &STANDARD.encode(bytes))?;
                object.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{catalog, printed};
    use insta::assert_snapshot;

    fn list() -> List {
        List {
            headings: ["id", "alert_rule_id", "note"].map(str::to_owned).into(),
            rows: vec![
                vec![Value::Int(-7), Value::Text("=HYPERLINK(\"x\")".into()), Value::Null],
                vec![Value::Int(12), Value::Text("a\nb".into()), Value::Text(String::new())],
                vec![Value::Int(i64::MAX), Value::Bytes(b"\xff\x00".to_vec()), Value::Real(f64::INFINITY)],
            ],
            keys: Vec::new(),
            next: None,
        }
    }

    fn shown(print: fn(&Page<'_>, &mut dyn Write) -> io::Result<()>, next: Option<&str>) -> String {
        let (catalog, list) = (catalog().catalog, list());
        let relation = "webhook_logs(alert_rule_id)->alert_rules(id)";
        let environment = Environment::Staging;
        let page = Page { server: &catalog.server, environment, relation, list: &list, next };
        printed(|out| print(&page, out)).replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    #[test]
    fn text_shows_hidden_characters_and_how_to_go_on() {
        let text: fn(&Page<'_>, &mut dyn Write) -> io::Result<()> =
            |page, out| text(page, &Paper { width: 80, color: false }, out);
        assert_snapshot!(shown(text, Some("eyJr")));
        assert!(shown(text, None).ends_with("3 orphan rows. This is the end.\n"));
    }

    #[test]
    fn json_keeps_values_as_they_are_stored() {
        assert_snapshot!(shown(json, Some("eyJr")));
    }

    #[test]
    fn ndjson_ends_with_how_to_go_on() {
        let lines = shown(ndjson, None);
        assert_eq!(lines.lines().count(), 4);
        assert!(lines.ends_with(
            "{\"record\":\"end\",\"relation\":\"webhook_logs(alert_rule_id)->alert_rules(id)\",\
             \"rows\":3,\"next\":null}\n"
        ));
    }

    #[test]
    fn csv_tells_null_from_empty_and_runs_no_formula() {
        assert_eq!(
            shown(csv, None),
            "id,alert_rule_id,note\r\n-7,\"'=HYPERLINK(\"\"x\"\")\",\r\n12,a\\nb,\"\"\r\n\
             9223372036854775807,\\xFF\\x00,inf\r\n"
        );
    }
}
