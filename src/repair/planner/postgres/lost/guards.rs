//! Who would veto, divert, hide or hear what is done to a table, and which rights the role needs. Each is refused by name,
//! with what to do.

use crate::model::catalog::{RowSecurity, Table, TableId, TableKind};
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::survey::{Events, Fires, Heard};
use crate::repair::planner::draft::{Draft, leaves};
use crate::repair::planner::postgres::rights::enter;
use crate::sql::planning::Grant;

/// What is done to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Rows are deleted.
    Delete,
    /// Values are overwritten.
    Update,
    /// Rows are inserted.
    Insert,
    /// Rows are read and locked.
    Look,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Delete => "deleted",
            Self::Update => "overwritten",
            Self::Insert => "inserted",
            Self::Look => "read",
        }
    }

    /// Rights it takes. A row is locked by those only who may update its table.
    fn rights(self) -> &'static [&'static str] {
        match self {
            Self::Delete => &["SELECT", "DELETE", "UPDATE"],
            Self::Update | Self::Look => &["SELECT", "UPDATE"],
            Self::Insert => &["SELECT", "INSERT"],
        }
    }

    fn hears(self, events: Events) -> bool {
        match self {
            Self::Delete => events.delete,
            Self::Update => events.update,
            Self::Insert => events.insert,
            Self::Look => false,
        }
    }
}

/// Everything that stands against a deed on a table. `every_leaf` asks for rights on each partition, too.
pub(super) fn look(
    draft: &mut Draft<'_>,
    action: usize,
    table: TableId,
    deed: Deed,
    columns: &[Ident],
    may_fire: bool,
    every_leaf: bool,
) {
    let Some(root) = draft.catalog.table(table) else { return };
    sort(draft, action, root);
    rights(draft, action, root, deed);
    let mut triggers: Vec<(Fires, Vec<String>)> = Vec::new();
    for member in draft.catalog.family(table) {
        let Some(own) = draft.catalog.table(member) else { continue };
        let heard = heard(draft, member);
        if every_leaf && member != table && own.kind != TableKind::Partitioned {
            rights(draft, action, own, deed);
        }
        hidden(draft, action, own, &heard);
        diverted(draft, action, own, &heard, deed);
        published(draft, action, own, &heard, deed);
        // A trigger of a computed column fires when one it is computed of changes.
        let moving = own.moving(columns);
        let listens = |fires: &Fires| {
            deed != Deed::Update
                || fires.columns.is_empty()
                || fires.columns.iter().any(|column| moving.contains(column))
        };
        let name = draft.shown(&own.name);
        let fires =
            heard.triggers.into_iter().filter(|(fires, events)| deed.hears(*events) && listens(fires));
        for (fires, _) in fires {
            match triggers.iter_mut().find(|(known, _)| *known == fires) {
                Some((_, tables)) => tables.push(name.clone()),
                None => triggers.push((fires, vec![name.clone()])),
            }
        }
    }
    for (fires, tables) in triggers {
        trigger(draft, action, &fires, &tables.join(", "), deed, may_fire);
    }
}

/// What was heard of a table.
fn heard(draft: &Draft<'_>, table: TableId) -> Heard {
    draft.survey.heard.get(&table).cloned().unwrap_or_default()
}

/// Whether the role may insert into a table: what was taken away could not come back otherwise.
pub(super) fn may_insert(draft: &Draft<'_>, table: TableId) -> bool {
    heard(draft, table).rights.iter().any(|right| right == "INSERT")
}

/// The role must be able to note what it locks.
pub(super) fn notes(draft: &mut Draft<'_>, action: usize) {
    if !draft.survey.may_note {
        let grant = draft.grant(&Grant::Temporary(draft.catalog.server.database.raw(), &draft.role()));
        draft.refuse(
            Why::Right,
            Some(action),
            "The role may not make the temporary table in which a batch notes what it reaches.",
            format!("{grant};"),
        );
    }
}

fn sort(draft: &mut Draft<'_>, action: usize, table: &Table) {
    let foreign = leaves(draft.catalog, table.id).into_iter().find(|leaf| leaf.kind != TableKind::Plain);
    if let Some(leaf) = foreign {
        let sentence = format!("{} is no table of this server.", draft.shown(&leaf.name));
        draft.refuse(Why::Subject, Some(action), sentence, "Repair it where it lives.");
    }
}

fn rights(draft: &mut Draft<'_>, action: usize, table: &Table, deed: Deed) {
    enter(draft, action, table);
    let held = heard(draft, table.id).rights;
    for right in deed.rights() {
        if held.iter().any(|own| own == right) {
            continue;
        }
        let (name, role) = (draft.shown(&table.name), draft.role());
        let grant = draft.grant(&Grant::Table(right, &table.name, &role));
        let sentence = format!("The role lacks {right} on {name}, where rows are {}.", deed.word());
        draft.refuse(Why::Right, Some(action), sentence, format!("{grant};"));
    }
}

fn hidden(draft: &mut Draft<'_>, action: usize, table: &Table, heard: &Heard) {
    if table.row_security != RowSecurity::Active {
        return;
    }
    let named = if heard.policies.is_empty() { "none".to_owned() } else { heard.policies.join(", ") };
    let name = draft.shown(&table.name);
    draft.refuse(
        Why::RowSecurity,
        Some(action),
        format!("Row security hides rows of {name} from the role (policies: {named})."),
        "Run as a role with BYPASSRLS, or as the owner where row security is not forced.",
    );
}

fn diverted(draft: &mut Draft<'_>, action: usize, table: &Table, heard: &Heard, deed: Deed) {
    for (rule, events) in &heard.rules {
        if deed.hears(*events) {
            let name = draft.shown(&table.name);
            draft.refuse(
                Why::Trigger,
                Some(action),
                format!("The rule {rule} on {name} would divert what is {} there.", deed.word()),
                "Drop or disable the rule while the run lasts.",
            );
        }
    }
}

fn published(draft: &mut Draft<'_>, action: usize, table: &Table, heard: &Heard, deed: Deed) {
    let sends = |events: Events| matches!(deed, Deed::Delete | Deed::Update) && deed.hears(events);
    let by: Vec<&str> = heard
        .publications
        .iter()
        .filter(|(_, events)| sends(*events))
        .map(|(name, _)| name.as_str())
        .collect();
    if by.is_empty() || draft.surveyed(table.id).has_identity {
        return;
    }
    let sentence = format!(
        "{} is published by {} and its rows have no replica identity: the server refuses that they are {}.",
        draft.shown(&table.name),
        by.join(", "),
        deed.word()
    );
    draft.refuse(
        Why::ReplicaIdentity,
        Some(action),
        sentence,
        "Give it a primary key, or ALTER TABLE … REPLICA IDENTITY FULL.",
    );
}

fn trigger(draft: &mut Draft<'_>, action: usize, fires: &Fires, tables: &str, deed: Deed, may: bool) {
    let when = if fires.conditional { " where its WHEN condition holds" } else { "" };
    let what = if fires.may_veto {
        format!("before every row that is {}, and could keep it back or change it", deed.word())
    } else {
        format!("for what is {}", deed.word())
    };
    let sentence = format!("The trigger {} would fire {what}{when}, on {tables}.", fires.name);
    if may {
        draft.warn(sentence);
        return;
    }
    draft.refuse(
        Why::Trigger,
        Some(action),
        sentence,
        "Read it. If it may fire, stage the action with ?triggers=fire behind it: a batch whose rows it keeps back stops the run.",
    );
}
