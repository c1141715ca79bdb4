//! A terminal with the program in it: keys go in, a screen comes out, and waiting is for what it shows.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The terminal.
pub struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    reader: Option<thread::JoinHandle<()>>,
    home: TempDir,
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a terminal has cells")
}

impl Terminal {
    /// Runs the program with a home of its own in a terminal of (columns, rows).
    pub fn open(args: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> Self {
        Self::run(env!("CARGO_BIN_EXE_waif"), args, size, env)
    }

    /// Runs a shell that controls jobs, as a person has one.
    pub fn shell(size: (u16, u16)) -> Self {
        Self::run("/bin/bash", &["--norc", "--noprofile", "-i"], size, &[("PS1", "shell> ")])
    }

    fn run(program: &str, args: &[&str], (columns, rows): (u16, u16), env: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let pair = native_pty_system().openpty(size((columns, rows))).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in
            [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")]
        {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        command.env("TMPDIR", home.path());
        env.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0)));
        let mut output = pair.master.try_clone_reader().expect("the terminal can be read");
        let heard = Arc::clone(&screen);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(read) = output.read(&mut bytes) {
                if read == 0 {
                    return;
                }
                heard.lock().unwrap().process(&bytes[..read]);
            }
        });
        let keys = pair.master.take_writer().expect("the terminal takes keys");
        Self { screen, keys, master: pair.master, child, reader: Some(reader), home }
    }

    fn screen(&self) -> MutexGuard<'_, vt100::Parser> {
        self.screen.lock().unwrap()
    }

    /// The folder the program was started in.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        self.screen().screen().contents()
    }

    /// A line of the screen.
    pub fn line(&self, row: usize) -> String {
        self.text().lines().nth(row).unwrap_or_default().to_owned()
    }

    /// Waits until a text stands on the screen.
    pub fn wait_for(&mut self, text: &str) {
        self.wait(&format!("{text:?} never came"), |screen| screen.contains(text));
    }

    /// Waits until a text has left the screen.
    pub fn wait_gone(&mut self, text: &str) {
        self.wait(&format!("{text:?} never went"), |screen| !screen.contains(text));
    }

    fn wait(&mut self, otherwise: &str, done: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !done(&self.text()) {
            let ended = self.child.try_wait().expect("the program can be asked");
            assert!(ended.is_none() || done(&self.text()), "{otherwise}: {ended:?}\n{}", self.text());
            assert!(Instant::now() < until, "{otherwise}:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the shell asks for a command: what is typed before may be thrown away with the program's last input.
    pub fn wait_prompt(&mut self) {
        self.wait("the shell never asked for a command", |text| {
            text.lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .is_some_and(|line| line.trim() == "shell>")
        });
    }

    /// Waits until nothing of the program is left on the terminal.
    pub fn wait_clean(&mut self) {
        let until = Instant::now() + PATIENCE;
        while self.alternate() || self.screen().screen().hide_cursor() {
            assert!(Instant::now() < until, "the terminal was never given back:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
        self.assert_clean();
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.screen().screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size((columns, rows))).expect("the terminal can be resized");
    }

    /// Sends the program a signal.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("the program runs").to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal could not be sent");
    }

    /// Waits for the end; returns the exit code.
    pub fn ends(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the program can be asked") {
                if let Some(reader) = self.reader.take() {
                    let _ = reader.join();
                }
                return status.exit_code();
            }
            assert!(Instant::now() < until, "the program never ended:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether the program draws on the alternate screen.
    pub fn alternate(&self) -> bool {
        self.screen().screen().alternate_screen()
    }

    /// Holds that nothing of the program is left on the terminal: screen, cursor, paste and mouse are as before.
    pub fn assert_clean(&self) {
        let parser = self.screen();
        let screen = parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left behind");
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste was left on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    /// The first row that holds a text.
    pub fn row_of(&self, text: &str) -> u16 {
        let row = self.text().lines().position(|line| line.contains(text));
        row.unwrap_or_else(|| panic!("{text:?} is nowhere:\n{}", self.text())) as u16
    }

    /// Whether the row is reversed, and whether any cell of the screen is coloured.
    pub fn looks(&self, row: u16) -> (bool, bool) {
        let parser = self.screen();
        let screen = parser.screen();
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let inverse = screen.cell(row, 10).is_some_and(vt100::Cell::inverse);
        let plain = |cell: &vt100::Cell| {
            cell.fgcolor() == vt100::Color::Default && cell.bgcolor() == vt100::Color::Default
        };
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let coloured = cells.filter_map(|(row, column)| screen.cell(row, column)).any(|cell| !plain(cell));
        (inverse, coloured)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
