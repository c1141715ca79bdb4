//! PostgreSQL's side: the damage goes in past the triggers, the verdict is that of a key added and proved anew.

use super::Side;
use super::schema::{Kind, Reference, Schema, Table};
use crate::support::Outcome;
use crate::ward::Ward;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub struct Postgres {
    ward: Ward,
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "int",
        Kind::Big => "bigint",
        Kind::Text => "text",
        Kind::Number => "numeric",
        Kind::Bytes => "bytea",
        Kind::Day => "date",
        Kind::Id => "uuid",
    }
}

fn value(kind: Kind, number: u64) -> String {
    match kind {
        Kind::Int => number.to_string(),
        Kind::Big => (number as i64 * -3_000_000_017).to_string(),
        Kind::Text => format!("'ké''\\{number} '"),
        Kind::Number => format!("{number}.{}", ["0", "50", "125"][number as usize % 3]),
        Kind::Bytes => format!("'\\x00{:06x}'", number * 7919),
        Kind::Day => format!("(date '2020-02-28' + {number})"),
        Kind::Id => format!("'{:08x}-0000-4000-8000-{:012x}'", number * 65_537, number),
    }
}

fn cell(kind: Kind, number: Option<u64>) -> String {
    number.map_or_else(|| "NULL".to_owned(), |number| value(kind, number))
}

fn create(table: &Table) -> String {
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let mut line = format!("{} {}", column.name, type_name(column.kind));
            if let Some(number) = column.default {
                let _ = write!(line, " DEFAULT {}", value(column.kind, number));
            }
            if column.not_null {
                line.push_str(" NOT NULL");
            }
            line
        })
        .collect();
    let key = if table.primary { "PRIMARY KEY" } else { "UNIQUE" };
    lines.push(format!("{key} ({})", table.key_names().join(", ")));
    let mut script = format!("CREATE TABLE {} ({});\n", table.name, lines.join(", "));
    let rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> =
                table.columns.iter().zip(row).map(|(column, number)| cell(column.kind, *number)).collect();
            format!("({})", cells.join(", "))
        })
        .collect();
    let _ = writeln!(script, "INSERT INTO {} VALUES {};", table.name, rows.join(", "));
    script
}

/// The key of a reference as ALTER TABLE takes it.
fn key(schema: &Schema, reference: &Reference) -> String {
    let (child, parent) = (&schema.tables[reference.child], &schema.tables[reference.parent]);
    let columns: Vec<&str> = reference.columns.iter().map(|at| child.columns[*at].name.as_str()).collect();
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}) MATCH {} ON DELETE {}",
        columns.join(", "),
        parent.name,
        parent.key_names().join(", "),
        if reference.full { "FULL" } else { "SIMPLE" },
        reference.on_delete.words()
    )
}

impl Side for Postgres {
    const PROVES_LATER: bool = true;

    fn of(schema: &Schema) -> Self {
        let mut script = String::new();
        // Keys that are proved stand over empty tables; the rows go in past them.
        let (mut empty, mut keys, mut late) = (String::new(), String::new(), String::new());
        for table in &schema.tables {
            let own = create(table);
            let (create, rows) = own.split_once('\n').expect("two statements");
            empty.push_str(create);
            script.push_str(rows);
        }
        for (number, reference) in schema.references.iter().enumerate().filter(|(_, own)| own.declared) {
            let name = &schema.tables[reference.child].name;
            let own = key(schema, reference);
            let _ = match reference.proved {
                true => write!(keys, "ALTER TABLE {name} ADD CONSTRAINT f{number} {own};"),
                false => write!(late, "ALTER TABLE {name} ADD CONSTRAINT f{number} {own} NOT VALID;"),
            };
        }
        let script = format!(
            "{empty}{keys}SET session_replication_role = replica;\n{script}SET session_replication_role = origin;{late}ANALYZE;"
        );
        Self { ward: Ward::of("random", &script) }
    }

    fn plans(&self, actions: &[&str]) -> Outcome {
        self.ward.plans(actions, &[])
    }

    fn run(&self) -> Outcome {
        self.ward.run().run()
    }

    fn restore(&self) -> Outcome {
        self.ward.restore(&[])
    }

    fn sums(&self) -> BTreeMap<String, String> {
        self.ward.sums()
    }

    fn held(&self) -> u64 {
        self.ward.held()
    }

    fn objection(&self, schema: &Schema, reference: &Reference) -> Option<String> {
        let name = &schema.tables[reference.child].name;
        let script = format!(
            "BEGIN; ALTER TABLE {name} ADD CONSTRAINT proof {} NOT VALID; ALTER TABLE {name} VALIDATE CONSTRAINT proof; ROLLBACK;",
            key(schema, reference)
        );
        self.ward.database.try_execute(&script).err()
    }

    fn lift_keys(&self, schema: &Schema) {
        for (number, reference) in schema.references.iter().enumerate().filter(|(_, own)| own.declared) {
            let name = &schema.tables[reference.child].name;
            self.ward.database.execute(&format!("ALTER TABLE {name} DROP CONSTRAINT f{number}"));
        }
    }
}
