//! What is asked of a server: rights, listeners, keys, indexes, locks others hold, how columns are compared.

use super::{Looking, answers};
use crate::model::catalog::TableId;
use crate::model::fault::{Fault, Kind};
use crate::model::value::Value;
use crate::repair::planner;
use crate::repair::planner::wish::Wish;
use crate::sql::planning::{ServerPlanning, Sides};
use std::collections::BTreeSet;

impl Looking<'_> {
    /// Everything but counts.
    pub(super) async fn at_server(
        &mut self,
        server: &dyn ServerPlanning,
        wishes: &[Wish],
    ) -> Result<(), Fault> {
        self.ground(server).await?;
        self.tables(server, wishes).await?;
        self.comparisons(server, wishes).await
    }

    async fn ground(&mut self, server: &dyn ServerPlanning) -> Result<(), Fault> {
        let rows = self.fetch(&server.ground()).await?;
        let may_ask = answers::ground(&rows, &mut self.survey.ground);
        let rows = self.fetch(&server.journal_lacks()).await?;
        answers::journal(&rows, &mut self.survey.ground);
        if may_ask {
            let rows = self.fetch(&server.cluster()).await?;
            self.survey.ground.system_identifier =
                rows.first().and_then(|row| row.first()).and_then(Value::text).map(str::to_owned);
        }
        self.survey.ground.timeline = match self.fetch(&server.timeline()).await {
            Ok(rows) => rows.first().and_then(|row| row.first()).and_then(Value::text).map(str::to_owned),
            // A role that may not know is no reason to refuse.
            Err(fault) if fault.kind == Kind::Denied => None,
            Err(fault) => return Err(fault),
        };
        let rows = self.fetch(&server.bystanders()).await?;
        answers::bystanders(&rows, &mut self.survey.ground);
        Ok(())
    }

    async fn tables(&mut self, server: &dyn ServerPlanning, wishes: &[Wish]) -> Result<(), Fault> {
        let roots = wishes.iter().flat_map(Wish::tables);
        let all: BTreeSet<TableId> = roots.flat_map(|root| self.catalog.family(root)).collect();
        let numbers: Vec<u32> =
            all.into_iter().filter_map(|id| self.catalog.table(id)).map(|table| table.oid).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let places = answers::Places::of(self.catalog);
        let rows = self.fetch(&server.tables(&numbers)).await?;
        answers::tables(&rows, &places, &mut self.survey);
        let rows = self.fetch(&server.listeners(&numbers)).await?;
        answers::listeners(&rows, &places, self.catalog, &mut self.survey);
        let version = self.catalog.server.version_number;
        let rows = self.fetch(&server.constraints(&numbers, version)).await?;
        answers::constraints(&rows, &places, self.catalog, &mut self.survey);
        let rows = self.fetch(&server.index_parts(&numbers)).await?;
        answers::parts(&rows, &places, &mut self.survey);
        let names = planner::candidates(self.catalog, wishes);
        let rows = self.fetch(&server.names(&names)).await?;
        answers::names(&rows, &places, &mut self.survey);
        let rows = self.fetch(&server.holders(&numbers)).await?;
        answers::holders(&rows, &places, &mut self.survey);
        self.hearers(wishes, &numbers).await
    }

    async fn comparisons(&mut self, server: &dyn ServerPlanning, wishes: &[Wish]) -> Result<(), Fault> {
        for wish in wishes {
            let Some((child, parent, pairs)) = wish.unknown_pairs(self.catalog) else { continue };
            let sides = |table: TableId, column| {
                let table = self.catalog.table(table)?;
                Some((table.oid, table.column(column)?.1.number))
            };
            let asked: Option<Vec<Sides>> = pairs
                .iter()
                .map(|(ours, theirs)| {
                    Some(Sides { child: sides(child, ours)?, parent: sides(parent, theirs)? })
                })
                .collect();
            let Some(asked) = asked else { continue };
            let rows = self.fetch(&server.comparisons(&asked)).await?;
            self.survey.comparisons.insert(wish.action, answers::comparisons(&rows, asked.len()));
        }
        Ok(())
    }
}
