//! The survey: everything the planner must know and the catalog does not tell, asked in one session that can only read.
//! What cannot be found out is written down as a gap, and the planner refuses over it.

mod answers;
mod file;
mod lost;
mod server;

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

pub(crate) use lost::SHALLOW;

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
) -> Result<Survey, Fault> {
    let (Some(planning), Some(repairs)) = (engine.dialect().planning(), engine.dialect().repairs()) else {
        return Err(Fault::new(Kind::Unsupported, "waif cannot repair databases of this engine yet."));
    };
    let (wishes, _) = planner::read(catalog, &request.actions, &request.copies);
    let mut looking = Looking { engine, reader, catalog, planning, repairs, survey: Survey::default() };
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
    survey: Survey,
}

/// A count takes as long as it takes; a lock is not waited for.
const LIMITS: Limits = Limits { statement: None, lock: Some(Duration::from_secs(2)), no_index: false };

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
                        Some(copied) => self.fill(wish.action, &copied).await,
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

    async fn fill(&mut self, action: usize, copied: &Copied) -> Result<(), Fault> {
        let rows = self.fetch(&self.repairs.remaining(copied)).await?;
        let [fillable, open, wrong, _, referring] = answers::numbers(&rows)?;
        let rows = self.fetch(&self.planning.ambiguous(copied)).await?;
        let [ambiguous] = answers::numbers(&rows)?;
        let orphans = open + referring;
        self.survey.fills.insert(action, Fill { fillable, orphans, wrong, ambiguous });
        Ok(())
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
