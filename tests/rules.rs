//! The rules of the house, as tests: what lives where, who may name whom, and what never stands in production code.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
}

/// Every source file below `src`, as (path from the root, text).
fn sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    walk(&root().join("src"), ".rs", &mut paths);
    assert!(paths.len() > 10, "the walk found no sources: the rules would pass for nothing");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is readable");
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            (name, text)
        })
        .collect()
}

fn is_test_file(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}

/// The part of a file that ships: everything before its unit tests.
fn production(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |at| &text[..at])
}

/// Production sources only, without comments, as (path, line number, line).
fn production_lines() -> Vec<(String, usize, String)> {
    sources()
        .into_iter()
        .filter(|(name, _)| !is_test_file(name))
        .flat_map(|(name, text)| {
            production(&text)
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .map(|(number, line)| (name.clone(), number + 1, line.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn none(what: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{what}:\n  {}", offences.join("\n  "));
}

#[test]
fn production_files_stay_under_400_lines() {
    let long = sources()
        .into_iter()
        .filter(|(name, _)| !is_test_file(name))
        .map(|(name, text)| (name, production(&text).lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    none("files that grew over 400 lines", long);
}

#[test]
fn functions_stay_under_60_lines() {
    let clippy = fs::read_to_string(root().join(".clippy.toml")).expect(".clippy.toml");
    assert!(clippy.contains("too-many-lines-threshold = 60"), "clippy holds functions to 60 lines");
    none("an allowance for long functions", named_in_production(&["clippy::too_many_lines", "clippy::all"]));
}

#[test]
fn every_module_opens_by_saying_what_lives_there() {
    let silent =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name).collect();
    none("modules that do not open with //!", silent);
}

#[test]
fn no_doc_line_is_hollow() {
    let hollow = sources()
        .into_iter()
        .flat_map(|(name, text)| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            (0..lines.len())
                .filter(|&at| lines[at] == "///" && !(at > 0 && lines[at - 1].starts_with("/// ")))
                .map(|at| format!("{name}:{}", at + 1))
                .collect::<Vec<_>>()
        })
        .collect();
    none("empty doc comments", hollow);
}

#[test]
fn no_room_is_a_lumber_room() {
    let vague = ["util", "utils", "helper", "helpers", "common", "misc", "manager", "stuff"];
    let offences = sources()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.split('/').any(|part| vague.contains(&part.trim_end_matches(".rs"))))
        .collect();
    none("files with names that say nothing", offences);
}

fn named_in_production(words: &[&str]) -> Vec<String> {
    production_lines()
        .into_iter()
        .filter(|(_, _, line)| words.iter().any(|word| line.contains(word)))
        .map(|(name, number, line)| format!("{name}:{number}: {}", line.trim()))
        .collect()
}

#[test]
fn production_code_never_gives_up_by_panic() {
    none(
        "unwrap, expect, panic or todo in production code",
        named_in_production(&[
            ".unwrap()",
            ".expect(",
            "panic!(",
            "todo!(",
            "unimplemented!(",
            "unreachable!(",
        ]),
    );
}

/// Left never names right: which folders each folder may name with `crate::`.
fn may_name() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("model", &["model"][..]),
        ("sql", &["model", "sql"]),
        ("db", &["model", "sql", "db"]),
        ("audit", &["model", "sql", "db", "audit"]),
        ("repair", &["model", "sql", "db", "repair"]),
        ("history", &["model", "history"]),
        ("job", &["model", "sql", "db", "audit", "repair", "history", "job"]),
        ("report", &["model", "report"]),
        ("config", &["model", "config"]),
        ("cli", &["model", "job", "report", "config", "tui", "cli"]),
        ("tui", &["model", "job", "report", "config", "tui"]),
    ])
}

#[test]
fn left_never_names_right() {
    let allowed = may_name();
    let mut offences = Vec::new();
    for (name, number, line) in production_lines() {
        let Some(folder) = name.strip_prefix("src/").and_then(|rest| rest.split(['/', '.']).next()) else {
            continue;
        };
        let Some(allowed) = allowed.get(folder) else {
            assert!(["main", "lib"].contains(&folder), "src/{folder} is a room the map does not know");
            continue;
        };
        for part in line.split("crate::").skip(1) {
            let named: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !named.is_empty() && !allowed.contains(&named.as_str()) {
                offences.push(format!("{name}:{number}: {folder} names {named}"));
            }
        }
        assert!(!line.contains("use crate::{"), "{name}:{number}: name each folder in a use line of its own");
    }
    none("folders that name what they may not", offences);
}

#[test]
fn only_db_names_the_driver_and_one_place_vouches_for_sql() {
    let strangers = production_lines()
        .into_iter()
        .filter(|(name, _, line)| !name.starts_with("src/db/") && line.contains("sqlx"))
        .map(|(name, number, _)| format!("{name}:{number}"))
        .collect();
    none("sqlx named outside src/db", strangers);
    let mut vouchers: Vec<String> = production_lines()
        .into_iter()
        .filter(|(_, _, line)| line.contains("AssertSqlSafe("))
        .map(|(name, _, _)| name)
        .collect();
    vouchers.dedup();
    assert!(vouchers.len() <= 1, "AssertSqlSafe stands in more than one file: {vouchers:?}");
}

#[test]
fn the_model_knows_no_clock_and_no_outside_world() {
    let offences = production_lines()
        .into_iter()
        .filter(|(name, _, _)| name.starts_with("src/model/") || name.starts_with("src/sql/"))
        .filter(|(_, _, line)| {
            [
                "std::fs",
                "std::env",
                "std::time::Instant",
                "SystemTime",
                "Instant::now",
                "tokio::",
                "Timestamp::now",
            ]
            .iter()
            .any(|word| line.contains(word))
        })
        .map(|(name, number, _)| format!("{name}:{number}"))
        .collect();
    none("clock or input and output in model or sql", offences);
}

#[test]
fn the_environment_is_read_in_config_only() {
    let offences = production_lines()
        .into_iter()
        .filter(|(name, _, line)| line.contains("env::var") && !name.starts_with("src/config/"))
        .map(|(name, number, _)| format!("{name}:{number}"))
        .collect();
    none("the environment read outside config", offences);
}

#[test]
fn the_visible_top_level_holds_only_what_it_should() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "config.example.toml",
        "src",
        "assets",
        "tests",
        "target",
    ];
    let strangers = fs::read_dir(root())
        .expect("the root is readable")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !allowed.contains(&name.as_str()))
        .collect();
    none("strangers at the top level", strangers);
}

