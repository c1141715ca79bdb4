//! FROM and WHERE as people copy them, run by the sqlite3 shell: they find exactly the rows they were copied from.

use super::opened::Opened;
use crate::support::SqliteFile;
use waif::model::value::Value;
use waif::sql::Page;
use waif::sql::spell::spelled;

#[test]
fn copied_clauses_find_their_rows_and_no_other() {
    // `n` tells the rows apart, whatever they are found by.
    let kinds = [
        "n INTEGER PRIMARY KEY, x REFERENCES p",
        "n, x REFERENCES p",
        "k PRIMARY KEY, n, x REFERENCES p",
        "k, n, x REFERENCES p, PRIMARY KEY (k, n)",
        "k PRIMARY KEY, n, x REFERENCES p",
        "rowid, n, x REFERENCES p",
    ];
    let keys = "VALUES (1, 'it''s', 7), (2, x'00ff', 'o''x'), (3, 1.5, 7.25), (4, -9, x'c328'), (5, '', ''),
                (6, 'a' || char(10) || 'b', 'line' || char(10)), (7, '2', 7), (8, 2, '7'), (9, CAST(x'c3' AS TEXT), 7)";
    for (at, kind) in kinds.into_iter().enumerate() {
        let without = if at == 4 { " WITHOUT ROWID" } else { "" };
        let first = match kind {
            _ if kind.starts_with('k') => "k, n, x",
            _ if kind.starts_with("rowid") => "rowid, n, x",
            _ => "n, x",
        };
        let columns = if first == "n, x" { "column1, column3" } else { "column2, column1, column3" };
        let file = SqliteFile::with(&format!(
            "CREATE TABLE p(id PRIMARY KEY); CREATE TABLE c({kind}){without};
             INSERT INTO c({first}) SELECT {columns} FROM ({keys});"
        ));
        let opened = Opened::at(file.path());
        let catalog = opened.catalog();
        let (relation, dialect) = (&catalog.relations[0], opened.dialect());
        let place = first.split(", ").position(|name| name == "n").expect("it has a number");
        let list = dialect.orphan_rows(&catalog, relation, None, &Page { after: None, limit: 100 });
        let rows = opened.fetch(&list.query);
        assert_eq!(rows.len(), 9, "{kind}");
        for row in rows {
            let (key, cells) = row.split_at(list.key_columns);
            let Value::Int(number) = cells[place] else { panic!("{kind}: {cells:?}") };
            let clause = spelled(dialect, &dialect.row_clause(&catalog, relation, key));
            let found = file.ask(&format!("SELECT c.n {clause}"));
            assert_eq!(found, number.to_string(), "{kind}: {clause}");
        }
        let all = spelled(dialect, &dialect.orphans_clause(&catalog, relation, None));
        assert_eq!(file.count(&format!("SELECT count(*) {all}")), 9, "{kind}: {all}");
        let parents = dialect.missing_parents(&catalog, relation, 100);
        for parent in opened.fetch(&parents.query) {
            let (key, children) = parent.split_at(parents.key_columns);
            let own = spelled(dialect, &dialect.orphans_clause(&catalog, relation, Some(key)));
            let counted = file.count(&format!("SELECT count(*) {own}"));
            assert_eq!(Some(counted), children[0].count(), "{kind}: {own}");
        }
    }
}
