//! What is asked of a database that is a file, and of the operating system about it. Triggers, keys and indexes stand in
//! the catalog already: SQLite hides nothing from whoever may read the file.

use super::{Looking, answers};
use crate::model::catalog::{TableId, TableKind};
use crate::model::fault::Fault;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::survey::SchemaRow;
use crate::model::relation::Comparison;
use crate::model::value::Value;
use crate::repair::planner::wish::{What, Wish};
use crate::sql::planning::FilePlanning;
use std::collections::BTreeSet;

/// A row of the schema table.
pub(crate) fn schema_row(row: &[Value]) -> Option<SchemaRow> {
    let name = |at: usize| Ident::new(row.get(at)?.text()?).ok();
    Some(SchemaRow {
        sort: row.first()?.text()?.to_owned(),
        name: name(1)?,
        table: name(2)?,
        sql: row.get(3)?.text().map(str::to_owned),
        stored: row.get(4)?.truth(),
    })
}

impl Looking<'_> {
    /// Everything but counts.
    pub(super) async fn at_file(&mut self, file: &dyn FilePlanning, wishes: &[Wish]) -> Result<(), Fault> {
        self.journal(file).await?;
        let schemas: BTreeSet<Ident> = wishes
            .iter()
            .flat_map(Wish::tables)
            .filter_map(|id| self.catalog.table(id))
            .map(|table| table.name.schema.clone())
            .collect();
        for schema in schemas {
            for row in self.fetch(&file.taken(&schema)).await? {
                let name = row.first().and_then(Value::text).and_then(|name| Ident::new(name).ok());
                let names = name.map(|name| (TableName { schema: schema.clone(), name }, None));
                self.survey.names.extend(names);
            }
        }
        self.rebuilt(file, wishes).await?;
        for wish in wishes {
            // The parent's own affinity and collation decide: nothing has to be asked for.
            if let Some((.., pairs)) = wish.unknown_pairs(self.catalog) {
                let how = vec![Some(Comparison::default()); pairs.len()];
                self.survey.comparisons.insert(wish.action, how);
            }
        }
        Ok(())
    }

    /// What must be known of tables whose keys are to be changed: SQLite builds them anew for it.
    async fn rebuilt(&mut self, file: &dyn FilePlanning, wishes: &[Wish]) -> Result<(), Fault> {
        let changed = |wish: &Wish| match &wish.what {
            What::Add(key) | What::Replace(key) | What::Drop(key) => Some(key.child),
            _ => None,
        };
        let tables: BTreeSet<TableId> = wishes.iter().filter_map(changed).collect();
        if tables.is_empty() {
            return Ok(());
        }
        let rows = self.fetch(&file.schema()).await?;
        self.survey.schema.extend(rows.iter().filter_map(|row| schema_row(row)));
        for id in tables {
            let Some(table) = self.catalog.table(id).filter(|table| table.kind != TableKind::Virtual) else {
                continue;
            };
            let rows = self.fetch(&file.size(&table.name.name)).await?;
            let [rows] = answers::numbers(&rows)?;
            self.survey.sizes.insert(id, rows);
        }
        Ok(())
    }

    async fn journal(&mut self, file: &dyn FilePlanning) -> Result<(), Fault> {
        let rows = self.fetch(&self.repairs.journal_stands()).await?;
        let stands = rows.first().and_then(|row| row.first()).is_some_and(Value::truth);
        let strange = self.fetch(&file.strange()).await?;
        let marks = self.fetch(&file.marks()).await?;
        let mark =
            |at: usize| marks.first().and_then(|row| row.get(at)).and_then(Value::count).unwrap_or_default();
        let facts = self.engine.file();
        let ground = &mut self.survey.ground;
        ground.journal = stands;
        ground.strange = strange.iter().filter_map(|row| Some(row.first()?.visible().into_owned())).collect();
        ground.may_keep_journal = facts.as_ref().is_none_or(|facts| facts.closed.is_none());
        ground.system_identifier = facts.as_ref().map(|facts| facts.identity.clone());
        ground.database_number = Some(format!("application {}, version {}", mark(0), mark(1)));
        self.survey.file = facts;
        self.survey.company = self.engine.company();
        Ok(())
    }
}
