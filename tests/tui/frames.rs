//! Frames, one by one, while findings stream in: nothing flickers, nothing jumps. The database has so much to count that
//! a person presses keys meanwhile.

use crate::support::SqliteFile;
use crate::support::recorder::{Frame, Recorder};
use std::time::Duration;

const TABLES: usize = 1_500;

/// Many small tables in a chain; every tenth holds orphans.
fn shop(rows: usize) -> SqliteFile {
    let mut script = String::from("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;\n");
    for number in 0..TABLES {
        let off = if number % 10 == 1 { 500 } else { 0 };
        script.push_str(&format!(
            "CREATE TABLE t{number:04} (id INTEGER PRIMARY KEY, p INTEGER REFERENCES t{:04} (id));\n\
             INSERT INTO t{number:04} SELECT value, value + {off} FROM generate_series(1, {rows});\n",
            number.saturating_sub(1)
        ));
    }
    script.push_str("COMMIT;\n");
    SqliteFile::with(&script)
}

/// Runs the program on it, presses keys while it counts, and hands over every frame from the first key to the end. Where
/// all was counted before the first key could be pressed, it is done once more with more to count.
fn streamed(keys: &str) -> Vec<Frame> {
    let rounds = [400, 800, 1_600, 3_200, 6_400].into_iter().map(|rows| once(keys, rows));
    rounds.into_iter().find(|frames| frames.len() > 5).expect("findings stream in while keys are pressed")
}

fn once(keys: &str, rows: usize) -> Vec<Frame> {
    let shop = shop(rows);
    let mut person = Recorder::open(env!("CARGO_BIN_EXE_waif"), &[&shop.target()], (100, 30), &[]);
    // Something was found, and much is left to be counted.
    person.wait_for("orphan rows");
    let from = person.count();
    person.press(keys);
    person.wait_for("Complete");
    person.frames(from)
}

fn marked(frame: &Frame) -> Option<String> {
    let row = frame.lines().into_iter().find(|line| line.trim_start_matches(['│', ' ']).starts_with("> "))?;
    // Number and rows of a finding may change while it is counted; what it is and where may not.
    let words: Vec<&str> =
        row.split_whitespace().filter(|word| word.starts_with(char::is_alphabetic)).collect();
    Some(words.join(" "))
}

#[test]
fn nothing_jumps_while_findings_stream_in() {
    let frames = streamed("jj");
    // Each of the two keys moves the cursor once, sooner or later; nothing else does.
    let mut chosen: Vec<String> = frames.iter().filter_map(marked).collect();
    chosen.dedup();
    assert!((1..=3).contains(&chosen.len()), "the cursor left its finding: {chosen:#?}");
    let places = |frame: &Frame| -> Vec<Option<usize>> {
        let lines = frame.lines();
        let of = |line: usize, word: &str| lines[line].find(word);
        let tabs = ["1 Overview", "2 Relations", "3 Graph", "4 Findings", "7 Log"].map(|tab| of(1, tab));
        let score = ["CRIT", "HIGH", "MED", "LOW"].map(|word| of(2, word));
        let head = ["waif", "READ-ONLY"].map(|word| of(0, word));
        [&tabs[..], &score, &head, &[of(29, "help")]].concat()
    };
    let first = places(&frames[0]);
    assert!(first.iter().all(Option::is_some), "{first:?}\n{}", frames[0].lines().join("\n"));
    for frame in &frames {
        assert_eq!(places(frame), first, "something jumped:\n{}", frame.lines().join("\n"));
    }
}

#[test]
fn nothing_flickers_while_findings_stream_in() {
    let frames = streamed("j2jj4j1");
    for frame in &frames {
        assert!(!frame.cleared, "the whole screen was wiped");
        let filled = frame.lines().iter().filter(|line| !line.trim().is_empty()).count();
        assert!(filled > 6, "a frame with nothing on it:\n{}", frame.lines().join("\n"));
    }
    // At most thirty a second over the whole time: single frames may be read late on a busy machine.
    let took = frames[frames.len() - 1].at - frames[0].at;
    let most = (took + Duration::from_millis(330)).as_millis() / 33 + 1;
    assert!(frames.len() as u128 <= most, "{} frames in {took:?}", frames.len());
}
