//! What a filter of the runs looks at: what stands in their rows, who holds them, and what was asked for in them. Called by
//! [`super::refresh`].

use super::said;
use crate::job::plan_file;
use crate::model::run::Run;
use crate::tui::screen::listing::{Filter, ready};
use std::collections::BTreeMap;

/// What was asked for in runs, by their numbers: a plan is read once, and only where somebody filters.
#[derive(Debug, Default)]
pub struct Asked(BTreeMap<String, String>);

impl Asked {
    /// The actions of a run, ready for comparing; nothing where its plan cannot be read.
    fn of(&mut self, run: &Run) -> &str {
        self.0.entry(run.id.clone()).or_insert_with(|| {
            let plan = plan_file::read(&run.plan, "The plan").ok();
            let actions = plan.iter().flat_map(|plan| &plan.actions).map(ToString::to_string);
            ready(&actions.collect::<Vec<_>>().join(" "))
        })
    }
}

/// The places of the runs that pass, in their order.
pub fn passing(runs: &[Run], filter: &Filter, asked: &mut Asked) -> Vec<usize> {
    let all = runs.iter().enumerate();
    all.filter(|(_, run)| filter.is_empty() || filter.passes_ready(asked.of(run), || text(run)))
        .map(|(place, _)| place)
        .collect()
}

/// What is told of a run beside what was asked for.
fn text(run: &Run) -> String {
    let note = run.note.as_deref().unwrap_or_default();
    let session = run.session.as_deref().unwrap_or_default();
    format!("{} {} {} {} {} {note} {session}", run.id, said::state(run), run.started_at, run.role, run.holder)
}
