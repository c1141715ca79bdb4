//! Rows without a parent at work: a removal and the setting of references to NULL go through a work set batch by batch;
//! missing parents are inserted by number. Before anything changes the work set is looked at again by another access path,
//! and at the end the server is asked what is left.

mod adopt;
mod batches;
mod breath;
mod mends;

use crate::model::fault::{Fault, Kind};
use crate::model::figure::counted;
use crate::model::plan::removal::{Nulling, Reference, Removal};
use crate::model::server::EngineKind;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::backfill::answered;
use crate::repair::run::{Halt, Site};
use crate::sql::removals::Removals;
use batches::Batches;
use mends::Mends;

pub(super) use mends::figures;

impl Site {
    /// Takes rows without a parent away, with all that hangs on them; answers with what was found.
    pub(super) async fn remove(
        &mut self,
        removal: &Removal,
        place: usize,
        rows: u64,
        batches: u64,
    ) -> Result<String, Halt> {
        Batches::new(self, Mends::Remove(removal), place, rows, batches)?.run(self).await
    }

    /// Sets references without a parent to NULL.
    pub(super) async fn nullify(
        &mut self,
        nulling: &Nulling,
        place: usize,
        rows: u64,
        batches: u64,
    ) -> Result<String, Halt> {
        Batches::new(self, Mends::Nullify(nulling), place, rows, batches)?.run(self).await
    }

    /// What may be said about rows without a parent.
    pub(super) fn removals(&self) -> Result<&'static dyn Removals, Halt> {
        self.engine.dialect().removals().ok_or_else(|| {
            Halt::Failed(Fault::new(
                Kind::Unsupported,
                "waif cannot take rows out of databases of this engine yet.",
            ))
        })
    }

    /// The rows left without a parent, counted without the parent's indexes.
    pub(super) async fn left(&mut self, missing: &Reference) -> Result<u64, Halt> {
        let words = self.removals()?;
        match self.attempt(words.left(missing), None).await? {
            Attempt::Done(done) => Ok(answered(&done)),
            Attempt::TooLarge(fault) => Err(Halt::Failed(fault)),
        }
    }
}

/// Rows whose parent an index has that the table has not.
fn believed(left: u64) -> String {
    format!(
        "{} without a parent, of which an index says that it is there",
        counted(left, "row is", "rows are")
    )
}

/// An index that lies about parents is no ground to change anything on.
fn suspect(site: &Site, missing: &Reference, what: String) -> Halt {
    let parent = missing.parent.table.name.visible();
    let columns: Vec<_> = missing.pairs.iter().map(|pair| pair.parent.visible().into_owned()).collect();
    let by = match site.engine.server().engine {
        EngineKind::Postgres => "amcheck",
        EngineKind::Sqlite => "PRAGMA integrity_check",
    };
    let fault = Fault::new(
        Kind::Unexpected,
        format!("An index of {parent} over ({}) does not find what is in the table.", columns.join(", ")),
    );
    Halt::Failed(fault.because(what).hint(format!(
        "Nothing was changed because of it. Look at the index with {by}, REINDEX it, and resume: what {parent} really lacks is not known before."
    )))
}
