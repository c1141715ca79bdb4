//! An earlier check to compare with: what it already knew is told, but fails nobody. Called by the front ends, which read
//! the file.

use crate::model::fault::{Fault, Kind};
use crate::model::finding::{Finding, Severity};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The findings of an earlier check.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// The database it was made on, as it was named then.
    pub database: String,
    known: HashMap<(String, String), Known>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Known {
    severity: Severity,
    rows: Option<u64>,
}

/// How a finding stands against an earlier check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Not there before.
    New,
    /// There before, with fewer rows or a lesser severity, or with rows that were not known then.
    Worse,
    /// There before, no better than now.
    Known,
}

impl Standing {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Known => "known",
        }
    }
}

#[derive(Deserialize)]
struct Document {
    format: u32,
    target: Target,
    findings: Vec<Seen>,
}

#[derive(Deserialize)]
struct Target {
    database: String,
}

#[derive(Deserialize)]
struct Seen {
    rule: String,
    object: String,
    severity: Severity,
    rows: Option<u64>,
}

impl Baseline {
    /// Reads the JSON of an earlier check.
    ///
    /// # Errors
    /// Usage, when it is anything else.
    pub fn parse(json: &str, file: &str) -> Result<Self, Fault> {
        let document: Document = serde_json::from_str(json).map_err(|error| {
            Fault::new(Kind::Usage, format!("The baseline {file} is not the JSON of a check."))
                .because(error.to_string())
                .hint("Make one with `waif check … --format json -o FILE`.")
        })?;
        if document.format != crate::report::FORMAT {
            let headline =
                format!("The baseline {file} has format {}, which this waif does not read.", document.format);
            return Err(Fault::new(Kind::Usage, headline)
                .hint("Make a new one with `waif check … --format json -o FILE`."));
        }
        let mut known = HashMap::new();
        for seen in document.findings {
            // Two findings of one rule on one object are one to a baseline: the worse of them.
            let now = Known { severity: seen.severity, rows: seen.rows };
            known
                .entry((seen.rule, seen.object))
                .and_modify(|before: &mut Known| {
                    before.severity = before.severity.max(now.severity);
                    before.rows = before.rows.max(now.rows);
                })
                .or_insert(now);
        }
        Ok(Self { database: document.target.database, known })
    }

    /// How a finding stands against this baseline.
    pub fn standing(&self, finding: &Finding) -> Standing {
        match self.known.get(&(finding.rule.to_owned(), finding.object.clone())) {
            None => Standing::New,
            Some(before) if finding.severity > before.severity || finding.rows > before.rows => {
                Standing::Worse
            }
            Some(_) => Standing::Known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rows: Option<u64>, severity: Severity) -> Finding {
        Finding {
            rule: "orphan-rows",
            severity,
            object: "a(b)->c(d)".into(),
            relation: None,
            message: String::new(),
            detail: None,
            rows,
            action: None,
        }
    }

    fn earlier(findings: &str) -> Result<Baseline, Fault> {
        let json = format!(r#"{{"format":1,"target":{{"database":"shop"}},"findings":[{findings}]}}"#);
        Baseline::parse(&json, "last.json")
    }

    #[test]
    fn a_finding_is_worse_with_more_rows_a_higher_severity_or_rows_that_were_unknown() {
        let one = r#"{"rule":"orphan-rows","object":"a(b)->c(d)","severity":"high","rows":7}"#;
        let baseline = earlier(one).unwrap();
        assert_eq!(baseline.standing(&finding(Some(7), Severity::High)), Standing::Known);
        assert_eq!(baseline.standing(&finding(Some(3), Severity::Low)), Standing::Known);
        assert_eq!(baseline.standing(&finding(Some(8), Severity::High)), Standing::Worse);
        assert_eq!(baseline.standing(&finding(Some(7), Severity::Critical)), Standing::Worse);
        let unknown = earlier(&one.replace('7', "null")).unwrap();
        assert_eq!(unknown.standing(&finding(Some(1), Severity::High)), Standing::Worse);
        assert_eq!(earlier("").unwrap().standing(&finding(None, Severity::High)), Standing::New);
    }

    #[test]
    fn what_is_no_check_is_refused_by_name() {
        let refused = Baseline::parse("{}", "last.json").unwrap_err();
        assert_eq!(refused.kind, Kind::Usage);
        assert!(refused.headline.contains("last.json"), "{}", refused.headline);
        let newer =
            Baseline::parse(r#"{"format":2,"target":{"database":""},"findings":[]}"#, "x").unwrap_err();
        assert!(newer.headline.contains("format 2"), "{}", newer.headline);
    }
}
