//! Adopt on PostgreSQL: who stands against it, and which locks it takes.

use super::guards::{self, Deed};
use crate::model::catalog::{Event, Generated, TableId};
use crate::model::ident::Ident;
use crate::model::plan::lock::{Mode, Span};
use crate::model::relation::{Enforcement, Origin};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{adopting, rows};
use crate::repair::planner::postgres::comeback;
use crate::repair::planner::postgres::locks::Locks;
use crate::repair::planner::rates;
use crate::repair::planner::wish::LostWish;
use crate::sql::quote::{quoted, quoted_table};

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    let (child, parent) = (lost.key.child, lost.key.parent);
    guards::look(draft, action, parent, Deed::Insert, &[], lost.triggers_fire, false);
    comeback::warn(draft, parent, Event::Delete, &[]);
    numbers(draft, parent, &relation.parent.columns);
    adopting::plan(draft, action, lost, &relation, |draft, count, scanned| {
        let locks = Locks::default().on_family(draft, child, Mode::AccessShare, Span::Statement).on_family(
            draft,
            parent,
            Mode::RowExclusive,
            Span::Batch,
        );
        // A parent that is inserted may be somebody's child, and its own parent is locked while that is checked.
        let members = draft.catalog.family(parent);
        let above = draft.catalog.relations.iter().filter(|own| {
            own.origin == Origin::Declared
                && !matches!(own.enforcement, Enforcement::Off(_))
                && own.child.table.is_some_and(|child| members.contains(&child))
        });
        let locks = above
            .filter_map(|own| own.parent.table)
            .fold(locks, |locks, above| locks.on_family(draft, above, Mode::RowShare, Span::Batch));
        Costs { locks: locks.held(), seconds: rates::remove(count, scanned), ends: ("1", "1000") }
    });
}

/// Warns of columns of a parent's key that the server numbers: what is inserted has its number already, and the sequence does
/// not hear of it.
fn numbers(draft: &mut Draft<'_>, parent: TableId, key: &[Ident]) {
    let Some(table) = draft.catalog.table(parent).cloned() else { return };
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let columns = key.iter().filter_map(|name| table.column(name)).map(|(_, own)| own);
    for own in columns {
        let identity = matches!(own.generated, Generated::IdentityAlways | Generated::IdentityDefault);
        let drawn = own.default.as_deref().and_then(|text| text.split_once("nextval("));
        let drawn = drawn.and_then(|(_, rest)| rest.split_once("::regclass")).map(|(name, _)| name);
        let sequence = match drawn {
            _ if identity => format!(
                "pg_get_serial_sequence({}, {})",
                literal(&quoted_table(&table.name)),
                literal(own.name.raw())
            ),
            Some(name) => name.to_owned(),
            None => continue,
        };
        let (full, column) = (draft.shown_column(&table.name, &own.name), quoted(&own.name));
        let statement = format!(
            "SELECT setval({sequence}, greatest(nextval({sequence}), (SELECT max({column}) FROM {})))",
            quoted_table(&table.name)
        );
        draft.warn(format!(
            "{full} is numbered by a sequence, which does not hear of the parents that are inserted: where it comes to one of their numbers, an insert of others fails. After the run, set it behind them: {}",
            visible(&statement)
        ));
    }
}
