//! The demo holds what its README says is planted, no more and no less. The README's figures were derived from the
//! generators by reasoning; each script's opening comment shows how.

use crate::support::{SqliteFile, inspect};
use std::collections::BTreeMap;
use std::sync::Arc;
use waif::model::check::Check;
use waif::model::tally::{Tally, Verdict};
use waif::model::text::visible;

const README: &str = include_str!("../../assets/demo/README.md");

fn build() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("demo.db");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(waif::job::demo::build(&path)).expect("the demo builds");
    (folder, path)
}

fn checked() -> Arc<Check> {
    let (_folder, path) = build();
    inspect(path.to_str().expect("a plain path"))
}

/// The cells of the README's table under a heading, without backticks.
fn table(heading: &str) -> Vec<Vec<String>> {
    let section = README.split(&format!("## {heading}\n")).nth(1).expect("the heading");
    let section = section.split("\n## ").next().expect("a section");
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

/// A tally in the README's words: rows, NULL, partly NULL, orphans, missing parents.
fn told(tally: &Tally) -> [String; 5] {
    let counts = tally.counts();
    let shown = |figure: Option<u64>| figure.map(|figure| figure.to_string()).unwrap_or_default();
    let (orphans, missing) = match tally.verdict() {
        Verdict::Clean | Verdict::Orphans => (shown(counts.orphans), shown(counts.missing_parents)),
        Verdict::Broken(_) => {
            (format!("broken {}", shown(counts.orphans)).trim_end().to_owned(), String::new())
        }
        Verdict::NotChecked(why) => (format!("not checked: {}", why.sentence()), String::new()),
    };
    [shown(counts.rows), shown(counts.null_keys), shown(counts.partly_null), orphans, missing]
}

#[test]
fn every_relation_of_the_demo_counts_as_its_readme_says() {
    let check = checked();
    let found: BTreeMap<String, [String; 5]> = check
        .catalog
        .relations
        .iter()
        .zip(&check.tallies)
        .map(|(relation, tally)| (visible(&relation.id).into_owned(), told(tally)))
        .collect();
    let planted: BTreeMap<String, [String; 5]> = table("Relations")
        .into_iter()
        .map(|row| (row[0].clone(), [1, 2, 3, 4, 5].map(|cell| row[cell].clone())))
        .collect();
    assert!(planted.len() > 30, "the README's table was not found");
    pretty_assertions::assert_eq!(found, planted);
}

#[test]
fn every_finding_of_the_demo_stands_in_its_readme() {
    let check = checked();
    let mut found: Vec<[String; 2]> = check
        .findings
        .iter()
        .map(|finding| [finding.rule.to_owned(), visible(&finding.object).into_owned()])
        .collect();
    found.sort();
    let mut planted: Vec<[String; 2]> =
        table("Findings").into_iter().map(|row| [row[0].clone(), row[1].clone()]).collect();
    let orphaned =
        table("Relations").into_iter().filter(|row| !row[4].starts_with("broken") && row[4] != "0");
    planted.extend(orphaned.map(|row| ["orphan-rows".to_owned(), row[0].clone()]));
    planted.push(["not-enforced".to_owned(), "demo.db".to_owned()]);
    planted.sort();
    assert!(check.complete(), "{:?}", check.gaps);
    pretty_assertions::assert_eq!(found, planted);
}

/// SQLite's own judgement of the same file, by another program.
#[test]
fn the_sqlite_shell_finds_the_same_orphans() {
    let (_folder, path) = build();
    let shell = SqliteFile::with("");
    let planted: u64 = table("Relations").iter().filter_map(|row| row[4].parse::<u64>().ok()).sum();
    // A broken relation would end the pragma over the whole file: table by table it is asked.
    let mut found = 0;
    for row in table("Relations") {
        let child = row[0].split('(').next().expect("a child").trim_matches('"').replace("\\n", "\n");
        if row[4].starts_with("broken") || child.is_empty() {
            continue;
        }
        let question = format!(
            "ATTACH '{}' AS demo;
             SELECT count(*) FROM pragma_foreign_key_check('{child}', 'demo') c
              WHERE c.fkid IN (SELECT l.id FROM pragma_foreign_key_list('{child}', 'demo') l
                                WHERE l.\"from\" = '{}');",
            path.display(),
            first_column(&row[0])
        );
        found += shell.count(&question);
    }
    // Twins are asked about twice, and have no orphans.
    assert_eq!(found, planted);
}

/// The first column of a relation's child.
fn first_column(id: &str) -> String {
    let columns = id.split(['(', ')']).nth(1).expect("columns");
    columns.split(',').next().expect("a column").trim_matches('"').to_owned()
}

#[test]
fn the_demo_never_writes_into_a_file_that_exists() {
    let (_folder, path) = build();
    let again = tokio::runtime::Runtime::new().expect("a runtime").block_on(waif::job::demo::build(&path));
    assert!(again.is_err());
}
