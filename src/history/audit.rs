//! The audit log of a target: a line for everything a run sent to change the database, and for what came of it. Lines are
//! only ever added; each carries a digest over itself and the line before, so that an edit, a removal or another order is
//! seen. A line stands on the disk before its statement is sent. Statements are kept without the values of rows.

use super::place::Place;
use super::store::make_private;
use crate::model::target::Target;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What the first line follows.
const ROOT: &str = "sha256:0";

/// How a log is told whose end was changed.
const EDITED: &str = "its last line is not as it was written";

/// What is to be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// The person at the machine: user and host.
    pub os_user: String,
    /// The role at the server.
    pub db_user: String,
    /// The run.
    pub run: String,
    /// The fingerprint of its plan.
    pub plan: String,
    /// The step; empty before the first.
    pub step: String,
    /// `sent` before, `done` or `failed` after.
    pub what: String,
    /// The statements, in order; empty after.
    pub sql: Vec<String>,
    /// Rows they changed.
    pub rows: Option<u64>,
    /// The server's code of what went wrong.
    pub sqlstate: Option<String>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: Timestamp,
    /// Milliseconds since the log was opened: a clock that was set back is seen.
    clock: u64,
    target: String,
    deed: Deed,
    before: String,
    hash: String,
}

impl Line {
    fn digest(&self) -> String {
        let text = serde_json::to_string(&(&self.at, self.clock, &self.target, &self.deed, &self.before));
        let hex: String = Sha256::digest(text.unwrap_or_default().as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("sha256:{hex}")
    }
}

/// What a look through the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The file.
    pub file: PathBuf,
    /// Lines that follow from each other.
    pub lines: u64,
    /// Lines that a crash cut off while they were written.
    pub torn: u64,
    /// The first line that does not follow, and why.
    pub broken: Option<(u64, &'static str)>,
}

/// The log of a target.
#[derive(Debug)]
pub struct AuditLog {
    file: PathBuf,
    target: String,
    opened: Instant,
    writing: Mutex<()>,
}

impl AuditLog {
    /// The log of a target below waif's state folder; none where the target cannot be told from others.
    pub fn of(state: &Path, target: &Target) -> Option<Self> {
        let Place { identity, folder } = Place::of(target)?;
        let file = state.join("audit").join(format!("{folder}.jsonl"));
        Some(Self { file, target: identity, opened: Instant::now(), writing: Mutex::new(()) })
    }

    /// Adds a line and waits until it stands on the disk.
    ///
    /// # Errors
    /// What keeps it from standing there: then nothing may be sent.
    pub fn write(&self, deed: &Deed) -> io::Result<()> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = self.file.parent() {
            make_private(folder)?;
        }
        let mut file = private().read(true).append(true).create(true).open(&self.file)?;
        file.lock()?;
        let (before, torn) = last(&mut file)?;
        let clock = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (target, deed) = (self.target.clone(), deed.clone());
        let mut line = Line { at: Timestamp::now(), clock, target, deed, before, hash: String::new() };
        line.hash = line.digest();
        let mut text = serde_json::to_string(&line).map_err(io::Error::other)?;
        text.push('\n');
        if torn {
            text.insert(0, '\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// Looks through the whole log.
    ///
    /// # Errors
    /// What keeps it from being read; a log that is not there has no lines.
    pub fn verify(&self) -> io::Result<Verified> {
        let mut found = Verified { file: self.file.clone(), lines: 0, torn: 0, broken: None };
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        let mut before = ROOT.to_owned();
        let mut unread = None;
        for (at, text) in BufReader::new(file).split(b'\n').enumerate() {
            let (text, at) = (text?, at as u64 + 1);
            let Ok(line) = serde_json::from_slice::<Line>(&text) else {
                // Only the end of a line is ever cut off, and the next line follows the one before it.
                if unread.replace(at).is_some() {
                    break;
                }
                continue;
            };
            if line.before != before {
                let why = match unread {
                    Some(_) => "it cannot be read, and the next one does not follow the one before it",
                    None => "it does not follow the line before it: lines were removed, added or moved",
                };
                found.broken = Some((unread.unwrap_or(at), why));
                return Ok(found);
            }
            if line.digest() != line.hash {
                found.broken = Some((at, "it was edited: its digest does not fit"));
                return Ok(found);
            }
            found.torn += u64::from(unread.take().is_some());
            (before, found.lines) = (line.hash, found.lines + 1);
        }
        if let Some(at) = unread {
            let whole = std::fs::read(&self.file)?.ends_with(b"\n");
            if whole {
                found.broken = Some((at, "it cannot be read"));
            } else {
                found.torn += 1;
            }
        }
        Ok(found)
    }
}

/// The digest of the last whole line, and whether a torn one stands behind it.
fn last(file: &mut File) -> io::Result<(String, bool)> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut reach = 64 * 1024;
    loop {
        let from = length.saturating_sub(reach);
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        Read::by_ref(file).take(length - from).read_to_end(&mut text)?;
        let torn = !text.is_empty() && !text.ends_with(b"\n");
        let lines = text.split(|byte| *byte == b'\n').rev();
        let read = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok()).next();
        match read {
            Some(line) if line.digest() == line.hash => return Ok((line.hash, torn)),
            Some(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, EDITED)),
            None if from == 0 => return Ok((ROOT.to_owned(), torn)),
            None => reach = reach.saturating_mul(8),
        }
    }
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn log(folder: &Path) -> AuditLog {
        AuditLog {
            file: folder.join("audit.jsonl"),
            target: "postgres://here:5432/shop".to_owned(),
            opened: Instant::now(),
            writing: Mutex::new(()),
        }
    }

