//! Tables of a run that have other names by now, while others bear theirs: what comes back must not go into a stranger.

use super::{Restoration, strays};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::TableName;
use crate::model::plan::Place;
use crate::model::plan::step::Work;
use crate::model::server::EngineKind;
use crate::model::text::visible;

/// Refuses to bring anything back while another table bears the name of one of the run. A table that was dropped and made
/// anew is taken for what it is called.
pub(super) fn refuse(order: &Restoration) -> Result<(), Fault> {
    let is = order.terms.place.as_ref().unwrap_or(&order.plan.place);
    if order.catalog.server.engine != EngineKind::Postgres || !same_database(&order.plan.place, is) {
        return Ok(());
    }
    let steps = order.steps();
    for name in steps.iter().flat_map(|(_, step)| named(&step.work)) {
        let Some(was) = order.plan.place.tables.iter().find(|touched| touched.table == *name) else {
            continue;
        };
        let tables = || order.catalog.tables.iter();
        let own = tables().find(|table| table.oid == was.number);
        let bears = tables().find(|table| table.name == *name);
        if let (Some(own), Some(_)) = (own.filter(|own| own.name != *name), bears) {
            let (called, name) = (order.catalog.written(&own.name), order.catalog.written(name));
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
