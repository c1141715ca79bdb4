//! Lists of missing parents and orphan rows: each orphan exactly once, whatever identifies it and whatever others write.

use crate::support::{Database, Opened};
use waif::model::value::{Row, Value};
use waif::sql::Page;

/// `parent` holds 0; what `insert` adds goes in past every check.
fn planted(child: &str, insert: &str) -> Database {
    Database::with(
        "lists",
        &format!(
            "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('z', 'a', 'm'); CREATE DOMAIN code AS text;
             CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             CREATE COLLATION moved (provider = icu, locale = 'de');
             CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (0);
             {child}; SET session_replication_role = replica; {insert}"
        ),
    )
}

fn cells(rows: &[Row], at: usize) -> Vec<String> {
    let mut cells: Vec<String> = rows.iter().map(|row| row[at].visible().into_owned()).collect();
    cells.sort();
    cells
}

/// Every orphan once, by pages of several sizes, whole and by missing parent. `n` is the first column of each child, rows
/// 1 to 40 are orphans, four a parent.
fn complete(database: &Database) {
    let opened = Opened::new(database);
    let mut truth: Vec<String> = (1..=40).map(|n| n.to_string()).collect();
    truth.sort();
    for relation in &opened.catalog.relations {
        let id = &relation.id;
        for limit in [3, 40, 100] {
            assert_eq!(cells(&opened.orphan_rows(id, None, limit), 0), truth, "{id} in pages of {limit}");
        }
        let parents = opened.missing_parents(id, 100);
        assert_eq!(parents.len(), 10);
        for (key, children) in parents {
            assert_eq!(children, 4);
            assert_eq!(opened.orphan_rows(id, Some(&key), 3).len(), 4, "{id}: children of {key:?}");
        }
    }
}

const ROWS: &str =
    "n, CASE WHEN n <= 40 THEN 1 + n % 10 WHEN n < 50 THEN 0 END FROM generate_series(1, 60) n";

#[test]
fn every_sort_of_primary_key_pages_without_loss_or_repeat() {
    let keys = [
        ("bigint", "n"),
        ("numeric", "n / 7.0"),
        ("float8", "n / 7.0"),
        ("text", "chr(60 + n) || 'é'''"),
        ("text COLLATE caseless", "chr(200 + n * 3)"),
        ("varchar(20)", "repeat(' ', n % 3) || n"),
        ("char(9)", "'k' || n"),
        ("uuid", "md5(n::text)::uuid"),
        ("timestamptz", "'2024-03-31 00:00:00.000001+00'::timestamptz + n * interval '13 minutes'"),
        ("interval", "n * interval '1 hour'"),
        ("bytea", "decode(lpad(to_hex(n), 4, '0'), 'hex')"),
        ("int[]", "array[n % 7, n]"),
        ("inet", "'10.0.0.0'::inet + n"),
        ("bit(8)", "n::bit(8)"),
        ("citext", "chr(200 + n * 2)"),
        ("code", "'c' || n"),
        ("mood[]", "array_fill('a'::mood, array[n])"),
        ("int4range", "int4range(n, n + 2)"),
    ];
    let (mut tables, mut rows) = (String::new(), String::new());
    for (at, (kind, value)) in keys.iter().enumerate() {
        tables += &format!("CREATE TABLE child_{at}(n int, p int REFERENCES parent, k {kind} PRIMARY KEY);");
        rows += &format!("INSERT INTO child_{at}(k, n, p) SELECT {value}, {ROWS};");
    }
    complete(&planted(&tables, &rows));
}

