//! The catalog of a SQLite file: tables, columns, keys, indexes, triggers, and what makes a reference sound or broken.

use super::opened::{Opened, relation, table};
use crate::support::SqliteFile;
use waif::model::catalog::{Catalog, Generated, Table, TableKind};
use waif::model::relation::{Enforcement, Flaw, Matching, Referential};
use waif::model::server::{EngineKind, Tls};
use waif::sql::Path as Access;

fn read(sql: &str) -> Catalog {
    let file = SqliteFile::with(sql);
    let catalog = Opened::at(file.path()).catalog();
    assert_eq!(catalog.gaps, []);
    catalog
}

fn names(catalog: &Catalog) -> Vec<&str> {
    catalog.tables.iter().map(|table| table.name.name.raw()).collect()
}

fn flaw(sql: &str) -> Option<Flaw> {
    let catalog = read(sql);
    assert_eq!(catalog.relations.len(), 1, "{sql}");
    let flaw = catalog.relations[0].flaw.clone();
    // Whatever waif says: SQLite must say a mismatch, or nothing at all, on the same file.
    let file = SqliteFile::with(sql);
    file.execute("PRAGMA foreign_keys = OFF; INSERT INTO c DEFAULT VALUES;");
    let said = file.try_execute("SELECT count(*) FROM pragma_foreign_key_check('c')");
    let mismatch = said.is_err_and(|error| error.contains("foreign key mismatch"));
    let missing_table = flaw == Some(Flaw::MissingTable);
    assert_eq!(mismatch, flaw.is_some() && !missing_table, "{flaw:?}: {sql}");
    flaw
}

fn not_unique(sql: &str) -> String {
    match flaw(sql) {
        Some(Flaw::NotUnique(reason)) => reason,
        other => panic!("{other:?}: {sql}"),
    }
}

#[test]
fn the_server_is_told_as_it_was_found() {
    let file = SqliteFile::with("CREATE TABLE t(a)");
    let server = Opened::at(file.path()).engine.server().clone();
    assert_eq!((server.engine, server.tls, server.read_only), (EngineKind::Sqlite, Tls::Local, true));
    assert_eq!((server.database.raw(), server.default_schema.as_str()), ("waif.db", "main"));
    assert!(server.address.raw().ends_with("/waif.db") && server.version_number > 3_050_000);
    assert!(server.notices.iter().any(|notice| notice.contains("per connection")), "{:?}", server.notices);
}

#[test]
fn every_sort_of_table_is_told_apart_and_insides_are_left_out() {
    let catalog = read(
        "CREATE TABLE plain(id INTEGER PRIMARY KEY AUTOINCREMENT, a);
         CREATE TABLE keyed(a TEXT, b, PRIMARY KEY (b, a)) WITHOUT ROWID;
         CREATE TABLE held(a INT, b ANY) STRICT;
         CREATE VIRTUAL TABLE words USING fts5(text);
         CREATE VIEW seen AS SELECT * FROM nowhere;
         ANALYZE;",
    );
    assert_eq!(names(&catalog), ["held", "keyed", "plain", "words"]);
    let kind = |name| table(&catalog, name).kind;
    assert_eq!(kind("plain"), TableKind::Plain);
    assert_eq!(kind("keyed"), TableKind::WithoutRowid);
    assert_eq!(kind("words"), TableKind::Virtual);
    let held = table(&catalog, "held");
    assert!(held.columns.iter().all(|column| column.typed) && !table(&catalog, "plain").columns[0].typed);
    let affinities: Vec<&str> = held.columns.iter().map(|column| column.base_type.as_str()).collect();
    assert_eq!(affinities, ["INTEGER", "BLOB"]);
    assert_eq!(table(&catalog, "keyed").primary_key().expect("a key").columns, [1, 0]);
}

