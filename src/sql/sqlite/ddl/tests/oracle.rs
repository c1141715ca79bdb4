//! SQLite is the judge: random texts are taken by it, edited, and taken again; its pragmas must show exactly the intended
//! difference.

use super::super::{renamed, with_key, without_keys};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

fn rows(connection: &mut SqliteConnection, runtime: &tokio::runtime::Runtime, sql: &str) -> Vec<Vec<String>> {
    let text = sql.to_owned();
    let rows = runtime.block_on(sqlx::query(AssertSqlSafe(text)).fetch_all(connection));
    let rows = rows.unwrap_or_else(|error| panic!("{error}: {sql}"));
    let cell =
        |row: &sqlx::sqlite::SqliteRow, at| row.get_unchecked::<Option<String>, _>(at).unwrap_or_default();
    rows.iter().map(|row| (0..row.columns().len()).map(|at| cell(row, at)).collect()).collect()
}

/// What the pragmas tell of a table: everything but its references, and its references without their numbers.
type Told = (Vec<Vec<String>>, Vec<Vec<String>>);

fn told(runtime: &tokio::runtime::Runtime, sql: &str) -> Told {
    let mut connection = runtime
        .block_on(SqliteConnectOptions::new().in_memory(true).foreign_keys(false).connect())
        .expect("a database in memory");
    rows(&mut connection, runtime, sql);
    let mut other = rows(&mut connection, runtime, "SELECT * FROM pragma_table_xinfo('t')");
    other.extend(rows(&mut connection, runtime, "SELECT * FROM pragma_table_list('t')"));
    other.extend(rows(
        &mut connection,
        runtime,
        "SELECT l.\"unique\", l.origin, x.* FROM pragma_index_list('t') AS l, pragma_index_xinfo(l.name) AS x",
    ));
    let keys = rows(
        &mut connection,
        runtime,
        "SELECT \"from\" || '>' || coalesce(\"to\", ''), \"table\", on_update, on_delete \
         FROM pragma_foreign_key_list('t') ORDER BY id DESC, seq",
    );
    // The text is kept as it came, up to the words before the name.
    let kept = rows(&mut connection, runtime, "SELECT sql FROM sqlite_schema WHERE name = 't'");
    assert!(sql.ends_with(kept[0][0].trim_start_matches("CREATE TABLE ")), "{sql}\n{kept:?}");
    (other, keys)
}

/// A column without its references: name, type, constraints.
fn column() -> impl Strategy<Value = String> {
    let constraint = select(vec![
        "NOT NULL",
        "DEFAULT ')'",
        "DEFAULT (1 + (2))",
        "CHECK (1 <> ',(' /* ) */)",
        "COLLATE \"NOCASE\"",
        "CONSTRAINT \"n\"\"n\" NOT NULL ON CONFLICT ABORT",
        "DEFAULT -1.5e-3",
        "DEFAULT x'2929'",
        "UNIQUE",
    ]);
    (select(vec!["", " INT", " VARCHAR(10, 2)", "/**/\"odd type\""]), prop::collection::vec(constraint, 0..3))
        .prop_map(|(kind, more)| more.iter().fold(kind.to_owned(), |text, one| format!("{text} {one}")))
}

fn space() -> impl Strategy<Value = &'static str> {
    select(vec![" ", "\n  ", "\r\n\t", " /* ) , ( */ ", " -- it's (\n", "  "])
}

/// What a reference of a column or of the table looks like from REFERENCES on.
fn clause() -> impl Strategy<Value = String> {
    let parent = select(vec!["p", "\"p q\"", "[p]", "`p`", "t", "'p'", "\"a\nb\""]);
    let to = select(vec!["", "(x)", " ( \"y\" )"]);
    let more = subsequence(
        vec!["ON DELETE CASCADE", "ON UPDATE SET NULL", "MATCH FULL", "ON DELETE NO ACTION"],
        0..3,
    );
    let defer = select(vec![
        "",
        " DEFERRABLE",
        " NOT DEFERRABLE",
        " DEFERRABLE INITIALLY DEFERRED",
        " NOT DEFERRABLE INITIALLY IMMEDIATE",
    ]);
    (parent, to, more, defer)
        .prop_map(|(parent, to, more, defer)| format!("REFERENCES {parent}{to} {}{defer}", more.join(" ")))
}

prop_compose! {
    /// A statement as people write them.
    fn statement()(
        columns in prop::collection::vec((column(), prop::option::of(clause()), space()), 1..4),
        keys in prop::collection::vec((any::<bool>(), clause(), space(), any::<bool>()), 0..3),
        check in any::<bool>(),
        tail in space(),
        strict in select(vec!["", " STRICT"]),
    ) -> String {
        let names = ["a", "\"b c\"", "[d]"];
        let mut text = "CREATE TABLE t(".to_owned();
        for (at, (column, clause, space)) in columns.iter().enumerate() {
            let kind = if strict.is_empty() { column.clone() } else { format!(" TEXT {}", column.trim_start_matches(|c: char| c != ' ')) };
            let kind = if strict.is_empty() { kind } else { kind.replace("VARCHAR(10, 2)", "").replace("type\"", "").replace(" INT", "") };
            let comma = if at > 0 { "," } else { "" };
            text.push_str(&format!("{comma}{space}{}{kind}", names[at]));
            if let Some(clause) = clause {
                text.push_str(&format!("{space}{clause}"));
            }
        }
        if check {
            text.push_str(",CHECK (a <> ')')");
        }
        for (at, (named, clause, space, comma)) in keys.iter().enumerate() {
            let comma = if *comma || (at == 0 && !check) { "," } else { "" };
            let named = if *named { format!("CONSTRAINT k{at} ") } else { String::new() };
            text.push_str(&format!("{comma}{space}{named}FOREIGN KEY (a) {clause}"));
        }
        format!("{text}{tail}){strict}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn sqlite_sees_exactly_the_intended_difference(sql in statement(), pick in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (other, keys) = told(&runtime, &sql);

        let key = "CONSTRAINT \"k)\n\" FOREIGN KEY (\"a\") REFERENCES \"new\" (\"z\") ON DELETE CASCADE";
        let more = with_key(&sql, key).expect("followed");
        let (same, with) = told(&runtime, &more);
        prop_assert_eq!(&same, &other);
        let mut expected = keys.clone();
        expected.push(["a>z", "new", "NO ACTION", "CASCADE"].map(str::to_owned).to_vec());
        prop_assert_eq!(&with, &expected);
        let (back, again) = told(&runtime, &without_keys(&more, &[keys.len()]).expect("followed"));
        prop_assert_eq!((&back, &again), (&other, &keys));

        if !keys.is_empty() {
            let place = pick.index(keys.len());
            let (same, without) = told(&runtime, &without_keys(&sql, &[place]).expect("followed"));
            prop_assert_eq!(&same, &other);
            let mut expected = keys.clone();
            expected.remove(place);
            prop_assert_eq!(without, expected);
        }

        let other_name = renamed(&sql, "main.\"n\"\"\n\"").expect("followed");
        let back = renamed(&other_name, "t").expect("followed");
        prop_assert_eq!(back, sql);
    }
}
