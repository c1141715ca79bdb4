//! A target in a person's words, for the time before the server has said who it is. It never holds a password.

use crate::model::target::{Place, Target};

/// `shop on db-prod-2:5432`, or the path of a file.
pub fn written(target: &Target) -> String {
    let database = target.database.as_deref().unwrap_or("the default database");
    match &target.place {
        Place::File(path) => path.display().to_string(),
        Place::Socket { folder, port } => format!("{database} on {}, port {port}", folder.display()),
        Place::Host { name, port, .. } => format!("{database} on {name}:{port}"),
    }
}
