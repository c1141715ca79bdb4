//! Inspecting a SQLite file changes no byte of it and of its folder, and needs no right to.

use crate::support::{SqliteFile, Waif, waif};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const STORY: &str = include_str!("../fixtures/support/sqlite.sql");
const RELATION: &str = "orders(customer_id)->customers(id)";

/// Every file of a folder with its bytes.
fn picture(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("readable"))
        })
        .collect()
}

/// Everything that inspects, with the exit code it should end with.
fn inspections(target: &str) -> Vec<(Vec<String>, i32)> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    vec![
        (words(&["check", target, "--format", "json"]), 1),
        (words(&["check", target, "--verify", "--jobs", "2"]), 1),
        (words(&["orphans", target, RELATION]), 0),
        (words(&["graph", target, "--format", "dot"]), 0),
        (words(&["info", target]), 0),
    ]
}

fn nothing_changes(file: &SqliteFile) {
    let before = picture(file.folder());
    for (args, code) in inspections(&file.target()) {
        let outcome = waif(&args);
        assert_eq!(outcome.code, Some(code), "{args:?}: {outcome:#?}");
        let after = picture(file.folder());
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{args:?}");
        assert!(after == before, "{args:?} changed a byte");
    }
}

#[test]
fn a_file_and_its_folder_are_byte_for_byte_what_they_were() {
    nothing_changes(&SqliteFile::with(STORY));
}

/// An ordinary reader of such a file leaves a log and its index beside it.
#[test]
fn a_file_in_wal_mode_that_nobody_has_open_stays_what_it_was() {
    nothing_changes(&SqliteFile::with(&format!("PRAGMA journal_mode = WAL; {STORY}")));
}

/// The shell is told to exit without a checkpoint: what it wrote is in the log alone.
#[test]
fn what_stands_in_the_wal_file_alone_is_seen() {
    let file = SqliteFile::with(&format!("PRAGMA journal_mode = WAL; {STORY}"));
    file.execute(".filectrl persist_wal 1\n.dbconfig no_ckpt_on_close on\nINSERT INTO orders VALUES (35, 'x', 77, '2025-04-01');");
    assert!(
        file.path().with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0),
        "the log holds the row"
    );
    let before = fs::read(file.path()).expect("readable");
    let outcome = waif(["check", &file.target(), "--format", "json"]);
    let json = outcome.json();
    let relations = json["relations"].as_array().expect("relations");
    let orders = relations.iter().find(|relation| relation["id"] == RELATION).expect("the relation");
    assert_eq!((orders["rows"].as_u64(), orders["orphans"].as_u64()), (Some(35), Some(9)));
    assert!(fs::read(file.path()).expect("readable") == before, "not even a checkpoint");
}

#[test]
fn a_folder_without_write_permission_is_enough() {
    let file = SqliteFile::with(STORY);
    let closed =
        |mode: u32| fs::set_permissions(file.folder(), fs::Permissions::from_mode(mode)).expect("our folder");
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o444)).expect("our file");
    closed(0o555);
    for (args, code) in inspections(&file.target()) {
        let outcome = Waif::unprivileged(&args).run();
        assert_eq!(outcome.code, Some(code), "{args:?}: {outcome:#?}");
    }
    closed(0o755);
}

/// An ordinary reader cannot open such a file at all.
#[test]
fn a_file_in_wal_mode_in_a_closed_folder_is_read_in_full() {
    let file = SqliteFile::with(&format!("PRAGMA journal_mode = WAL; {STORY}"));
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o444)).expect("our file");
    fs::set_permissions(file.folder(), fs::Permissions::from_mode(0o555)).expect("our folder");
    let outcome = Waif::unprivileged(["check", &file.target(), "--format", "json"]).run();
    fs::set_permissions(file.folder(), fs::Permissions::from_mode(0o755)).expect("our folder");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    // 1 document, 3 items of a lost order, 5 items of no product, 8 orders of no customer.
    assert_eq!(outcome.json()["summary"]["orphans"], 17);
}
