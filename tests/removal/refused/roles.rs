//! Others after a run: a role that may only read goes on inspecting and planning as if there were no journal, is told which
//! right it lacks to read or write it, and has what it needs with what it was told.

use crate::support::{Database, check, waif};
use crate::ward::Ward;

const FAMILY: &str = "CREATE TABLE parent(id int PRIMARY KEY, day date);
    INSERT INTO parent SELECT i, '2026-01-01' FROM generate_series(1, 3) AS i;
    CREATE TABLE child(id int PRIMARY KEY, parent int, day date);
    INSERT INTO child VALUES (1, 1, NULL), (2, 9, NULL), (3, NULL, NULL), (4, 2, NULL);
    CREATE TABLE other(id int PRIMARY KEY, parent int);
    INSERT INTO other VALUES (1, 1), (2, 8);
    CREATE TABLE third(id int PRIMARY KEY, parent int);
    INSERT INTO third VALUES (1, 1), (2, 7);
    ANALYZE;";

const QUARANTINE: &str = "quarantine:child(parent)->parent(id)";
const NULLIFY: &str = "nullify:other(parent)->parent(id)";
const ADOPT: &str = "adopt:third(parent)->parent(id)";

/// A database in which runs left stores of every kind, and a role that may read everything but the journal.
fn mended() -> (Ward, String) {
    let ward = Ward::on(Database::with("roles", FAMILY));
    let reader = ward.database.reader();
    for action in [QUARANTINE, NULLIFY, ADOPT] {
        ward.mended(&[action]);
    }
    let kinds = "SELECT string_agg(DISTINCT split_part(relname, '_', 1), ' ' ORDER BY split_part(relname, '_', 1)) \
                 FROM pg_class WHERE relnamespace = 'waif'::regnamespace AND relkind = 'r'";
    assert_eq!(ward.database.ask(kinds), "adopted batch proof rows run step store values");
    (ward, reader)
}

/// What a text says, however it was wrapped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_waif_keeps_is_no_part_of_what_is_inspected() {
    let (ward, reader) = mended();
    // What a backfill keeps, as it names it.
    ward.database
        .execute("CREATE TABLE waif.record_20260101_0a1b2c_0(i int); CREATE TABLE waif.work_r1_0(i int)");
    for url in [ward.database.url(), ward.database.url_as(&reader)] {
        let checked = check(&url, &[]);
        assert!(checked.outcome.stdout.find("waif.").is_none(), "{:#?}", checked.outcome);
        assert_eq!(checked.json["complete"], true, "{:#?}", checked.outcome);
        assert_ne!(checked.code(), Some(4));
        assert!(
            checked.relations().keys().all(|id| !id.contains("waif")),
            "{:#?}",
            checked.relations().keys()
        );
        let told = waif(["info", &url]);
        assert!(!told.stdout.contains("waif."), "{told:#?}");
    }
}

#[test]
fn what_somebody_else_puts_beside_the_journal_stays_in_sight() {
    let (ward, reader) = mended();
    ward.database.execute(
        "CREATE TABLE waif.notes(id int PRIMARY KEY, parent int REFERENCES public.parent);
         CREATE TABLE waif.run_notes(run text REFERENCES waif.run(id));",
    );
    let checked = check(&ward.database.url(), &[]);
    let relations = checked.relations();
    assert!(relations.contains_key("waif.notes(parent)->parent(id)"), "{:#?}", relations.keys());
    assert!(relations.contains_key("waif.run_notes(run)->waif.run(id)"), "{:#?}", relations.keys());
    assert!(!relations.keys().any(|id| id.starts_with("waif.step") || id.starts_with("waif.batch")));
    let checked = check(&ward.database.url_as(&reader), &[]);
    assert_eq!(checked.code(), Some(4), "a role that sees less is told so: {:#?}", checked.outcome);
    // A schema of that name that is none of waif's is a schema like others.
    let other = Database::with(
        "namesake",
        "CREATE SCHEMA waif; CREATE TABLE waif.run(id int PRIMARY KEY);
         CREATE TABLE waif.step(run int REFERENCES waif.run)",
    );
    let checked = check(&other.url(), &[]);
    assert!(checked.relations().contains_key("waif.step(run)->waif.run(id)"), "{:#?}", checked.outcome);
}

