//! Before a run is armed: what a writer that crashed left unfinished in a file is rolled back, where a person allowed it.

use crate::db;
use crate::db::tape::Tape;
use crate::job::command::Consent;
use crate::model::fault::Fault;
use crate::model::target::Target;

/// Has the engine roll back what keeps the database from being read; answers with what was done, in words.
///
/// # Errors
/// What keeps it from being rolled back though a person allowed it.
pub async fn settle(target: &Target, consent: &Consent) -> Result<Option<String>, Fault> {
    db::settle(target, consent.writes, consent.confirmed.as_deref(), Tape::new(|_| {})).await
}
