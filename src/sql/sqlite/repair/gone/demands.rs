//! What a table demands of rows that are written to it, and which of the rows that would leave it are not like that. SQLite
//! holds nobody to that afterwards: a schema may have been edited, and CHECK be switched off for a while.

use super::super::super::ddl;
use super::super::super::pairs::Affinity;
use super::super::journal::text;
use super::radius;
use super::reference::{names, tuple};
use crate::model::catalog::{Column, Generated, Table};
use crate::model::ident::TableName;
use crate::model::plan::removal::{Naming, Removal, Stored};
use crate::model::plan::survey::Demand;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::quote::{quoted, quoted_table};

/// Has SQLite compile what would bring rows back into a table. Nothing is carried out: the answer is a program.
pub(in crate::sql::sqlite) fn compiled(stored: &Stored) -> Query {
    let columns = stored.columns.iter().filter(|kept| !kept.computed);
    let columns: Vec<String> = columns.map(|kept| quoted(&kept.column)).collect();
    let (table, columns) = (quoted_table(&stored.seat.table), columns.join(", "));
    let text = format!("EXPLAIN INSERT OR ABORT INTO {table} ({columns}) SELECT {columns} FROM {table}");
    Query::new(Purpose::Survey, text, Vec::new())
}

/// At most one row: the statement that made a table.
pub(in crate::sql::sqlite) fn definition(table: &TableName) -> Query {
    let select = format!(
        "SELECT sql FROM {}.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)",
        quoted(&table.schema)
    );
    Query::new(Purpose::Survey, select, vec![text(table.name.raw())])
}

/// What a table demands; none where its definition cannot be followed and may hold a CHECK.
pub(in crate::sql::sqlite) fn of(table: &Table, stored: &Stored, definition: &str) -> Option<Vec<Demand>> {
    let checks = match ddl::read(definition) {
        Some(read) => read.checks,
        None if definition.to_ascii_uppercase().contains("CHECK") => return None,
        None => Vec::new(),
    };
    let number = match &stored.seat.naming {
        Some(Naming::Number(number)) => Some(number),
        Some(Naming::Key(_)) | None => None,
    };
    // A row's number is nothing but a number.
    let others = || table.columns.iter().filter(|own| number != Some(&own.name));
    let filled = others().filter(|own| own.not_null).map(|own| Demand::Filled(own.name.clone()));
    let typed = others().filter(|own| changed(own).is_some()).map(|own| Demand::Typed(own.name.clone()));
    Some(filled.chain(typed).chain(checks.into_iter().map(Demand::Checked)).collect())
}

/// A value that a column would not keep as it is; none where it keeps every value.
fn changed(column: &Column) -> Option<String> {
    let name = quoted(&column.name);
    if column.typed {
        let class = match column.type_name.to_ascii_uppercase().as_str() {
            "INT" | "INTEGER" => "integer",
            "REAL" => "real",
            "TEXT" => "text",
            "BLOB" => "blob",
            _ => return None,
        };
        return Some(format!("typeof({name}) NOT IN ('null', '{class}')"));
    }
    // What the engine computes it computes anew.
    if matches!(column.generated, Generated::Stored | Generated::Virtual) {
        return None;
    }
    let affinity = Affinity::of(column);
    let other = format!("typeof({}) <> typeof({name})", affinity.stored(&name));
    match affinity {
        Affinity::None => None,
        Affinity::Text | Affinity::Real => Some(other),
        // A whole number is made an integer, except for those at the ends.
        Affinity::Numeric => Some(format!(
            "({other} OR typeof({name}) = 'real' AND {name} = CAST({name} AS INTEGER) AND abs({name}) < 9.2e18)"
        )),
    }
}

/// One row: for each demand, how many of the rows of a table that a removal takes are not like that.
pub(in crate::sql::sqlite) fn unlike(
    removal: &Removal,
    (spot, depth): (usize, u32),
    table: &Table,
    demands: &[Demand],
) -> Option<Query> {
    let stored = removal.tables.get(spot)?;
    let broken = demands.iter().map(|demand| {
        let condition = match demand {
            // SQLite believes the declaration, and takes IS NULL for never.
            Demand::Filled(column) => format!("typeof({}) = 'null'", quoted(column)),
            Demand::Typed(column) => changed(table.column(column)?.1)?,
            Demand::Checked(check) => format!("NOT {check}"),
        };
        Some(format!("count(*) FILTER (WHERE {condition})"))
    });
    let broken: Vec<String> = broken.collect::<Option<_>>()?;
    // Under no alias: a CHECK may name the table.
    let own = quoted_table(&stored.seat.table);
    let named = names(&stored.seat, &own);
    let listed: Vec<String> = (0..named.len()).map(|at| format!("s.n{at}")).collect();
    let select = format!(
        "{}\nSELECT {} FROM {own} WHERE {} IN (SELECT {} FROM s WHERE s.spot = {spot})",
        radius::reached(removal, depth),
        broken.join(", "),
        tuple(&named),
        listed.join(", ")
    );
    Some(Query::new(Purpose::Survey, select, Vec::new()))
}
