//! A terminal that remembers: the program runs on a pseudo-terminal, and every frame it draws is kept with the time it
//! came. Frames are told apart by the marks of synchronized output that the program sets around each.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const FRAME_ENDS: &[u8] = b"\x1b[?2026l";
const CLEARS: [&[u8]; 2] = [b"\x1b[2J", b"\x1b[J"];

/// One frame.
#[derive(Clone)]
pub struct Frame {
    /// When its last byte came.
    pub at: Instant,
    /// How many bytes it took.
    pub bytes: usize,
    /// Whether the whole screen was wiped on the way.
    pub cleared: bool,
    /// What stands on the screen after it.
    pub screen: vt100::Screen,
}

impl Frame {
    /// Its lines, padded to the width of the screen.
    pub fn lines(&self) -> Vec<String> {
        lines(&self.screen)
    }
}

/// The lines of a screen, cell by cell.
pub fn lines(screen: &vt100::Screen) -> Vec<String> {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let cell = |row, column| match screen.cell(row, column) {
        Some(cell) if cell.is_wide_continuation() => String::new(),
        Some(cell) if cell.has_contents() => cell.contents().to_owned(),
        _ => " ".to_owned(),
    };
    (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
}

struct Heard {
    parser: vt100::Parser,
    /// What came since the last frame ended.
    tail: Vec<u8>,
    last: Instant,
    bytes: usize,
    frames: Vec<Frame>,
}

impl Heard {
    fn take(&mut self, mut bytes: &[u8], at: Instant) {
        self.bytes += bytes.len();
        self.last = at;
        while let Some(first) = bytes.first() {
            // Byte by byte up to the next end of a frame: a mark may come in two reads.
            self.tail.push(*first);
            bytes = &bytes[1..];
            if self.tail.ends_with(FRAME_ENDS) {
                let whole = std::mem::take(&mut self.tail);
                self.parser.process(&whole);
                let cleared =
                    CLEARS.iter().any(|clear| whole.windows(clear.len()).any(|part| part == *clear));
                let screen = self.parser.screen().clone();
                self.frames.push(Frame { at, bytes: whole.len(), cleared, screen });
            }
        }
    }
}

/// The terminal.
pub struct Recorder {
    heard: Arc<(Mutex<Heard>, Condvar)>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

impl Recorder {
    /// Runs the program with a home of its own in a terminal of (columns, rows).
    pub fn open(program: &str, args: &[&str], (columns, rows): (u16, u16), env: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        let usual =
            [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];
        usual.iter().chain(env).for_each(|(name, value)| command.env(name, value));
        command.env("HOME", home.path());
        command.env("TMPDIR", home.path());
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let cells = |number| NonZero::new(number).expect("a terminal has cells");
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let blank = Heard { parser, tail: Vec::new(), last: Instant::now(), bytes: 0, frames: Vec::new() };
        let heard = Arc::new((Mutex::new(blank), Condvar::new()));
        let mut output = pair.master.try_clone_reader().expect("the terminal can be read");
        let told = Arc::clone(&heard);
        thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                let at = Instant::now();
                told.0.lock().expect("whole").take(&bytes[..read], at);
                told.1.notify_all();
            }
        });
        let keys = pair.master.take_writer().expect("the terminal takes keys");
        Self { heard, keys, child, _master: pair.master, _home: home }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.0.lock().expect("whole")
    }

    /// Presses keys; returns when.
    pub fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
        at
    }

    /// Waits for a frame, from the one with this number on, that shows something; returns when it came.
    pub fn shows(
        &self,
        from: usize,
        patience: Duration,
        sought: impl Fn(&vt100::Screen) -> bool,
    ) -> Option<Instant> {
        let until = Instant::now() + patience;
        let mut heard = self.heard();
        let mut next = from;
        loop {
            let found = heard.frames.get(next..).into_iter().flatten().find(|frame| sought(&frame.screen));
            if let Some(frame) = found {
                return Some(frame.at);
            }
            next = heard.frames.len().max(from);
            let left = until.checked_duration_since(Instant::now())?;
            heard = self.heard.1.wait_timeout(heard, left).expect("whole").0;
        }
    }

    /// Waits for a text, from now or before; gives up loudly.
    pub fn wait_for(&self, text: &str) {
        let from = self.count().saturating_sub(1);
        let there = |screen: &vt100::Screen| screen.contents().contains(text);
        let came = self.shows(from, Duration::from_secs(120), there);
        assert!(came.is_some(), "{text:?} never came:\n{}", self.screen().contents());
    }

    /// Frames so far.
    pub fn count(&self) -> usize {
        self.heard().frames.len()
    }

    /// The frames from this number on.
    pub fn frames(&self, from: usize) -> Vec<Frame> {
        self.heard().frames.get(from..).unwrap_or_default().to_vec()
    }

    /// Bytes so far.
    pub fn bytes(&self) -> usize {
        self.heard().bytes
    }

    /// What stands on the screen.
    pub fn screen(&self) -> vt100::Screen {
        self.heard().parser.screen().clone()
    }

    /// Waits until the program has been silent for so long.
    pub fn wait_quiet(&self, silence: Duration) {
        while self.heard().last.elapsed() < silence {
            thread::sleep(silence / 10);
        }
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("the program runs")
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.keys.write_all(b"\x03\x03");
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
