//! A list as a file: CSV, JSON, NDJSON or Markdown, written row by row, so that a list of any length needs no room. What
//! the list is and how much of it was left out stands in every format that has a place for it. Called by the front ends.

use crate::model::figure::counted;
use crate::model::value::Value;
use crate::report::check::markdown::prose;
use crate::report::rows::{Json, Object, csv_line};
use crate::report::{FORMAT, Tool, line};
use serde::Serialize;
use std::io::{self, Write};

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for spreadsheets.
    Csv,
    /// One document.
    Json,
    /// One object a line.
    Ndjson,
    /// A table for tickets.
    Markdown,
}

impl Format {
    /// The format a file's ending stands for.
    pub fn of_ending(ending: &str) -> Option<Self> {
        Some(match ending.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "ndjson" | "jsonl" => Self::Ndjson,
            "md" | "markdown" => Self::Markdown,
            _ => return None,
        })
    }
}

/// What a list is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    /// What it lists: `findings`, `orphan rows of a(b)->c(d)`.
    pub list: String,
    /// Of which database.
    pub database: String,
    /// The filter that left rows out, as typed.
    pub filter: Option<String>,
}

/// How a list ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Rows a filter left out.
    pub left_out: u64,
    /// Whether there are more rows than were written.
    pub more: bool,
}

/// A list being written.
#[derive(Debug)]
pub struct Sheet {
    format: Format,
    title: Title,
    columns: Vec<String>,
    rows: u64,
}

#[derive(Serialize)]
struct Foot<'a> {
    record: &'static str,
    list: &'a str,
    rows: u64,
    filter: Option<&'a str>,
    left_out: u64,
    more: bool,
}

impl Sheet {
    /// Begins a list with these columns.
    ///
    /// # Errors
    /// What the writer says.
    pub fn begin(format: Format, title: Title, columns: &[String], out: &mut dyn Write) -> io::Result<Self> {
        match format {
            Format::Csv => {
                let heads: Vec<Value> = columns.iter().cloned().map(Value::Text).collect();
                csv_line(&heads, out)?;
            }
            Format::Json => {
                let tool = serde_json::to_string(&Tool::WAIF)?;
                let texts = [&title.list, &title.database].map(serde_json::to_string);
                let [list, database] = texts;
                let (list, database) = (list?, database?);
                let heads = serde_json::to_string(columns)?;
                write!(
                    out,
                    "{{\n  \"format\": {FORMAT},\n  \"tool\": {tool},\n  \"list\": {list},\n  \
                     \"database\": {database},\n  \"columns\": {heads},\n  \"rows\": ["
                )?;
            }
            Format::Ndjson => {}
            Format::Markdown => {
                writeln!(out, "# {} of {}\n", prose(&title.list), prose(&title.database))?;
                let heads: Vec<String> = columns.iter().map(|column| prose(column)).collect();
                writeln!(out, "| {} |\n|{}", heads.join(" | "), "---|".repeat(columns.len()))?;
            }
        }
        Ok(Self { format, title, columns: columns.to_vec(), rows: 0 })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// What the writer says.
    pub fn row(&mut self, row: &[Value], out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            record: &'static str,
            row: Object<'a>,
        }
        let first = self.rows == 0;
        self.rows += 1;
        match self.format {
            Format::Csv => csv_line(row, out),
            Format::Json => {
                write!(out, "{}\n    ", if first { "" } else { "," })?;
                serde_json::to_writer(&mut *out, &Object(&self.columns, row))?;
                Ok(())
            }
            Format::Ndjson => line(&Line { record: "row", row: Object(&self.columns, row) }, out),
            Format::Markdown => {
                let cell = |value: &Value| match value {
                    Value::Null => String::new(),
                    Value::Text(text) => prose(text),
                    other => prose(&other.visible()),
                };
                let cells: Vec<String> = row.iter().map(cell).collect();
                writeln!(out, "| {} |", cells.join(" | "))
            }
        }
    }

    /// Ends the list; returns its rows.
    ///
    /// # Errors
    /// What the writer says.
    pub fn end(self, end: End, out: &mut dyn Write) -> io::Result<u64> {
        let Title { list, filter, .. } = &self.title;
        let filter = filter.as_deref();
        let foot =
            Foot { record: "end", list, rows: self.rows, filter, left_out: end.left_out, more: end.more };
        match self.format {
            Format::Csv => {}
            Format::Json => {
                let filter = serde_json::to_string(&filter)?;
                let close = if self.rows == 0 { "]" } else { "\n  ]" };
                writeln!(
                    out,
                    "{close},\n  \"count\": {},\n  \"filter\": {filter},\n  \"left_out\": {},\n  \"more\": {}\n}}",
                    self.rows, end.left_out, end.more
                )?;
            }
            Format::Ndjson => line(&foot, out)?,
            Format::Markdown => {
                write!(out, "\n{}.", counted(self.rows, "row", "rows"))?;
                if end.left_out > 0 {
                    let rows = counted(end.left_out, "row", "rows");
                    write!(out, " The filter {} left out {rows}.", prose(filter.unwrap_or_default()))?;
                }
                writeln!(out, "{}", if end.more { " There are more than these." } else { "" })?;
            }
        }
        Ok(self.rows)
    }
}

/// A value as JSON text, as every list writes it.
pub fn value_json(value: &Value) -> String {
    serde_json::to_string(&Json(value)).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, rows: &[Vec<Value>], end: End) -> String {
        let filter = (end.left_out > 0).then(|| "sev>=high".to_owned());
        let title = Title { list: "findings".to_owned(), database: "shop".to_owned(), filter };
        let columns = ["rule", "rows"].map(str::to_owned);
        let mut out = Vec::new();
        let mut sheet = Sheet::begin(format, title, &columns, &mut out).unwrap();
        rows.iter().for_each(|row| sheet.row(row, &mut out).unwrap());
        sheet.end(end, &mut out).unwrap();
        String::from_utf8(out).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    fn rows() -> Vec<Vec<Value>> {
        vec![
            vec![Value::Text("=cmd|'x'".into()), Value::Int(7)],
            vec![Value::Text("a|b\n\"".into()), Value::Null],
        ]
    }

    #[test]
    fn csv_runs_no_formula() {
        assert_eq!(
            written(Format::Csv, &rows(), End::default()),
            "rule,rows\r\n'=cmd|'x',7\r\n\"a|b\\n\"\"\",\r\n"
        );
    }

    #[test]
    fn json_is_one_document_that_says_what_was_left_out() {
        let text = written(Format::Json, &rows(), End { left_out: 3, more: false });
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["rows"][1]["rule"], "a|b\n\"");
        assert_eq!((&document["count"], &document["left_out"]), (&2.into(), &3.into()));
        assert_eq!(document["filter"], "sev>=high");
        let none = written(Format::Json, &[], End::default());
        let none: serde_json::Value = serde_json::from_str(&none).unwrap();
        assert_eq!(none["rows"], serde_json::json!([]));
    }

    #[test]
    fn ndjson_and_markdown_end_by_saying_how_much_there_is() {
        let lines = written(Format::Ndjson, &rows(), End { left_out: 0, more: true });
        assert_eq!(lines.lines().count(), 3);
        assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert!(lines.contains("\"more\":true"), "{lines}");
        let table = written(Format::Markdown, &rows(), End { left_out: 1, more: false });
        assert!(table.contains("| a\\|b\\\\n\" |  |"), "{table}");
        assert!(table.ends_with("2 rows. The filter sev&gt;=high left out 1 row.\n"), "{table}");
    }
}
