//! Random schemas with random damage: what is mended is clean by the engine's own verdict, and a restore leaves every table
//! as it was at the start.

use super::ward::Ward;
use crate::support::Dice;
use crate::support::dice::seed;
use std::fmt::Write as _;

/// Files that are mended and brought back; `tests/run --soak` asks for more.
fn rounds() -> u64 {
    std::env::var("WAIF_TEST_CASES")
        .ok()
        .map_or(24, |text| text.parse().expect("WAIF_TEST_CASES is a number"))
}

/// A table of the file: its key, and the parents its columns lead to.
struct Table {
    key: &'static str,
    parents: Vec<usize>,
}

/// What a table is made of: the key it may be referred to by, and what stands behind the brackets.
const KINDS: [(&str, &str); 5] = [
    ("k INTEGER PRIMARY KEY", ""),
    ("k TEXT PRIMARY KEY", ""),
    ("k TEXT COLLATE NOCASE PRIMARY KEY", " WITHOUT ROWID"),
    ("k NUMERIC UNIQUE NOT NULL", ""),
    ("k INTEGER PRIMARY KEY AUTOINCREMENT", ""),
];
const TYPES: [&str; 4] = ["INT", "TEXT", "", "REAL"];
const ACTIONS: [&str; 4] = ["CASCADE", "CASCADE", "SET NULL", "NO ACTION"];

/// A value that may be a key, in one of the guises it has where columns are loose.
fn value(dice: &mut Dice, most: usize) -> String {
    let number = dice.below(most) + 1;
    match dice.below(6) {
        0 => format!("'{number}'"),
        1 => format!("{number}.0"),
        2 => format!("'a{number}'"),
        3 => format!("'A{number}'"),
        _ => number.to_string(),
    }
}

fn schema(dice: &mut Dice) -> (String, Vec<Table>) {
    let (mut script, mut tables) = (String::new(), Vec::<Table>::new());
    for at in 0..4 {
        let (key, end) = KINDS[dice.below(KINDS.len())];
        let mut parents: Vec<usize> = (0..at).filter(|_| dice.chance(60)).collect();
        if dice.chance(25) {
            parents.push(at);
        }
        let columns: Vec<String> = parents
            .iter()
            .map(|parent| {
                let (sort, action) = (dice.pick(&TYPES), dice.pick(&ACTIONS));
                let declared = if dice.chance(80) {
                    format!(" REFERENCES t{parent} (k) ON DELETE {action}")
                } else {
                    String::new()
                };
                format!(", p{parent} {sort}{declared}")
            })
            .collect();
        writeln!(script, "CREATE TABLE t{at} ({key}{}, v, g AS (typeof(v))){end};", columns.concat())
            .expect("text");
        if dice.chance(50) && !parents.is_empty() {
            writeln!(script, "CREATE INDEX i{at} ON t{at} (p{});", parents[0]).expect("text");
        }
        tables.push(Table { key, parents });
    }
    for (at, table) in tables.iter().enumerate() {
        for _ in 0..60 {
            let key = if table.key.contains("INTEGER") {
                (dice.below(80) + 1).to_string()
            } else {
                value(dice, 80)
            };
            let mut values = vec![key];
            for _ in &table.parents {
                values.push(if dice.chance(15) { "NULL".to_owned() } else { value(dice, 80) });
            }
            values.push(value(dice, 9));
            let columns: String = table.parents.iter().map(|parent| format!(", p{parent}")).collect();
            writeln!(script, "INSERT OR IGNORE INTO t{at} (k{columns}, v) VALUES ({});", values.join(", "))
                .expect("text");
        }
    }
    (script, tables)
}

#[test]
fn what_is_mended_is_clean_and_what_is_brought_back_is_as_it_was() {
    let (mut mended, mut refused) = (0, 0);
    for round in 0..rounds() {
        let mut dice = Dice::new(seed().wrapping_add(round));
        let (script, tables) = schema(&mut dice);
        let relations: Vec<(usize, usize)> = tables
            .iter()
            .enumerate()
            .flat_map(|(at, table)| table.parents.iter().map(move |parent| (at, *parent)))
            .collect();
        if relations.is_empty() {
            continue;
        }
        let (child, parent) = relations[dice.below(relations.len())];
        let verb = *dice.pick(&[&"quarantine", &"quarantine", &"delete", &"nullify", &"adopt"]);
        let ward = Ward::of(&script);
        let before = (ward.rows(), ward.definitions());
        let action = format!("{verb}:t{child}(p{parent})->t{parent}(k)");
        let plan = ward.plans(&[&action], &[]);
        if plan.code == Some(1) {
            refused += 1;
            continue;
        }
        assert_eq!(plan.code, Some(0), "{action}\n{script}\n{plan:#?}");
        let outcome = ward.run().run();
        let told = format!("{action}, seed {}\n{script}\n{outcome:#?}", seed().wrapping_add(round));
        if outcome.code == Some(5) {
            // A key that the parent's type does not take, a name that is NULL: nothing may be half done.
            assert!(["nullify", "adopt"].contains(&verb), "{told}");
            refused += 1;
        } else {
            assert_eq!(outcome.code, Some(0), "{told}");
            let lost = format!(
                "SELECT count(*) FROM t{child} c WHERE p{parent} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM t{parent} p WHERE p.k = +c.p{parent})"
            );
            assert_eq!(ward.file.count(&lost), 0, "{told}");
            let broken = format!(
                "SELECT count(*) FROM pragma_foreign_key_check('t{child}') AS c JOIN pragma_foreign_key_list('t{child}') AS f
                 ON f.id = c.fkid WHERE f.\"from\" = 'p{parent}'"
            );
            assert_eq!(ward.file.count(&broken), 0, "{told}");
            mended += 1;
        }
        let outcome = ward.restore(&[]);
        assert_eq!(outcome.code, Some(0), "{told}\n{outcome:#?}");
        assert_eq!(ward.held(), 0, "{told}");
        let after = (ward.rows(), ward.definitions());
        for (table, rows) in &before.0 {
            if table != "sqlite_sequence" {
                assert_eq!(after.0.get(table), Some(rows), "{table}: {told}");
            }
        }
        assert_eq!(after.1, before.1, "{told}");
    }
    assert!(mended > refused && mended >= rounds() / 3, "{mended} mended, {refused} refused");
}
