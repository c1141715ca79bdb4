//! Text that fits its place: made visible, measured in cells, cut between graphemes and never without a mark.

use crate::model::text::visible;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The mark left where text was cut.
pub const MARK: &str = "…";

/// Text as it may stand on the screen: hidden characters escaped, lone combining marks too, and with `ascii` nothing
/// but ASCII left.
pub fn shown(text: &str, ascii: bool) -> Cow<'_, str> {
    let text = visible(text);
    if text.is_ascii() {
        return text;
    }
    if ascii {
        return Cow::Owned(text.chars().map(spelled).collect());
    }
    if text.graphemes(true).all(|grapheme| grapheme.width() > 0) {
        return text;
    }
    let escaped = text.graphemes(true).map(|grapheme| match grapheme.width() {
        0 => Cow::Owned(grapheme.chars().map(|c| format!("\\u{{{:X}}}", c as u32)).collect()),
        _ => Cow::Borrowed(grapheme),
    });
    Cow::Owned(escaped.collect())
}

/// A character spelled in ASCII: the ones the screens use by a look-alike, all others by their number.
fn spelled(c: char) -> Cow<'static, str> {
    Cow::Borrowed(match c {
        '…' => "...",
        '→' => "->",
        '←' => "<-",
        '·' => "|",
        '–' | '─' => "-",
        '│' | '┤' => "|",
        '├' => "+",
        '┌' | '┐' | '└' | '┘' | '┬' | '┴' | '┼' => "+",
        '═' => "=",
        '╌' => ".",
        '▆' | '▇' | '█' => "#",
        '▁' | '▂' | '▃' => ".",
        '▄' | '▅' => ":",
        '▌' => "[",
        '▐' => "]",
        '≥' => ">=",
        '↻' => "@",
        '►' => ">",
        '✓' => "+",
        '✗' => "x",
        '‖' => "=",
        '↺' => "<",
        '»' => ">",
        '↑' => "^",
        '↓' => "v",
        c if c.is_ascii() => return Cow::Owned(c.to_string()),
        c => return Cow::Owned(format!("\\u{{{:X}}}", c as u32)),
    })
}

/// Cells a text takes; it must be shown text already.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cuts shown text to at most `max` cells, leaving `mark` where something is missing.
pub fn cut<'a>(text: &'a str, max: usize, mark: &str) -> Cow<'a, str> {
    if text.len() <= max || width(text) <= max {
        return Cow::Borrowed(text);
    }
    let mark = fitting(mark, max);
    let room = max - width(mark);
    let mut used = 0;
    let kept = text.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used <= room
    });
    Cow::Owned(kept.chain([mark]).collect())
}

/// As much of an ASCII mark as fits, or the whole of it.
fn fitting(mark: &str, max: usize) -> &str {
    if width(mark) <= max { mark } else { mark.get(..max).unwrap_or_default() }
}

/// Breaks shown text into lines of at most `max` cells, between words where it can. Line ends in the text are kept. What
/// is carried over stands below its beginning: behind the indent, or below the second column where a gap makes one.
pub fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let words = paragraph.trim_start_matches(' ');
        let indent = " ".repeat((paragraph.len() - words.len()).min(max / 2));
        let hang = " ".repeat(second_column(words).map_or(indent.len(), |at| indent.len() + at));
        let hang = if hang.len() > max / 2 { indent.clone() } else { hang };
        let (mut line, mut used, mut start) = (indent.clone(), indent.len(), indent.len());
        for (at, word) in words.split(' ').enumerate() {
            if used > start && used + 1 + width(word) > max {
                lines.push(std::mem::replace(&mut line, hang.clone()).trim_end().to_owned());
                (used, start) = (hang.len(), hang.len());
            } else if at > 0 && (used > start || word.is_empty()) {
                line.push(' ');
                used += 1;
            }
            for grapheme in word.graphemes(true) {
                if used + grapheme.width() > max && used > start {
                    lines.push(std::mem::replace(&mut line, hang.clone()));
                    (used, start) = (hang.len(), hang.len());
                }
                line.push_str(grapheme);
                used += grapheme.width();
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Where the second column of a line begins: behind the first gap of two cells or more.
fn second_column(words: &str) -> Option<usize> {
    let gap = words.find("  ")?;
    let rest = words[gap..].trim_start_matches(' ');
    (!rest.is_empty()).then(|| width(&words[..words.len() - rest.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone_and_what_does_not_carries_a_mark() {
        assert_eq!(cut("orders", 6, MARK), "orders");
        assert_eq!(cut("order_items", 6, MARK), "order…");
        assert_eq!(cut("order_items", 6, "..."), "ord...");
        assert_eq!(cut("order_items", 1, MARK), "…");
        assert_eq!(cut("order_items", 2, "..."), "..");
        assert_eq!(cut("order_items", 0, MARK), "");
    }

    #[test]
    fn wide_and_combined_characters_are_never_split() {
        assert_eq!(cut("注文明細", 5, MARK), "注文…");
        assert_eq!(cut("注文明細", 4, MARK), "注…");
        assert_eq!(width("e\u{301}tat"), 4);
        assert_eq!(cut("e\u{301}tat civil", 3, MARK), "e\u{301}t…");
    }

    #[test]
    fn a_mark_that_would_vanish_is_written_out() {
        assert_eq!(shown("\u{301}x", false), "\\u{301}x");
        assert_eq!(shown("e\u{301}", false), "e\u{301}");
        assert_eq!(shown("a\u{1b}[2J", false), "a\\x1B[2J");
    }

    #[test]
    fn ascii_leaves_nothing_else() {
        assert_eq!(shown("a → b · ≥1 …", true), "a -> b | >=1 ...");
        assert_eq!(shown("注", true), "\\u{6CE8}");
        assert!(shown("└─┬╌═▇▁▌▐↻» é", true).is_ascii());
    }

    #[test]
    fn lines_break_between_words_and_inside_only_what_is_too_long() {
        assert_eq!(wrap("rows that point nowhere", 10), ["rows that", "point", "nowhere"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("one\n\ntwo", 10), ["one", "", "two"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("  key  what it does now", 16), ["  key  what it", "       does now"]);
        assert_eq!(wrap("  a long sentence", 12), ["  a long", "  sentence"]);
        assert_eq!(wrap("x", 0), ["x"]);
        assert!(wrap("a longer sentence, with 注文明細 in it", 7).iter().all(|line| width(line) <= 7));
    }
}
