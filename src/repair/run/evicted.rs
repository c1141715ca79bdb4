//! Whoever loses a run to another session is told so: all that its server says is that the session was ended.

use crate::model::text::visible;
use crate::repair::run::{Halt, Site, journal};

/// Why a run did not come to its end, in better words where another session took it over.
pub(super) async fn explained(site: &mut Site, halt: Halt) -> Halt {
    if matches!(halt, Halt::Stopped) {
        return halt;
    }
    match journal::find(site.engine.as_ref(), &site.run).await {
        Ok(run) if run.epoch > site.epoch => Halt::Paused(format!(
            "Another session took this run over: {}. This one has nothing to write any more; waif runs tells how it goes on.",
            visible(&run.holder)
        )),
        _ => halt,
    }
}
