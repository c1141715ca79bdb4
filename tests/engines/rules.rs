//! Every rule against fixtures: schemas that trigger it and near misses that do not, on each engine they are written for.
//! `fires.sql` and `silent.sql` run on both engines, `fires.sqlite.sql` and the like on one. A firing fixture opens with
//! the objects it expects, one comment line each, up to the first line that is none.

use crate::support::{Database, SqliteFile, inspect};
use std::fs;
use std::path::{Path, PathBuf};
use waif::job::RULES;
use waif::model::check::Check;

fn fixture(rule: &str, name: &str, engine: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules").join(rule);
    let read = |file: String| fs::read_to_string(Path::new(&folder).join(file)).ok();
    read(format!("{name}.{engine}.sql")).or_else(|| read(format!("{name}.sql")))
}

/// The objects a firing fixture announces.
fn announced(sql: &str) -> Vec<&str> {
    let objects: Vec<&str> = sql
        .lines()
        .map_while(|line| line.strip_prefix("-- "))
        .take_while(|line| !line.ends_with('.') && !line.ends_with(':'))
        .collect();
    assert!(!objects.is_empty(), "a firing fixture announces its objects:\n{sql}");
    objects
}

/// What a rule found, sorted; the remark about SQLite's connections left out, for every SQLite file earns it.
fn found(check: &Check, rule: &str) -> Vec<String> {
    let database = check.catalog.server.database.raw();
    let findings = check.findings.iter().filter(|finding| finding.rule == rule && finding.object != database);
    let mut objects: Vec<String> = findings.map(|finding| finding.object.clone()).collect();
    objects.sort();
    objects
}

/// Runs every fixture of an engine through a check and returns how many there were.
fn hold(engine: &str, check: impl Fn(&str) -> std::sync::Arc<Check>) -> usize {
    let mut run = 0;
    for rule in RULES {
        if let Some(sql) = fixture(rule.name, "fires", engine) {
            let check = check(&sql);
            let findings = &check.findings;
            assert_eq!(found(&check, rule.name), announced(&sql), "{} on {engine}: {findings:#?}", rule.name);
            run += 1;
        }
        if let Some(sql) = fixture(rule.name, "silent", engine) {
            let check = check(&sql);
            assert!(
                !check.catalog.relations.is_empty(),
                "{}: silence about nothing is no silence",
                rule.name
            );
            assert!(check.complete(), "{} on {engine}: {:#?}", rule.name, check.findings);
            assert_eq!(found(&check, rule.name), [] as [&str; 0], "{} on {engine}", rule.name);
            run += 1;
        }
    }
    run
}

#[test]
fn rules_fire_and_are_silent_on_postgres() {
    let run = hold("postgres", |sql| {
        let database = Database::with("rule", sql);
        inspect(&database.url_as(&database.reader()))
    });
    assert!(run >= 28, "only {run} fixtures ran");
}

#[test]
fn rules_fire_and_are_silent_on_sqlite() {
    let run = hold("sqlite", |sql| inspect(&SqliteFile::with(sql).target()));
    assert!(run >= 24, "only {run} fixtures ran");
}
