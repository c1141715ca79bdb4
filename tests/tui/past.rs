//! A database opened for the second time: the check of the first time stands there at once, and gives way to the new one.

use crate::terminal::Terminal;
use std::path::Path;
use std::process::Command;

fn sqlite(path: &Path, sql: &str) {
    let done = Command::new("sqlite3").arg(path).arg(sql).status();
    assert!(done.is_ok_and(|status| status.success()), "sqlite3 runs the script");
}

#[test]
fn the_last_check_is_there_at_once_and_what_changed_is_told_when_all_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("till.db");
    sqlite(
        &path,
        "CREATE TABLE parents(id INTEGER PRIMARY KEY);
         CREATE TABLE children(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents(id));
         CREATE INDEX children_parent ON children(parent_id);
         INSERT INTO children VALUES (1, 77), (2, 78);",
    );
    let (target, state) = (path.display().to_string(), folder.path().display().to_string());
    let env = [("XDG_STATE_HOME", state.as_str())];
    let mut first = Terminal::open(&[&target], (100, 30), &env);
    first.wait_for("Complete");
    assert!(!first.text().contains("since"), "there is nothing to compare with:\n{}", first.text());
    first.press("q");
    assert_eq!(first.ends(), 0);

    // Enough rows that the old figures can be seen before the new ones are there.
    sqlite(
        &path,
        "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
         INSERT INTO children SELECT i, 79 FROM n;",
    );
    let mut second = Terminal::open(&[&target], (100, 30), &env);
    second.wait_for("was orphan rows");
    second.wait_for("from a check");
    second.wait_for("Complete");
    second.wait_gone("was orphan rows");
    second.wait_for("1 worse");
    assert!(!second.text().contains("from a check"), "{}", second.text());
    second.press("D");
    second.wait_for("What changed");
    second.wait_for("(+1,499,998)");
    second.press("qq");
    assert_eq!(second.ends(), 0);
    second.assert_clean();
}
