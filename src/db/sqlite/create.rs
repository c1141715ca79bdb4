//! Creating a database file: the one place of this folder that writes, and only into a file that was not there before.
//! Its statements are part of the program. Called by the demo.

use crate::db::sqlite::fault;
use crate::model::fault::{Fault, Kind};
use crate::model::text::visible;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use std::fs::{self, OpenOptions};
use std::path::Path;

/// Creates a database by scripts, whole or not at all.
///
/// # Errors
/// Usage, when the file exists or its folder cannot be written; whatever SQLite says otherwise.
pub(crate) async fn create(path: &Path, scripts: &[&'static str]) -> Result<(), Fault> {
    claim(path)?;
    // Absolute, because SQLite takes a name like `file:shop.db` for a URI and would write into shop.db.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let filled = fill(path, scripts).await;
    if filled.is_err() {
        // What is left of it would pass for a database.
        drop(fs::remove_file(path));
    }
    filled.map_err(|error| fault::from(&error, None))
}

/// Makes the empty file, readable by its owner alone; two programs cannot both succeed.
fn claim(path: &Path) -> Result<(), Fault> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| {
        let shown = path.display().to_string();
        let shown = visible(&shown);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            Fault::new(Kind::Usage, format!("{shown} exists already, and waif does not write into it."))
                .hint("Name a file that does not exist yet.")
        } else {
            Fault::new(Kind::Usage, format!("{shown} cannot be created."))
                .because(error.to_string())
                .hint("Name a file in a folder that you may write.")
        }
    })
}

/// Nothing is worth saving of a file that is thrown away on failure, so nothing is flushed or journalled on the way.
async fn fill(path: &Path, scripts: &[&'static str]) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let outcome = run(&mut connection, scripts).await;
    connection.close().await?;
    outcome
}

async fn run(connection: &mut SqliteConnection, scripts: &[&'static str]) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
    for script in scripts {
        sqlx::raw_sql(*script).execute(&mut *connection).await?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::create;
    use crate::model::fault::Kind;
    use std::fs;

    #[tokio::test]
    async fn a_file_that_exists_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precious.db");
        fs::write(&path, "precious").unwrap();
        let fault = create(&path, &["CREATE TABLE t (a)"]).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Usage);
        assert!(fault.headline.contains("exists already"), "{}", fault.headline);
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[tokio::test]
    async fn a_script_that_fails_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("half.db");
        create(&path, &["CREATE TABLE t (a)", "nonsense"]).await.unwrap_err();
        assert!(!path.exists());
        create(&path, &["CREATE TABLE t (a)", "INSERT INTO t VALUES (1)"]).await.unwrap();
        assert!(path.exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.db");
        create(&path, &["CREATE TABLE t (a)"]).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
