//! Rows without a parent, looked at before a plan: how many there are, what a removal of them would reach, and who hears
//! of writes to the tables it reaches.

use super::{Looking, answers};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::removal::Removal;
use crate::model::plan::survey::{Check, Defaulted, Events, Fires, Lost, Radius};
use crate::model::server::EngineKind;
use crate::model::value::{Row, Value};
use crate::repair::planner::gone::reach::Reach;
use crate::repair::planner::gone::{looked_up, work};
use crate::repair::planner::wish::{Does, KeyWish, LostWish, What, Wish};
use crate::sql::removals::Removals;

/// Levels that are looked at first where tables cascade round.
pub(crate) const SHALLOW: u32 = 4;
/// Levels that are looked at last.
const DEEPEST: u32 = 256;

impl Looking<'_> {
    /// Who hears of writes to the tables that actions on rows reach.
    pub(super) async fn hearers(&mut self, wishes: &[Wish], numbers: &[u32]) -> Result<(), Fault> {
        let Some(words) = self.engine.dialect().removals() else { return Ok(()) };
        if numbers.is_empty()
            || !wishes.iter().any(|wish| matches!(wish.what, What::Lost(_) | What::Backfill(_)))
        {
            return Ok(());
        }
        let Some(query) = words.listeners(numbers) else { return Ok(()) };
        let rows = self.fetch(&query).await?;
        let places = answers::Places::of(self.catalog);
        for row in &rows {
            self.heard(row, &places);
        }
        Ok(())
    }

    fn heard(&mut self, row: &Row, places: &answers::Places) {
        let text = |at: usize| row.get(at).and_then(Value::text).unwrap_or_default();
        let shown = || row.get(2).map_or_else(String::new, |value| value.visible().into_owned());
        let events = Events {
            insert: text(3).contains('i'),
            delete: text(3).contains('d'),
            update: text(3).contains('u'),
        };
        if (text(0), text(1), text(2)) == ("0", "right", "TEMPORARY") {
            self.survey.may_note = true;
            return;
        }
        let Some(place) = places.at(row, 0) else { return };
        let truth = |at: usize| row.get(at).is_some_and(Value::truth);
        let columns = answers::columns_of(self.catalog, place, text(5));
        let heard = self.survey.heard.entry(place).or_default();
        match text(1) {
            "right" => heard.rights.push(text(2).to_owned()),
            "rule" => heard.rules.push((shown(), events)),
            "policy" => heard.policies.push(shown()),
            "publication" => heard.publications.push((shown(), events)),
            what @ ("calls" | "unproved") => {
                heard.checks.push(Check { name: shown(), columns, calls: what == "calls" });
            }
            "trigger" => {
                let fires = Fires { name: shown(), may_veto: truth(4), columns, conditional: truth(6) };
                heard.triggers.push((fires, events));
            }
            _ => {}
        }
    }

    /// Rows without a parent, and what a removal of them would reach.
    pub(super) async fn lost(
        &mut self,
        wishes: &[Wish],
        action: usize,
        lost: &LostWish,
    ) -> Result<(), Fault> {
        let Some(words) = self.engine.dialect().removals() else { return Ok(()) };
        let found = self.survey.comparisons.clone();
        let relation = work::relation(self.catalog, &lost.key, found.get(&action));
        let Some(missing) = relation.and_then(|relation| work::reference(self.catalog, &relation)) else {
            return Ok(());
        };
        let rows = self.fetch(&words.lost(&missing)).await?;
        let [rows, parents, partly] = answers::numbers(&rows)?;
        let adoption = match lost.does {
            Does::Adopt => work::adoption(self.catalog, &lost.key, found.get(&action)),
            Does::Remove(_) | Does::Nullify(_) => None,
        };
        if let Some(adoption) = adoption.as_ref().filter(|_| rows > 0) {
            self.compiled(words, action, &adoption.parent).await?;
        }
        let unfit = match adoption.and_then(|adoption| words.unfit(&adoption)) {
            Some(query) => answers::numbers::<1>(&self.fetch(&query).await?)?[0],
            None => 0,
        };
        self.survey.lost.insert(action, Lost { rows, parents, partly, unfit });
        if matches!(lost.does, Does::Adopt) && self.catalog.server.engine == EngineKind::Sqlite {
            let defaults = self.inserted(&lost.key).await?;
            self.survey.radius.insert(action, Radius { defaults, ..Radius::default() });
        }
        if let Does::Remove(manner) = lost.does {
            let (reach, removal) = work::removal(self.catalog, wishes, action, lost, manner, &found);
            if let Some(removal) = removal {
                let (mut radius, depth) = self.radius(words, &removal).await?;
                if rows > 0 {
                    self.untaken(words, action, &removal, depth).await?;
                }
                radius.defaults = self.defaults(wishes, &reach).await?;
                self.survey.radius.insert(action, radius);
            }
        }
        Ok(())
    }

    /// Keys by which defaults that would be set lack a parent, as far as that can be asked on a server.
    async fn defaults(&mut self, wishes: &[Wish], reach: &Reach) -> Result<Vec<Defaulted>, Fault> {
        let mut lacking = Vec::new();
        if self.catalog.server.engine != EngineKind::Postgres {
            return Ok(lacking);
        }
        for (edge, key, alone) in looked_up::defaults(self.catalog, wishes, reach) {
            let query = self.engine.dialect().default_parent(self.catalog, &key).filter(|_| alone);
            let missing = match query {
                Some(query) if !self.fetch(&query).await?.is_empty() => continue,
                query => query.is_some(),
            };
            lacking.push(Defaulted { edge, relation: key.id, parent: key.parent.name, missing });
        }
        Ok(lacking)
    }

    /// Keys by which defaults of parents that are to be inserted lack a parent of their own, or may lack one.
    async fn inserted(&mut self, key: &KeyWish) -> Result<Vec<Defaulted>, Fault> {
        let mut lacking = Vec::new();
        for (own, rows) in looked_up::inserted(self.catalog, key) {
            let dialect = self.engine.dialect();
            let known = dialect.default_parent(self.catalog, &own);
            let missing = known.is_some();
            let rows = rows.and_then(|rows| dialect.default_parent(self.catalog, &rows));
            let mut there = false;
            for query in known.into_iter().chain(rows) {
                there = there || !self.fetch(&query).await?.is_empty();
            }
            if !there {
                lacking.push(Defaulted { edge: 0, relation: own.id, parent: own.parent.name, missing });
            }
        }
        Ok(lacking)
    }

    /// Looks deeper and deeper until nothing hangs on the last level; answers with how deep that was, too.
    async fn radius(&mut self, words: &dyn Removals, removal: &Removal) -> Result<(Radius, u32), Fault> {
        let mut depth = removal.depth().unwrap_or(SHALLOW);
        loop {
            let rows = self.fetch(&words.radius(removal, depth)).await?;
            let radius = counted(&rows)?;
            if !radius.deeper || depth >= DEEPEST {
                return Ok((radius, depth));
            }
            depth = (depth * 2).min(DEEPEST);
        }
    }
}

fn counted(rows: &[Row]) -> Result<Radius, Fault> {
    let mut radius = Radius::default();
    for row in rows {
        let number = |at: usize| row.get(at).and_then(Value::count);
        let (Some(what), Some(place), Some(level), Some(count)) =
            (row.first().and_then(Value::text), number(1), number(2), number(3))
        else {
            return Err(Fault::new(
                Kind::Unsupported,
                "The server answered with something that is no count.",
            ));
        };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        match what {
            "rows" if count > 0 || level == 0 => {
                radius.rows.push((place, u32::try_from(level).unwrap_or(u32::MAX), count));
            }
            "overwritten" => drop(radius.overwritten.insert(place, count)),
            "forbidden" => drop(radius.forbidden.insert(place, count)),
            "beyond" => radius.deeper |= count > 0,
            _ => {}
        }
    }
    radius.rows.sort_unstable_by_key(|(place, level, _)| (*level, *place));
    Ok(radius)
}
