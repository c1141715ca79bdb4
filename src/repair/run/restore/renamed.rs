//! Tables of a run that have other names by now, while others bear theirs: what comes back must not go into a stranger.

use super::{Restoration, strays};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::TableName;
use crate::model::plan::Place;
use crate::model::plan::step::Work;
use crate::model::server::EngineKind;
use crate::model::text::visible;

/// Refuses to bring anything back while another table bears the name of one of the run. A table that was dropped and made
/// anew is taken for what it is called.
pub(super) fn refuse(order: &Restoration) -> Result<(), Fault> {
    let steps = order.steps();
    for name in steps.iter().flat_map(|(_, step)| named(&step.work)) {
        let bears = order.catalog.tables.iter().any(|table| table.name == *name);
        if let (Some(called), true) = (called(order, &order.catalog, name), bears) {
            let name = order.catalog.written(name);
            let (called, name) = (visible(&called), visible(&name));
            return Err(Fault::new(
                Kind::Usage,
                format!("The table {name} of this run is called {called} by now, and {name} is another one."),
            )
            .because("Nothing was brought back: it would have gone into the wrong table.")
            .hint(format!("Rename {called} back to {name} for as long as the restore lasts.")));
        }
    }
    Ok(())
}

/// The name that a table of the run has by now, where it is another one than it had.
fn called(order: &Restoration, catalog: &Catalog, name: &TableName) -> Option<String> {
    let is = order.terms.place.as_ref().unwrap_or(&order.plan.place);
    if catalog.server.engine != EngineKind::Postgres || !same_database(&order.plan.place, is) {
        return None;
    }
    let was = order.plan.place.tables.iter().find(|touched| touched.table == *name)?;
    let own = catalog.tables.iter().find(|table| table.oid == was.number)?;
    (own.name != *name).then(|| catalog.written(&own.name))
}

/// Why nothing goes back into a table that nobody finds under its name.
pub(super) fn gone(order: &Restoration, catalog: &Catalog, name: &TableName) -> String {
    let (written, called) = (catalog.written(name), called(order, catalog, name));
    let written = visible(&written);
    called.map_or_else(
        || format!("the table {written} is gone"),
        |called| {
            let called = visible(&called);
            format!(
                "the table {written} is called {called} by now: rename {called} back to {written} for as long as the restore lasts"
            )
        },
    )
}

/// Whether the server's numbers mean the same as when the run was planned.
fn same_database(was: &Place, is: &Place) -> bool {
    was.database_number.is_some()
        && was.database_number == is.database_number
        && (was.system_identifier == is.system_identifier
            || was.system_identifier.is_none()
            || is.system_identifier.is_none())
}

/// The tables that a step writes to or defines, and so does its undoing.
fn named(work: &Work) -> Vec<&TableName> {
    match work {
        Work::Adopt(adoption) => vec![&adoption.parent.seat.table],
        Work::AddKey(key) => vec![&key.table],
        work => strays::tables(work),
    }
}
