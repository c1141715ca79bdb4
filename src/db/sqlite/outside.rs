//! The file as the operating system sees it: how large it is, how much room there is, whether it may be written, who else
//! has it open and who holds it locked. SQLite itself tells none of this. Called by the engine and by the writer.

use crate::db::sqlite::file::{self, File};
use crate::db::sqlite::format;
use crate::model::plan::survey::FileFacts;
use crate::model::text::visible;
use std::path::Path;

/// What is known of a file now.
pub(super) fn facts(file: &File) -> FileFacts {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let header = file::header(&file.path).unwrap_or_default();
    let logged = header.get(18) == Some(&2);
    FileFacts {
        identity: file
            .identity
            .map(|(device, number)| format!("file {number} on device {device}"))
            .unwrap_or_default(),
        bytes: size(&file.path),
        log: file.companion(if logged { "-wal" } else { "-journal" }),
        logged,
        free: free(&file.path),
        foreign: format::foreign(&header),
        closed: closed(file),
        network: network(&file.path),
    }
}

/// Why the file cannot be written by this user.
fn closed(file: &File) -> Option<String> {
    let folder = file.path.parent()?;
    if !writable(&file.path) {
        return Some(format!("{} may not be written by this user.", file.named));
    }
    (!writable(folder)).then(|| {
        format!(
            "The folder of {} may not be written by this user, and SQLite keeps its journal there.",
            file.named
        )
    })
}

/// Whether this user may write a file, or into a folder.
#[cfg(unix)]
pub(super) fn writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Whether this user may write a file, or into a folder.
#[cfg(not(unix))]
pub(super) fn writable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

#[cfg(unix)]
fn free(path: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(path).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

#[cfg(not(unix))]
fn free(_path: &Path) -> Option<u64> {
    None
}

/// File systems whose locks reach over a network, by the numbers Linux gives them.
#[cfg(target_os = "linux")]
fn network(path: &Path) -> Option<&'static str> {
    const KNOWN: [(u32, &str); 6] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB 2"),
        (0x5346_414f, "AFS"),
        (0x00c3_6400, "Ceph"),
    ];
    let kind = u32::try_from(rustix::fs::statfs(path).ok()?.f_type & 0xffff_ffff).ok()?;
    KNOWN.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name)
}

#[cfg(not(target_os = "linux"))]
fn network(_path: &Path) -> Option<&'static str> {
    None
}

/// Other programs that have the file open.
pub(super) fn company(file: &File) -> Vec<String> {
    let mut found: Vec<u32> = Vec::new();
    let own = std::process::id();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if number == own {
            continue;
        }
        let descriptors = std::fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        let mut links = descriptors.filter_map(|link| std::fs::read_link(link.path()).ok());
        if links.any(|link| link == file.path) {
            found.push(number);
        }
    }
    found.sort_unstable();
    found.into_iter().map(program).collect()
}

/// Programs that hold a lock on the file or on the index of its log, as the system lists them.
pub(super) fn holders(file: &File) -> Vec<String> {
    let places: Vec<String> =
        [file.path.clone(), file.beside("-shm")].iter().filter_map(|path| place(path)).collect();
    let found = lockers(|kind, of| kind == "WRITE" && places.iter().any(|place| place == of));
    found.into_iter().map(program).collect()
}

/// Programs that have the file open as a database, under whatever name: each holds a lock on it.
pub(super) fn users(path: &Path) -> Vec<String> {
    let own = place(path);
    lockers(|_, of| own.as_deref() == Some(of)).into_iter().map(program).collect()
}

/// Names the file has.
#[cfg(unix)]
pub(super) fn names(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map_or(1, |found| found.nlink())
}

#[cfg(not(unix))]
pub(super) fn names(_path: &Path) -> u64 {
    1
}

/// Other processes that hold a lock, by its kind and the place of the file it is on.
fn lockers(asked: impl Fn(&str, &str) -> bool) -> Vec<u32> {
    let Ok(listed) = std::fs::read_to_string("/proc/locks") else { return Vec::new() };
    let own = std::process::id();
    let mut found: Vec<u32> = listed
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "->").collect();
            let process = words.get(4)?.parse::<u32>().ok()?;
            asked(words.get(3)?, words.get(5)?).then_some(process)
        })
        .filter(|process| *process != own)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The place of a file as the system names it in its list of locks: device and number. Another file system may give the same
/// number to a file of its own.
#[cfg(target_os = "linux")]
fn place(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path).ok()?;
    let (major, minor) =
        mounted(path).unwrap_or_else(|| (rustix::fs::major(found.dev()), rustix::fs::minor(found.dev())));
    Some(format!("{major:02x}:{minor:02x}:{}", found.ino()))
}

/// The device of the file system a file is on, as the list of locks names it: where a file system has volumes within (btrfs),
/// the file itself names another. None on a Linux before 5.8.
#[cfg(target_os = "linux")]
fn mounted(path: &Path) -> Option<(u32, u32)> {
    use rustix::fs::{AtFlags, CWD, StatxFlags};
    let found = rustix::fs::statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok()?;
    let known = found.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    let own = known.then(|| found.stx_mnt_id.to_string())?;
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
    let listed = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mut mounts = listed.lines().map(|line| line.split(' '));
    let mut mount = mounts.find(|words| words.clone().next() == Some(own.as_str()))?;
    let (major, minor) = mount.nth(2)?.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn place(_path: &Path) -> Option<String> {
    None
}

/// A process as a person may know it.
fn program(process: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    match name.trim() {
        "" => format!("process {process}"),
        name => format!("{} (process {process})", visible(name)),
    }
}
