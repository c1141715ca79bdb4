//! The other ways to mend: references set to NULL, parents inserted, and a key added beside.

use crate::reach::{LOST, PLAIN};
use crate::ward::Ward;

const RELATION: &str = "logs(event)->events(id)";

#[test]
fn references_are_set_to_null_and_put_back() {
    let ward = Ward::of("nullify", PLAIN);
    let before = ward.sums();
    let lost = ward.database.count(LOST);
    ward.mended(&[&format!("nullify:{RELATION}")]);
    assert_eq!(ward.database.count(LOST), 0);
    assert_eq!(ward.database.count("SELECT count(*) FROM logs WHERE event IS NULL"), 20_000 / 11 + lost);
    assert_eq!(ward.held(), lost);
    // Whoever wrote something else meanwhile keeps it, and what the row held stays told.
    let one = ward.database.ask(&format!("SELECT min(id) FROM {}", ward.store("values_logs")));
    ward.database.execute(&format!("UPDATE logs SET event = 1 WHERE id = {one}"));
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 1, "{outcome:#?}");
    assert!(outcome.stdout.contains("holds something else by now"), "{outcome:#?}");
    ward.database.execute(&format!("UPDATE logs SET event = NULL WHERE id = {one}"));
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn missing_parents_are_inserted_and_go_again() {
    let ward = Ward::of("adopt", PLAIN);
    let before = ward.sums();
    let missing = ward.database.count(&LOST.replace("count(*)", "count(DISTINCT event)"));
    ward.mended(&[&format!("adopt:{RELATION}")]);
    assert_eq!(ward.database.count(LOST), 0);
    assert_eq!(ward.held(), missing);
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn an_adopted_parent_that_is_somebody_elses_by_now_stays() {
    let ward = Ward::of("adopted", PLAIN);
    ward.database.execute("CREATE TABLE guests(event int REFERENCES events(id) ON DELETE CASCADE)");
    ward.mended(&[&format!("adopt:{RELATION}")]);
    let all = ward.held();
    // One is changed, one is referred to by others: neither goes, and no cascade takes the guest.
    ward.database.execute("UPDATE events SET name = 'found' WHERE id = 7; INSERT INTO guests VALUES (14)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 2, "of {all}: {outcome:#?}");
    assert_eq!(
        ward.database.ask("SELECT count(*), (SELECT count(*) FROM guests) FROM events WHERE id IN (7, 14)"),
        "2|1"
    );
}

#[test]
fn a_key_staged_beside_is_added_first_proved_last_and_dropped_for_a_restore() {
    let ward = Ward::of("keyed", PLAIN);
    let before = ward.sums();
    let told = ward.plan(&[
        &format!("add-fk:{RELATION}?on_delete=cascade"),
        &format!("quarantine:{RELATION}"),
        "index:logs(event)",
    ]);
    let at = |what: &str| told.find(what).unwrap_or_else(|| panic!("no {what}: {told}"));
    assert!(
        at("Add the foreign key") < at("2a  Quarantine")
            && at("2a  Quarantine") < at("Prove logs_event_fkey"),
        "{told}"
    );
    ward.runs();
    assert_eq!(
        ward.database.ask("SELECT convalidated FROM pg_constraint WHERE conname = 'logs_event_fkey'"),
        "t"
    );
    assert_eq!(ward.database.count(LOST), 0);
    let told = ward.restored();
    assert!(told.contains("logs_event_fkey"), "{told}");
    assert_eq!(ward.sums(), before);
    assert_eq!(
        ward.database.count("SELECT count(*) FROM pg_constraint WHERE conname = 'logs_event_fkey'"),
        0
    );
}

#[test]
fn what_waits_is_told_by_runs_and_by_list() {
    let ward = Ward::of("told", PLAIN);
    ward.mended(&[&format!("quarantine:{RELATION}")]);
    let lost = ward.held();
    ward.database.execute("INSERT INTO events VALUES (7, 'back')");
    let healed =
        ward.database.count(&format!("SELECT count(*) FROM {} WHERE event = 7", ward.store("rows_logs")));
    assert!(healed > 0);
    let outcome = crate::support::waif(["runs", &ward.database.url(), "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    for moment in [&told["runs"][0]["started_at"], &told["runs"][0]["steps"][1]["ended_at"]] {
        let text = moment.as_str().expect("a moment");
        let parsed = text.parse::<jiff::Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}"));
        let age = jiff::Timestamp::now().as_second() - parsed.as_second();
        assert!((0..600).contains(&age), "{text}");
    }
    let waits = &told["runs"][0]["restorable"][0];
    assert_eq!(
        (waits["rows"].as_u64(), waits["what"].as_str(), waits["step"].as_str()),
        (Some(lost), Some("rows"), Some("1a"))
    );
    let outcome =
        crate::support::waif(["restore", &ward.database.url(), &ward.id(), "--list", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["restorable"][0]["healed"].as_u64(), Some(healed), "{told}");
    // Only what has its parent again comes back.
    let outcome = ward.restore(&["--healed"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.held(), lost - healed);
    assert_eq!(ward.database.count("SELECT count(*) FROM logs WHERE event = 7"), healed);
    assert_eq!(ward.database.count(LOST), 0);
}

#[test]
fn what_was_filled_goes_back_to_null_but_for_what_was_changed_since() {
    let ward = Ward::of(
        "filled",
        "CREATE TABLE events(id int, day date, parent int, parent_day date, note text, PRIMARY KEY (id, day));
         INSERT INTO events SELECT i, date '2025-01-01' + i % 90, CASE WHEN i > 100 THEN i / 2 END, NULL, 'n' || i
           FROM generate_series(1, 5000) i;
         UPDATE events SET parent = 900000 + id WHERE id % 50 = 0;
         ANALYZE;",
    );
    let before = ward.sums();
    let reference = "events(parent,parent_day)->events(id,day)";
    ward.mended(&["backfill:events.parent_day", &format!("index:{reference}")]);
    let filled = ward.database.count("SELECT count(*) FROM events WHERE parent_day IS NOT NULL");
    assert_eq!(filled, 4802, "all from 101 on but every fiftieth");
    ward.restored();
    assert_eq!(ward.sums(), before);

    ward.mended(&["backfill:events.parent_day", &format!("index:{reference}")]);
    ward.database.execute("UPDATE events SET parent_day = date '1999-01-01' WHERE id IN (101, 4999)");
    let outcome = ward.restore(&[]);
    let left = ward
        .database
        .ask("SELECT string_agg(id::text, ' ' ORDER BY id) FROM events WHERE parent_day IS NOT NULL");
    assert_eq!(left, "101 4999", "{outcome:#?}");
    assert_eq!(ward.database.count("SELECT count(*) FROM events WHERE parent_day = '1999-01-01'"), 2);
    assert!(outcome.stdout.contains("4,800 taken back, 2 left"), "{outcome:#?}");
}

#[test]
fn a_stranger_that_bears_the_name_of_a_table_gets_none_of_its_rows() {
    let ward = Ward::of(
        "stranger",
        "CREATE TABLE q(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, pid int); INSERT INTO c VALUES (1, 1), (2, 2);",
    );
    ward.mended(&["quarantine:c(pid)->q(id)", "add-fk:c(pid)->q(id)"]);
    ward.database.execute("ALTER TABLE c RENAME TO d; CREATE TABLE c(id int, pid int)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("The table c of this run is called d by now, and c is another one."), "{said}");
    assert_eq!(ward.database.ask("SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM d)"), "0|0");
    assert_eq!(
        ward.database.count("SELECT count(*) FROM pg_constraint WHERE conname = 'c_pid_fkey'"),
        1,
        "its key stands"
    );
    ward.database.execute("DROP TABLE c; ALTER TABLE d RENAME TO c");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM c"), 2);
}
