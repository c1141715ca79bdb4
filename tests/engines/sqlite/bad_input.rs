//! Files that are no database to read: one sentence each that names the file and where it came from.

use super::opened::{Opened, target};
use crate::support::SqliteFile;
use std::fs;
use std::path::Path;
use waif::model::fault::{Fault, Kind};

fn fault(path: &Path) -> Fault {
    let fault = Opened::of(&target(path)).map(drop).expect_err("it cannot be opened");
    assert!(fault.headline.starts_with("The file ") && fault.headline.ends_with('.'), "{fault:?}");
    assert!(fault.headline.contains("from DATABASE_URL"), "{fault:?}");
    assert!(fault.hint.as_ref().is_some_and(|hint| hint.ends_with('.')), "{fault:?}");
    assert_eq!(fault.kind, Kind::Unreachable, "{fault:?}");
    fault
}

/// What is said of a file with these bytes.
fn said(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.db");
    fs::write(&path, bytes).expect("written");
    fault(&path).headline
}

#[test]
fn a_path_that_leads_nowhere_or_to_no_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(
        fault(&folder.path().join("no\u{1b}[31m.db"))
            .headline
            .contains("no\\x1B[31m.db from DATABASE_URL does not exist")
    );
    assert!(!folder.path().join("no.db").exists(), "and nothing was created");
    assert!(fault(folder.path()).headline.ends_with("is a directory."));
    assert!(fault(Path::new("/dev/null")).headline.ends_with("is not a regular file."));
}

#[test]
fn files_that_are_no_database_are_told_for_what_they_are() {
    assert!(said(b"").ends_with("is empty (0 bytes): it holds no tables."));
    assert!(said(&[0x5a; 8192]).ends_with("is not a SQLite database, or it is encrypted."));
    assert!(said(b"short").ends_with("is not a SQLite database, or it is encrypted."));
    assert!(
        said(b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\n")
            .contains("is an SQL script")
    );
    let mut packed = b"\x1f\x8b\x08".to_vec();
    packed.resize(4096, 7);
    assert!(said(&packed).contains("is a compressed file"));
    let mut dump = b"PGDMP".to_vec();
    dump.resize(4096, 7);
    assert!(said(&dump).contains("dump of PostgreSQL"));
}

#[test]
fn a_file_cut_short_is_told_with_both_sizes() {
    let file = SqliteFile::with("CREATE TABLE t(a); CREATE TABLE u(a); CREATE TABLE v(a);");
    let whole = fs::read(file.path()).expect("readable");
    assert_eq!(whole.len(), 16_384);
    fs::write(file.path(), &whole[..8_192]).expect("written");
    let headline = fault(file.path()).headline;
    assert!(
        headline.ends_with("is cut short: it holds 8192 of the 16384 bytes its header promises."),
        "{headline}"
    );
    fs::write(file.path(), &whole[..60]).expect("written");
    assert!(fault(file.path()).headline.len() > 20);
}

#[test]
fn a_newer_format_is_not_called_encrypted() {
    let file = SqliteFile::with("CREATE TABLE t(a)");
    let mut bytes = fs::read(file.path()).expect("readable");
    bytes[19] = 3;
    fs::write(file.path(), bytes).expect("written");
    assert!(fault(file.path()).headline.contains("newer format"));
}

#[test]
fn a_damaged_schema_is_told_with_what_sqlite_says() {
    let file = SqliteFile::with(
        "CREATE TABLE t(a); PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE t(' WHERE name = 't';",
    );
    let fault = fault(file.path());
    assert!(fault.headline.ends_with("is damaged."), "{fault:?}");
    assert!(fault.causes[0].contains("malformed database schema"), "{fault:?}");
}

#[test]
fn an_attached_file_is_looked_at_as_closely() {
    let file = SqliteFile::with("CREATE TABLE t(a)");
    let mut target = target(file.path());
    target.attach = vec![("other".to_owned(), file.folder().join("gone.db"))];
    let fault = Opened::of(&target).map(drop).expect_err("there is no such file");
    assert!(fault.headline.contains("gone.db from attach does not exist"), "{fault:?}");
    target.attach = vec![("Main".to_owned(), file.path().to_owned())];
    assert_eq!(Opened::of(&target).map(drop).expect_err("the name is taken").kind, Kind::Usage);
}

#[test]
fn names_that_would_mean_something_in_a_uri_mean_themselves() {
    let file = SqliteFile::with("CREATE TABLE c(x REFERENCES c)");
    let odd = file.folder().join("a b?mode=rw#%41 'x'.db");
    fs::copy(file.path(), &odd).expect("copied");
    assert_eq!(Opened::at(&odd).catalog().tables.len(), 1);
    let opened = Opened::with_attached(file.path(), &[("odd", &odd)]);
    assert_eq!(opened.catalog().tables.len(), 2);
}
