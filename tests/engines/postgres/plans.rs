//! Plans against real servers: what stands in them is what happens, lock by lock; what is done drops out of the next one.

use crate::support::{Database, waif};
use serde_json::Value;
use std::collections::BTreeMap;

const KEY: &str = "audit_events(parent_event_id,parent_event_date)->audit_events(event_id,event_date)";
const FILL: &str = "UPDATE audit_events c SET parent_event_date = p.event_date FROM audit_events p
  WHERE p.event_id = c.parent_event_id AND c.parent_event_date IS NULL";

/// The audit story without its key and without the rows that would stand against one.
fn audit() -> Database {
    let database = Database::with("plans", include_str!("../../fixtures/audit/postgres.sql"));
    database.execute(
        "ALTER TABLE audit_events DROP CONSTRAINT fk_audit_events_parent;
         DELETE FROM audit_events WHERE event_id IN
           (event(210), event(220), event(230), event(302), event(304), event(306), event(320));",
    );
    database
}

pub(super) fn plan(url: &str, actions: &[&str]) -> (Option<i32>, Value) {
    let mut args = vec!["plan", url, "--format", "json", "--quiet"];
    for action in actions {
        args.extend(["--stage", action]);
    }
    let outcome = waif(args);
    assert!(outcome.stdout.starts_with('{'), "{}", outcome.everything());
    let plan = outcome.json();
    fits_the_schema(&plan);
    (outcome.code, plan)
}

/// The schema is part of the public interface.
fn fits_the_schema(plan: &Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let text = include_str!("../../../assets/schema/plan.schema.json");
    compiler.add_resource("urn:waif:plan:1", serde_json::from_str(text).expect("JSON")).expect("a schema");
    let schema = compiler.compile("urn:waif:plan:1", &mut schemas).expect("a schema");
    schemas.validate(plan, schema).unwrap_or_else(|error| panic!("{error}\n{plan:#}"));
}

pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn texts(value: &Value, field: &str) -> Vec<String> {
    list(value, field).iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}

fn works(plan: &Value) -> Vec<Value> {
    list(plan, "steps").iter().map(|step| step["work"].clone()).collect()
}

fn ids(plan: &Value) -> Vec<&str> {
    list(plan, "steps").iter().map(|step| step["id"].as_str().expect("an id")).collect()
}

pub(super) fn whys(plan: &Value) -> Vec<&str> {
    list(plan, "refusals").iter().map(|refusal| refusal["why"].as_str().expect("why")).collect()
}

/// Does what a step says and answers with the locks it held on tables, strongest each.
pub(super) fn carry_out(database: &Database, step: &Value) -> BTreeMap<String, String> {
    // The look at the leaves takes parameters; it is tried where runs are.
    let statements: Vec<String> =
        texts(step, "sql").into_iter().filter(|statement| !statement.contains("$1")).collect();
    if step["work"]["kind"] == "backfill" {
        database.execute(FILL);
        return BTreeMap::new();
    }
    if step["transactional"] == false {
        statements.iter().for_each(|statement| database.execute(statement));
        return BTreeMap::new();
    }
    let mut session = database.session();
    session.say(&format!("BEGIN; {}", statements.join("; ")));
    let held = session.say(
        "SELECT l.relation::regclass::text || '|' || l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
           JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND c.relkind IN ('r', 'p') AND n.nspname = 'public'",
    );
    session.say("COMMIT");
    strongest(held.iter().filter_map(|line| line.split_once('|')))
}

const MODES: [(&str, &str); 8] = [
    ("AccessShareLock", "access_share"),
    ("RowShareLock", "row_share"),
    ("RowExclusiveLock", "row_exclusive"),
    ("ShareUpdateExclusiveLock", "share_update_exclusive"),
    ("ShareLock", "share"),
    ("ShareRowExclusiveLock", "share_row_exclusive"),
    ("ExclusiveLock", "exclusive"),
    ("AccessExclusiveLock", "access_exclusive"),
];

fn strongest<'a>(held: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    let rank =
        |mode: &str| MODES.iter().position(|(own, word)| *own == mode || *word == mode).expect("a mode");
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (table, mode) in held {
        let best = found.entry(table.to_owned()).or_default();
        *best = (*best).max(rank(mode));
    }
    found.into_iter().map(|(table, mode)| (table, MODES[mode].1.to_owned())).collect()
}

