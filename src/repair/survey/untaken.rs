//! Tables that rows leave, looked at before a plan: whether they would take those rows back. DELETE asks for less than INSERT
//! does, and what it lets go must be able to return.

use super::Looking;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::removal::{Removal, Stored};
use crate::model::plan::survey::Untaken;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::removals::Removals;

/// Demands that are asked for at once.
const AT_ONCE: usize = 500;

impl Looking<'_> {
    /// Notes which tables of a removal would not take their rows back, and why.
    pub(super) async fn untaken(
        &mut self,
        words: &dyn Removals,
        action: usize,
        removal: &Removal,
        depth: u32,
    ) -> Result<(), Fault> {
        for (spot, stored) in removal.tables.iter().enumerate() {
            if self.compiled(words, action, stored).await? {
                self.unlike(words, action, removal, (spot, depth)).await?;
            }
        }
        Ok(())
    }

    /// Whether the engine can compile what writes rows to a table; where it cannot, what it says is noted.
    pub(super) async fn compiled(
        &mut self,
        words: &dyn Removals,
        action: usize,
        stored: &Stored,
    ) -> Result<bool, Fault> {
        let Some(query) = words.compiled(stored) else { return Ok(true) };
        Ok(self.asked(action, stored, &query).await?.is_some())
    }

    /// What the engine answers; none where it cannot make anything of the question, which is noted.
    async fn asked(
        &mut self,
        action: usize,
        stored: &Stored,
        query: &Query,
    ) -> Result<Option<Vec<Row>>, Fault> {
        match self.fetch(query).await {
            Ok(rows) => Ok(Some(rows)),
            Err(fault) if matches!(fault.kind, Kind::Other | Kind::Missing | Kind::Denied) => {
                let said = fault.causes.last().unwrap_or(&fault.headline).clone();
                self.note(action, stored, Untaken::Uncompiled(said));
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Asks for the rows that are not what their table demands. A CHECK that calls what is not known here shows by that, too: it
    /// is not part of what a session that cannot write compiles.
    async fn unlike(
        &mut self,
        words: &dyn Removals,
        action: usize,
        removal: &Removal,
        (spot, depth): (usize, u32),
    ) -> Result<(), Fault> {
        let catalog = self.catalog;
        let Some(stored) = removal.tables.get(spot) else { return Ok(()) };
        let table = catalog.tables.iter().find(|table| table.name == stored.seat.table);
        let (Some(table), Some(query)) = (table, words.definition(&stored.seat.table)) else { return Ok(()) };
        let rows = self.fetch(&query).await?;
        let definition = rows.first().and_then(|row| row.first()).and_then(Value::text).unwrap_or_default();
        let Some(demands) = words.demands(table, stored, definition) else {
            self.note(action, stored, Untaken::Unread);
            return Ok(());
        };
        for demands in demands.chunks(AT_ONCE) {
            let Some(query) = words.unlike_demanded(removal, (spot, depth), table, demands) else { continue };
            let Some(rows) = self.asked(action, stored, &query).await? else { return Ok(()) };
            for (demand, rows) in demands.iter().zip(rows.iter().flatten()) {
                match rows.count() {
                    Some(0) => {}
                    Some(rows) => self.note(action, stored, Untaken::Unlike(demand.clone(), rows)),
                    None => self.note(action, stored, Untaken::Unread),
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, action: usize, stored: &Stored, why: Untaken) {
        let known = self.survey.untaken.entry(action).or_default();
        known.push((stored.seat.table.clone(), why));
    }
}
