//! Descriptors of database files, which are never closed. POSIX takes all locks of a process on a file away when the
//! process closes any descriptor of it, also those SQLite holds for a session of ours: a look at the header that closed its
//! file would let other programs write beneath a transaction. So each file that waif looks at itself is opened once and
//! kept. Called by everything of this folder that reads bytes of a file.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What tells one file from another, whatever it is called: its device and its number there. None where the system has
/// no such thing.
pub(super) type Identity = Option<(u64, u64)>;

/// The identity of the file at a path.
pub(super) fn identity(path: &Path) -> io::Result<Identity> {
    std::fs::metadata(path).map(|found| told(&found))
}

#[cfg(unix)]
fn told(found: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn told(_found: &std::fs::Metadata) -> Identity {
    None
}

type Kept = HashMap<(u64, u64), Arc<File>>;

static OPEN: OnceLock<Mutex<Kept>> = OnceLock::new();

/// The file at a path, open for reading.
pub(super) fn of(path: &Path) -> io::Result<Arc<File>> {
    let mut open = OPEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = identity(path)?.and_then(|identity| open.get(&identity)) {
        return Ok(Arc::clone(known));
    }
    let file = Arc::new(File::open(path)?);
    match file.metadata().map(|found| told(&found))? {
        // Another file came to the path meanwhile, and it was known already: the second descriptor must not be closed.
        Some(identity) if open.contains_key(&identity) => std::mem::forget(Arc::clone(&file)),
        Some(identity) => drop(open.insert(identity, Arc::clone(&file))),
        None => {}
    }
    Ok(file)
}

/// The first bytes of the file at a path, at most so many.
pub(super) fn beginning(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let file = of(path)?;
    let mut bytes = vec![0; most];
    let mut held = 0;
    while held < most {
        match read_at(&file, &mut bytes[held..], held as u64) {
            Ok(0) => break,
            Ok(more) => held += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(held);
    Ok(bytes)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_is_opened_once_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        std::fs::write(&one, b"first").unwrap();
        std::fs::hard_link(&one, &other).unwrap();
        assert!(Arc::ptr_eq(&of(&one).unwrap(), &of(&other).unwrap()));
        std::fs::remove_file(&one).unwrap();
        std::fs::write(&one, b"second").unwrap();
        assert!(!Arc::ptr_eq(&of(&one).unwrap(), &of(&other).unwrap()), "another file under the name");
        assert_eq!(beginning(&one, 100).unwrap(), b"second");
        assert_eq!(beginning(&other, 3).unwrap(), b"fir");
        std::fs::write(&other, b"changed").unwrap();
        assert_eq!(beginning(&other, 100).unwrap(), b"changed", "the bytes are read anew each time");
    }
}
