//! What a confirmation says of a restore: which run, what of it comes back, what that locks, and what stays.

use crate::model::figure::{counted, grouped};
use crate::model::plan::Plan;
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::step::Step;
use crate::model::restore::{self, Held, Sort, dropped_first, mended};
use crate::model::run::Run;
use crate::tui::mend::restoring;
use crate::tui::theme::Role;

/// Says it, label by label.
pub(super) fn said(run: &Run, plan: &Plan, healed: bool, add: &mut impl FnMut(&str, &str, Role)) {
    add("of", &format!("run {}, {}, begun {}", run.id, run.state.word(), run.started_at), Role::Text);
    let all = restoring::healed(run);
    let mut first = true;
    for held in run.restorable.iter().filter(|held| !healed || held.healed.is_some_and(|rows| rows > 0)) {
        match std::mem::take(&mut first) {
            true => add("comes back", &comes(held, healed), Role::Text),
            false => add("", &format!("{:<16}  {}", "", comes(held, healed)), Role::Text),
        }
    }
    match (healed, all) {
        (true, _) => {
            add("only", "what has its parent again, with what it took along. Tab: everything", Role::Title)
        }
        (false, 0) => {}
        (false, all) => {
            let rows = counted(all, "row has its parent", "rows have their parent");
            add(
                "all of it",
                &format!("{rows} again. Tab: only those, with what they took along"),
                Role::Title,
            );
        }
    }
    locks(run, plan, healed, add);
    add(
        "stays",
        "what something stands against: it is told with the reason, and nothing is overwritten",
        Role::Text,
    );
    add("undo", "none needed: it is as before the run. The same actions can be planned again", Role::Text);
}

fn comes(held: &Held, healed: bool) -> String {
    let rows = if healed { held.healed.unwrap_or_default() } else { held.rows };
    let from = if held.what == Sort::Filled { String::new() } else { format!(", from {}", held.store) };
    format!("{} {} {}{from}", grouped(rows), held.what.words(), held.table)
}

/// The locks: those under which the run itself changed the rows, and those for keys it added, which go first.
fn locks(run: &Run, plan: &Plan, healed: bool, add: &mut impl FnMut(&str, &str, Role)) {
    let work = plan.steps.iter().filter(|step| mended(&step.work).is_some());
    let mode = work.flat_map(Step::all_locks).map(|held| held.mode).max().unwrap_or(Mode::RowExclusive);
    let keys = if healed { Vec::new() } else { dropped_first(plan, run) };
    let rebuilt = if healed { Vec::new() } else { restore::rebuilt(run, plan) };
    let rebuilds = rebuilt.iter().flat_map(|(_, step)| step.all_locks()).max_by_key(|held| held.mode);
    if let Some(held) = rebuilds {
        let (word, span, blocks) = (held.mode.words(), held.span.words(), held.mode.blocks());
        add("strongest lock", &format!("{word} {span} on {}: {blocks}", held.table), Role::Warn);
        let tables: Vec<_> = rebuilt.iter().map(|(held, _)| held.table.as_str()).collect();
        add(
            "rebuilds",
            &format!("{}, first: back to the definition before the run", tables.join(", ")),
            Role::Warn,
        );
    } else if let Some(first) = keys.first() {
        let names: Vec<_> = keys.iter().map(|key| key.name.visible()).collect();
        let tables = format!("{} and {}", first.table.name.visible(), first.parent.name.visible());
        let (word, blocks) = (Mode::AccessExclusive.words(), Mode::AccessExclusive.blocks());
        add("strongest lock", &format!("{word} for a moment on {tables}: {blocks}"), Role::Warn);
        let text = format!(
            "{}, which the run added, first: {} would refuse what comes back",
            names.join(", "),
            if names.len() == 1 { "it" } else { "they" }
        );
        add("drops", &text, Role::Warn);
    } else {
        let role = if mode >= Mode::Share { Role::Warn } else { Role::Text };
        add("strongest lock", &format!("{} {}: {}", mode.words(), Span::Batch.words(), mode.blocks()), role);
    }
}
