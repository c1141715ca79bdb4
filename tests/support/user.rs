//! Who runs the tests, and whom root may become.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// User and group of an unprivileged user to become: nobody in particular. None when we are unprivileged ourselves.
pub fn nobody() -> Option<(u32, u32)> {
    let ours = tempfile::NamedTempFile::new().expect("a temporary file");
    if ours.as_file().metadata().expect("our own file").uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(find("nobody").or_else(|| find("postgres")).expect("a user nobody or postgres in /etc/passwd"))
}
