//! The survey: everything the planner must know and the catalog does not tell, asked in one session that can only read.
//! What cannot be found out is written down as a gap, and the planner refuses over it.

mod answers;
mod file;
mod lost;
mod server;
mod untaken;

use crate::db::{Engine, Limits, Reader};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::step::Copied;
use crate::model::plan::survey::{Fill, Survey};
use crate::model::relation::Comparison;
use crate::model::value::Row;
use crate::repair::planner::wish::{What, Wish};
use crate::repair::planner::{self, Request};
use crate::sql::planning::Planning;
use crate::sql::repairs::Repairs;
use crate::sql::{Path, Query};
use std::time::Duration;

pub(crate) use file::schema_row;
pub(crate) use lost::SHALLOW;

/// How much of the rows is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every figure, for a person to read.
    Figures,
    /// What stands against a plan and whether there is something to do, for a plan that is compared with a file: one row
    /// to be filled is as good as all of them, and nobody reads how many copies are wrong.
    Presence,
}

/// Looks.
///
/// # Errors
/// `Unsupported` where waif cannot repair databases of this engine, and any fault that ends everything: a lost
/// connection, an interrupt.
pub async fn look(
    engine: &dyn Engine,
    reader: &mut dyn Reader,
    catalog: &Catalog,
    request: &Request,
    depth: Depth,
) -> Result<Survey, Fault> {
    let (Some(planning), Some(repairs)) = (engine.dialect().planning(), engine.dialect().repairs()) else {
        return Err(Fault::new(Kind::Unsupported, "waif cannot repair databases of this engine yet."));
    };
    let (wishes, _) = planner::read(catalog, &request.actions, &request.copies);
    let mut looking =
        Looking { engine, reader, catalog, planning, repairs, depth, survey: Survey::default() };
    // A limit on rows holds against their number.
    if request.parameters.max_rows.is_some() {
        looking.depth = Depth::Figures;
    }
    match (planning.server(), planning.file()) {
        (Some(server), _) => looking.at_server(server, &wishes).await?,
        (None, Some(file)) => looking.at_file(file, &wishes).await?,
        (None, None) => {}
    }
    looking.counts(&wishes).await?;
    Ok(looking.survey)
}

struct Looking<'a> {
    engine: &'a dyn Engine,
    reader: &'a mut dyn Reader,
    catalog: &'a Catalog,
    planning: &'static dyn Planning,
    repairs: &'static dyn Repairs,
    depth: Depth,
    survey: Survey,
}

/// A count takes as long as it takes; a lock is not waited for.
const LIMITS: Limits = Limits { statement: None, lock: Some(Duration::from_secs(2)), no_index: false };

/// The time for a look at whether there is anything at all.
const GLANCE: Duration = Duration::from_secs(2);

impl Looking<'_> {
    async fn fetch(&mut self, query: &Query) -> Result<Vec<Row>, Fault> {
        self.reader.fetch(query, LIMITS).await
    }

    async fn counts(&mut self, wishes: &[Wish]) -> Result<(), Fault> {
        for wish in wishes {
            let found = self.survey.comparisons.get(&wish.action).cloned();
            let counted = match &wish.what {
                What::Backfill(copy) => {
                    match planner::copied(self.catalog, &self.survey, copy, found.as_deref()) {
                        // The work set of a run is made before anything else of it, and refuses by itself rows with
                        // two parents: here they are asked for only where other steps come first.
                        Some(copied) => {
                            let first = wishes.first().is_some_and(|first| first.action == wish.action);
                            self.fill(wish.action, &copied, first).await
                        }
                        None => Ok(()),
                    }
                }
                What::Lost(lost) => self.lost(wishes, wish.action, lost).await,
                What::Add(_) | What::Validate(_) | What::Replace(_) => self.orphans(wish, found).await,
                What::Index { .. } | What::Drop(_) => Ok(()),
            };
            match counted {
                Ok(()) => {}
                Err(fault)
                    if matches!(
                        fault.kind,
                        Kind::Lost | Kind::Unreachable | Kind::Interrupted | Kind::Conflict
                    ) =>
                {
                    return Err(fault);
                }
                Err(fault) => {
                    self.survey.gaps.push((Some(wish.action), format!("It could not be counted: {fault}")));
                }
            }
        }
        Ok(())
    }

    async fn fill(&mut self, action: usize, copied: &Copied, first: bool) -> Result<(), Fault> {
        let present = match self.depth {
            Depth::Presence => self.present(copied).await?,
            Depth::Figures => None,
        };
        let mut fill = match present {
            Some(fill) => fill,
            None => {
                let rows = self.fetch(&self.repairs.remaining(copied)).await?;
                let [fillable, open, wrong, _, referring] = answers::numbers(&rows)?;
                Fill { fillable, orphans: open + referring, wrong, ambiguous: 0, exact: true }
            }
        };
        if fill.exact || !first {
            let rows = self.fetch(&self.planning.ambiguous(copied)).await?;
            [fill.ambiguous] = answers::numbers(&rows)?;
        }
        self.survey.fills.insert(action, fill);
        Ok(())
    }

    /// One row to be filled, or the certainty that there is none; nothing where that is not found out in a moment, for
    /// the quick way to the first row is the slow way to none.
    async fn present(&mut self, copied: &Copied) -> Result<Option<Fill>, Fault> {
        let limits = Limits { statement: Some(GLANCE), ..LIMITS };
        match self.reader.fetch(&self.repairs.any_open(copied), limits).await {
            Ok(rows) => Ok(Some(Fill { fillable: rows.len() as u64, ..Fill::default() })),
            Err(fault) if fault.kind == Kind::TimedOut => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn orphans(&mut self, wish: &Wish, found: Option<Vec<Option<Comparison>>>) -> Result<(), Fault> {
        let Some(key) = wish.key() else { return Ok(()) };
        let comparisons = match key.known(self.catalog) {
            Some(known) => Some(known),
            None => found.and_then(|found| found.into_iter().collect::<Option<Vec<_>>>()),
        };
        let Some(relation) = comparisons.and_then(|how| key.as_relation(self.catalog, how)) else {
            return Ok(());
        };
        let query = self.engine.dialect().orphans(self.catalog, &relation, Path::Free);
        let rows = self.fetch(&query).await?;
        let [orphans, _] = answers::numbers(&rows)?;
        self.survey.orphans.insert(wish.action, orphans);
        Ok(())
    }
}