#[test]
fn columns_tell_type_collation_default_and_how_they_are_generated() {
    let catalog = read(
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b VARCHAR(9) COLLATE nocase NOT NULL DEFAULT 'x', c DATE,
             d AS (a + 1) VIRTUAL, e TEXT GENERATED ALWAYS AS (b || 'x') STORED)",
    );
    let columns = &table(&catalog, "t").columns;
    let told: Vec<(&str, &str, &str, bool)> = columns
        .iter()
        .map(|column| {
            let collation = column.collation.as_ref().map_or("", |name| name.name.raw());
            (column.type_name.as_str(), column.base_type.as_str(), collation, column.not_null)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("INTEGER", "INTEGER", "BINARY", true),
            ("VARCHAR(9)", "TEXT", "NOCASE", true),
            ("DATE", "NUMERIC", "BINARY", false),
            ("", "BLOB", "BINARY", false),
            ("TEXT", "TEXT", "BINARY", false),
        ]
    );
    let generated: Vec<Generated> = columns.iter().map(|column| column.generated).collect();
    assert_eq!(
        generated,
        [Generated::No, Generated::No, Generated::No, Generated::Virtual, Generated::Stored]
    );
    assert_eq!(columns[1].default.as_deref(), Some("'x'"));
    assert!(columns[0].deterministic && !columns[1].deterministic);
}

#[test]
fn keys_are_what_a_reference_may_rely_on_and_indexes_all_there_are() {
    let catalog = read(
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE UNIQUE, c, d);
         CREATE UNIQUE INDEX full ON t(d, c);
         CREATE UNIQUE INDEX part ON t(c) WHERE c IS NOT NULL;
         CREATE UNIQUE INDEX expr ON t(lower(b));
         CREATE INDEX other ON t(b COLLATE BINARY, c);
         CREATE TABLE down(a INTEGER PRIMARY KEY DESC);",
    );
    let t = table(&catalog, "t");
    let keys: Vec<(Option<&str>, &[usize], &[String])> = t
        .keys
        .iter()
        .map(|key| (key.name.as_ref().map(|name| name.raw()), &key.columns[..], &key.collations[..]))
        .collect();
    let collated = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (one, two, no_case) = (collated(&["BINARY"]), collated(&["BINARY", "BINARY"]), collated(&["NOCASE"]));
    assert_eq!(
        keys,
        [
            (None, &[0][..], &one[..]),
            (Some("full"), &[3, 2], &two),
            (Some("sqlite_autoindex_t_1"), &[1], &no_case),
        ]
    );
    let index = |name: &str| t.indexes.iter().find(|index| index.name.raw() == name).expect(name);
    assert_eq!(index("part").predicate.as_deref(), Some("c IS NOT NULL"));
    assert_eq!(index("expr").columns, [None]);
    // Under another collation than the column's own an index is no help to it.
    assert_eq!(index("other").columns, [None, Some(2)]);
    // Not a name of the row id (S10): it has an index of its own and may hold NULL.
    let down = table(&catalog, "down");
    assert_eq!((down.indexes.len(), down.columns[0].not_null), (1, false));
}

#[test]
fn triggers_and_statistics_are_read() {
    let catalog = read(
        "CREATE TABLE t(a);
         INSERT INTO t VALUES (1), (2), (3);
         CREATE INDEX few ON t(a) WHERE a > 2;
         ANALYZE;
         CREATE TRIGGER stop BEFORE DELETE ON T BEGIN SELECT RAISE(IGNORE); END;
         CREATE TRIGGER note AFTER INSERT ON t BEGIN SELECT 1; END;",
    );
    let t: &Table = table(&catalog, "t");
    let triggers: Vec<(&str, bool)> =
        t.triggers.iter().map(|trigger| (trigger.name.raw(), trigger.before_row)).collect();
    assert_eq!(triggers, [("note", false), ("stop", true)]);
    assert_eq!(t.estimated_rows, Some(3));
    assert_eq!(table(&read("CREATE TABLE t(a)"), "t").estimated_rows, None);
}

