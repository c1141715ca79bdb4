//! A PostgreSQL server on a unix socket, owned by an unprivileged user. A watchdog shell starts it and then waits on a
//! pipe that this process holds open: however the process ends, the pipe breaks, the server stops, its folder goes.

use super::user;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

const WATCHDOG: &str = r#"
bin=$1 place=$2; shift 2
if [ -n "$1" ]; then
  "$bin/pg_basebackup" -D "$place/data" -h "$1" -U postgres -X stream -c fast -R >"$place/initdb" 2>&1 || exit 1
else
  "$bin/initdb" -D "$place/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$place/initdb" 2>&1 || exit 1
fi
cat "$place/hba" >"$place/data/pg_hba.conf"
cat "$place/settings" >>"$place/data/postgresql.conf"
"$bin/pg_ctl" -D "$place/data" -l "$place/console" -w -t 60 start >"$place/start" 2>&1 || exit 1
echo ready
cat >/dev/null
"$bin/pg_ctl" -D "$place/data" -m immediate -w stop >/dev/null 2>&1
cd / && rm -rf "$place"
"#;

/// Members of the role `locked` need their password; everybody else is trusted, for only the owner of the folder and
/// root reach the socket.
const HBA: &str = "local all +locked scram-sha-256\nhost all +locked 127.0.0.1/32 scram-sha-256\n\
                   local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 trust\n";

const INSTALL: &str = "apt-get install --no-install-recommends postgresql pgbouncer sqlite3 graphviz";

/// A running server.
#[derive(Debug)]
pub struct Server {
    place: PathBuf,
    psql: PathBuf,
    major: u32,
    watchdog: Child,
}

