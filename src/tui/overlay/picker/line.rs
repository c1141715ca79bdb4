//! A line being typed in the picker. What may hold a secret is kept in memory that is wiped, has no history to undo from,
//! and is masked wherever it is shown.

use crate::model::text::{is_hidden, visible};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use tui_textarea::{CursorMove, TextArea};
use zeroize::Zeroizing;

/// Room taken at once, so that a secret is seldom copied to a larger place; the copy left behind is wiped too.
const ROOM: usize = 256;

/// A line being typed.
pub enum Line {
    /// An ordinary line.
    Plain(Box<TextArea<'static>>),
    /// A line of which all, or as much as `mask` hides, is secret.
    Secret(Secret),
}

/// A secret line, its cursor counted in characters, and what hides it.
pub struct Secret {
    text: Zeroizing<String>,
    at: usize,
    mask: fn(&str) -> String,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(…)")
    }
}

impl Line {
    /// An empty ordinary line.
    pub fn plain() -> Self {
        Self::Plain(Box::default())
    }

    /// An empty password.
    pub fn password() -> Self {
        Self::secret(|text| "*".repeat(text.chars().count()))
    }

    /// An empty target, whose password is hidden.
    pub fn target() -> Self {
        Self::secret(masked)
    }

    fn secret(mask: fn(&str) -> String) -> Self {
        Self::Secret(Secret { text: Zeroizing::new(String::with_capacity(ROOM)), at: 0, mask })
    }

    /// What is typed so far.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(area) => area.lines().first().map_or("", String::as_str),
            Self::Secret(secret) => &secret.text,
        }
    }

    /// What may be shown of it, before the cursor and from the cursor on.
    pub fn shown(&self) -> (String, String) {
        let (text, at) = match self {
            Self::Plain(area) => (self.text().to_owned(), area.cursor().1),
            Self::Secret(secret) => ((secret.mask)(&secret.text), secret.at),
        };
        let rest: String = text.chars().skip(at).collect();
        (text.chars().take(at).collect(), rest)
    }

    /// Empties it.
    pub fn clear(&mut self) {
        match self {
            Self::Plain(area) => **area = TextArea::default(),
            Self::Secret(secret) => {
                secret.text = Zeroizing::new(String::with_capacity(ROOM));
                secret.at = 0;
            }
        }
    }

    /// Types a key.
    pub fn typed(&mut self, key: KeyEvent) {
        match self {
            Self::Plain(area) => {
                match key.code {
                    // A character nobody can see is typed as it is shown.
                    KeyCode::Char(letter) if is_hidden(letter) => {
                        area.insert_str(visible(&letter.to_string()))
                    }
                    _ => area.input(key),
                };
                while area.lines().len() > 1 && area.delete_newline() {}
            }
            Self::Secret(secret) => secret.typed(key),
        }
    }

    /// Pastes a text: its first line, with nothing hidden in it.
    pub fn pasted(&mut self, text: &str) {
        let first = text.lines().next().unwrap_or_default();
        match self {
            Self::Plain(area) => {
                area.insert_str(visible(first));
            }
            Self::Secret(secret) => first.chars().filter(|c| !c.is_control()).for_each(|c| secret.insert(c)),
        }
    }

    /// Puts the cursor behind the text.
    pub fn end(&mut self) {
        match self {
            Self::Plain(area) => area.move_cursor(CursorMove::End),
            Self::Secret(secret) => secret.at = secret.text.chars().count(),
        }
    }
}

impl Secret {
    fn typed(&mut self, key: KeyEvent) {
        let held = key.modifiers.difference(KeyModifiers::SHIFT);
        let length = self.text.chars().count();
        match key.code {
            KeyCode::Char('u') if held == KeyModifiers::CONTROL => {
                let rest = Zeroizing::new(self.text[self.byte(self.at)..].to_owned());
                self.text = Zeroizing::new(String::with_capacity(ROOM.max(rest.len())));
                self.text.push_str(&rest);
                self.at = 0;
            }
            KeyCode::Char(c) if held.is_empty() => self.insert(c),
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                let byte = self.byte(self.at);
                self.text.remove(byte);
            }
            KeyCode::Delete if self.at < length => {
                let byte = self.byte(self.at);
                self.text.remove(byte);
            }
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(length),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = length,
            _ => {}
        }
    }

    fn insert(&mut self, c: char) {
        if self.text.len() + c.len_utf8() > self.text.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(self.text.capacity() * 2));
            larger.push_str(&self.text);
            self.text = larger;
        }
        let byte = self.byte(self.at);
        self.text.insert(byte, c);
        self.at += 1;
    }

    fn byte(&self, at: usize) -> usize {
        self.text.char_indices().nth(at).map_or(self.text.len(), |(byte, _)| byte)
    }
}