#[test]
fn a_reference_tells_its_name_actions_and_deferral() {
    let catalog = read(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT UNIQUE);
         CREATE TABLE c(
             a INT CONSTRAINT to_p REFERENCES P ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED,
             b TEXT REFERENCES p(CODE) MATCH FULL ON DELETE RESTRICT,
             CONSTRAINT again FOREIGN KEY (a) REFERENCES p(id) ON DELETE SET DEFAULT)",
    );
    let ids: Vec<&str> = catalog.relations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["c(a)->p(id)", "c(a)->p(id)#again", "c(b)->p(code)"]);
    let first = relation(&catalog, "c(a)->p(id)");
    assert_eq!(first.constraint.as_ref().map(|name| name.raw()), Some("to_p"));
    assert_eq!((first.on_delete, first.on_update), (Referential::Cascade, Referential::SetNull));
    assert!(first.deferrable && first.initially_deferred && first.validated);
    assert_eq!(first.enforcement, Enforcement::PerConnection);
    // Names are stored as the parent spells them, whatever the reference says (S13); MATCH is not acted on (S8).
    let code = relation(&catalog, "c(b)->p(code)");
    assert_eq!((code.matching, code.on_delete), (Matching::Simple, Referential::Restrict));
    assert!(catalog.relations.iter().all(|one| one.flaw.is_none()));
}

#[test]
fn a_reference_is_sound_when_a_full_unique_index_under_the_columns_own_collations_covers_it() {
    for sound in [
        "CREATE TABLE p(a INTEGER PRIMARY KEY); CREATE TABLE c(x REFERENCES p)",
        "CREATE TABLE p(a INTEGER PRIMARY KEY DESC); CREATE TABLE c(x REFERENCES p(A))",
        "CREATE TABLE p(a, b, PRIMARY KEY (b, a)); CREATE TABLE c(x, y, FOREIGN KEY (x, y) REFERENCES p)",
        "CREATE TABLE p(a, b, UNIQUE (b, a)); CREATE TABLE c(x, y, FOREIGN KEY (x, y) REFERENCES p(a, b))",
        "CREATE TABLE p(a COLLATE NOCASE); CREATE UNIQUE INDEX i ON p(a); CREATE TABLE c(x REFERENCES p(a))",
        "CREATE TABLE p(a COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID; CREATE TABLE c(x REFERENCES p)",
        // Without columns the primary key is meant, under whatever collation it has.
        "CREATE TABLE p(a, PRIMARY KEY (a COLLATE NOCASE)); CREATE TABLE c(x REFERENCES p)",
        "CREATE TABLE c(x PRIMARY KEY, y REFERENCES c)",
    ] {
        assert_eq!(flaw(sound), None, "{sound}");
    }
}

#[test]
fn a_reference_that_no_key_answers_is_broken_and_says_why() {
    assert_eq!(flaw("CREATE TABLE c(x REFERENCES nowhere)"), Some(Flaw::MissingTable));
    assert_eq!(
        flaw("CREATE TABLE c(x REFERENCES c2); CREATE VIEW c2 AS SELECT 1 AS id"),
        Some(Flaw::NotATable)
    );
    assert_eq!(
        flaw("CREATE VIRTUAL TABLE p USING fts5(a); CREATE TABLE c(x REFERENCES p(a))"),
        Some(Flaw::NotATable)
    );
    let Some(Flaw::MissingColumns(columns)) =
        flaw("CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(x REFERENCES p(b))")
    else {
        panic!("a missing column")
    };
    assert_eq!(columns.len(), 1);
    assert_eq!(
        flaw("CREATE TABLE p(a, b, PRIMARY KEY (a, b)); CREATE TABLE c(x REFERENCES p)"),
        Some(Flaw::ColumnCount { child: 1, parent: 2 })
    );
    assert!(not_unique("CREATE TABLE p(a); CREATE TABLE c(x REFERENCES p)").contains("no primary key"));
    for (parent, why) in [
        ("CREATE TABLE p(a)", "no primary key or unique index"),
        ("CREATE TABLE p(a, b, UNIQUE (a, b))", "no primary key or unique index"),
        ("CREATE TABLE p(a); CREATE UNIQUE INDEX i ON p(a) WHERE a > 0", "without predicate"),
        ("CREATE TABLE p(a); CREATE UNIQUE INDEX i ON p(lower(a))", "expression"),
        ("CREATE TABLE p(a); CREATE UNIQUE INDEX i ON p(a COLLATE NOCASE)", "another collation"),
        ("CREATE TABLE p(a COLLATE RTRIM, PRIMARY KEY (a COLLATE BINARY))", "another collation"),
    ] {
        let reason = not_unique(&format!("{parent}; CREATE TABLE c(x REFERENCES p(a))"));
        assert!(reason.contains(why), "{reason}: {parent}");
    }
    assert!(not_unique("CREATE TABLE c(x REFERENCES sqlite_schema(name))").contains("SQLite's own"));
}

