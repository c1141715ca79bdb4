//! A backfill's work, what its counts mean, and the triggers that would fire: the same on every engine.

use super::draft::Draft;
use super::gone::reach::referred_to;
use super::wish::CopyWish;
use crate::model::catalog::{Catalog, Column, Table};
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Copied, Named, Pair};
use crate::model::plan::survey::{Fill, Fires};
use crate::model::relation::Comparison;

/// The work of a backfill, in one pass; none where the columns cannot be compared. The engine says how the type of a column
/// is written, and whether it is an array.
pub(super) fn copied(
    catalog: &Catalog,
    wish: &CopyWish,
    found: Option<&[Option<Comparison>]>,
    type_of: impl Fn(&Column) -> (String, bool),
) -> Option<Copied> {
    let (table, parent) = (catalog.table(wish.table)?, catalog.table(wish.parent)?);
    let mut how: Vec<Comparison> = match (&wish.known, found) {
        (Some(known), _) => known.clone(),
        (None, Some(found)) => found.iter().cloned().collect::<Option<_>>()?,
        (None, None) => return None,
    };
    if how.len() != wish.along.len() + 1 {
        return None;
    }
    let sameness = how.pop()?;
    let pair = |((child, parent), how): (&(Ident, Ident), Comparison)| Pair {
        child: child.clone(),
        parent: parent.clone(),
        how,
        affinities: None,
    };
    let key = table.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    let named = |at: &usize| {
        let column = table.columns.get(*at)?;
        let (type_name, array) = type_of(column);
        Some(Named { column: column.name.clone(), type_name, array })
    };
    let (from_type, from_array) = type_of(parent.column(&wish.from)?.1);
    Some(Copied {
        table: table.name.clone(),
        column: wish.column.clone(),
        column_type: type_of(table.column(&wish.column)?.1).0,
        parent: parent.name.clone(),
        from: wish.from.clone(),
        from_type,
        from_array,
        along: wish.along.iter().zip(how).map(pair).collect(),
        sameness,
        key: key.iter().map(named).collect::<Option<_>>()?,
        passes: 1,
        numbered: None,
    })
}

/// A computed column that a key refers to may change with what is filled, and rows of others with it: nothing would bring
/// those back.
pub(super) fn computed(draft: &mut Draft<'_>, action: usize, table: &Table, column: &Ident) {
    let moving = table.moving(std::slice::from_ref(column));
    let Some(own) = referred_to(draft.catalog, table, moving.get(1..).unwrap_or_default()) else { return };
    let (filled, own) = (draft.shown_column(&table.name, column), draft.shown_column(&table.name, &own));
    let sentence = format!(
        "{own} is computed, perhaps of {filled}, and a key refers to it: rows that refer to it would follow, and nothing \
         would bring them back."
    );
    draft.refuse(Why::Subject, Some(action), sentence, "Drop that key while the run lasts.");
}

/// What the counts mean.
pub(super) fn told(draft: &mut Draft<'_>, action: usize, table: &Table, wish: &CopyWish, fill: Fill) {
    let full = draft.shown_column(&table.name, &wish.column);
    if fill.ambiguous > 0 {
        draft.refuse(
            Why::Ambiguous,
            Some(action),
            format!(
                "{} of rows to be filled lead to more than one parent: which value {full} should copy is not known.",
                counted(fill.ambiguous, "key", "keys")
            ),
            "Decide which parents are right and remove the others, then plan again.",
        );
    }
    if fill.fillable == 0 {
        draft.warn(format!("There is nothing to fill in {full}."));
    }
    if fill.orphans > 0 {
        draft.warn(format!(
            "{} of {} have no parent to copy from: {full} stays NULL there.",
            counted(fill.orphans, "row", "rows"),
            draft.shown(&table.name)
        ));
    }
    if fill.wrong > 0 {
        draft.warn(format!(
            "{} in {full} differ from what the parent holds: they are not touched, and a foreign key over them would not hold.",
            counted(fill.wrong, "copy", "copies")
        ));
    }
}

/// A trigger that would fire: a reason against it, unless a person said that it may.
pub(super) fn trigger_fires(draft: &mut Draft<'_>, action: usize, tables: &str, trigger: &Fires, may: bool) {
    let when = if trigger.conditional { " where its WHEN condition holds" } else { "" };
    let what = if trigger.may_veto {
        "before every row that is filled, and could change or refuse it"
    } else {
        "for what is filled"
    };
    let sentence = format!("The trigger {} would fire {what}{when}, on {tables}.", trigger.name);
    if may {
        draft.warn(sentence);
        return;
    }
    draft.refuse(
        Why::Trigger,
        Some(action),
        sentence,
        "Read it. If it may fire, stage the action with ?triggers=fire behind it.",
    );
}
