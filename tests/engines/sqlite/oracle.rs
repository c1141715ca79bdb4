//! Random schemas and rows against two oracles: `PRAGMA foreign_key_check` table by table, asked of the sqlite3 shell,
//! which is another build of SQLite than the one inside waif; and a loop over all pairs of rows.

use super::opened::{Opened, count};
use crate::support::dice::seed;
use crate::support::{Dice, SqliteFile};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use waif::model::catalog::Catalog;
use waif::model::relation::Relation;
use waif::model::value::{Row, Value};
use waif::sql::Path as Access;

const CASES: u64 = 160;

/// Declared types: each affinity, in the spellings people use, and none.
const TYPES: &[&str] = &[
    "",
    "INTEGER",
    "INT",
    "TEXT",
    "VARCHAR(10)",
    "REAL",
    "DOUBLE",
    "NUMERIC",
    "DECIMAL(8,2)",
    "BLOB",
    "DATE",
];
const COLLATIONS: &[&str] = &["", "", "", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE binary"];

/// Values that are equal under one affinity or collation and different under another.
const VALUES: &[&str] = &[
    "NULL",
    "0",
    "1",
    "1.0",
    "-1",
    "2",
    "1.5",
    "10",
    "1e1",
    "'1'",
    "'01'",
    "'1.0'",
    "' 1'",
    "'1 '",
    "'1e0'",
    "'a'",
    "'A'",
    "'a '",
    "'ä'",
    "'Ä'",
    "''",
    "' '",
    "x''",
    "x'31'",
    "x'61'",
    "'abc'",
    "'10'",
    "'0x1'",
    "9007199254740993",
    "9007199254740992.0",
    "'9007199254740993'",
    "9223372036854775807",
    "'9223372036854775807'",
    "1e300",
    "-0.0",
    "'-0'",
    "'1.5'",
    "'1.50'",
    "CAST(x'ff' AS TEXT)",
    "x'ff'",
    "CAST(x'610061' AS TEXT)",
];

/// Names nobody should choose and somebody did.
const NAMES: &[&str] = &[
    "plain",
    "Mixed",
    "with space",
    "a\"b",
    "it's",
    "select",
    "new\nline",
    "esc\u{1b}[31m",
    "semi;colon",
    "--dash",
    "/*star*/",
    "ünïcødé",
    "🦊",
    "rtl\u{202e}abc",
    "brack[et]",
    "`tick`",
    "?1",
    "$1",
    "rowid",
    "c",
    "p",
    "k1",
    "n",
    "oid",
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A schema of a parent and a child, and a script that makes it.
struct Case {
    script: String,
    child: String,
    parent: String,
    columns: Vec<(String, String)>,
    /// The parent's columns with type and collation, REAL as NUMERIC: an index never converts an integer to REAL.
    like: Vec<String>,
}

/// How the parent's key is kept unique.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Rowid,
    Primary,
    WithoutRowid,
    Unique,
    Index,
    /// By nothing a reference may rely on: a partial index, or one under a collation that is not the columns' own.
    NotQuite,
}

fn names(dice: &mut Dice, count: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    while names.len() < count {
        let name = dice.pick(NAMES);
        if names.iter().all(|taken| !taken.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

fn case(dice: &mut Dice) -> Case {
    let width = [1, 1, 1, 2, 3][dice.below(5)];
    let names = names(dice, 2 + 2 * width);
    let (child, parent) = (format!("{}_child", names[0]), format!("{}_parent", names[1]));
    let columns: Vec<(String, String)> =
        (0..width).map(|nth| (names[2 + nth].clone(), names[2 + width + nth].clone())).collect();
    let key = if width == 1 {
        [Key::Rowid, Key::Primary, Key::WithoutRowid, Key::Unique, Key::Index, Key::NotQuite][dice.below(6)]
    } else {
        [Key::Primary, Key::WithoutRowid, Key::Unique, Key::Index, Key::NotQuite][dice.below(5)]
    };
    let mut script = String::from("PRAGMA foreign_keys = OFF;\nBEGIN;\n");
    let like = parent_table(dice, &mut script, &parent, &columns, key);
    child_table(dice, &mut script, &child, &parent, &columns, key);
    for _ in 0..dice.below(40) {
        let row: Vec<&str> = columns.iter().map(|_| dice.pick(VALUES)).collect();
        let row = if is_rowid(key, &like) {
            vec![dice.pick(&["NULL", "0", "1", "-1", "2", "10", "9007199254740993"])]
        } else {
            row
        };
        writeln!(script, "INSERT OR IGNORE INTO {} VALUES ({});", quoted(&parent), row.join(", ")).unwrap();
    }
    let none = dice.chance(15);
    for _ in 0..dice.below(80) {
        let mut row: Vec<&str> = columns.iter().map(|_| dice.pick(VALUES)).collect();
        if none {
            row[dice.below(columns.len())] = "NULL";
        }
        writeln!(
            script,
            "INSERT OR IGNORE INTO {} ({}) VALUES ({});",
            quoted(&child),
            list(&columns, 0),
            row.join(", ")
        )
        .unwrap();
    }
    if dice.chance(30) {
        script.push_str("ANALYZE;\n");
    }
    script.push_str("COMMIT;\n");
    Case { script, child, parent, columns, like }
}

fn list(columns: &[(String, String)], side: usize) -> String {
    let names = columns.iter().map(|(child, parent)| quoted(if side == 0 { child } else { parent }));
    names.collect::<Vec<_>>().join(", ")
}

fn parent_table(
    dice: &mut Dice,
    script: &mut String,
    name: &str,
    columns: &[(String, String)],
    key: Key,
) -> Vec<String> {
    let name = quoted(name);
    let like: Vec<String> = columns
        .iter()
        .map(|(_, parent)| match key {
            Key::Rowid => format!("{} INTEGER", quoted(parent)),
            _ => format!("{} {}{}", quoted(parent), dice.pick(TYPES), dice.pick(COLLATIONS)),
        })
        .collect();
    let definitions = like.join(", ");
    let all = list(columns, 1);
    let text = match key {
        Key::Rowid => format!("CREATE TABLE {name} ({definitions} PRIMARY KEY);"),
        Key::Primary => format!("CREATE TABLE {name} ({definitions}, PRIMARY KEY ({all}));"),
        Key::WithoutRowid => {
            format!("CREATE TABLE {name} ({definitions}, PRIMARY KEY ({all})) WITHOUT ROWID;")
        }
        Key::Unique => format!("CREATE TABLE {name} ({definitions}, UNIQUE ({all}));"),
        Key::NotQuite => {
            let tail = [" WHERE 1", "", ""][dice.below(3)];
            let collation = if tail.is_empty() { dice.pick(COLLATIONS) } else { "" };
            let spelled: Vec<String> =
                columns.iter().map(|(_, parent)| format!("{}{collation}", quoted(parent))).collect();
            let spelled = spelled.join(", ");
            format!(
                "CREATE TABLE {name} ({definitions});\nCREATE UNIQUE INDEX of_parent ON {name}({spelled}){tail};"
            )
        }
        Key::Index => {
            let mut turned: Vec<String> = columns.iter().map(|(_, parent)| quoted(parent)).collect();
            turned.rotate_left(dice.below(columns.len()));
            format!(
                "CREATE TABLE {name} ({definitions});\nCREATE UNIQUE INDEX of_parent ON {name}({});",
                turned.join(", ")
            )
        }
    };
    writeln!(script, "{text}").unwrap();
    like.iter().map(|column| column.replace(" REAL", " NUMERIC").replace(" DOUBLE", " NUMERIC")).collect()
}

fn child_table(
    dice: &mut Dice,
    script: &mut String,
    name: &str,
    parent: &str,
    columns: &[(String, String)],
    key: Key,
) {
    let name = quoted(name);
    let mut definitions: Vec<String> = columns
        .iter()
        .map(|(child, _)| format!("{} {}{}", quoted(child), dice.pick(TYPES), dice.pick(COLLATIONS)))
        .collect();
    let without_rowid = dice.chance(20);
    if without_rowid {
        definitions.push("waif_id BLOB DEFAULT (randomblob(8)) PRIMARY KEY".to_owned());
    }
    let implied = matches!(key, Key::Rowid | Key::Primary | Key::WithoutRowid) && dice.chance(30);
    let to = if implied { String::new() } else { format!(" ({})", list(columns, 1)) };
    definitions.push(format!("FOREIGN KEY ({}) REFERENCES {}{to}", list(columns, 0), quoted(parent)));
    let tail = if without_rowid { " WITHOUT ROWID" } else { "" };
    writeln!(script, "CREATE TABLE {name} ({}){tail};", definitions.join(", ")).unwrap();
    if dice.chance(50) {
        let collation = if dice.chance(20) { dice.pick(COLLATIONS) } else { "" };
        let mut turned: Vec<String> =
            columns.iter().map(|(child, _)| format!("{}{collation}", quoted(child))).collect();
        turned.rotate_left(dice.below(columns.len()));
        writeln!(script, "CREATE INDEX of_child ON {name}({});", turned.join(", ")).unwrap();
    }
}

/// What the shell's own check says: orphans of the child, or its complaint.
fn foreign_key_check(file: &SqliteFile, case: &Case) -> Result<u64, String> {
    let said = file.try_execute(&format!(
        "SELECT count(*) FROM pragma_foreign_key_check('{}')",
        case.child.replace('\'', "''")
    ))?;
    Ok(said.trim().parse().expect("a count"))
}

/// A loop over all pairs of rows: whole keys of the child are stored in columns like the parent's, which converts them
/// as the parent would, and each is compared with every parent row. Returns orphans and missing parents.
fn brute_force(file: &SqliteFile, case: &Case) -> (u64, u64) {
    let columns = case.columns.iter();
    let equal: Vec<String> = columns.map(|(_, parent)| format!("p.{0} = t.{0}", quoted(parent))).collect();
    let whole: Vec<String> =
        case.columns.iter().map(|(child, _)| format!("{} IS NOT NULL", quoted(child))).collect();
    let said = file.ask(&format!(
        "CREATE TEMP TABLE taken ({});
         INSERT INTO taken SELECT {} FROM main.{} WHERE {};
         CREATE TEMP VIEW missing AS SELECT * FROM taken AS t
             WHERE (SELECT count(*) FROM main.{} AS p NOT INDEXED WHERE {}) = 0;
         SELECT count(*) FROM missing;
         SELECT count(*) FROM (SELECT DISTINCT * FROM missing);",
        case.like.join(", "),
        list(&case.columns, 0),
        quoted(&case.child),
        whole.join(" AND "),
        quoted(&case.parent),
        equal.join(" AND ")
    ));
    let figures: Vec<u64> = said.lines().map(|line| line.parse().expect("a count")).collect();
    (figures[0], figures[1])
}

#[test]
fn counts_and_lists_are_those_of_foreign_key_check_and_of_a_loop_over_all_pairs() {
    let first = seed();
    let mut met = BTreeMap::new();
    for nth in 0..CASES {
        let seed = first.wrapping_mul(1_000_003).wrapping_add(nth);
        let case = case(&mut Dice::new(seed));
        let file = SqliteFile::with(&case.script);
        for kind in judge(&file, &case, &format!("WAIF_TEST_SEED={first}, case {nth}")) {
            *met.entry(kind).or_insert(0) += 1;
        }
    }
    for kind in ["broken", "orphans", "clean", "grouped first"] {
        assert!(met.get(kind).is_some_and(|times| *times > 3), "too few of {kind}: {met:?}");
    }
}

/// Holds one case to both oracles, and tells what it was.
fn judge(file: &SqliteFile, case: &Case, seed: &str) -> Vec<&'static str> {
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    assert_eq!(catalog.gaps, [], "{seed}");
    let [relation] = &catalog.relations[..] else { panic!("not one relation: {seed}") };
    let free = opened.dialect().orphans(&catalog, relation, Access::Free);
    let verify = opened.dialect().orphans(&catalog, relation, Access::NoIndex);
    let told = format!("{seed}: {:?} {:?}\n{}\n{}", relation.flaw, case.script, free.text(), verify.text());
    let Ok(expected) = foreign_key_check(file, case) else {
        assert!(relation.flaw.is_some(), "SQLite finds a mismatch\n{told}");
        return vec!["broken"];
    };
    assert_eq!(relation.flaw, None, "SQLite finds no mismatch\n{told}");
    let by_hand = brute_force(file, case);
    assert_eq!(by_hand.0, expected, "the oracles disagree\n{told}");
    let counted = opened.orphans(&catalog, relation, Access::Free);
    assert_eq!(counted, by_hand, "the count\n{told}");
    assert_eq!(opened.orphans(&catalog, relation, Access::NoIndex), by_hand, "without index\n{told}");
    let probed = !opened.fetch(&opened.dialect().probe(&catalog, relation)).is_empty();
    assert_eq!(probed, expected > 0, "the probe\n{told}");
    lists_agree(&opened, &catalog, relation, counted, &told);
    let mut kinds = vec![if expected > 0 { "orphans" } else { "clean" }];
    kinds.extend(free.text().contains("sum(c.n)").then_some("grouped first"));
    kinds
}

/// Whether the parent's key is another name for its row id, which holds nothing but integers.
fn is_rowid(key: Key, like: &[String]) -> bool {
    let [only] = like else { return false };
    key == Key::Rowid || (key == Key::Primary && only.contains("\" INTEGER"))
}

/// The lists add up to the counts, whatever the size of a page.
fn lists_agree(opened: &Opened, catalog: &Catalog, relation: &Relation, counted: (u64, u64), told: &str) {
    let list = opened.dialect().missing_parents(catalog, relation, 1000);
    let keys: Vec<Row> = opened.fetch(&list.query);
    assert_eq!(keys.len() as u64, counted.1, "missing parents by {}\n{told}", list.query.text());
    let children: u64 = keys.iter().map(|row| count(row.last().expect("a count"))).sum();
    assert_eq!(children, counted.0, "{told}");
    let all = opened.pages(catalog, relation, None, 7);
    assert_eq!(all.len() as u64, counted.0, "{told}");
    let mut shown: Vec<String> = all.iter().map(|row| format!("{row:?}")).collect();
    shown.sort();
    assert_eq!(opened.pages(catalog, relation, None, 1000).len(), all.len(), "{told}");
    let mut below = Vec::new();
    for key in &keys {
        let (times, key) = key.split_last().expect("a key and a count");
        let rows = opened.pages(catalog, relation, Some(key), 3);
        let unsure = key
            .iter()
            .any(|value| matches!(value, Value::Bytes(bytes) if std::str::from_utf8(bytes).is_err()));
        assert!(unsure || rows.len() as u64 == count(times), "{key:?}: {}\n{told}", rows.len());
        below.extend(rows.iter().map(|row| format!("{row:?}")));
    }
    below.sort();
    below.dedup();
    shown.dedup();
    assert_eq!(below, shown, "{told}");
}
