//! Keys of one's own: mistakes end with 2 and name their line; the manual tells the table of keys.

use crate::support::{Waif, waif};
use std::fs;

/// A run with this file of keys in its home.
fn with_keys(args: &[&str], keys: &str) -> Waif {
    let run = Waif::new(args);
    let folder = run.home().join(".config/waif");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("keymap.toml"), keys).unwrap();
    run
}

#[test]
fn validate_tells_what_is_wrong_with_the_keys() {
    let outcome = with_keys(&["config", "validate"], "[[list]]\non = [\"R\"]\nrun = \"recount\"\n").run();
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    for words in ["~/.config/waif/keymap.toml:1:", "R is recount in list and rescan in", "another key"] {
        let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {outcome:#?}");
    }
    let outcome = with_keys(&["config", "validate"], "[[list]]\non = [\"u\"]\nrun = \"recount\"\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}

#[test]
fn keys_that_make_no_sense_do_not_stop_what_needs_none() {
    let outcome = with_keys(&["config", "show"], "[[nowhere]]\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains("keymap = \"\""), "{outcome:#?}");
}

#[test]
fn the_file_of_keys_is_listed_with_the_others() {
    let outcome = with_keys(&["config", "path"], "").run();
    assert!(outcome.stdout.contains("~/.config/waif/keymap.toml  (read)"), "{outcome:#?}");
    assert!(waif(["config", "path"]).stdout.contains("~/.config/waif/keymap.toml  (not there)"));
    let missing = Waif::new(["config", "validate"]).env("WAIF_UI_KEYMAP", "gone.toml").run();
    assert_eq!(missing.code, Some(2), "{missing:#?}");
    assert!(missing.stderr.contains("gone.toml"), "{missing:#?}");
}

#[test]
fn the_manual_tells_every_key_of_the_table() {
    let outcome = waif(["man"]);
    let text = outcome.stdout.replace("\\-", "-").replace("\\&", "");
    assert!(text.contains(".SH KEYS"), "{text}");
    let table = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymap.toml")).unwrap();
    let descs: Vec<&str> =
        table.lines().filter_map(|line| line.strip_prefix("desc = \"")?.strip_suffix('"')).collect();
    assert!(descs.len() > 40, "{}", descs.len());
    for desc in descs {
        assert!(text.contains(desc), "{desc} is missing");
    }
}
