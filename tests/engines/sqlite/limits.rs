//! What a statement may cost, who may stop it, and which moment it sees.

use super::opened::{Opened, count, target};
use crate::support::SqliteFile;
use std::time::{Duration, Instant};
use waif::db::Limits;
use waif::model::fault::Kind;
use waif::model::scope::Snapshot;
use waif::sql::{Path as Access, Query};

/// A relation that takes seconds to count: no child index, and a million rows to look up.
const SLOW: &str = "PRAGMA journal_mode = WAL;
    CREATE TABLE p(id INTEGER PRIMARY KEY);
    CREATE TABLE c(x INTEGER REFERENCES p, y TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
        INSERT INTO c SELECT abs(random() % 1000000), 'y' FROM n;";

const SMALL: &str = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(x REFERENCES p);
    INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (2);";

fn counting(opened: &Opened, path: Access) -> Query {
    let catalog = opened.catalog();
    opened.dialect().orphans(&catalog, &catalog.relations[0], path)
}

#[test]
fn a_statement_ends_at_its_time_limit_and_the_session_goes_on() {
    let file = SqliteFile::with(SLOW);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::NoIndex);
    let limits = Limits { statement: Some(Duration::from_millis(20)), ..Limits::default() };
    let began = Instant::now();
    let fault = opened.try_fetch(&query, limits).expect_err("it takes longer");
    let took = began.elapsed();
    assert_eq!(fault.kind, Kind::TimedOut);
    assert!(took < Duration::from_millis(500), "{took:?}");
    assert!(count(&opened.fetch(&query)[0][0]) > 290_000, "the same session counts on");
}

#[test]
fn an_interrupt_reaches_the_statement_that_runs_and_no_other() {
    let file = SqliteFile::with(SLOW);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::NoIndex);
    let mut reader = opened.reader();
    let interrupter = reader.interrupter();
    opened.wait(interrupter.interrupt());
    let (answer, late) = opened.wait(async {
        let stop = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let asked = Instant::now();
            interrupter.interrupt().await;
            asked
        };
        let (answer, asked) = futures_util::future::join(reader.fetch(&query, Limits::default()), stop).await;
        (answer, asked.elapsed())
    });
    assert_eq!(answer.expect_err("it was stopped").kind, Kind::Interrupted);
    assert!(late < Duration::from_millis(400), "{late:?}");
    assert!(opened.wait(reader.fetch(&query, Limits::default())).is_ok());
}

#[test]
fn a_locked_file_is_waited_for_as_long_as_allowed_and_no_longer() {
    let file = SqliteFile::with(SMALL);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    assert_eq!(count(&opened.fetch(&query)[0][0]), 1, "the session stands before the lock");
    let mut writer = Writer::open(&file);
    writer.say("BEGIN EXCLUSIVE;");
    let limits = Limits { lock: Some(Duration::from_millis(100)), ..Limits::default() };
    let began = Instant::now();
    let fault = opened.try_fetch(&query, limits).expect_err("it is locked");
    assert_eq!(fault.kind, Kind::Busy);
    assert!(began.elapsed() >= Duration::from_millis(100));
    let mut target = target(file.path());
    target.connect_timeout = 1;
    let fault = Opened::of(&target).map(drop).expect_err("it is locked");
    assert_eq!(fault.kind, Kind::Busy);
    assert!(fault.headline.contains("from DATABASE_URL is locked"), "{fault:?}");
    writer.say("ROLLBACK;");
    assert_eq!(count(&opened.fetch(&query)[0][0]), 1);
}

#[test]
fn whoever_waits_for_a_locked_file_can_be_stopped() {
    let file = SqliteFile::with(SMALL);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    let mut reader = opened.reader();
    let interrupter = reader.interrupter();
    let mut writer = Writer::open(&file);
    writer.say("BEGIN EXCLUSIVE;");
    let limits = Limits { lock: Some(Duration::from_secs(30)), ..Limits::default() };
    let began = Instant::now();
    let (answer, ()) = opened.wait(async {
        let stop = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            interrupter.interrupt().await;
        };
        futures_util::future::join(reader.fetch(&query, limits), stop).await
    });
    assert_eq!(answer.expect_err("it was stopped").kind, Kind::Interrupted);
    assert!(began.elapsed() < Duration::from_secs(5));
    let limits = Limits { statement: Some(Duration::from_millis(30)), ..limits };
    assert_eq!(opened.wait(reader.fetch(&query, limits)).expect_err("late").kind, Kind::TimedOut);
}

#[test]
fn wal_readers_share_one_moment_and_keep_nobody_from_writing() {
    let file = SqliteFile::with(&format!("PRAGMA journal_mode = WAL; {SMALL}"));
    let mut writer = Writer::open(&file);
    writer.say("INSERT INTO c VALUES (3);");
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    let mut readers = opened.readers(3, Snapshot::One);
    assert_eq!((readers.sessions.len(), readers.snapshot, readers.note), (3, Snapshot::One, None));
    writer.say("INSERT INTO c VALUES (4), (5);");
    for reader in &mut readers.sessions {
        let rows = opened.wait(reader.fetch(&query, Limits::default())).expect("counted");
        assert_eq!(count(&rows[0][0]), 2, "the moment before the writer's last word");
    }
    assert_eq!(count(&opened.fetch(&query)[0][0]), 4);
}

