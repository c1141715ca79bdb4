//! Lists written to files by `o`: what stands in the file is what the command line prints, and a long list is whole
//! whatever others write meanwhile.

use super::support::{Database, SqliteFile, check, waif};
use super::terminal::Terminal;
use std::collections::BTreeMap;
use std::path::Path;

/// The only file with an ending below a folder, whole.
fn written(folder: &Path, ending: &str) -> String {
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|is| is == ending)).collect();
    let [file] = &files[..] else { panic!("one file was to be written, there are {files:?}") };
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::remove_file(file).unwrap();
    text
}

/// Writes all orphan rows of the open relation, under the name that is proposed.
fn export_rows(terminal: &mut Terminal) {
    terminal.press("o");
    terminal.wait_for("> all missing parents");
    terminal.press("j");
    terminal.wait_for("> all orphan rows");
    terminal.press("\r");
    terminal.wait_for("Enter keeps");
    terminal.press("\r");
}

const RELATION: &str = "children(parent_id)->parents(id)";

#[test]
fn a_list_in_a_file_is_what_the_command_line_prints() {
    let file = SqliteFile::with(
        "CREATE TABLE parents(id INTEGER PRIMARY KEY);
         CREATE TABLE children(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents(id), note TEXT);
         INSERT INTO parents VALUES (1);
         INSERT INTO children SELECT value, 1 + value % 7, 'a \"note\", ' || value || char(10) || '=1+1'
           FROM generate_series(1, 3000);",
    );
    let target = file.target();
    let mut terminal = Terminal::open(&[&target], (120, 40), &[]);
    terminal.wait_for("Complete");
    terminal.press("o");
    terminal.wait_for("Enter keeps");
    terminal.press("\r");
    terminal.wait_for("Wrote ");
    let findings = written(terminal.home(), "csv");
    let checked = check(&target, &[]);
    let told = checked.json["findings"].as_array().unwrap();
    assert_eq!(findings.lines().count(), told.len() + 1, "{findings}");
    for finding in told {
        let line =
            format!("{},{},\"", finding["severity"].as_str().unwrap(), finding["rule"].as_str().unwrap());
        let plain = line.trim_end_matches('"');
        assert!(findings.lines().any(|row| row.starts_with(plain)), "{plain} is nowhere in\n{findings}");
    }
    terminal.press("\r");
    terminal.wait_for("Child rows of");
    export_rows(&mut terminal);
    terminal.wait_for("2,572 rows");
    let printed = waif(["orphans", &target, RELATION, "--format", "csv", "--limit", "1000000"]);
    assert_eq!(written(terminal.home(), "csv"), printed.stdout);
    terminal.press("qqq");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[test]
fn a_long_list_is_whole_though_others_write_meanwhile() {
    let database = Database::with(
        "export",
        "CREATE TABLE parents(id int PRIMARY KEY); INSERT INTO parents VALUES (0);
         CREATE TABLE children(id int PRIMARY KEY, parent_id int REFERENCES parents(id), note text);
         SET session_replication_role = replica;
         INSERT INTO children SELECT n * 10, 1 + n % 900, repeat('x', 200) FROM generate_series(1, 25000) n;",
    );
    let mut terminal = Terminal::open(&[&database.url()], (120, 40), &[]);
    terminal.wait_for("Complete");
    terminal.press("\r");
    terminal.wait_for("Child rows of");
    let rounds = std::thread::scope(|scope| {
        let (over, ended) = std::sync::mpsc::channel::<()>();
        let mut session = database.session();
        let writer = scope.spawn(move || {
            session.say("SET session_replication_role = replica");
            let mut rounds = 0;
            while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                rounds += 1;
                // Orphans in front of everything, within, and behind, and rows with a parent between them.
                session.say(&format!(
                    "INSERT INTO children SELECT n * 500 + {rounds}, 77, '' FROM generate_series(1, 500) n
                       ON CONFLICT DO NOTHING;
                     INSERT INTO children VALUES (-{rounds}, 77, ''), (9000000 + {rounds}, 77, ''), (8000000 + {rounds}, 0, '');"
                ));
            }
            rounds
        });
        export_rows(&mut terminal);
        terminal.wait_for("Wrote ");
        drop(over);
        writer.join().unwrap()
    });
    assert!(rounds > 1, "nobody wrote meanwhile");
    let list = written(terminal.home(), "csv");
    let mut times: BTreeMap<i64, usize> = BTreeMap::new();
    for line in list.lines().skip(1) {
        *times.entry(line.split(',').next().unwrap().parse().unwrap()).or_default() += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "written twice: {twice:?}");
    let lost: Vec<i64> = (1..=25_000).map(|n| n * 10).filter(|id| !times.contains_key(id)).collect();
    assert!(lost.is_empty(), "never written: {lost:?}");
    terminal.press("qqq");
    assert_eq!(terminal.ends(), 0);
}
