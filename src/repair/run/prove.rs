//! The proof of a foreign key: VALIDATE CONSTRAINT is the engine's own verdict. Where it takes long, orphans are looked for in
//! ranges first, for it tells nothing until it ends; where it does not, it is asked at once, and orphans are looked for when
//! it found one.

use super::define::unproved;
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::run::{Counts, proof};
use crate::repair::run::{Halt, Site};
use crate::sql::keys::Hunt;

/// Rows that are read in about three seconds: no proof of so few is worth a search before it.
const FEW: u64 = 2_000_000;

/// Whether the proof reads few rows. The server reads all parents, unless it is told to look them up one by one.
fn is_brief(hunt: &Hunt, probe: bool) -> bool {
    hunt.rows.saturating_add(if probe { 0 } else { hunt.parent_rows }) <= FEW
}

impl Site {
    /// Proves a foreign key, unless it is proved.
    pub(super) async fn prove_key(
        &mut self,
        table: &TableName,
        name: &Ident,
        probe: bool,
    ) -> Result<Option<String>, Halt> {
        match self.key(table, name).await? {
            Some((true, _)) => return Ok(Some("it is proved".to_owned())),
            Some((false, _)) => {}
            None => {
                let gone = Fault::new(Kind::Missing, "The key to be proved is not there any more.");
                return Err(Halt::Failed(gone.hint("Read the plan again on the database as it is now.")));
            }
        }
        let hunt = self.hunt(table, name).await?;
        let brief = hunt.as_ref().is_some_and(|hunt| is_brief(hunt, probe));
        let before = match &hunt {
            // Of orphans the proof itself will tell: a key that is NOT VALID lets none come.
            Some(hunt) if brief => Some(self.sound(hunt).await?),
            Some(hunt) => {
                let before = self.search(table, hunt, probe).await?;
                self.counted_before(before).await?;
                Some(before)
            }
            None => None,
        };
        self.part("the server proves the key in one statement and tells no progress", (0, 0), "");
        let changes = self.keys()?.prove_key(table, name, probe);
        match self.define(changes).await {
            Err(Halt::Failed(fault)) if fault.code.as_deref() == Some("23503") => {
                if let Some(hunt) = &hunt {
                    // It names one row, and does not tell how many there are.
                    self.search(table, hunt, probe).await?;
                }
                return Err(Halt::Failed(orphans(&fault)));
            }
            outcome => outcome?,
        }
        match self.key(table, name).await? {
            Some((true, _)) => {}
            _ => return Err(Halt::Failed(unproved())),
        }
        let mut words = Vec::new();
        if let Some((hunt, before)) = hunt.as_ref().zip(before) {
            if brief {
                self.counted_before(before).await?;
            }
            let after = self.sound(hunt).await?;
            self.counted(false, after).await?;
            words.push(proof(self.before.unwrap_or(before), after));
        }
        words.push(self.probe(table, name).await?);
        Ok(Some(words.join("; ")))
    }

    /// Writes down what was counted before, unless an earlier session did.
    async fn counted_before(&mut self, counts: Counts) -> Result<(), Halt> {
        if self.before.is_some() { Ok(()) } else { self.counted(true, counts).await }
    }
}

/// What the server said of an orphan, as the reason why nothing is proved.
fn orphans(fault: &Fault) -> Fault {
    let orphans =
        Fault::new(Kind::Constraint, "There are orphans: the key stays NOT VALID, and guards new rows.");
    fault
        .causes
        .iter()
        .fold(orphans, |whole, cause| whole.because(cause))
        .code("23503")
        .hint("Look at them with waif orphans, and plan again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_brief_while_it_reads_few_rows() {
        let rows = |rows, parent_rows| Hunt { rows, parent_rows, ..Hunt::default() };
        assert!(is_brief(&rows(90_000, 1_000_000), false));
        assert!(!is_brief(&rows(90_000, 5_000_000), false), "all parents are read");
        assert!(is_brief(&rows(90_000, 5_000_000), true), "parents are looked up one by one");
        assert!(!is_brief(&rows(2_000_001, 0), true));
    }
}
