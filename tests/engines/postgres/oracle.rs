//! Random schemas against two oracles: a nested loop written for each pair of types by hand, and the server's own
//! verdict on a twin of the constraint. What waif counts must equal the first and agree with the second.

use crate::support::dice::seed;
use crate::support::{Database, Dice, check};
use serde_json::{Value, json};
use std::fmt::Write as _;

const CASES: usize = 96;

/// A pair of column types a foreign key may join, and how to compare them by hand.
struct Pair {
    child: &'static str,
    parent: &'static str,
    /// The child's value as the parent compares it, with `{c}` in place of the column.
    seen: &'static str,
    /// Literals; among them neighbours that are equal under this comparison and different under others.
    values: &'static [&'static str],
}

const PLAIN: &str = "{c}";

const fn pair(child: &'static str, parent: &'static str, values: &'static [&'static str]) -> Pair {
    Pair { child, parent, seen: PLAIN, values }
}

const WORDS: &[&str] =
    &["'a'", "'A'", "'á'", "'a '", "'b'", "''", "'ß'", "'ss'", "E'a\\n'", "E'\\x1b[1m'", "'🦊'"];

const PAIRS: &[Pair] = &[
    pair("int2", "int8", &["0", "1", "-1", "32767", "7", "8"]),
    pair("int4", "int2", &["0", "1", "-1", "32767", "7", "8"]),
    pair("int8", "int4", &["0", "1", "-1", "2147483647", "7", "8"]),
    pair("int4", "int4", &["0", "1", "-1", "-2147483648", "7", "8"]),
    pair("int4", "numeric", &["0", "1", "-1", "10", "100", "7"]),
    pair("numeric(8,2)", "numeric", &["0", "1.5", "1.50", "-1", "'NaN'", "100"]),
    pair("numeric", "numeric(10,4)", &["0.0", "1.5000", "-0", "1e3", "1000", "'NaN'"]),
    pair("text", "text", WORDS),
    pair("varchar(8)", "text", WORDS),
    pair("text", "varchar", WORDS),
    pair("text COLLATE \"C\"", "text", WORDS),
    Pair {
        child: "text",
        parent: "text COLLATE oracle.caseless",
        seen: "{c} COLLATE oracle.caseless",
        values: WORDS,
    },
    Pair {
        child: "text COLLATE oracle.caseless",
        parent: "text COLLATE oracle.caseless",
        seen: PLAIN,
        values: WORDS,
    },
    pair("citext", "citext", WORDS),
    Pair {
        child: "varchar(8)",
        parent: "char(8)",
        seen: "{c}::bpchar",
        values: &["'a'", "'a  '", "' a'", "'A'", "''", "'   '"],
    },
    pair("char(4)", "char(8)", &["'a'", "'a  '", "' a'", "'A'", "''", "'abcd'"]),
    pair(
        "uuid",
        "uuid",
        &[
            "'00000000-0000-0000-0000-000000000000'",
            "'a0000000-0000-4000-8000-000000000001'",
            "'A0000000-0000-4000-8000-000000000001'",
            "'b0000000-0000-4000-8000-000000000002'",
        ],
    ),
    pair("date", "date", &["'2024-02-29'", "'2025-01-01'", "'infinity'", "'0001-01-01 BC'", "'9999-12-31'"]),
    pair("date", "timestamp", &["'2024-02-29'", "'2025-01-01'", "'infinity'", "'2025-03-30'"]),
    pair(
        "timestamptz",
        "timestamptz",
        &["'2025-01-01 00:00+00'", "'2025-01-01 01:00+01'", "'2025-01-01 00:00:00.000001+00'", "'-infinity'"],
    ),
    pair("interval", "interval", &["'1 day'", "'24 hours'", "'1 month'", "'30 days'", "'0'", "'1 us'"]),
    pair("float8", "float8", &["0", "'-0'", "'NaN'", "0.1", "'Infinity'", "1e300"]),
    Pair {
        child: "float4",
        parent: "float8",
        seen: PLAIN,
        values: &["0", "'-0'", "'NaN'", "0.1", "0.5", "'Infinity'"],
    },
    pair("oracle.positive", "int4", &["1", "2", "3", "2147483647"]),
    pair("oracle.label", "oracle.label", &["'a'", "'A'", "''", "'b'"]),
    pair("oracle.mood", "oracle.mood", &["'sad'", "'so so'", "'happy'", "'\"quoted\"'"]),
    pair("bytea", "bytea", &["'\\x'", "'\\x00'", "'\\x0001ff'", "'\\xff'"]),
    pair("bool", "bool", &["true", "false"]),
    pair("inet", "inet", &["'10.0.0.1'", "'10.0.0.1/32'", "'10.0.0.1/8'", "'::1'"]),
    Pair {
        child: "int4range",
        parent: "int4range",
        seen: PLAIN,
        values: &["'[1,3)'", "'[1,2]'", "'empty'", "'(,5)'"],
    },
    Pair {
        child: "int4[]",
        parent: "int4[]",
        seen: PLAIN,
        values: &["'{}'", "'{1}'", "'{1,NULL}'", "'[0:0]={1}'"],
    },
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
    "漢字",
    "🦊",
    "rtl\u{202e}abc",
    "back\\slash",
    "$1",
    "%s",
    "$waif$",
    "tab\there",
    "dot.ted",
    "brack[et]",
    "comma,paren(",
    "->",
    "a_name_of_nearly_sixty_three_bytes_which_is_all_there_is",
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Plain,
    PartitionedChild,
    PartitionedParent,
    BothPartitioned,
    SelfReference,
    Inheritance,
}

