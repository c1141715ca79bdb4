//! How well a row fits what was typed: the name itself first, then its beginning, a word in it, a part of it, and last
//! its letters scattered over the name.

use super::goal::{Goal, names_a_kind};
use super::item::Item;
use memchr::memmem::Finder;
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;

/// Names kept of all that fit; the others are only counted.
pub const KEPT: usize = 200;

/// How well a word fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is the name.
    Whole,
    /// The name begins with it.
    Begins,
    /// It is a word of the name.
    Word,
    /// A word of the name begins with it.
    Start,
    /// The name holds it.
    Inside,
    /// The name holds its letters in this order; the better ones have the higher score.
    Scattered(Reverse<u16>),
    /// It names the kind.
    Kind,
}

/// Where a row stands among the rows that fit: less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    fit: Fit,
    order: u8,
    length: usize,
    place: u32,
}

/// What was typed, ready to be compared.
#[derive(Debug, Default)]
pub struct Query {
    whole: Word,
    words: Vec<Word>,
}

/// A word, ready to be looked for.
#[derive(Debug)]
struct Word {
    text: String,
    finder: Finder<'static>,
}

impl Default for Word {
    fn default() -> Self {
        Self::new("")
    }
}

impl Word {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), finder: Finder::new(text).into_owned() }
    }
}

impl Query {
    /// What a person typed.
    pub fn typed(text: &str) -> Self {
        let whole = text.trim().to_lowercase();
        let words = whole.split_whitespace().map(Word::new).collect();
        Self { whole: Word::new(&whole), words }
    }

    /// Whether everything fits.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether whatever fits this fitted that before: letters were added, and none of its words names a kind, for a
    /// word that is not yet one fits less than the word.
    pub fn narrows(&self, before: &Self) -> bool {
        let kind = self.words.iter().any(|word| names_a_kind(&word.text));
        !kind && !before.is_empty() && self.whole.text.starts_with(&before.whole.text)
    }
}

/// Compares names with what was typed.
#[derive(Debug)]
pub struct Judge {
    matcher: Matcher,
    letters: Vec<char>,
    needle: Vec<char>,
}

impl Default for Judge {
    fn default() -> Self {
        let mut config = Config::DEFAULT;
        // Both sides are in small letters already.
        config.ignore_case = false;
        config.normalize = false;
        config.prefer_prefix = true;
        Self { matcher: Matcher::new(config), letters: Vec::new(), needle: Vec::new() }
    }
}

impl Judge {
    /// How well a row fits; none where it does not.
    pub fn rank(&mut self, item: &Item, query: &Query, place: u32) -> Option<Rank> {
        let fit = match query.words.as_slice() {
            [word] => self.fit(item, word)?,
            words => match part(item, &query.whole) {
                Some(fit) => fit,
                None => {
                    let mut worst = Fit::Whole;
                    for word in words {
                        worst = worst.max(self.fit(item, word)?);
                    }
                    worst
                }
            },
        };
        // Where only the kind was named, names stand in their own order.
        let length = if fit == Fit::Kind { 0 } else { item.lower.len() };
        Some(Rank { fit, order: item.goal.order(), length, place })
    }

    fn fit(&mut self, item: &Item, word: &Word) -> Option<Fit> {
        if let Some(fit) = part(item, word) {
            return Some(fit);
        }
        if item.goal.is_called(&word.text) {
            return Some(Fit::Kind);
        }
        // A letter alone is scattered over everything.
        if word.text.len() < 2 {
            return None;
        }
        let haystack = Utf32Str::new(&item.lower, &mut self.letters);
        let needle = Utf32Str::new(&word.text, &mut self.needle);
        let score = self.matcher.fuzzy_match_greedy(haystack, needle)?;
        Some(Fit::Scattered(Reverse(score)))
    }
}

/// How well a word fits as it stands, its letters together.
fn part(item: &Item, word: &Word) -> Option<Fit> {
    let text = word.text.as_str();
    // A name that needs quotes is typed without them.
    let own = item.lower.get(item.bare..).unwrap_or_default().trim_end_matches('"');
    if item.lower == text || own == text {
        return Some(Fit::Whole);
    }
    if item.lower.starts_with(text) || own.starts_with(text) {
        return Some(Fit::Begins);
    }
    let in_name = inside(&item.lower, word);
    if in_name == Some(Fit::Word) || item.also.is_empty() {
        return in_name;
    }
    match (&item.goal, inside(&item.also, word)) {
        (Goal::Relation(_), _) if item.also == text => Some(Fit::Whole),
        // A sentence holds nearly anything: only its words count.
        (Goal::Act(_), Some(Fit::Inside)) => in_name,
        (_, in_also) => [in_name, in_also].into_iter().flatten().min(),
    }
}

fn inside(text: &str, word: &Word) -> Option<Fit> {
    let apart = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let mut best = None;
    for at in word.finder.find_iter(text.as_bytes()) {
        let begins = apart(text[..at].chars().next_back());
        let ends = apart(text[at + word.text.len()..].chars().next());
        let fit = match (begins, ends) {
            (true, true) => return Some(Fit::Word),
            (true, false) => Fit::Start,
            (false, _) => Fit::Inside,
        };
        best = best.min(Some(fit)).or(Some(fit));
    }
    best
}

/// The places of these, best first: all commands, and of the names the best [`KEPT`].
pub fn best(mut commands: Vec<Rank>, mut names: Vec<Rank>) -> Vec<u32> {
    if names.len() > KEPT {
        names.select_nth_unstable(KEPT);
        names.truncate(KEPT);
    }
    commands.append(&mut names);
    commands.sort_unstable();
    commands.into_iter().map(|rank| rank.place).collect()
}
