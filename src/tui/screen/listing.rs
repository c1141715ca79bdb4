//! A list of things that come and go while a person looks at it: filtered, sorted, and with a cursor that stays on its
//! thing. Until a person touches it the cursor stays on top, so that the worst is selected whatever arrives.

use crate::tui::screen::facet::{self, Facet, Read};
use crate::tui::widget::cursor::{Cursor, Step};
use crate::tui::widget::text::shown;
use std::borrow::Cow;

/// A list; `K` is what tells its things apart across changes.
#[derive(Debug)]
pub struct Listing<K> {
    rows: Vec<usize>,
    /// The selected row, and the first in view.
    pub cursor: Cursor,
    chosen: Option<K>,
    /// What is shown.
    pub filter: Filter,
    built: Option<u64>,
}

impl<K> Default for Listing<K> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            cursor: Cursor::default(),
            chosen: None,
            filter: Filter::default(),
            built: None,
        }
    }
}

impl<K> Listing<K> {
    /// The things in view order, as places in the facts.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The place of the selected thing.
    pub fn selected(&self) -> Option<usize> {
        self.rows.get(self.cursor.at).copied()
    }

    /// Whether the facts are newer than the list.
    pub fn is_stale(&self, version: u64) -> bool {
        self.built != Some(version)
    }

    /// Makes the next refresh build the list anew.
    pub fn spoil(&mut self) {
        self.built = None;
    }

    /// Takes new rows; the cursor follows its thing, or stays where it stood when the thing is gone.
    pub fn rebuild(&mut self, version: u64, rows: Vec<usize>, is: impl Fn(usize, &K) -> bool) {
        self.rows = rows;
        self.built = Some(version);
        let Some(chosen) = &self.chosen else {
            self.cursor = Cursor::default();
            return;
        };
        let still = |row: &usize| is(*row, chosen);
        if self.rows.get(self.cursor.at).is_some_and(still) {
            return;
        }
        if let Some(at) = self.rows.iter().position(still) {
            let from_top = self.cursor.at.saturating_sub(self.cursor.top);
            self.cursor = Cursor { at, top: at.saturating_sub(from_top) };
        }
    }

    /// Keeps the selection in view.
    pub fn keep(&mut self, height: usize) {
        self.cursor.keep(self.rows.len(), height);
    }

    /// Moves the cursor, and holds on to what it reaches.
    pub fn step(&mut self, step: Step, height: usize, key: impl Fn(usize) -> Option<K>) {
        self.cursor.step(step, self.rows.len(), height);
        self.hold(key);
    }

    /// Holds on to what is selected.
    pub fn hold(&mut self, key: impl Fn(usize) -> Option<K>) {
        self.chosen = self.selected().and_then(key);
    }

    /// Selects the first thing that is this one, if it is in the list.
    pub fn choose(&mut self, key: K, is: impl Fn(usize, &K) -> bool) {
        if let Some(at) = self.rows.iter().position(|row| is(*row, &key)) {
            self.cursor.at = at;
        }
        self.chosen = Some(key);
    }
}

/// A text as filters compare it: as it is shown, in lower case.
pub fn ready(text: &str) -> String {
    shown(text, false).to_lowercase()
}

/// A filter: words that must all occur, or with `!` in front must not, and facets that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    typed: String,
    words: Vec<String>,
    inverse: bool,
    facets: Vec<Facet>,
    wrong: Option<String>,
}

impl Filter {
    /// The filter a person typed.
    pub fn typed(text: &str) -> Self {
        let (inverse, words) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let words = words.split_whitespace().map(str::to_lowercase).collect();
        Self { typed: text.to_owned(), words, inverse, ..Self::default() }
    }

