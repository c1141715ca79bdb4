//! The surroundings of the process as one value: variables, folders, the user. Everything else in the house gets its
//! surroundings from here, so that a test can make its own.

use super::usage;
use crate::model::fault::Fault;
use crate::model::text::visible;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The surroundings.
#[derive(Clone)]
pub struct Env {
    /// Environment variables.
    pub vars: BTreeMap<OsString, OsString>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The current folder.
    pub here: PathBuf,
    /// The configuration of the machine.
    pub system_config: PathBuf,
    /// The folder of the user's own configuration.
    pub config_folder: Option<PathBuf>,
    /// The folder of what waif keeps between runs.
    pub state_folder: Option<PathBuf>,
    /// Where PostgreSQL's sockets are looked for when no host is given.
    pub socket_folders: Vec<PathBuf>,
    /// Where `pg_service.conf` is looked for when `PGSYSCONFDIR` is not set.
    pub service_folders: Vec<PathBuf>,
    /// Asks for the name of the operating system's user.
    pub system_user: fn() -> Option<String>,
}

impl Env {
    /// The surroundings as they really are.
    pub fn real() -> Self {
        let home = directories::BaseDirs::new().map(|base| base.home_dir().to_owned());
        let own = directories::ProjectDirs::from("", "", "waif");
        let state =
            |own: &directories::ProjectDirs| own.state_dir().unwrap_or(own.data_local_dir()).to_owned();
        Self {
            vars: std::env::vars_os().collect(),
            home,
            here: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            system_config: PathBuf::from("/etc/waif/config.toml"),
            config_folder: own.as_ref().map(|own| own.config_dir().to_owned()),
            state_folder: own.as_ref().map(state),
            socket_folders: ["/var/run/postgresql", "/private/tmp", "/tmp"].map(PathBuf::from).into(),
            service_folders: ["/etc/postgresql-common", "/etc/sysconfig/pgsql"].map(PathBuf::from).into(),
            system_user,
        }
    }

    /// The person at this machine, as the journal of a run names them: user and host.
    pub fn person(&self) -> String {
        let user = (self.system_user)().unwrap_or_else(|| "somebody".to_owned());
        match self.vars.get(std::ffi::OsStr::new("HOSTNAME")) {
            Some(host) => format!("{user} at {}", host.to_string_lossy()),
            None => user,
        }
    }

    /// A variable's text. An empty variable counts as not set.
    ///
    /// # Errors
    /// Usage, when it is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.vars.get(&OsString::from(name)) {
            Some(value) if !value.is_empty() => match value.to_str() {
                Some(text) => Ok(Some(text)),
                None => Err(usage(format!("The environment variable {name} is not valid UTF-8."))
                    .hint(format!("Set {name} again, or unset it."))),
            },
            _ => Ok(None),
        }
    }

    /// Whether a variable is set to anything.
    pub fn has(&self, name: &str) -> bool {
        self.vars.get(&OsString::from(name)).is_some_and(|value| !value.is_empty())
    }

    /// Whether text beyond ASCII reaches the person as it should: what the locale says, in the order the C library asks.
    pub fn speaks_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.text(name).ok().flatten());
        let utf8 =
            |locale: &str| ["utf-8", "utf8"].iter().any(|name| locale.to_ascii_lowercase().contains(name));
        locale.map_or(cfg!(windows), utf8)
    }

    /// A path as a person may see it: the home folder as `~`.
    pub fn shown(&self, path: &Path) -> String {
        let below_home = self.home.as_deref().and_then(|home| path.strip_prefix(home).ok());
        let text = match below_home {
            Some(rest) => format!("~/{}", rest.to_string_lossy()),
            None => path.to_string_lossy().into_owned(),
        };
        visible(&text).into_owned()
    }
}

/// Whether a test asks waif to break off, to see what it leaves behind. Never in what is shipped.
pub fn breaks_off() -> bool {
    cfg!(debug_assertions) && Env::real().has("TEST_BREAKS_WAIF_OFF")
}

/// An environment variable that waif heeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it does, as one sentence.
    pub about: &'static str,
}

/// The variables beside those that stand for a key.
const VARIABLES: &[(&str, &str)] = &[
    ("WAIF_PROFILE", "The profile to use, as --profile."),
    ("WAIF_CONFIG", "A configuration file that counts over the others, as --config."),
    ("DATABASE_URL", "The target when none is given."),
    ("PGHOST", "The server's name, or the folder of its socket."),
    ("PGHOSTADDR", "The server's address, where it differs from the name to verify."),
    ("PGPORT", "The server's port."),
    ("PGDATABASE", "The database to connect to."),
    ("PGUSER", "The role to connect as."),
    ("PGPASSWORD", "The password. Other processes of the user can read it; a password file is safer."),
    ("PGPASSFILE", "The password file instead of ~/.pgpass."),
    ("PGSERVICE", "The service of pg_service.conf to connect to."),
    ("PGSERVICEFILE", "The service file instead of ~/.pg_service.conf."),
    ("PGSYSCONFDIR", "The folder of the machine's pg_service.conf."),
    ("PGSSLMODE", "What is demanded of TLS."),
    ("PGSSLROOTCERT", "The root certificates to trust, or system."),
    ("PGSSLCERT", "The client's certificate."),
    ("PGSSLKEY", "The client's private key."),
    ("PGOPTIONS", "Server options."),
    ("PGAPPNAME", "What the server's activity view shows."),
    ("PGCONNECT_TIMEOUT", "Seconds that connecting may take."),
    ("NO_COLOR", "Set to anything, it turns colour off."),
    ("TERM", "dumb turns colour off where it was left to waif."),
    ("LC_ALL", "Where it, LC_CTYPE or LANG do not name UTF-8, the interface draws with ASCII."),
];

/// Every variable that is heeded, for the manual.
pub fn variables() -> Vec<Variable> {
    let fixed = VARIABLES.iter().map(|(name, about)| Variable { name: (*name).to_owned(), about });
    let keys = super::key::KEYS.iter().map(|key| Variable { name: key.variable(), about: key.about });
    fixed.chain(keys).collect()
}

/// Names only: values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env")
            .field("vars", &self.vars.keys())
            .field("home", &self.home)
            .field("here", &self.here)
            .finish_non_exhaustive()
    }
}

/// The name behind the effective user id, as libpq would take it. Asked of `id` first, because variables survive `su`.
fn system_user() -> Option<String> {
    let said = Command::new("id").arg("-un").output().ok().filter(|said| said.status.success());
    let name = said.and_then(|said| String::from_utf8(said.stdout).ok()).map(|name| name.trim().to_owned());
    let vars: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    let variable = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| vars.get(&OsString::from(name)));
    name.or_else(|| variable()?.to_str().map(str::to_owned)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_surroundings_know_the_folder_and_the_user() {
        let env = Env::real();
        assert!(env.here.is_absolute());
        assert!((env.system_user)().is_some_and(|name| !name.is_empty() && name.trim() == name));
    }

    #[test]
    fn paths_are_shown_below_the_home_and_made_visible() {
        let mut env = Env::real();
        env.home = Some(PathBuf::from("/home/tess"));
        for (path, shown) in [
            ("/home/tess/.pgpass", "~/.pgpass"),
            ("/home/tessa/.pgpass", "/home/tessa/.pgpass"),
            ("/tmp/a\u{1b}b\n", "/tmp/a\\x1Bb\\n"),
        ] {
            assert_eq!(env.shown(Path::new(path)), shown);
        }
    }
}