impl Server {
    /// The server all tests of this process share. It logs every statement.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]))
    }

    /// A server of one's own, with settings added to its configuration (`"fsync = on"`). Stops when dropped.
    pub fn start(settings: &[&str]) -> Self {
        Self::run(&binaries(), None, settings)
    }

    /// A hot standby of this server; none where the server came without the program to make one.
    pub fn standby(&self) -> Option<Self> {
        let bin = binaries();
        bin.join("pg_basebackup").exists().then(|| Self::run(&bin, Some(&self.place), &[]))
    }

    fn run(bin: &Path, primary: Option<&Path>, settings: &[&str]) -> Self {
        let owner = user::nobody();
        let place = folder();
        fs::write(place.join("hba"), HBA).expect("the server's folder is writable");
        fs::write(place.join("settings"), configuration(&place, settings)).expect("the folder is writable");
        fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).expect("the folder is ours");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(bin).arg(&place);
        shell.arg(primary.unwrap_or(Path::new("")));
        shell.env_remove("PGDATA").current_dir("/").process_group(0);
        if let Some((user, group)) = owner {
            chown(&place, Some(user), Some(group)).expect("root may give a folder away");
            shell.uid(user).gid(group);
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut watchdog = shell.spawn().expect("a shell starts");
        let mut ready = String::new();
        BufReader::new(watchdog.stdout.take().expect("piped")).read_line(&mut ready).expect("a pipe");
        assert_eq!(ready.trim(), "ready", "PostgreSQL did not start:\n{}", autopsy(&place));
        Self { psql: psql(bin), major: major(bin), place, watchdog }
    }

    /// The folder of its socket.
    pub fn socket_folder(&self) -> &Path {
        &self.place
    }

    /// The socket itself.
    pub fn socket(&self) -> PathBuf {
        self.place.join(".s.PGSQL.5432")
    }

    /// Its major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// A connection URL.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.place.display())
    }

    /// psql, aimed at a database as a role, silent and unaligned.
    pub fn psql(&self, role: &str, database: &str) -> Command {
        let mut command = Command::new(&self.psql);
        command.env_clear().env("PGCONNECT_TIMEOUT", "30").env("LC_ALL", "C");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", database, "-h"]);
        command.arg(&self.place);
        command
    }

    /// Its log, one record a message, in PostgreSQL's CSV form.
    pub fn log(&self) -> PathBuf {
        self.place.join("log/server.csv")
    }

    /// The number of its first process.
    pub fn pid(&self) -> u32 {
        let text = fs::read_to_string(self.place.join("data/postmaster.pid")).expect("a server that runs");
        text.lines().next().and_then(|line| line.trim().parse().ok()).expect("a pid file begins with the pid")
    }

    /// Stops it (`fast` as an administrator does, `immediate` as a power cut would) and starts it again.
    pub fn restart(&self, how: &str) {
        self.control(&["-m", how, "-w", "stop"]);
        self.control(&["-l", &self.place.join("console").display().to_string(), "-w", "-t", "60", "start"]);
    }

    /// Runs pg_ctl as the server's owner.
    pub fn control(&self, args: &[&str]) {
        let mut control = Command::new(binaries().join("pg_ctl"));
        control.env_clear().env("LC_ALL", "C").arg("-D").arg(self.place.join("data")).args(args);
        control.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = user::nobody() {
            control.uid(user).gid(group);
        }
        let done = control.status().expect("pg_ctl runs");
        assert!(done.success(), "pg_ctl {args:?} failed:\n{}", autopsy(&self.place));
    }

    /// Ends it as a power cut would; it stays down.
    pub fn kill(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("/bin/kill").args(["-QUIT", &pid]).status().expect("kill runs");
        assert!(sent.success(), "the server was gone already");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn configuration(place: &Path, settings: &[&str]) -> String {
    let mut text = format!(
        "listen_addresses = ''\nunix_socket_directories = '{}'\nfsync = off\nfull_page_writes = off\n\
         synchronous_commit = off\nshared_buffers = 64MB\nmax_connections = 200\njit = off\n\
         password_encryption = 'scram-sha-256'\nlogging_collector = on\nlog_destination = 'csvlog'\nlog_directory = '{}/log'\nlog_filename = 'server'\n\
         log_rotation_age = 0\nlog_rotation_size = 0\nlog_statement = 'all'\n",
        place.display(),
        place.display()
    );
    for setting in settings {
        let _ = writeln!(text, "{setting}");
    }
    text
}

/// The programs of the server under test: `WAIF_TEST_PGBIN`, the newest Debian package, or what pg_config knows.
fn binaries() -> PathBuf {
    if let Some(folder) = std::env::var_os("WAIF_TEST_PGBIN").map(PathBuf::from) {
        assert!(folder.join("postgres").exists(), "WAIF_TEST_PGBIN holds no server: {}", folder.display());
        return folder;
    }
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    let configured = || {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        let bin = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        bin.join("initdb").exists().then_some(bin)
    };
    found
        .pop()
        .map(|(_, bin)| bin)
        .or_else(configured)
        .unwrap_or_else(|| panic!("these tests need a PostgreSQL server; on Debian: {INSTALL}"))
}

/// psql beside the server, or the newest there is: one client serves every server.
fn psql(bin: &Path) -> PathBuf {
    let own = bin.join("psql");
    if own.exists() {
        return own;
    }
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        debian.map(|entry| entry.path().join("bin/psql")).filter(|psql| psql.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("psql"))
}

fn major(bin: &Path) -> u32 {
    let output = Command::new(bin.join("postgres")).arg("--version").output().expect("postgres runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    word.and_then(|word| word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .unwrap_or_else(|| panic!("postgres --version said {text}"))
}

/// A new folder whose path is short enough for a socket (107 bytes).
fn folder() -> PathBuf {
    let temporary = std::env::temp_dir();
    let base = if temporary.as_os_str().len() > 60 { PathBuf::from("/tmp") } else { temporary };
    tempfile::Builder::new().prefix("waif-pg.").tempdir_in(base).expect("a temporary folder").keep()
}

fn autopsy(place: &Path) -> String {
    ["initdb", "start", "console", "log/server.csv"]
        .iter()
        .filter_map(|name| fs::read_to_string(place.join(name)).ok())
        .collect::<Vec<_>>()
        .join("\n")
}
