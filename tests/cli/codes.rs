//! Exit codes: what each means, and which wins.

use super::{ITEMS, shop, sound};
use crate::support::{Outcome, SqliteFile, Waif, waif};
use std::process::{Command, Stdio};

fn code(args: &[&str]) -> Option<i32> {
    waif(args).code
}

#[test]
fn nothing_wrong_is_0_and_orphans_are_1() {
    let (sound, shop) = (sound(), shop());
    assert_eq!(code(&["check", &sound.target()]), Some(0));
    assert_eq!(code(&["check", &shop.target()]), Some(1));
}

#[test]
fn fail_on_says_which_findings_are_1() {
    let shop = shop();
    shop.execute("DROP INDEX items_order; DELETE FROM items WHERE order_id > 70");
    assert_eq!(code(&["check", &shop.target()]), Some(0), "a missing index is medium here");
    assert_eq!(code(&["check", &shop.target(), "--fail-on", "medium"]), Some(1));
    shop.execute("INSERT INTO items VALUES (200, 99)");
    assert_eq!(code(&["check", &shop.target(), "--fail-on", "critical"]), Some(1));
    assert_eq!(code(&["check", &shop.target(), "--fail-on", "never"]), Some(0));
}

#[test]
fn a_baseline_forgives_what_it_knew_and_nothing_else() {
    let shop = shop();
    let baseline = shop.folder().join("last.json").display().to_string();
    assert_eq!(code(&["check", &shop.target(), "--format", "json", "-o", &baseline]), Some(1));
    let compared = ["check", &shop.target(), "--baseline", &baseline, "--format", "json"];
    let known = waif(compared);
    assert_eq!(known.code, Some(0), "{known:#?}");
    assert_eq!(known.json()["findings"][0]["baseline"], "known");
    shop.execute("INSERT INTO items VALUES (300, 79)");
    let worse = waif(compared);
    assert_eq!(worse.code, Some(1), "{worse:#?}");
    assert_eq!(worse.json()["findings"][0]["baseline"], "worse");
}

