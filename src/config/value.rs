//! Values of the configuration: what a key takes, how it is read from TOML, a flag or a variable, and how it is written.

use crate::model::secret::Secret;
use crate::model::text::is_hidden;
use std::fmt::Write as _;
use std::time::Duration;
use toml::de::DeValue;

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Any text.
    Text,
    /// Text that is or may hold a secret.
    Secret,
    /// A path: `~/` is the home, and what is relative is relative to the file that says it.
    Path,
    /// Paths by name.
    Paths,
    /// One of some words.
    Word(&'static [&'static str]),
    /// Yes or no.
    Bool,
    /// A whole number.
    Whole { least: u64, most: u64 },
    /// A whole number, or `none`.
    WholeOrNone { least: u64, most: u64 },
    /// A time longer than nothing.
    Time,
    /// A time of at least so many seconds.
    TimeFrom { least: u64 },
    /// A time longer than nothing, or `none`.
    TimeOrNone,
    /// A list of texts.
    Texts,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Secret(Secret),
    Bool(bool),
    Whole(u64),
    Time(Duration),
    Nothing,
    Texts(Vec<String>),
    Paths(Vec<(String, String)>),
}

impl Shape {
    /// What is expected, to end a sentence with.
    pub fn expected(self) -> String {
        match self {
            Self::Text | Self::Secret => "text in quotes".to_owned(),
            Self::Path => "a path in quotes".to_owned(),
            Self::Paths => "names with paths, such as { archive = \"archive.db\" }".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Bool => "true or false".to_owned(),
            Self::Whole { least, most } => format!("a whole number from {least} to {most}"),
            Self::WholeOrNone { .. } => "a whole number above 0, or \"none\"".to_owned(),
            Self::Time => "a time with its unit, such as \"250ms\", \"30s\" or \"5min\"".to_owned(),
            Self::TimeFrom { least } => {
                format!("a time with its unit, at least {least} seconds, such as \"30s\" or \"5min\"")
            }
            Self::TimeOrNone => {
                "a time with its unit, such as \"250ms\", \"30s\" or \"5min\", or \"none\"".to_owned()
            }
            Self::Texts => "a list of texts, such as [\"orders\", \"audit_*\"]".to_owned(),
        }
    }

    /// Reads what a flag, a variable or a TOML string says.
    pub fn read_text(self, text: &str) -> Option<Value> {
        match self {
            Self::Text | Self::Path => Some(Value::Text(text.to_owned())),
            Self::Secret => Some(Value::Secret(Secret::new(text))),
            Self::Word(words) => words.contains(&text).then(|| Value::Text(text.to_owned())),
            Self::Bool => match text {
                "true" | "1" => Some(Value::Bool(true)),
                "false" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            Self::WholeOrNone { .. } | Self::TimeOrNone if text == "none" => Some(Value::Nothing),
            Self::Whole { least, most } | Self::WholeOrNone { least, most } => {
                text.parse().ok().filter(|number| (least..=most).contains(number)).map(Value::Whole)
            }
            Self::Time | Self::TimeOrNone => time(text).map(Value::Time),
            Self::TimeFrom { least } => time(text).filter(|time| time.as_secs() >= least).map(Value::Time),
            // A relation's id holds commas, so a list in a variable is separated by semicolons.
            Self::Texts => {
                let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
                Some(Value::Texts(parts.map(str::to_owned).collect()))
            }
            Self::Paths => None,
        }
    }

    /// Reads what a TOML file says. Strict: a number in quotes is no number.
    pub fn read_toml(self, value: &DeValue<'_>) -> Option<Value> {
        let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
        match self {
            Self::Bool => value.as_bool().map(Value::Bool),
            Self::WholeOrNone { .. } if value.as_str() == Some("none") => Some(Value::Nothing),
            Self::Whole { least, most } | Self::WholeOrNone { least, most } => {
                let number = value.as_integer()?;
                let number =
                    u64::from_str_radix(number.as_str().trim_start_matches('+'), number.radix()).ok()?;
                (least..=most).contains(&number).then_some(Value::Whole(number))
            }
            Self::Texts => {
                let items = value.as_array()?.iter().map(|item| text(item.get_ref()));
                items.collect::<Option<_>>().map(Value::Texts)
            }
            Self::Paths => {
                let items = value.as_table()?.iter();
                let pair = |(name, path): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                    let name: &std::borrow::Cow<'_, str> = name.get_ref();
                    Some((name.clone().into_owned(), text(path.get_ref())?))
                };
                items.map(pair).collect::<Option<_>>().map(Value::Paths)
            }
            _ => self.read_text(value.as_str()?),
        }
    }
}

