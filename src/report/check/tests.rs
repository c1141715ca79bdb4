//! A check in every format, as it is printed.

use crate::model::finding::Severity;
use crate::report::Paper;
use crate::report::check::{Account, Baseline, csv, json, markdown, ndjson, text};
use crate::report::tests::{check, clean, printed};
use insta::assert_snapshot;
use serde_json::Value;

const PAPER: Paper = Paper { width: 80, color: false };

#[test]
fn text_says_who_was_asked_what_is_wrong_what_holds_and_what_is_not_known() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    assert_snapshot!(printed(|out| text(&account, &PAPER, out)));
}

#[test]
fn text_of_a_clean_check_says_so_and_nothing_else() {
    let check = clean();
    let account = Account { check: &check, baseline: None };
    assert_snapshot!(printed(|out| text(&account, &PAPER, out)));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    let plain = printed(|out| text(&account, &PAPER, out));
    let coloured = printed(|out| text(&account, &Paper { color: true, ..PAPER }, out));
    assert!(coloured.contains("\x1b[1;31m"));
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, code)) = rest.split_once('\x1b') {
        bare.push_str(before);
        rest = code.split_once('m').expect("only colour codes are written").1;
    }
    assert_eq!(bare + rest, plain);
}

#[test]
fn json_holds_everything_as_it_is_stored() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    assert_snapshot!(printed(|out| json(&account, out)).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn ndjson_says_the_same_as_json_one_object_a_line() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    let whole: Value = serde_json::from_str(&printed(|out| json(&account, out))).unwrap();
    let lines = printed(|out| ndjson(&account, out));
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| -> Vec<Value> {
        let mut bodies: Vec<Value> =
            records.iter().filter(|record| record["record"] == kind).cloned().collect();
        bodies.iter_mut().for_each(|body| drop(body.as_object_mut().unwrap().remove("record")));
        bodies
    };
    for (kind, list) in
        [("relation", "relations"), ("finding", "findings"), ("suppressed", "suppressed"), ("gap", "gaps")]
    {
        assert_eq!(Value::Array(of(kind)), whole[list]);
    }
    assert_eq!(records[0]["record"], "check");
    assert_eq!(records[0]["complete"], whole["complete"]);
    assert_eq!(of("summary"), vec![whole["summary"].clone()]);
    assert_eq!(records.last().unwrap()["record"], "summary");
}

#[test]
fn csv_is_one_table_with_a_cell_for_every_column() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    let table = printed(|out| csv(&account, out));
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5 + 4 + 1 + 1);
    assert!(!table.contains('\x1b'));
    assert_snapshot!(table.replace("\r\n", "\n"));
}

#[test]
fn markdown_can_be_pasted_into_a_ticket() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    assert_snapshot!(printed(|out| markdown(&account, out)));
}

#[test]
fn a_baseline_marks_every_finding_and_forgives_the_known_ones() {
    let check = check();
    let mut earlier: Value =
        serde_json::from_str(&printed(|out| json(&Account { check: &check, baseline: None }, out))).unwrap();
    let findings = earlier["findings"].as_array_mut().unwrap();
    findings[0]["rows"] = 40_000.into();
    findings.remove(3);
    let baseline = Baseline::parse(&earlier.to_string(), "last.json").unwrap();
    let account = Account { check: &check, baseline: Some(&baseline) };
    let told: Value = serde_json::from_str(&printed(|out| json(&account, out))).unwrap();
    let standings: Vec<&str> =
        told["findings"].as_array().unwrap().iter().map(|one| one["baseline"].as_str().unwrap()).collect();
    assert_eq!(standings, ["worse", "known", "known", "new"]);
    let failing = |fail_on| check.findings.iter().filter(|one| account.fails(one, Some(fail_on))).count();
    assert_eq!(failing(Severity::Medium), 2);
    assert_eq!(failing(Severity::High), 1);
    assert!(check.findings.iter().all(|one| !account.fails(one, None)));
    let shown = printed(|out| text(&account, &PAPER, out));
    assert!(shown.contains("41,207 rows  worse\n"), "{shown}");
}

#[test]
fn what_was_not_checked_is_told_apart_from_what_is_wrong() {
    let check = check();
    let account = Account { check: &check, baseline: None };
    let fails: Vec<&str> = check
        .findings
        .iter()
        .filter(|finding| account.fails(finding, Some(Severity::Info)))
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(fails, ["orphan-rows", "orphan-rows", "missing-index"]);
}

const SCHEMA: &str = include_str!("../../../assets/schema/check.schema.json");

/// The schema's verdict on a document.
fn held_to_schema(document: &Value) -> Result<(), String> {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    compiler.add_resource("urn:waif:check:1", schema).unwrap();
    let place = compiler.compile("urn:waif:check:1", &mut schemas).unwrap();
    schemas.validate(document, place).map_err(|error| error.to_string())
}

fn told(check: &crate::model::check::Check) -> Value {
    serde_json::from_str(&printed(|out| json(&Account { check, baseline: None }, out))).unwrap()
}

#[test]
fn json_is_what_the_schema_says() {
    for document in [told(&check()), told(&clean())] {
        held_to_schema(&document).unwrap();
    }
}

#[test]
fn the_schema_refuses_what_waif_must_never_print() {
    let whole = told(&check());
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut document = whole.clone();
        change(&mut document);
        assert!(document != whole && held_to_schema(&document).is_err());
    };
    refused(&|document| document["format"] = 2.into());
    refused(&|document| drop(document.as_object_mut().unwrap().remove("complete")));
    refused(&|document| document["relations"][4]["verdict"] = "clean".into());
    refused(&|document| document["relations"][3]["orphans"] = 1.into());
    refused(&|document| document["relations"][3]["exact"] = false.into());
    refused(&|document| document["relations"][4]["reason"] = Value::Null);
    refused(&|document| document["findings"][0]["severity"] = "grave".into());
    refused(&|document| document["relations"][0]["unheard_of"] = true.into());
}
