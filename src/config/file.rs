//! One configuration file: TOML in, settings and mistakes out. Nothing is skipped in silence, and no mistake quotes the
//! file's text, which may hold a password.

use super::key::{KEYS, Key, PROFILE_KEYS, SECTIONS, SEVERITY, meant};
use super::mistake::Mistake;
use super::settings::{Section, Setting, Settings};
use super::source::Source;
use super::value::{Shape, Value, bare, quoted};
use crate::model::copy::Copy;
use crate::model::policy::Suppress;
use crate::model::text::visible;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A set of keys, and what else may stand beside them.
struct Room<'a> {
    /// What is written before a key when a person is told of it: `profile.prod.`.
    prefix: &'a str,
    keys: &'static [Key],
    others: &'static [&'static str],
}

/// A file being read.
pub(super) struct File<'a> {
    /// Its path as a person may see it.
    pub shown: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it may name programs to start. A file that merely lies in the current folder may not: it can have come
    /// with somebody else's files.
    pub trusted: bool,
    /// The names of the rules.
    pub rules: &'a [&'static str],
    /// The mistakes found.
    pub mistakes: &'a mut Vec<Mistake>,
}

impl File<'_> {
    /// Reads it.
    pub fn read(&mut self) -> Settings {
        let mut settings = Settings::default();
        match DeTable::parse(self.text) {
            Ok(table) => self.root(table.get_ref(), &mut settings),
            Err(error) => {
                let at = self.at(error.span().unwrap_or(0..0));
                self.mistakes
                    .push(Mistake::new(at, format!("this is not TOML: {}.", visible(error.message()))));
            }
        }
        settings
    }

    fn root(&mut self, table: &DeTable<'_>, settings: &mut Settings) {
        let room = Room { prefix: "", keys: KEYS, others: &SECTIONS };
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "profile" => self.profiles(value, settings),
                "severity" => self.severity(value, settings),
                "suppress" => self.suppress(value, settings),
                "copy" => self.copies(value, settings),
                "relation" => self.refuse_expectation(name.span()),
                _ => self.entry(&room, "", name, value, &mut settings.keys),
            }
        }
    }

    /// A key with its value, or a section of keys.
    fn entry(
        &mut self,
        room: &Room<'_>,
        below: &str,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        into: &mut BTreeMap<&'static str, Setting>,
    ) {
        let path = format!("{below}{}", name.get_ref());
        let full = format!("{}{path}", room.prefix);
        if let Some(key) = room.keys.iter().find(|key| key.path == path) {
            if let Some(value) = self.value(&full, key.shape, value) {
                into.insert(key.path, Setting { value, source: self.at(name.span()) });
            }
            return;
        }
        let section = format!("{path}.");
        if room.keys.iter().any(|key| key.path.starts_with(&section)) {
            match value.get_ref().as_table() {
                Some(table) => {
                    for (name, value) in table {
                        self.entry(room, &section, name, value, into);
                    }
                }
                None => self.mistaken(name.span(), format!("{full} is a section; write [{full}].")),
            }
            return;
        }
        let known = room.keys.iter().map(|key| key.path).chain(room.others.iter().copied());
        self.suggest(&full, meant(&path, known), name.span());
    }

    fn value(&mut self, path: &str, shape: Shape, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let read = shape.read_toml(value.get_ref());
        if read.is_none() {
            let found = match value.get_ref() {
                DeValue::String(_) if matches!(shape, Shape::Secret) => "text".to_owned(),
                DeValue::String(text) => quoted(text),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(_) => "a number with a point".to_owned(),
                DeValue::Boolean(yes) => yes.to_string(),
                DeValue::Datetime(_) => "a date".to_owned(),
                DeValue::Array(_) => "a list".to_owned(),
                DeValue::Table(_) => "a section".to_owned(),
            };
            self.mistaken(value.span(), format!("{path} is {found}; expected is {}.", shape.expected()));
        }
        read
    }

    fn profiles(&mut self, value: &Spanned<DeValue<'_>>, settings: &mut Settings) {
        let Some(profiles) = value.get_ref().as_table() else {
            return self.mistaken(value.span(), "profile is a section; write [profile.NAME].".to_owned());
        };
        for (name, value) in profiles {
            let Some(table) = value.get_ref().as_table() else {
                let word = bare(name.get_ref());
                self.mistaken(name.span(), format!("profile.{word} is a section; write [profile.{word}]."));
                continue;
            };
            let mut keys = BTreeMap::new();
            let prefix = format!("profile.{}.", bare(name.get_ref()));
            let room = Room { prefix: &prefix, keys: PROFILE_KEYS, others: &[] };
            for (key, value) in table {
                if !self.refused_in_profile(key) {
                    self.entry(&room, "", key, value, &mut keys);
                }
            }
            let section = Section { source: self.at(name.span()), folder: self.folder.clone(), keys };
            settings.profiles.insert(name.get_ref().clone().into_owned(), section);
        }
    }

    /// Keys of a profile that are known and not taken, each with its reason.
    fn refused_in_profile(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>) -> bool {
        let (what, hint) = match key.get_ref().as_ref() {
            "password" => {
                ("a profile keeps no password.", "Use password_command or ~/.pgpass, or let waif ask for it.")
            }
            word @ ("password_command" | "before") if !self.trusted => {
                let what =
                    format!("{word} starts a program, and a file in the current folder may not do that.");
                self.mistakes.push(Mistake::new(self.at(key.span()), what).hint(
                    "Move the profile to your own configuration, or name this file with --config to trust it.",
                ));
                return true;
            }
            _ => return false,
        };
        self.mistakes.push(Mistake::new(self.at(key.span()), what).hint(hint));
        true
    }

    fn severity(&mut self, value: &Spanned<DeValue<'_>>, settings: &mut Settings) {
        let Some(table) = value.get_ref().as_table() else {
            return self.mistaken(value.span(), "severity is a section; write [severity].".to_owned());
        };
        for (rule, value) in table {
            if !self.knows_rule(rule.get_ref(), rule.span()) {
                continue;
            }
            if let Some(value) = self.value(&format!("severity.{}", rule.get_ref()), SEVERITY, value) {
                let setting = Setting { value, source: self.at(rule.span()) };
                settings.severity.insert(rule.get_ref().clone().into_owned(), setting);
            }
        }
    }

    fn suppress(&mut self, value: &Spanned<DeValue<'_>>, settings: &mut Settings) {
        let Some(list) = value.get_ref().as_array() else {
            return self.mistaken(value.span(), "suppress is a list; write [[suppress]].".to_owned());
        };
        for item in list.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.mistaken(item.span(), "suppress is a list of sections; write [[suppress]].".to_owned());
                continue;
            };
            if let Some(suppress) = self.suppression(table, item.span()) {
                settings.suppress.push((suppress, self.at(item.span())));
            }
        }
    }

    fn copies(&mut self, value: &Spanned<DeValue<'_>>, settings: &mut Settings) {
        let Some(list) = value.get_ref().as_array() else {
            return self.mistaken(value.span(), "copy is a list; write [[copy]].".to_owned());
        };
        for item in list.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.mistaken(item.span(), "copy is a list of sections; write [[copy]].".to_owned());
                continue;
            };
            if let Some([column, from, along]) =
                self.texts("copy", ["column", "from", "along"], table, &item.span())
            {
                if !column.split_once('.').is_some_and(|(table, own)| !table.is_empty() && !own.is_empty()) {
                    self.mistaken(
                        item.span(),
                        format!("copy.column is {}; expected is TABLE.COLUMN.", quoted(&column)),
                    );
                }
                if !along.contains("->") && !along.contains('.') {
                    let expected = "TABLE(COLUMN,…)->TABLE(COLUMN,…) or TABLE.CONSTRAINT";
                    self.mistaken(
                        item.span(),
                        format!("copy.along is {}; expected is {expected}.", quoted(&along)),
                    );
                }
                settings.copies.push((Copy { column, from, along }, self.at(item.span())));
            }
        }
    }

    fn suppression(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Suppress> {
        let [rule, object, reason] = self.texts("suppress", ["rule", "object", "reason"], table, &span)?;
        let span = table.get("rule").map_or(span, Spanned::span);
        self.knows_rule(&rule, span).then_some(Suppress { rule, object, reason })
    }

    /// The texts of a section of a list, all of which are needed and none of which is empty.
    fn texts(
        &mut self,
        section: &str,
        names: [&'static str; 3],
        table: &DeTable<'_>,
        span: &Range<usize>,
    ) -> Option<[String; 3]> {
        let before = self.mistakes.len();
        for (name, _) in table {
            if !names.contains(&name.get_ref().as_ref()) {
                let near = meant(name.get_ref(), names.into_iter());
                self.suggest(&format!("{section}.{}", name.get_ref()), near, name.span());
            }
        }
        let texts = names.map(|name| {
            let Some(value) = table.get(name) else {
                let [one, two, three] = names;
                self.mistaken(
                    span.clone(),
                    format!("this [[{section}]] has no {name}; {one}, {two} and {three} are needed."),
                );
                return String::new();
            };
            let read = self.value(&format!("{section}.{name}"), Shape::Text, value);
            let text = read.as_ref().and_then(|value| value.text()).unwrap_or_default().to_owned();
            if read.is_some() && text.trim().is_empty() {
                self.mistaken(value.span(), format!("{section}.{name} is empty."));
            }
            text
        });
        (self.mistakes.len() == before).then_some(texts)
    }

    fn knows_rule(&mut self, rule: &str, span: Range<usize>) -> bool {
        let known = self.rules.contains(&rule);
        if !known {
            let near = meant(rule, self.rules.iter().copied());
            let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            let end = if near.is_empty() { "." } else { "" };
            self.mistaken(span, format!("there is no rule {}{near}{end}", visible(rule)));
        }
        known
    }

    /// Expected relations are not checked by this version. Reading past them would be a false "clean".
    fn refuse_expectation(&mut self, span: Range<usize>) {
        let what = "[[relation]] asks for a check that this version of waif does not make.";
        self.mistakes.push(
            Mistake::new(self.at(span), what)
                .hint("Take the section out; what it declares would not have been looked at."),
        );
    }

    fn suggest(&mut self, path: &str, near: Option<&str>, span: Range<usize>) {
        self.mistaken(
            span,
            match near {
                Some(near) => format!("there is no key {path}; did you mean {near}?"),
                None => format!("there is no key {path}."),
            },
        );
    }

    fn mistaken(&mut self, span: Range<usize>, what: String) {
        let at = self.at(span);
        self.mistakes.push(Mistake::new(at, what));
    }

    fn at(&self, span: Range<usize>) -> Source {
        let before = self.text.get(..span.start.min(self.text.len())).unwrap_or("");
        Source::File { file: self.shown.to_owned(), line: before.matches('\n').count() + 1 }
    }
}
