//! A file in WAL mode that nobody has open. To read it the ordinary way SQLite would have to create its log beside it:
//! impossible in a closed folder, and in an open one it leaves files behind that belong to whoever ran waif. Taken as
//! immutable it is read as it lies, which is the whole truth as long as nobody opens it. That is proved after every
//! statement: a program that opens it creates the log, and one that has come and gone has changed the file.

use crate::db::sqlite::file::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The picture of a file at rest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Still {
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
    pub(super) async fn of(file: &File) -> Option<Self> {
        for _ in 0..10 {
            if !file.wants_wal() {
                return None;
            }
            let still = Self::picture(file.path.clone(), file.beside("-wal"))?;
            if still.modified.elapsed().is_ok_and(|age| age > TICK) {
                return Some(still);
            }
            tokio::time::sleep(TICK).await;
        }
        None
    }

    fn picture(path: PathBuf, log: PathBuf) -> Option<Self> {
        if log.exists() {
            return None;
        }
        let found = std::fs::metadata(&path).ok()?;
        let header = crate::db::sqlite::file::header(&path).ok()?;
        let counter = header.get(24..28)?.to_vec();
        Some(Self { length: found.len(), modified: found.modified().ok()?, counter, path, log })
    }

    pub(super) fn is_of(&self, file: &File) -> bool {
        self.path == file.path
    }

    /// Whether the file still is what it was, and nobody has it open.
    pub(super) fn holds(&self) -> bool {
        Self::picture(self.path.clone(), self.log.clone()).is_some_and(|now| now == *self)
    }
}
