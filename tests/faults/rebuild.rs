//! Rebuilds of SQLite tables go wrong on purpose: killed at any instant, out of room, locked out, overtaken. After every
//! fault the file holds the old table whole or the new one whole, and every other row and definition as it was.

use crate::support::dice::seed;
use crate::support::program::Running;
use crate::support::{Dice, Outcome, SqliteFile, Waif, skipped, user, waif};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RELATION: &str = "lines(order_id)->orders(id)";

/// Lines of orders with all that hangs on such a table, large enough that a rebuild takes a while.
const SCHEMA: &str = "
CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT);
INSERT INTO orders SELECT value, 'region ' || value % 7 FROM generate_series(1, 5000);
CREATE TABLE lines (order_id INT, product TEXT NOT NULL -- what
  , note TEXT DEFAULT (')'), total INT AS (length(product)) VIRTUAL, UNIQUE (order_id, product));
INSERT INTO lines (rowid, order_id, product, note)
  SELECT value * 3, 1 + value % 5000, 'product ' || value, hex(zeroblob(80)) FROM generate_series(1, 40000);
CREATE INDEX by_product ON lines (product, order_id); CREATE INDEX some ON lines (note) WHERE order_id > 2500;
CREATE TABLE parts (line TEXT, order_id INT, FOREIGN KEY (order_id, line) REFERENCES lines (order_id, product) ON DELETE CASCADE);
INSERT INTO parts SELECT product, order_id FROM lines WHERE order_id % 50 = 0;
CREATE TABLE heard (t TEXT);
CREATE VIEW open_lines AS SELECT l.*, o.region FROM lines AS l JOIN orders AS o ON o.id = l.order_id;
CREATE TRIGGER hears AFTER INSERT ON lines BEGIN INSERT INTO heard VALUES (new.product); END;
CREATE TRIGGER writes AFTER INSERT ON heard BEGIN UPDATE lines SET note = 'heard' WHERE product = new.t; END;
ANALYZE;
";

/// All that must never change, in one text: rows with their ids, definitions other than that of the table.
const REST: &str = "
SELECT count(*), sum(rowid), sum(order_id), sum(length(note)), max(product) FROM lines;
SELECT group_concat(rowid || order_id || product || note) FROM (SELECT rowid, * FROM lines ORDER BY rowid LIMIT 500);
SELECT count(*), sum(order_id) FROM parts; SELECT count(*), sum(id) FROM orders; SELECT count(*) FROM heard;
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name <> 'lines' AND name NOT LIKE 'waif%' AND tbl_name NOT LIKE 'waif%' ORDER BY 1, 2;
SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2;
PRAGMA integrity_check;
";

struct Stage {
    file: SqliteFile,
    plan: PathBuf,
    /// What was there before.
    rest: String,
    definition: String,
}

impl Stage {
    fn set(mode: &str) -> Self {
        Self::of(SqliteFile::with(&format!("PRAGMA journal_mode = {mode}; BEGIN; {SCHEMA} COMMIT;")))
    }