/// One random relation: the script that makes it, and the script that asks both oracles about it.
struct Case {
    make: String,
    ask: String,
}

/// The pieces of one case while it is put together.
struct Draft {
    number: usize,
    shape: Shape,
    pairs: Vec<&'static Pair>,
    columns: Vec<(String, String)>,
    child: String,
    parent: String,
    full: bool,
}

impl Draft {
    fn throw(dice: &mut Dice, number: usize) -> Self {
        let shapes = [
            &Shape::Plain,
            &Shape::Plain,
            &Shape::PartitionedChild,
            &Shape::PartitionedParent,
            &Shape::BothPartitioned,
            &Shape::SelfReference,
            &Shape::Inheritance,
        ];
        let shape = *dice.pick(&shapes);
        let width = [1, 1, 1, 2, 2, 3][dice.below(6)];
        let every: Vec<&'static Pair> = PAIRS.iter().collect();
        // Each pair of types takes its turn as the first column; the others fall by chance.
        let pairs: Vec<&'static Pair> = (0..width)
            .map(|at| if at == 0 { every[number % every.len()] } else { dice.pick(&every) })
            .collect();
        let name = |dice: &mut Dice, suffix: &str| format!("{}{suffix}", dice.pick(NAMES));
        let columns =
            (0..width).map(|at| (name(dice, &format!("_c{at}")), name(dice, &format!("_p{at}")))).collect();
        let schema = |dice: &mut Dice| quoted(dice.pick(&["public", "oracle", "Other \"schema\""]));
        let child = format!("{}.{}", schema(dice), quoted(&name(dice, &format!("_c{number}"))));
        let parent = if shape == Shape::SelfReference {
            child.clone()
        } else {
            format!("{}.{}", schema(dice), quoted(&name(dice, &format!("_p{number}"))))
        };
        let full = width > 1 && dice.chance(40);
        Self { number, shape, pairs, columns, child, parent, full }
    }

    fn child_columns(&self) -> Vec<String> {
        self.columns.iter().map(|(child, _)| quoted(child)).collect()
    }

    fn parent_columns(&self) -> Vec<String> {
        self.columns.iter().map(|(_, parent)| quoted(parent)).collect()
    }