#[test]
fn composite_keys_tables_without_key_and_partitions_page_as_well() {
    let tables = "
        CREATE TABLE bare(n int, p int REFERENCES parent);
        CREATE TABLE hashed(n int, p int REFERENCES parent) PARTITION BY HASH (n);
        CREATE TABLE h0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE h1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE ranged(n int PRIMARY KEY, p int REFERENCES parent) PARTITION BY RANGE (n);
        CREATE TABLE r0 PARTITION OF ranged FOR VALUES FROM (0) TO (20); CREATE TABLE r1 PARTITION OF ranged DEFAULT;
        CREATE TABLE pair(n int, p int REFERENCES parent, s serial, m mood DEFAULT 'a', PRIMARY KEY (m, s));
        CREATE TABLE uniq(n int UNIQUE, p int REFERENCES parent, k serial UNIQUE);
        CREATE DOMAIN never AS int NOT NULL; CREATE TABLE nothing(k never);
        CREATE TABLE hollow(n int, p int REFERENCES parent, k never UNIQUE);
        CREATE TABLE drifted(n int, p int REFERENCES parent, t text COLLATE moved DEFAULT md5(random()::text) PRIMARY KEY);
        UPDATE pg_collation SET collversion = '1.0' WHERE collname = 'moved';";
    let insert = |table| format!("INSERT INTO {table}(n, p) SELECT {ROWS};");
    let rows: String =
        ["bare", "hashed", "ranged", "pair", "uniq", "drifted"].into_iter().map(insert).collect();
    // What a domain forbids a row may hold all the same.
    let hollow = format!(
        "INSERT INTO hollow SELECT r.n, r.p, (SELECT k FROM nothing) FROM (SELECT {ROWS}) AS r(n, p);"
    );
    complete(&planted(tables, &(rows + &hollow)));
}

/// The list goes on behind the last key, not behind a number of rows.
#[test]
fn writers_in_between_neither_hide_rows_nor_bring_them_twice() {
    let database = planted(
        "CREATE TABLE child(n int PRIMARY KEY, p int REFERENCES parent)",
        "INSERT INTO child SELECT n * 10, 7 FROM generate_series(1, 6) n",
    );
    let opened = Opened::new(&database);
    let id = "child(p)->parent(id)";
    let (_, first) = opened.page(id, None, &Page { after: None, limit: 3 });
    database.execute("SET session_replication_role = replica; DELETE FROM child WHERE n = 10; INSERT INTO child VALUES (5, 7), (35, 7)");
    let after = first.last().map(|(identity, _)| identity.clone());
    let (_, second) = opened.page(id, None, &Page { after, limit: 10 });
    let shown =
        |rows: &[(Row, Row)]| rows.iter().map(|(_, row)| row[0].visible().into_owned()).collect::<Vec<_>>();
    assert_eq!(
        (shown(&first), shown(&second)),
        (
            vec!["10".to_owned(), "20".to_owned(), "30".to_owned()],
            ["35", "40", "50", "60"].map(str::to_owned).to_vec(),
        )
    );
}

