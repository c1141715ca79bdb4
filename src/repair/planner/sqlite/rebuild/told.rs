//! What a person is told of a rebuild.

use crate::model::figure::counted;
use crate::model::plan::rebuild::{Proof, Rebuild};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;

/// What it does, in a few words.
pub(super) fn title(draft: &Draft<'_>, made: &Rebuild) -> String {
    let lost = made.dropped.iter().map(|lost| match &lost.name {
        Some(name) => format!("without {}", name.visible()),
        None => format!("without the key to {}", lost.parent.visible()),
    });
    let added = made.added.iter().map(|key| format!("with {}", key.name.visible()));
    let all: Vec<String> = lost.chain(added).collect();
    format!("Rebuild {} {}", draft.shown(&made.table), all.join(", "))
}

/// What is to be known before.
pub(super) fn warn(draft: &mut Draft<'_>, made: &Rebuild) {
    let shown = draft.shown(&made.table);
    let logged = draft.survey.file.as_ref().is_some_and(|file| file.logged);
    draft.warn(format!(
        "The rebuild of {shown} copies {} and keeps {} out of the file from its first statement to its last; stopped before \
         that, it leaves the old table. Afterwards the old pages of {shown} stay in the file as free room until VACUUM.",
        counted(made.rows, "row", "rows"),
        if logged { "every other writer" } else { "everybody else, readers too," }
    ));
    let unserved = made.added.iter().filter(|key| !indexed(draft, key));
    let unserved: Vec<String> = unserved.map(|key| draft.shown(&key.parent)).collect();
    for parent in unserved {
        draft.warn(format!(
            "No index finds the children of {parent}: every delete of a parent will read all of {shown}. Stage index for the \
             same columns beside it."
        ));
    }
}

/// Whether an index of the child, there or staged, begins with the columns of the key.
fn indexed(draft: &Draft<'_>, key: &crate::model::plan::step::NewKey) -> bool {
    let Some(child) = draft.catalog.tables.iter().find(|table| table.name == key.table) else { return true };
    let Some(places) = crate::model::cover::places(child, &key.columns) else { return true };
    let staged = draft.wishes.iter().any(|wish| {
        matches!(&wish.what, crate::repair::planner::wish::What::Index { table, columns, .. }
            if *table == child.id && columns.iter().all(|column| key.columns.contains(column)))
    });
    let by_key = child.keys.iter().any(|own| {
        own.columns.iter().take(places.len()).all(|at| places.contains(at))
            && own.columns.len() >= places.len()
    });
    staged
        || by_key
        || child.indexes.iter().any(|index| crate::model::cover::fits(child, index, &places, false))
}

/// How it is proved.
pub(super) fn verify(made: &Rebuild) -> String {
    let check = match made.proof {
        Proof::Integrity => "integrity_check of the new table",
        Proof::Quick => "quick_check of the new table, as many entries in each index as rows",
    };
    let names: Vec<String> = made.checked.iter().map(|name| visible(name.raw()).into_owned()).collect();
    format!(
        "Before COMMIT: the rows of all {}, foreign_key_check of {} against a control that it reports, every other \
         definition unchanged, {check}. After it, rolled back: a child without a parent is refused, and the deletion of a \
         parent does what ON DELETE says.",
        counted(made.counted.len() as u64, "table", "tables"),
        names.join(", ")
    )
}
