//! The search for orphans before a key is proved. VALIDATE CONSTRAINT is one statement that tells nothing until it ends and
//! then names one row; the same rows read in ranges tell how far it is, can be paused and stopped, and end at the first
//! range with an orphan. A key that is NOT VALID guards new rows, so what was read stays clean.

use crate::db::writer::Rehearsed;
use crate::model::fault::{Fault, Kind};
use crate::model::figure::{counted, grouped};
use crate::model::ident::{Ident, TableName};
use crate::model::run::{Counts, News, Part};
use crate::model::value::{Row, Value};
use crate::repair::run::guard::Guard;
use crate::repair::run::{Halt, Site};
use crate::sql::Query;
use crate::sql::keys::Hunt;
use std::time::{Duration, Instant};

/// Pages of a table that is read in one statement: 32 MB of pages of the usual size.
pub(crate) const SMALL: u64 = 4_096;
/// Ranges grow until one takes so long.
const AIM: Duration = Duration::from_secs(1);
/// No range is made to take longer, however much a larger one would save.
const MOST: Duration = Duration::from_secs(20);
/// What a range of twice the size must gain to be worth its time, where it takes longer than it should.
const GAIN: f64 = 1.2;

/// A table of so many pages, 1 GB of the usual size, is read in ranges even where its parents are as many.
const LARGE: u64 = 131_072;

/// Pages of the first range. The server reads all parents for every range, unless it is told to look them up one by one:
/// ranges are large against that, so that the search costs about what the proof costs.
fn first(hunt: &Hunt, probe: bool) -> u64 {
    let parents = if probe { 0 } else { hunt.parent_pages.saturating_mul(2) };
    let least = if hunt.pages < LARGE { parents } else { parents.min(hunt.pages / 4) };
    least.max(SMALL / 2)
}

impl Site {
    /// The parts of a search for orphans of a key. None where there is nothing to be read, which is said.
    pub(super) async fn hunt(&mut self, table: &TableName, name: &Ident) -> Result<Option<Hunt>, Halt> {
        let rows = self.ask(&self.keys()?.hunt(table, name)).await?;
        let hunt = rows.first().and_then(hunt);
        if hunt.is_none() {
            let why = rows.first().and_then(|row| row.get(8)?.text()).unwrap_or("its parts cannot be told");
            (self.tell)(News::Line(format!("{} is not read before: {why}.", name.visible())));
        }
        Ok(hunt)
    }

    /// Looks for orphans of a key, and counts what its rows hold otherwise; an orphan ends it with what was found.
    pub(super) async fn search(
        &mut self,
        table: &TableName,
        hunt: &Hunt,
        probe: bool,
    ) -> Result<Counts, Halt> {
        // Before PostgreSQL 14 a server cannot read a range of a table without reading all of it.
        let by_range =
            self.engine.server().version_number >= 140_000 && hunt.pages > first(hunt, probe).max(SMALL);
        match by_range {
            true => self.by_range(table, hunt, probe).await,
            false => self.range(table, hunt, None, probe).await,
        }
    }

    /// Reads the table range by range. Rows that come meanwhile were checked when they came.
    async fn by_range(&mut self, table: &TableName, hunt: &Hunt, probe: bool) -> Result<Counts, Halt> {
        let began = Instant::now();
        let (mut low, mut size, mut last) = (0, first(hunt, probe), None);
        let mut sum =
            Counts { orphans: Some(0), half_null: hunt.half.as_ref().map(|_| 0), ..Counts::default() };
        let mut guard = Guard::default();
        while low < hunt.pages {
            self.part(
                &format!("looking for orphans in {}", table.name.visible()),
                (low, hunt.pages),
                "pages",
            );
            self.rest().await?;
            guard.pass(self, &[hunt.oid]).await?;
            let high = low.saturating_add(size).min(hunt.pages);
            // What little is left then is not worth a range of its own.
            let high = if hunt.pages - high < size / 2 { hunt.pages } else { high };
            let start = Instant::now();
            let counts = self.range(table, hunt, Some((low, high)), probe).await?;
            sum.half_null = sum.half_null.zip(counts.half_null).map(|(sum, more)| sum + more);
            let took = start.elapsed();
            let pace = (high - low) as f64 / took.as_secs_f64().max(0.000_001);
            if took < AIM || (took < MOST && last.is_none_or(|last: f64| pace > last * GAIN)) {
                size = size.saturating_mul(2);
            }
            (low, last) = (high, Some(pace));
        }
        self.part(&format!("looking for orphans in {}", table.name.visible()), (low, hunt.pages), "pages");
        (self.tell)(News::Line(format!(
            "No orphan in {} of {} ({:.1} s): VALIDATE reads them once more, in one statement that tells no progress.",
            counted(hunt.pages, "page", "pages"),
            table.name.visible(),
            began.elapsed().as_secs_f64()
        )));
        Ok(sum)
    }

