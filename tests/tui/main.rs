//! The inspector as a person meets it: the real program on a pseudo-terminal, its screen read by a terminal emulator.
//! Every step waits for what the screen shows, never for time alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod connecting;
mod export;
mod frames;
mod keys;
mod mending;
mod palette;
mod past;
mod stopping;
mod terminal;

use terminal::Terminal;

#[test]
fn the_demo_opens_on_real_findings_and_q_leaves_the_terminal_clean() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.wait_for("orphan rows");
    assert!(terminal.alternate(), "the inspector has a screen of its own");
    assert!(terminal.line(0).contains("READ-ONLY"), "{}", terminal.text());
    terminal.press("\r");
    terminal.wait_for("Orphans by missing parent");
    terminal.wait_for("Child rows of");
    terminal.press("q");
    terminal.wait_for("[1 Overview]");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[test]
fn every_tab_shows_the_demo() {
    let mut terminal = Terminal::open(&["demo"], (120, 40), &[]);
    terminal.wait_for("Complete");
    for (key, sign) in
        [("2", "by name"), ("3", " hops"), ("4", "Why this matters"), ("7", "statements sent"), ("?", "Help")]
    {
        terminal.press(key);
        terminal.wait_for(sign);
    }
    terminal.press("qqq");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}

#[test]
fn ctrl_c_leaves_with_130_and_a_clean_terminal() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130);
    terminal.assert_clean();
}

#[cfg(unix)]
#[test]
fn a_signal_to_end_leaves_a_clean_terminal_too() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.signal("TERM");
    assert_eq!(terminal.ends(), 130);
    terminal.assert_clean();
}

#[test]
fn without_colour_the_selection_is_still_seen() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[("NO_COLOR", "1")]);
    terminal.wait_for("Complete");
    let row = terminal.row_of(" > ");
    let (inverse, coloured) = terminal.looks(row);
    assert!(inverse, "the selected row is not reversed:\n{}", terminal.text());
    assert!(!coloured, "there is colour under NO_COLOR");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    for size in [(1, 1), (200, 60), (39, 9), (40, 10), (2, 80), (160, 45), (20, 5)] {
        terminal.resize(size);
    }
    terminal.wait_for("waif needs 40x10");
    terminal.resize((100, 30));
    terminal.wait_for("READ-ONLY");
    terminal.wait_for("Complete");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_server_that_is_not_there_is_told_on_the_screen_and_by_the_exit_code() {
    let target = "postgres://reader:secret-canary@127.0.0.1:1/shop";
    let mut terminal = Terminal::open(&[target], (80, 24), &[]);
    terminal.wait_for("Something went wrong");
    terminal.wait_for("NO CONNECTION");
    assert!(!terminal.text().contains("canary"), "{}", terminal.text());
    terminal.press("\u{1b}");
    terminal.wait_gone("Something went wrong");
    terminal.press("q");
    assert_eq!(terminal.ends(), 3);
    terminal.assert_clean();
}

#[test]
fn a_paste_is_typed_into_the_filter_and_runs_nothing() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.press("\u{1b}[200~qqq\nqqq\u{1b}[201~");
    terminal.press("/");
    terminal.wait_for("filter /");
    terminal.press("\u{1b}[200~orders\nq\u{1b}[201~");
    terminal.wait_for("filter /orders");
    terminal.press("\r");
    terminal.wait_gone("filter /orders");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}
