//! Safe text: the one function through which names, values and server messages reach a person. Everything that prints
//! calls it; it knows nothing of terminals or widths.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text that came from a database, a file or a server: it has no `Display`, so it cannot be printed by accident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Untrusted(String);

impl Untrusted {
    /// Takes text of any origin.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as a person may see it: see [`visible`].
    pub fn visible(&self) -> Cow<'_, str> {
        visible(&self.0)
    }

    /// The text as it came, for comparing and for machine formats that escape by themselves.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Makes control, bidirectional, zero-width and tag characters visible as `\xNN` or `\u{…}`, on one line.
/// Everything else stays as it is, so ordinary text is returned without a copy.
pub fn visible(text: &str) -> Cow<'_, str> {
    // Most text is plain ASCII, and seen to be so at a glance.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            c if !is_hidden(c) => shown.push(c),
            c if (c as u32) < 0x100 => {
                let _ = write!(shown, "\\x{:02X}", c as u32);
            }
            c => {
                let _ = write!(shown, "\\u{{{:X}}}", c as u32);
            }
        }
    }
    Cow::Owned(shown)
}

/// Bytes as a person may see them: valid UTF-8 through [`visible`], every other byte as `\xNN`.
pub fn visible_bytes(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02X}");
        }
    }
    shown
}

/// Whether a character would act on the terminal, or deceive the eye, instead of being seen.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
            | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(visible("Bestellung №7 — 注文"), "Bestellung №7 — 注文");
        assert!(matches!(visible("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_would_act_is_shown() {
        assert_eq!(
            visible("a\u{1b}[31mb\nc\u{202e}d\u{200b}\u{9b}"),
            "a\\x1B[31mb\\nc\\u{202E}d\\u{200B}\\x9B"
        );
        assert_eq!(visible_bytes(b"ok\xff\x00"), "ok\\xFF\\x00");
    }
}