/// A target with a star for each character of a password in it. While a URL is still being typed, what stands behind the
/// colon of its first part may become a password, and is hidden until it cannot any more.
fn masked(text: &str) -> String {
    let mut hidden = vec![false; text.len()];
    if let Some((from, to)) = login(text) {
        hidden[from..to].fill(true);
    }
    let lower = text.to_ascii_lowercase();
    for (at, name) in lower.match_indices("password") {
        let value = at + name.len();
        let rest = &text[value..];
        let blank = rest.len() - rest.trim_start().len();
        let Some(rest) = rest.trim_start().strip_prefix('=') else { continue };
        let from = value + blank + 1;
        // In quotes it may hold spaces: everything to the end is hidden then.
        let quoted = rest.trim_start().starts_with('\'');
        let to = if quoted || text[..at].contains(['?', '&']) && !rest.contains('&') {
            text.len()
        } else {
            let spaces = rest.len() - rest.trim_start().len();
            let word = rest.trim_start();
            from + spaces + word.find(['&', ' ']).unwrap_or(word.len())
        };
        hidden[from..to].fill(true);
    }
    text.char_indices().map(|(at, c)| if hidden[at] { '*' } else { c }).collect()
}

/// Where the password of a URL's login stands, or may yet.
fn login(text: &str) -> Option<(usize, usize)> {
    let start = text.find("://")? + 3;
    let at = text.rfind('@').filter(|at| *at >= start);
    let end = at.unwrap_or_else(|| text[start..].find(['/', '?']).map_or(text.len(), |end| start + end));
    // What has a slash behind it and no @ is a host and its port.
    if at.is_none() && end < text.len() {
        return None;
    }
    let colon = text[start..end].find(':')?;
    // The brackets of an IPv6 address hold colons, too.
    if at.is_none() && text[start..end].starts_with('[') {
        return None;
    }
    Some((start + colon + 1, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(line: &mut Line, code: KeyCode) {
        line.typed(KeyEvent::new(code, KeyModifiers::NONE));
    }

    #[test]
    fn a_password_is_edited_like_any_line_and_shows_only_its_length() {
        let mut line = Line::password();
        line.pasted("gehe\u{1b}im\nq");
        assert_eq!(line.text(), "geheim");
        press(&mut line, KeyCode::Left);
        press(&mut line, KeyCode::Backspace);
        press(&mut line, KeyCode::Char('é'));
        assert_eq!((line.text(), line.shown()), ("geheém", ("*****".into(), "*".into())));
        press(&mut line, KeyCode::Home);
        press(&mut line, KeyCode::Delete);
        assert_eq!(line.text(), "eheém");
        line.end();
        line.typed(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert_eq!(line.text(), "");
        assert!(!format!("{line:?}").contains("geh"));
    }

    #[test]
    fn a_long_secret_grows() {
        let mut line = Line::password();
        let long = "ß".repeat(1_000);
        line.pasted(&long);
        assert_eq!(line.text(), long);
    }

    #[test]
    fn the_password_in_a_target_is_hidden_while_it_is_typed_and_after() {
        for (typed, shown) in [
            ("postgres://ann:sec", "postgres://ann:***"),
            ("postgres://ann:se@cr@db/shop", "postgres://ann:*****@db/shop"),
            ("postgres://ann:a/b@db", "postgres://ann:***@db"),
            ("postgres://db:5432/shop", "postgres://db:5432/shop"),
            ("postgres://[::1]", "postgres://[::1]"),
            ("postgres://ann@db:5432/shop", "postgres://ann@db:5432/shop"),
            ("postgres://db/shop?password=sec&sslmode=x", "postgres://db/shop?password=***&sslmode=x"),
            ("host=db password=sec user=ann", "host=db password=*** user=ann"),
            ("host=db password = 's e c' user=ann", "host=db password =*****************"),
            ("prod", "prod"),
            ("./file:x.db", "./file:x.db"),
        ] {
            assert_eq!(masked(typed), shown, "{typed}");
            assert_eq!(masked(typed).chars().count(), typed.chars().count());
        }
    }
}