    fn partitioned(&self, table: &str) -> bool {
        match self.shape {
            Shape::BothPartitioned => true,
            Shape::PartitionedChild => table == self.child,
            Shape::PartitionedParent => table == self.parent,
            _ => false,
        }
    }

    /// `ONLY`, as the server itself reads both sides, unless the table is partitioned.
    fn only(&self, table: &str) -> &'static str {
        if self.partitioned(table) { "" } else { "ONLY " }
    }

    fn reference(&self, name: &str) -> String {
        format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){}",
            quoted(name),
            self.child_columns().join(", "),
            self.parent,
            self.parent_columns().join(", "),
            if self.full { " MATCH FULL" } else { "" }
        )
    }

    /// The tables. A dropped column leaves a gap in the numbers; the unique key has its columns in reverse order.
    fn tables(&self) -> String {
        let mut parent: Vec<String> = vec!["gone int".to_owned()];
        let mut child: Vec<String> = vec!["gone int".to_owned(), "row int".to_owned()];
        for (pair, (c, p)) in self.pairs.iter().zip(&self.columns) {
            child.push(format!("{} {}", quoted(c), pair.child));
            parent.push(format!("{} {}", quoted(p), pair.parent));
        }
        let mut key = self.parent_columns();
        key.reverse();
        let unique = format!("UNIQUE ({})", key.join(", "));
        if self.shape == Shape::SelfReference {
            child.extend(parent.split_off(1));
        }
        let mut made = String::new();
        let mut table = |name: &str, columns: &[String], by: &str| {
            let head = format!("CREATE TABLE {name} ({})", columns.join(", "));
            if self.partitioned(name) {
                let _ = writeln!(made, "{head} PARTITION BY HASH ({by});");
                for remainder in 0..3 {
                    let part = format!(
                        "oracle.part_{}_{}_{remainder}",
                        self.number,
                        if name == self.child { 'c' } else { 'p' }
                    );
                    let _ = writeln!(
                        made,
                        "CREATE TABLE {part} PARTITION OF {name} FOR VALUES WITH (MODULUS 3, REMAINDER {remainder});"
                    );
                }
            } else {
                let _ = writeln!(made, "{head};");
            }
            let _ = writeln!(made, "ALTER TABLE {name} DROP COLUMN gone;");
        };
        if self.shape != Shape::SelfReference {
            table(&self.parent, &parent, &self.parent_columns()[0]);
        }
        table(&self.child, &child, "row");
        let _ = writeln!(made, "ALTER TABLE {} ADD {unique};", self.parent);
        if self.shape == Shape::Inheritance {
            let _ =
                writeln!(made, "CREATE TABLE oracle.heir_p{0} () INHERITS ({1});", self.number, self.parent);
            let _ =
                writeln!(made, "CREATE TABLE oracle.heir_c{0} () INHERITS ({1});", self.number, self.child);
        }
        made
    }

    fn row(&self, dice: &mut Dice, nulls: usize) -> String {
        let values: Vec<&str> = self
            .pairs
            .iter()
            .map(|pair| if dice.chance(nulls) { "NULL" } else { dice.pick(pair.values) })
            .collect();
        format!("({})", values.join(", "))
    }

    /// Every combination of the first columns' values, so that a child finds its parent whatever it holds.
    fn every_row(&self) -> Vec<String> {
        let mut rows = vec![String::new()];
        for pair in &self.pairs {
            rows = rows
                .iter()
                .flat_map(|row| {
                    pair.values.iter().map(move |value| {
                        if row.is_empty() { (*value).to_owned() } else { format!("{row}, {value}") }
                    })
                })
                .collect();
        }
        rows.into_iter().map(|row| format!("({row})")).collect()
    }

    fn rows(&self, dice: &mut Dice) -> String {
        let mut made = String::new();
        let parents = self.parent_columns().join(", ");
        let children = self.child_columns().join(", ");
        let complete = dice.chance(35);
        let rows: Vec<String> = if complete {
            self.every_row()
        } else {
            (0..dice.below(12)).map(|_| self.row(dice, 5)).collect()
        };
        for row in rows {
            let _ = writeln!(
                made,
                "INSERT INTO {} ({parents}) VALUES {row} ON CONFLICT DO NOTHING;",
                self.parent
            );
        }
        let nulls = if complete && self.full { 0 } else { 15 };
        for number in 0..dice.below(40) {
            let row = self.row(dice, nulls);
            let _ = writeln!(
                made,
                "INSERT INTO {} (row, {children}) VALUES ({number}, {};",
                self.child,
                &row[1..]
            );
        }
        if self.shape == Shape::Inheritance {
            for _ in 0..5 {
                let _ = writeln!(
                    made,
                    "INSERT INTO oracle.heir_p{} ({parents}) VALUES {};",
                    self.number,
                    self.row(dice, 0)
                );
                let _ = writeln!(
                    made,
                    "INSERT INTO oracle.heir_c{} ({children}) VALUES {};",
                    self.number,
                    self.row(dice, 0)
                );
            }
        }
        made
    }

    /// A nested loop: for each child row, look at every parent row.
    fn brute_force(&self) -> String {
        let columns = self.child_columns();
        let null = |word: &str, join: &str| {
            columns.iter().map(|column| format!("c.{column} IS {word}")).collect::<Vec<_>>().join(join)
        };
        let (all_set, all_null) = (null("NOT NULL", " AND "), null("NULL", " AND "));
        let seen: Vec<String> = self
            .pairs
            .iter()
            .zip(&columns)
            .map(|(pair, column)| pair.seen.replace("{c}", &format!("c.{column}")))
            .collect();
        let equal: Vec<String> = self
            .parent_columns()
            .iter()
            .zip(&seen)
            .map(|(parent, seen)| format!("p.{parent} = {seen}"))
            .collect();
        let missing = format!(
            "({all_set}) AND (SELECT count(*) FROM {}{} AS p WHERE {}) = 0",
            self.only(&self.parent),
            self.parent,
            equal.join(" AND ")
        );
        let partly = format!("NOT ({all_set}) AND NOT ({all_null})");
        let orphan = if self.full { format!("({missing}) OR ({partly})") } else { missing };
        let from = format!("FROM {}{} AS c", self.only(&self.child), self.child);
        format!(
            "SELECT count(*) AS rows, count(*) FILTER (WHERE {orphan}) AS orphans, \
             count(*) FILTER (WHERE {all_null}) AS null_keys, count(*) FILTER (WHERE {partly}) AS partly_null, \
             (SELECT count(*) FROM (SELECT DISTINCT {} {from} WHERE {orphan}) AS d) AS missing_parents {from}",
            seen.join(", ")
        )
    }

    /// The server's verdict on a twin of the constraint, taken back in any case.
    fn twin(&self) -> String {
        let add = format!("ALTER TABLE {} ADD {}", self.child, self.reference("twin"));
        // A partitioned child takes no NOT VALID constraint before PostgreSQL 18; a plain one checks the same rows.
        let statements = if self.partitioned(&self.child) {
            format!("{add};")
        } else {
            format!("{add} NOT VALID; ALTER TABLE {} VALIDATE CONSTRAINT twin;", self.child)
        };
        format!(
            "DO $oracle$ BEGIN
               BEGIN {statements} RAISE EXCEPTION 'taken back' USING ERRCODE = 'WAIF1';
               EXCEPTION WHEN foreign_key_violation THEN INSERT INTO oracle.verdict VALUES ({0}, false);
                         WHEN SQLSTATE 'WAIF1' THEN INSERT INTO oracle.verdict VALUES ({0}, true);
               END; END $oracle$;\n",
            self.number
        )
    }

    fn finished(self, dice: &mut Dice) -> Case {
        let constraint = format!("{}_{}", dice.pick(NAMES), self.number);
        let timing = dice.pick(&[
            "",
            " DEFERRABLE",
            " DEFERRABLE INITIALLY DEFERRED",
            " ON DELETE CASCADE",
            " ON DELETE SET NULL",
        ]);
        let mut make = self.tables();
        let _ = writeln!(make, "ALTER TABLE {} ADD {}{timing};", self.child, self.reference(&constraint));
        make.push_str(&self.rows(dice));
        let ask = format!(
            "{}INSERT INTO oracle.truth SELECT {}, {}, * FROM ({}) AS counted;\n",
            self.twin(),
            self.number,
            literal(&constraint),
            self.brute_force()
        );
        Case { make, ask }
    }
}

