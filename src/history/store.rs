//! The folder of a target's saved checks: a file per check, so that two processes never write the same one. Files are
//! written beside their place and renamed, their names say what is in them, and what cannot be read is set aside.

use super::place::Place;
use super::record::{FORMAT, Key, Point, Record};
use super::trend::first_seen;
use crate::model::target::Target;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Checks kept at most.
const KEEPS: usize = 200;
/// The latest of them that are never thinned out.
const LATEST: usize = 20;
/// Whole checks kept with all they found, and others.
const FULL: usize = 3;
/// Damaged files kept for whoever wants to look.
const DAMAGED: usize = 3;
/// A larger file is no record of ours.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Checks that find the same within this time are one on the line of time.
const SAME_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
const FULL_END: &str = "full.json";
const SHORT_END: &str = "short.json";

/// Where the checks of one target are kept.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    identity: String,
}

/// What earlier checks of a target left behind.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The last check that vouches for the whole database; where there is none, the last that was not narrowed.
    pub base: Option<Record>,
    /// Whole checks, the earliest first.
    pub points: Vec<Point>,
    /// When each finding was seen first.
    pub first_seen: HashMap<Key, Timestamp>,
}

impl Past {
    /// Takes in a check that was made now. The check to compare with stays the one from before, so that what changed since
    /// then can be told for as long as somebody looks; only where there was no whole one does this one become it.
    pub fn take_in(&mut self, record: &Record) {
        if record.is_whole() {
            self.points.push(record.point());
            self.first_seen.clear();
        }
        for seen in record.body.iter().flat_map(|body| &body.findings) {
            self.first_seen.insert((seen.rule.clone(), seen.object.clone()), seen.first_seen);
        }
        let base = self.base.as_ref();
        if base.is_none() && !record.narrowed
            || record.is_whole() && base.is_some_and(|base| !base.is_whole())
        {
            self.base = Some(record.clone());
        }
    }
}

/// A file of the folder, as its name tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The name up to what the file holds: time, kind, process.
    stem: String,
    ended: Timestamp,
    whole: bool,
    full: bool,
}

impl Store {
    /// The store of a target below waif's state folder; none where the target cannot be told from others.
    pub fn of(state: &Path, target: &Target) -> Option<Self> {
        let Place { identity, folder } = Place::of(target)?;
        Some(Self { folder: state.join("history").join(folder), identity })
    }

    /// The target's identity.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// What was saved, and a sentence about each file that could not be read.
    pub fn past(&self) -> (Past, Vec<String>) {
        let mut notices = Vec::new();
        let mut records: Vec<Record> = Vec::new();
        for entry in self.entries() {
            match self.read(&entry.file()) {
                Ok(record) if record.target == self.identity => records.push(record),
                Ok(_) => {}
                Err(Unread::Gone) => {}
                Err(Unread::Newer(format)) => notices.push(format!(
                    "A saved check of format {format} was made by a newer waif and is left alone."
                )),
                Err(Unread::Damaged) => notices.push(self.set_aside(&entry.file())),
            }
        }
        notices.dedup();
        let base = |fits: &dyn Fn(&Record) -> bool| {
            records.iter().rfind(|record| record.body.is_some() && fits(record)).cloned()
        };
        let past = Past {
            base: base(&Record::is_whole).or_else(|| base(&|record| !record.narrowed)),
            points: records.iter().filter(|record| record.is_whole()).map(Record::point).collect(),
            first_seen: first_seen(records.iter()),
        };
        (past, notices)
    }

    /// Saves a check, and drops what is more than is kept. A check that found the same as the two before it within an
    /// hour takes the place of the last: watching for a night leaves no thousand equal records.
    ///
    /// # Errors
    /// What keeps the folder from being written.
    pub fn save(&self, record: &Record) -> io::Result<()> {
        make_private(&self.folder)?;
        let entry = Entry::new(record);
        self.write(&entry.file(), record)?;
        self.replace_the_same(record, &entry);
        self.prune();
        Ok(())
    }