    fn of(file: SqliteFile) -> Self {
        let plan = file.folder().join("plan.json");
        let outcome = waif([
            "plan",
            &file.target(),
            "--stage",
            &format!("add-fk:{RELATION}?on_delete=cascade&name=of"),
            "-o",
            &plan.display().to_string(),
        ]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let rest = file.ask(REST);
        let definition = file.ask("SELECT sql FROM sqlite_schema WHERE name = 'lines'");
        Self { plan, rest, definition, file }
    }

    fn armed(&self, verb: &str, what: &str) -> Waif {
        Waif::new([verb, &self.file.target(), what, "--allow-writes", "--confirm", "waif.db"])
    }

    fn run(&self) -> Waif {
        self.armed("run", &self.plan.display().to_string())
    }

    fn said(&self) -> PathBuf {
        self.file.folder().join("said")
    }

    fn end_of(&self, mut running: Running) -> (Option<i32>, String) {
        let status = running.wait_for(Duration::from_secs(120));
        let said = std::fs::read_to_string(self.said()).unwrap_or_default();
        let status = status.unwrap_or_else(|| panic!("it goes on and on; it said:\n{said}"));
        (status.code(), said)
    }

    /// Whether the new table is there; it or the old one must be, whole, and all the rest as it was.
    fn is_new(&self) -> bool {
        assert_eq!(self.file.ask(REST), self.rest);
        assert_eq!(self.file.count("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'waif_rebuild%' OR name LIKE 'waif_control%'"), 0);
        let definition = self.file.ask("SELECT sql FROM sqlite_schema WHERE name = 'lines'");
        let keys = self.file.count("SELECT count(*) FROM pragma_foreign_key_list('lines')");
        match keys {
            0 => assert_eq!(definition, self.definition),
            1 => {
                assert_eq!(self.file.count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
                assert!(definition.contains("CONSTRAINT \"of\" FOREIGN KEY"), "{definition}");
            }
            _ => panic!("{keys} keys: {definition}"),
        }
        keys == 1
    }

    /// What is left of the run comes to its end, or a new one does the work.
    fn ends(&self) {
        let run = self.file.ask(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'waif_run') THEN 1 ELSE 0 END",
        );
        let open = if run == "1" {
            self.file.ask("SELECT id FROM waif_run WHERE state <> 'finished' ORDER BY id DESC LIMIT 1")
        } else {
            String::new()
        };
        let outcome: Outcome =
            if open.is_empty() { self.run().run() } else { self.armed("resume", &open).run() };
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert!(self.is_new());
    }
}

/// Rounds of killing; `tests/run --soak` asks for more.
fn rounds() -> u32 {
    std::env::var("WAIF_TEST_KILLS")
        .ok()
        .map_or(20, |text| text.parse().expect("WAIF_TEST_KILLS is a number"))
}

#[test]
fn killed_at_any_instant_the_table_is_the_old_one_or_the_new_one() {
    let mut dice = Dice::new(seed());
    let (mut old, mut new) = (0, 0);
    for round in 0..rounds() {
        let stage = Stage::set(if round % 2 == 0 { "wal" } else { "delete" });
        let mut running = stage.run().spawn_into(&stage.said());
        // Half of the rounds wait until pages are written; the others die at any instant.
        if dice.chance(50) {
            let written = |ending: &str| {
                let path = format!("{}{ending}", stage.file.target());
                std::fs::metadata(path).map_or(0, |found| found.len())
            };
            let size = written("");
            let begun = Instant::now();
            while written("-wal") < 100_000
                && written("") <= size
                && begun.elapsed() < Duration::from_secs(10)
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(dice.below(400) as u64));
        } else {
            std::thread::sleep(Duration::from_millis(dice.below(1500) as u64));
        }
        let ended = running.wait_for(Duration::ZERO);
        drop(running);
        if let Some(status) = ended {
            assert_eq!(
                status.code(),
                Some(0),
                "{}",
                std::fs::read_to_string(stage.said()).unwrap_or_default()
            );
        }
        if stage.is_new() {
            new += 1
        } else {
            old += 1
        }
        stage.ends();
    }
    assert!(old > 0, "no round was killed before COMMIT: {old} old, {new} new");
}

#[test]
fn a_full_disk_leaves_the_old_table() {
    for mode in ["wal", "delete"] {
        // As much room as is asked for, and little more: it is gone in a moment.
        let size =
            std::fs::metadata(SqliteFile::with(&format!("BEGIN; {SCHEMA} COMMIT;")).path()).unwrap().len();
        let Some(disk) = Disk::new(size * 43 / 10 / 1_000_000 + 1) else {
            return skipped("a full disk", "only root can make a small one");
        };
        let file = SqliteFile::with_in(
            disk.0.path(),
            &format!("PRAGMA journal_mode = {mode}; BEGIN; {SCHEMA} COMMIT;"),
        );
        let stage = Stage::of(file);
        // There is room when it is looked at, and none when it is needed.
        let running = stage.run().spawn_into(&stage.said());
        let size = std::fs::metadata(stage.file.path()).unwrap().len();
        let begun = Instant::now();
        let beside = |ending: &str| {
            std::fs::metadata(format!("{}{ending}", stage.file.target())).map_or(0, |found| found.len())
        };
        while beside("-wal") < 100_000 && beside("") <= size && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let ballast = disk.0.path().join("ballast");
        let filled = Command::new("dd")
            .args(["if=/dev/zero", "bs=64k", &format!("of={}", ballast.display())])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(!filled.success(), "there was room for the ballast");
        let (code, said) = stage.end_of(running);
        std::fs::remove_file(&ballast).unwrap();
        // Full before COMMIT it leaves the old table; full after it, only the line in the journal is missing.
        let new = stage.is_new();
        if code != Some(0) {
            assert!(said.contains("disk is full") || said.contains("are free"), "{said}");
        }
        assert!(new || code != Some(0), "{said}");
        println!("{mode}: {code:?}, {}", if new { "the new table" } else { "the old table" });
        stage.ends();
    }
}

#[test]
fn without_room_it_is_not_planned() {
    let Some(disk) = Disk::new(20) else { return skipped("a small disk", "only root can make one") };
    let file = SqliteFile::with_in(disk.0.path(), &format!("BEGIN; {SCHEMA} COMMIT;"));
    let outcome = waif(["plan", &file.target(), "--stage", &format!("add-fk:{RELATION}")]);
    assert!(outcome.everything().contains("are free"), "{outcome:#?}");
    assert_ne!(outcome.code, Some(0), "{outcome:#?}");
}

