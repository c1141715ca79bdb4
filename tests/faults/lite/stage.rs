//! The stage: a table with something to fill in a file, its twin as one UPDATE leaves it, a plan that fills and indexes, and
//! the one assertion every fault ends with.

use crate::stage::PATIENCE;
use crate::support::program::Running;
use crate::support::{Outcome, SqliteFile, Waif, waif};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// The journal modes of a file.
pub const MODES: [&str; 2] = ["WAL", "DELETE"];

/// What names the rows of a table.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    /// Their number, which is their key.
    Numbered,
    /// Their number, beside a key of texts.
    Texts,
    /// A key of two columns, without a number.
    Keyed,
}

impl Rows {
    pub const ALL: [Self; 3] = [Self::Numbered, Self::Texts, Self::Keyed];

    fn table(self) -> String {
        let (id, key, end) = match self {
            Self::Numbered => ("id INTEGER PRIMARY KEY", "UNIQUE (id, day)", ""),
            Self::Texts => ("id TEXT PRIMARY KEY", "UNIQUE (id, day)", ""),
            Self::Keyed => ("id TEXT COLLATE NOCASE", "PRIMARY KEY (id, day)", " WITHOUT ROWID"),
        };
        let parent = match self {
            Self::Numbered => "parent INTEGER",
            Self::Texts => "parent TEXT",
            Self::Keyed => "parent TEXT COLLATE NOCASE",
        };
        format!(
            "CREATE TABLE events ({id}, day TEXT NOT NULL, {parent}, parent_day TEXT, note TEXT, {key},
               FOREIGN KEY (parent, parent_day) REFERENCES events (id, day)){end};"
        )
    }

    fn value(self, number: &str) -> String {
        match self {
            Self::Numbered => number.to_owned(),
            Self::Texts | Self::Keyed => format!("'e' || ({number})"),
        }
    }

    /// That a line of the record is about a row `e`.
    fn recorded(self) -> &'static str {
        match self {
            Self::Numbered => "e.id = r.place",
            Self::Texts => "e.id = r.k0",
            Self::Keyed => "e.id = r.k0 AND e.day = r.k1",
        }
    }
}

/// A file and a plan for it.
pub struct Stage {
    pub file: SqliteFile,
    pub rows: Rows,
    /// Where the database lies: in the folder of the file, or elsewhere.
    path: PathBuf,
}

impl Stage {
    pub fn set(mode: &str, rows: Rows) -> Self {
        Self::with(mode, rows, 6000, &[])
    }

    pub fn with(mode: &str, rows: Rows, count: u32, flags: &[&str]) -> Self {
        let file = SqliteFile::with(&format!("PRAGMA journal_mode = {mode}"));
        let stage = Self { path: file.path().to_owned(), file, rows };
        stage.fill(count);
        stage.make_plan(flags);
        stage
    }

    /// In a folder of its own.
    pub fn at(folder: &Path, mode: &str, count: u32) -> Self {
        let file = SqliteFile::with("");
        let stage = Self { path: folder.join("waif.db"), file, rows: Rows::Numbered };
        stage.execute(&format!("PRAGMA journal_mode = {mode}"));
        stage.fill(count);
        stage.make_plan(&["--lock-timeout", "20s"]);
        stage
    }

    fn fill(&self, count: u32) {
        let (id, parent, lost) =
            (self.rows.value("i"), self.rows.value("i - 7"), self.rows.value("i + 1000000"));
        self.execute(&format!(
            "{table}
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO events SELECT {id}, date('2025-01-01', (i % 80) || ' days'),
               CASE WHEN i % 100 = 1 AND i > 10 THEN {lost} WHEN i % 3 > 0 AND i > 10 THEN {parent} END, NULL, 'note ' || i FROM n;
             UPDATE events SET parent_day = (SELECT p.day FROM events p WHERE p.id = events.parent)
               WHERE CAST(substr(note, 6) AS INTEGER) % 500 = 2;
             CREATE TABLE before AS SELECT id, day, parent_day FROM events;
             CREATE TABLE twin AS SELECT * FROM events;
             CREATE INDEX before_id ON before (id);
             CREATE INDEX twin_id ON twin (id);
             UPDATE twin SET parent_day = (SELECT p.day FROM events p WHERE p.id = twin.parent) WHERE parent_day IS NULL;
             ANALYZE;",
            table = self.rows.table()
        ));
    }

