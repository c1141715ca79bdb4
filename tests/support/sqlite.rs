//! A SQLite file built by the sqlite3 shell, which is not the library inside the program: two readers of one truth.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A database file in a folder of its own, removed with the value.
#[derive(Debug)]
pub struct SqliteFile {
    folder: TempDir,
    path: PathBuf,
}

impl SqliteFile {
    /// A new database filled by a script.
    pub fn with(sql: &str) -> Self {
        Self::with_in(&std::env::temp_dir(), sql)
    }

    /// The same on a disk of choice.
    pub fn with_in(place: &Path, sql: &str) -> Self {
        let folder = tempfile::tempdir_in(place).expect("a temporary folder");
        let path = folder.path().join("waif.db");
        let file = Self { folder, path };
        file.execute(sql);
        file
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its path as a target of the program.
    pub fn target(&self) -> String {
        self.path.display().to_string()
    }

    /// Runs a script; stops at the first error.
    pub fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("the script failed: {error}\n{sql}"));
    }

    /// Runs a script and returns what it printed, or the complaint.
    pub fn try_execute(&self, sql: &str) -> Result<String, String> {
        let mut shell = Command::new("sqlite3");
        // A program that commits meanwhile keeps readers out for a moment, as any application would have to wait.
        shell.args(["-batch", "-bail", "-noheader", "-cmd", ".timeout 30000"]).arg(&self.path);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap_or_else(|_| {
            panic!("these tests need the sqlite3 shell; on Debian: apt-get install sqlite3")
        });
        let mut stdin = child.stdin.take().expect("piped");
        let script = sql.to_owned();
        let feeder = std::thread::spawn(move || {
            // The shell closes its end early after an error; that error is the one to report.
            let _ = stdin.write_all(script.as_bytes());
        });
        let output = child.wait_with_output().expect("sqlite3 ends");
        feeder.join().expect("the feeder ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() && complaint.is_empty() { Ok(said) } else { Err(complaint) }
    }

    /// What a query answers: rows by newline, columns by `|`.
    pub fn ask(&self, sql: &str) -> String {
        let said = self.try_execute(sql).unwrap_or_else(|error| panic!("the query failed: {error}\n{sql}"));
        said.trim_end_matches('\n').to_owned()
    }

    /// What a query answers as one number.
    pub fn count(&self, sql: &str) -> u64 {
        let said = self.ask(sql);
        said.parse().unwrap_or_else(|_| panic!("not one number: {said}\n{sql}"))
    }
}
