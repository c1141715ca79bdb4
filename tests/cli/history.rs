//! What `check` leaves behind for later comparison: one file a check in the state folder, and no failure where it cannot.

use super::shop;
use crate::support::{Waif, waif};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The saved checks below a state folder.
fn saved(state: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(targets) = fs::read_dir(state.join("waif/history")) else { return found };
    for target in targets.flatten() {
        let files = fs::read_dir(target.path()).expect("a folder of checks").flatten();
        found.extend(files.map(|file| file.path()));
    }
    found.sort();
    found
}

#[test]
fn a_check_is_saved_with_its_figures_and_without_any_value() {
    let (file, state) = (shop(), tempfile::tempdir().expect("a folder"));
    let check = |args: &[&str]| {
        let target = file.target();
        let args = [&["check", target.as_str()], args].concat();
        Waif::new(args).env("XDG_STATE_HOME", state.path()).run()
    };
    let outcome = check(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(!outcome.stderr.contains("saved"), "{outcome:#?}");
    let files = saved(state.path());
    assert_eq!(files.len(), 1, "{files:?}");
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&state.path().join("waif")), mode(&files[0])), (0o700, 0o600));
    let text = fs::read_to_string(&files[0]).expect("text");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&record["format"], &record["complete"]), (&1.into(), &true.into()), "{text}");
    assert!(record["body"]["findings"].as_array().is_some_and(|found| !found.is_empty()), "{text}");
    assert!(!text.contains("Ada") && !text.contains("Grace"), "a value of a row: {text}");

    check(&["--only", "orders*"]);
    let narrowed = saved(state.path());
    assert_eq!(narrowed.len(), 2, "{narrowed:?}");
    let part: serde_json::Value =
        serde_json::from_slice(&fs::read(&narrowed[1]).expect("read")).expect("JSON");
    assert_eq!(part["narrowed"], true, "{part}");

    check(&[]);
    assert_eq!(saved(state.path()).len(), 3);
}

#[test]
fn history_can_be_turned_off_and_other_verbs_and_the_demo_leave_none() {
    let (file, state) = (shop(), tempfile::tempdir().expect("a folder"));
    let here = state.path();
    Waif::new(["check", &file.target()]).env("XDG_STATE_HOME", here).env("WAIF_CHECK_HISTORY", "false").run();
    Waif::new(["graph", &file.target()]).env("XDG_STATE_HOME", here).run();
    Waif::new(["demo", "--headless"]).env("XDG_STATE_HOME", here).run();
    assert_eq!(saved(here), Vec::<PathBuf>::new());
    let wrong = waif(["config", "validate"]);
    assert_eq!(wrong.code, Some(0), "{wrong:#?}");
}

#[test]
fn a_state_folder_that_cannot_be_written_is_a_note_and_no_failure() {
    let (file, state) = (shop(), tempfile::tempdir().expect("a folder"));
    let closed = |mode| fs::set_permissions(state.path(), fs::Permissions::from_mode(mode)).expect("ours");
    closed(0o555);
    fs::set_permissions(file.folder(), fs::Permissions::from_mode(0o755)).expect("ours");
    let run = Waif::unprivileged(["check", &file.target()]).env("XDG_STATE_HOME", state.path()).run();
    closed(0o755);
    assert_eq!(run.code, Some(1), "as without a history: {run:#?}");
    assert!(run.stderr.contains("not saved for later comparison"), "{run:#?}");
    assert!(run.stdout.contains("orphan"), "{run:#?}");

    let inside = state.path().join("waif");
    fs::create_dir_all(&inside).expect("a folder");
    fs::write(inside.join("history"), "a file in the way").expect("written");
    let run = Waif::new(["check", &file.target()]).env("XDG_STATE_HOME", state.path()).run();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("could not be saved for later comparison"), "{run:#?}");
}