/// Child and parent types, orphans of which some are the same to the engine, and the sizes of the groups.
#[test]
fn one_missing_parent_is_what_the_engine_calls_equal() {
    let cases: &[(&str, &str, &str, &[u64])] = &[
        ("citext", "citext", "'bar', 'BAR', 'Bar', 'baz'", &[3, 1]),
        ("text COLLATE caseless", "text COLLATE caseless", "'bar', 'BAR', 'baz'", &[2, 1]),
        ("varchar(9)", "char(9)", "'ab', 'ab  ', ' ab'", &[2, 1]),
        ("numeric", "numeric", "'1.0', '1.00', '1', '1.01'", &[3, 1]),
        ("float4", "float8", "'0.1', '0.1', '-0', '0', 'NaN', 'NaN'", &[2, 2, 2]),
        ("float8", "float8", "'0.1', '0.30000000000000004', '0.3'", &[1, 1, 1]),
        ("int", "numeric", "'7', '7', '8'", &[2, 1]),
        ("date", "timestamp", "'2024-02-29', '2024-02-29', '2024-03-01'", &[2, 1]),
        ("interval", "interval", "'30 days', '1 month', '720 hours'", &[3]),
        ("code", "text", "'x', 'x', E'a''\\n\\t', '\u{202e}'", &[2, 1, 1]),
        ("mood", "mood", "'a', 'a', 'm'", &[2, 1]),
        ("int[]", "int[]", "'{1,NULL}', '{1,NULL}', '[2:2]={1}'", &[2, 1]),
        ("bytea", "bytea", "'\\x00', '\\x00', '\\xff'", &[2, 1]),
        ("inet", "inet", "'10.0.0.1', '10.0.0.1/32', '10.0.0.1/8'", &[2, 1]),
        ("name", "text", "'a', 'a', 'b'", &[2, 1]),
        ("oid", "oid", "'4294967295', '4294967295', '1'", &[2, 1]),
    ];
    let (mut tables, mut rows) = (String::new(), String::new());
    for (at, (child, parent, values, _)) in cases.iter().enumerate() {
        tables += &format!(
            "CREATE TABLE keyed_{at}(id {parent} PRIMARY KEY); CREATE TABLE kid_{at}(k {child} REFERENCES keyed_{at});"
        );
        let kind = child.split(' ').next().unwrap();
        rows += &format!("INSERT INTO kid_{at} SELECT unnest(array[{values}, NULL]::text[])::{kind};");
    }
    let database = planted(&tables, &rows);
    let opened = Opened::new(&database);
    for (at, (child, parent, _, groups)) in cases.iter().enumerate() {
        let id = &format!("kid_{at}(k)->keyed_{at}(id)");
        let parents = opened.missing_parents(id, 10);
        let sizes: Vec<u64> = parents.iter().map(|(_, children)| *children).collect();
        assert_eq!(sizes, *groups, "{child} -> {parent}: {parents:?}");
        assert_eq!(opened.orphans(id), (groups.iter().sum(), groups.len() as u64), "{child} -> {parent}");
        for (key, children) in &parents {
            let rows = opened.orphan_rows(id, Some(key), 10);
            assert_eq!(rows.len() as u64, *children, "{child} -> {parent}: {key:?}");
        }
        assert_eq!(parents, opened.missing_parents(id, 10), "two visits show the same");
        assert_eq!(opened.missing_parents(id, 1), parents[..1]);
    }
}

#[test]
fn half_a_key_of_match_full_is_followed_to_its_rows() {
    let database = planted(
        "CREATE TABLE pair(a int, b text, PRIMARY KEY (a, b));
         CREATE TABLE child(n int PRIMARY KEY, x int, y text, FOREIGN KEY (x, y) REFERENCES pair MATCH FULL)",
        "INSERT INTO child VALUES (1, 1, NULL), (2, 1, NULL), (3, NULL, 'b'), (4, 2, 'b'), (5, NULL, NULL), (6, 1, 'q')",
    );
    let opened = Opened::new(&database);
    let id = "child(x,y)->pair(a,b)";
    let text = |text: &str| Value::Text(text.to_owned());
    let parents = opened.missing_parents(id, 10);
    assert_eq!(parents[0], (vec![text("1"), Value::Null], 2));
    assert_eq!(parents.len(), 4);
    let rows = |key: &[Value]| cells(&opened.orphan_rows(id, Some(key), 10), 0);
    assert_eq!(rows(&[text("1"), Value::Null]), ["1", "2"]);
    assert_eq!(rows(&[Value::Null, text("b")]), ["3"]);
    assert_eq!(rows(&[text("1"), text("q")]), ["6"]);
    assert_eq!(rows(&[text("9"), text("q")]), Vec::<String>::new());
}

