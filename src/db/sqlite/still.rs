//! A file in WAL mode that nobody has open. To read it the ordinary way SQLite would have to create its log beside it:
//! impossible in a closed folder, and in an open one it leaves files behind that belong to whoever ran waif. Taken as
//! immutable it is read as it lies, which is the whole truth as long as nobody opens it. That is proved after every
//! statement: a program that opens it creates the log, and one that has come and gone has changed the file. A file that was
//! disturbed once is read the ordinary way from then on: whoever came may come again.

use crate::db::sqlite::file::File;
use crate::db::sqlite::outside;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// A file at rest.
#[derive(Clone, Debug)]
pub(super) struct Still {
    picture: Picture,
    disturbed: Disturbed,
}

/// Whether a file that was taken as immutable was opened by another program meanwhile.
pub(super) type Disturbed = Arc<AtomicBool>;

/// The picture of a file at rest.
#[derive(Clone, Debug, PartialEq)]
struct Picture {
    path: PathBuf,
    log: PathBuf,
    length: u64,
    modified: SystemTime,
    /// SQLite's own count of changes, at offset 24.
    counter: Vec<u8>,
}

/// Clocks of file systems tick; a change within one tick of the picture would not show.
const TICK: Duration = Duration::from_millis(100);

impl Still {
    /// The picture of a file, if it is in WAL mode and lies still.
    pub(super) async fn of(file: &File, disturbed: &Disturbed) -> Option<Self> {
        for _ in 0..10 {
            // In a closed folder there is no other way.
            let open = file.path.parent().is_some_and(outside::writable);
            if !file.wants_wal() || open && disturbed.load(Ordering::Acquire) {
                return None;
            }
            let picture = Picture::of(file.path.clone(), file.beside("-wal"))?;
            if picture.modified.elapsed().is_ok_and(|age| age > TICK) {
                return Some(Self { picture, disturbed: Arc::clone(disturbed) });
            }
            tokio::time::sleep(TICK).await;
        }
        None
    }

    /// The programs that have a file in WAL mode open whose log lies elsewhere, beside another name of it: what they
    /// committed cannot be seen from here.
    pub(super) fn unseen(file: &File) -> Vec<String> {
        if !file.wants_wal() || file.beside("-wal").exists() {
            return Vec::new();
        }
        let users = outside::users(&file.path);
        // One that opens it just now makes the log next.
        if users.is_empty() || file.beside("-wal").exists() { Vec::new() } else { users }
    }

    pub(super) fn is_of(&self, file: &File) -> bool {
        self.picture.path == file.path
    }

    /// Whether the file still is what it was, and nobody has it open.
    pub(super) fn holds(&self) -> bool {
        let Picture { path, log, .. } = self.picture.clone();
        let holds = Picture::of(path, log).is_some_and(|now| now == self.picture);
        if !holds {
            self.disturbed.store(true, Ordering::Release);
        }
        holds
    }
}

impl Picture {
    fn of(path: PathBuf, log: PathBuf) -> Option<Self> {
        // Who has it open under another name has its log there.
        if log.exists() || !outside::users(&path).is_empty() {
            return None;
        }
        let found = std::fs::metadata(&path).ok()?;
        let header = crate::db::sqlite::file::header(&path).ok()?;
        let counter = header.get(24..28)?.to_vec();
        Some(Self { length: found.len(), modified: found.modified().ok()?, counter, path, log })
    }
}
