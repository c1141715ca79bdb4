//! The palette of the real program: a colon, letters, Enter.

use crate::terminal::Terminal;

#[test]
fn a_colon_letters_and_enter_lead_to_a_table() {
    let mut terminal = Terminal::open(&["demo"], (80, 24), &[]);
    terminal.wait_for("Complete");
    terminal.press(":");
    terminal.wait_for("things to find");
    terminal.press("order_i");
    terminal.wait_for("> Go to table order_items");
    terminal.press("\r");
    terminal.wait_for("[3 Graph]");
    terminal.wait_for("order_items · ");
    terminal.press("\u{1b}");
    terminal.wait_for("[1 Overview]");
    terminal.press(":quit\r");
    assert_eq!(terminal.ends(), 0);
    terminal.assert_clean();
}
