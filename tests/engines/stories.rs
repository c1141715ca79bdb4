//! The five field stories: real situations with planted damage, told as fixtures. The expected counts were derived by
//! reasoning, which stands in each fixture's comment.

use crate::support::{Checked, Database, SqliteFile, check, waif};

/// The fixture of a story on PostgreSQL.
macro_rules! postgres {
    ($story:literal) => {
        Database::with($story, include_str!(concat!("../fixtures/", $story, "/postgres.sql")))
    };
}

/// The fixture of a story on SQLite.
macro_rules! sqlite {
    ($story:literal) => {
        SqliteFile::with(include_str!(concat!("../fixtures/", $story, "/sqlite.sql")))
    };
}

/// What a story expects.
macro_rules! expected {
    ($story:literal) => {
        include_str!(concat!("../fixtures/", $story, "/expected.json"))
    };
}

/// Damage means exit 1, and nothing was left out.
fn damaged_and_complete(checked: &Checked) {
    assert_eq!(checked.code(), Some(1), "{}", checked.outcome.stderr);
    assert_eq!(checked.json["complete"], true);
}

/// A person with nothing but SELECT sees what the superuser sees.
fn a_reader_sees_the_same(database: &Database, expected: &str) {
    let checked = check(&database.url_as(&database.reader()), &[]);
    checked.holds(expected, "postgres");
    damaged_and_complete(&checked);
}

#[test]
fn audit_on_postgres_shows_orphans_behind_a_valid_constraint_over_partitions() {
    let database = postgres!("audit");
    let checked = check(&database.url(), &[]);
    checked.holds(expected!("audit"), "postgres");
    damaged_and_complete(&checked);
    a_reader_sees_the_same(&database, expected!("audit"));
}

#[test]
fn audit_on_sqlite_shows_the_unprotected_history() {
    let checked = check(&sqlite!("audit").target(), &[]);
    checked.holds(expected!("audit"), "sqlite");
    damaged_and_complete(&checked);
}

#[test]
fn deployment_has_one_clean_key_before_and_fifteen_more_after() {
    let database = postgres!("deployment");
    let before = check(&database.url(), &[]);
    before.holds(expected!("deployment"), "postgres");
    assert_eq!(before.code(), Some(0), "{}", before.outcome.stderr);
    database.execute(include_str!("../fixtures/deployment/constraints.sql"));
    let after = check(&database.url(), &[]);
    after.holds(include_str!("../fixtures/deployment/deployed.json"), "postgres");
    damaged_and_complete(&after);
}

#[test]
fn webhook_on_sqlite_shows_what_is_declared_and_broken() {
    let checked = check(&sqlite!("webhook").target(), &[]);
    checked.holds(expected!("webhook"), "sqlite");
    damaged_and_complete(&checked);
}

#[test]
fn webhook_on_postgres_shows_the_same() {
    let database = postgres!("webhook");
    let checked = check(&database.url(), &[]);
    checked.holds(expected!("webhook"), "postgres");
    damaged_and_complete(&checked);
    a_reader_sees_the_same(&database, expected!("webhook"));
}

#[test]
fn scanner_on_postgres_shows_races_and_the_triggers_somebody_left_disabled() {
    let database = postgres!("scanner");
    let checked = check(&database.url(), &[]);
    checked.holds(expected!("scanner"), "postgres");
    damaged_and_complete(&checked);
    a_reader_sees_the_same(&database, expected!("scanner"));
}

#[test]
fn scanner_on_sqlite_shows_the_same_races() {
    let checked = check(&sqlite!("scanner").target(), &[]);
    checked.holds(expected!("scanner"), "sqlite");
    damaged_and_complete(&checked);
}

#[test]
fn support_on_postgres_shows_every_kind_of_dangling_reference() {
    let database = postgres!("support");
    let checked = check(&database.url(), &[]);
    checked.holds(expected!("support"), "postgres");
    damaged_and_complete(&checked);
    a_reader_sees_the_same(&database, expected!("support"));
}

#[test]
fn support_on_sqlite_shows_the_same() {
    let checked = check(&sqlite!("support").target(), &[]);
    checked.holds(expected!("support"), "sqlite");
    damaged_and_complete(&checked);
}

/// Both engines list the same eight orders without a customer.
#[test]
fn support_lists_the_orders_that_lost_their_customer() {
    let database = postgres!("support");
    let file = sqlite!("support");
    for target in [database.url_as(&database.reader()), file.target()] {
        let listed = waif(["orphans", &target, "orders(customer_id)->customers(id)", "--format", "csv"]);
        assert_eq!(listed.code, Some(0), "{listed:#?}");
        let mut reader = csv::Reader::from_reader(listed.stdout.as_bytes());
        let heads = reader.headers().expect("a head line").clone();
        let column = |name: &str| heads.iter().position(|head| head == name).expect("a column");
        let (id, customer) = (column("id"), column("customer_id"));
        let rows: Vec<(String, String)> = reader
            .records()
            .map(|row| row.expect("a row"))
            .map(|row| (row[id].to_owned(), row[customer].to_owned()))
            .collect();
        let expected = [
            ("10", "11"),
            ("11", "12"),
            ("22", "11"),
            ("23", "12"),
            ("31", "0"),
            ("32", "0"),
            ("33", "0"),
            ("34", "-1"),
        ];
        assert_eq!(rows, expected.map(|(id, customer)| (id.to_owned(), customer.to_owned())));
    }
}
