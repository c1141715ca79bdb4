//! A password goes in by every door there is, with connections that work and that fail; then everything that came out
//! is searched for it: standard output, standard error, and every file left behind.

use crate::support::{Database, Outcome, Waif, unique};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Found in every spelling of the password: plain, percent-encoded, quoted.
const CANARY: &str = "c4n4rySings";
const PASSWORD: &str = "c4n4rySings/@:% \"it's\\";
const ENCODED: &str = "c4n4rySings%2F%40%3A%25%20%22it%27s%5C";

/// Ways for a password to reach the program.
const DOORS: [Door; 7] = [
    Door::Url,
    Door::DatabaseUrl,
    Door::Variable,
    Door::Pgpass,
    Door::PassFileVariable,
    Door::Command,
    Door::Words,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Url,
    DatabaseUrl,
    Variable,
    Pgpass,
    PassFileVariable,
    Command,
    Words,
}

/// Where a connection goes, and what comes of it.
struct Place {
    what: &'static str,
    role: String,
    database: String,
    /// `host=…` as a URL parameter, or a host and port.
    host: String,
    port: u16,
    code: i32,
}

impl Place {
    fn url(&self, password: &str) -> String {
        let login = if password.is_empty() { self.role.clone() } else { format!("{}:{password}", self.role) };
        if self.host.starts_with('/') {
            format!("postgres://{login}@localhost:{}/{}?host={}", self.port, self.database, self.host)
        } else {
            format!("postgres://{login}@{}:{}/{}?sslmode=disable", self.host, self.port, self.database)
        }
    }
}

fn write_secret(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("our home");
    fs::write(path, text).expect("our home");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our file");
}

/// A run of a verb against a place with the password coming through a door.
fn enter(door: Door, place: &Place, verb: &str) -> Waif {
    let bare = place.url("");
    let with = place.url(ENCODED);
    let pass_line = format!("*:*:*:*:{}\n", PASSWORD.replace('\\', "\\\\").replace(':', "\\:"));
    match door {
        Door::Url => Waif::new([verb, &with]),
        Door::DatabaseUrl => Waif::new([verb]).env("DATABASE_URL", with),
        Door::Variable => Waif::new([verb, &bare]).env("PGPASSWORD", PASSWORD),
        Door::Pgpass => {
            let run = Waif::new([verb, &bare]);
            write_secret(&run.home().join(".pgpass"), &pass_line);
            run
        }
        Door::PassFileVariable => {
            let run = Waif::new([verb, &bare]);
            let file = run.home().join("elsewhere");
            write_secret(&file, &pass_line);
            run.env("PGPASSFILE", file)
        }
        Door::Command => {
            let run = Waif::new([verb, "place"]);
            let file = run.home().join("secret");
            write_secret(&file, PASSWORD);
            let profile =
                format!("[profile.place]\nurl = '{bare}'\npassword_command = 'cat {}'\n", file.display());
            write_secret(&run.home().join(".config/waif/config.toml"), &profile);
            run
        }
        Door::Words => {
            let quoted = PASSWORD.replace('\\', "\\\\").replace('\'', "\\'");
            let words = format!(
                "host='{}' port={} user={} dbname={} password='{quoted}' sslmode=disable",
                place.host, place.port, place.role, place.database
            );
            Waif::new([verb, &words])
        }
    }
}

/// Every file below a folder that holds the canary and was not there before.
fn betrayed(folder: &Path, known: &[std::path::PathBuf]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(betrayed(&path, known));
        } else if !known.contains(&path)
            && String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).contains(CANARY)
        {
            found.push(path);
        }
    }
    found
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn silent(outcome: &Outcome, told: &str) {
    assert!(!outcome.everything().contains(CANARY), "{told} sang: {outcome:#?}");
}

fn places(database: &Database) -> Vec<Place> {
    let locked = |password: &str| {
        let role =
            database.role("locked_reader", &format!("IN ROLE locked PASSWORD $secret${password}$secret$"));
        database.execute(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"));
        role
    };
    let (right, wrong) = (locked(PASSWORD), locked("another one"));
    let socket = database.server().socket_folder().display().to_string();
    let place = |what, role: &str, host: &str, port, code| Place {
        what,
        role: role.to_owned(),
        database: database.name().to_owned(),
        host: host.to_owned(),
        port,
        code,
    };
    vec![
        place("the right password", &right, &socket, 5432, 0),
        place("a wrong password", &wrong, &socket, 5432, 3),
        place("an unknown role", &unique("stranger"), &socket, 5432, 3),
        place("no socket there", &right, &socket, 5433, 3),
        place("nobody listening", &right, "127.0.0.1", 1, 3),
        place("an unknown host", &right, "no-such-host.invalid", 5432, 3),
        Place { database: unique("missing"), ..place("an unknown database", &right, &socket, 5432, 3) },
    ]
}

#[test]
fn a_password_is_used_and_never_told() {
    let database = Database::with(
        "secrets",
        "DO $$ BEGIN CREATE ROLE locked; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(p int REFERENCES parent);",
    );
    // An unknown role is asked for a password only where the method asks everybody.
    for place in places(&database) {
        for door in DOORS {
            for verb in ["check", "info"] {
                let run = enter(door, &place, verb);
                let known = files(run.home());
                let (outcome, home) = run.run_with_home();
                let told = format!("{verb} with {} through {door:?}", place.what);
                assert_eq!(outcome.code, Some(place.code), "{told}: {outcome:#?}");
                silent(&outcome, &told);
                assert_eq!(betrayed(home.path(), &known), Vec::<std::path::PathBuf>::new(), "{told}");
                if verb == "check" && place.code == 3 {
                    assert_eq!(outcome.stdout, "", "{told}: data only on standard output");
                }
            }
        }
    }
}

#[test]
fn a_machine_format_tells_errors_without_the_password() {
    let database = Database::new("secrets");
    let url = format!(
        "postgres://postgres:{ENCODED}@localhost/{}?host={}&sslmode=nonsense",
        database.name(),
        database.server().socket_folder().display()
    );
    for args in [
        vec!["check", &url, "--format", "json"],
        vec!["graph", &url, "--format", "json"],
        vec!["orphans", &url, "a->b", "--format", "json"],
        vec!["check", &url, "--no-such-flag"],
        vec![url.as_str()],
    ] {
        let outcome = Waif::new(&args).run();
        assert_ne!(outcome.code, Some(0), "{outcome:#?}");
        silent(&outcome, &format!("{:?}", args[0].get(..5)));
    }
}

#[test]
fn showing_the_configuration_hides_what_is_secret() {
    let run = Waif::new(["config", "show"])
        .env("DATABASE_URL", format!("postgres://a:{ENCODED}@db/x"))
        .env("PGPASSWORD", PASSWORD);
    let profile = format!("[profile.place]\nurl = 'postgres://a:{ENCODED}@db/x'\n");
    write_secret(&run.home().join(".config/waif/config.toml"), &profile);
    let outcome = run.run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    silent(&outcome, "config show");
}