    /// Reads some pages, or all of them; a row that violates the key ends the search with what was found.
    async fn range(
        &mut self,
        table: &TableName,
        hunt: &Hunt,
        range: Option<(u64, u64)>,
        probe: bool,
    ) -> Result<Counts, Halt> {
        let rows = self.read(&self.keys()?.hunted(hunt, range), probe).await?;
        let number = |at: usize| rows.first().and_then(|row| row.get(at)).and_then(Value::count);
        let counts = Counts { orphans: number(0), half_null: number(1), ..Counts::default() };
        let half = if hunt.full { number(1).unwrap_or(0) } else { 0 };
        let Some(orphans) = number(0) else {
            return Err(Halt::Failed(Fault::new(
                Kind::Other,
                "The server counted no orphans, and no rows without them.",
            )));
        };
        if orphans + half == 0 {
            return Ok(counts);
        }
        let named = self.read(&self.keys()?.caught(hunt, range), probe).await?;
        let named: Vec<&str> = named.iter().filter_map(|row| row.first()?.text()).collect();
        Err(Halt::Failed(found(table, range, (orphans, half), &named)))
    }

    /// Counts what a proved key leaves: no orphan, which is what the server said itself, and rows whose reference is there
    /// in part only.
    pub(super) async fn sound(&mut self, hunt: &Hunt) -> Result<Counts, Halt> {
        let half_null = match self.keys()?.halves(hunt) {
            Some(_) if hunt.full => Some(0),
            Some(query) => self.numbers(&query).await?.first().copied(),
            None => None,
        };
        Ok(Counts { orphans: Some(0), half_null, ..Counts::default() })
    }

    /// Asks a long question in the session that writes; a person may interrupt it.
    async fn read(&mut self, query: &Query, probe: bool) -> Result<Vec<Row>, Halt> {
        let limits = self.limits();
        let answer = if probe {
            let change = self.keys()?.one_by_one();
            let Rehearsed { answer, fault, .. } =
                self.writer.rehearse(std::slice::from_ref(&change), Some(query), limits).await;
            fault.map_or(Ok(answer), Err)
        } else {
            self.writer.fetch(query, limits).await
        };
        answer.map_err(|fault| match fault.kind {
            Kind::Interrupted if self.steer.is_stopping() => Halt::Stopped,
            Kind::Interrupted => Halt::Paused(fault.to_string()),
            _ => fault.into(),
        })
    }

    /// Tells how far a part of the step is.
    pub(super) fn part(&self, doing: &str, (done, total): (u64, u64), unit: &str) {
        let part = Part { place: self.place, doing: doing.to_owned(), done, total, unit: unit.to_owned() };
        (self.tell)(News::Part(part));
    }
}

/// What a search found, as the reason why nothing is proved.
fn found(table: &TableName, range: Option<(u64, u64)>, (orphans, half): (u64, u64), named: &[&str]) -> Fault {
    let place = match range {
        Some((low, high)) => format!(
            "pages {} to {} of {}",
            grouped(low),
            grouped(high.saturating_sub(1)),
            table.name.visible()
        ),
        None => table.name.visible().into_owned(),
    };
    let mut why =
        format!("VALIDATE fails: {} in {place} refer to no parent", counted(orphans, "row", "rows"));
    if half > 0 {
        why.push_str(&format!(", {} are NULL in part (MATCH FULL)", grouped(half)));
    }
    if range.is_some() {
        why.push_str("; the pages behind were not read");
    }
    let fault =
        Fault::new(Kind::Constraint, "There are orphans: the key stays NOT VALID, and guards new rows.")
            .because(why);
    let fault = if named.is_empty() {
        fault
    } else {
        fault.because(format!("for instance the rows {}", named.join(", ")))
    };
    fault.code("23503").hint("Look at them with waif orphans, and plan again.")
}

fn hunt(row: &Row) -> Option<Hunt> {
    let text = |at: usize| row.get(at).and_then(Value::text).map(str::to_owned);
    if text(8).is_some() {
        return None;
    }
    Some(Hunt {
        oid: text(0)?.parse().ok()?,
        pages: text(1)?.parse().ok()?,
        rows: text(10)?.parse().ok()?,
        parent_pages: text(9)?.parse().ok()?,
        parent_rows: text(11)?.parse().ok()?,
        child: text(2)?,
        whole: text(3)?,
        half: text(4),
        lacks: text(5)?,
        key: text(6)?,
        full: row.get(7).is_some_and(Value::truth),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_large_against_the_parents_that_are_read_for_each() {
        let pages = |pages, parent_pages| Hunt { pages, parent_pages, ..Hunt::default() };
        assert_eq!(first(&pages(36_382, 10), false), SMALL / 2);
        assert_eq!(first(&pages(36_382, 5_400), false), 10_800);
        assert_eq!(
            first(&pages(36_382, 36_382), false),
            72_764,
            "in one statement: the parents are the table itself"
        );
        assert_eq!(first(&pages(36_382, 36_382), true), SMALL / 2, "parents are looked up one by one");
        assert_eq!(
            first(&pages(1_000_000, 1_000_000), false),
            250_000,
            "a bar is worth four readings of the parents"
        );
    }
}
