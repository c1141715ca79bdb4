//! What concerns the whole plan: the kind of server, the journal, the window, who stands by.

use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Undo, Work};
use crate::model::server::{EngineKind, Flavor};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::rates;
use crate::sql::planning::Grant;

/// Looks at the place, and puts the journal in front.
pub(super) fn look(draft: &mut Draft<'_>) {
    server(draft);
    window(draft);
    journal(draft);
    bystanders(draft);
    if draft.request.actions.is_empty() {
        draft.refuse(Why::Subject, None, "Nothing is staged.", "Stage an action, for instance with --stage.");
    }
}

fn server(draft: &mut Draft<'_>) {
    let server = &draft.catalog.server;
    if server.engine != EngineKind::Postgres {
        draft.refuse(Why::Fork, None, "waif repairs PostgreSQL databases only, so far.", "");
    }
    if server.flavor != Flavor::Plain {
        let name = format!("{:?}", server.flavor);
        draft.refuse(
            Why::Fork,
            None,
            format!("The server is {name}: what its constraints and locks do is not known to waif."),
            "Repair it with its own tools.",
        );
    }
    if server.version_number < 120_000 {
        let sentence = format!("The server is PostgreSQL {}; waif repairs 12 to 18.", server.version);
        draft.refuse(Why::Fork, None, sentence, "");
    }
    if server.standby {
        draft.refuse(
            Why::Standby,
            None,
            "The server is a standby: nothing can be written to it.",
            "Connect to the primary.",
        );
    }
    if server.pooled {
        draft.refuse(
            Why::Pooler,
            None,
            "A transaction pooler stands between: locks and settings would leak to others.",
            "Connect to the server itself.",
        );
    }
}

fn window(draft: &mut Draft<'_>) {
    let Some(end) = draft.request.parameters.window_end.clone() else { return };
    // The server's clock judges the run, so it judges the plan.
    let now = draft.survey.ground.now.as_deref().unwrap_or(draft.setting.now);
    match (end.parse::<jiff::Timestamp>(), now.parse::<jiff::Timestamp>()) {
        (Ok(end), Ok(now)) if end > now => {}
        (Ok(end), Ok(_)) => {
            draft.refuse(
                Why::Window,
                None,
                format!("The window ended at {end}: it is over."),
                "Plan with a later --window-end.",
            );
        }
        _ => {
            let sentence = format!("{} is no time a window could end at.", visible(&end));
            draft.refuse(Why::Window, None, sentence, "Write it as 2026-01-31T04:00:00Z.");
        }
    }
}

fn journal(draft: &mut Draft<'_>) {
    let ground = &draft.survey.ground;
    if !ground.may_keep_journal {
        let (sentence, grant) = if ground.journal {
            let schema = crate::model::ident::Ident::new("waif");
            let grant =
                schema.map(|schema| draft.setting.planning.grant(&Grant::CreateIn(&schema, &draft.role())));
            ("The role may not write to the journal of waif.", grant.unwrap_or_default())
        } else {
            let database = draft.catalog.server.database.raw();
            let grant = draft.setting.planning.grant(&Grant::CreateSchemas(database, &draft.role()));
            ("The role may not create the journal of waif, a schema of the database.", grant)
        };
        draft.refuse(Why::Right, None, sentence, format!("{grant};"));
    }
    if draft.survey.ground.journal || draft.wishes.is_empty() {
        return;
    }
    draft.journal = true;
    let work = Work::Journal;
    let made = Made {
        title: "Create the journal of waif, the schema waif".to_owned(),
        sql: draft.sql(&work),
        work,
        locks: Vec::new(),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        // Whoever drops it drops with it what takes runs back: that is no step of an undo.
        undo: Undo::None,
        verify: "The tables of the journal are there.".to_owned(),
        again: "What is there is left as it is.".to_owned(),
        after: Vec::new(),
    };
    draft.step(None, made);
}

fn bystanders(draft: &mut Draft<'_>) {
    let ground = draft.survey.ground.clone();
    if !ground.event_triggers.is_empty() {
        draft.warn(format!(
            "Event triggers fire on changes of definitions and can refuse them: {}.",
            ground.event_triggers.join(", ")
        ));
    }
    if ground.archive_fails {
        draft.warn("Archiving of WAL fails at present: every write makes the backlog longer.");
    }
    for (replica, lag) in ground.replicas {
        let most = draft.request.parameters.max_lag;
        if let Some(lag) = lag.filter(|lag| most.is_some_and(|most| *lag > most)) {
            draft.warn(format!(
                "The replica {replica} is {lag} ms behind: the run would wait for it at once."
            ));
        }
    }
}