#[test]
fn what_makes_no_sense_is_2() {
    let file = shop();
    let shop = file.target();
    for args in [
        &["check", &shop, "--bogus"][..],
        &["check", &shop, "--fail-on", "grave"],
        &["check", &shop, "--jobs", "0"],
        &["check", &shop, "--baseline", "nowhere.json"],
        &["check", &shop, "-o", "nowhere/report.json", "--format", "json"],
        &["graph", &shop, "-o", "/"],
        &["check", "--explain", "no-such-rule"],
        &["check"],
        &["orphans", &shop, "no->such"],
        &["orphans", &shop, ITEMS, "--after", "nonsense"],
        &["graph", &shop, "--around", "nobody"],
        &["graph", &shop, "--broken", "--no-count"],
        &["graph", &shop, "--hops", "2"],
        &["completions", "cmd.exe"],
        &["man", "no-such-verb"],
        &["demo", "--format", "json"],
        &[&shop],
    ] {
        let outcome = waif(args);
        assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:#?}");
        assert_eq!(outcome.stdout, "", "{args:?}");
        assert!(!outcome.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn no_connection_is_3() {
    for target in
        ["nowhere/shop.db", "postgres://reader@127.0.0.1:1/shop", "postgres://x@no-such-host.invalid/db"]
    {
        let outcome = waif(["check", target]);
        assert_eq!(outcome.code, Some(3), "{target}: {outcome:#?}");
        assert_eq!(outcome.stdout, "");
    }
}

#[test]
fn what_was_left_unchecked_is_4_and_never_clean() {
    let sound = sound();
    for narrowed in [["--skip", "items"], ["--only", "customers"], ["--only", "no_such_table"]] {
        let outcome = waif(["check", &sound.target(), narrowed[0], narrowed[1]]);
        assert_eq!(outcome.code, Some(4), "{narrowed:?}: {outcome:#?}");
        assert!(outcome.stdout.contains("INCOMPLETE"), "{narrowed:?}: {}", outcome.stdout);
    }
    let empty = SqliteFile::with("CREATE TABLE t(a); DROP TABLE t");
    let outcome = waif(["check", &empty.target()]);
    assert_eq!(outcome.code, Some(4), "an empty visit proves nothing: {outcome:#?}");
    assert_eq!(code(&["graph", &sound.target(), "--skip", "items"]), Some(4));
    assert_eq!(code(&["graph", &sound.target(), "--skip", "items", "--no-count"]), Some(0));
}

#[test]
fn damage_wins_over_what_was_left_unchecked() {
    let shop = shop();
    assert_eq!(code(&["check", &shop.target(), "--skip", "customers"]), Some(1));
    assert_eq!(code(&["check", &shop.target(), "--skip", "items"]), Some(4));
}

#[test]
fn help_and_version_are_0_and_say_what_the_codes_mean() {
    let help = waif(["--help"]);
    assert_eq!(help.code, Some(0));
    for said in ["Exit codes:", "130", "Environment:", "DATABASE_URL", "Examples:", "NO_COLOR"] {
        assert!(help.stdout.contains(said), "{said}: {}", help.stdout);
    }
    assert_eq!(waif(["check", "--help"]).code, Some(0));
    assert_eq!(waif(["--version"]).stdout, format!("waif {}\n", env!("CARGO_PKG_VERSION")));
}

/// Runs with its output going where a shell sends it.
fn in_shell(script: &str, target: &str) -> Outcome {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_waif"), target])
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    let output = shell.stdin(Stdio::null()).output().expect("a shell runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_closed_pipe_is_no_error_and_changes_no_code() {
    let shop = shop();
    for verb in [
        "check \"$2\" --format json",
        "check \"$2\"",
        "graph \"$2\" --format svg",
        "--help",
        "man",
        "completions zsh",
    ] {
        // The reader is gone before the first byte is written.
        let outcome =
            in_shell(&format!("exec 3>&1; {{ \"$1\" {verb}; echo $? >&3; }} | true"), &shop.target());
        let wanted = if verb.starts_with("check") { "1" } else { "0" };
        assert_eq!(outcome.stdout.trim(), wanted, "{verb}: {outcome:#?}");
        assert!(
            !outcome.stderr.contains("panick") && !outcome.stderr.contains("error"),
            "{verb}: {outcome:#?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_taken_is_never_clean() {
    let sound = sound();
    let outcome = in_shell("\"$1\" check \"$2\" --format json >/dev/full", &sound.target());
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    assert!(outcome.stderr.contains("could not take the whole output"), "{outcome:#?}");
}

#[test]
fn an_error_in_a_machine_format_is_one_json_object() {
    let file = shop();
    let shop = file.target();
    for (args, kind, exit) in [
        (&["check", "nowhere.db", "--format", "json"][..], "unreachable", 3),
        (&["check", &shop, "--format", "csv", "--jobs", "many"], "usage", 2),
        (&["check", &shop, "--format=ndjson", "--bogus"], "usage", 2),
        (&["orphans", &shop, "no->such", "--format", "json"], "usage", 2),
        (&["graph", &shop, "--format", "json", "--around", "nobody"], "usage", 2),
    ] {
        let outcome = waif(args);
        let problem: serde_json::Value =
            serde_json::from_str(&outcome.stderr).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"));
        assert_eq!(problem["type"], kind, "{problem}");
        assert_eq!(problem["exit"], exit, "{problem}");
        for field in ["title", "detail", "hint", "causes", "code"] {
            assert!(problem.get(field).is_some(), "{field}: {problem}");
        }
    }
}

#[test]
fn a_verb_that_lacks_something_is_not_taken_for_a_misspelt_one() {
    for (args, lacks) in [(["plan", "x.db"], "--stage"), (["run", "x.db"], "FILE")] {
        let outcome = waif(args);
        assert_eq!(outcome.code, Some(2), "{outcome:#?}");
        assert!(outcome.stderr.contains(lacks) && !outcome.stderr.contains("no verb"), "{outcome:#?}");
    }
}

#[test]
fn a_misspelt_verb_is_told_from_a_target() {
    for args in [&["chekc", "shop.db"][..], &["chekc"]] {
        let outcome = Waif::new(args).run();
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains("Did you mean `waif check`?"), "{outcome:#?}");
    }
}
