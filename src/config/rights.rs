//! Who may read and write a configuration file, where that matters: like `ssh`, waif refuses a file that others can
//! read when it holds a password, or write when it names programs to start.

use super::mistake::Mistake;
use super::profile::Profile;
use std::path::Path;

/// The mistake of a file whose rights are too wide for what its profiles hold.
#[cfg(unix)]
pub(super) fn mistake(path: &Path, shown: &str, profiles: &[Profile]) -> Option<Mistake> {
    use std::os::unix::fs::PermissionsExt;
    let about = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 && profiles.iter().any(Profile::holds_password) {
        let what = format!("this file holds a password and has group or world access (mode {mode:03o}).");
        return Some(Mistake::new(shown, what).hint(format!("Take it away with chmod 600 {shown}.")));
    }
    if mode & 0o022 != 0 && profiles.iter().any(Profile::starts_program) {
        let what = format!("this file names programs to start and others can write to it (mode {mode:03o}).");
        return Some(Mistake::new(shown, what).hint(format!("Take that away with chmod go-w {shown}.")));
    }
    None
}

#[cfg(not(unix))]
pub(super) fn mistake(_: &Path, _: &str, _: &[Profile]) -> Option<Mistake> {
    None
}
