//! Tokens of SQLite's own language (<https://www.sqlite.org/lang_keywords.html>, `tokenize.c`): comments are dropped,
//! quotes are taken off.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An unquoted word: a keyword, or a name, as the grammar decides.
    Word,
    /// A name in `"`, `` ` `` or `[]`.
    Quoted,
    /// A text in `'`, which SQLite also takes for a name where it needs one.
    Text,
    /// A number or a blob.
    Literal,
    /// Anything else, one character each.
    Symbol,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The text without quotes.
    pub(crate) text: String,
    /// Where it begins in the source.
    pub(crate) start: usize,
    /// Where it ends in the source.
    pub(crate) end: usize,
}

impl Token {
    /// Whether this is the unquoted word.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether this is the symbol.
    pub(crate) fn symbol(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol && self.text.starts_with(symbol)
    }
}

/// All tokens of a text. What is not closed ends with the text.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let (length, token) = match first {
            _ if is_space(first) => (first.len_utf8(), None),
            '-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("/*") => (rest[2..].find("*/").map_or(rest.len(), |to| to + 4), None),
            '"' | '`' => quoted(rest, first, Kind::Quoted),
            '\'' => quoted(rest, first, Kind::Text),
            '[' => bracketed(rest),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => literal(rest),
            _ if first.is_ascii_digit() => literal(rest),
            'x' | 'X' if rest[1..].starts_with('\'') => blob(rest),
            _ if is_word(first) => word(rest),
            _ => (first.len_utf8(), Some((Kind::Symbol, first.to_string()))),
        };
        found.extend(token.map(|(kind, text)| Token { kind, text, start: at, end: at + length }));
        at += length;
    }
    found
}

type Read = (usize, Option<(Kind, String)>);

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{feff}')
}

/// SQLite takes every byte above ASCII for a letter.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn word(rest: &str) -> Read {
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    (length, Some((Kind::Word, rest[..length].to_owned())))
}

fn literal(rest: &str) -> Read {
    let bytes = rest.as_bytes();
    let mut length = 1;
    while let Some(&byte) = bytes.get(length) {
        let exponent = matches!(bytes[length - 1], b'e' | b'E') && !rest.starts_with("0x");
        let part = byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
        if !(part || exponent && matches!(byte, b'+' | b'-')) {
            break;
        }
        length += 1;
    }
    (length, Some((Kind::Literal, rest[..length].to_owned())))
}

fn blob(rest: &str) -> Read {
    let length = rest[2..].find('\'').map_or(rest.len(), |to| to + 3);
    (length, Some((Kind::Literal, rest[..length].to_owned())))
}

fn bracketed(rest: &str) -> Read {
    let to = rest.find(']').unwrap_or(rest.len());
    ((to + 1).min(rest.len()), Some((Kind::Quoted, rest[1..to].to_owned())))
}

/// Up to the closing quote; a doubled one stands for itself.
fn quoted(rest: &str, quote: char, kind: Kind) -> Read {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c != quote {
            text.push(c);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return (at + 1, Some((kind, text)));
        }
    }
    (rest.len(), Some((kind, text)))
}
