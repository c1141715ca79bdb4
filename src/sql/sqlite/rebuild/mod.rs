//! The rebuild of a table, as SQLite documents it (<https://www.sqlite.org/lang_altertable.html#otheralter>): a new table is
//! made, filled, and put in the place of the old one; never is the old one renamed, for everything that refers to it would
//! follow. Around that stands what proves that nothing was lost: rows of every table, references, definitions, statistics.
//! Each proof is a statement that must come to a number of rows, or the whole transaction is rolled back.

mod after;
mod before;
mod make;
mod probe;

use crate::model::ident::{Ident, TableName};
use crate::model::plan::rebuild::{Copying, Rebuild};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::{Change, Setting};
use crate::sql::quote::quoted;
use crate::sql::rebuild::{Part, Pass, Rebuilds, Trial};

pub(crate) use make::{becomes, clause, create};

/// Tables of the session's own that hold what was there before. Gone at the end of the transaction.
mod kept {
    pub(super) const ROWS: &str = "temp.\"waif_rebuild_rows\"";
    pub(super) const KEYS: &str = "temp.\"waif_rebuild_keys\"";
    pub(super) const SCHEMA: &str = "temp.\"waif_rebuild_schema\"";
    pub(super) const MEMORY: &str = "temp.\"waif_rebuild_memory\"";
}

impl Rebuilds for super::Sqlite {
    fn rebuild(&self, made: &Rebuild) -> Vec<Part> {
        rebuild(made)
    }

    fn trials(&self, made: &Rebuild) -> Vec<Trial> {
        probe::trials(made)
    }

    fn definition(&self, table: &TableName) -> Query {
        let text = "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
        Query::new(Purpose::Survey, text, vec![self::text(&table.name)])
    }

    fn settle(&self) -> Change {
        Change::new(Purpose::Session, "PRAGMA main.wal_checkpoint(TRUNCATE)", Vec::new()).returning()
    }
}

/// All statements, in order. Keys must be off and renames plain for the whole transaction; the first one says so.
pub(crate) fn rebuild(rebuild: &Rebuild) -> Vec<Part> {
    let mut parts = Parts::default();
    before::still(&mut parts, rebuild);
    before::control(&mut parts);
    before::remember(&mut parts, rebuild);
    make::table(&mut parts, rebuild);
    make::exchange(&mut parts, rebuild);
    make::belongings(&mut parts, rebuild);
    after::definitions(&mut parts, rebuild);
    after::rows(&mut parts, rebuild);
    after::references(&mut parts, rebuild);
    after::whole(&mut parts, rebuild);
    after::forget(&mut parts, rebuild);
    let mut parts = parts.0;
    if let Some(first) = parts.first_mut() {
        let change = first.change.clone().needing(Setting::KeysOff);
        first.change = change.needing(Setting::LegacyRename).needing(Setting::Alone);
    }
    parts
}

/// A row for each row of the schema table, in the order they were made: sort, name, table, text, whether it has pages.
pub(crate) fn schema() -> Query {
    let text =
        "SELECT type, name, tbl_name, sql, coalesce(rootpage, 0) > 0 FROM main.sqlite_schema ORDER BY rowid";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// One row: the rows of a table.
pub(crate) fn size(table: &Ident) -> Query {
    // A lone count(*) would be one step of SQLite's machine, which no wish to stop could reach.
    let text = format!("SELECT coalesce(sum(1), 0) FROM {}", main(table));
    Query::new(Purpose::Survey, text, Vec::new())
}

/// The statements that bring the old definition back, for people: the same way, without the proofs.
pub(crate) fn back(rebuild: &Rebuild) -> Vec<String> {
    let said = |text: &str| text.to_owned();
    let mut all = vec![said("PRAGMA foreign_keys = OFF"), said("PRAGMA legacy_alter_table = ON")];
    all.push(said("BEGIN EXCLUSIVE"));
    let old = create(&rebuild.from, &rebuild.scratch).unwrap_or_else(|| rebuild.from.clone());
    let old = Rebuild { create: old, ..rebuild.clone() };
    let mut parts = Parts::default();
    before::keep_memory(&mut parts, &old);
    make::table(&mut parts, &old);
    make::exchange(&mut parts, &old);
    make::belongings(&mut parts, &old);
    after::forget_memory(&mut parts, &old);
    all.extend(parts.0.iter().map(|part| written(&part.change)));
    all.push(said("COMMIT"));
    all.push(said("PRAGMA legacy_alter_table = OFF"));
    all
}

/// A statement with its arguments in their places, for a person to run.
fn written(change: &Change) -> String {
    let arguments: Vec<String> = change.args().iter().map(super::literal::literal).collect();
    super::ddl::with_arguments(change.text(), &arguments)
}

/// Statements in the making.
#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    /// A statement whatever it comes to.
    fn say(&mut self, pass: Pass, text: impl Into<String>, args: Vec<Value>) {
        self.0.push(Part { pass, change: Change::new(Purpose::Ddl, text, args), per_row: 0.0 });
    }

    /// The latest statement takes so many microseconds a row. Measured on two cores with everything in memory.
    fn taking(&mut self, per_row: f64) {
        if let Some(latest) = self.0.last_mut() {
            latest.per_row = per_row;
        }
    }

    /// A question that must be answered with so many rows.
    fn must(
        &mut self,
        pass: Pass,
        rows: u64,
        text: impl Into<String>,
        args: Vec<Value>,
        otherwise: &'static str,
    ) {
        let change = Change::new(Purpose::Proof, text, args).returning().expecting(rows, otherwise);
        self.0.push(Part { pass, change, per_row: 0.0 });
    }
}

/// A table of the file.
fn main(name: &Ident) -> String {
    format!("main.{}", quoted(name))
}

fn text(name: &Ident) -> Value {
    Value::Text(name.raw().to_owned())
}

/// The name row ids are asked for by.
fn rowid(rebuild: &Rebuild) -> Option<&Ident> {
    match &rebuild.copying {
        Copying::Whole { rowid } | Copying::Columns { rowid, .. } => rowid.as_ref(),
    }
}
