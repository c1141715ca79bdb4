//! Tests of loading and showing: layers, mistakes, rights, the example, and that no password shows.

use super::*;
use crate::model::finding::Severity;
use crate::model::scope::{Scope, Snapshot};
use pretty_assertions::assert_eq;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A ground to try things on: a home, a current folder and a machine's folder of its own.
pub(super) struct Ground {
    root: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Self {
        let ground = Self { root: tempfile::tempdir().expect("a folder") };
        for folder in ["home/.config/waif", "here", "etc/waif", "run"] {
            std::fs::create_dir_all(ground.root().join(folder)).expect("a folder");
        }
        ground
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file that its owner alone may read.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        std::fs::write(&path, text).expect("written");
        mode(&path, 0o600);
        path
    }

    pub fn env(&self, vars: &[(&str, &str)]) -> Env {
        let root = self.root();
        Env {
            vars: vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect(),
            home: Some(root.join("home")),
            here: root.join("here"),
            system_config: root.join("etc/waif/config.toml"),
            config_folder: Some(root.join("home/.config/waif")),
            state_folder: Some(root.join("home/.local/state/waif")),
            socket_folders: vec![root.join("run")],
            service_folders: vec![root.join("etc")],
            system_user: || Some("tess".to_owned()),
        }
    }