#[test]
fn long_cells_are_cut_and_say_how_long_they_are() {
    let database = planted(
        "CREATE TABLE child(n int PRIMARY KEY, p int REFERENCES parent, t text, b bytea, j jsonb, fits text)",
        "INSERT INTO child VALUES (1, 7, repeat('é', 5000), decode(repeat('ab', 5000), 'hex'), jsonb_build_array(repeat('x', 5000)), repeat('é', 2000))",
    );
    let opened = Opened::new(&database);
    let row = opened.orphan_rows("child(p)->parent(id)", None, 10).remove(0);
    assert_eq!(row[2].visible(), format!("{}... [cut, 5000 characters]", "é".repeat(2000)));
    assert_eq!(row[3].visible(), format!("\\x{}... [cut, 5000 bytes]", "ab".repeat(1000)));
    assert!(row[4].visible().ends_with("... [cut, 5004 characters]"));
    assert_eq!(row[5].visible(), "é".repeat(2000));
}

#[test]
fn hostile_names_and_values_travel_unharmed() {
    let database = Database::with(
        "lists",
        "CREATE SCHEMA \"a\"\"; DROP TABLE x; --\";
         CREATE TABLE \"a\"\"; DROP TABLE x; --\".\"$1 ? %s\nnew\"(\"\u{1b}[31m\" int PRIMARY KEY, \"\u{202e}k\" int UNIQUE);
         CREATE TABLE \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"(\"é''\\\" text PRIMARY KEY, \"select\" int
           CONSTRAINT \"nl\n\" REFERENCES \"a\"\"; DROP TABLE x; --\".\"$1 ? %s\nnew\" (\"\u{202e}k\"));
         SET session_replication_role = replica;
         INSERT INTO \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" VALUES (E'a\\\\''\\n\u{1b}', 5), ('b', 5)",
    );
    let opened = Opened::new(&database);
    assert_eq!(opened.catalog.gaps, []);
    let id = opened.catalog.relations[0].id.clone();
    assert_eq!(opened.orphans(&id), (2, 1));
    assert_eq!(opened.orphan_rows(&id, None, 1).len(), 2);
    let (list, rows) = opened.page(&id, Some(&[Value::Text("5".into())]), &Page { after: None, limit: 5 });
    assert_eq!(list.headings, ["é''\\", "select"]);
    assert_eq!(rows[0].1[0], Value::Text("a\\'\n\u{1b}".into()));
}

#[test]
fn what_a_role_may_not_read_is_not_listed() {
    let database = planted(
        "CREATE TABLE child(n int PRIMARY KEY, secret text, p int REFERENCES parent)",
        "INSERT INTO child VALUES (1, 'x', 7), (2, 'y', 7)",
    );
    let role = database.role("narrow", "");
    database
        .execute(&format!("GRANT SELECT (id) ON parent TO {role}; GRANT SELECT (n, p) ON child TO {role}"));
    let opened = Opened::as_role(&database, &role);
    let id = "child(p)->parent(id)";
    assert_eq!(
        opened.orphan_rows(id, None, 1),
        [["1", "7"], ["2", "7"]].map(|row| row.map(|cell| Value::Text(cell.into())).to_vec())
    );
    assert_eq!(opened.orphans(id), (2, 1));
}

#[test]
fn nulls_of_all_relations_are_counted_in_one_scan() {
    let database = planted(
        "CREATE TABLE pair(a int, b int, c int, PRIMARY KEY (a, b, c));
         CREATE TABLE child(x int, y int, z int REFERENCES parent, FOREIGN KEY (x, y, z) REFERENCES pair);
         CREATE TABLE heir() INHERITS (child)",
        "INSERT INTO child VALUES (1, 1, 1), (NULL, 1, 0), (1, NULL, NULL), (NULL, NULL, NULL); INSERT INTO heir VALUES (9, 9, 9)",
    );
    let opened = Opened::new(&database);
    let relations: Vec<_> = opened.catalog.relations.iter().collect();
    assert_eq!(relations.len(), 2);
    assert_eq!(relations[0].id, "child(x,y,z)->pair(a,b,c)");
    let query = opened.dialect().child_counts(&opened.catalog, opened.table("child").id, &relations);
    let counts: Vec<u64> =
        opened.fetch(&query)[0].iter().map(|cell| cell.count().expect("a count")).collect();
    // Four rows; all NULL and partly NULL of the three columns, then of z alone.
    assert_eq!(counts, [4, 1, 2, 2, 0]);
}