#[test]
fn a_reference_stays_within_its_schema() {
    let main = SqliteFile::with(
        "CREATE TABLE c(x REFERENCES p); INSERT INTO c VALUES (1); CREATE TABLE q(id INTEGER PRIMARY KEY)",
    );
    let other = SqliteFile::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE d(x REFERENCES p); INSERT INTO d VALUES (7), (NULL);
         CREATE TABLE e(x REFERENCES q)",
    );
    let opened = Opened::with_attached(main.path(), &[("old \"x\"", other.path())]);
    let catalog = opened.catalog();
    let schemas: Vec<&str> = catalog.schemas.iter().map(|schema| schema.raw()).collect();
    assert_eq!(schemas, ["main", "old \"x\""]);
    assert_eq!(relation(&catalog, "c(x)->p()").flaw, Some(Flaw::MissingTable));
    assert_eq!(
        relation(&catalog, "\"old \"\"x\"\"\".e(x)->\"old \"\"x\"\"\".q()").flaw,
        Some(Flaw::MissingTable)
    );
    let sound = relation(&catalog, "\"old \"\"x\"\"\".d(x)->\"old \"\"x\"\"\".p(id)");
    assert_eq!(opened.orphans(&catalog, sound, Access::Free), (1, 1));
}

#[test]
fn a_primary_key_under_another_collation_is_compared_under_it() {
    let file = SqliteFile::with(
        "CREATE TABLE p(a TEXT, PRIMARY KEY (a COLLATE NOCASE)); CREATE TABLE c(x TEXT REFERENCES p);
         INSERT INTO p VALUES ('One'); INSERT INTO c VALUES ('ONE'), ('two'), ('TWO');",
    );
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    let expected = file.count("SELECT count(*) FROM pragma_foreign_key_check('c')");
    for path in [Access::Free, Access::NoIndex] {
        assert_eq!(opened.orphans(&catalog, &catalog.relations[0], path), (expected, 1));
    }
    assert_eq!(expected, 2);
}

#[test]
fn a_table_that_refers_to_itself_is_counted_like_any_other() {
    let file = SqliteFile::with(
        "CREATE TABLE node(id INTEGER PRIMARY KEY, up INT REFERENCES node, code TEXT UNIQUE, like TEXT REFERENCES node(code));
         INSERT INTO node VALUES (1, 1, 'a', 'a'), (2, 1, 'b', 'A'), (3, 9, 'c', NULL), (4, NULL, NULL, 'c'), (5, 9, 'e', 'x');",
    );
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    let expected =
        file.ask("SELECT fkid, count(*) FROM pragma_foreign_key_check('node') GROUP BY fkid ORDER BY fkid");
    assert_eq!(expected, "0|2\n1|2");
    for path in [Access::Free, Access::NoIndex] {
        assert_eq!(opened.orphans(&catalog, relation(&catalog, "node(up)->node(id)"), path), (2, 1));
        assert_eq!(opened.orphans(&catalog, relation(&catalog, "node(like)->node(code)"), path), (2, 2));
    }
}

#[test]
fn a_file_in_utf16_is_read_like_any_other() {
    let file = SqliteFile::with(
        "PRAGMA encoding = 'UTF-16le';
         CREATE TABLE \"pärent\"(k TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE c(k TEXT PRIMARY KEY, x TEXT REFERENCES \"pärent\") WITHOUT ROWID;
         INSERT INTO \"pärent\" VALUES ('ONE'); INSERT INTO c VALUES ('a', 'one'), ('ä', 'zwö'), ('🦊', 'Zwö'), ('z', '3');",
    );
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    let only = &catalog.relations[0];
    for path in [Access::Free, Access::NoIndex] {
        assert_eq!(opened.orphans(&catalog, only, path), (3, 2));
    }
    let rows = opened.pages(&catalog, only, None, 1);
    let keys: Vec<&str> = rows.iter().filter_map(|row| row[0].text()).collect();
    // SQLite's order in such a file: by the bytes 3E D8, 7A 00 and E4 00.
    assert_eq!(keys, ["🦊", "z", "ä"]);
}

