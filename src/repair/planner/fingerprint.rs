//! Digests: over a plan, and over the definition of the tables it touches. Canonical JSON: keys in order, no blanks.

use crate::model::catalog::{Catalog, Table};
use crate::model::plan::{Plan, Touched};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The digest of anything that has a JSON form.
pub(super) fn digest(value: &impl Serialize) -> String {
    // A `Value` keeps its keys in order, whatever order a struct or a file had.
    let text = serde_json::to_value(value).map_or_else(|_| String::new(), |value| value.to_string());
    let hex: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The fingerprint of a plan: over everything but itself.
pub(crate) fn of(plan: &Plan) -> String {
    digest(&Plan { fingerprint: String::new(), ..plan.clone() })
}

/// The digest of all touched tables.
pub(super) fn of_tables(tables: &[Touched]) -> String {
    digest(&tables)
}

/// A table as a plan may rely on it: nothing here is changed by any step of ours, so a plan is not outdated by its own
/// beginning.
pub(super) fn of_table(catalog: &Catalog, table: &Table) -> String {
    let name = |place: usize| table.columns.get(place).map_or("", |column| column.name.raw());
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            json!([
                column.name,
                column.number,
                column.type_name,
                column.base_type,
                column.collation,
                column.not_null,
                format!("{:?}", column.generated)
            ])
        })
        .collect();
    let keys: Vec<Value> = table
        .keys
        .iter()
        .map(|key| json!([key.name, key.primary, key.columns.iter().map(|at| name(*at)).collect::<Vec<_>>()]))
        .collect();
    let mut triggers: Vec<Value> = table
        .triggers
        .iter()
        .map(|trigger| json!([trigger.name, trigger.definition, trigger.enabled]))
        .collect();
    triggers.sort_by_key(Value::to_string);
    let above = table.partition_of.and_then(|above| catalog.table(above)).map(|above| &above.name);
    let mut rules: Vec<&str> = table.rules.iter().map(|rule| rule.raw()).collect();
    rules.sort_unstable();
    digest(&json!({
        "name": table.name, "kind": format!("{:?}", table.kind), "partition_of": above,
        "partition_key": table.partition_key, "columns": columns, "keys": keys, "triggers": triggers,
        "rules": rules, "row_security": format!("{:?}", table.row_security),
    }))
}
