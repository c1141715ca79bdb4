//! A finished `waif check --format json`, and what a test may ask of it.

use super::program::{Outcome, waif};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The result of a check.
#[derive(Debug)]
pub struct Checked {
    pub outcome: Outcome,
    pub json: Value,
}

/// Checks a target with flags added.
pub fn check(target: &str, flags: &[&str]) -> Checked {
    let mut args = vec!["check", target, "--format", "json"];
    args.extend(flags);
    let outcome = waif(args);
    let json = outcome.json();
    Checked { outcome, json }
}

impl Checked {
    pub fn code(&self) -> Option<i32> {
        self.outcome.code
    }

    /// The relations by id.
    pub fn relations(&self) -> BTreeMap<&str, &Value> {
        let relations = self.json["relations"].as_array().expect("a list of relations");
        let by_id: BTreeMap<&str, &Value> =
            relations.iter().map(|relation| (relation["id"].as_str().expect("an id"), relation)).collect();
        assert_eq!(by_id.len(), relations.len(), "two relations share an id: {relations:#?}");
        by_id
    }

    /// The relation with this id.
    pub fn relation(&self, id: &str) -> &Value {
        let relations = self.relations();
        relations.get(id).unwrap_or_else(|| panic!("no relation {id} among {:#?}", relations.keys()))
    }

    /// The relation of the constraint with this name; no two may share it.
    pub fn constraint(&self, name: &str) -> &Value {
        let relations = self.relations();
        let mut named = relations.values().filter(|relation| relation["constraint"] == name);
        let relation = named.next().unwrap_or_else(|| panic!("no constraint {name:?} in {}", self.json));
        assert!(named.next().is_none(), "two constraints are called {name:?}");
        relation
    }

    /// The objects of the findings, sorted, by rule; without the remark every SQLite file earns, that each connection
    /// decides for itself whether references are enforced.
    pub fn findings(&self) -> BTreeMap<String, Vec<String>> {
        let mut by_rule: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let remark = |finding: &Value| finding["rule"] == "not-enforced" && finding["severity"] == "info";
        for finding in self.json["findings"].as_array().expect("a list of findings") {
            if remark(finding) {
                continue;
            }
            let rule = finding["rule"].as_str().expect("a rule").to_owned();
            let object = finding["object"].as_str().expect("an object").to_owned();
            by_rule.entry(rule).or_default().push(object);
        }
        by_rule.values_mut().for_each(|objects| objects.sort());
        by_rule
    }

    /// The objects a rule fired on.
    pub fn found(&self, rule: &str) -> Vec<String> {
        self.findings().remove(rule).unwrap_or_default()
    }

    /// Holds the check against a file of expectations: the same relations and findings, no more and no less, and every
    /// field of a relation that the file names. What stands under the engine's name is added for that engine.
    pub fn holds(&self, expected: &str, engine: &str) {
        let expected: Value = serde_json::from_str(expected).expect("expectations are JSON");
        let own = expected.get(engine).cloned().unwrap_or_default();
        let mut relations = object(&expected["relations"]);
        for (id, fields) in object(&own["relations"]) {
            let entry = relations.entry(id).or_insert_with(|| Value::Object(Map::new()));
            entry.as_object_mut().expect("fields").extend(object(&fields));
        }
        let found = self.relations();
        let wanted: Vec<&str> = relations.keys().map(String::as_str).collect();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), wanted, "the relations on {engine}");
        for (id, fields) in &relations {
            let seen: Map<String, Value> = object(fields)
                .keys()
                .map(|field| (field.clone(), found[id.as_str()][field].clone()))
                .collect();
            assert_eq!(Value::Object(seen), *fields, "{id} on {engine}");
        }
        let mut findings = objects_by_rule(&expected["findings"]);
        for (rule, objects) in objects_by_rule(&own["findings"]) {
            findings.entry(rule).or_default().extend(objects);
        }
        findings.values_mut().for_each(|objects| objects.sort());
        assert_eq!(self.findings(), findings, "the findings on {engine}");
    }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn objects_by_rule(value: &Value) -> BTreeMap<String, Vec<String>> {
    object(value)
        .into_iter()
        .map(|(rule, objects)| (rule, serde_json::from_value(objects).expect("objects are a list of names")))
        .collect()
}