    fn written(folder: &Path) -> AuditLog {
        let log = log(folder);
        for step in ["1a", "1b", "2a", "2b"] {
            log.write(&Deed { step: step.to_owned(), what: "sent".to_owned(), ..Deed::default() }).unwrap();
        }
        log
    }

    #[test]
    fn lines_follow_from_each_other_across_sessions() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(log(folder.path()).verify().unwrap().lines, 0, "no log is no broken log");
        written(folder.path());
        let again = written(folder.path());
        let verified = again.verify().unwrap();
        assert_eq!((verified.lines, verified.torn, verified.broken), (8, 0, None));
    }

    #[test]
    fn an_edit_a_removal_and_another_order_are_told_with_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let log = written(folder.path());
        let whole = fs::read_to_string(&log.file).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let broken = |lines: &[&str]| {
            fs::write(&log.file, lines.join("\n") + "\n").unwrap();
            log.verify().unwrap().broken
        };
        let edited = lines[1].replacen("\"1b\"", "\"9z\"", 1);
        assert!(
            matches!(broken(&[lines[0], &edited, lines[2], lines[3]]), Some((2, why)) if why.contains("edited"))
        );
        assert!(matches!(broken(&[lines[0], lines[2], lines[3]]), Some((2, why)) if why.contains("removed")));
        assert!(matches!(broken(&[lines[0], lines[2], lines[1], lines[3]]), Some((2, _))));
        assert!(matches!(broken(&[lines[1], lines[2]]), Some((1, _))), "the first is missing");
        assert!(
            matches!(broken(&[lines[0], "garbage", lines[2], lines[3]]), Some((2, why)) if why.contains("cannot be read"))
        );
        assert!(matches!(broken(&[lines[0], lines[1], "garbage"]), Some((3, _))));
    }

    /// Every byte takes every single flip; the log is cut at every length. What is changed is told, but for a last line
    /// that could as well have been cut off, and for what means the same.
    #[test]
    fn every_flipped_byte_is_told_and_every_cut_is_none_or_a_torn_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = written(folder.path());
        let whole = fs::read(&log.file).unwrap();
        let read = |bytes: &[u8]| {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_slice::<Line>(line).ok()).collect::<Vec<_>>()
        };
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                fs::write(&log.file, &bytes).unwrap();
                let found = log.verify().unwrap();
                let torn = at + 1 == whole.len() && found.torn == 1 && found.lines == 3;
                let same = read(&bytes) == read(&whole);
                assert!(found.broken.is_some() || torn || same, "byte {at}, bit {bit}: {found:?}");
            }
        }
        for end in 0..whole.len() {
            fs::write(&log.file, &whole[..end]).unwrap();
            let found = log.verify().unwrap();
            let lines = whole[..end].iter().filter(|byte| **byte == b'\n').count() as u64;
            assert!(found.broken.is_none(), "{end}: {found:?}");
            // A line whose newline alone is missing counts as whole.
            assert!([lines, lines + 1].contains(&found.lines) && found.torn <= 1, "{end}: {found:?}");
        }
        fs::write(&log.file, &whole).unwrap();
        let edited = String::from_utf8(whole).unwrap().replacen("\"2b\"", "\"9z\"", 1);
        fs::write(&log.file, edited).unwrap();
        let refused = log.write(&Deed::default()).unwrap_err();
        assert!(refused.to_string().contains("not as it was written"), "{refused}");
    }

    #[test]
    fn a_line_that_a_crash_cut_off_is_no_edit() {
        let folder = tempfile::tempdir().unwrap();
        let log = written(folder.path());
        let mut whole = fs::read(&log.file).unwrap();
        whole.extend_from_slice(b"{\"at\":\"2026-");
        fs::write(&log.file, &whole).unwrap();
        assert_eq!(log.verify().unwrap().broken, None);
        log.write(&Deed::default()).unwrap();
        let verified = log.verify().unwrap();
        assert_eq!((verified.lines, verified.torn, verified.broken), (5, 1, None));
    }
}
