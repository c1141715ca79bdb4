//! A PgBouncer that lends its backends from transaction to transaction, before a server.

use super::server::Server;
use super::unique;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The pooler; its socket bears the port 6432.
#[derive(Debug)]
pub struct Bouncer {
    folder: TempDir,
    child: Child,
}

impl Bouncer {
    /// One before this server; none where there is no PgBouncer on this machine.
    pub fn before(server: &Server) -> Option<Self> {
        let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
        let program = places.map(PathBuf::from).into_iter().find(|path| path.exists())?;
        let folder =
            tempfile::Builder::new().prefix(&unique("bouncer")).tempdir().expect("a temporary folder");
        let configuration = format!(
            "[databases]\n* = host={} port=5432 user=postgres\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = {}\n\
             auth_type = any\npool_mode = transaction\nignore_startup_parameters = options\n",
            server.socket_folder().display(),
            folder.path().display()
        );
        std::fs::write(folder.path().join("bouncer.ini"), configuration).expect("a file");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("our folder");
        let mut command = Command::new(program);
        command.arg("-q").arg(folder.path().join("bouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        let owner = std::fs::metadata(server.socket_folder()).expect("the server's folder");
        if std::fs::metadata(folder.path()).expect("our folder").uid() != owner.uid() {
            chown(folder.path(), Some(owner.uid()), Some(owner.gid())).expect("root may give a folder away");
            command.uid(owner.uid()).gid(owner.gid());
        }
        let bouncer = Self { child: command.spawn().expect("pgbouncer starts"), folder };
        let patience = Instant::now() + Duration::from_secs(20);
        while !bouncer.folder().join(".s.PGSQL.6432").exists() {
            assert!(Instant::now() < patience, "pgbouncer did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
