//! Keys of one's own in the real program.

use crate::terminal::Terminal;

#[test]
fn wrong_keys_end_the_program_before_a_screen_opens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "[[everywhere]]\non = []\nrun = \"help\"\n").unwrap();
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[("WAIF_UI_KEYMAP", file.to_str().unwrap())]);
    assert_eq!(terminal.ends(), 2);
    let said = terminal.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("help would have no key left"), "{said}");
    terminal.assert_clean();
}

#[test]
fn a_key_of_ones_own_does_what_the_shipped_one_did() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "[[everywhere]]\non = [\"f1\"]\nrun = \"help\"\n").unwrap();
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[("WAIF_UI_KEYMAP", file.to_str().unwrap())]);
    terminal.wait_for("Complete");
    terminal.wait_for("F1 help");
    terminal.press("\u{1b}OP");
    terminal.wait_for("Help · Overview");
    terminal.press("\u{1b}");
    terminal.wait_gone("Help · Overview");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}
