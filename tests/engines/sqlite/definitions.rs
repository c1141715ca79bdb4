//! Random CREATE TABLE statements as people, programs and pranksters write them: what the tokenizer reads must be what
//! was meant, and what SQLite itself says where it says anything.

use super::opened::Opened;
use crate::support::dice::seed;
use crate::support::{Dice, SqliteFile};
use waif::model::catalog::Catalog;
use waif::model::relation::Relation;

const CASES: u64 = 150;
const TABLES: usize = 6;

/// What a reference was meant to be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Meant {
    parent: String,
    constraint: Option<String>,
    columns: Vec<String>,
    parent_columns: Vec<String>,
    deferrable: bool,
    initially_deferred: bool,
}

/// A statement under way.
struct Draft<'a> {
    dice: &'a mut Dice,
    meant: Vec<Meant>,
    names: Vec<String>,
}

const NAMES: &[&str] = &[
    "a",
    "B",
    "with space",
    "quote\"d",
    "it's",
    "tick`",
    "left[",
    "right]",
    "ünï",
    "🦊",
    "select",
    "check",
    "foreign",
    "--",
    "/*",
    "*/",
    "comma,",
    "paren)",
    "new\nline",
    "references",
    "on",
    "_1",
    "$x",
];
/// Keywords that SQLite takes for names without quotes.
const SOFT: &[&str] = &[
    "key",
    "match",
    "no",
    "action",
    "cascade",
    "deferred",
    "initially",
    "generated",
    "always",
    "temp",
    "if",
    "row",
    "desc",
];

