//! What concerns the whole plan: the kind of server, the journal, the window, who stands by.

use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Undo, Work};
use crate::model::server::{EngineKind, Flavor};
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::{rates, staged};
use crate::sql::planning::Grant;

/// Looks at the place, and puts the journal in front.
pub(super) fn look(draft: &mut Draft<'_>) {
    server(draft);
    staged::look(draft);
    journal(draft);
    bystanders(draft);
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

fn journal(draft: &mut Draft<'_>) {
    let grants = grants(draft);
    if !grants.is_empty() {
        let sentence = match draft.survey.ground.journal {
            true => "The role may not write to the journal of waif.",
            false => "The role may not create the journal of waif, a schema of the database.",
        };
        draft.refuse(Why::Right, None, sentence, format!("{};", grants.join("; ")));
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

/// What must be granted before the role can keep the journal.
fn grants(draft: &Draft<'_>) -> Vec<String> {
    let (ground, role) = (&draft.survey.ground, draft.role());
    let database = draft.catalog.server.database.raw();
    let made = (!ground.may_keep_journal).then(|| draft.grant(&Grant::CreateSchemas(database, &role)));
    let members = ground.journal_owners.iter().map(|owner| draft.grant(&Grant::Member(owner.raw(), &role)));
    let schema = Ident::new("waif").ok().filter(|_| ground.journal_closed);
    let open = schema.map(|schema| draft.grant(&Grant::CreateIn(&schema, &role)));
    let tables = ground.journal_tables.iter();
    let tables = tables.map(|(table, rights)| draft.grant(&Grant::Table(rights, table, &role)));
    made.into_iter().chain(members).chain(open).chain(tables).collect()
}

/// The role must own the stores its steps use that other runs made: they are indexed anew where they are not.
pub(super) fn stores(draft: &mut Draft<'_>) {
    let mut used: Vec<&Ident> = Vec::new();
    for step in &draft.steps {
        match &step.work {
            Work::Remove(removal) => {
                used.extend(removal.tables.iter().map(|stored| &stored.store));
                used.extend(removal.overwrites().map(|(_, _, values)| &values.store));
            }
            Work::Nullify(nulling) => used.push(&nulling.values.store),
            Work::Adopt(adoption) => used.push(&adoption.parent.store),
            _ => {}
        }
    }
    let barred = draft.survey.ground.journal_stores.iter();
    let barred: Vec<_> = barred.filter(|store| used.contains(&&store.name)).cloned().collect();
    for store in barred {
        let grant = draft.grant(&Grant::Own(&store, &draft.role()));
        let sentence =
            format!("The role does not own the store {}, which another run made.", draft.shown(&store));
        draft.refuse(Why::Right, None, sentence, format!("{grant};"));
    }
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