const GROUND: &str = r#"
CREATE SCHEMA oracle; CREATE SCHEMA "Other ""schema""";
CREATE EXTENSION citext;
CREATE COLLATION oracle.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN oracle.positive AS int4 CHECK (VALUE > 0);
CREATE DOMAIN oracle.label AS text;
CREATE TYPE oracle.mood AS ENUM ('sad', 'so so', 'happy', '"quoted"');
CREATE TABLE oracle.verdict (number int PRIMARY KEY, holds bool NOT NULL);
CREATE TABLE oracle.truth (number int PRIMARY KEY, name text, rows bigint, orphans bigint, null_keys bigint, partly_null bigint, missing_parents bigint);
"#;

/// PostgreSQL 18 wants nondeterministic collations to be the same on both sides.
fn allowed(draft: &Draft, major: u32) -> bool {
    let mixed = |pair: &&&Pair| pair.parent.contains("caseless") && !pair.child.contains("caseless");
    major < 18 || !draft.pairs.iter().any(|pair| mixed(&pair))
}

#[test]
fn random_relations_are_counted_as_the_server_and_a_nested_loop_count_them() {
    let seed = seed();
    let database = Database::with("oracle", GROUND);
    let major = database.server().major();
    let mut dice = Dice::new(seed);
    let drafts: Vec<Draft> = (0..)
        .map(|number| Draft::throw(&mut dice, number))
        .filter(|draft| allowed(draft, major))
        .take(CASES)
        .collect();
    let cases: Vec<Case> = drafts.into_iter().map(|draft| draft.finished(&mut dice)).collect();
    let make: String = cases.iter().map(|case| case.make.as_str()).collect();
    database.execute(&format!("SET session_replication_role = replica;\n{make}"));
    let ask: String = cases.iter().map(|case| case.ask.as_str()).collect();
    database.execute(&format!("SET client_min_messages = warning;\n{ask}"));
    let truth: Vec<Value> = serde_json::from_str(&database.ask(
        "SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM (SELECT * FROM oracle.truth JOIN oracle.verdict USING (number)) AS t",
    ))
    .expect("the truth is JSON");
    assert_eq!(truth.len(), CASES);
    both_oracles_agree(&truth);

    let checked = check(&database.url_as(&database.reader()), &[]);
    assert_eq!(checked.relations().len(), CASES);
    for row in &truth {
        let name = row["name"].as_str().expect("a name");
        let relation = checked.constraint(name);
        let told = format!("seed {seed}, case {}, {name:?}: {relation:#}\ntruth: {row}", row["number"]);
        for field in ["rows", "orphans", "null_keys", "partly_null", "missing_parents"] {
            assert_eq!(relation[field], row[field], "{field} of {told}");
        }
        assert_eq!(relation["verdict"], if row["orphans"] == 0 { "clean" } else { "orphans" }, "{told}");
        assert_eq!(relation["exact"], true, "{told}");
    }
}

/// The nested loop finds an orphan exactly where the server refuses the twin; and the dice fall on both sides.
fn both_oracles_agree(truth: &[Value]) {
    for row in truth {
        assert_eq!(
            row["holds"],
            json!(row["orphans"] == 0),
            "the nested loop and the server disagree: {row}"
        );
    }
    let sound = truth.iter().filter(|row| row["holds"] == true).count();
    assert!(
        (CASES / 5..=CASES * 4 / 5).contains(&sound),
        "{sound} sound relations of {CASES} prove too little"
    );
}
