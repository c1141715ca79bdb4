//! The file before it is opened: what it is, and what lies beside it. Only what SQLite itself would not say, or would
//! say in riddles, is looked at here. Called by `connect`.

use crate::db::sqlite::descriptor::{self, Identity};
use crate::model::fault::{Fault, Kind};
use crate::model::text::{visible, visible_bytes};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A database file to open.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Its absolute path, links resolved: SQLite looks for its companions beside the real file.
    pub(super) path: PathBuf,
    /// As a message names it: `The file shop.db from DATABASE_URL`.
    pub(super) named: String,
    /// Which file it was when it was looked at.
    pub(super) identity: Identity,
}

/// The first bytes of every SQLite 3 database.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

impl File {
    /// Looks at a path; `named` is how messages name it.
    pub(super) fn look(path: &Path, named: String) -> Result<Self, Fault> {
        let unreachable = |what: &str| Fault::new(Kind::Unreachable, format!("{named} {what}"));
        let found = match std::fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(unreachable("does not exist.")
                    .hint("Check the path; waif never creates a database file by itself."));
            }
            Err(error) => return Err(refused(&named, &error)),
        };
        if found.is_dir() {
            return Err(unreachable("is a directory.").hint("Name the database file inside it."));
        }
        if !found.is_file() {
            return Err(unreachable("is not a regular file.").hint("Name a database file."));
        }
        descriptor::of(path).map_err(|error| refused(&named, &error))?;
        let path = path.canonicalize().map_err(|error| refused(&named, &error))?;
        if path.to_str().is_none() {
            return Err(unreachable("has a path that is not UTF-8, which waif cannot pass on to SQLite.")
                .hint("Rename it, or inspect a copy under a plain name."));
        }
        let identity = descriptor::identity(&path).map_err(|error| refused(&named, &error))?;
        let file = Self { path, named, identity };
        if found.len() == 0 && file.companion("-wal") == 0 && file.companion("-journal") == 0 {
            return Err(file
                .unreachable("is empty (0 bytes): it holds no tables.")
                .hint("Check that the path is the one the application uses."));
        }
        Ok(file)
    }

    /// Whether another file lies under the path by now, or none.
    pub(super) fn is_replaced(&self) -> bool {
        descriptor::identity(&self.path).ok() != Some(self.identity)
    }

    fn unreachable(&self, what: &str) -> Fault {
        Fault::new(Kind::Unreachable, format!("{} {what}", self.named))
    }

    /// Bytes in the file beside this one, 0 when there is none: `-wal`, `-journal`.
    pub(super) fn companion(&self, ending: &str) -> u64 {
        std::fs::metadata(self.beside(ending)).map_or(0, |found| found.len())
    }

    /// The path of the file beside this one.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    }

    /// Whether the header says that readers need a write-ahead log.
    pub(super) fn wants_wal(&self) -> bool {
        header(&self.path).is_ok_and(|header| header.get(19) == Some(&2))
    }

    /// Why SQLite finds that this is no database.
    pub(super) fn no_database(&self) -> Fault {
        let header = header(&self.path).unwrap_or_default();
        if header.starts_with(MAGIC) && header.get(19).is_some_and(|version| *version > 2) {
            return self
                .unreachable("was written in a newer format than this SQLite can read.")
                .hint("Use a newer waif.");
        }
        if let Some((what, hint)) = known(&header) {
            return self.unreachable(&format!("is {what}, not a SQLite database.")).hint(hint);
        }
        self.unreachable("is not a SQLite database, or it is encrypted.")
            .hint("waif cannot open encrypted files; decrypt a copy and inspect that.")
    }

    /// Why SQLite finds the file malformed: most often it is cut short.
    pub(super) fn malformed(&self) -> Fault {
        let header = header(&self.path).unwrap_or_default();
        let held = std::fs::metadata(&self.path).map_or(0, |found| found.len());
        let promised = promised(&header).unwrap_or(0);
        let headline = if header.starts_with(MAGIC) && promised > held {
            format!("is cut short: it holds {held} of the {promised} bytes its header promises.")
        } else {
            "is damaged.".to_owned()
        };
        self.unreachable(&headline).hint("Restore it from a backup, or copy it again from where it is whole.")
    }

    /// Why SQLite cannot read it without writing.
    pub(super) fn needs_writing(&self) -> Fault {
        if self.companion("-journal") > 0 {
            let path = self.path.to_string_lossy();
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            return self.unreachable("holds an unfinished transaction of a writer that crashed.").hint(format!(
                "Where that was a run of waif, go on with it: waif resume {} last --allow-writes --confirm {} has \
                 SQLite roll that back first. Else open it once with a program that may write to it.",
                word(&path),
                word(&name)
            ));
        }
        if self.wants_wal() {
            return self
                .unreachable("is in WAL mode and its folder cannot be written, so SQLite cannot read it safely.")
                .hint("Run waif as a user who may write the folder, or inspect a copy of the file with its -wal.");
        }
        self.unreachable("cannot be opened.").hint("Check the rights on the file and on its folder.")
    }
}

/// A text as a shell takes it for one word.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    let text = visible(text);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The first bytes of a file: <https://www.sqlite.org/fileformat.html>, section 1.3.
pub(super) fn header(path: &Path) -> std::io::Result<Vec<u8>> {
    descriptor::beginning(path, 100)
}

fn refused(named: &str, error: &std::io::Error) -> Fault {
    if error.kind() == ErrorKind::PermissionDenied {
        return Fault::new(Kind::Unreachable, format!("{named} may not be read by this user."))
            .because(error.to_string())
            .hint("Grant read access to the file and its folder.");
    }
    Fault::new(Kind::Unreachable, format!("{named} cannot be read.")).because(error.to_string())
}

/// The bytes a header promises: page size at offset 16, pages at offset 28, valid when the change counters agree.
fn promised(header: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let page = match u16::from_be_bytes(header.get(16..18)?.try_into().ok()?) {
        1 => 65_536,
        size => u64::from(size),
    };
    (number(24)? == number(92)?).then_some(page * u64::from(number(28)?))
}

/// Files people take for databases.
fn known(header: &[u8]) -> Option<(&'static str, &'static str)> {
    let text: String = String::from_utf8_lossy(header).trim_start().to_ascii_uppercase();
    if header.starts_with(b"\x1f\x8b") || header.starts_with(b"PK\x03\x04") {
        Some(("a compressed file", "Unpack it first."))
    } else if header.starts_with(b"PGDMP") {
        Some(("a dump of PostgreSQL", "Restore it with pg_restore and name the server."))
    } else if header.starts_with(b"** This file contains an SQLite 2") {
        Some(("a database of SQLite 2", "Convert it with the sqlite and sqlite3 shells first."))
    } else if ["PRAGMA ", "BEGIN", "CREATE ", "INSERT ", "--"].iter().any(|word| text.starts_with(word)) {
        Some(("an SQL script", "Load it into a new file with the sqlite3 shell first."))
    } else {
        None
    }
}

/// How messages name a file: as the user wrote it, with where it came from.
pub(super) fn named(path: &Path, source: Option<&str>) -> String {
    let path = visible_bytes(path.as_os_str().as_encoded_bytes());
    source.map_or_else(|| format!("The file {path}"), |source| format!("The file {path} from {source}"))
}
