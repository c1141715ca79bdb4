//! The demo: a throwaway SQLite database with planted faults, built from the scripts in `assets/demo`. Their README holds
//! what is planted. Called by the front ends.

use crate::db::sqlite::create;
use crate::model::fault::Fault;
use std::path::Path;

/// A script for each field story, and one of faults of declaration.
const SCRIPTS: &[&str] = &[
    include_str!("../../assets/demo/1-audit.sql"),
    include_str!("../../assets/demo/2-workflow.sql"),
    include_str!("../../assets/demo/3-webhook.sql"),
    include_str!("../../assets/demo/4-scanner.sql"),
    include_str!("../../assets/demo/5-shop.sql"),
    include_str!("../../assets/demo/6-faults.sql"),
];

/// Builds the demo database in a file that does not exist yet.
///
/// # Errors
/// When the file exists, or its folder cannot be written.
pub async fn build(path: &Path) -> Result<(), Fault> {
    create(path, SCRIPTS).await
}
