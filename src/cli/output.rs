//! Where data goes: standard output, or a file that is there whole or not at all.

use crate::cli::exit::Ended;
use crate::model::fault::{Fault, Kind};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What printing asks of a writer.
type Print<'a> = &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// Prints to the file, or to standard output.
///
/// # Errors
/// When the place cannot take it. A pipe that was closed is no error: whoever reads has read enough.
pub(crate) fn print(
    file: Option<&Path>,
    mut print: impl FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Ended> {
    match file {
        Some(path) => to_file(path, &mut print).map_err(|error| Ended::Fault(unwritable(path, &error))),
        None => to_stdout(&mut print),
    }
}

/// Whether the file could be written, asked before the work rather than after it.
///
/// # Errors
/// Usage, when it could not.
pub(crate) fn ready(file: Option<&Path>) -> Result<(), Fault> {
    let Some(path) = file else { return Ok(()) };
    let (place, folder) = place(path);
    let tried = match fs::metadata(&place) {
        Ok(what) if what.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(what) if !what.is_file() => Ok(()),
        _ => tempfile::tempfile_in(folder).map(drop),
    };
    tried.map_err(|error| unwritable(path, &error))
}

/// Where a path leads through links, and the folder there.
fn place(path: &Path) -> (PathBuf, PathBuf) {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    (place, folder)
}

fn to_stdout(print: Print<'_>) -> Result<(), Ended> {
    let mut out = BufWriter::new(io::stdout().lock());
    match print(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left in the buffer has no reader; writing it again on drop would only fail again.
            drop(out.into_parts());
            Ok(())
        }
        Err(error) => {
            drop(out.into_parts());
            let headline = "Standard output could not take the whole output.";
            Err(Fault::new(Kind::Other, headline).because(error.to_string()).into())
        }
        Ok(()) => Ok(()),
    }
}

/// Writes beside the file and puts the whole in its place, so that nobody ever reads half of it. What is no ordinary file
/// (a pipe, a device) is written as it stands.
fn to_file(path: &Path, print: Print<'_>) -> io::Result<()> {
    let (place, folder) = place(path);
    if fs::metadata(&place).is_ok_and(|what| !what.is_file()) {
        let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(&place)?);
        print(&mut out)?;
        return out.flush();
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let beside = builder.prefix(".waif-").tempfile_in(folder)?;
    let mut out = BufWriter::new(beside);
    print(&mut out)?;
    let beside = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    beside.as_file().sync_all()?;
    beside.persist(&place).map(drop).map_err(|error| error.error)
}

fn unwritable(path: &Path, error: &io::Error) -> Fault {
    Fault::new(Kind::Usage, format!("The file {} cannot be written.", path.display()))
        .because(error.to_string())
        .hint("Name another file with -o, or leave -o out to print to standard output.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "before").unwrap();
        let failed = to_file(&path, &mut |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("stopped"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        to_file(&path, &mut |out| out.write_all(b"whole")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        to_file(&link, &mut |out| out.write_all(b"through")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "through");
        to_file(Path::new("/dev/null"), &mut |out| out.write_all(b"gone")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