    fn load(&self, given: &Given) -> Result<Config, Fault> {
        load(given, &self.env(&[("LANG", "de_DE.UTF-8")]))
    }
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

fn given() -> Given {
    Given { rules: vec!["orphan-rows", "missing-index", "not-valid"], ..Given::default() }
}

fn flags(flags: &[(&'static str, &str)]) -> Given {
    Given { flags: flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(), ..given() }
}

/// What is said of a user's configuration with this text.
fn told(text: &str) -> Fault {
    let ground = Ground::new();
    ground.write("home/.config/waif/config.toml", text);
    ground.load(&given()).expect_err(text)
}

fn loaded(text: &str) -> Config {
    let ground = Ground::new();
    ground.write("home/.config/waif/config.toml", text);
    match ground.load(&given()) {
        Ok(config) => config,
        Err(fault) => panic!("{text}: {fault:?}"),
    }
}

#[test]
fn without_any_file_the_defaults_are_those_of_the_model() {
    let config = Ground::new().load(&given()).expect("defaults");
    assert_eq!(config, Config::default());
    assert_eq!(config.scope(None), Scope::default());
    assert_eq!(config.policy.fail_on, Some(Severity::High));
    assert_eq!(config.ui, Ui::default());
}

#[test]
fn every_layer_counts_over_those_before_it() {
    let ground = Ground::new();
    let jobs = |given: &Given, vars: &[(&str, &str)]| {
        load(given, &ground.env(vars)).map(|config| config.scope(None).jobs).expect("it loads")
    };
    assert_eq!(jobs(&given(), &[]), 2);
    ground.write("etc/waif/config.toml", "check.jobs = 3\ncheck.lock_timeout = '3s'");
    assert_eq!(jobs(&given(), &[]), 3);
    ground.write("home/.config/waif/config.toml", "[check]\njobs = 4");
    assert_eq!(jobs(&given(), &[]), 4);
    ground.write("here/waif.toml", "[check]\njobs = 5");
    assert_eq!(jobs(&given(), &[]), 5);
    ground.write("here/named.toml", "[check]\njobs = 6");
    let named = Given { config: Some("named.toml".into()), ..given() };
    assert_eq!(jobs(&named, &[]), 6);
    assert_eq!(jobs(&given(), &[("WAIF_CONFIG", "named.toml")]), 6);
    assert_eq!(jobs(&named, &[("WAIF_CHECK_JOBS", "7")]), 7);
    let flag = Given { flags: vec![("check.jobs", "8".to_owned())], ..named.clone() };
    assert_eq!(jobs(&flag, &[("WAIF_CHECK_JOBS", "7")]), 8);
    let scope = load(&flag, &ground.env(&[])).expect("it loads").scope(None);
    assert_eq!(scope.lock_timeout, Duration::from_secs(3), "what nobody overrides stays");
}

#[test]
fn every_key_reaches_its_place() {
    let config = loaded(
        r#"
        [check]
        jobs = 0x10
        snapshot = "per-relation"
        statement_timeout = "30s"
        lock_timeout = "250ms"
        time_limit = "1h30min"
        max_rows = 1_000_000
        only = ["orders", "audit_*"]
        skip = ["audit_old"]
        verify = true
        [policy]
        fail_on = "never"
        [ui]
        theme = "okabe"
        ascii = "always"
        color = "never"
        mouse = true
        bell = false
        [severity]
        missing-index = "low"
        [[suppress]]
        rule = "not-valid"
        object = "orders*"
        reason = "in June"
        "#,
    );
    assert_eq!(
        config.scope(None),
        Scope {
            jobs: 16,
            snapshot: Snapshot::PerRelation,
            statement_timeout: Some(Duration::from_secs(30)),
            lock_timeout: Duration::from_millis(250),
            time_limit: Some(Duration::from_secs(5400)),
            max_rows: Some(1_000_000),
            only: vec!["orders".to_owned(), "audit_*".to_owned()],
            skip: vec!["audit_old".to_owned()],
            verify: true,
            ..Scope::default()
        }
    );
    assert_eq!(config.policy.fail_on, None);
    assert_eq!(config.policy.severity.get("missing-index"), Some(&Severity::Low));
    assert_eq!(config.policy.suppress[0].reason, "in June");
    assert_eq!(
        config.ui,
        Ui {
            theme: Theme::Okabe,
            ascii: true,
            color: When::Never,
            mouse: true,
            bell: false,
            watch: Duration::from_secs(60)
        }
    );
}

/// What a user may write, and how the fault goes on after the name of the file.
const MISTAKES: &[(&str, &str)] = &[
    ("\n[check]\njob = 4", ":3: there is no key check.job; did you mean check.jobs?"),
    ("jobs = 4", ":1: there is no key jobs; did you mean check.jobs?"),
    ("banana = 4", ":1: there is no key banana."),
    ("[chek]\njobs = 4", ":1: there is no key chek"),
    ("check = 4", ":1: check is a section; write [check]."),
    ("[check]\njobs = '4'", ":2: check.jobs is \"4\"; expected is a whole number from 1 to 64."),
    ("[check]\njobs = 0", ":2: check.jobs is 0; expected is a whole number from 1 to 64."),
    ("[check]\njobs = -1", ":2: check.jobs is -1; expected"),
    ("[check]\njobs = 99999999999999999999", ":2: check.jobs is 99999999999999999999; expected"),
    ("[check]\njobs = 1.5", ":2: check.jobs is a number with a point; expected"),
    ("[check]\nverify = 'yes'", ":2: check.verify is \"yes\"; expected is true or false."),
    ("[check]\nonly = 'orders'", ":2: check.only is \"orders\"; expected is a list of texts"),
    ("[check]\nonly = ['a', 1]", ":2: check.only is a list; expected is a list of texts"),
    ("[check]\nlock_timeout = 30", ":2: check.lock_timeout is 30; expected is a time with its unit"),
    ("[check]\nlock_timeout = '5 parsecs'", ":2: check.lock_timeout is \"5 parsecs\"; expected is a time"),
    ("[check]\nlock_timeout = 'none'", ":2: check.lock_timeout is \"none\"; expected is a time"),
    ("[check]\ntime_limit = '0s'", ":2: check.time_limit is \"0s\"; expected is a time"),
    ("[ui]\ntheme = 'drak'", ":2: ui.theme is \"drak\"; expected is one of system, dark"),
    ("[severity]\nmissing-indx = 'low'", ":2: there is no rule missing-indx; did you mean missing-index?"),
    (
        "[severity]\nmissing-index = 'off'",
        ":2: severity.missing-index is \"off\"; expected is one of critical",
    ),
    ("[[suppress]]\nrule = 'not-valid'\nobject = '*'", ":1: this [[suppress]] has no reason"),
    ("[[suppress]]\nrule = 'not-valid'\nobject = '*'\nreason = ' '", ":4: suppress.reason is empty."),
    ("[[suppress]]\nrule = 'x'\nobject = '*'\nreason = 'y'", ":2: there is no rule x."),
    (
        "[[suppress]]\nrule = 'not-valid'\nobject = '*'\nreasn = 'y'\nreason = 'y'",
        ":4: there is no key suppress.reasn",
    ),
    ("[suppress]\nrule = 'not-valid'", ":1: suppress is a list; write [[suppress]]."),
    (
        "[[relation]]\nchild = 'a(b)'",
        ":1: [[relation]] asks for a check that this version of waif does not make.",
    ),
    (
        "[[copy]]\ncolumn = 'a.b'\nfrom = 'c'",
        ":1: this [[copy]] has no along; column, from and along are needed.",
    ),
    (
        "[[copy]]\ncolumn = 'b'\nfrom = 'c'\nalong = 'd.e'",
        ":1: copy.column is \"b\"; expected is TABLE.COLUMN.",
    ),
    (
        "[[copy]]\ncolumn = 'a.b'\nfrom = 'c'\nalong = 'd'",
        ":1: copy.along is \"d\"; expected is TABLE(COLUMN,…)->TABLE(COLUMN,…) or TABLE.CONSTRAINT.",
    ),
    ("default_profile = 'shop'", ":1: default_profile is \"shop\", which is no profile."),
    ("[profile.shop]\nhots = 'db'\nport = 1", ":2: there is no key profile.shop.hots; did you mean host?"),
    (
        "[profile.shop]\nhost = 'db'\nport = 70000",
        ":3: profile.shop.port is 70000; expected is a whole number",
    ),
    ("[profile.shop]\nhost = 'db'\npassword = 'x'", ":3: a profile keeps no password."),
    ("[profile.shop]\nhost = 'db'\nlimits = 3", ":3: profile.shop.limits is a section"),
    ("[profile.shop]\nhost = 'db'\nlimits.job = 3", ":3: there is no key profile.shop.limits.job"),
    ("[profile.shop]\nenvironment = 'staging'", ":1: profile.shop does not say where to connect"),
    ("[profile.shop]\nurl = 'postgres://db'\nhost = 'db'", ":3: profile.shop has both url and host"),
    ("[profile.shop]\nfile = 'a.db'\nurl = 'sqlite:b.db'", ":3: profile.shop has both file and url"),
    (
        "[profile.shop]\nfile = 'a.db'\nsslmode = 'require'",
        ":3: profile.shop names a file; sslmode means nothing",
    ),
    ("[profile.shop]\nhost = 'db'\nattach = { a = 'b' }", ":3: profile.shop names no SQLite file"),
    ("[profile.shop]\nhost = 'db'\nsocket = '/run'", ":3: profile.shop has both host and socket"),
    ("[profile.shop]\nurl = 'mysql://db'", ":2: The url names a MySQL or MariaDB server"),
    ("[profile.shop]\nurl = 7", ":2: profile.shop.url is 7; expected is text in quotes."),
    ("profile = 7", ":1: profile is a section"),
    ("profile.shop = 7", ":1: profile.shop is a section"),
    ("[check\njobs = 4", ":1: this is not TOML"),
    ("[check]\njobs = 4\njobs = 5", ":3: this is not TOML: duplicate key"),
    ("[check]\r\n\r\njob = 4\r\n", ":3: there is no key check.job;"),
    ("a\u{202e}b = 4", ":1: this is not TOML"),
    ("\"a\\u202eb\" = 4", ":1: there is no key a\\u{202E}b."),
];

#[test]
fn a_mistake_names_file_line_key_and_what_was_expected() {
    for (text, expected) in MISTAKES {
        let fault = told(text);
        let expected = format!("~/.config/waif/config.toml{expected}");
        assert!(
            fault.headline.starts_with(&expected),
            "{text}\n  said: {}\n  want: {expected}",
            fault.headline
        );
        assert_eq!(fault.kind, crate::model::fault::Kind::Usage);
    }
}

#[test]
fn all_mistakes_of_all_layers_are_told_at_once() {
    let ground = Ground::new();
    ground.write("etc/waif/config.toml", "job = 1");
    ground.write("here/waif.toml", "[check]\njobs = 'a'\nskip = 1");
    let env = ground.env(&[("WAIF_UI_THEME", "drak")]);
    let fault = load(&flags(&[("policy.fail_on", "hgih"), ("check.time_limit", "soon")]), &env)
        .expect_err("mistakes");
    assert_eq!(fault.headline, "The configuration has 6 mistakes.");
    let causes = fault.causes.join("\n");
    for part in [
        "etc/waif/config.toml:1: there is no key job",
        "waif.toml:2: check.jobs",
        "waif.toml:3: check.skip",
        "WAIF_UI_THEME: \"drak\" is not one of system, dark, light, mono, okabe. Did you mean dark?",
        "--fail-on: \"hgih\" is not one of critical, high, medium, low, info, never. Did you mean high?",
        "--time-limit: \"soon\" is not a time with its unit",
    ] {
        assert!(causes.contains(part), "{part} is missing in\n{causes}");
    }
}

#[test]
fn files_that_cannot_be_read_are_told_and_absent_ones_are_not() {
    let ground = Ground::new();
    let named = |path: &str| Given { config: Some(path.into()), ..given() };
    let said = |given: &Given| ground.load(given).expect_err("it cannot be read").headline;
    assert!(said(&named("nowhere.toml")).contains("nowhere.toml: this file cannot be read"));
    assert!(said(&named("../here")).contains("cannot be read"), "a folder is no file");
    ground.write("here/bad.toml", b"[check]\n# \xff\njobs = 1\n");
    assert!(said(&named("bad.toml")).contains("bad.toml:2: this line is not valid UTF-8."));
    ground.write("here/long.toml", vec![b'\n'; (1 << 20) + 1]);
    assert!(said(&named("long.toml")).contains("longer than 1 MiB"));
    ground.write("here/bom.toml", "\u{feff}check.jobs = 9\n");
    assert_eq!(ground.load(&named("bom.toml")).expect("a byte order mark is fine").scope(None).jobs, 9);
}

#[cfg(unix)]
#[test]
fn a_file_with_a_password_must_be_its_owners_alone() {
    let ground = Ground::new();
    let path = ground.write("here/waif.toml", "[profile.shop]\nurl = 'postgres://app:canary@db/shop'\n");
    assert!(ground.load(&given()).is_ok());
    for wide in [0o644, 0o640, 0o604] {
        mode(&path, wide);
        let fault = ground.load(&given()).expect_err("too wide");
        assert!(
            fault.headline.contains("holds a password and has group or world access"),
            "{}",
            fault.headline
        );
        assert!(fault.hint.as_deref().is_some_and(|hint| hint.contains("chmod 600")));
    }
    ground.write("here/waif.toml", "[profile.shop]\nurl = 'postgres://app@db/shop'\n");
    mode(&path, 0o644);
    assert!(ground.load(&given()).is_ok(), "without a password it may be read by all");
    let path = ground
        .write("home/.config/waif/config.toml", "[profile.a]\nhost = 'db'\npassword_command = 'true'\n");
    mode(&path, 0o644);
    assert!(ground.load(&given()).is_ok());
    mode(&path, 0o664);
    assert!(ground.load(&given()).expect_err("others can write").headline.contains("programs to start"));
}

#[test]
fn a_file_in_the_current_folder_starts_no_program_unless_it_is_named() {
    for key in ["password_command", "before"] {
        let ground = Ground::new();
        ground.write("here/waif.toml", format!("[profile.shop]\nhost = 'db'\n{key} = 'true'\n"));
        let fault = ground.load(&given()).expect_err("not from here");
        assert!(
            fault.headline.contains(&format!("waif.toml:3: {key} starts a program")),
            "{}",
            fault.headline
        );
        let named = Given { config: Some("waif.toml".into()), ..given() };
        assert!(ground.load(&named).is_ok(), "who names the file trusts it");
    }
}

#[test]
fn a_profile_is_taken_whole_from_the_strongest_file() {
    let ground = Ground::new();
    ground.write("home/.config/waif/config.toml", "[profile.shop]\nhost = 'db'\npassword_command = 'true'\n");
    ground.write("here/waif.toml", "[profile.shop]\nhost = 'elsewhere'\n");
    let config = ground.load(&given()).expect("it loads");
    let profile = config.profile("shop").expect("shop");
    assert_eq!(profile.place(), "elsewhere");
    assert!(!profile.starts_program(), "a password is never sent to a host its owner did not name");
}

#[test]
fn limits_of_a_profile_count_over_files_and_under_environment_and_flags() {
    let ground = Ground::new();
    ground.write(
        "home/.config/waif/config.toml",
        "[check]\njobs = 4\nmax_rows = 5\n[profile.prod]\nhost = 'db'\nlimits.jobs = 1\nlimits.max_rows = 'none'\n\
         limits.statement_timeout = '5s'\nlimits.snapshot = 'per-relation'",
    );
    let config = ground.load(&given()).expect("it loads");
    let scope = config.scope(Some("prod"));
    assert_eq!((scope.jobs, scope.max_rows), (1, None));
    assert_eq!(scope.statement_timeout, Some(Duration::from_secs(5)));
    assert_eq!(scope.snapshot, Snapshot::PerRelation);
    assert_eq!(config.scope(None).jobs, 4);
    assert_eq!(ground.load(&flags(&[("check.jobs", "9")])).expect("it loads").scope(Some("prod")).jobs, 9);
    let env = ground.env(&[("WAIF_CHECK_JOBS", "7")]);
    assert_eq!(load(&given(), &env).expect("it loads").scope(Some("prod")).jobs, 7);
}

#[test]
fn lists_come_from_flags_one_by_one_and_from_variables_with_semicolons() {
    let ground = Ground::new();
    ground.write("here/waif.toml", "check.only = ['a']");
    let given = flags(&[("check.only", "b(x,y)->c(x;y)"), ("check.only", "d")]);
    assert_eq!(ground.load(&given).expect("it loads").scope(None).only, ["b(x,y)->c(x;y)", "d"]);
    let env = ground.env(&[("WAIF_CHECK_SKIP", "a(x,y)->b(x,y); c ;")]);
    assert_eq!(
        load(&super::tests::given(), &env).expect("it loads").scope(None).skip,
        ["a(x,y)->b(x,y)", "c"]
    );
}

#[test]
fn colour_and_ascii_follow_the_environment() {
    let ground = Ground::new();
    let ui = |vars: &[(&str, &str)], given: &Given| load(given, &ground.env(vars)).expect("it loads").ui;
    let utf8 = ("LANG", "C.UTF-8");
    assert_eq!(ui(&[utf8], &given()), Ui::default());
    assert_eq!(ui(&[utf8, ("NO_COLOR", "1")], &given()).color, When::Never);
    assert_eq!(ui(&[utf8, ("NO_COLOR", "")], &given()).color, When::Auto, "an empty NO_COLOR says nothing");
    assert_eq!(ui(&[utf8, ("NO_COLOR", "1"), ("WAIF_UI_COLOR", "always")], &given()).color, When::Always);
    assert_eq!(ui(&[utf8, ("NO_COLOR", "1")], &flags(&[("ui.color", "always")])).color, When::Always);
    assert_eq!(ui(&[utf8, ("TERM", "dumb")], &given()).color, When::Never);
    assert!(ui(&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], &given()).ascii, "LC_ALL counts over LANG");
    assert!(!ui(&[("LANG", "de_DE.utf8")], &given()).ascii);
    assert!(ui(&[utf8], &flags(&[("ui.ascii", "always")])).ascii);
}

#[test]
fn a_misspelt_variable_is_pointed_out() {
    let env = Ground::new().env(&[("WAIF_CHECK_JOB", "3"), ("WAIF_CHECK_JOBS", "3")]);
    let notices = load(&given(), &env).expect("it loads").notices;
    assert_eq!(notices, ["The variable WAIF_CHECK_JOB means nothing to waif. Did you mean WAIF_CHECK_JOBS?"]);
}

#[test]
fn what_is_shown_is_toml_with_sources_and_without_secrets() {
    let ground = Ground::new();
    ground.write(
        "home/.config/waif/config.toml",
        "default_profile = 'shop'\n[severity]\nnot-valid = 'low'\n[[suppress]]\nrule = 'not-valid'\nobject = '*'\n\
         reason = \"it's \\\"fine\\\"\"\n[profile.shop]\nurl = 'postgres://app:canary@db/shop?password=canary&x=1'\n\
         before = 'ssh canary'\npassword_command = 'echo canary'\nlimits.jobs = 3\n[profile.till]\nfile = 'till.db'\n\
         attach = { 'old one' = 'o.db' }\n",
    );
    let env = ground.env(&[("WAIF_CHECK_TIME_LIMIT", "90s")]);
    let config = load(&flags(&[("check.only", "a"), ("check.only", "b\u{202e}")]), &env).expect("it loads");
    let shown = show(&config);
    assert!(!shown.contains("canary") && !shown.contains('\u{202e}'), "{shown}");
    assert!(!format!("{config:?}").contains("canary"), "no Debug shows a secret");
    for line in [
        "default_profile = \"shop\"              # ~/.config/waif/config.toml:1",
        "[check]",
        "jobs = 2                              # default",
        "time_limit = \"90s\"                    # WAIF_CHECK_TIME_LIMIT",
        "only = [\"a\", \"b\\U0000202E\"]           # --only",
        "not-valid = \"low\"                     # ~/.config/waif/config.toml:3",
        "reason = \"it's \\\"fine\\\"\"",
        "[profile.shop]                        # ~/.config/waif/config.toml:8",
        "url = \"postgres://app:***@db/shop?password=***&x=1\"  # ~/.config/waif/config.toml:9",
        "password_command = \"***\"              # ~/.config/waif/config.toml:11",
        "limits.jobs = 3                       # ~/.config/waif/config.toml:12",
        "attach = { \"old one\" = \"o.db\" }       # ~/.config/waif/config.toml:15",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\nis missing in\n{shown}");
    }
    let table: toml::Table = shown.parse().expect("it is TOML");
    assert_eq!(table["suppress"][0]["reason"].as_str(), Some("it's \"fine\""));
}

#[test]
fn the_example_is_the_defaults_and_holds_every_key() {
    let read = |text: &str| {
        let mut mistakes = Vec::new();
        let rules = ["missing-index", "not-valid"];
        let mut file = file::File {
            shown: "config.example.toml",
            text,
            folder: PathBuf::new(),
            trusted: true,
            rules: &rules,
            mistakes: &mut mistakes,
        };
        let settings = file.read();
        assert!(mistakes.is_empty(), "{mistakes:?}");
        settings
    };
    let values = |settings: &settings::Settings| {
        settings.keys.iter().map(|(key, setting)| (*key, setting.value.clone())).collect::<Vec<_>>()
    };
    let plain = read(example());
    assert_eq!(values(&plain), values(&settings::Settings::defaults()));
    assert!(plain.profiles.is_empty() && plain.severity.is_empty() && plain.suppress.is_empty());

    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_alphabetic()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    let full = read(&example().lines().map(uncommented).collect::<Vec<_>>().join("\n"));
    assert_eq!((full.severity.len(), full.suppress.len()), (1, 1));
    for key in key::PROFILE_KEYS {
        let shown = full.profiles.values().any(|section| section.keys.contains_key(key.path));
        assert!(shown, "{} is missing in config.example.toml", key.path);
    }
    let env = Ground::new().env(&[]);
    for (name, section) in &full.profiles {
        assert_eq!(Profile::new(name, section).mistakes(&env), [], "profile {name}");
    }
}

#[test]
fn every_variable_is_documented_once() {
    let names: Vec<String> = env::variables().into_iter().map(|variable| variable.name).collect();
    let mut once = names.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names.len());
    for key in key::KEYS {
        assert!(names.contains(&key.variable()), "{}", key.path);
        assert!(key.about.ends_with('.'), "{}", key.path);
    }
}

#[test]
fn every_word_a_key_takes_means_something() {
    for (word, theme) in Theme::ALL {
        assert_eq!(loaded(&format!("ui.theme = '{word}'")).ui.theme, theme);
        assert_eq!(theme.word(), word);
    }
    for (word, when) in When::ALL {
        assert_eq!(loaded(&format!("ui.color = '{word}'")).ui.color, when);
    }
    for severity in Severity::ALL {
        let word = severity.word();
        assert_eq!(loaded(&format!("policy.fail_on = '{word}'")).policy.fail_on, Some(severity));
        let config = loaded(&format!("[severity]\nnot-valid = '{word}'"));
        assert_eq!(config.policy.severity["not-valid"], severity);
    }
}

#[test]
fn ones_own_keys_lie_beside_the_configuration_or_where_it_says() {
    let ground = Ground::new();
    let env = ground.env(&[]);
    let read = || keys(&load(&given(), &env).expect("it makes sense"), &env);
    assert_eq!(read(), Ok(None));
    ground.write("home/.config/waif/keymap.toml", "# mine");
    let own = read().expect("readable").expect("there");
    assert_eq!((own.file.as_str(), own.text.as_str()), ("~/.config/waif/keymap.toml", "# mine"));
    ground.write("home/.config/waif/config.toml", "[ui]\nkeymap = \"other.toml\"\n");
    let fault = read().expect_err("what is named must be there");
    assert!(fault.headline.contains("~/.config/waif/other.toml"), "{fault:?}");
    ground.write("home/.config/waif/other.toml", "# other");
    assert_eq!(read().expect("readable").expect("there").text, "# other");
    let listed = paths(&given(), &env).expect("paths");
    assert!(listed.contains("keys            ~/.config/waif/other.toml  (read)"), "{listed}");
}

#[test]
fn a_file_in_the_current_folder_does_not_change_what_keys_do() {
    let ground = Ground::new();
    ground.write("here/waif.toml", "[ui]\nkeymap = \"keys.toml\"\n");
    let fault = ground.load(&given()).expect_err("it may not");
    assert!(fault.headline.contains("waif.toml:2: ui.keymap changes what keys do"), "{fault:?}");
    assert!(fault.hint.is_some_and(|hint| hint.contains("--config")));
}
