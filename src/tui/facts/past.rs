//! What earlier checks said, as the desk tells it: the saved check that is shown until something is counted, the trend
//! since then, and the line of time. Called by [`super::Facts`]; read by the screens.

use crate::job::{Compared, Kept, Key, Point, RULES, Record, Remembered, Said, Seen, Standing, Trend};
use crate::model::finding::Finding;
use crate::model::text::visible;
use crate::tui::facts::old::{Moment, Old, Was, dated};
use crate::tui::widget::figure::counted;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// What earlier checks said.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// A time by the clock of the world, and the inspector's own time when it was told.
    clock: Option<(Timestamp, Duration)>,
    /// What the last saved check said of each relation, until the catalog takes it up.
    saved: HashMap<String, Kept>,
    saved_at: Moment,
    first_seen: HashMap<Key, Timestamp>,
    /// Whole checks, the earliest first.
    pub points: Vec<Point>,
    /// What changed.
    pub trend: Option<Trend>,
}

impl Past {
    /// Takes in the saved checks; returns the findings of the last, for as long as there are no others.
    pub(super) fn remembered(&mut self, told: &Remembered, now: Duration) -> Option<(Moment, Vec<Finding>)> {
        self.clock = Some((told.now, now));
        self.points.clone_from(&told.points);
        let Record { ended, body, .. } = told.last.as_ref()?;
        let body = body.as_ref()?;
        self.saved_at = self.moment(*ended)?;
        self.saved = body.relations.iter().map(|kept| (kept.id.clone(), kept.clone())).collect();
        self.first_seen = body.findings.iter().map(|seen| (key(seen), seen.first_seen)).collect();
        let findings = body.findings.iter().filter(|seen| !seen.aside).filter_map(finding).collect();
        Some((self.saved_at, findings))
    }

    /// Takes in how a check compares.
    pub(super) fn compared(&mut self, told: &Compared, now: Duration) {
        self.clock = Some((told.now, now));
        self.points.clone_from(&told.points);
        self.trend.clone_from(&told.trend);
        if let Some(trend) = &told.trend {
            let seen = trend.marks.iter().map(|(key, mark)| (key.clone(), mark.first_seen));
            self.first_seen.extend(seen);
        }
    }

    /// What was saved of a relation, once.
    pub(super) fn take(&mut self, id: &str) -> Option<Old> {
        let kept = self.saved.remove(id)?;
        let verdict = match kept.verdict {
            Said::Clean => Was::Clean,
            Said::Orphans => Was::Orphans,
            Said::Broken => Was::Broken,
            Said::NotChecked => return None,
        };
        let Kept { rows, orphans, exact, .. } = kept;
        Some(Old { verdict, rows, orphans, exact, at: self.saved_at })
    }

    /// A time of the world by the inspector's own clock.
    pub fn moment(&self, at: Timestamp) -> Option<Moment> {
        let (now, tick) = self.clock?;
        let age = now.duration_since(at).max(SignedDuration::ZERO);
        Some(Moment::aged(age.unsigned_abs(), tick))
    }

    /// How a finding stands against the check before.
    pub fn standing(&self, finding: &Finding) -> Standing {
        let mark = self.trend.as_ref().and_then(|trend| trend.marks.get(&key_of(finding)));
        mark.map_or(Standing::Unknown, |mark| mark.standing)
    }

    /// Whether it is known of anything when it was seen first.
    pub fn knows_ages(&self) -> bool {
        !self.first_seen.is_empty()
    }

    /// When a finding was seen first.
    pub fn first_seen(&self, finding: &Finding) -> Option<Moment> {
        self.moment(*self.first_seen.get(&key_of(finding))?)
    }
}

fn key(seen: &Seen) -> Key {
    (seen.rule.clone(), seen.object.clone())
}

fn key_of(finding: &Finding) -> Key {
    (finding.rule.to_owned(), finding.object.clone())
}

/// A saved finding as one of an earlier check; none where this waif knows no such rule.
fn finding(seen: &Seen) -> Option<Finding> {
    let rule = RULES.iter().find(|rule| rule.name == seen.rule)?;
    let rows = seen.rows.map(|rows| format!(", {}", counted(rows, "row", "rows"))).unwrap_or_default();
    let object = visible(&seen.object);
    Some(dated(Finding {
        rule: rule.name,
        severity: seen.severity,
        message: format!("{} on {object}{rows}.", rule.name.replace('-', " ")),
        object: seen.object.clone(),
        relation: seen.relation.clone(),
        detail: None,
        rows: seen.rows,
        action: None,
    }))
}
