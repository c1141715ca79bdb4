//! Rights: what the role must be allowed, and the exact statement that allows it.

use crate::model::catalog::{Table, TableId};
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::{Draft, leaves};
use crate::sql::planning::Grant;

fn need(draft: &mut Draft<'_>, action: usize, sentence: String, grant: &Grant<'_>) {
    let grant = draft.grant(grant);
    draft.refuse(Why::Right, Some(action), sentence, format!("{grant};"));
}

/// The role must be able to use what is in the schema of a table: no other right on it helps without.
pub(super) fn enter(draft: &mut Draft<'_>, action: usize, table: &Table) {
    let closed = draft.survey.tables.get(&table.id).is_some_and(|own| !own.may_enter);
    if closed {
        let role = draft.role();
        let sentence = format!("The role has no USAGE on the schema {}.", table.name.schema.visible());
        need(draft, action, sentence, &Grant::Enter(&table.name.schema, &role));
    }
}

/// The role must be able to read a table.
pub(super) fn select(draft: &mut Draft<'_>, action: usize, table: TableId) {
    let Some(own) = draft.catalog.table(table) else { return };
    enter(draft, action, own);
    if !draft.surveyed(table).may_select {
        let role = draft.role();
        let sentence = format!("The role may not read {}.", draft.shown(&own.name));
        need(draft, action, sentence, &Grant::Table("SELECT", &own.name, &role));
    }
}

/// The role must be able to act as the owner of a table.
pub(super) fn own(draft: &mut Draft<'_>, action: usize, table: TableId) {
    let Some(own) = draft.catalog.table(table) else { return };
    enter(draft, action, own);
    if !draft.surveyed(table).owned {
        let role = draft.role();
        let owner = own.owner.as_ref().map_or_else(|| "somebody else".into(), |owner| owner.visible());
        let name = draft.shown(&own.name);
        let sentence = format!("The role does not own {name}, {owner} does: only an owner may change it.");
        need(draft, action, sentence, &Grant::Own(&own.name, &role));
    }
}

/// The role must be able to refer to a table.
pub(super) fn refer(draft: &mut Draft<'_>, action: usize, table: TableId) {
    let Some(own) = draft.catalog.table(table) else { return };
    enter(draft, action, own);
    if !draft.surveyed(table).may_refer {
        let role = draft.role();
        let sentence = format!("The role may not refer to {}.", draft.shown(&own.name));
        need(draft, action, sentence, &Grant::Table("REFERENCES", &own.name, &role));
    }
}

/// The role must be able to create an index beside a table.
pub(super) fn create(draft: &mut Draft<'_>, action: usize, table: TableId) {
    let Some(own) = draft.catalog.table(table) else { return };
    enter(draft, action, own);
    if !draft.surveyed(table).may_create {
        let role = draft.role();
        let sentence = format!("The role may not create in the schema {}.", own.name.schema.visible());
        need(draft, action, sentence, &Grant::CreateIn(&own.name.schema, &role));
    }
}

/// The role must be able to update a column, in every partition: they are written to one by one.
pub(super) fn update(draft: &mut Draft<'_>, action: usize, table: TableId, column: &Ident) {
    for leaf in leaves(draft.catalog, table) {
        let surveyed = draft.surveyed(leaf.id);
        let role = draft.role();
        if !surveyed.may_update.contains(column) {
            let sentence = format!("The role may not update {}.", draft.shown_column(&leaf.name, column));
            need(draft, action, sentence, &Grant::Update(column, &leaf.name, &role));
        }
        select(draft, action, leaf.id);
    }
}