pub(super) fn planned_locks(step: &Value) -> BTreeMap<String, String> {
    let locks = list(step, "locks")
        .iter()
        .map(|lock| (lock["table"].as_str().expect("a table"), lock["mode"].as_str().expect("a mode")));
    strongest(locks.filter(|(table, _)| !table.starts_with("the index ")))
}

/// Carries out a plan step by step: each holds just the locks it announced, and is gone from the plan made after it.
pub(super) fn hold_to_its_word(database: &Database, actions: &[&str]) {
    let (code, first) = plan(&database.url(), actions);
    assert_eq!((code, whys(&first)), (Some(0), vec![]), "{first:#}");
    let mut left = works(&first);
    for step in list(&first, "steps") {
        let held = carry_out(database, step);
        if step["transactional"] == true
            && !["journal", "backfill"].contains(&step["work"]["kind"].as_str().expect("a kind"))
        {
            assert_eq!(held, planned_locks(step), "the locks of {}", step["title"]);
        }
        left.remove(0);
        let (_, next) = plan(&database.url(), actions);
        assert_eq!(works(&next), left, "after {} {}: {next:#}", step["id"], step["title"]);
        let last = |plan: &Value| list(plan, "steps").last().map(planned_locks);
        assert!(left.is_empty() || last(&next) == last(&first), "{next:#} {first:#}");
    }
}

#[test]
fn the_audit_story_is_repaired_by_its_plan_step_by_step() {
    let database = audit();
    let actions = [
        &format!("add-fk:{KEY}?on_delete=restrict&name=fk_audit_events_parent"),
        &format!("index:{KEY}?partial=true"),
        "backfill:audit_events.parent_event_date?triggers=fire",
    ];
    let (_, first) = plan(&database.url(), &actions);
    let ids = ids(&first);
    let place = |id: &str| ids.iter().position(|own| *own == id).expect("a step");
    assert_eq!(ids[0], "0");
    assert!(
        place("3a") < place("2a") && place("2a") < place("1a"),
        "rows, then the index, then the key: {ids:?}"
    );
    assert_eq!(list(&first, "steps")[place("3a")]["rows"], serde_json::json!({ "count": 97, "exact": true }));
    hold_to_its_word(&database, &actions);
    assert_eq!(
        database.ask("SELECT convalidated FROM pg_constraint WHERE conname = 'fk_audit_events_parent' AND conparentid = 0"),
        "t"
    );
    assert_eq!(database.ask("SELECT bool_and(indisvalid) FROM pg_index WHERE indpred IS NOT NULL"), "t");
    assert_eq!(database.count("SELECT count(*) FROM pg_index WHERE indpred IS NOT NULL"), 5);
    // Children are found by the id alone as well: that the day is not NULL need not be said.
    let how = "SET enable_seqscan = off; EXPLAIN SELECT 1 FROM audit_events WHERE parent_event_id = '00000000-0000-0000-0000-000000000001'";
    let how = database.ask(how);
    assert!(how.contains("parent_event_id") && how.contains("Index") && !how.contains("Seq Scan"), "{how}");
}

#[test]
fn keys_between_plain_and_partitioned_tables_hold_the_locks_they_announce() {
    let database = Database::with(
        "plans",
        "CREATE TABLE hosts(id int PRIMARY KEY);
         CREATE TABLE scans(id int PRIMARY KEY, host int, old int CONSTRAINT old_fk REFERENCES hosts ON DELETE CASCADE);
         CREATE TABLE parts(id int, host int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
         CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM (0) TO (10);
         CREATE TABLE parts_b PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
         CREATE TABLE parts_b1 PARTITION OF parts_b FOR VALUES FROM (10) TO (15);
         CREATE TABLE parts_b2 PARTITION OF parts_b DEFAULT;
         CREATE TABLE notes(id int PRIMARY KEY, part int, note text);
         INSERT INTO hosts SELECT generate_series(1, 20); INSERT INTO scans SELECT i, i, i FROM generate_series(1, 20) i;
         INSERT INTO parts SELECT i, i FROM generate_series(1, 19) i; INSERT INTO notes SELECT i, i FROM generate_series(1, 9) i;
         ANALYZE;",
    );
    hold_to_its_word(
        &database,
        &["add-fk:scans(host)->hosts(id)?on_delete=set_null", "index:scans(host)->hosts(id)"],
    );
    hold_to_its_word(&database, &["index:parts(host)", "add-fk:parts(host)->hosts(id)?deferrable=true"]);
    hold_to_its_word(&database, &["add-fk:notes(part)->parts(id)"]);
    hold_to_its_word(&database, &["drop-fk:notes(part)->parts(id)"].map(|action| action));
}

#[test]
fn a_key_is_replaced_without_a_moment_between() {
    let database = Database::with(
        "plans",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, p int CONSTRAINT c_fk REFERENCES p);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);",
    );
    let (code, made) = plan(&database.url(), &["replace-fk:c.c_fk?on_delete=cascade"]);
    assert_eq!(code, Some(0), "{made:#}");
    for step in list(&made, "steps") {
        let held = carry_out(&database, step);
        if step["work"]["kind"] != "journal" {
            assert_eq!(held, planned_locks(step), "{step:#}");
        }
        assert_ne!(
            database
                .count("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'c'::regclass"),
            0
        );
    }
    assert_eq!(
        database.ask("SELECT conname, confdeltype, convalidated FROM pg_constraint WHERE contype = 'f' AND conrelid = 'c'::regclass"),
        "c_fk|c|t"
    );
    // Taken back, it is what it was.
    for statement in texts(&list(&made, "steps").last().expect("steps")["undo"], "statements") {
        database.execute(&statement);
    }
    assert_eq!(
        database.ask(
            "SELECT conname, confdeltype FROM pg_constraint WHERE contype = 'f' AND conrelid = 'c'::regclass"
        ),
        "c_fk|a"
    );
}

