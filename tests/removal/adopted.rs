//! Parents that are inserted: only such as their rows find afterwards, and each can be taken away again.

use crate::ward::Ward;

#[test]
fn parents_of_odd_columns_are_taken_away_again() {
    let ward = Ward::of(
        "given",
        "CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION hstore;
         CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN no AS int CHECK (value > 0); CREATE DOMAIN mail AS citext;
         CREATE TABLE p_domain(id no PRIMARY KEY, beside no DEFAULT 7, big numeric(10,4) DEFAULT 1.5);
         CREATE TABLE c_domain(id int); INSERT INTO c_domain SELECT i FROM generate_series(1, 20) i;
         CREATE TABLE p_citext(id citext PRIMARY KEY, doc json DEFAULT '{}', tags hstore DEFAULT 'a=>b', place point DEFAULT '(1,2)');
         CREATE TABLE c_citext(id citext); INSERT INTO c_citext SELECT 'Word' || i / 2 FROM generate_series(1, 20) i;
         CREATE TABLE p_mail(id mail PRIMARY KEY, way ltree DEFAULT 'a.b', m mood DEFAULT 'sad');
         CREATE TABLE c_mail(id mail); INSERT INTO c_mail SELECT 'Mail' || i FROM generate_series(1, 20) i;
         CREATE TABLE p_ltree(id ltree, m mood, PRIMARY KEY (id, m)); CREATE TABLE c_ltree(id ltree, m mood);
         INSERT INTO c_ltree SELECT ('a.b' || i)::ltree, 'glad' FROM generate_series(1, 20) i;
         CREATE TABLE p_folded(id text COLLATE nocase PRIMARY KEY, beside text DEFAULT 'x' COLLATE nocase);
         CREATE TABLE c_folded(id text COLLATE nocase); INSERT INTO c_folded VALUES ('A'), ('a'), ('b');
         CREATE TABLE p_fixed(id char(6) PRIMARY KEY, two bit(2) DEFAULT '01'); CREATE TABLE c_fixed(id char(6)); INSERT INTO c_fixed VALUES ('abc'), ('d');",
    );
    let before = ward.sums();
    for (name, columns, parents) in [
        ("domain", "id", 20),
        ("citext", "id", 11),
        ("mail", "id", 20),
        ("ltree", "id,m", 20),
        ("folded", "id", 2),
        ("fixed", "id", 2),
    ] {
        ward.mended(&[&format!("adopt:c_{name}({columns})->p_{name}({columns})")]);
        assert_eq!(ward.held(), parents, "{name}");
        ward.restored();
        assert_eq!(ward.sums(), before, "{name}");
    }
}

#[test]
fn a_parent_goes_again_though_its_columns_are_wider_by_now() {
    let ward = Ward::of(
        "wider",
        "CREATE TABLE p(id int PRIMARY KEY, name varchar(10) DEFAULT 'x', n numeric(10,2) DEFAULT 1);
         CREATE TABLE c(id int, p int); INSERT INTO c SELECT i, i FROM generate_series(1, 20) i;",
    );
    ward.mended(&["adopt:c(p)->p(id)"]);
    ward.database.execute(
        "ALTER TABLE p ALTER id TYPE bigint, ALTER name TYPE text; UPDATE p SET name = 'mine' WHERE id = 3",
    );
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!((ward.held(), ward.database.ask("SELECT id FROM p")), (1, "3".to_owned()), "{outcome:#?}");
    ward.database.execute("UPDATE p SET name = 'x'");
    ward.restored();
}

/// A parent key, values of the child that it does not hold, and some that it does.
const UNFIT: &[(&str, &str, &str, &str)] = &[
    ("numeric(10,2)", "numeric(10,4)", "(1.2345), (7.5)", "7.50"),
    ("varchar(3)", "varchar(10)", "('abcdef'), ('abc')", "abc"),
    ("char(3)", "char(10)", "('abcdef'), ('abc')", "abc"),
    ("timestamp(0)", "timestamp(6)", "('2026-01-01 00:00:00.25'), ('2026-01-02')", "2026-01-02 00:00:00"),
    ("time(0)", "time", "('10:00:00.25'), ('10:00')", "10:00:00"),
    ("folded", "varchar(10)", "('abcdef'), ('abc')", "abc"),
];