#[test]
fn the_parent_of_a_default_is_asked_for_with_the_servers_own_comparison() {
    let database = planted(
        "CREATE TABLE words(w text COLLATE caseless PRIMARY KEY); INSERT INTO words VALUES ('None');
         CREATE TABLE a(p int DEFAULT 0 REFERENCES parent ON DELETE SET DEFAULT); CREATE TABLE b(p int DEFAULT -1 REFERENCES parent ON UPDATE SET DEFAULT);
         CREATE TABLE c(w varchar(9) COLLATE caseless DEFAULT 'NONE' REFERENCES words ON DELETE SET DEFAULT); CREATE TABLE d(w text COLLATE caseless DEFAULT E'o''\\\\n' REFERENCES words ON DELETE SET DEFAULT);
         CREATE TABLE e(w text COLLATE caseless DEFAULT upper('none') REFERENCES words ON DELETE SET DEFAULT); CREATE TABLE f(p int REFERENCES parent ON DELETE SET DEFAULT)",
        "",
    );
    let opened = Opened::new(&database);
    let exists = |table: &str| {
        let relation =
            opened.catalog.relations.iter().find(|relation| relation.child.name.name.raw() == table).unwrap();
        let query = opened.dialect().default_parent(&opened.catalog, relation)?;
        Some(!opened.fetch(&query).is_empty())
    };
    assert_eq!(
        ["a", "b", "c", "d", "e", "f"].map(exists),
        [Some(true), Some(false), Some(true), Some(false), None, None]
    );
}

/// Whoever owns a type may define what a cast of it does. None of that may run with the rights of whoever inspects.
#[test]
fn casts_that_a_user_defined_are_never_run() {
    let database = planted(
        "CREATE TYPE pair AS (a int, b text);
         CREATE FUNCTION evil(mood) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil ran as %'', current_user; END';
         CREATE FUNCTION evil(pair) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil ran as %'', current_user; END';
         CREATE FUNCTION evil(text) RETURNS mood LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil ran as %'', current_user; END';
         CREATE CAST (mood AS text) WITH FUNCTION evil(mood) AS ASSIGNMENT; CREATE CAST (pair AS text) WITH FUNCTION evil(pair);
         CREATE CAST (text AS mood) WITH FUNCTION evil(text) AS ASSIGNMENT;
         CREATE TABLE moods(m mood PRIMARY KEY); INSERT INTO moods VALUES ('a');
         CREATE TABLE pairs(p pair PRIMARY KEY); CREATE TABLE words(w text PRIMARY KEY);
         CREATE TABLE child(n mood PRIMARY KEY, p mood DEFAULT 'z' REFERENCES moods ON DELETE SET DEFAULT, q pair REFERENCES pairs);
         CREATE TABLE full_child(x mood, y int, FOREIGN KEY (x) REFERENCES moods MATCH FULL)",
        "INSERT INTO child VALUES ('z', 'm', ROW(NULL, NULL)), ('a', 'z', ROW(1, 'x')), ('m', 'm', NULL);
         INSERT INTO full_child VALUES ('z', 1), (NULL, 2)",
    );
    assert!(database.try_execute("SELECT n::text FROM child").unwrap_err().contains("evil ran"));
    let opened = Opened::new(&database);
    let id = "child(p)->moods(m)";
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(opened.orphans(id), (3, 2));
    assert_eq!(opened.missing_parents(id, 5), [(vec![text("m")], 2), (vec![text("z")], 1)]);
    let rows = [
        vec![text("a"), text("z"), text("(1,x)")],
        vec![text("m"), text("m"), Value::Null],
        vec![text("z"), text("m"), text("(,)")],
    ];
    assert_eq!(opened.orphan_rows(id, None, 1), rows, "in the order of the key's text");
    assert_eq!(opened.orphan_rows(id, Some(&[text("m")]), 1), rows[1..]);
    assert_eq!(opened.orphan_rows(id, Some(&[text("gone")]), 1), Vec::<Row>::new());
    // As VALIDATE counts: for it a row of NULLs is NULL.
    assert_eq!(opened.orphans("child(q)->pairs(p)"), (1, 1));
    assert_eq!(opened.orphan_rows("child(q)->pairs(p)", Some(&[text("(1,x)")]), 9), rows[..1]);
    assert_eq!(opened.orphans("full_child(x)->moods(m)"), (1, 1));
    assert_eq!(opened.dialect().default_parent(&opened.catalog, opened.relation(id)), None);
}