impl Draft<'_> {
    fn fresh(&mut self) -> String {
        loop {
            let name = if self.dice.chance(25) { self.dice.pick(SOFT) } else { self.dice.pick(NAMES) };
            if !self.names.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
                self.names.push(name.to_owned());
                return name.to_owned();
            }
        }
    }

    /// A name in one of the quotings that can hold it.
    fn quoted(&mut self, name: &str) -> String {
        let plain = SOFT.contains(&name)
            || ["a", "B", "_1", "ünï", "🦊"].contains(&name)
            || name
                .strip_prefix(['c', 'p'])
                .is_some_and(|rest| rest.chars().skip(1).all(|c| c.is_ascii_digit()));
        match self.dice.below(if plain { 5 } else { 4 }) {
            0 => format!("\"{}\"", name.replace('"', "\"\"")),
            1 => format!("`{}`", name.replace('`', "``")),
            2 if !name.contains(']') => format!("[{name}]"),
            3 | 2 => format!("'{}'", name.replace('\'', "''")),
            _ => name.to_owned(),
        }
    }

    /// What may stand between any two tokens.
    fn gap(&mut self) -> &'static str {
        ["  ", " ", " ", " ", "\n", "\t", " /* ) , ' */ ", " -- ( \" REFERENCES x\n", " /**/"]
            [self.dice.below(9)]
    }

    fn words(&mut self, words: &[&str]) -> String {
        let mut text = String::new();
        for word in words {
            text.push_str(self.gap());
            let odd = self.dice.chance(30);
            text.push_str(&if odd { word.to_lowercase() } else { (*word).to_owned() });
        }
        text
    }

    fn collation(&mut self) -> String {
        let collation =
            self.dice.pick(&["NOCASE", "nocase", "RTRIM", "BINARY", "\"NoCase\"", "[rtrim]", "'binary'"]);
        self.words(&["COLLATE"]) + self.gap() + collation
    }

    /// One constraint of a column that is no reference.
    fn trifle(&mut self) -> String {
        match self.dice.below(9) {
            0 => self.words(&["NOT", "NULL"]),
            1 => self.words(&["NOT", "NULL", "ON", "CONFLICT", "IGNORE"]),
            2 => self.words(&["UNIQUE"]),
            3 => {
                self.words(&["DEFAULT"])
                    + self.gap()
                    + self.dice.pick(&[
                        "-1.5e+3",
                        "'(,\"'",
                        "x'2c'",
                        "NULL",
                        "CURRENT_DATE",
                        ".5",
                        "+7",
                        "true",
                        "0x1F",
                    ])
            }
            4 => self.words(&["DEFAULT"]) + " (1 + (2 * length(')')))",
            5 => self.words(&["CHECK"]) + "(1 COLLATE NOCASE <> ('x,)' || \"--\"))",
            6 => self.words(&["NULL"]),
            _ => self.collation(),
        }
    }

    fn deferral(&mut self) -> (String, bool, bool) {
        match self.dice.below(6) {
            0 => (self.words(&["DEFERRABLE", "INITIALLY", "DEFERRED"]), true, true),
            1 => (self.words(&["DEFERRABLE", "INITIALLY", "IMMEDIATE"]), true, false),
            2 => (self.words(&["DEFERRABLE"]), true, false),
            3 => (self.words(&["NOT", "DEFERRABLE", "INITIALLY", "DEFERRED"]), false, false),
            _ => (String::new(), false, false),
        }
    }

    /// A reference of these columns; `before` stands between its name and REFERENCES.
    fn reference(&mut self, columns: &[String], before: &str) -> String {
        let parent = format!("p_{}", self.meant.len());
        let mut parent_columns = Vec::new();
        if self.dice.chance(60) {
            parent_columns
                .extend((0..columns.len()).map(|nth| format!("c_{nth}{}", self.dice.pick(&["", " \""]))));
        }
        let constraint = self.dice.chance(50).then(|| self.dice.pick(NAMES).to_owned());
        let mut text = String::new();
        if let Some(name) = &constraint {
            text = self.words(&["CONSTRAINT"]) + self.gap() + &self.quoted(name);
        }
        text.push_str(before);
        text.push_str(&self.to(&parent, &parent_columns));
        let (deferral, deferrable, initially_deferred) = self.deferral();
        text.push_str(&deferral);
        let columns = columns.to_vec();
        self.meant.push(Meant {
            parent,
            constraint,
            columns,
            parent_columns,
            deferrable,
            initially_deferred,
        });
        text
    }

    fn to(&mut self, parent: &str, columns: &[String]) -> String {
        let mut text = self.words(&["REFERENCES"]) + self.gap() + &self.quoted(parent);
        if !columns.is_empty() {
            let listed: Vec<String> = columns.iter().map(|name| self.quoted(name)).collect();
            text.push_str(&format!("{}({})", self.gap(), listed.join(self.gap_comma())));
        }
        for _ in 0..self.dice.below(3) {
            text.push_str(&match self.dice.below(6) {
                0 => self.words(&["ON", "DELETE", "SET", "NULL"]),
                1 => self.words(&["ON", "UPDATE", "CASCADE"]),
                2 => self.words(&["ON", "DELETE", "NO", "ACTION"]),
                3 => self.words(&["MATCH", "FULL"]),
                4 => self.words(&["ON", "UPDATE", "SET", "DEFAULT"]),
                _ => self.words(&["ON", "DELETE", "RESTRICT"]),
            });
        }
        text
    }

    fn gap_comma(&mut self) -> &'static str {
        self.dice.pick(&[",", " , ", ",\n", " /*,*/,"])
    }

    fn column(&mut self) -> String {
        let name = self.fresh();
        let mut text = self.quoted(&name);
        let kind = self.dice.pick(&[
            "",
            " INT",
            " VARCHAR (10 , 2)",
            " \"odd (type\"",
            " unsigned big int",
            " text",
            " key",
        ]);
        text.push_str(kind);
        for _ in 0..self.dice.below(4) {
            let part = if self.dice.chance(35) {
                self.reference(std::slice::from_ref(&name), "")
            } else {
                self.trifle()
            };
            text.push_str(&part);
        }
        text
    }

    fn table_constraint(&mut self, columns: &[String]) -> String {
        let width = 1 + self.dice.below(columns.len().min(3));
        let start = self.dice.below(columns.len() - width + 1);
        let chosen = columns[start..start + width].to_vec();
        let listed: Vec<String> = chosen.iter().map(|name| self.quoted(name)).collect();
        let listed = format!("({})", listed.join(self.gap_comma()));
        if self.dice.chance(25) {
            return self.words(&["UNIQUE"]) + &listed + self.dice.pick(&["", " ON CONFLICT FAIL"]);
        }
        if self.dice.chance(15) {
            return self.words(&["CONSTRAINT", "stray", "CHECK"]) + "((1) = (1))";
        }
        let before = self.words(&["FOREIGN", "KEY"]) + &listed;
        self.reference(&chosen, &before)
    }

    fn table(&mut self, name: &str) -> String {
        let columns: Vec<String> = (0..=self.dice.below(4)).map(|_| self.column()).collect();
        let names = self.names.clone();
        let mut parts = columns;
        for _ in 0..self.dice.below(4) {
            parts.push(self.table_constraint(&names));
        }
        let comma = format!("{},{}", self.gap(), self.gap());
        format!(
            "CREATE TABLE{}{}{}({}{});",
            self.gap(),
            self.quoted(name),
            self.gap(),
            parts.join(&comma),
            self.gap()
        )
    }
}