    pub fn target(&self) -> String {
        self.path.display().to_string()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn plan(&self) -> String {
        self.file.folder().join("plan.json").display().to_string()
    }

    /// Makes the plan anew on the file as it is. Batches are as small as they can be: there shall be many instants.
    pub fn make_plan(&self, flags: &[&str]) {
        let outcome = self.try_plan(flags);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }

    pub fn try_plan(&self, flags: &[&str]) -> Outcome {
        let (target, plan) = (self.target(), self.plan());
        let mut args = vec!["plan", target.as_str(), "--stage", "backfill:events.parent_day"];
        args.extend(["--stage", "index:events(parent,parent_day)->events(id,day)"]);
        args.extend(["--first-batch", "50", "--largest-batch", "100", "-o", plan.as_str()]);
        args.extend(flags);
        waif(args)
    }

    pub fn run(&self) -> Waif {
        Waif::new(["run", &self.target(), &self.plan(), "--allow-writes", "--confirm", "waif.db"])
    }

    pub fn resume(&self) -> Waif {
        Waif::new(["resume", &self.target(), &self.id(), "--allow-writes", "--confirm", "waif.db"])
    }

    pub fn restore(&self) -> Waif {
        Waif::new(["restore", &self.target(), &self.id(), "--allow-writes", "--confirm", "waif.db"])
    }

    pub fn take_over(&self) -> Waif {
        let (target, id) = (self.target(), self.id());
        Waif::new(["resume", &target, &id, "--take-over", "--allow-writes", "--confirm", "waif.db"])
    }

    /// The number of the only run.
    pub fn id(&self) -> String {
        self.ask("SELECT id FROM waif_run")
    }

    /// Where what background runs say is kept.
    pub fn said(&self) -> PathBuf {
        self.file.folder().join("said")
    }

    pub fn execute(&self, sql: &str) {
        self.ask(sql);
    }

    /// What a script answers. It waits for others, as an application would.
    pub fn ask(&self, sql: &str) -> String {
        let output = Command::new("sqlite3")
            .args(["-batch", "-bail", "-noheader", "-cmd", ".timeout 20000"])
            .arg(&self.path)
            .arg(sql)
            .output()
            .expect("these tests need the sqlite3 shell");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.is_empty(), "{complaint}\n{sql}");
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    pub fn count(&self, sql: &str) -> u64 {
        let said = self.ask(sql);
        said.parse().unwrap_or_else(|_| panic!("not one number: {said}\n{sql}"))
    }

    fn has(&self, table: &str) -> bool {
        self.count(&format!("SELECT count(*) FROM sqlite_schema WHERE name = '{table}'")) == 1
    }

    /// Whether a run is written down.
    pub fn has_run(&self) -> bool {
        self.has("waif_run") && self.count("SELECT count(*) FROM waif_run") > 0
    }

    pub fn batches(&self) -> u64 {
        if self.has("waif_batch") { self.count("SELECT count(*) FROM waif_batch") } else { 0 }
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            let said = std::fs::read_to_string(self.said()).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; the program said:\n{said}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Starts the run and returns when it has done a few batches.
    pub fn under_way(&self) -> Running {
        let running = self.run().spawn_into(&self.said());
        self.until("a few batches", || self.batches() >= 3);
        running
    }

    /// Waits for the end of a background run; returns its exit code and what it said.
    pub fn end_of(&self, mut running: Running) -> (Option<i32>, String) {
        let status = running.wait_for(PATIENCE);
        let said = std::fs::read_to_string(self.said()).unwrap_or_default();
        let status = status.unwrap_or_else(|| panic!("it goes on and on; it said:\n{said}"));
        (status.code(), said)
    }

    /// THE assertion: the journal tells exactly what is in the table.
    pub fn the_journal_is_true(&self) {
        assert_eq!(self.ask("PRAGMA integrity_check"), "ok");
        let key =
            if matches!(self.rows, Rows::Keyed) { "e.id = b.id AND e.day = b.day" } else { "e.id = b.id" };
        let filled = format!(
            "SELECT count(*) FROM before b JOIN events e ON {key} WHERE b.parent_day IS NULL AND e.parent_day IS NOT NULL"
        );
        let filled = self.count(&filled);
        if !self.has("waif_step") {
            assert_eq!(filled, 0, "without a journal nothing is filled");
            return;
        }
        let records =
            self.ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'waif_record%'");
        let (mut recorded, mut true_to_it) = (0, 0);
        for record in records.lines() {
            recorded += self.count(&format!("SELECT count(*) FROM \"{record}\""));
            true_to_it += self.count(&format!(
                "SELECT count(*) FROM \"{record}\" r JOIN events e ON {} AND e.parent_day = r.fill",
                self.rows.recorded()
            ));
        }
        let batches = self.count("SELECT coalesce(sum(rows), 0) FROM waif_batch");
        let steps = self.count("SELECT coalesce(sum(rows), 0) FROM waif_step");
        assert_eq!(
            [recorded, true_to_it, batches, steps],
            [filled; 4],
            "rows in the record, of them as recorded, in the batches, in the steps; and in the table"
        );
    }

    /// The run ended, and everything is as an undisturbed run leaves it.
    pub fn ended_as_if_undisturbed(&self, outcome: &Outcome) {
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        self.the_journal_is_true();
        assert_eq!(self.difference(), 0, "the table is not what one UPDATE makes of it");
        assert!(self.count("SELECT sum(rows) FROM waif_step") > 0, "there was something to fill");
        assert_eq!(self.ask("SELECT DISTINCT state FROM waif_step"), "finished");
        assert_eq!(self.ask("SELECT state FROM waif_run"), "finished");
        assert_eq!(self.count("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'waif_work%'"), 0);
        let indexes = "SELECT count(*) FROM pragma_index_list('events') WHERE origin = 'c'";
        assert_eq!(self.count(indexes), 1, "one index on the table");
    }

    /// Rows that are not what one UPDATE makes of them.
    pub fn difference(&self) -> u64 {
        let columns = "id, day, parent, parent_day, note";
        self.count(&format!(
            "SELECT (SELECT count(*) FROM (SELECT {columns} FROM events EXCEPT SELECT {columns} FROM twin))
                  + (SELECT count(*) FROM (SELECT {columns} FROM twin EXCEPT SELECT {columns} FROM events))"
        ))
    }

    /// Resumes and ends as if nothing had happened.
    pub fn resumes(&self) {
        self.the_journal_is_true();
        let outcome = self.resume().run();
        self.ended_as_if_undisturbed(&outcome);
    }
}

/// Another program that has the file open: the shell, told line by line.
pub struct Other {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Other {
    pub fn on(path: &Path) -> Self {
        let mut child = Command::new("sqlite3")
            .args(["-batch", "-noheader", "-cmd", ".timeout 20000"])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("sqlite3 starts");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    /// Says something and waits until it is done.
    pub fn say(&mut self, sql: &str) {
        let stdin = self.child.stdin.as_mut().expect("piped");
        writeln!(stdin, "{sql};\nSELECT 'done';").expect("it listens");
        stdin.flush().expect("it listens");
        let mut line = String::new();
        while line.trim() != "done" {
            line.clear();
            assert!(self.said.read_line(&mut line).expect("it answers") > 0, "it is gone");
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
