//! The user's own keys over the shipped ones. A row replaces the keys of its action in its context; whatever would leave
//! a person without a way, or with two meanings for one key, is a mistake. Called by `Keymap::with`.

use super::{Context, Key, Keymap};
use crate::config::Keys;
use crate::config::key::distance;
use crate::model::fault::{Fault, Kind};
use crate::model::text::visible;
use crate::tui::action::Action;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Actions nobody may be left without.
const NEEDED: [Action; 5] = [Action::Help, Action::Back, Action::Close, Action::Leave, Action::Interrupt];

/// Lays keys over the shipped ones.
pub fn laid_over(shipped: Keymap, keys: &Keys) -> Result<Keymap, Fault> {
    let mut reader = Reader { keys, keymap: shipped, lines: BTreeMap::new(), mistakes: Vec::new() };
    reader.read();
    if reader.mistakes.is_empty() {
        reader.hold_apart();
    }
    match fault(reader.mistakes) {
        Some(fault) => Err(fault),
        None => Ok(reader.keymap),
    }
}

/// A sentence about a line, and what to do.
type Mistake = (String, String);

struct Reader<'a> {
    keys: &'a Keys,
    keymap: Keymap,
    /// The line of each row of the file, by its context and the name of its action.
    lines: BTreeMap<(Context, &'static str), usize>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let keys = self.keys;
        let table = match DeTable::parse(&keys.text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let what = format!("this is not TOML: {}.", visible(error.message()));
                return self.mistaken(
                    at,
                    what,
                    "Write rows such as [[list]], on = [\"r\"], run = \"recount\".",
                );
            }
        };
        for (name, value) in table.get_ref() {
            let word = name.get_ref();
            let Some(context) = Context::all().find(|context| context.word() == word.as_ref()) else {
                let words: Vec<String> = Context::all().map(Context::word).collect();
                let what = format!("there is no context {}.", visible(word));
                let hint = format!("{}The contexts are {}.", near(word, &words), words.join(", "));
                self.mistaken(name.span().start, what, &hint);
                continue;
            };
            match value.get_ref().as_array() {
                Some(rows) => rows.iter().for_each(|row| self.row(context, row)),
                None => {
                    let what = format!("{word} is a list of rows.");
                    self.mistaken(name.span().start, what, &format!("Write [[{word}]]."));
                }
            }
        }
    }

    fn row(&mut self, context: Context, row: &Spanned<DeValue<'_>>) {
        let at = row.span().start;
        let Some(table) = row.get_ref().as_table() else {
            return self.mistaken(at, "this is no row.".to_owned(), "Write on = [KEYS] and run = ACTION.");
        };
        for (name, _) in table {
            if !["on", "run", "desc", "hint"].contains(&name.get_ref().as_ref()) {
                let what = format!("a row has no {}.", visible(name.get_ref()));
                self.mistaken(name.span().start, what, "It has on and run, and may have desc and hint.");
            }
        }
        let (Some(on), Some(run)) = (table.get("on"), table.get("run")) else {
            let what = "a row needs the keys and what they run.".to_owned();
            return self.mistaken(at, what, "Write on = [KEYS] and run = ACTION.");
        };
        let Some(action) = self.action(context, run) else { return };
        let Some(named) = self.named(context, on) else { return };
        if named.is_empty() && NEEDED.contains(&action) {
            let what = format!("{} would have no key left in {}.", action.name(), context.word());
            return self.mistaken(on.span().start, what, "Give it another key, or take the row out.");
        }
        let line = self.line(at);
        if let Some(before) = self.lines.insert((context, action.name()), line) {
            let what =
                format!("{} has its keys in {} from line {before} already.", action.name(), context.word());
            return self.mistaken(at, what, "Put all its keys into one row.");
        }
        let texts = ["desc", "hint"]
            .map(|name| table.get(name).and_then(|text| text.get_ref().as_str()).map(str::to_owned));
        let rows = self.keymap.contexts.get_mut(&context);
        let Some(binding) = rows.and_then(|rows| rows.iter_mut().find(|row| row.run == action)) else {
            return;
        };
        (binding.on, binding.keys) = named.into_iter().unzip();
        let [desc, hint] = texts;
        binding.desc = desc.filter(|desc| !desc.is_empty()).unwrap_or_else(|| binding.desc.clone());
        binding.hint = hint.or_else(|| binding.hint.clone()).filter(|hint| !hint.is_empty());
    }

    /// The action of a row, if its context has it.
    fn action(&mut self, context: Context, run: &Spanned<DeValue<'_>>) -> Option<Action> {
        let word = run.get_ref().as_str().unwrap_or_default();
        let known: Vec<&str> = self.keymap.rows(context).iter().map(|row| row.run.name()).collect();
        if known.contains(&word) {
            return Action::named(word);
        }
        let what = match Action::named(word) {
            Some(_) => format!("{word} is no action of {}.", context.word()),
            None => format!("there is no action {}.", visible(word)),
        };
        let hint = format!("{}{} has {}.", near(word, &known), context.word(), known.join(", "));
        self.mistaken(run.span().start, what, &hint);
        None
    }

    /// The keys of a row.
    fn named(&mut self, context: Context, on: &Spanned<DeValue<'_>>) -> Option<Vec<(String, Key)>> {
        let Some(list) = on.get_ref().as_array() else {
            let what = "on is a list of keys.".to_owned();
            self.mistaken(on.span().start, what, "Write on = [\"x\"], or on = [] to take the keys away.");
            return None;
        };
        let mut named = Vec::new();
        for item in list.iter() {
            let word = item.get_ref().as_str().unwrap_or_default();
            match Key::named(word) {
                Ok(key) if context.types() && key.types() => {
                    let what = format!("{word} types a letter in {}.", context.word());
                    self.mistaken(
                        item.span().start,
                        what,
                        "Choose ctrl- and a letter, or a key that types nothing.",
                    );
                }
                Ok(key) => named.push((word.to_owned(), key)),
                Err(_) => {
                    let what = format!("there is no key {}.", visible(word));
                    let hint = format!(
                        "A key is one letter or sign, ctrl- and a letter, f1 to f12, or one of {}.",
                        Key::NAMES.map(|(name, _)| name).join(", ")
                    );
                    self.mistaken(item.span().start, what, &hint);
                }
            }
        }
        (named.len() == list.len()).then_some(named)
    }

    /// No key means two things where both are looked up.
    fn hold_apart(&mut self) {
        let mut told = BTreeSet::new();
        for chain in Context::together() {
            let mut seen: Vec<(&Key, Context, Action)> = Vec::new();
            let rows =
                chain.iter().flat_map(|context| self.keymap.rows(*context).iter().map(|row| (*context, row)));
            for (context, row, on, key) in rows.flat_map(|(context, row)| {
                row.on.iter().zip(&row.keys).map(move |(on, key)| (context, row, on, key))
            }) {
                if let Some((_, other, before)) = seen.iter().find(|(known, ..)| *known == key) {
                    let pair = [(*other, before.name()), (context, row.run.name())];
                    let line = pair.iter().filter_map(|pair| self.lines.get(pair)).max();
                    if told.insert((on.clone(), pair)) {
                        let what = format!(
                            "{on} is {} in {} and {} in {}, which are looked up together.",
                            before.name(),
                            other.word(),
                            row.run.name(),
                            context.word()
                        );
                        let at = format!("{}:{}", self.keys.file, line.copied().unwrap_or(1));
                        self.mistakes.push((
                            format!("{at}: {what}"),
                            "Give one of them another key; on = [] takes its keys away.".to_owned(),
                        ));
                    }
                }
                seen.push((key, context, row.run));
            }
        }
    }

    fn line(&self, at: usize) -> usize {
        self.keys.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    fn mistaken(&mut self, at: usize, what: String, hint: &str) {
        let line = self.line(at);
        self.mistakes.push((format!("{}:{line}: {what}", self.keys.file), hint.to_owned()));
    }
}

/// `Did you mean recount? `, or nothing.
fn near<T: AsRef<str>>(word: &str, known: &[T]) -> String {
    let near = known.iter().map(|known| (distance(word, known.as_ref()), known.as_ref())).min();
    near.filter(|(far, _)| (1..=2).contains(far))
        .map_or(String::new(), |(_, near)| format!("Did you mean {near}? "))
}

fn fault(mut mistakes: Vec<Mistake>) -> Option<Fault> {
    if mistakes.len() > 1 {
        let fault = Fault::new(Kind::Usage, format!("Your keys have {} mistakes.", mistakes.len()));
        let told =
            mistakes.into_iter().fold(fault, |fault, (what, hint)| fault.because(format!("{what} {hint}")));
        return Some(
            told.hint("waif config path tells which file they are in; without it the shipped keys hold."),
        );
    }
    mistakes.pop().map(|(what, hint)| Fault::new(Kind::Usage, what).hint(hint))
}
