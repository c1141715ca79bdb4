//! What would stand against a restore as things are: triggers and rules that hear of rows coming back, checks and keys that old
//! rows may break. Told with the plan, for what is taken away under such a promise of an undo should be taken away knowingly.

use crate::model::catalog::{Event, TableId};
use crate::model::ident::Ident;
use crate::model::plan::survey::{Check, Events, Fires};
use crate::model::relation::{Enforcement, Origin};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use std::collections::BTreeMap;

/// Warns of everything that would hear of the write that takes a change of these columns of a table back.
pub(super) fn warn(draft: &mut Draft<'_>, table: TableId, back: Event, columns: &[Ident]) {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for member in draft.catalog.family(table) {
        let Some(own) = draft.catalog.table(member) else { continue };
        let name = draft.shown(&own.name);
        let heard = draft.survey.heard.get(&member).cloned().unwrap_or_default();
        let triggers = heard.triggers.iter().filter(|(_, events)| hears(back, *events));
        let rules = heard.rules.iter().filter(|(_, events)| hears(back, *events));
        let checks = heard.checks.iter().filter(|check| back != Event::Delete && touches(check, columns));
        let sentences = triggers
            .map(|(fires, _)| trigger(fires, back))
            .chain(rules.map(|(rule, _)| {
                format!("the rule {rule} diverts it: nothing comes back before it is dropped or disabled")
            }))
            .chain(checks.map(check));
        for sentence in sentences {
            told.entry(sentence).or_default().push(name.clone());
        }
    }
    if back == Event::Insert {
        keys(draft, table, &mut told);
    }
    let what = match back {
        Event::Insert => "rows are inserted into",
        Event::Update => "values are written to",
        Event::Delete => "rows are deleted from",
    };
    for (sentence, tables) in told {
        draft.warn(format!("For the undo {what} {}: {sentence}.", tables.join(", ")));
    }
}

fn hears(back: Event, events: Events) -> bool {
    match back {
        Event::Insert => events.insert,
        // The change itself fires those, and they are told for it.
        Event::Update => false,
        Event::Delete => events.delete,
    }
}

fn touches(check: &Check, columns: &[Ident]) -> bool {
    columns.is_empty() || check.columns.iter().any(|column| columns.contains(column))
}

fn trigger(fires: &Fires, back: Event) -> String {
    let name = &fires.name;
    let (each, stays) = match back {
        Event::Delete => ("deleted", "such a row stays, and is told"),
        _ => ("inserted", "such a row does not come back, and is told"),
    };
    if fires.may_veto {
        format!(
            "the trigger {name} fires before each row that is {each}, and could keep it back or change it; {stays}"
        )
    } else {
        format!("the trigger {name} fires for what is {each}")
    }
}

fn check(check: &Check) -> String {
    let name = &check.name;
    if check.calls {
        format!(
            "{name} calls functions of your own, and what they refuse by then does not come back, and is told"
        )
    } else {
        format!("{name} is NOT VALID, and what breaks it does not come back before it is dropped")
    }
}

/// Keys that are enforced though rows may break them: those rows could not be inserted again.
fn keys(draft: &Draft<'_>, table: TableId, told: &mut BTreeMap<String, Vec<String>>) {
    let members = draft.catalog.family(table);
    for relation in &draft.catalog.relations {
        let Some(own) = relation.child.table.filter(|child| members.contains(child)) else { continue };
        let enforced = relation.origin == Origin::Declared && relation.enforcement == Enforcement::On;
        if relation.validated || !enforced {
            continue;
        }
        let name = relation.constraint.as_ref().map_or_else(|| visible(&relation.id), Ident::visible);
        let sentence = format!(
            "the key {name} is NOT VALID, and rows without its parent do not come back before it is dropped"
        );
        if let Some(own) = draft.catalog.table(own) {
            told.entry(sentence).or_default().push(draft.shown(&own.name));
        }
    }
}
