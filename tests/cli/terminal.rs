//! The program at a terminal: progress, colour, the question for a password, and Ctrl-C.

use super::{must_give_its_password, shop};
use crate::support::{Database, Session};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A run at a terminal of 80 columns.
struct AtTerminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Option<Box<dyn Write + Send>>,
    /// Stays open as long as the terminal is to be there.
    master: Option<Box<dyn MasterPty + Send>>,
    said: Arc<Mutex<Vec<u8>>>,
    _home: TempDir,
}

impl AtTerminal {
    /// Starts a run and listens to it to its end.
    fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        let (run, mut reader) = Self::unheard(args, env);
        let heard = Arc::clone(&run.said);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                heard.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        run
    }

    /// Starts a run that nobody listens to yet.
    fn unheard(args: &[&str], env: &[(&str, &str)]) -> (Self, Box<dyn Read + Send>) {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let home = tempfile::tempdir().expect("a folder");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_waif"));
        command.env_clear();
        command.args(args);
        command.cwd(home.path());
        for (name, value) in
            [("HOME", home.path().to_str().unwrap()), ("PATH", "/usr/bin:/bin"), ("TERM", "xterm")]
        {
            command.env(name, value);
        }
        env.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let said = Arc::default();
        (Self { child, keys: Some(keys), said, master: Some(pair.master), _home: home }, reader)
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    fn wait_for(&self, text: &str) {
        let begun = Instant::now();
        while !self.said().contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(30), "never said {text:?}: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn press(&mut self, keys: &str) {
        let terminal = self.keys.as_mut().expect("a terminal that is there");
        terminal.write_all(keys.as_bytes()).expect("the terminal takes keys");
        terminal.flush().expect("the terminal takes keys");
    }

    /// Closes the terminal, as closing its window does.
    fn hang_up(&mut self) {
        self.keys = None;
        self.master = None;
    }

    fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                std::thread::sleep(Duration::from_millis(50));
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it never ends: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_terminal_shows_colour_unless_no_color_is_set() {
    let shop = shop();
    let mut colored = AtTerminal::start(&["check", &shop.target()], &[]);
    assert_eq!(colored.end().exit_code(), 1);
    assert!(colored.said().contains("\u{1b}[1;31mCRITICAL"), "{}", colored.said());
    let mut plain = AtTerminal::start(&["check", &shop.target()], &[("NO_COLOR", "1")]);
    assert_eq!(plain.end().exit_code(), 1);
    assert!(plain.said().contains("CRITICAL") && !plain.said().contains('\u{1b}'), "{}", plain.said());
}

/// A table with orphans, and one that nobody can read while the session lives.
fn held() -> (Database, Session) {
    let database = Database::with(
        "terminal",
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE open(p int); INSERT INTO open VALUES (1), (2);
         ALTER TABLE open ADD FOREIGN KEY (p) REFERENCES parent NOT VALID;
         CREATE TABLE shut(p int REFERENCES parent);",
    );
    let mut session = database.session();
    session.say("BEGIN; LOCK TABLE shut IN ACCESS EXCLUSIVE MODE");
    (database, session)
}

#[test]
fn the_first_interrupt_tells_what_is_known_and_exits_with_130() {
    let (database, _session) = held();
    let args = ["check", &database.url(), "--lock-timeout", "60s", "--jobs", "1"];
    let mut run = AtTerminal::start(&args, &[]);
    run.wait_for("relations");
    run.press("\u{3}");
    run.wait_for("Ctrl-C once more");
    assert_eq!(run.end().exit_code(), 130, "{}", run.said());
    let said = run.said();
    assert!(said.contains("INCOMPLETE") && said.contains("shut(p)->parent(id)"), "{said}");
}

#[test]
fn an_interrupt_before_the_connection_stands_leaves_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://u@127.0.0.1:{port}/x?sslmode=disable&connect_timeout=60");
    let mut run = AtTerminal::start(&["check", &url], &[]);
    run.wait_for("connecting");
    run.press("\u{3}");
    assert_eq!(run.end().exit_code(), 130, "{}", run.said());
}

#[test]
fn a_password_is_asked_for_once_without_echo() {
    let database =
        Database::with("terminal", "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(p int REFERENCES p);");
    let role = database.role("asked", "PASSWORD \'canary-right\'");
    must_give_its_password(&database, &role);
    database.execute(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"));
    let mut run = AtTerminal::start(&["check", &database.url_as(&role)], &[]);
    run.wait_for("Password for");
    run.press("canary-right\r");
    assert_eq!(run.end().exit_code(), 0, "{}", run.said());
    assert!(!run.said().contains("canary-right"), "{}", run.said());
    let mut wrong = AtTerminal::start(&["check", &database.url_as(&role)], &[]);
    wrong.wait_for("Password for");
    wrong.press("canary-wrong\r");
    assert_eq!(wrong.end().exit_code(), 3, "{}", wrong.said());
    assert_eq!(wrong.said().matches("Password for").count(), 1, "{}", wrong.said());
    assert!(!wrong.said().contains("canary-wrong"), "{}", wrong.said());
    let mut left = AtTerminal::start(&["check", &database.url_as(&role)], &[]);
    left.wait_for("Password for");
    left.press("\u{3}");
    assert_eq!(left.end().exit_code(), 130, "{}", left.said());
}

#[test]
fn a_terminal_that_goes_away_takes_the_demo_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut run, mut reader) =
        AtTerminal::unheard(&["demo"], &[("TMPDIR", folder.path().to_str().unwrap())]);
    let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&said).contains("quit") {
        let read = reader.read(&mut buffer).expect("it says something");
        said.extend_from_slice(&buffer[..read]);
    }
    drop(reader);
    run.hang_up();
    assert_eq!(run.end().exit_code(), 129);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something behind");
}