#[test]
fn nulls_in_keys_are_counted_in_one_scan_for_sound_and_broken_references_alike() {
    let file = SqliteFile::with(
        "CREATE TABLE p(a, b, PRIMARY KEY (a, b));
         CREATE TABLE c(x, y, z REFERENCES nowhere, FOREIGN KEY (x, y) REFERENCES p);
         INSERT INTO c VALUES (1, 1, 1), (NULL, NULL, NULL), (1, NULL, 2), (NULL, 1, NULL), (2, 2, NULL);",
    );
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    let child = table(&catalog, "c").id;
    let relations: Vec<_> = catalog.relations.iter().collect();
    let rows = opened.fetch(&opened.dialect().child_counts(&catalog, child, &relations));
    let figures: Vec<u64> = rows[0].iter().map(super::opened::count).collect();
    assert_eq!(figures, [5, 1, 2, 3, 0]);
    let none = opened.fetch(&opened.dialect().child_counts(&catalog, child, &[]));
    assert_eq!(super::opened::count(&none[0][0]), 5);
}

#[test]
fn an_index_of_the_child_that_lacks_rows_leaves_its_relations_unchecked() {
    let file = SqliteFile::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id));
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2), (3, 99); CREATE INDEX ci ON c(pid) WHERE pid < 50;
.dbconfig defensive off
         PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX ci ON c(pid)' WHERE name = 'ci'",
    );
    let check = || crate::support::waif(["check", &file.target(), "--format", "json"]);
    let outcome = check();
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    assert!(outcome.stdout.contains("has not as many entries as the table has rows"), "{outcome:#?}");
    file.execute("REINDEX ci");
    let outcome = check();
    assert_eq!(outcome.code, Some(1), "the orphan is seen: {outcome:#?}");
}

/// SQLite would take an index of the rows whose key is not NULL for the table.
#[test]
fn a_partial_index_of_the_child_that_lacks_rows_hides_no_orphan() {
    let file = SqliteFile::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id));
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2), (3, 99); CREATE INDEX ci ON c(pid) WHERE pid < 50;
.dbconfig defensive off
         PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX ci ON c(pid) WHERE pid IS NOT NULL' WHERE name = 'ci'",
    );
    assert_eq!(file.ask("SELECT count(*) FROM c WHERE pid IS NOT NULL"), "2", "SQLite itself is led astray");
    let outcome = crate::support::waif(["check", &file.target(), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["relations"][0]["orphans"], 1, "{outcome:#?}");
}

#[test]
fn an_index_of_the_parent_that_keeps_rows_that_are_gone_leaves_its_relations_unchecked() {
    let file = SqliteFile::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT NOT NULL); CREATE UNIQUE INDEX pi ON p(code);
         CREATE TABLE c(id INTEGER PRIMARY KEY, code TEXT REFERENCES p(code));
         CREATE TABLE d(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id));
         INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 'a'), (2, 'b'); INSERT INTO d VALUES (1, 1);
.dbconfig defensive off
         PRAGMA writable_schema = ON; CREATE TABLE hidden(sql); INSERT INTO hidden SELECT sql FROM sqlite_schema WHERE name = 'pi';
         UPDATE sqlite_schema SET sql = sql || ' WHERE id <> 2' WHERE name = 'pi'",
    );
    // While the index passes for one that leaves the row out, the row goes and its entry stays.
    file.execute(
        ".dbconfig defensive off
         DELETE FROM p WHERE id = 2; PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = (SELECT sql FROM hidden) WHERE name = 'pi'; DROP TABLE hidden",
    );
    let check = || crate::support::waif(["check", &file.target(), "--format", "json"]);
    let outcome = check();
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let relations = report["relations"].as_array().expect("relations");
    let of = |child: &str| {
        relations.iter().find(|own| own["child"]["table"] == child).expect("its relation").to_string()
    };
    assert!(of("c").contains("has not as many entries as the parent has rows"), "{outcome:#?}");
    assert!(of("d").contains("\"clean\""), "no index is asked for it: {outcome:#?}");
    file.execute("REINDEX pi");
    let outcome = check();
    assert_eq!(outcome.code, Some(1), "the orphan is seen: {outcome:#?}");
}

