//! Stopped and let go on, by the shell and by signals; broken off by a defect.

use super::terminal::Terminal;

#[cfg(unix)]
#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again_at_its_new_size() {
    let mut terminal = Terminal::shell((80, 24));
    terminal.wait_for("shell> ");
    terminal.press("bind 'set enable-bracketed-paste off'; echo pl''ain\r");
    terminal.wait_for("plain");
    terminal.press(&format!("{} demo --mouse\r", env!("CARGO_BIN_EXE_waif")));
    terminal.wait_for("Complete");
    for _ in 0..2 {
        terminal.press("\u{1a}");
        terminal.wait_clean();
        terminal.wait_for("Stopped");
        terminal.press("stty -a | tr ';' '\\n' | grep -o ' icanon'; echo cooked\r");
        terminal.wait_for("icanon");
        terminal.resize((100, 30));
        terminal.press("fg\r");
        terminal.wait_for("READ-ONLY");
        terminal.wait_for("Complete");
        assert!(terminal.alternate(), "{}", terminal.text());
        assert!(terminal.line(29).contains("? help"), "drawn at the old size:\n{}", terminal.text());
        terminal.resize((80, 24));
        // A key pressed in the very moment of a change of size is told by the terminal's reader with the next one only.
        let drawn = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            terminal.line(23).contains("? help")
        });
        assert!(drawn, "not drawn at its size:\n{}", terminal.text());
        terminal.press("2");
        terminal.wait_for("[2 Relations]");
    }
    terminal.press("\u{3}");
    terminal.wait_clean();
    terminal.wait_prompt();
    terminal.press("clear; echo code $?\r");
    terminal.press("exit $?\r");
    terminal.ends();
    terminal.assert_clean();
}

#[cfg(unix)]
#[test]
fn where_no_shell_could_wake_it_ctrl_z_does_not_put_it_to_sleep() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.press("\u{1a}");
    terminal.press("2");
    terminal.wait_for("[2 Relations]");
    terminal.wait_for("Complete");
    assert!(terminal.alternate());
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130);
    terminal.assert_clean();
}

#[cfg(unix)]
#[test]
fn stopped_by_force_it_goes_on_with_a_whole_screen() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.signal("STOP");
    terminal.resize((100, 30));
    terminal.signal("CONT");
    terminal.press("2");
    terminal.wait_for("[2 Relations]");
    terminal.wait_for("Complete");
    terminal.press("qq");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[cfg(debug_assertions)]
#[test]
fn a_defect_gives_the_terminal_back_and_reports_without_quoting() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[("TEST_BREAKS_WAIF_OFF", "1")]);
    terminal.wait_for("Complete");
    terminal.press("\u{1b}[200~canary\u{1b}[201~");
    assert_eq!(terminal.ends(), 101);
    terminal.assert_clean();
    let text = terminal.text();
    assert!(text.contains("broke off by a defect") && text.contains("src/tui/turn.rs"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
