//! The other verbs: graph, info, config, completions, man, demo, and the pages of the rules.

use super::shop;
use crate::support::{SqliteFile, Waif, waif};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// Pipes text through a program and returns what came out.
fn through(program: &str, args: &[&str], text: &str) -> String {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|_| panic!("{program} is missing; on Debian: apt-get install graphviz"));
    let mut stdin = child.stdin.take().expect("piped");
    let text = text.to_owned();
    let feeder = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("fed").expect("it reads to the end");
    assert!(output.status.success(), "{program} refused: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

const HOSTILE: &str = "
    CREATE TABLE \"a\"\"]; x [label=\"\"\\N&lt;\"(id INTEGER PRIMARY KEY);
    CREATE TABLE \"line\nbreak\u{1b}\"(id INTEGER PRIMARY KEY,
      \"-->\" INTEGER REFERENCES \"a\"\"]; x [label=\"\"\\N&lt;\"(id));
    INSERT INTO \"line\nbreak\u{1b}\" VALUES (1, 9);";

#[test]
fn graphviz_draws_what_dot_prints_even_with_hostile_names() {
    let file = SqliteFile::with(HOSTILE);
    let dot = waif(["graph", &file.target(), "--format", "dot"]);
    assert_eq!(dot.code, Some(0), "{dot:#?}");
    let svg = through("dot", &["-Tsvg"], &dot.stdout);
    assert!(svg.contains("1 orphan"), "{svg}");
    assert_eq!(svg.matches("class=\"node\"").count(), 2, "a name broke out of its label: {svg}");
}

/// Whether every element of a document is closed by its own end: enough to catch text that was not escaped.
fn is_well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((_, tag)) = rest.split_once('<') {
        let Some((tag, after)) = tag.split_once('>') else { return false };
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() != Some(name) => return false,
            (false, false) => open.push(name),
            _ => (),
        }
    }
    open.is_empty()
}

#[test]
fn svg_is_well_formed_and_holds_no_raw_name() {
    let file = SqliteFile::with(HOSTILE);
    let svg = waif(["graph", &file.target(), "--format", "svg"]).stdout;
    assert!(is_well_formed(&svg), "{svg}");
    assert!(!svg.contains('\u{1b}') && svg.contains("line\\nbreak\\x1B"), "{svg}");
    assert!(!is_well_formed("<a><b></a></b>") && !is_well_formed("<a>"), "the probe itself can fail");
}

#[test]
fn graph_draws_a_neighbourhood_or_what_is_broken() {
    let shop = shop();
    let whole = waif(["graph", &shop.target()]).stdout;
    assert!(whole.contains("order_id → orders(id)") && whole.contains("3 orphans"), "{whole}");
    let near = waif(["graph", &shop.target(), "--around", "customers"]).stdout;
    assert!(near.contains("customer_id → customers(id)") && !near.contains("items"), "{near}");
    let broken = waif(["graph", &shop.target(), "--broken"]).stdout;
    assert!(broken.contains("items") && !broken.contains("customers"), "{broken}");
    let uncounted = waif(["graph", &shop.target(), "--no-count"]).stdout;
    assert!(uncounted.contains("not counted") && !uncounted.contains("orphans"), "{uncounted}");
}

#[test]
fn info_says_what_answers_and_that_it_refuses_writes() {
    let shop = shop();
    let info = waif(["info", &shop.target(), "--format", "json"]);
    assert_eq!(info.code, Some(0), "{info:#?}");
    let json = info.json();
    assert_eq!(json["server"]["read_only"], true);
    assert_eq!(json["found"]["tables"], 3);
    assert_eq!(json["found"]["relations"], 2);
    let text = waif(["info", &shop.target()]).stdout;
    assert!(text.contains("SQLite 3.") && text.contains("the server refuses writes"), "{text}");
}

#[test]
fn config_shows_where_values_come_from_and_hides_secrets() {
    let run = Waif::new(["config", "show"]).env("WAIF_CHECK_JOBS", "7");
    let file = run.home().join("waif.toml");
    std::fs::write(&file, "[profile.prod]\nurl = \"postgres://u:canary-pw@db/x\"\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let shown = run.run();
    assert!(shown.stdout.contains("jobs = 7") && shown.stdout.contains("WAIF_CHECK_JOBS"), "{shown:#?}");
    assert!(!shown.everything().contains("canary-pw"), "{shown:#?}");
    let run = Waif::new(["config", "validate"]);
    std::fs::write(run.home().join("waif.toml"), "[check]\njobz = 3\n").unwrap();
    let refused = run.run();
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    for said in ["waif.toml", "jobz", "jobs", "2"] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    assert_eq!(waif(["config", "validate"]).code, Some(0));
    assert!(waif(["config", "path"]).stdout.contains("/etc/waif/config.toml"));
}

#[test]
fn completions_are_scripts_their_shells_accept() {
    let script = waif(["completions", "bash"]).stdout;
    through("bash", &["-n"], &script);
    assert!(script.contains("orphans") && script.contains("--fail-on"));
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(waif(["completions", shell]).stdout.contains("orphans"), "{shell}");
    }
}

#[test]
fn the_manual_comes_from_the_source_of_the_help() {
    let page = waif(["man"]).stdout;
    for section in [".TH waif 1", ".SH \"EXIT CODES\"", ".SH ENVIRONMENT", ".SH EXAMPLES", "DATABASE_URL"] {
        assert!(page.contains(section), "{section}: {page}");
    }
    let check = waif(["man", "check"]).stdout;
    assert!(check.contains("fail\\-on") && check.contains("baseline"), "{check}");
}

#[test]
fn every_rule_explains_itself() {
    let rules = waif(["check", "--explain", "no-such-rule"]).stderr;
    for rule in ["orphan-rows", "half-null-key", "suspect-index", "not-checked", "missing-index"] {
        assert!(rules.contains(rule), "{rules}");
        let page = waif(["check", "--explain", rule]);
        assert_eq!(page.code, Some(0), "{page:#?}");
        assert!(page.stdout.contains(rule) && page.stdout.lines().count() > 5, "{}", page.stdout);
    }
}

#[test]
fn the_demo_has_real_damage_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let shown = Waif::new(["demo", "--headless", "--format", "json"]).env("TMPDIR", folder.path()).run();
    assert_eq!(shown.code, Some(1), "{shown:#?}");
    assert!(shown.json()["summary"]["orphans"].as_u64().is_some_and(|orphans| orphans > 50));
    assert_eq!(shown.json()["target"]["environment"], "development");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something behind");
    let kept = folder.path().join("kept.db").display().to_string();
    assert_eq!(waif(["demo", "--headless", "--path", &kept]).code, Some(1));
    assert_eq!(waif(["check", &kept]).code, Some(1));
    let again = waif(["demo", "--headless", "--path", &kept]);
    assert!(again.code != Some(0) && again.stderr.contains("exists"), "{again:#?}");
}
