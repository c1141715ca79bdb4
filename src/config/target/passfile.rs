//! `~/.pgpass`, read as libpq reads it: `host:port:database:user:password`, the first line that fits.

use super::super::env::Env;
use crate::model::secret::Secret;
use crate::model::target::{Place, Target};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Looks the password of a target up. `named` is the file somebody named, with who did.
pub(super) fn look_up(target: &mut Target, named: Option<(&str, &str)>, env: &Env) {
    let own = env.home.as_ref().map(|home| home.join(".pgpass"));
    let Some(file) = named.map(|(file, _)| PathBuf::from(file)).or(own) else { return };
    let shown = env.shown(&file);
    let Ok(about) = file.metadata() else {
        if let Some((_, source)) = named {
            target
                .notices
                .push(format!("The password file {shown} from {source} is not there; it is not used."));
        }
        return;
    };
    if !about.is_file() {
        target.notices.push(format!("The password file {shown} is not a plain file; it is not used."));
        return;
    }
    if let Some(mode) = open_to_others(&about) {
        target.notices.push(format!(
            "The password file {shown} has group or world access (mode {mode:03o}) and is not used; \
             make it yours alone with chmod 600 {shown}."
        ));
        return;
    }
    match std::fs::read(&file).map(Zeroizing::new) {
        Ok(text) => {
            if let Some((line, password)) = find(&text, &subject(target, env)) {
                target.password = Some(Secret::new(password));
                target.sources.insert("password", format!("{shown}:{line}"));
            }
        }
        Err(error) => {
            target
                .notices
                .push(format!("The password file {shown} cannot be read and is not used: {error}."));
        }
    }
}

#[cfg(unix)]
fn open_to_others(about: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// What the lines are compared with: host, port, database, user. A socket in one of the usual folders counts as
/// `localhost`.
fn subject(target: &Target, env: &Env) -> [String; 4] {
    let usual = |folder: &Path| env.socket_folders.iter().any(|usual| usual == folder);
    let (host, port) = match &target.place {
        Place::Host { name, port, .. } => (name.clone(), *port),
        Place::Socket { folder, port } if usual(folder) => ("localhost".to_owned(), *port),
        Place::Socket { folder, port } => (folder.to_string_lossy().into_owned(), *port),
        Place::File(_) => (String::new(), 0),
    };
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    [host, port.to_string(), word(&target.database), word(&target.user)]
}

/// The first line that fits, from 1, and its password.
fn find(text: &[u8], subject: &[String; 4]) -> Option<(usize, String)> {
    let fitting = (1..).zip(text.split(|byte| *byte == b'\n')).find_map(|(number, line)| {
        let line = std::str::from_utf8(line).ok()?.trim_end_matches('\r');
        if line.starts_with('#') {
            return None;
        }
        let fields = fields(line);
        let (password, patterns) = fields.get(..5)?.split_last()?;
        let fits = patterns.iter().zip(subject).all(|((raw, text), wanted)| raw == "*" || text == wanted);
        fits.then(|| (number, password.1.clone()))
    });
    // A line that fits ends the search even with an empty password, as with libpq.
    fitting.filter(|(_, password)| !password.is_empty())
}

/// The fields of a line, as written and without their escapes: `\:` and `\\`.
fn fields(line: &str) -> Vec<(String, String)> {
    let mut fields = vec![(String::new(), String::new())];
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let (raw, text) = match (c, fields.last_mut()) {
            (':', _) | (_, None) => {
                fields.push((String::new(), String::new()));
                continue;
            }
            (_, Some((raw, text))) => (raw, text),
        };
        raw.push(c);
        match c {
            '\\' => {
                // A backslash at the end of the line stands for itself.
                let next = rest.next().unwrap_or('\\');
                raw.push(next);
                text.push(next);
            }
            c => text.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, String)> {
        find(text.as_bytes(), &["db.example", "5432", "shop", "app"].map(str::to_owned))
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let cases = [
            ("db.example:5432:shop:app:s3", Some((1, "s3"))),
            ("other:5432:shop:app:no\n*:*:*:*:any\ndb.example:5432:shop:app:late", Some((2, "any"))),
            ("# db.example:5432:shop:app:s3\n\ndb.example:*:shop:app:s3\r\n", Some((3, "s3"))),
            ("db.example:5432:shop:app:a\\:b\\\\c", Some((1, "a:b\\c"))),
            ("db\\.example:5432:shop:app:s3", Some((1, "s3"))),
            ("\\*:5432:shop:app:s3", None),
            ("db.example:5432:shop:app:s3:tail", Some((1, "s3"))),
            ("db.example:5432:shop:app:\n*:*:*:*:late", None),
            ("db.example:5432:shop:app", None),
            ("db.example:5433:shop:app:s3", None),
            ("db.example:5432:shop:*:pass word ", Some((1, "pass word "))),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text), expected.map(|(line, text)| (line, text.to_owned())), "{text}");
        }
    }
}