#[test]
fn a_role_that_owns_nothing_is_told_every_right_it_lacks_and_these_are_all() {
    let database = audit();
    let reader = database.reader();
    let actions = [
        format!("add-fk:{KEY}"),
        format!("index:{KEY}"),
        "backfill:audit_events.parent_event_date?triggers=fire".to_owned(),
    ];
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let (code, refused) = plan(&database.url_as(&reader), &actions);
    assert_eq!(code, Some(1));
    assert!(whys(&refused).iter().all(|why| *why == "right"), "{:#}", refused["refusals"]);
    for refusal in list(&refused, "refusals") {
        database.execute(refusal["remedy"].as_str().expect("a remedy"));
    }
    let (code, granted) = plan(&database.url_as(&reader), &actions);
    assert_eq!((code, whys(&granted)), (Some(0), vec![]), "{:#}", granted["refusals"]);
}

#[test]
fn everything_that_stands_against_a_backfill_is_told_at_once() {
    let database = Database::with(
        "plans",
        "CREATE TABLE p(id int, day date NOT NULL, PRIMARY KEY (id, day));
         CREATE TABLE c(id int, p int, day date, other int);
         INSERT INTO p VALUES (1, '2025-01-01'), (1, '2025-01-02'), (2, '2025-01-01');
         INSERT INTO c VALUES (1, 1, NULL), (2, 2, NULL), (3, 3, NULL), (4, 2, '1999-01-01'), (5, NULL, NULL);
         CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER fires BEFORE UPDATE ON c FOR EACH ROW EXECUTE FUNCTION veto();
         CREATE TRIGGER elsewhere BEFORE UPDATE OF other ON c FOR EACH ROW EXECUTE FUNCTION veto();
         CREATE TRIGGER asleep BEFORE UPDATE ON c FOR EACH ROW EXECUTE FUNCTION veto();
         ALTER TABLE c DISABLE TRIGGER asleep;
         CREATE RULE diverted AS ON UPDATE TO c WHERE old.id = 99 DO INSTEAD NOTHING;
         CREATE PUBLICATION sent FOR TABLE c;",
    );
    let (code, refused) = plan(&database.url(), &["backfill:c.day", "index:c(p,day)->p(id,day)"]);
    assert_eq!(code, Some(1));
    let mut seen = whys(&refused);
    seen.sort_unstable();
    assert_eq!(seen, ["ambiguous", "no_key", "replica_identity", "trigger", "trigger"]);
    let said = refused["refusals"].to_string();
    assert!(said.contains("fires") && said.contains("diverted"), "{said}");
    assert!(!said.contains("elsewhere") && !said.contains("asleep"), "{said}");
    let warned = refused["warnings"].to_string();
    assert!(warned.contains("1 row of c have no parent"), "{warned}");
    assert!(warned.contains("1 copy in c.day"), "{warned}");
}