#[test]
fn a_role_that_only_reads_plans_and_is_told_every_grant_a_run_would_need() {
    let (mut ward, reader) = mended();
    ward.database.execute("INSERT INTO child VALUES (7, 9, NULL)");
    ward.becomes(&reader);
    let told = ward.refused(&["index:child(parent)->parent(id)"]);
    assert!(told.contains("The role may not write to the journal of waif."), "{told}");
    let grants = [
        format!("GRANT USAGE, CREATE ON SCHEMA \"waif\" TO \"{reader}\";"),
        format!("GRANT SELECT, INSERT, UPDATE ON \"waif\".\"run\" TO \"{reader}\";"),
        format!("GRANT SELECT, INSERT, UPDATE ON \"waif\".\"step\" TO \"{reader}\";"),
        format!("GRANT SELECT, INSERT, UPDATE ON \"waif\".\"batch\" TO \"{reader}\";"),
        format!("GRANT SELECT, INSERT, UPDATE ON \"waif\".\"proof\" TO \"{reader}\";"),
        format!("GRANT SELECT, INSERT, UPDATE ON \"waif\".\"store\" TO \"{reader}\";"),
    ];
    for grant in &grants {
        assert!(told.contains(grant), "{grant}\n{told}");
        ward.database.execute(grant);
    }
    // What was told is all that the journal takes.
    ward.database
        .execute(&format!("ALTER TABLE child OWNER TO {reader}; GRANT CREATE ON SCHEMA public TO {reader}"));
    ward.mended(&["index:child(parent)->parent(id)"]);
    assert_eq!(ward.database.ask("SELECT role FROM waif.run ORDER BY started_at DESC LIMIT 1"), reader);
    ward.database.execute(&format!(
        "ALTER TABLE child OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM {reader}"
    ));
}

#[test]
fn a_store_of_somebody_else_is_named_before_a_run_would_fail_at_it() {
    let (mut ward, reader) = mended();
    ward.database.execute(&format!(
        "INSERT INTO child VALUES (7, 9, NULL); GRANT USAGE, CREATE ON SCHEMA waif TO {reader};
         GRANT SELECT, INSERT, UPDATE ON waif.run, waif.step, waif.batch, waif.proof, waif.store TO {reader};
         ALTER TABLE child OWNER TO {reader}; ALTER TABLE parent OWNER TO {reader}"
    ));
    let store = ward.store("rows_child");
    ward.becomes(&reader);
    let told = ward.refused(&[QUARANTINE]);
    let owns = format!("ALTER TABLE \"waif\".{} OWNER TO \"{reader}\";", store.trim_start_matches("waif."));
    assert!(told.contains(&owns), "{owns}\n{told}");
    ward.database.execute(&owns);
    ward.mended(&[QUARANTINE]);
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 3);
    assert_eq!(ward.database.count(&format!("SELECT count(*) FROM {store}")), 2, "rows of both runs");
    ward.database.execute(&format!("REASSIGN OWNED BY {reader} TO postgres; DROP OWNED BY {reader}"));
}

