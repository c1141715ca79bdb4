//! Cells of CSV: RFC 4180 is the `csv` crate's part; here a cell is kept from being run as a formula by the program that
//! opens it. Called by the CSV printers.

use crate::model::text::visible;
use std::borrow::Cow;

/// A cell nobody's spreadsheet will run: text that begins like a formula gets an apostrophe before it. Plain numbers are
/// left alone, for a number cannot be a formula.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(text) {
        Cow::Owned(format!("'{shown}"))
    } else {
        shown
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_a_spreadsheet_would_run_is_disarmed() {
        for (text, shown) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1+2", "'+1+2"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }

    #[test]
    fn numbers_and_ordinary_text_are_left_alone() {
        for text in ["-5", "+5", "-1.5e3", "orders", "a=b", ""] {
            assert_eq!(cell(text), text);
        }
        assert_eq!(cell("--"), "'--");
        assert_eq!(cell("-inf"), "'-inf");
    }
}
