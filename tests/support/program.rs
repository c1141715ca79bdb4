//! The program, run hermetically: a home of its own, no inherited environment, no terminal, and an end to patience.

use super::user;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A run in the making.
#[derive(Debug)]
pub struct Waif {
    command: Command,
    stdin: String,
    home: TempDir,
    /// Where a copy of the program lies, as long as it is needed.
    copy: Option<TempDir>,
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
        Self::of(Path::new(env!("CARGO_BIN_EXE_waif")), args)
    }

    /// A run by a user without privileges, to whom a folder without write permission is really closed. Root, who is
    /// stopped by no permission, becomes nobody and takes a copy of the program where nobody can reach it.
    pub fn unprivileged<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Self {
        let Some((user, group)) = user::nobody() else { return Self::new(args) };
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our folder");
        let program = folder.path().join("waif");
        // By another process: a file open for writing here would be inherited by children that other tests start just
        // then, and could not be executed meanwhile.
        let copied =
            Command::new("cp").arg(env!("CARGO_BIN_EXE_waif")).arg(&program).status().expect("cp runs");
        assert!(copied.success(), "the program can be copied");
        let mut run = Self::of(&program, args);
        run.copy = Some(folder);
        chown(run.home.path(), Some(user), Some(group)).expect("root may give a folder away");
        run.command.uid(user).gid(group);
        run
    }

    fn of<A: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = A>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new(program);
        command.env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin").env("TZ", "UTC");
        command.env("LANG", "C.UTF-8").current_dir(home.path()).args(args);
        Self { command, stdin: String::new(), home, copy: None }
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
        text.clone_into(&mut self.stdin);
        self
    }

    /// In a process group of its own, as a shell runs its jobs.
    #[must_use]
    pub fn in_own_group(mut self) -> Self {
        self.command.process_group(0);
        self
    }

    /// Starts it with its output thrown away, to be signalled and waited for.
    pub fn spawn(mut self) -> Running {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Running { child: self.command.spawn().expect("the program starts"), _home: self.home }
    }

    /// Starts it with everything it says going to a file, to be signalled and waited for.
    pub fn spawn_into(mut self, said: &Path) -> Running {
        let file = fs::OpenOptions::new().create(true).append(true).open(said).expect("a file to write to");
        let both = file.try_clone().expect("a file handle");
        self.command.stdin(Stdio::null()).stdout(both).stderr(file);
        Running { child: self.command.spawn().expect("the program starts"), _home: self.home }
    }

    /// Starts it with its output going into pipes whose ends nobody holds any more.
    pub fn spawn_unheard(mut self) -> Running {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        drop((child.stdout.take(), child.stderr.take()));
        Running { child, _home: self.home }
    }

    /// Runs it to its end.
    pub fn run(self) -> Outcome {
        self.run_with_home().0
    }

    /// Runs it to its end and returns its home as well, with whatever it left there.
    pub fn run_with_home(self) -> (Outcome, TempDir) {
        let mut command = assert_cmd::Command::from_std(self.command);
        let output = command.write_stdin(self.stdin).timeout(Duration::from_secs(120)).output();
        let output = output.expect("the program starts");
        let outcome = Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        (outcome, self.home)
    }
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

    /// Sends it a signal: `KILL`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("/bin/kill").args([&format!("-{name}"), &self.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "the program was gone already");
    }

    /// Waits for its end, but not for ever.
    pub fn wait_for(&mut self, patience: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return Some(status);
            }
            if begun.elapsed() >= patience {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
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
