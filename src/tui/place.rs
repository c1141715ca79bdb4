//! A target in a person's words, for the time before the server has said who it is. It never holds a password.

use crate::model::target::{Place, Target};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// `shop on db-prod-2:5432`, or the path of a file.
pub fn written(target: &Target) -> String {
    let database = target.database.as_deref().unwrap_or("the default database");
    match &target.place {
        Place::File(path) => path.display().to_string(),
        Place::Socket { folder, port } => format!("{database} on {}, port {port}", folder.display()),
        Place::Host { name, port, .. } => format!("{database} on {name}:{port}"),
    }
}

/// The same as `waif` takes it on its command line: a profile's name, a path, or a URL without a password.
pub fn address(target: &Target) -> String {
    if let Some(profile) = &target.profile {
        return profile.clone();
    }
    let part = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let database = target.database.as_deref().map(part).unwrap_or_default();
    let user = target.user.as_deref().map(part);
    match &target.place {
        Place::File(path) => path.display().to_string(),
        Place::Socket { folder, port } => {
            let user = user.map(|user| format!("&user={user}")).unwrap_or_default();
            format!("postgres:///{database}?host={}&port={port}{user}", part(&folder.to_string_lossy()))
        }
        Place::Host { name, port, .. } => {
            let user = user.map(|user| format!("{user}@")).unwrap_or_default();
            let name = if name.contains(':') { format!("[{name}]") } else { name.clone() };
            format!("postgres://{user}{name}:{port}/{database}")
        }
    }
}