#[test]
fn nothing_committed_names_a_machine_or_a_folder_outside() {
    // Spelled in two halves so that this file does not find itself.
    let words = [["/wo", "rk/"], ["../sha", "red"], [".libr", "ary"], ["/tmp/bash", "_jobs"]]
        .map(|halves| halves.concat());
    let mut paths = Vec::new();
    for folder in ["src", "assets", "tests", ".ci", ".cargo"] {
        for ending in [".rs", ".md", ".sql", ".toml", ".json", ".py", "run", ".sh"] {
            walk(&root().join(folder), ending, &mut paths);
        }
    }
    for file in ["README.md", "CHANGELOG.md", "config.example.toml", "Cargo.toml"] {
        paths.push(root().join(file));
    }
    let offences = paths
        .into_iter()
        .filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text)))
        .filter(|(_, text)| words.iter().any(|word| text.contains(word.as_str())))
        .map(|(path, _)| path.display().to_string())
        .collect();
    none("files that name a path of one machine", offences);
}

/// The names of the files in a folder, without what follows the first dot.
fn stems(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is readable").flatten();
    let mut stems: Vec<String> = entries
        .filter_map(|entry| entry.file_name().to_string_lossy().split('.').next().map(str::to_owned))
        .collect();
    stems.sort();
    stems.dedup();
    stems
}

#[test]
fn every_rule_has_its_page_and_its_fixtures() {
    let mut rules: Vec<String> = waif::job::RULES.iter().map(|rule| rule.name.to_owned()).collect();
    rules.sort();
    assert_eq!(stems("assets/rules"), rules, "a page for each rule and none besides");
    assert_eq!(stems("tests/fixtures/rules"), rules, "fixtures for each rule and none besides");
    for rule in waif::job::RULES {
        let page = fs::read_to_string(root().join(format!("assets/rules/{}.md", rule.name))).expect("a page");
        assert_eq!(page, rule.page, "{} shows its own page", rule.name);
        for part in ["Why it matters", "How waif decides", "What to do", "When to accept it"] {
            assert!(page.contains(&format!("\n## {part}\n")), "the page of {} lacks {part:?}", rule.name);
        }
        let fixtures = stems(&format!("tests/fixtures/rules/{}", rule.name));
        assert_eq!(fixtures, ["fires", "silent"], "{} has fixtures that fire and that do not", rule.name);
    }
}

#[test]
fn the_readme_tells_every_verb_and_every_exit_code_in_the_words_of_the_help() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md").replace('`', "");
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_waif")).arg("--help").output().expect("waif runs");
    let help = String::from_utf8(output.stdout).expect("help is text");
    let section = |from: &str| {
        let rest = help.split(from).nth(1).unwrap_or_else(|| panic!("the help has no {from}"));
        rest.split("\n\n").next().expect("a section").to_owned()
    };
    let verbs: Vec<String> = section("Commands:\n")
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert!(verbs.len() >= 8, "{verbs:?}");
    none(
        "verbs the README does not tell",
        verbs.into_iter().filter(|verb| !readme.contains(&format!("waif {verb}"))).collect(),
    );
    let codes = section("Exit codes:\n").lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let told: String = readme.lines().filter(|line| line.starts_with("| ")).collect::<Vec<_>>().join(" ");
    let mut found = 0;
    for (code, meaning) in [
        ("0", "clean: everything"),
        ("1", "findings at or above"),
        ("2", "the command or"),
        ("3", "no connection"),
        ("4", "incomplete: something"),
        ("5", "a run was stopped by a guard"),
        ("130", "interrupted"),
    ] {
        found += usize::from(
            codes.contains(&format!("{code} "))
                && codes.contains(meaning)
                && told.contains(&format!("| {code} | {meaning}")),
        );
    }
    assert_eq!(found, 7, "the help and the README differ:\n{codes}\n{told}");
}

/// The keys in the README are the table of keys. With `WAIF_README=write` in the environment the part is written anew.
#[allow(clippy::disallowed_methods, reason = "a test reads its own environment")]
#[test]
fn the_readme_tells_every_key_as_the_table_has_it() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md");
    let (head, rest) = readme.split_once("<!-- keys:").expect("the README has the marker of the keys");
    let (marker, rest) = rest.split_once('\n').expect("a line");
    let (told, tail) = rest.split_once("<!-- end of keys -->").expect("the README has the end of the keys");
    let keymap = waif::tui::keymap::Keymap::shipped().expect("the shipped table");
    let keys = format!("\n{}\n", waif::tui::keymap::print::markdown(&keymap));
    if std::env::var_os("WAIF_README").is_some_and(|wish| wish == "write") {
        let whole = format!("{head}<!-- keys:{marker}\n{keys}<!-- end of keys -->{tail}");
        fs::write(&path, whole).expect("the README can be written");
        return;
    }
    assert_eq!(
        told, keys,
        "the keys changed: WAIF_README=write cargo test --test rules writes them into the README"
    );
}