#[test]
fn another_writer_is_waited_for_and_waits() {
    for mode in ["wal", "delete"] {
        let stage = Stage::set(mode);
        let path = stage.file.target();
        // Somebody writes for longer than one try waits; then the rebuild begins, and somebody else waits for its end.
        let mut holder = shell(
            &path,
            "BEGIN IMMEDIATE; UPDATE orders SET region = 'held' WHERE id = 1; .shell sleep 5\nROLLBACK;",
        );
        std::thread::sleep(Duration::from_millis(300));
        let running = stage.run().spawn_into(&stage.said());
        assert!(holder.wait().unwrap().success());
        let mut waits = shell(
            &path,
            ".timeout 60000\nPRAGMA foreign_keys = ON; INSERT INTO orders VALUES (900001, 'late');",
        );
        let (code, said) = stage.end_of(running);
        assert_eq!(code, Some(0), "{said}");
        assert!(waits.wait().unwrap().success());
        stage.file.execute("DELETE FROM orders WHERE id = 900001");
        assert!(stage.is_new());
    }
}

#[test]
fn who_holds_the_file_for_long_is_told_and_nothing_is_changed() {
    let stage = Stage::set("delete");
    let mut holder = shell(&stage.file.target(), "BEGIN EXCLUSIVE; .shell sleep 60\nROLLBACK;");
    std::thread::sleep(Duration::from_millis(300));
    let outcome = stage.run().run();
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_ne!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.everything().contains("locked"), "{outcome:#?}");
    assert!(!stage.is_new());
    stage.ends();
}

#[test]
fn readers_in_wal_mode_see_the_state_before_it_all_the_while() {
    let stage = Stage::set("wal");
    let path = stage.file.target();
    let mut reader = shell(
        &path,
        "BEGIN; SELECT count(*) FROM lines; .shell sleep 4\nSELECT count(*) FROM lines; SELECT count(*) FROM pragma_foreign_key_list('lines'); COMMIT;",
    );
    std::thread::sleep(Duration::from_millis(200));
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(reader.wait().unwrap().success());
    assert!(stage.is_new());
}

#[test]
fn readers_of_a_file_without_a_log_are_waited_for_and_wait() {
    let stage = Stage::set("delete");
    let told = std::fs::read_to_string(&stage.plan).unwrap();
    assert!(told.contains("file_alone") && told.contains("readers too"), "the plan tells who waits");
    let path = stage.file.target();
    let mut reader = shell(&path, "BEGIN; SELECT count(*) FROM lines; .shell sleep 1.5\nCOMMIT;");
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    let running = stage.run().spawn_into(&stage.said());
    assert!(reader.wait().unwrap().success());
    let (code, said) = stage.end_of(running);
    assert_eq!(code, Some(0), "{said}");
    assert!(begun.elapsed() > Duration::from_millis(900), "it waited for the reader");
    assert!(stage.is_new());
}

#[test]
fn stopped_twice_it_leaves_the_old_table_and_can_be_gone_on_with() {
    let stage = Stage::set("wal");
    let running = stage.run().spawn_into(&stage.said());
    let written = || std::fs::metadata(format!("{}-wal", stage.file.target())).map_or(0, |found| found.len());
    let begun = Instant::now();
    while written() < 100_000 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(1));
    }
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(30));
    running.signal("INT");
    let (code, said) = stage.end_of(running);
    let new = stage.is_new();
    assert!(if new { code == Some(0) } else { code == Some(130) }, "{code:?} {new}: {said}");
    stage.ends();
}

#[test]
fn two_runs_do_not_rebuild_one_file_at_once() {
    let stage = Stage::set("wal");
    let second = stage.file.folder().join("second");
    let one = stage.run().spawn_into(&stage.said());
    let mut other = stage.run().spawn_into(&second);
    let (code, said) = stage.end_of(one);
    let status = other.wait_for(Duration::from_secs(120)).expect("it ends");
    let told = std::fs::read_to_string(&second).unwrap_or_default();
    assert!(code == Some(0) || status.code() == Some(0), "{said}\n{told}");
    assert!(stage.is_new(), "{said}\n{told}");
    assert_eq!(stage.file.count("SELECT count(*) FROM lines"), 40_000);
}

#[test]
fn a_table_that_changes_between_plan_and_run_is_not_rebuilt() {
    let stage = Stage::set("wal");
    stage.file.execute("ALTER TABLE lines ADD COLUMN late TEXT");
    let outcome = stage.run().run();
    assert_ne!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(stage.file.count("SELECT count(*) FROM pragma_foreign_key_list('lines')"), 0);
}

