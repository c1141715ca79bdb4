//! Every screen and state at every size, compared whole. Read a changed snapshot as someone would at three in the
//! morning: is the worst thing first, is anything cut without a mark, does any word promise more than was counted?

use super::world::*;
use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::model::list::{List, MissingParents};
use crate::model::sent::Purpose;
use crate::model::tally::{Tally, Why};
use crate::model::value::Value;
use std::sync::Arc;
use std::time::Duration;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

/// Holds a state to its snapshot at every size.
pub fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

#[test]
fn overview_before_anything_is_known() {
    hold("overview_connecting", |width, height| {
        let mut person = Person::new(width, height);
        person.wait(Duration::from_millis(1_500));
        person
    });
}

#[test]
fn overview_while_counting() {
    hold("overview_counting", |width, height| {
        let mut person = Person::at_the_shop(width, height);
        person.wait(Duration::from_millis(3_000));
        person.hear(progress(5, &["order_items", "payments"]));
        person.hear(Event::Tallied { relation: 2, tally: Tally::met_one(0.1) });
        person.hear(Event::Tallied { relation: 3, tally: orphaned(90_112, 0, 0) });
        person
    });
}

#[test]
fn overview_after_the_check() {
    hold("overview_checked", Person::after_the_check);
}

#[test]
fn overview_when_nothing_is_wrong() {
    hold("overview_clean", |width, height| {
        let mut person = Person::connected(width, height);
        let catalog = catalog(&["orders.customer_id -> customers.id"]);
        person.hear(Event::Cataloged(Arc::new(catalog.clone())));
        person.hear(Event::Checked(Arc::new(checked(catalog, vec![orphaned(1_204, 0, 0)], Vec::new()))));
        person
    });
}

#[test]
fn overview_when_the_server_was_never_reached() {
    hold("overview_unreachable", |width, height| {
        let mut person = Person::new(width, height);
        let fault = Fault::new(Kind::Unreachable, "The server at db-prod-2:5432 refused the connection.")
            .because("Connection refused (os error 111)")
            .hint("Is the server running, and is port 5432 (from PGPORT) the right one?");
        person.hear(Event::Failed(fault));
        person
    });
}

#[test]
fn overview_after_the_connection_was_lost() {
    hold("overview_lost", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person
            .hear(Event::Failed(Fault::new(Kind::Lost, "The server closed the connection while counting.")));
        person.press("<esc>");
        person
    });
}

#[test]
fn relations_after_the_check() {
    hold("relations_checked", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("2sjj");
        person
    });
}

#[test]
fn relations_while_a_filter_is_typed() {
    hold("relations_filter", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("2/order");
        person
    });
}

/// The relation of the worst finding, with its lists answered.
pub fn opened(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.press("<enter>");
    let key = |number: i64| vec![Value::Int(number)];
    let keys = [(88_120_417, 412), (88_120_390, 377), (87_004_511, 208), (70_113_002, 96), (70_112_998, 1)];
    let keys = keys.map(|(number, children)| (key(number), children)).to_vec();
    let parents = MissingParents { headings: vec!["order_id".to_owned()], keys, more: true };
    person.hear(Event::MissingParents { ticket: 1, answer: Ok(parents) });
    let headings =
        ["id", "order_id", "sku", "qty", "price", "note", "created_at"].map(str::to_owned).to_vec();
    let row = |id: i64, sku: &str, note: Value| {
        let text = |text: &str| Value::Text(text.to_owned());
        let at = text("2026-11-02 08:14:07+00");
        vec![Value::Int(id), Value::Int(88_120_417), text(sku), Value::Int(2), text("89.00"), note, at]
    };
    let rows = vec![
        row(991_204_411, "KB-2201-BLK", Value::Null),
        row(991_204_412, "MS-0040", Value::Text("second line\nof \u{1b}[31mred\u{202e}".to_owned())),
        row(
            991_204_418,
            "注文-9",
            Value::Text("a note that goes on and on, far beyond any column's width".to_owned()),
        ),
    ];
    let next = Some(vec![Value::Int(991_204_418)]);
    person
        .hear(Event::OrphanRows { ticket: 2, answer: Ok(List { headings, rows, next, ..List::default() }) });
    person
}

#[test]
fn relation_with_its_orphans() {
    hold("relation_orphans", opened);
}

#[test]
fn relation_among_the_child_rows() {
    hold("relation_rows", |width, height| {
        let mut person = opened(width, height);
        person.press("<tab>jll");
        person
    });
}

#[test]
fn a_whole_child_row() {
    hold("relation_row_page", |width, height| {
        let mut person = opened(width, height);
        person.press("<tab>j<enter>");
        person
    });
}

