//! What changed between two checks. Nothing is called new that the earlier check could not have seen, nothing better that
//! was not counted to the end, and nothing fixed unless the later check inspected everything.

use super::record::{Body, Kept, Key, Record, Seen};
use jiff::Timestamp;
use std::collections::HashMap;

/// How a finding stands against the earlier check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not there before, and it would have been seen.
    New,
    /// There before, with so many rows less; none where only its severity was lower.
    Worse(Option<u64>),
    /// There before, with so many rows more.
    Better(u64),
    /// There before, just so.
    Same,
    /// Nobody knows: the earlier check could not have seen it, or one of the two did not count to the end.
    Unknown,
}

/// What is known of a finding across checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How it stands.
    pub standing: Standing,
    /// When it was seen first.
    pub first_seen: Timestamp,
}

/// What changed since an earlier check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// When the earlier check ended.
    pub since: Option<Timestamp>,
    /// How each finding stands.
    pub marks: HashMap<Key, Mark>,
    /// What is not found any more, though everything was inspected.
    pub fixed: Vec<Seen>,
    /// What is not found any more because its relation is not there any more.
    pub gone: Vec<Seen>,
    /// Whether the later check inspected everything: otherwise nobody knows what is fixed.
    pub whole: bool,
    /// Orphans now and then, where both are known to the end.
    pub orphans: Option<(u64, u64)>,
}

impl Trend {
    /// What changed from `base` to `now`; none where one of them holds no findings.
    pub fn between(base: &Record, now: &Record) -> Option<Self> {
        let (before, after) = (Side::of(base)?, Side::of(now)?);
        let seen = after.body.findings.iter().filter(|seen| !seen.aside);
        let mark =
            |seen: &Seen| Mark { standing: standing(&before, &after, seen), first_seen: seen.first_seen };
        let mut trend = Self {
            since: Some(base.ended),
            marks: seen.map(|seen| (key(seen), mark(seen))).collect(),
            whole: now.is_whole(),
            orphans: (base.is_whole() && now.is_whole())
                .then_some((now.summary.orphans, base.summary.orphans)),
            ..Self::default()
        };
        if trend.whole {
            for seen in before.body.findings.iter().filter(|seen| !seen.aside) {
                let lost = seen.relation.as_deref().is_some_and(|id| !after.relations.contains_key(id));
                match after.findings.contains_key(&key(seen)) {
                    true => {}
                    false if lost => trend.gone.push(seen.clone()),
                    false => trend.fixed.push(seen.clone()),
                }
            }
        }
        Some(trend)
    }

    /// How many findings stand so.
    pub fn count(&self, is: impl Fn(Standing) -> bool) -> usize {
        self.marks.values().filter(|mark| is(mark.standing)).count()
    }
}

/// One of the two checks, ready to be asked.
struct Side<'a> {
    record: &'a Record,
    body: &'a Body,
    relations: HashMap<&'a str, &'a Kept>,
    findings: HashMap<Key, &'a Seen>,
}

impl<'a> Side<'a> {
    fn of(record: &'a Record) -> Option<Self> {
        let body = record.body.as_ref()?;
        let mut findings: HashMap<Key, &Seen> = HashMap::new();
        for seen in &body.findings {
            // Two findings of one rule on one object are one here: the worse of them.
            let worst = findings.entry(key(seen)).or_insert(seen);
            if (seen.severity, seen.rows) > (worst.severity, worst.rows) {
                *worst = seen;
            }
        }
        let relations = body.relations.iter().map(|kept| (kept.id.as_str(), kept)).collect();
        Some(Self { record, body, relations, findings })
    }

    /// Whether a finding about this would have been seen.
    fn would_see(&self, seen: &Seen) -> bool {
        self.record.is_whole() || seen.relation.is_some() && self.counted(seen)
    }

    /// Whether the figures of what it is about are exact.
    fn counted(&self, seen: &Seen) -> bool {
        match seen.relation.as_deref() {
            Some(id) => self.relations.get(id).is_some_and(|kept| kept.settled()),
            None => true,
        }
    }
}

fn standing(before: &Side<'_>, after: &Side<'_>, seen: &Seen) -> Standing {
    // A part that nobody asked for is not checked by wish: that is no change of the database.
    if after.record.narrowed && seen.rule == "not-checked" {
        return Standing::Unknown;
    }
    let Some(then) = before.findings.get(&key(seen)) else {
        return if before.would_see(seen) { Standing::New } else { Standing::Unknown };
    };
    match (seen.rows, then.rows) {
        // A count that was broken off is a lower bound: above an exact figure it is worse, below it it says nothing.
        (Some(now), Some(then)) if now > then => {
            if before.counted(seen) {
                Standing::Worse(Some(now - then))
            } else {
                Standing::Unknown
            }
        }
        _ if seen.severity > then.severity => Standing::Worse(None),
        (Some(now), Some(then)) if now < then => {
            if after.counted(seen) {
                Standing::Better(then - now)
            } else {
                Standing::Unknown
            }
        }
        _ => Standing::Same,
    }
}

fn key(seen: &Seen) -> Key {
    (seen.rule.clone(), seen.object.clone())
}

/// When each finding was seen first, by the latest whole check and what came after it: what a whole check did not find was
/// gone then, and if it comes back it is new.
pub(super) fn first_seen<'a>(records: impl Iterator<Item = &'a Record>) -> HashMap<Key, Timestamp> {
    let mut records: Vec<&Record> = records.filter(|record| record.body.is_some()).collect();
    records.sort_by_key(|record| std::cmp::Reverse(record.ended));
    let mut first: HashMap<Key, Timestamp> = HashMap::new();
    for record in records {
        for seen in record.body.iter().flat_map(|body| &body.findings) {
            let at = first.entry(key(seen)).or_insert(seen.first_seen);
            *at = (*at).min(seen.first_seen);
        }
        if record.is_whole() {
            break;
        }
    }
    first
}