#[test]
fn rows_keys_and_indexes_of_one_plan_go_through_in_one_run() {
    let file = SqliteFile::with(&format!(
        "PRAGMA journal_mode = wal; BEGIN; {SCHEMA} ALTER TABLE lines ADD COLUMN region TEXT;
         CREATE TABLE old (id INTEGER PRIMARY KEY, o INT CONSTRAINT bad REFERENCES nowhere, p INT REFERENCES orders ON DELETE CASCADE);
         INSERT INTO old VALUES (1, 7, 1), (2, NULL, 2); COMMIT;"
    ));
    let plan = file.folder().join("plan.json").display().to_string();
    let stage = [
        "index:old(p)->orders(id)".to_owned(),
        format!("add-fk:{RELATION}?on_delete=restrict"),
        "drop-fk:old.bad".to_owned(),
        "replace-fk:old(p)->orders(id)?on_delete=set_null".to_owned(),
    ];
    let mut args = vec!["plan", file.path().to_str().unwrap()];
    args.extend(stage.iter().flat_map(|action| ["--stage", action.as_str()]));
    args.extend(["-o", &plan]);
    let outcome = waif(&args);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let outcome =
        waif(["run", file.path().to_str().unwrap(), &plan, "--allow-writes", "--confirm", "waif.db"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("a child without a parent was refused"), "{said}");
    let keys = "SELECT \"table\", \"from\", on_delete FROM pragma_foreign_key_list('old')";
    assert_eq!(file.ask(keys), "orders|p|SET NULL");
    assert_eq!(file.count("SELECT count(*) FROM pragma_index_list('old')"), 1);
    assert_eq!(file.ask("SELECT on_delete FROM pragma_foreign_key_list('lines')"), "RESTRICT");
    assert_eq!(file.ask("PRAGMA integrity_check"), "ok");
    assert_eq!(file.ask("SELECT group_concat(o || ':' || p) FROM old WHERE o"), "7:1");
    // Nothing is left to do.
    let outcome =
        waif(["run", file.path().to_str().unwrap(), &plan, "--allow-writes", "--confirm", "waif.db"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    // The undo that the plan tells brings the old definition back.
    let told: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&plan).unwrap()).unwrap();
    let steps = told["steps"].as_array().unwrap();
    let rebuilt =
        steps.iter().find(|step| step["work"]["kind"] == "rebuild" && step["work"]["table"]["name"] == "old");
    let undo = rebuilt.unwrap()["undo"]["statements"].as_array().unwrap();
    let undo: Vec<&str> = undo.iter().map(|sql| sql.as_str().unwrap()).collect();
    file.execute("DROP INDEX old_p_idx");
    file.execute(&format!("{};", undo.join(";\n")));
    assert_eq!(file.ask(keys).lines().count(), 2);
    assert!(
        file.ask("SELECT sql FROM sqlite_schema WHERE name = 'old'")
            .contains("o INT CONSTRAINT bad REFERENCES nowhere")
    );
    assert_eq!(file.count("SELECT count(*) FROM old"), 2);
}

/// The sqlite3 shell at work beside us.
fn shell(path: &str, script: &str) -> std::process::Child {
    use std::io::Write as _;
    let mut child = Command::new("sqlite3")
        .args(["-batch", "-bail", path])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sqlite3 starts");
    let mut stdin = child.stdin.take().expect("piped");
    // A dot command stands on a line of its own.
    let script = script.replace(" .shell", "\n.shell");
    stdin.write_all(script.as_bytes()).expect("it listens");
    child
}

/// A small disk, taken away again.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(megabytes: u64) -> Option<Self> {
        user::nobody()?;
        let folder = tempfile::tempdir().ok()?;
        let options = format!("size={megabytes}m,mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l"]).arg(self.0.path()).output();
    }
}

#[test]
fn a_table_that_refers_to_itself_gets_its_key_whatever_the_trial_meets() {
    for (rows, action, tried) in [
        ("(1, 1), (2, 2), (3, NULL)", "no_action", "there is no row to try it with"),
        ("(1, 1), (2, 2), (3, 2)", "no_action", "a parent that has children was refused"),
        ("(1, NULL), (2, 1), (3, 2)", "set_null", "lose their reference did what it should"),
        ("(1, NULL), (2, 1), (3, 2)", "cascade", "the table refers to itself"),
    ] {
        let file = SqliteFile::with(&format!(
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INT); INSERT INTO staff VALUES {rows};"
        ));
        let plan = file.folder().join("plan.json").display().to_string();
        let action = format!("add-fk:staff(boss)->staff(id)?on_delete={action}");
        let outcome = waif(["plan", &file.target(), "--stage", &action, "-o", &plan]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let outcome = waif(["run", &file.target(), &plan, "--allow-writes", "--confirm", "waif.db"]);
        assert_eq!(outcome.code, Some(0), "{action} {rows}: {outcome:#?}");
        let told = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(tried), "{action} {rows}: {told}");
        assert_eq!(file.count("SELECT count(*) FROM staff"), 3);
    }
}
