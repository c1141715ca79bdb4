//! A transaction that was broken off: without a log, whoever opens the file next rolls it back, and must write for that.
//! Nobody who only looks may. Before a run that a person armed the file is opened once for it.

use crate::db::sqlite::arm;
use crate::db::sqlite::connect::Way;
use crate::db::sqlite::fault::code;
use crate::db::sqlite::outside;
use crate::db::tape::Tape;
use crate::db::writer::Armed;
use crate::model::fault::{Fault, Kind};
use crate::model::target::Target;

/// Has SQLite roll back what a writer that crashed left in the main file, where that is what keeps it from being read and a
/// person allowed writes and confirmed them. Answers with what was done, in words; none where nothing was to be done, or
/// not by this person: whoever opens the file then is told why it cannot be read.
pub(crate) async fn settle(
    target: &Target,
    allowed: bool,
    confirmed: Option<&str>,
    tape: Tape,
) -> Result<Option<String>, Fault> {
    let Ok(way) = Way::of(target).map(Way::alone) else { return Ok(None) };
    let Some((_, file)) = way.files.first() else { return Ok(None) };
    if file.companion("-journal") == 0 {
        return Ok(None);
    }
    match way.open(&tape).await {
        Ok(session) => {
            session.close().await;
            return Ok(None);
        }
        Err(fault) if fault.code.as_deref() == Some(code::READONLY_ROLLBACK) => {}
        // Waited for once: whoever opens it next would wait as long again.
        Err(fault) if fault.kind == Kind::Busy => return Err(fault),
        Err(_) => return Ok(None),
    }
    let server = super::server(&way, String::new(), Vec::new());
    if Armed::by(&server, allowed, confirmed, "rollback").is_err() {
        return Ok(None);
    }
    if let Some(closed) = outside::facts(file).closed {
        let fault = file.needs_writing().because(closed);
        return Err(fault.hint("Run waif as a user who may write the file and its folder."));
    }
    let (session, _) = arm::open(&way, &tape).await?;
    session.close().await;
    Ok(Some(format!(
        "{} held an unfinished transaction of a writer that crashed: SQLite rolled it back.",
        file.named
    )))
}