#[test]
fn the_owner_of_the_journal_is_named_where_only_its_membership_helps() {
    let ward = Ward::on(Database::with("owners", FAMILY));
    let owner = ward.database.role("keeper", "");
    let reader = ward.database.reader();
    ward.database.execute(&format!(
        "GRANT CREATE ON DATABASE {} TO {owner}; GRANT CREATE ON SCHEMA public TO {owner}; ALTER TABLE child OWNER TO {owner};
         ALTER TABLE parent OWNER TO {owner}; ALTER ROLE {reader} INHERIT",
        ward.database.name()
    ));
    let mut ward = ward;
    ward.becomes(&owner);
    ward.mended(&["index:child(parent)->parent(id)"]);
    ward.becomes(&reader);
    let told = ward.refused(&[QUARANTINE]);
    let grant = format!("GRANT \"{owner}\" TO \"{reader}\";");
    assert!(told.contains(&grant), "{told}");
    assert!(!told.contains("ON SCHEMA \"waif\""), "the owner's rights come with it: {told}");
    ward.database.execute(&grant);
    ward.mended(&[QUARANTINE]);
    assert_eq!(ward.database.count("SELECT count(*) FROM child"), 3);
    ward.database.execute(&format!(
        "REASSIGN OWNED BY {owner}, {reader} TO postgres; DROP OWNED BY {owner}, {reader}"
    ));
}

#[test]
fn whoever_may_not_read_the_journal_is_told_what_lets_him() {
    let (ward, reader) = mended();
    let (url, run) = (ward.database.url_as(&reader), ward.id());
    let usage = format!("GRANT USAGE ON SCHEMA waif TO {reader};");
    let select = format!("GRANT SELECT ON ALL TABLES IN SCHEMA waif TO {reader};");
    let verbs: [&[&str]; 2] = [&["runs", &url], &["restore", &url, &run, "--list"]];
    for verb in verbs {
        let told = waif(verb.iter().copied());
        assert_eq!(told.code, Some(4), "{told:#?}");
        let said = flat(&told.stderr);
        assert!(said.contains("The role may not read the journal of waif."), "{said}");
        assert!(said.contains(&usage) && said.contains(&select), "{said}");
    }
    ward.database.execute(&usage);
    let told = flat(&waif(verbs[0].iter().copied()).stderr);
    assert!(told.contains(&select) && !told.contains(&usage), "{told}");
    // What it takes to list the runs is not all: what waits for them lies in stores.
    ward.database
        .execute(&format!("GRANT SELECT ON waif.run, waif.step, waif.batch, waif.proof TO {reader}"));
    for verb in verbs {
        let told = waif(verb.iter().copied());
        assert_eq!(told.code, Some(4), "{told:#?}");
        assert!(flat(&told.stderr).contains(&select), "{told:#?}");
    }
    ward.database.execute(&select);
    for verb in verbs {
        let told = waif(verb.iter().copied());
        assert_eq!(told.code, Some(0), "{told:#?}");
        assert!(told.stdout.contains(&run) || told.stdout.contains("waif.adopted_parent_"), "{told:#?}");
    }
}

#[test]
fn a_schema_that_is_closed_to_the_role_is_told_with_the_grant_that_opens_it() {
    let mut ward = Ward::of(
        "closed",
        "CREATE SCHEMA shop; CREATE TABLE shop.p(id int PRIMARY KEY); CREATE TABLE shop.c(id int PRIMARY KEY, pid int);
         INSERT INTO shop.c VALUES (1, 9);",
    );
    let role = ward.database.role("outside", "");
    let name = ward.database.name();
    ward.database.execute(&format!(
        "GRANT ALL ON ALL TABLES IN SCHEMA shop TO {role}; GRANT CREATE, TEMPORARY ON DATABASE {name} TO {role}"
    ));
    ward.becomes(&role);
    let told = ward.refused(&["quarantine:shop.c(pid)->shop.p(id)"]);
    let grant = format!("GRANT USAGE ON SCHEMA \"shop\" TO \"{role}\";");
    assert!(told.contains("The role has no USAGE on the schema shop."), "{told}");
    assert!(told.contains(&grant), "{told}");
    ward.database.execute(&grant);
    ward.mended(&["quarantine:shop.c(pid)->shop.p(id)"]);
    assert_eq!(ward.database.count("SELECT count(*) FROM shop.c"), 0);
    ward.database.execute(&format!("DROP OWNED BY {role}"));
}