#[test]
fn no_parent_is_inserted_that_its_row_would_not_find() {
    for (parent, child, values, fits) in UNFIT {
        let ward = Ward::of(
            "unfit",
            &format!(
                "CREATE DOMAIN folded AS varchar(3); CREATE TABLE p(id {parent} PRIMARY KEY); CREATE TABLE c(id {child});
                 INSERT INTO c VALUES {values};"
            ),
        );
        let before = ward.sums();
        let said = ward.refused(&["adopt:c(id)->p(id)"]);
        assert!(said.contains("1 row of c refers to what p(id) would not hold as it is"), "{parent}: {said}");
        // What comes after the plan makes it stale.
        ward.database.execute(&format!("DELETE FROM c WHERE id NOT IN (SELECT '{fits}'::{parent})"));
        ward.plan(&["adopt:c(id)->p(id)?triggers=fire"]);
        ward.database.execute(&format!("DELETE FROM c; INSERT INTO c VALUES {values}"));
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(2), "{parent}: {outcome:#?}");
        assert!(outcome.everything().contains("would not hold"), "{parent}: {outcome:#?}");
        assert_eq!(ward.database.count("SELECT count(*) FROM p"), 0, "{parent}");
        // What comes while the run goes on is left out.
        ward.database.execute(&format!(
            "DELETE FROM c WHERE id NOT IN (SELECT '{fits}'::{parent});
             CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.c VALUES {values}; RETURN NULL; END $$;
             CREATE TRIGGER more AFTER INSERT ON p FOR EACH STATEMENT EXECUTE FUNCTION more();"
        ));
        ward.plan(&["adopt:c(id)->p(id)?triggers=fire"]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{parent}: {outcome:#?}");
        let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("the parent's columns would not hold it as it is"), "{parent}: {said}");
        assert_eq!(ward.database.ask("SELECT id::text FROM p"), *fits, "{parent}");
        ward.restored();
        assert_eq!(ward.database.count("SELECT count(*) FROM p"), 0, "{parent}");
        assert_eq!(ward.sums()["public.p"], before["public.p"], "{parent}");
    }
}

#[test]
fn a_value_that_no_parent_may_have_is_refused_before_anything_is_inserted() {
    let ward = Ward::of(
        "forbidden",
        "CREATE DOMAIN no AS int CHECK (value > 10); CREATE TABLE p(id no PRIMARY KEY); CREATE TABLE c(id int); INSERT INTO c VALUES (5), (50);",
    );
    let said = ward.refused(&["adopt:c(id)->p(id)"]);
    assert!(said.contains("no_check"), "{said}");
}

#[test]
fn a_trigger_that_changes_the_key_of_a_new_parent_stops_the_run() {
    let ward = Ward::of(
        "rekeyed",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int); INSERT INTO c VALUES (5), (50);
         CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.id := new.id + 1; RETURN new; END $$;
         CREATE TRIGGER others BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION other();",
    );
    ward.plan(&["adopt:c(id)->p(id)?triggers=fire"]);
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert_eq!((ward.held(), ward.database.count("SELECT count(*) FROM p")), (0, 0), "{outcome:#?}");
}

#[test]
fn other_keys_of_the_parent_may_wait_for_the_end_of_the_transaction() {
    let ward = Ward::of(
        "deferred",
        "CREATE TABLE p(id int PRIMARY KEY, code text UNIQUE DEFERRABLE INITIALLY DEFERRED, n int, EXCLUDE (n WITH =) DEFERRABLE);
         CREATE TABLE c(id int); INSERT INTO c VALUES (5), (50);",
    );
    let before = ward.sums();
    ward.mended(&["adopt:c(id)->p(id)"]);
    assert_eq!(ward.held(), 2);
    ward.restored();
    assert_eq!(ward.sums(), before);
    // What such a key refuses is said, and nothing is inserted.
    ward.database.execute("ALTER TABLE p ALTER code SET DEFAULT 'the same'");
    ward.plan(&["adopt:c(id)->p(id)"]);
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("A unique key refused"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.database.count("SELECT count(*) FROM p")), (0, 0), "{outcome:#?}");
}

#[test]
fn a_sequence_that_numbers_parents_is_told_with_what_sets_it_behind_them() {
    for (number, insert) in [
        ("serial", "INSERT INTO \"Pa'r\"(n) VALUES ('x')"),
        ("int GENERATED BY DEFAULT AS IDENTITY", "INSERT INTO \"Pa'r\"(n) VALUES ('x')"),
        ("bigint GENERATED ALWAYS AS IDENTITY", "INSERT INTO \"Pa'r\"(n) VALUES ('x')"),
    ] {
        let ward = Ward::of(
            "numbered",
            &format!(
                "CREATE TABLE \"Pa'r\"(\"i'D\" {number} PRIMARY KEY, n text); INSERT INTO \"Pa'r\"(n) SELECT 'x' FROM generate_series(1, 3);
                 CREATE TABLE c(id int PRIMARY KEY, pid int); INSERT INTO c SELECT g, g FROM generate_series(1, 6) g;"
            ),
        );
        ward.mended(&["adopt:c(pid)->\"Pa'r\"(\"i'D\")"]);
        assert!(ward.database.try_execute(insert).is_err(), "the sequence stands behind: {number}");
        let plan = std::fs::read_to_string(&ward.plan).unwrap();
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let warnings = plan["warnings"].as_array().unwrap().iter();
        let told = warnings.filter_map(|told| told.as_str()?.split_once("set it behind them: "));
        let [(sentence, statement)] = told.collect::<Vec<_>>()[..] else { panic!("{plan:#}") };
        assert!(sentence.contains("is numbered by a sequence"), "{sentence}");
        ward.database.execute(statement);
        ward.database.execute(insert);
        assert_eq!(ward.database.count("SELECT max(\"i'D\") FROM \"Pa'r\""), 7, "{number}");
    }
    // A key that nobody numbers has nothing to be told.
    let ward = Ward::of(
        "unnumbered",
        "CREATE TABLE p(id int PRIMARY KEY, no serial); CREATE TABLE c(pid int); INSERT INTO c VALUES (1)",
    );
    assert!(!ward.plan(&["adopt:c(pid)->p(id)"]).contains("sequence"));
}