#[test]
fn a_rollback_journal_file_is_never_held_so_each_count_sees_its_own_moment() {
    let file = SqliteFile::with(SMALL);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    let mut readers = opened.readers(2, Snapshot::One);
    assert_eq!(readers.snapshot, Snapshot::PerRelation);
    assert!(readers.note.as_ref().is_some_and(|note| note.contains("not in WAL mode")), "{:?}", readers.note);
    let rows = opened.wait(readers.sessions[0].fetch(&query, Limits::default())).expect("counted");
    assert_eq!(count(&rows[0][0]), 1);
    file.execute("PRAGMA busy_timeout = 0; INSERT INTO c VALUES (3);");
    let rows = opened.wait(readers.sessions[1].fetch(&query, Limits::default())).expect("counted");
    assert_eq!(count(&rows[0][0]), 2);
}

#[test]
fn a_file_read_as_it_lies_is_read_again_when_a_program_opens_it() {
    let file = SqliteFile::with(&format!("PRAGMA journal_mode = WAL; {SMALL}"));
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    let mut readers = opened.readers(2, Snapshot::One);
    assert_eq!(
        (readers.sessions.len(), readers.snapshot),
        (1, Snapshot::One),
        "two would wait for each other"
    );
    let ask = |reader: &mut Box<dyn waif::db::Reader>| opened.wait(reader.fetch(&query, Limits::default()));
    assert_eq!(count(&ask(&mut readers.sessions[0]).expect("counted")[0][0]), 1);
    // The writer has come and gone when the second count is asked: only the file itself tells.
    file.execute("INSERT INTO c VALUES (9);");
    assert_eq!(ask(&mut readers.sessions[0]).expect_err("the moment is gone").kind, Kind::Conflict);
    assert_eq!(count(&ask(&mut opened.readers(1, Snapshot::One).sessions[0]).expect("counted")[0][0]), 2);
    let mut writer = Writer::open(&file);
    writer.say("INSERT INTO c VALUES (10);");
    assert_eq!(count(&ask(&mut opened.readers(1, Snapshot::One).sessions[0]).expect("counted")[0][0]), 3);
}

#[test]
fn a_closed_engine_answers_nothing_and_says_so() {
    let file = SqliteFile::with(SMALL);
    let opened = Opened::at(file.path());
    let query = counting(&opened, Access::Free);
    let mut reader = opened.reader();
    opened.wait(opened.engine.close());
    assert_eq!(opened.wait(reader.fetch(&query, Limits::default())).expect_err("closed").kind, Kind::Lost);
}

#[test]
fn sessions_prove_that_they_cannot_write() {
    let file = SqliteFile::with(SMALL);
    let opened = Opened::at(file.path());
    opened.catalog();
    let sent = opened.sent();
    let texts: Vec<&str> = sent.iter().map(|one| one.text.as_str()).collect();
    for text in ["PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON", "PRAGMA query_only"] {
        assert!(texts.contains(&text), "{text} is missing from {texts:?}");
    }
    let words = ["PRAGMA", "SELECT", "BEGIN", "ROLLBACK", "--"];
    assert!(texts.iter().all(|text| words.iter().any(|word| text.starts_with(word))), "{texts:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_log_lies_beside_another_name_of_it_is_never_clean() {
    let file = SqliteFile::with(
        "PRAGMA journal_mode = WAL; CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(x INTEGER REFERENCES p);",
    );
    let other = file.folder().join("other.db");
    std::fs::hard_link(file.path(), &other).expect("a second name");
    let other = other.display().to_string();
    let check = |path: &str| crate::support::waif(["check", path]);
    let resting = check(&other);
    let words =
        |outcome: &crate::support::Outcome| outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&resting).contains("has other names (hard links)"), "{resting:#?}");
    assert_eq!(resting.code, Some(0), "{resting:#?}");
    let mut writer = Writer::open(&file);
    writer.say("INSERT INTO c VALUES (5), (6);");
    let outcome = check(&other);
    assert!(matches!(outcome.code, Some(3 | 4)), "{outcome:#?}");
    let said = words(&outcome);
    assert!(said.contains("open in WAL mode under another name"), "{outcome:#?}");
    assert!(said.contains("sqlite3 (process"), "{outcome:#?}");
    assert_eq!(check(&file.target()).code, Some(1), "by its own name the orphans are seen");
    drop(writer);
    assert_eq!(check(&other).code, Some(1), "they are in the file by now");
}

/// Another program that stays.
struct Writer {
    shell: std::process::Child,
}

impl Writer {
    fn open(file: &SqliteFile) -> Self {
        let shell = std::process::Command::new("sqlite3")
            .args(["-batch", "-bail"])
            .arg(file.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("the sqlite3 shell starts");
        Self { shell }
    }

    /// Says something and waits until it is done.
    fn say(&mut self, sql: &str) {
        use std::io::{BufRead as _, Write as _};
        let stdin = self.shell.stdin.as_mut().expect("piped");
        writeln!(stdin, "{sql}\nSELECT 'done';").expect("the shell listens");
        let mut line = String::new();
        let stdout = self.shell.stdout.as_mut().expect("piped");
        std::io::BufReader::with_capacity(1, stdout).read_line(&mut line).expect("the shell answers");
        assert_eq!(line.trim(), "done", "{sql}");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().expect("the shell ends");
    }
}
