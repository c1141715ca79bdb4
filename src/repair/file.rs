//! Plan files: a plan as JSON, and what is wrong with a text that is none. A plan that was changed by hand is known by its
//! fingerprint. Reading one gives it no power: a run plans afresh and only compares.

use crate::model::fault::{Fault, Kind};
use crate::model::plan::{FORMAT, Plan};
use crate::repair::planner::fingerprint;

/// A plan as a file holds it.
///
/// # Errors
/// When it has no JSON form; it always has one.
pub fn write(plan: &Plan) -> Result<String, Fault> {
    serde_json::to_string_pretty(plan)
        .map(|text| text + "\n")
        .map_err(|error| Fault::new(Kind::Other, "The plan could not be written.").because(error.to_string()))
}

/// Reads a plan; `shown` is the file's name in words.
///
/// # Errors
/// Usage, and what exactly is wrong: empty, cut off, no JSON, no plan, of a newer version, changed by hand.
pub fn read(text: &str, shown: &str) -> Result<Plan, Fault> {
    let wrong = |what: &str, hint: &str| Fault::new(Kind::Usage, format!("{shown} {what}")).hint(hint);
    let again = "Make it anew with `waif plan TARGET --stage … -o FILE`.";
    if text.trim().is_empty() {
        return Err(wrong("is empty.", again));
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let what = if error.is_eof() { "is cut off: its end is missing." } else { "is no JSON." };
        wrong(what, again).because(error.to_string())
    })?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    let Some(format) = format.filter(|_| value.get("steps").is_some() && value.get("fingerprint").is_some())
    else {
        return Err(wrong("is no plan of waif.", again));
    };
    if format > u64::from(FORMAT) {
        return Err(wrong(
            &format!("has format {format}; this version of waif knows formats up to {FORMAT}."),
            "Run it with the version of waif that made it.",
        ));
    }
    let plan: Plan = serde_json::from_value(value).map_err(|error| {
        wrong("is no plan that this version of waif understands.", again).because(error.to_string())
    })?;
    if plan.fingerprint != fingerprint::of(&plan) {
        return Err(wrong("was changed after it was made: its fingerprint does not fit.", again));
    }
    Ok(plan)
}