#[test]
fn relation_while_the_database_is_asked() {
    hold("relation_asking", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("<enter>").wait(Duration::from_millis(3_300));
        person
    });
}

#[test]
fn relation_whose_lists_failed() {
    hold("relation_failed", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("<enter>");
        let fault = Fault::new(Kind::TimedOut, "Listing took longer than 30 s and was cancelled.")
            .hint("Raise the limit with --statement-timeout.");
        person.hear(Event::MissingParents { ticket: 1, answer: Err(fault) });
        person
    });
}

#[test]
fn relation_without_orphans_not_checked_and_broken() {
    for (name, keys) in [("clean", "2<enter>"), ("not_checked", "2jjjjjjj<enter>"), ("broken", "2G<enter>")] {
        hold(&format!("relation_{name}"), |width, height| {
            let mut person = Person::after_the_check(width, height);
            person.press(keys);
            person
        });
    }
}

#[test]
fn findings_with_the_page_of_the_rule() {
    hold("findings_checked", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("4");
        person
    });
    hold("findings_reading", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("4<tab>jjj");
        person
    });
}

/// The shop after a few statements.
fn logged(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.hear(sent(Purpose::Session, "SET default_transaction_read_only = on", 0));
    person.hear(sent(
        Purpose::Catalog,
        "SELECT c.oid, c.relname\n  FROM pg_catalog.pg_class c\n WHERE true",
        63,
    ));
    person.wait(Duration::from_secs(90));
    let probe = "SELECT 1 FROM ONLY \"public\".\"order_items\" c\n WHERE c.\"order_id\" IS NOT NULL AND NOT EXISTS \
                 (SELECT FROM \"public\".\"orders\" p WHERE p.\"id\" = c.\"order_id\")\n LIMIT 1";
    person.hear(sent(Purpose::Probe, probe, 1));
    person
}

#[test]
fn log_of_what_was_sent() {
    hold("log", |width, height| {
        let mut person = logged(width, height);
        person.press("7");
        person
    });
    hold("log_statement", |width, height| {
        let mut person = logged(width, height);
        person.press("7<enter>");
        person
    });
}

#[test]
fn help_from_the_table_of_keys() {
    hold("help", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("?");
        person
    });
}

#[test]
fn hostile_names_are_spelled_out_everywhere() {
    let name = "x\u{1b}]0;owned\u{7}\u{202e}\"y\nz";
    hold("hostile", |width, height| {
        let mut person = Person::connected(width, height);
        let mut catalog = catalog(&["a.b -> c.id"]);
        catalog.relations[0].constraint = Some(ident(name));
        catalog.relations[0].id = format!("{name}(b)->c(id)");
        catalog.relations[0].child.name.name = ident(name);
        let id = catalog.relations[0].id.clone();
        person.hear(Event::Cataloged(Arc::new(catalog.clone())));
        let message = format!("1 row of {name} refers to nothing.");
        let found = finding(crate::model::finding::Severity::Critical, "orphan-rows", &id, &message, Some(1));
        person.hear(Event::Checked(Arc::new(checked(catalog, vec![orphaned(2, 1, 1)], vec![found]))));
        person
    });
}

#[test]
fn below_the_least_size_one_sentence_names_the_size_needed() {
    for (width, height) in [(39, 10), (40, 9), (20, 5), (1, 1), (2, 40), (200, 1)] {
        let person = Person::after_the_check(width, height);
        let shown: String = person.lines().concat();
        assert!(
            shown.starts_with(&"waif needs 40x10"[..usize::from(width).min(16)]),
            "{width}x{height}: {shown}"
        );
    }
}

#[test]
fn every_screen_survives_every_size() {
    for keys in ["1", "2", "2jj<enter>", "3", "3++", "4", "4<tab>", "7", "?", "/x", "3/o"] {
        let mut person = logged(80, 24);
        person.press(keys);
        for width in [0, 1, 7, 39, 40, 41, 59, 60, 79, 80, 119, 120, 131] {
            for height in [0, 1, 5, 9, 10, 15, 16, 21, 24, 41] {
                person.msg(crate::tui::msg::Msg::Resize(width, height));
                if width > 0 && height > 0 {
                    person.screen();
                }
            }
        }
    }
}

#[test]
fn a_lost_figure_is_never_shown_as_clean() {
    let mut person = Person::at_the_shop(120, 40);
    let mut tallies = tallies();
    tallies[2] = orphaned(10, 0, 0).withdrawn(Why::Lost("the connection was lost".to_owned()));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies, findings()))));
    person.press("2jj");
    assert!(person.selected().contains("not checked"), "{}", person.selected());
    assert!(person.sees("INCOMPLETE"));
    assert!(!person.sees("Complete:"));
}