    /// The filter a person typed over a list with these facets.
    pub fn faceted(text: &str, keys: &'static [&'static str]) -> Self {
        let mut filter = Self { typed: text.to_owned(), ..Self::default() };
        for word in text.split_whitespace() {
            match facet::read(word, keys) {
                Read::Facet(facet) => filter.facets.push(facet),
                Read::Wrong(why) => filter.wrong = Some(why),
                Read::Begun => {}
                // Only before the first free word does `!` turn the words round.
                Read::Word => {
                    let rest = word.strip_prefix('!').filter(|_| filter.words.is_empty());
                    filter.inverse |= rest.is_some();
                    filter.words.push(rest.unwrap_or(word).to_lowercase());
                }
            }
        }
        filter.words.retain(|word| !word.is_empty());
        filter
    }

    /// What is wrong with it, in words; the part that is wrong hides nothing.
    pub fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }

    /// Its facets.
    pub fn facets(&self) -> &[Facet] {
        &self.facets
    }

    /// Whether a thing passes all facets; `value` gives its value for a key.
    pub fn admits<'a>(&self, value: impl Fn(&'static str) -> Cow<'a, str>) -> bool {
        self.facets.iter().all(|facet| facet.passes(&value))
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.typed
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.facets.is_empty()
    }

    /// Whether a thing with this text is shown. Names are matched as they are shown.
    pub fn passes(&self, text: &str) -> bool {
        self.words.is_empty() || self.passes_ready(&ready(text), String::new)
    }

    /// The same for a text of which a part is ready for comparing; the rest is asked for only where it can matter.
    pub fn passes_ready(&self, part: &str, rest: impl FnOnce() -> String) -> bool {
        let missing: Vec<&String> = self.words.iter().filter(|word| !part.contains(word.as_str())).collect();
        let holds = missing.is_empty() || {
            let rest = ready(&rest());
            missing.iter().all(|word| rest.contains(word.as_str()))
        };
        holds != self.inverse || self.words.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> (Listing<String>, Vec<String>) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut list = Listing::default();
        list.rebuild(1, (0..names.len()).collect(), |_, _: &String| false);
        (list, names)
    }

    fn renewed(list: &mut Listing<String>, names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        list.rebuild(2, (0..names.len()).collect(), |row, key| names[row] == *key);
        names
    }

    #[test]
    fn untouched_the_cursor_stays_on_the_worst() {
        let (mut list, _) = listing(&["cycle"]);
        renewed(&mut list, &["orphans", "cycle"]);
        assert_eq!(list.selected(), Some(0));
    }

    #[test]
    fn touched_the_cursor_stays_on_its_thing() {
        let (mut list, names) = listing(&["a", "b", "c"]);
        list.step(Step::Down, 5, |row| names.get(row).cloned());
        let names = renewed(&mut list, &["x", "y", "a", "b", "c"]);
        assert_eq!(list.selected().map(|row| names[row].as_str()), Some("b"));
    }

    #[test]
    fn things_that_look_alike_do_not_catch_the_cursor() {
        let (mut list, names) = listing(&["a", "a", "a"]);
        for expected in [1, 2] {
            list.step(Step::Down, 5, |row| names.get(row).cloned());
            renewed(&mut list, &["a", "a", "a"]);
            assert_eq!(list.cursor.at, expected);
        }
    }

    #[test]
    fn when_its_thing_goes_the_cursor_stays_where_it_stood() {
        let (mut list, names) = listing(&["a", "b", "c"]);
        list.step(Step::Last, 5, |row| names.get(row).cloned());
        renewed(&mut list, &["a", "b"]);
        list.keep(5);
        assert_eq!(list.selected(), Some(1));
    }

    #[test]
    fn a_filter_wants_all_words_and_turned_round_none_of_them_together() {
        assert!(Filter::typed("ORD crit").passes("CRIT orphan rows order_items"));
        assert!(!Filter::typed("ord high").passes("CRIT orphan rows order_items"));
        assert!(Filter::typed("!ord high").passes("CRIT orphan rows order_items"));
        assert!(!Filter::typed("!ord").passes("CRIT orphan rows order_items"));
        assert!(Filter::typed("").passes("anything") && Filter::typed("!").passes("anything"));
        assert!(Filter::typed("\\x1b").passes("a\u{1b}b"));
    }
}