#[test]
fn the_parent_of_a_default_is_looked_up_as_it_would_be_stored() {
    let found = |sql: &str| {
        let file = SqliteFile::with(sql);
        let opened = Opened::at(file.path());
        let catalog = opened.catalog();
        let query = opened.dialect().default_parent(&catalog, &catalog.relations[0])?;
        Some(!opened.fetch(&query).is_empty())
    };
    let parent = "CREATE TABLE p(a TEXT PRIMARY KEY); INSERT INTO p VALUES ('1'), ('01'), ('x');";
    let child = |column: &str, action: &str| {
        format!("{parent} CREATE TABLE c(x {column} REFERENCES p(a) ON DELETE {action})")
    };
    assert_eq!(found(&child("INT DEFAULT '01'", "SET DEFAULT")), Some(true), "stored as 1, and '1' is there");
    assert_eq!(found(&child("REAL DEFAULT 1", "SET DEFAULT")), Some(false), "stored as 1.0, which is no '1'");
    assert_eq!(found(&child("DEFAULT 'X'", "SET DEFAULT")), Some(false));
    assert_eq!(found(&child("TEXT DEFAULT 'x'", "SET DEFAULT")), Some(true));
    assert_eq!(found(&child("TEXT DEFAULT 'x'", "CASCADE")), None, "no default is set");
    assert_eq!(found(&child("TEXT", "SET DEFAULT")), None, "NULL satisfies");
    assert_eq!(found(&child("TEXT DEFAULT (lower('X'))", "SET DEFAULT")), None, "somebody else's code");
}

#[test]
fn what_is_not_utf8_becomes_a_gap_where_it_is_a_name_and_hides_nothing_else() {
    // In Latin-1: a table named bé, a column named é, and a comment that says é.
    let file = SqliteFile::with(
        "CREATE TABLE noted(a INTEGER PRIMARY KEY); CREATE TABLE bad(a); CREATE TABLE odd(a PRIMARY KEY);
         CREATE TABLE c(x REFERENCES noted, y REFERENCES odd);
         INSERT INTO c VALUES (1, 1);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET name = CAST(x'62e9' AS TEXT), tbl_name = CAST(x'62e9' AS TEXT),
             sql = 'CREATE TABLE [' || CAST(x'62e9' AS TEXT) || '](a)' WHERE name = 'bad';
         UPDATE sqlite_schema SET sql = 'CREATE TABLE odd([' || CAST(x'e9' AS TEXT) || '] PRIMARY KEY)' WHERE name = 'odd';
         UPDATE sqlite_schema SET sql = 'CREATE TABLE noted(a INTEGER PRIMARY KEY -- ' || CAST(x'e90a' AS TEXT) || ')'
             WHERE name = 'noted';",
    );
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    assert_eq!(names(&catalog), ["c", "noted"]);
    let gaps: Vec<(&str, &str)> =
        catalog.gaps.iter().map(|gap| (gap.object.as_str(), gap.reason.as_str())).collect();
    assert_eq!(
        gaps,
        [
            ("b\\xE9", "its name is not UTF-8"),
            ("odd", "its columns could not be read"),
            ("c", "the parent of one of its references could not be read"),
        ]
    );
    let [only] = &catalog.relations[..] else { panic!("one relation can be told") };
    assert_eq!((only.id.as_str(), only.flaw.as_ref()), ("c(x)->noted(a)", None));
    assert_eq!(opened.orphans(&catalog, only, Access::Free), (1, 1));
}

#[test]
fn two_thousand_tables_are_read_by_a_handful_of_queries() {
    let mut script = String::from("BEGIN;");
    for nth in 0..2000 {
        script.push_str(&format!(
            "CREATE TABLE t{nth}(id INTEGER PRIMARY KEY, a INT REFERENCES t{}(id), b TEXT REFERENCES t0, c, d);
             CREATE INDEX ia{nth} ON t{nth}(a); CREATE INDEX ib{nth} ON t{nth}(b, c);",
            nth / 2
        ));
    }
    let file = SqliteFile::with(&(script + "COMMIT;"));
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    assert_eq!((catalog.tables.len(), catalog.relations.len()), (2000, 4000));
    assert!(opened.sent().len() < 60, "a query per table would be thousands: {}", opened.sent().len());
}
