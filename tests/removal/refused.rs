//! What stands against a removal: each reason by name, and no statement of it to copy.

mod roles;

use crate::support::Database;
use crate::ward::Ward;

/// A parent, a child with one row that lost it, and whatever a test puts beside.
fn ward(hint: &str, more: &str) -> Ward {
    Ward::of(
        hint,
        &format!(
            "CREATE TABLE parent(id int PRIMARY KEY);
             INSERT INTO parent VALUES (1);
             CREATE TABLE child(id int PRIMARY KEY, parent int, body text);
             INSERT INTO child VALUES (1, 1, 'kept'), (2, 9, 'lost'), (3, NULL, 'free');
             {more}
             ANALYZE;"
        ),
    )
}

const QUARANTINE: &str = "quarantine:child(parent)->parent(id)";

/// The plan is refused for this reason, and shows nothing that could be copied.
fn refused(ward: &Ward, actions: &[&str], reason: &str) -> String {
    let told = ward.refused(actions);
    assert!(told.contains(reason), "{reason}\n{told}");
    for word in ["DELETE FROM", "UPDATE ONLY", "waif.\"rows_child"] {
        assert!(!told.contains(&format!("{word} ")), "{word} is shown: {told}");
    }
    let file = std::fs::read_to_string(&ward.plan).unwrap();
    assert!(!file.contains("DELETE FROM"), "the file shows no deletion either");
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 3);
    told
}

#[test]
fn rows_that_refer_and_forbid_it_are_counted() {
    for action in ["RESTRICT", "NO ACTION"] {
        let ward = ward(
            "forbid",
            &format!(
                "CREATE TABLE grandchild(id int, child int REFERENCES child(id) ON DELETE {action});
                 INSERT INTO grandchild VALUES (1, 2), (2, 2), (3, 1);"
            ),
        );
        let told = refused(&ward, &[QUARANTINE], "2 rows of grandchild refer to rows that would be removed");
        assert!(told.contains(&format!("ON DELETE {action}")), "{told}");
        assert!(told.contains("quarantine:grandchild(child)->child(id)"), "{told}");
        // Staged beside it, they go along.
        ward.mended(&[QUARANTINE, "quarantine:grandchild(child)->child(id)"]);
        assert_eq!(ward.database.ask("SELECT count(*), (SELECT count(*) FROM grandchild) FROM child"), "2|1");
        ward.restored();
        assert_eq!(ward.database.ask("SELECT count(*), (SELECT count(*) FROM grandchild) FROM child"), "3|3");
    }
}

#[test]
fn set_null_where_none_is_taken_is_refused() {
    let ward = ward(
        "notnull",
        "CREATE TABLE grandchild(id int PRIMARY KEY, child int NOT NULL REFERENCES child(id) ON DELETE SET NULL);
         INSERT INTO grandchild VALUES (1, 2);",
    );
    refused(&ward, &[QUARANTINE], "child takes no NULL, which ON DELETE would set");
}

#[test]
fn rows_that_no_key_names_cannot_lose_a_value() {
    let ward = ward(
        "nokey",
        "CREATE TABLE grandchild(id int, child int REFERENCES child(id) ON DELETE SET NULL);
         INSERT INTO grandchild VALUES (1, 2);",
    );
    refused(&ward, &[QUARANTINE], "no key names a row of grandchild");
}

#[test]
fn triggers_and_rules_on_any_table_that_is_reached_are_refused_by_name() {
    let veto = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TABLE grandchild(id int PRIMARY KEY, child int REFERENCES child(id) ON DELETE CASCADE);
        INSERT INTO grandchild VALUES (1, 2);
        CREATE TRIGGER keeper BEFORE DELETE ON grandchild FOR EACH ROW EXECUTE FUNCTION keep();";
    let one = ward("veto", veto);
    let told = refused(&one, &[QUARANTINE], "The trigger keeper would fire before every row that is deleted");
    assert!(told.contains("on grandchild"), "{told}");
    // Allowed to fire, it keeps the row back: the batch leaves nothing and the run stops.
    one.plan(&["quarantine:child(parent)->parent(id)?triggers=fire"]);
    let outcome = one.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.stderr.contains("kept one back"), "{outcome:#?}");
    assert_eq!(one.database.count("SELECT count(*) FROM child"), 3);
    assert_eq!(one.held(), 0);
    let other = ward("rule", "CREATE RULE softly AS ON DELETE TO child DO INSTEAD NOTHING;");
    refused(&other, &[QUARANTINE], "The rule softly on child would divert what is deleted there");
}