    fn write(&self, name: &str, record: &Record) -> io::Result<()> {
        // A temporary file is its owner's alone from the start.
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        serde_json::to_writer(io::BufWriter::new(&mut file), record)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(name))?;
        Ok(())
    }

    /// The saved checks by the names of their files, the earliest first; of a full and a short record of one check, as a
    /// broken-off pruning leaves them, the full one.
    fn entries(&self) -> Vec<Entry> {
        let Ok(files) = fs::read_dir(&self.folder) else { return Vec::new() };
        let names = files.flatten().filter_map(|file| Entry::named(file.file_name().to_str()?));
        let mut entries: Vec<Entry> = names.collect();
        entries.sort_by(|one, other| {
            (one.ended, &one.stem, !one.full).cmp(&(other.ended, &other.stem, !other.full))
        });
        entries.dedup_by(|later, earlier| later.stem == earlier.stem);
        entries
    }

    fn read(&self, name: &str) -> Result<Record, Unread> {
        #[derive(Deserialize)]
        struct Peek {
            format: u32,
        }
        let path = self.folder.join(name);
        let size = fs::metadata(&path).map_err(Unread::from)?.len();
        if size > LARGEST {
            return Err(Unread::Damaged);
        }
        let bytes = fs::read(&path).map_err(Unread::from)?;
        match serde_json::from_slice::<Peek>(&bytes) {
            Ok(Peek { format }) if format > FORMAT => Err(Unread::Newer(format)),
            Ok(_) => serde_json::from_slice(&bytes).map_err(|_| Unread::Damaged),
            Err(_) => Err(Unread::Damaged),
        }
    }

    fn set_aside(&self, name: &str) -> String {
        let aside = format!("{name}.damaged");
        let moved = fs::rename(self.folder.join(name), self.folder.join(&aside));
        let place = match moved {
            Ok(()) => format!("and was set aside as {aside}"),
            Err(_) => format!("and is left out: {name}"),
        };
        format!("A saved check cannot be read {place}. The other saved checks are not touched by this.")
    }

    fn replace_the_same(&self, record: &Record, entry: &Entry) {
        let before: Vec<Entry> =
            self.entries().into_iter().filter(|one| one.full && one.stem != entry.stem).collect();
        let [.., first, last] = before.as_slice() else { return };
        let same = |entry: &Entry| {
            self.read(&entry.file())
                .is_ok_and(|saved| saved.ended < record.ended && saved.says_the_same(record))
        };
        if record.ended.duration_since(first.ended) < SAME_WITHIN && same(last) && same(first) {
            let _ = fs::remove_file(self.folder.join(last.file()));
        }
    }

    /// Drops what is more than is kept. What cannot be removed now is met again by the next check.
    fn prune(&self) {
        let mut entries = self.entries();
        while entries.len() > KEEPS {
            let victim = entries.remove(densest(&entries));
            let _ = fs::remove_file(self.folder.join(victim.file()));
        }
        for whole in [true, false] {
            let full = entries.iter().rev().filter(|entry| entry.full && entry.whole == whole);
            full.skip(FULL).for_each(|entry| self.shorten(entry));
        }
        self.sweep();
    }

    /// Keeps the figures of a check, and forgets what it found.
    fn shorten(&self, entry: &Entry) {
        if let Ok(record) = self.read(&entry.file()) {
            let short = Record { body: None, ..record };
            if self.write(&Entry { full: false, ..entry.clone() }.file(), &short).is_ok() {
                let _ = fs::remove_file(self.folder.join(entry.file()));
            }
        }
    }

    /// Removes what a killed process left half written, and damaged files beyond a few.
    fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.folder) else { return };
        let mut damaged = Vec::new();
        for file in files.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let age = file.metadata().and_then(|data| data.modified()).ok().and_then(|at| at.elapsed().ok());
            if name.starts_with(".new-") && age.is_some_and(|age| age.as_secs() > 3_600) {
                let _ = fs::remove_file(file.path());
            } else if name.ends_with(".damaged") {
                damaged.push(file.path());
            }
        }
        damaged.sort();
        for path in damaged.iter().rev().skip(DAMAGED) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Why a file gave no record.
enum Unread {
    /// Another process removed it meanwhile, or it is not ours to read.
    Gone,
    /// A later format.
    Newer(u32),
    /// No record at all.
    Damaged,
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl Entry {
    fn new(record: &Record) -> Self {
        let kind = if record.is_whole() { "whole" } else { "part" };
        let stamp = record.ended.strftime("%Y%m%dT%H%M%S%.9fZ");
        let stem = format!("{stamp}-{kind}-{:x}", std::process::id());
        Self { stem, ended: record.ended, whole: record.is_whole(), full: true }
    }

    fn named(name: &str) -> Option<Self> {
        let (stem, full) = match (name.strip_suffix(FULL_END), name.strip_suffix(SHORT_END)) {
            (Some(stem), _) => (stem, true),
            (_, Some(stem)) => (stem, false),
            _ => return None,
        };
        let stem = stem.strip_suffix('.')?;
        let mut parts = stem.split('-');
        let ended = parts.next()?.parse().ok()?;
        let whole = match parts.next()? {
            "whole" => true,
            "part" => false,
            _ => return None,
        };
        Some(Self { stem: stem.to_owned(), ended, whole, full })
    }

    fn file(&self) -> String {
        format!("{}.{}", self.stem, if self.full { FULL_END } else { SHORT_END })
    }
}

/// The check that is missed least: the one whose neighbours are closest together. Neither the first nor one of the latest.
fn densest(entries: &[Entry]) -> usize {
    let last = entries.len().saturating_sub(LATEST).max(2);
    let gap = |at: &usize| match (entries.get(at - 1), entries.get(at + 1)) {
        (Some(before), Some(after)) => after.ended.duration_since(before.ended),
        _ => jiff::SignedDuration::MAX,
    };
    (1..last).min_by_key(gap).unwrap_or(0)
}

#[cfg(unix)]
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
