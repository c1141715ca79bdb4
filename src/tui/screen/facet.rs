//! Facets: what a list can be narrowed by beside free words. `sev>=high rule:orphan-rows !schema:audit` is typed in the
//! filter or put together in the menu; both are the same text. An unknown key is told, and never hides anything.

use crate::model::catalog::Catalog;
use crate::model::cover;
use crate::model::finding::{Finding, Severity};
use crate::model::pattern;
use crate::model::relation::Relation;
use crate::tui::facts::Facts;
use crate::tui::screen::listing::ready;
use crate::tui::words;
use std::borrow::Cow;

/// The keys of findings.
pub const FINDINGS: &[&str] = &["sev", "rule", "schema", "relation"];
/// The keys of relations.
pub const RELATIONS: &[&str] = &["verdict", "state", "schema", "index", "on_delete"];

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Is one of these.
    Is,
    /// Is at least this; for severities.
    AtLeast,
    /// Is at most this; for severities.
    AtMost,
}

/// One facet of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    key: &'static str,
    sign: Sign,
    values: Vec<String>,
    negated: bool,
}

/// A word of a filter, looked at as a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is one.
    Facet(Facet),
    /// It is a free word.
    Word,
    /// It would be one, but for this.
    Wrong(String),
    /// It is not typed to its end.
    Begun,
}

/// Reads a word of a filter. Where a list has no facets every word is free.
pub fn read(word: &str, keys: &'static [&'static str]) -> Read {
    let (negated, plain) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let Some(at) = plain.find([':', '=', '>', '<', '!']).filter(|_| !keys.is_empty()) else {
        return Read::Word;
    };
    let (name, rest) = plain.split_at(at);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return Read::Word;
    }
    let signs = [
        (">=", Sign::AtLeast, false),
        ("<=", Sign::AtMost, false),
        ("!=", Sign::Is, true),
        (":", Sign::Is, false),
        ("=", Sign::Is, false),
    ];
    let Some((sign, turned, value)) =
        signs.into_iter().find_map(|(text, sign, turned)| Some((sign, turned, rest.strip_prefix(text)?)))
    else {
        // `a->b` is a part of a relation's id, `sev>` the beginning of `sev>=`.
        return if rest.len() == 1 && keys.contains(&name) { Read::Begun } else { Read::Word };
    };
    let Some(key) = keys.iter().find(|key| **key == name).copied() else {
        return Read::Wrong(format!("there is no facet {name}: {} can be used", keys.join(", ")));
    };
    if value.is_empty() {
        return Read::Begun;
    }
    let values: Vec<String> =
        value.split(',').filter(|value| !value.is_empty()).map(|value| named(key, value)).collect();
    if key == "sev" {
        if let Some(unknown) = values.iter().find(|value| severity(value).is_none()) {
            return Read::Wrong(format!("{unknown} is no severity"));
        }
    } else if sign != Sign::Is {
        return Read::Wrong(format!("{name} is compared with : only"));
    }
    Read::Facet(Facet { key, sign, values, negated: negated != turned })
}

/// A value as facets compare it; severities by their short words too.
fn named(key: &str, value: &str) -> String {
    let value = value.to_lowercase();
    let known = (key == "sev").then(|| severity(&value)).flatten();
    known.map_or(value, |severity| severity.word().to_owned())
}

fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|one| one.word() == word || words::severity(*one).to_lowercase() == word)
}

impl Facet {
    /// Whether a thing passes whose value for a key this gives.
    pub fn passes<'a>(&self, value: impl Fn(&'static str) -> Cow<'a, str>) -> bool {
        let value = value(self.key);
        let rank = || severity(&value).zip(self.values.first().and_then(|word| severity(word)));
        let holds = match self.sign {
            Sign::Is => self.values.iter().any(|wanted| pattern::matches(wanted, &value)),
            Sign::AtLeast => rank().is_some_and(|(is, wanted)| is >= wanted),
            Sign::AtMost => rank().is_some_and(|(is, wanted)| is <= wanted),
        };
        holds != self.negated
    }

    /// Whether it names this value outright, as the menu writes it.
    pub fn names(&self, key: &str, value: &str) -> bool {
        self.key == key && self.is_plain() && self.values.iter().any(|one| one == value)
    }

    /// Whether the menu could have written it.
    pub fn is_plain(&self) -> bool {
        self.sign == Sign::Is && !self.negated && !self.values.iter().any(|value| value.contains(['*', '?']))
    }
}

/// A word that stands in a filter as one: small, without spaces and commas.
fn word(text: &str) -> String {
    ready(text).replace([' ', ','], "-")
}

/// A finding's value for a key.
pub fn of_finding<'a>(facts: &Facts, finding: &'a Finding, key: &str) -> Cow<'a, str> {
    let place = || finding.relation.as_deref().and_then(|id| facts.place_of(id));
    match key {
        "sev" => finding.severity.word().into(),
        "rule" => finding.rule.into(),
        "relation" => if finding.relation.is_some() { "yes" } else { "no" }.into(),
        _ => match place().and_then(|place| facts.relations().get(place)) {
            Some(relation) => word(relation.child.name.schema.raw()).into(),
            None => "none".into(),
        },
    }
}

/// A relation's value for a key.
pub fn of_relation(facts: &Facts, place: usize, key: &str) -> Cow<'static, str> {
    let (Some((relation, tally)), Some(catalog)) = (facts.relation(place), facts.catalog.as_deref()) else {
        return "".into();
    };
    match key {
        "verdict" => words::verdict_word(tally.verdict()).replace('_', "-").into(),
        "state" => word(&words::state(relation).0).into(),
        "schema" => word(relation.child.name.schema.raw()).into(),
        "index" => index(catalog, relation).into(),
        _ => word(relation.on_delete.words()).into(),
    }
}

fn index(catalog: &Catalog, relation: &Relation) -> &'static str {
    match cover::child_index(catalog, relation) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(word: &str, value: &'static str) -> bool {
        match read(word, FINDINGS) {
            Read::Facet(facet) => facet.passes(|_| value.into()),
            other => panic!("{word} is {other:?}"),
        }
    }

    #[test]
    fn a_facet_is_a_key_a_sign_and_values() {
        assert!(
            passes("sev>=high", "critical") && passes("sev>=high", "high") && !passes("sev>=high", "medium")
        );
        assert!(passes("sev<=med", "low") && !passes("sev<=med", "high"));
        assert!(
            passes("sev:crit,low", "low")
                && passes("sev=crit", "critical")
                && !passes("sev!=crit", "critical")
        );
        assert!(passes("rule:orphan*", "orphan-rows") && !passes("rule:orphan", "orphan-rows"));
        assert!(passes("!schema:audit", "public") && !passes("!schema:audit", "audit"));
    }

    #[test]
    fn what_is_no_facet_is_a_word_and_what_is_a_wrong_one_is_told() {
        for word in ["orders", "a->b(c)", "a(b)->c(d)", "Sev:x", ":", "!x", "db-1:5432"] {
            assert_eq!(read(word, FINDINGS), Read::Word, "{word}");
        }
        assert_eq!(read("sev:crit", &[]), Read::Word, "a list without facets knows words only");
        for word in ["colour:red", "sev:loud", "rule>=x"] {
            assert!(matches!(read(word, FINDINGS), Read::Wrong(_)), "{word}");
        }
        for word in ["sev:", "sev>", "sev>=", "!rule:"] {
            assert_eq!(read(word, FINDINGS), Read::Begun, "{word}");
        }
    }
}