#[test]
fn what_on_delete_says_decides_what_delete_may_do() {
    for (action, instead) in [("RESTRICT", "quarantine"), ("SET NULL", "nullify"), ("SET DEFAULT", "nullify")]
    {
        let ward = ward(
            "declared",
            &format!(
                "ALTER TABLE child ADD FOREIGN KEY (parent) REFERENCES parent ON DELETE {action} NOT VALID;"
            ),
        );
        let told = refused(&ward, &["delete:child(parent)->parent(id)"], &format!("ON DELETE {action}"));
        assert!(told.contains(&format!("{instead}:child(parent)->parent(id)")), "{told}");
        ward.mended(&[QUARANTINE]);
        assert_eq!(ward.database.count("SELECT count(*) FROM child"), 2);
    }
}

#[test]
fn rights_are_asked_for_with_the_exact_grant() {
    let mut ward = ward(
        "rights",
        "CREATE TABLE grandchild(id int PRIMARY KEY, child int REFERENCES child(id) ON DELETE CASCADE);",
    );
    let role = ward.database.reader();
    ward.becomes(&role);
    let told = refused(&ward, &[QUARANTINE], "lacks DELETE on child");
    for grant in [
        format!("GRANT DELETE ON \"public\".\"child\" TO \"{role}\";"),
        format!("GRANT UPDATE ON \"public\".\"child\" TO \"{role}\";"),
        format!("GRANT DELETE ON \"public\".\"grandchild\" TO \"{role}\";"),
        format!("GRANT UPDATE ON \"public\".\"parent\" TO \"{role}\";"),
        format!("GRANT CREATE ON DATABASE \"{}\" TO \"{role}\";", ward.database.name()),
    ] {
        assert!(told.contains(&grant), "{grant}\n{told}");
        ward.database.execute(&grant);
    }
    ward.database.execute(&format!("GRANT UPDATE, SELECT ON grandchild TO {role}"));
    // With what was asked for and nothing besides, it goes through.
    let told = ward.plan(&[QUARANTINE]);
    assert!(told.contains("The role may not insert into grandchild"), "{told}");
    ward.runs();
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 2);
    ward.database.execute(&format!("DROP OWNED BY {role}"));
}

#[test]
fn row_security_and_publications_are_refused() {
    let hidden = ward(
        "rls",
        "ALTER TABLE child ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON child USING (id < 2);",
    );
    let role = hidden.database.role("seer", "");
    hidden.database.execute(&format!(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON SCHEMA public TO {role}; GRANT CREATE ON DATABASE {} TO {role}",
        hidden.database.name()
    ));
    let mut hidden = hidden;
    hidden.becomes(&role);
    let told = hidden.refused(&[QUARANTINE]);
    assert!(told.contains("Row security hides rows of child from the role (policies: few)"), "{told}");
    hidden.database.execute(&format!("DROP OWNED BY {role}"));
    let server: &'static crate::support::Server =
        Box::leak(Box::new(crate::support::Server::start(&["wal_level = logical"])));
    let sent = Database::on(server, "published");
    sent.execute(
        "CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE child(id int, parent int); INSERT INTO child VALUES (1, 9);
         CREATE PUBLICATION news FOR TABLE child;",
    );
    let sent = Ward::on(sent);
    let told = sent.refused(&[QUARANTINE]);
    assert!(told.contains("child is published by news and its rows have no replica identity"), "{told}");
    sent.database.execute("ALTER TABLE child REPLICA IDENTITY FULL");
    sent.mended(&[QUARANTINE]);
    sent.restored();
}

