//! Every key of the configuration, as data: what it takes, what it is by default, which flag stands for it. The reader,
//! the environment, `waif config show` and the manual all work from these tables; `config.example.toml` is held to them.

use super::value::Shape;

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its path: `check.jobs`. Within a profile, the path below `[profile.NAME]`.
    pub path: &'static str,
    /// What it takes.
    pub(super) shape: Shape,
    /// Its default as text, as a flag or variable would give it; none where nothing is the default.
    pub default: Option<&'static str>,
    /// The flag that stands for it.
    pub flag: Option<&'static str>,
    /// What it does, as one sentence.
    pub about: &'static str,
}

impl Key {
    /// What it takes, for the manual: `a whole number from 1 to 64`.
    pub fn takes(&self) -> String {
        self.shape.expected()
    }

    /// The environment variable that stands for it: `WAIF_CHECK_JOBS`.
    pub fn variable(&self) -> String {
        format!("WAIF_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }
}

const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info"];
const FAIL_ON: &[&str] = &["critical", "high", "medium", "low", "info", "never"];
const SNAPSHOTS: &[&str] = &["one", "per-relation"];
const THEMES: &[&str] = &["system", "dark", "light", "mono", "okabe"];
const WHEN: &[&str] = &["auto", "always", "never"];
const TLS_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const ENVIRONMENTS: &[&str] = &["production", "staging", "development"];
const JOBS: Shape = Shape::Whole { least: 1, most: 64 };
const ROWS: Shape = Shape::WholeOrNone { least: 1, most: i64::MAX as u64 };

/// What a rule of `[severity]` takes.
pub(super) const SEVERITY: Shape = Shape::Word(SEVERITIES);

const fn key(
    path: &'static str,
    shape: Shape,
    default: &'static str,
    flag: Option<&'static str>,
    about: &'static str,
) -> Key {
    Key { path, shape, default: Some(default), flag, about }
}

/// A key of a profile: it has no default, no flag and no variable.
const fn part(path: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { path, shape, default: None, flag: None, about }
}

/// The keys outside profiles, rules and suppressions.
pub const KEYS: &[Key] = &[
    key("default_profile", Shape::Text, "", None, "The profile to use when nothing else names a target."),
    key("check.jobs", JOBS, "2", Some("--jobs"), "Connections that count at the same time."),
    key("check.snapshot", Shape::Word(SNAPSHOTS), "one", Some("--snapshot"), "Which moment the counts see."),
    key(
        "check.statement_timeout",
        Shape::TimeOrNone,
        "none",
        Some("--statement-timeout"),
        "The time one statement may take.",
    ),
    key(
        "check.lock_timeout",
        Shape::Time,
        "1s",
        Some("--lock-timeout"),
        "The time one statement may wait for a lock.",
    ),
    key(
        "check.time_limit",
        Shape::TimeOrNone,
        "none",
        Some("--time-limit"),
        "The time all counting may take.",
    ),
    key(
        "check.max_rows",
        ROWS,
        "none",
        Some("--max-rows"),
        "Child tables with more rows than this are not counted.",
    ),
    key("check.only", Shape::Texts, "", Some("--only"), "Patterns of the tables or relations to inspect."),
    key("check.skip", Shape::Texts, "", Some("--skip"), "Patterns of the tables or relations to leave out."),
    key(
        "check.verify",
        Shape::Bool,
        "false",
        Some("--verify"),
        "Whether every count is repeated by another access path.",
    ),
    key(
        "check.history",
        Shape::Bool,
        "true",
        None,
        "Whether checks are saved in your state folder, to tell later what changed.",
    ),
    key(
        "policy.fail_on",
        Shape::Word(FAIL_ON),
        "high",
        Some("--fail-on"),
        "The least severity that makes a check exit with 1.",
    ),
    key("ui.theme", Shape::Word(THEMES), "system", Some("--theme"), "The colours of the terminal interface."),
    key(
        "ui.ascii",
        Shape::Word(WHEN),
        "auto",
        Some("--ascii"),
        "Whether to draw with ASCII characters only.",
    ),
    key("ui.color", Shape::Word(WHEN), "auto", Some("--color"), "Whether to use colour."),
    key(
        "ui.keymap",
        Shape::Path,
        "",
        None,
        "A file of your own keys; without it keymap.toml beside your config.toml, if it is there.",
    ),
    key("ui.mouse", Shape::Bool, "false", Some("--mouse"), "Whether the mouse is listened to."),
    key(
        "ui.bell",
        Shape::Bool,
        "true",
        None,
        "Whether the end of a run or of a long check rings, and the terminal is asked to show a notice.",
    ),
    key(
        "ui.watch",
        Shape::TimeFrom { least: 5 },
        "1min",
        None,
        "The time that watch mode waits after a check before it counts again.",
    ),
];

/// The keys of a profile.
pub const PROFILE_KEYS: &[Key] = &[
    part("url", Shape::Secret, "The whole address as a URL."),
    part("service", Shape::Text, "A service of pg_service.conf."),
    part("host", Shape::Text, "The server's name."),
    part("address", Shape::Text, "The server's address, where it differs from the name to verify."),
    part("port", Shape::Whole { least: 1, most: 65535 }, "The server's port."),
    part("socket", Shape::Path, "The folder of the server's socket."),
    part("user", Shape::Text, "The role to connect as."),
    part("database", Shape::Text, "The database to connect to."),
    part("file", Shape::Path, "A SQLite file."),
    part("attach", Shape::Paths, "SQLite files to attach, by schema name."),
    part("sslmode", Shape::Word(TLS_MODES), "What is demanded of TLS, as libpq has it."),
    part("sslrootcert", Shape::Path, "The root certificates to trust, or system."),
    part("sslcert", Shape::Path, "The client's certificate."),
    part("sslkey", Shape::Path, "The client's private key."),
    part("connect_timeout", Shape::Time, "The time connecting may take."),
    part("application_name", Shape::Text, "What the server's activity view shows."),
    part("options", Shape::Text, "Server options, as PGOPTIONS has them."),
    part("environment", Shape::Word(ENVIRONMENTS), "How much care the place deserves."),
    part("writes", Shape::Bool, "Whether armed runs may write there."),
    part("password_command", Shape::Secret, "A command whose first line of output is the password."),
    part(
        "before",
        Shape::Secret,
        "A command to start before connecting, such as a tunnel; ${port} becomes a free local port.",
    ),
    part("limits.jobs", JOBS, "As check.jobs, for this place."),
    part("limits.snapshot", Shape::Word(SNAPSHOTS), "As check.snapshot, for this place."),
    part("limits.statement_timeout", Shape::TimeOrNone, "As check.statement_timeout, for this place."),
    part("limits.lock_timeout", Shape::Time, "As check.lock_timeout, for this place."),
    part("limits.time_limit", Shape::TimeOrNone, "As check.time_limit, for this place."),
    part("limits.max_rows", ROWS, "As check.max_rows, for this place."),
];

/// The sections beside those of [`KEYS`].
pub(super) const SECTIONS: [&str; 3] = ["profile", "severity", "suppress"];

/// What people write for a key from other tools' habit.
const HABITS: [(&str, &str); 7] = [
    ("dbname", "database"),
    ("db", "database"),
    ("username", "user"),
    ("hostaddr", "address"),
    ("path", "file"),
    ("env", "environment"),
    ("colour", "color"),
];

/// The key somebody may have meant by a path that is none.
pub(super) fn meant<'a>(path: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = |path: &'a str| path.rsplit('.').next().unwrap_or(path);
    let word = path.rsplit('.').next().unwrap_or(path);
    let word = HABITS.iter().find(|(habit, _)| *habit == word).map_or(word, |(_, key)| key);
    let section = path.strip_suffix(path.rsplit('.').next().unwrap_or("")).unwrap_or("");
    candidates
        .map(|key| {
            let elsewhere = usize::from(!(section.is_empty() || key.starts_with(section)));
            (distance(word, last(key)).min(distance(path, key)) * 2 + elsewhere, key)
        })
        .filter(|(far, _)| *far <= 2 * word.chars().count().div_ceil(3) + 1)
        .min()
        .map(|(_, key)| key)
}

/// How many letters must be added, taken, changed or swapped with their neighbour to turn one word into the other.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for (i, &a) in one.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, &b) in other.iter().enumerate() {
            let mut least = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == other[j - 1] && one[i - 1] == b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_meant(path: &str) -> Option<&'static str> {
        meant(path, KEYS.iter().map(|key| key.path))
    }

    #[test]
    fn distances_count_letters() {
        for (one, other, far) in [
            ("", "", 0),
            ("jobs", "jobs", 0),
            ("jbos", "jobs", 1),
            ("job", "jobs", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour_and_nonsense_finds_none() {
        assert_eq!(key_meant("check.job"), Some("check.jobs"));
        assert_eq!(key_meant("check.statment_timeout"), Some("check.statement_timeout"));
        assert_eq!(key_meant("jobs"), Some("check.jobs"));
        assert_eq!(key_meant("policy.failon"), Some("policy.fail_on"));
        assert_eq!(key_meant("ui.colour"), Some("ui.color"));
        assert_eq!(key_meant("check.theme"), Some("ui.theme"));
        assert_eq!(key_meant("check.banana"), None);
        assert_eq!(meant("dbname", PROFILE_KEYS.iter().map(|key| key.path)), Some("database"));
    }
}
