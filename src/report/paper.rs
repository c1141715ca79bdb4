//! What a text report is written on: how wide, and whether colour shows. Severity and verdict are always words; colour
//! only repeats them.

use crate::model::finding::Severity;
use crate::model::tally::Verdict;
use crate::report::table::width;

/// A surface for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Columns to fill.
    pub width: usize,
    /// Whether escape sequences for colour may be written.
    pub color: bool,
}

/// How a word is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// As everything else.
    Plain,
    /// To be found at a glance.
    Strong,
    /// To be passed over.
    Faint,
    /// The worst.
    Alarm,
    /// Bad.
    Bad,
    /// To be looked at.
    Warn,
    /// To be known.
    Note,
    /// Well.
    Good,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Alarm => "\x1b[1;31m",
            Self::Bad => "\x1b[31m",
            Self::Warn => "\x1b[33m",
            Self::Note => "\x1b[36m",
            Self::Good => "\x1b[32m",
        }
    }
}

impl From<Severity> for Ink {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Alarm,
            Severity::High => Self::Bad,
            Severity::Medium => Self::Warn,
            Severity::Low => Self::Note,
            Severity::Info => Self::Faint,
        }
    }
}

impl From<&Verdict> for Ink {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Good,
            Verdict::Orphans | Verdict::Broken(_) => Self::Alarm,
            Verdict::NotChecked(_) => Self::Warn,
        }
    }
}

impl Paper {
    /// Text in a colour, if this paper takes colour.
    pub fn ink(&self, ink: Ink, text: &str) -> String {
        let code = ink.code();
        if self.color && !code.is_empty() && !text.is_empty() {
            format!("{code}{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Breaks text at spaces so that each line, indented, fits. A word longer than a line stands alone, whole: a name
    /// that is cut can be neither searched nor copied.
    pub fn wrap(&self, indent: usize, text: &str) -> Vec<String> {
        let room = self.width.saturating_sub(indent).max(20);
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if !line.is_empty() && width(&line) + 1 + width(word) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_written_only_where_it_shows() {
        let plain = Paper { width: 80, color: false };
        let coloured = Paper { width: 80, color: true };
        assert_eq!(plain.ink(Ink::Alarm, "critical"), "critical");
        assert_eq!(coloured.ink(Ink::Alarm, "critical"), "\x1b[1;31mcritical\x1b[0m");
        assert_eq!(coloured.ink(Ink::Plain, "word"), "word");
    }

    #[test]
    fn lines_break_at_spaces_and_long_names_stay_whole() {
        let paper = Paper { width: 24, color: false };
        assert_eq!(
            paper.wrap(4, "rows of an_extraordinarily_long_table_name refer nowhere"),
            ["rows of", "an_extraordinarily_long_table_name", "refer nowhere"]
        );
        assert_eq!(paper.wrap(4, "注文注文注文 注文注文注文"), ["注文注文注文", "注文注文注文"]);
    }
}