/// A key may compare through such a cast. The server runs it as the table's owner; waif would run it as itself.
#[test]
fn a_key_that_compares_through_a_users_cast_is_a_gap() {
    let database = planted(
        "CREATE FUNCTION evil(mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE CAST (mood AS int) WITH FUNCTION evil(mood) AS IMPLICIT;
         CREATE TABLE ranks(r int PRIMARY KEY); CREATE TABLE child(m mood CONSTRAINT risky REFERENCES ranks)",
        "",
    );
    let opened = Opened::new(&database);
    assert_eq!(opened.catalog.relations.len(), 0);
    let gaps: Vec<(&str, &str)> =
        opened.catalog.gaps.iter().map(|gap| (gap.object.as_str(), gap.reason.as_str())).collect();
    assert_eq!(
        gaps,
        [(
            "foreign key risky of child",
            "it compares through a cast that a user defined, which waif does not run"
        )]
    );
}

/// A timestamp equals one with a time zone in the zone of whoever asks: an answer of ours would be one of many.
#[test]
fn a_key_that_compares_by_the_time_zone_of_each_session_is_left_out_and_never_clean() {
    let database = planted(
        "CREATE TABLE moments(at timestamptz PRIMARY KEY); CREATE TABLE times(t timetz PRIMARY KEY); CREATE TABLE plain(at timestamp PRIMARY KEY);
         CREATE TABLE a(at timestamp CONSTRAINT a_fk REFERENCES moments); CREATE TABLE b(at date CONSTRAINT b_fk REFERENCES moments);
         CREATE TABLE c(t time CONSTRAINT c_fk REFERENCES times); CREATE TABLE d(at timestamptz CONSTRAINT d_fk REFERENCES plain);
         CREATE TABLE same(at timestamptz REFERENCES moments, d date REFERENCES plain)",
        "INSERT INTO a VALUES ('2026-01-05 09:00')",
    );
    let opened = Opened::new(&database);
    assert_eq!(opened.catalog.relations.len(), 2, "those that compare alike in every session are counted");
    let mut gaps: Vec<&str> = opened.catalog.gaps.iter().map(|gap| gap.object.as_str()).collect();
    gaps.sort_unstable();
    assert_eq!(
        gaps,
        ["foreign key a_fk of a", "foreign key b_fk of b", "foreign key c_fk of c", "foreign key d_fk of d"]
    );
    assert!(opened.catalog.gaps.iter().all(|gap| gap.reason.contains("time zone of each session")));
    assert_eq!(crate::support::check(&database.url(), &["--fail-on", "critical"]).code(), Some(4));
    let plan = database.name().to_owned() + ".json";
    let file = tempfile::tempdir().unwrap().path().join(plan).display().to_string();
    for action in ["add-fk:a(at)->moments(at)", "quarantine:b(at)->moments(at)"] {
        let outcome = crate::support::waif(["plan", &database.url(), "-o", &file, "--stage", action]);
        assert_ne!(outcome.code, Some(0), "{outcome:#?}");
    }
}
