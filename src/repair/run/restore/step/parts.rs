//! A batch that does not come back as a whole: halves of it are tried, and halves of those that are refused, until the rows
//! are alone that nothing takes. Parents first.

use super::Bringing;
use crate::model::fault::Fault;
use crate::model::ident::TableName;
use crate::model::plan::removal::{Adoption, Overwrite, Reference, Removal, Stored};
use crate::model::plan::step::Copied;
use crate::model::run::News;
use crate::model::value::{Row, Value};
use crate::repair::run::{Halt, Site};
use crate::sql::change::Change;
use crate::sql::removals::{Recall, Refill, Removals, Return};

/// Reasons of refused rows that are told one by one.
const REASONS: usize = 100;
/// What is told of the rest.
const REST: &str = "refused, too, each for a reason of its own: restore again when those above are mended";

/// Rows of one table, by their numbers in its store.
type Part = (usize, Vec<u64>);

impl Bringing<'_> {
    /// Puts back what can be put back of the values of a batch that were refused as a whole.
    pub(super) async fn values_in_parts(
        &mut self,
        site: &mut Site,
        refill: &Refill<'_>,
        batch: u64,
        why: &Fault,
    ) -> Result<(), Halt> {
        let back = [kept_in(refill.values)];
        let put_back = |words: &dyn Removals, recall: &Recall<'_>| words.put_back(refill, recall);
        self.halved(site, &back, batch, why, put_back).await
    }

    /// Brings back what can come of a batch that was refused as a whole.
    pub(super) async fn in_parts(
        &mut self,
        site: &mut Site,
        removal: &Removal,
        back: &[Return],
        batch: u64,
        why: &Fault,
    ) -> Result<(), Halt> {
        let recall = |words: &dyn Removals, recall: &Recall<'_>| words.recall(removal, back, recall);
        self.halved(site, back, batch, why, recall).await
    }

    /// Takes away what can go of the inserted parents of a batch that were refused as a whole.
    pub(super) async fn parents_in_parts(
        &mut self,
        site: &mut Site,
        (adoption, guests): (&Adoption, &[Reference]),
        batch: u64,
        why: &Fault,
    ) -> Result<(), Halt> {
        let disown = |words: &dyn Removals, recall: &Recall<'_>| words.disown(adoption, guests, recall);
        self.halved(site, &[Return::unknown(adoption.parent.clone())], batch, why, disown).await
    }

    /// Sets back to NULL what can be of a batch that was refused as a whole.
    pub(super) async fn filled_in_parts(
        &mut self,
        site: &mut Site,
        (copied, guests): (&Copied, &[Reference]),
        batch: u64,
        why: &Fault,
    ) -> Result<(), Halt> {
        let waiting = site.ask(&self.words.filled_rows(copied, &self.recall(site, batch))).await?;
        let unfill = |words: &dyn Removals, recall: &Recall<'_>| words.unfill(copied, guests, recall);
        self.tried(site, &[&copied.table], &waiting, batch, why, unfill).await
    }

    /// Tries what waits of a batch in these stores in smaller and smaller parts.
    async fn halved(
        &mut self,
        site: &mut Site,
        back: &[Return],
        batch: u64,
        why: &Fault,
        compose: impl Fn(&dyn Removals, &Recall<'_>) -> Vec<Change>,
    ) -> Result<(), Halt> {
        let waiting = site.ask(&self.words.waiting(back, &self.recall(site, batch))).await?;
        let tables: Vec<&TableName> = back.iter().map(|back| &back.stored.seat.table).collect();
        self.tried(site, &tables, &waiting, batch, why, compose).await
    }

    /// The same with rows by the place of their table, their number and level; `compose` says what brings a part back.
    async fn tried(
        &mut self,
        site: &mut Site,
        tables: &[&TableName],
        waiting: &[Row],
        batch: u64,
        why: &Fault,
        compose: impl Fn(&dyn Removals, &Recall<'_>) -> Vec<Change>,
    ) -> Result<(), Halt> {
        (site.tell)(News::Line(format!("{why} What of that batch can come back is found by halving it.")));
        // The next to be tried is the last.
        let mut open = parts(waiting);
        open.reverse();
        while let Some((spot, mut rows)) = open.pop() {
            let Some(table) = tables.get(spot).copied() else { continue };
            let changes =
                compose(self.words, &Recall { only: Some((spot, &rows)), ..self.recall(site, batch) });
            let Err(fault) = self.commit(site, changes, table).await? else { continue };
            if rows.len() == 1 || is_for_all(&fault) {
                self.refused(table, told(&fault), rows);
            } else {
                let second = rows.split_off(rows.len() / 2);
                open.extend([(spot, second), (spot, rows)]);
            }
        }
        Ok(())
    }
}

impl Bringing<'_> {
    /// Tells of rows that were refused. The engine may give each a reason of its own: from some number on the rest is told
    /// together.
    fn refused(&mut self, table: &TableName, why: String, rows: Vec<u64>) {
        let reasons = &self.outcome.conflicts;
        let why = match reasons.len() >= REASONS && !reasons.iter().any(|known| known.why == why) {
            true => REST.to_owned(),
            false => why,
        };
        self.conflict(table, rows.len() as u64, why, rows);
    }
}

/// The store of overwritten values, as one that rows come back from.
fn kept_in(values: &Overwrite) -> Return {
    let (store, prefix) = (values.store.clone(), values.prefix.clone());
    Return::unknown(Stored { seat: values.seat.clone(), columns: Vec::new(), store, prefix })
}

/// The rows that wait, those of one table and level together.
fn parts(waiting: &[Row]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut before = None;
    for row in waiting {
        let number = |at: usize| row.get(at).and_then(Value::count);
        let (Some(spot), Some(seq), Some(level)) = (number(0), number(1), number(2)) else { continue };
        let spot = usize::try_from(spot).unwrap_or(usize::MAX);
        match parts.last_mut().filter(|_| before == Some((level, spot))) {
            Some((_, rows)) => rows.push(seq),
            None => parts.push((spot, vec![seq])),
        }
        before = Some((level, spot));
    }
    parts
}

/// Whether a statement was refused as it is written, whatever its rows are.
fn is_for_all(fault: &Fault) -> bool {
    fault.code.as_deref().is_some_and(|code| code.len() == 5 && code.starts_with("42"))
}

/// What refused, in the same words for all rows it refuses.
fn told(fault: &Fault) -> String {
    match fault.causes.first() {
        Some(cause) => format!("{} {cause}", fault.headline),
        None => fault.headline.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_table_and_level_are_one_part() {
        let row = |spot: u64, seq: u64, level: u64| -> Row {
            [spot, seq, level].map(|number| Value::Text(number.to_string())).to_vec()
        };
        let waiting = [row(0, 1, 0), row(0, 2, 0), row(1, 1, 1), row(0, 3, 1), row(0, 4, 2)];
        assert_eq!(parts(&waiting), [(0, vec![1, 2]), (1, vec![1]), (0, vec![3]), (0, vec![4])]);
        assert!(parts(&[]).is_empty());
    }
}
