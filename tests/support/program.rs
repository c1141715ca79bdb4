//! The program, run hermetically: a home of its own, no inherited environment, no terminal, and an end to patience.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
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

/// A run that goes on; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    _home: TempDir,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

    /// Starts it with its output thrown away, to be signalled and waited for.
    pub fn spawn(self) -> Running {
        let mut command = std::process::Command::new(self.command.get_program());
        command.env_clear().args(self.command.get_args()).current_dir(self.home.path());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Running { child: command.spawn().expect("the program starts"), _home: self.home }
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