#[test]
fn orphans_types_and_names_stand_against_a_key() {
    let database = Database::with(
        "plans",
        "CREATE TABLE p(id bigint PRIMARY KEY, code text); CREATE TABLE c(id int PRIMARY KEY, p int, code uuid, v varchar);
         CREATE TABLE t(v text PRIMARY KEY); CREATE DOMAIN short AS varchar(9); ALTER TABLE c ADD w short;
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 2), (3, 3);
         INSERT INTO c(id, v, w) VALUES (4, 'gone', 'gone');",
    );
    let refusals = |action: &str| {
        let (code, made) = plan(&database.url(), &[action]);
        let said: Vec<String> = list(&made, "refusals")
            .iter()
            .map(|refusal| refusal["sentence"].as_str().expect("text").to_owned())
            .collect();
        assert_eq!(code, Some(i32::from(!said.is_empty())));
        said.join(" ")
    };
    assert!(refusals("add-fk:c(p)->p(id)").contains("2 rows of c(p)->p(id) refer to no parent"));
    let said = refusals("add-fk:c(code)->p(code)");
    assert!(said.contains("c.code is uuid and p.code is text") && said.contains("no unique key"), "{said}");
    for column in ["v", "w"] {
        assert!(refusals(&format!("add-fk:c({column})->t(v)")).contains("1 row of"), "{column}");
    }
    assert!(refusals("add-fk:c(p)->nowhere(id)").contains("There is no table nowhere"));
    assert!(refusals("add-fk:c(q)->p(id)").contains("c has no column q"));
    assert!(refusals("validate:c(p)->p(id)").contains("There is no foreign key"));
    assert!(refusals("backfill:c.p").contains("Nothing tells what c.p copies"));
    assert!(refusals("add-fk:c(p)->p(id)?on_delete=explode").contains("explode is no value of on_delete"));
    database.execute("DELETE FROM c WHERE id > 1");
    let long = "n".repeat(64);
    assert!(refusals(&format!("add-fk:c(p)->p(id)?name={long}")).contains("64 bytes"));
    assert_eq!(refusals("add-fk:c(p)->p(id)"), "");
}

#[test]
fn who_holds_a_lock_in_the_way_is_named() {
    let database = Database::with(
        "plans",
        "CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, p int);",
    );
    let mut other = database.session();
    other.say("SET application_name = 'night job'; BEGIN; INSERT INTO c VALUES (1)");
    let (_, made) = plan(&database.url(), &["add-fk:c(p)->p(id)"]);
    let add = list(&made, "steps").iter().find(|step| step["work"]["kind"] == "add_key").expect("a step");
    let held = add["held_up_by"].to_string();
    assert!(held.contains("night job") && held.contains("ROW EXCLUSIVE on c"), "{held}");
}

#[test]
fn an_index_that_a_broken_build_left_is_said_and_built_anew() {
    let database = Database::with(
        "plans",
        "CREATE TABLE c(id int PRIMARY KEY, p int); INSERT INTO c VALUES (1, 1), (2, 1);
         CREATE INDEX c_p_idx ON c(p);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'c_p_idx'::regclass;",
    );
    let (code, made) = plan(&database.url(), &["index:c(p)"]);
    assert_eq!(code, Some(0), "{made:#}");
    assert!(made["warnings"].to_string().contains("DROP INDEX CONCURRENTLY"), "{}", made["warnings"]);
    assert_eq!(ids(&made), ["0", "1a"]);
    database.execute("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'c_p_idx'::regclass");
    let (_, made) = plan(&database.url(), &["index:c(p)"]);
    assert!(made["warnings"].to_string().contains("nothing to do"), "{}", made["warnings"]);
}

#[test]
fn a_plan_of_more_rows_than_allowed_or_after_the_window_is_refused() {
    let database = audit();
    let url = database.url();
    let args = [
        "plan",
        &url,
        "--stage",
        "backfill:audit_events.parent_event_date?triggers=fire",
        "--stage",
        &format!("index:{KEY}"),
        "--format",
        "json",
        "--quiet",
    ];
    let few = waif(args.iter().copied().chain(["--max-rows", "96"]));
    assert_eq!((few.code, whys(&few.json())), (Some(1), vec!["row_limit"]));
    let late = waif(args.iter().copied().chain(["--window-end", "2020-01-01T00:00Z"]));
    assert_eq!((late.code, whys(&late.json())), (Some(1), vec!["window"]));
    let unclear = waif(args.iter().copied().chain(["--window-end", "soon"]));
    assert_eq!(unclear.code, Some(2), "{}", unclear.everything());
}
