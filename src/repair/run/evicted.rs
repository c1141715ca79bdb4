//! Whoever loses a run to another session is told so: all that its server says is that the session was ended.

use crate::model::fault::{Fault, Kind};
use crate::model::text::visible;
use crate::repair::run::{Halt, Site, journal};

/// Why a run did not come to its end, in better words where another session took it over.
pub(super) async fn explained(site: &mut Site, halt: Halt) -> Halt {
    let said = match &halt {
        Halt::Stopped => return halt,
        Halt::Paused(why) => why.clone(),
        Halt::Failed(fault) => fault.to_string(),
    };
    match journal::find(site.engine.as_ref(), &site.run).await {
        Ok(run) if run.epoch > site.epoch => {
            let sentence = "Another session took this run over: this one has nothing to write any more.";
            let who = format!("it is held by {}", visible(&run.holder));
            let lost = Fault::new(Kind::Busy, sentence).because(who).because(said);
            Halt::Failed(lost.hint("waif runs tells how it goes on."))
        }
        _ => halt,
    }
}