fn meant(relation: &Relation) -> Meant {
    let names =
        |names: &[waif::model::ident::Ident]| names.iter().map(|name| name.raw().to_owned()).collect();
    Meant {
        parent: relation.parent.name.name.raw().to_owned(),
        constraint: relation.constraint.as_ref().map(|name| name.raw().to_owned()),
        columns: names(&relation.child.columns),
        parent_columns: names(&relation.parent.columns),
        deferrable: relation.deferrable,
        initially_deferred: relation.initially_deferred,
    }
}

/// The collation SQLite compares a column under, from the operand of the comparison it plans.
fn planned_collation(file: &SqliteFile, table: &str, column: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let plan = file.ask(&format!("EXPLAIN SELECT {} = 'x' FROM {};", quoted(column), quoted(table)));
    let step = plan.lines().find(|line| line.contains(" Eq ") || line.contains(" Ne "));
    let step = step.unwrap_or_else(|| panic!("no comparison in {plan}"));
    let operand = step.split_whitespace().nth(5).unwrap_or_default();
    operand.trim_end_matches("-8").to_ascii_uppercase()
}

fn collations_agree(file: &SqliteFile, catalog: &Catalog, told: &str) {
    for table in &catalog.tables {
        for column in &table.columns {
            let read = column.collation.as_ref().map(|name| name.name.raw().to_owned());
            let planned = planned_collation(file, table.name.name.raw(), column.name.raw());
            assert_eq!(read, Some(planned), "{:?}: {told}", column.name);
        }
    }
}

#[test]
fn every_definition_is_read_as_it_was_meant_and_as_sqlite_reads_it() {
    let first = seed();
    let mut references = 0;
    for nth in 0..CASES {
        let mut dice = Dice::new(first.wrapping_mul(999_983).wrapping_add(nth));
        let mut script = String::from("BEGIN;\n");
        let mut all = Vec::new();
        for table in 0..TABLES {
            let mut draft = Draft { dice: &mut dice, meant: Vec::new(), names: Vec::new() };
            script.push_str(&draft.table(&format!("c_{table}")));
            script.push('\n');
            all.push((format!("c_{table}"), draft.meant));
        }
        script.push_str("COMMIT;\n");
        let file = SqliteFile::with(&script);
        let opened = Opened::at(file.path());
        let catalog = opened.catalog();
        let told = format!("WAIF_TEST_SEED={first}, case {nth}\n{script}");
        assert_eq!(catalog.gaps, [], "{told}");
        for (table, mut expected) in all {
            let of_table = catalog.relations.iter().filter(|one| one.child.name.name.raw() == table);
            let mut read: Vec<Meant> = of_table.map(meant).collect();
            read.sort();
            expected.sort();
            assert_eq!(read, expected, "{told}");
            references += read.len();
        }
        if nth % 10 == 0 {
            collations_agree(&file, &catalog, &told);
        }
    }
    assert!(references > 500, "only {references} references were met");
}