#[test]
fn more_rows_than_are_allowed_are_refused_with_all_that_hangs_on_them() {
    let ward = ward(
        "limit",
        "CREATE TABLE grandchild(id int, child int REFERENCES child(id) ON DELETE CASCADE);
         INSERT INTO grandchild SELECT i, 2 FROM generate_series(1, 50) i;",
    );
    let outcome = ward.plans(&[QUARANTINE], &["--max-rows", "50"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("51 rows, and it may write 50"), "{outcome:#?}");
    let plan = ward.plan_with(&[QUARANTINE], &["--max-rows", "51"]);
    assert!(plan.contains("50 rows of grandchild go along"), "{plan}");
    // Others add one row more before the run: it takes nothing rather than too much.
    ward.database.execute("INSERT INTO grandchild VALUES (0, 2)");
    let outcome = ward.run().run();
    assert!(matches!(outcome.code, Some(2 | 5)), "{outcome:#?}");
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 3);
    assert_eq!(ward.database.count("SELECT count(*) FROM grandchild"), 51);
}

/// A column of a grandchild that is part of two keys, and gets its default where one of them loses its parent.
fn twice(default: &str, bases: &str) -> Ward {
    ward(
        "twice",
        &format!(
            "INSERT INTO child VALUES (0, 1, 'zero');
             CREATE TABLE base(id int PRIMARY KEY); INSERT INTO base VALUES {bases};
             CREATE TABLE grandchild(id int PRIMARY KEY, child int DEFAULT {default} REFERENCES child ON DELETE SET DEFAULT,
                                     FOREIGN KEY (child) REFERENCES base);
             INSERT INTO grandchild VALUES (1, 2);"
        ),
    )
}

#[test]
fn a_default_without_a_parent_by_another_key_is_foreseen() {
    let lacking = twice("0", "(2)");
    let told = lacking.refused(&[QUARANTINE]);
    assert!(told.contains("ON DELETE SET DEFAULT would set 1 row of grandchild to their default, and base has no row for it by grandchild(child)->base(id)."), "{told}");
    lacking.database.execute("INSERT INTO base VALUES (0)");
    let told = lacking.plan(&[QUARANTINE]);
    assert!(!told.contains("their default"), "{told}");
    lacking.runs();
    assert_eq!(lacking.database.ask("SELECT child FROM grandchild"), "0");
    lacking.restored();
    assert_eq!(lacking.database.ask("SELECT child FROM grandchild"), "2");
    // What is computed is not asked for: the server would have to run it.
    let computed = twice("abs(0)", "(2)");
    let told = computed.plan(&[QUARANTINE]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains(
            "where base has no row for what grandchild(child)->base(id) refers to then, the run stops."
        ),
        "{told}"
    );
}

#[test]
fn the_lock_on_the_parent_by_another_key_is_announced() {
    let ward = twice("0", "(0), (2)");
    ward.plan(&[QUARANTINE]);
    let file = std::fs::read_to_string(&ward.plan).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&file).unwrap();
    let locks: Vec<_> =
        plan["steps"].as_array().unwrap().iter().flat_map(|step| step["locks"].as_array().unwrap()).collect();
    let base: Vec<_> =
        locks.iter().filter(|lock| lock["table"] == "base").map(|lock| lock["mode"].as_str()).collect();
    assert_eq!(base, [Some("row_share")]);
}

#[test]
fn the_lock_on_the_parent_of_what_is_computed_of_a_cleared_column_is_announced() {
    let ward = ward(
        "computed",
        "CREATE TABLE base(id int PRIMARY KEY); INSERT INTO base VALUES (0), (1), (9);
         ALTER TABLE child ADD beside int GENERATED ALWAYS AS (coalesce(parent, 0)) STORED REFERENCES base;",
    );
    ward.plan(&["nullify:child(parent)->parent(id)"]);
    let file = std::fs::read_to_string(&ward.plan).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&file).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let locks = steps.iter().flat_map(|step| step["locks"].as_array().unwrap());
    assert!(locks.into_iter().any(|lock| lock["table"] == "base" && lock["mode"] == "row_share"), "{file}");
    ward.runs();
    assert_eq!(ward.database.ask("SELECT beside FROM child WHERE id = 2"), "0");
}
