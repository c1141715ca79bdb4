//! Which folder belongs to which target: a readable name, and a digest of what tells targets apart. Neither holds a user or
//! a password: two roles look at the same database.

use crate::model::target::{self, Target};
use std::path::{Path, PathBuf};

/// What tells one target from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The identity in full; every record repeats it.
    pub identity: String,
    /// The name of the target's folder.
    pub folder: String,
}

impl Place {
    /// The place of a target; none where a SQLite file is not there yet, or has no path that can be written down.
    pub fn of(target: &Target) -> Option<Self> {
        let (identity, name) = match &target.place {
            target::Place::File(path) => file(target, path)?,
            target::Place::Socket { folder, port } => server(target, &folder.to_string_lossy(), *port),
            target::Place::Host { name, address, port } => {
                let at = match address {
                    Some(address) if address != name => format!("{name}[{address}]"),
                    _ => name.clone(),
                };
                server(target, &at, *port)
            }
        };
        let folder = format!("{}-{:016x}", slug(&name), digest(&identity));
        Some(Self { identity, folder })
    }
}

/// A file by its canonical path, with what is attached to it: attached files bring relations of their own.
fn file(target: &Target, path: &Path) -> Option<(String, String)> {
    let canonical = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    let path = canonical(path)?;
    let mut identity = format!("sqlite:{}", path.to_str()?);
    for (schema, attached) in &target.attach {
        identity.push_str(&format!("\nattach {schema}={}", canonical(attached)?.to_str()?));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Some((identity, name))
}

/// A server's database. Where none is named the server takes the one called like the role, so the role names it.
fn server(target: &Target, at: &str, port: u16) -> (String, String) {
    let database = target.database.as_deref().or(target.user.as_deref()).unwrap_or_default();
    (format!("postgres://{at}:{port}/{database}"), format!("{database}-{at}"))
}

/// Letters and digits a folder can be called by anywhere.
fn slug(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' })
        .collect();
    let kept: String = kept.trim_matches('-').chars().take(40).collect();
    if kept.is_empty() { "target".to_owned() } else { kept.to_ascii_lowercase() }
}

/// FNV-1a, 64 bits: the same for ever, which the standard library's hashes do not promise. Records repeat the identity,
/// so that two targets with one digest are told apart.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_folders_that_any_system_takes() {
        assert_eq!(slug("shop-db-prod-2.example.com"), "shop-db-prod-2-example-com");
        assert_eq!(slug("../..\u{202e}/C:"), "C".to_ascii_lowercase());
        assert_eq!(slug("база"), "target");
        assert_eq!(slug(&"x".repeat(300)).len(), 40);
    }

    #[test]
    fn the_digest_is_the_published_one() {
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("foobar"), 0x8594_4171_f739_67e8);
    }
}
