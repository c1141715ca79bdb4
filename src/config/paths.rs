//! The files that are looked at and the folder where waif keeps what it remembers.

use super::env::Env;
use super::given::Given;
use super::usage;
use crate::model::fault::Fault;
use std::path::{Path, PathBuf};

/// The name of the file that is looked for in the current folder.
pub const HERE: &str = "waif.toml";

/// A place where configuration is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Whose it is: `system`, `user`, `current folder`, `--config`.
    pub whose: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is there.
    pub exists: bool,
    /// Whether it must be there, because somebody named it.
    pub(super) named: bool,
    /// Whether it may name programs to start.
    pub(super) trusted: bool,
}

/// Every file, from the weakest layer to the strongest.
///
/// # Errors
/// Usage, when `WAIF_CONFIG` is not UTF-8.
pub fn files(given: &Given, env: &Env) -> Result<Vec<Looked>, Fault> {
    let look = |whose, path: PathBuf, named, trusted| {
        let exists = path.exists();
        Looked { whose, path, exists, named, trusted }
    };
    let mut files = vec![look("system", env.system_config.clone(), false, true)];
    files.extend(
        env.config_folder.as_ref().map(|folder| look("user", folder.join("config.toml"), false, true)),
    );
    let named = match &given.config {
        Some(path) => Some(look("--config", env.here.join(path), true, true)),
        None => env.text("WAIF_CONFIG")?.map(|path| look("WAIF_CONFIG", env.here.join(path), true, true)),
    };
    let here = look("current folder", env.here.join(HERE), false, false);
    if !named.as_ref().is_some_and(|named| same(&named.path, &here.path)) {
        files.push(here);
    }
    files.extend(named);
    Ok(files)
}

fn same(one: &Path, other: &Path) -> bool {
    one == other
        || one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

/// What `waif config path` prints: every file with whether it is there, the user's own keys, then the folder of the state.
///
/// # Errors
/// Usage, when `WAIF_CONFIG` is not UTF-8.
pub fn paths(given: &Given, env: &Env) -> Result<String, Fault> {
    let mut lines = Vec::new();
    for file in files(given, env)? {
        let state = if file.exists { "read" } else { "not there" };
        lines.push((file.whose, env.shown(&file.path), state));
    }
    // A configuration that makes no sense names no other file; its mistakes are told by whoever loads it.
    if let Some(file) = super::keys::file(super::load(given, env).ok().as_ref(), env) {
        lines.push((file.whose, env.shown(&file.path), if file.exists { "read" } else { "not there" }));
    }
    if let Some(folder) = &env.state_folder {
        let state = if folder.is_dir() { "there" } else { "not there yet" };
        lines.push(("state", env.shown(folder), state));
    }
    let widest = lines.iter().map(|(whose, _, _)| whose.len()).max().unwrap_or(0);
    let line = |(whose, path, state): &(&str, String, &str)| format!("{whose:widest$}  {path}  ({state})\n");
    Ok(lines.iter().map(line).collect())
}

/// The folder where waif keeps what it remembers, made if it is missing: readable by its owner alone.
///
/// # Errors
/// Usage, when there is no home, or the folder cannot be made or kept to its owner.
pub fn state_folder(env: &Env) -> Result<PathBuf, Fault> {
    let Some(folder) = &env.state_folder else {
        return Err(
            usage("There is no home folder to keep waif's state in.").hint("Set HOME or XDG_STATE_HOME.")
        );
    };
    let told = |error: std::io::Error| {
        usage(format!("The folder {} cannot be made for waif's state.", env.shown(folder)))
            .because(error.to_string())
            .hint("Give yourself the right to write there, or set XDG_STATE_HOME to another folder.")
    };
    make_private(folder).map_err(told)?;
    Ok(folder.clone())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if let Some(above) = folder.parent() {
        std::fs::create_dir_all(above)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)),
    }
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::Ground;

    #[test]
    fn layers_are_listed_from_the_weakest_to_the_strongest_with_what_exists() {
        let ground = Ground::new();
        ground.write("home/.config/waif/config.toml", "");
        let given = Given { config: Some(PathBuf::from("extra.toml")), ..Given::default() };
        assert_eq!(
            paths(&given, &ground.env(&[])).expect("paths"),
            format!(
                "system          {0}/etc/waif/config.toml  (not there)\n\
                 user            ~/.config/waif/config.toml  (read)\n\
                 current folder  {0}/here/waif.toml  (not there)\n\
                 --config        {0}/here/extra.toml  (not there)\n\
                 keys            ~/.config/waif/keymap.toml  (not there)\n\
                 state           ~/.local/state/waif  (not there yet)\n",
                ground.root().display()
            )
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_state_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let ground = Ground::new();
        let folder = state_folder(&ground.env(&[])).expect("a folder");
        let mode = |folder: &Path| folder.metadata().expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("chmod");
        state_folder(&ground.env(&[])).expect("a folder");
        assert_eq!(mode(&folder), 0o700, "an open folder is closed again");
        ground.write("file", "");
        let mut env = ground.env(&[]);
        env.state_folder = Some(ground.root().join("file/state"));
        assert!(state_folder(&env).expect_err("below a file").headline.contains("cannot be made"));
    }
}
