//! What a role may not see: said with its reason, never counted as nothing, never called clean.

use crate::support::{Database, check};

fn family(extra: &str) -> Database {
    Database::with(
        "hidden",
        &format!(
            "CREATE TABLE parent(id int PRIMARY KEY, note text); INSERT INTO parent VALUES (1), (2);
             CREATE TABLE child(id int PRIMARY KEY, p int REFERENCES parent, note text);
             INSERT INTO child VALUES (1, 1), (2, 2); {extra}"
        ),
    )
}

fn reason(relation: &serde_json::Value) -> &str {
    assert_eq!(relation["verdict"], "not_checked", "{relation}");
    assert!(relation["orphans"].is_null(), "what was not counted has no figure: {relation}");
    relation["reason"].as_str().expect("a reason")
}

#[test]
fn row_security_on_the_parent_never_makes_orphans() {
    let database = family(
        "ALTER TABLE parent ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON parent FOR SELECT USING (id = 1);",
    );
    let reader = database.reader();
    let checked = check(&database.url_as(&reader), &[]);
    let why = reason(checked.relation("child(p)->parent(id)"));
    assert!(why.contains("row security") && why.contains("parent"), "{why}");
    assert_eq!(checked.code(), Some(4));
    assert_eq!(checked.json["complete"], false);
    assert_eq!(checked.found("not-checked"), ["child(p)->parent(id)"]);
    assert_eq!(
        check(&database.url(), &[]).relation("child(p)->parent(id)")["verdict"],
        "clean",
        "a superuser sees all"
    );
}

#[test]
fn row_security_on_the_child_never_makes_it_clean() {
    let database = family(
        "SET session_replication_role = replica; INSERT INTO child VALUES (3, 99); RESET session_replication_role;
         ALTER TABLE child ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON child FOR SELECT USING (id < 3);",
    );
    let checked = check(&database.url_as(&database.reader()), &[]);
    assert!(reason(checked.relation("child(p)->parent(id)")).contains("row security"));
    assert_eq!(checked.code(), Some(4));
}

#[test]
fn a_role_that_bypasses_row_security_counts() {
    let database = family("ALTER TABLE parent ENABLE ROW LEVEL SECURITY;");
    let role = database.role("bypass", "BYPASSRLS");
    database.execute(&format!("GRANT SELECT ON parent, child TO {role}"));
    assert_eq!(check(&database.url_as(&role), &[]).relation("child(p)->parent(id)")["verdict"], "clean");
}

#[test]
fn an_owner_under_forced_row_security_is_no_exception() {
    let database = family("");
    let role = database.role("owner", "");
    database.execute(&format!(
        "ALTER TABLE parent OWNER TO {role}; ALTER TABLE child OWNER TO {role};
         ALTER TABLE parent ENABLE ROW LEVEL SECURITY; ALTER TABLE parent FORCE ROW LEVEL SECURITY;"
    ));
    let checked = check(&database.url_as(&role), &[]);
    assert!(reason(checked.relation("child(p)->parent(id)")).contains("row security"));
    // A role that owns nothing can be dropped with the database.
    database.execute("ALTER TABLE parent OWNER TO postgres; ALTER TABLE child OWNER TO postgres");
}

#[test]
fn a_missing_right_is_named_and_the_rest_is_counted() {
    let database = family("CREATE TABLE other(p int REFERENCES parent); INSERT INTO other VALUES (1);");
    let role = database.role("poor", "");
    database.execute(&format!("GRANT SELECT ON parent, other TO {role}"));
    let checked = check(&database.url_as(&role), &[]);
    let why = reason(checked.relation("child(p)->parent(id)"));
    assert!(why.contains("SELECT") && why.contains("child"), "{why}");
    assert_eq!(checked.relation("other(p)->parent(id)")["verdict"], "clean");
    assert_eq!(checked.code(), Some(4));
}

#[test]
fn no_rights_at_all_is_incomplete_and_never_no_foreign_keys() {
    let database = family("");
    let role = database.role("nobody", "");
    let checked = check(&database.url_as(&role), &[]);
    reason(checked.relation("child(p)->parent(id)"));
    assert_eq!(checked.code(), Some(4));
}

#[test]
fn a_schema_without_usage_is_not_checked() {
    let database = Database::with(
        "hidden",
        "CREATE SCHEMA closed; CREATE TABLE closed.parent(id int PRIMARY KEY);
         CREATE TABLE child(p int REFERENCES closed.parent);",
    );
    let role = database.role("outside", "");
    database.execute(&format!("GRANT SELECT ON child, closed.parent TO {role}"));
    let checked = check(&database.url_as(&role), &[]);
    let why = reason(checked.relation("child(p)->closed.parent(id)"));
    assert!(why.contains("closed"), "{why}");
    assert_eq!(checked.code(), Some(4));
}

/// The key columns are all a count needs.
#[test]
fn a_right_on_the_key_columns_alone_is_enough() {
    let database = family("");
    let role = database.role("narrow", "");
    database.execute(&format!("GRANT SELECT (id) ON parent TO {role}; GRANT SELECT (p) ON child TO {role}"));
    let checked = check(&database.url_as(&role), &[]);
    assert_eq!(checked.relation("child(p)->parent(id)")["verdict"], "clean", "{}", checked.json);
    assert_eq!(checked.relation("child(p)->parent(id)")["rows"], 2);
}
