//! What refuses one row keeps no other from coming back: whatever a restore does is tried in halves.

use crate::ward::Ward;

/// A function of a trigger that refuses what happens to one row.
const REFUSE: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = '23514'; END $$;";

fn left(ward: &Ward) -> String {
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn one_parent_that_must_stay_keeps_no_other() {
    let ward = Ward::of(
        "parents",
        &format!(
            "{REFUSE} CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, pid int);
             INSERT INTO c SELECT i, i FROM generate_series(1, 100) i;"
        ),
    );
    let before = ward.sums();
    ward.mended(&["adopt:c(pid)->p(id)"]);
    ward.database.execute(
        "CREATE TRIGGER refuses BEFORE DELETE ON p FOR EACH ROW WHEN (old.id = 42) EXECUTE FUNCTION refuse(); INSERT INTO p VALUES (1000);
         CREATE TABLE g(p int REFERENCES p); INSERT INTO g VALUES (7)",
    );
    let said = left(&ward);
    assert_eq!(
        ward.database.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM p"),
        "7,42,1000",
        "{said}"
    );
    assert_eq!(ward.held(), 2);
    assert!(
        said.contains("p: 1 row: the parent was changed since, is gone, or a declared reference leads to it"),
        "{said}"
    );
    assert!(said.contains("not this one"), "{said}");
    ward.the_journal_is_true();
    ward.database.execute("DROP TRIGGER refuses ON p; DROP TABLE g");
    ward.restored();
    ward.database.execute("DELETE FROM p");
    assert_eq!(ward.sums(), before);
}

#[test]
fn one_copy_that_must_stay_keeps_no_other() {
    let ward = Ward::of(
        "copies",
        &format!(
            "{REFUSE} CREATE TABLE p(id int PRIMARY KEY, body text, tags text[]); CREATE TABLE c(id int, k text[], p int, body text, tags text[], PRIMARY KEY (id, k));
             INSERT INTO p SELECT i, 'b' || i, ARRAY['t', i::text] FROM generate_series(1, 100) i;
             INSERT INTO c SELECT i, ARRAY['k', i::text], i, NULL, NULL FROM generate_series(1, 100) i;"
        ),
    );
    let before = ward.sums();
    for column in ["body", "tags"] {
        let config = ward.plan.with_file_name("waif.toml");
        let copy = format!("[[copy]]\ncolumn = 'c.{column}'\nfrom = '{column}'\nalong = 'c(p)->p(id)'\n");
        std::fs::write(&config, copy).unwrap();
        let (url, file) = (ward.database.url(), ward.plan.display().to_string());
        let action = format!("backfill:c.{column}");
        let planned = crate::support::Waif::new(["plan", &url, "-o", &file, "--stage", &action])
            .env("WAIF_CONFIG", &config)
            .run();
        assert_eq!(planned.code, Some(0), "{planned:#?}");
        ward.runs();
        ward.database.execute(
            "CREATE TRIGGER refuses BEFORE UPDATE ON c FOR EACH ROW WHEN (old.id IN (42, 77)) EXECUTE FUNCTION refuse()",
        );
        ward.database.execute(&format!("ALTER TABLE c DISABLE TRIGGER refuses; UPDATE c SET {column} = NULL WHERE id = 7; ALTER TABLE c ENABLE TRIGGER refuses"));
        let said = left(&ward);
        let filled =
            format!("SELECT string_agg(id::text, ',' ORDER BY id) FROM c WHERE {column} IS NOT NULL");
        assert_eq!(ward.database.ask(&filled), "42,77", "{said}");
        assert!(said.contains("not this one"), "{said}");
        assert!(said.contains("97 taken back, 3 left"), "{said}");
        assert!(said.contains("c: 1 row: the row is gone, or holds something else by now"), "{said}");
        ward.database.execute(&format!(
            "DROP TRIGGER refuses ON c; UPDATE c SET {column} = p.{column} FROM p WHERE c.id = 7 AND p.id = 7"
        ));
        // That row was written by somebody else: the others come back, and it when it is asked for.
        let said = left(&ward);
        assert!(said.contains("2 taken back, 1 left"), "{said}");
        let outcome = ward.restore(&["--changed"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert_eq!(ward.sums(), before, "{column}");
    }
}

#[test]
fn one_neighbour_that_refuses_its_value_keeps_no_other() {
    let ward = Ward::of(
        "neighbours",
        &format!(
            "{REFUSE} CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, pid int);
             INSERT INTO c SELECT i, i FROM generate_series(1, 100) i;
             CREATE TABLE z(id int PRIMARY KEY, c int REFERENCES c ON DELETE SET NULL); INSERT INTO z SELECT i, i FROM generate_series(1, 100) i;"
        ),
    );
    let before = ward.sums();
    ward.mended(&["quarantine:c(pid)->p(id)"]);
    ward.database.execute(
        "CREATE TRIGGER refuses BEFORE UPDATE ON z FOR EACH ROW WHEN (old.id = 42) EXECUTE FUNCTION refuse();",
    );
    let said = left(&ward);
    assert!(said.contains("not this one"), "{said}");
    assert_eq!((ward.held(), ward.database.count("SELECT count(*) FROM c")), (1, 100), "{said}");
    assert_eq!(ward.database.ask("SELECT id FROM z WHERE c IS NULL"), "42");
    ward.the_journal_is_true();
    ward.database.execute("DROP TRIGGER refuses ON z");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_copy_that_rows_refer_to_by_now_stays_for_they_would_follow_it() {
    let ward = Ward::of(
        "followers",
        "CREATE TABLE p(id int PRIMARY KEY, region text, UNIQUE (id, region)); INSERT INTO p VALUES (1, 'eu'), (2, 'us');
         CREATE TABLE c(id int PRIMARY KEY, pid int, region text, UNIQUE (id, region), FOREIGN KEY (pid, region) REFERENCES p(id, region));
         INSERT INTO c SELECT i, 1 + i % 2, NULL FROM generate_series(1, 100) i;",
    );
    let before = ward.sums();
    ward.mended(&["backfill:c.region"]);
    ward.database.execute(
        "CREATE TABLE g(c int, region text, FOREIGN KEY (c, region) REFERENCES c(id, region) ON UPDATE CASCADE);
         INSERT INTO g VALUES (42, 'eu'), (7, NULL)",
    );
    let said = left(&ward);
    assert!(said.contains("99 taken back, 1 left"), "{said}");
    assert!(said.contains("or a declared reference leads to it"), "{said}");
    assert_eq!(ward.database.ask("SELECT id FROM c WHERE region IS NOT NULL"), "42");
    assert_eq!(ward.database.ask("SELECT c FROM g WHERE region = 'eu'"), "42");
    ward.database.execute("DROP TABLE g");
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn an_inserted_parent_stays_where_a_trigger_would_take_rows_of_others_along() {
    let schema = "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c(id int PRIMARY KEY, pid int, x text);
        INSERT INTO c VALUES (1, 1, 'a'), (2, 9, 'b'), (3, 8, 'c');
        CREATE FUNCTION along() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.c WHERE pid = old.id; RETURN old; END $$;
        CREATE TRIGGER takes AFTER DELETE ON p FOR EACH ROW WHEN (old.id = 9) EXECUTE FUNCTION along();";
    let ward = Ward::of("along", schema);
    let before = ward.sums();
    ward.mended(&["adopt:c(pid)->p(id)"]);
    let said = left(&ward);
    assert!(said.contains("1 taken back, 1 left"), "{said}");
    assert!(said.contains("a trigger changes other rows"), "{said}");
    assert_eq!(
        ward.database.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM c"),
        "1,2,3",
        "no row is lost"
    );
    assert_eq!(ward.held(), 1);
    ward.database.execute("ALTER TABLE p DISABLE TRIGGER takes");
    ward.restored();
    assert_eq!(ward.sums(), before);
    // Who says so lets it fire.
    let ward = Ward::of("along", schema);
    ward.mended(&["adopt:c(pid)->p(id)?triggers=fire"]);
    ward.restored();
    assert_eq!(ward.database.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM c"), "1,3");
}

#[test]
fn a_value_stays_where_a_trigger_changes_the_row_beside_it() {
    for (when, does) in
        [("BEFORE", "new.u := 'touched'"), ("AFTER", "UPDATE public.c SET u = 'touched' WHERE id = new.id")]
    {
        let ward = Ward::of(
            "touched",
            &format!(
                "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c(id int PRIMARY KEY, pid int, u text);
                 INSERT INTO c VALUES (1, 1, 'a'), (2, 9, 'b'), (3, 8, 'c');
                 CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.pid = 9 THEN {does}; END IF; RETURN new; END $$;
                 CREATE TRIGGER touches {when} UPDATE OF pid ON c FOR EACH ROW EXECUTE FUNCTION touch();"
            ),
        );
        let before = ward.sums();
        ward.mended(&["nullify:c(pid)->p(id)?triggers=fire"]);
        let said = left(&ward);
        assert!(said.contains("1 taken back, 1 left"), "{when}: {said}");
        assert!(said.contains("a trigger kept one or changed it"), "{when}: {said}");
        assert_eq!(ward.database.ask("SELECT u FROM c WHERE id = 2"), "b", "{when}");
        ward.database.execute("DROP TRIGGER touches ON c");
        ward.restored();
        assert_eq!(ward.sums(), before, "{when}");
    }
}