impl Value {
    /// As TOML. A secret shows as three stars.
    pub fn toml(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Secret(_) => "\"***\"".to_owned(),
            Self::Bool(yes) => yes.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Time(time) => quoted(&written(*time)),
            Self::Nothing => "\"none\"".to_owned(),
            Self::Texts(texts) => {
                format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
            }
            Self::Paths(paths) if paths.is_empty() => "{}".to_owned(),
            Self::Paths(paths) => {
                let pairs = paths.iter().map(|(name, path)| format!("{} = {}", bare(name), quoted(path)));
                format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The text, where it is text or a secret's.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Secret(secret) => Some(secret.reveal()),
            _ => None,
        }
    }

    /// The number.
    pub fn whole(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    /// The time.
    pub fn time(&self) -> Option<Duration> {
        if let Self::Time(time) = self { Some(*time) } else { None }
    }

    /// The yes.
    pub fn yes(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// The paths with their names.
    pub fn paths(&self) -> &[(String, String)] {
        if let Self::Paths(paths) = self { paths } else { &[] }
    }

    /// The list.
    pub fn texts(&self) -> &[String] {
        if let Self::Texts(texts) = self { texts } else { &[] }
    }
}

/// The longest time: what PostgreSQL takes for its own limits, in milliseconds.
const LONGEST: u64 = i32::MAX as u64;

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a time: whole numbers with units, such as `250ms`, `30s`, `1h30min`. Zero is none: it would mean "no limit" to
/// one and "at once" to another.
pub fn time(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = if unit == "m" { "min" } else { unit };
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        rest = after.trim_start();
    }
    (1..=LONGEST).contains(&sum).then(|| Duration::from_millis(sum))
}

/// Writes a time in the greatest unit that leaves no rest.
pub(super) fn written(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let unit = UNITS.iter().rev().find(|(_, factor)| millis % factor == 0);
    unit.map_or_else(|| format!("{millis}ms"), |(unit, factor)| format!("{}{unit}", millis / factor))
}

/// A text as a TOML string that shows what would act on a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            c if is_hidden(c) => drop(write!(shown, "\\U{:08X}", c as u32)),
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// A name as a TOML key: bare where it may be.
pub(super) fn bare(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if plain { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        let cases = [
            ("250ms", Some(250)),
            ("30s", Some(30_000)),
            ("5min", Some(300_000)),
            ("5m", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("1h30min", Some(5_400_000)),
            ("1h 30min", Some(5_400_000)),
            ("1d", Some(86_400_000)),
            (" 30s ", Some(30_000)),
            ("2147483647ms", Some(2_147_483_647)),
            ("2147483648ms", None),
            ("99999999999999999999d", None),
            ("18446744073709551615d", None),
            ("", None),
            ("0s", None),
            ("30", None),
            ("s", None),
            ("-5s", None),
            ("1.5s", None),
            ("30 s", None),
            ("5 parsecs", None),
            ("30seconds", None),
        ];
        for (text, millis) in cases {
            assert_eq!(time(text), millis.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn times_are_written_so_that_they_read_the_same() {
        for (text, again) in
            [("90s", "90s"), ("60s", "1min"), ("1h30min", "90min"), ("1500ms", "1500ms"), ("48h", "2d")]
        {
            let millis = time(text).expect(text);
            assert_eq!(written(millis), again);
            assert_eq!(time(&written(millis)), Some(millis));
        }
    }

    #[test]
    fn quoted_text_reads_the_same_as_toml_and_shows_what_would_act() {
        for text in ["plain", "a\"b\\c", "line\nfeed\ttab", "\u{1b}[31m\u{202e}\u{7f}", "läden"] {
            let written = format!("key = {}", quoted(text));
            let table: toml::Table = written.parse().expect(&written);
            assert_eq!(table["key"].as_str(), Some(text));
            assert!(!written.contains(['\u{1b}', '\u{202e}', '\u{7f}', '\n']));
        }
        assert_eq!(bare("a.b"), "\"a.b\"");
    }
}
