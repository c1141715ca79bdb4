//! The program, run hermetically: a home of its own, no inherited environment, no terminal, and an end to patience.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// A run in the making.
#[derive(Debug)]
pub struct Waif {
    command: assert_cmd::Command,
    home: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code; none when a signal or the end of patience ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the program with these arguments and nothing else.
pub fn waif<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Outcome {
    Waif::new(args).run()
}

impl Waif {
    pub fn new<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_waif"));
        command.env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin").env("TZ", "UTC");
        command.env("LANG", "C.UTF-8").current_dir(home.path()).timeout(Duration::from_secs(120)).args(args);
        Self { command, home }
    }

    /// The home folder and working directory of the run.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn stdin(mut self, text: &str) -> Self {
        self.command.write_stdin(text);
        self
    }

    pub fn run(mut self) -> Outcome {
        let output = self.command.output().expect("the program starts");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Outcome {
    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }

    /// Everything it said, to look for what must never be said.
    pub fn everything(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}
