//! Remedies: statements a person is shown and may run: the right that is missing, the key that was dropped.

use crate::model::ident::{Ident, TableName};
use crate::sql::planning::Grant;
use crate::sql::quote::{quoted, quoted_table};

/// Adds a foreign key as the server wrote it down.
pub(in crate::sql::postgres) fn add_again(table: &TableName, name: &Ident, definition: &str) -> String {
    format!("ALTER TABLE {} ADD CONSTRAINT {} {definition}", quoted_table(table), quoted(name))
}

/// Drops a foreign key where it is there: that of a partition goes with that of the whole.
pub(in crate::sql::postgres) fn drop_key_again(table: &TableName, name: &Ident) -> String {
    format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", quoted_table(table), quoted(name))
}

/// Drops an index where it is there: that of a partition goes with that of the whole.
pub(in crate::sql::postgres) fn drop_index_again(index: &TableName, concurrently: bool) -> String {
    let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
    format!("DROP INDEX {concurrently}IF EXISTS {}", quoted_table(index))
}

/// Gives a right.
pub(in crate::sql::postgres) fn grant(right: &Grant<'_>) -> String {
    let role = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    match right {
        Grant::Own(table, to) => format!("ALTER TABLE {} OWNER TO {}", quoted_table(table), role(to)),
        Grant::Table(what, table, to) => format!("GRANT {what} ON {} TO {}", quoted_table(table), role(to)),
        Grant::Update(column, table, to) => {
            format!("GRANT UPDATE ({}) ON {} TO {}", quoted(column), quoted_table(table), role(to))
        }
        Grant::Member(of, to) => format!("GRANT {} TO {}", role(of), role(to)),
        Grant::Enter(schema, to) => format!("GRANT USAGE ON SCHEMA {} TO {}", quoted(schema), role(to)),
        Grant::CreateIn(schema, to) => {
            format!("GRANT USAGE, CREATE ON SCHEMA {} TO {}", quoted(schema), role(to))
        }
        Grant::Temporary(database, to) => {
            format!("GRANT TEMPORARY ON DATABASE {} TO {}", role(database), role(to))
        }
        Grant::CreateSchemas(database, to) => {
            format!("GRANT CREATE ON DATABASE {} TO {}", role(database), role(to))
        }
    }
}
