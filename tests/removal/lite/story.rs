//! The demo's logs of events that were deleted under them, mended to the end: set aside with what hangs on them, kept from
//! coming again by a key, checked, and brought back.

use super::ward::Ward;
use crate::support::waif;

const RELATION: &str = "webhook_logs(event_id)->events(id)";

/// What a check says of a relation.
fn verdict(ward: &Ward, relation: &str) -> String {
    let outcome = waif(["check", &ward.file.target(), "--format", "json"]);
    let json = outcome.json();
    let all = json["relations"].as_array().expect("relations");
    let found = all.iter().find(|one| one["id"] == relation);
    found
        .map_or_else(|| "undeclared".to_owned(), |one| one["verdict"].as_str().expect("a verdict").to_owned())
}

#[test]
fn logs_of_events_that_are_gone_are_set_aside_and_come_back() {
    let ward = Ward::of("");
    std::fs::remove_file(ward.file.path()).expect("no file yet");
    let demo = waif(["demo", "--headless", "--path", &ward.file.target()]);
    assert_eq!(demo.code, Some(1), "{demo:#?}");
    // A rename quotes the name of a table.
    let definitions =
        || ward.definitions().replace("CREATE TABLE \"webhook_logs\"", "CREATE TABLE webhook_logs");
    let before = (ward.rows(), definitions());
    let lost = "SELECT count(*) FROM webhook_logs WHERE event_id NOT IN (SELECT id FROM events)";
    let along = "SELECT count(*) FROM webhook_attempts WHERE log_id IN (SELECT id FROM webhook_logs WHERE event_id NOT IN (SELECT id FROM events))";
    let (lost_rows, along_rows) = (ward.file.count(lost), ward.file.count(along));
    assert!(lost_rows > 50 && along_rows > 10, "{lost_rows} {along_rows}");
    assert_eq!(verdict(&ward, RELATION), "undeclared");
    let told =
        ward.plan(&[&format!("quarantine:{RELATION}"), &format!("add-fk:{RELATION}?on_delete=cascade")]);
    assert!(
        told.contains(&format!("{along_rows} rows of webhook_attempts go along, 1 level down")),
        "{told}"
    );
    let reach = [
        ("webhook_logs".to_owned(), 0, "removed".to_owned(), lost_rows),
        ("webhook_attempts".to_owned(), 1, "removed".to_owned(), along_rows),
    ];
    assert_eq!(ward.reach(), reach);
    ward.runs();
    assert_eq!(verdict(&ward, RELATION), "clean");
    assert_eq!(ward.held(), lost_rows + along_rows);
    // The key keeps what was mended as it is.
    let refused = ward.file.try_execute(
        "PRAGMA foreign_keys = ON; INSERT INTO webhook_logs (alert_rule_id, event_id, status) VALUES ('a', 'no event', 200)",
    );
    assert!(refused.expect_err("refused").contains("FOREIGN KEY constraint failed"));
    let list = ward.armed("restore", &ward.id(), &["--list"]).run().stdout;
    let line =
        |table: &str| list.lines().find(|line| line.contains(&format!("main.{table} "))).unwrap_or_default();
    for (table, rows) in [("webhook_logs", lost_rows), ("webhook_attempts", along_rows)] {
        assert_eq!(line(table).split_whitespace().nth(1), Some(rows.to_string().as_str()), "{list}");
    }
    ward.restored();
    assert_eq!((ward.rows(), definitions()), before);
    assert_eq!(verdict(&ward, RELATION), "undeclared");
}
