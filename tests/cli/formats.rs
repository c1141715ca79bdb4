//! Formats of a check, from the program itself, on both engines.

use super::shop;
use crate::support::{Database, SqliteFile, Waif, waif};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../assets/schema/check.schema.json");

fn held_to_schema(document: &Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("urn:waif:check:1", serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let place = compiler.compile("urn:waif:check:1", &mut schemas).unwrap();
    schemas.validate(document, place).unwrap_or_else(|error| panic!("{error}\n{document:#}"));
}

const HOSTILE: &str = "
    CREATE TABLE \"a\u{1b}[2J\u{202e}|`<b>\"(id INTEGER PRIMARY KEY);
    CREATE TABLE \"=cmd()\"(id INTEGER PRIMARY KEY, \"x,y\" INTEGER REFERENCES \"a\u{1b}[2J\u{202e}|`<b>\"(id));
    INSERT INTO \"=cmd()\" VALUES (1, 5);";

#[test]
fn json_is_what_the_schema_says_on_both_engines() {
    let database = Database::with(
        "formats",
        "CREATE TABLE parent(id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
         CREATE TABLE parent_1 PARTITION OF parent DEFAULT;
         CREATE TABLE child(id int PRIMARY KEY, pid int, pday date, FOREIGN KEY (pid, pday) REFERENCES parent
           MATCH FULL ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE late(pid int, pday date);
         INSERT INTO late VALUES (1, '2026-01-01');
         ALTER TABLE late ADD CONSTRAINT late_fk FOREIGN KEY (pid, pday) REFERENCES parent NOT VALID;",
    );
    let (shop, hostile) = (shop(), SqliteFile::with(HOSTILE));
    for target in [database.url(), shop.target(), hostile.target()] {
        let outcome = waif(["check", &target, "--format", "json"]);
        held_to_schema(&outcome.json());
    }
    let skipped = waif(["check", &shop.target(), "--format", "json", "--skip", "items"]);
    held_to_schema(&skipped.json());
    held_to_schema(&waif(["demo", "--headless", "--format", "json"]).json());
}

#[test]
fn formats_for_people_and_spreadsheets_let_no_name_act() {
    let file = SqliteFile::with(HOSTILE);
    for format in ["text", "markdown", "csv"] {
        let outcome = waif(["check", &file.target(), "--format", format]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert!(!outcome.everything().contains(['\u{1b}', '\u{202e}']), "{format}: {outcome:#?}");
        assert!(outcome.stdout.contains("\\x1B[2J\\u{202E}"), "{format}: {}", outcome.stdout);
    }
    let table = waif(["check", &file.target(), "--format", "csv"]).stdout;
    let mut cells = csv::Reader::from_reader(table.as_bytes());
    for cell in cells.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
        assert!(!cell.starts_with(['=', '+', '@']), "a cell a spreadsheet would run: {cell}");
    }
    assert!(table.contains("'=cmd()"), "the name was there to be disarmed: {table}");
}

#[test]
fn ndjson_begins_with_the_check_and_ends_with_its_summary() {
    let outcome = waif(["check", &shop().target(), "--format", "ndjson"]);
    let records: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect();
    assert_eq!(records.first().unwrap()["record"], "check");
    assert_eq!(records.last().unwrap()["record"], "summary");
    assert_eq!(records.iter().filter(|record| record["record"] == "relation").count(), 2);
}

#[test]
fn colour_comes_only_when_it_is_asked_for_or_seen() {
    let shop = shop();
    let colored = |run: Waif| run.run().stdout.contains('\u{1b}');
    assert!(!colored(Waif::new(["check", &shop.target()])), "no terminal, no colour");
    assert!(colored(Waif::new(["check", &shop.target(), "--color", "always"])));
    assert!(colored(Waif::new(["check", &shop.target(), "--color", "always"]).env("NO_COLOR", "1")));
    assert!(!colored(Waif::new(["check", &shop.target(), "--color", "never"])));
    assert!(!colored(Waif::new(["check", &shop.target(), "--format", "json", "--color", "always"])));
}

#[test]
fn data_goes_to_standard_output_and_words_to_standard_error() {
    let shop = shop();
    let loud = waif(["check", &shop.target(), "--format", "json"]);
    for line in loud.stderr.lines() {
        let notice: Value = serde_json::from_str(line).expect("words to a machine are JSON");
        assert_eq!(notice["type"], "notice");
    }
    let quiet = waif(["check", &shop.target(), "--quiet"]);
    assert_eq!(quiet.stderr, "");
    let file = shop.folder().join("report.md");
    let filed = waif(["check", &shop.target(), "--format", "markdown", "-o", &file.display().to_string()]);
    assert_eq!((filed.code, filed.stdout.as_str()), (Some(1), ""));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# Referential integrity of `waif.db`"));
}
