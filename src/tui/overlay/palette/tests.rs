//! What the palette finds, and in which order.

use super::*;
use crate::job::Event;
use crate::tui::tests::palette::many;
use crate::tui::tests::world::{Person, catalog};
use std::time::Instant;

fn at(relations: &[&str]) -> Person {
    let mut person = Person::connected(120, 40);
    person.hear(Event::Cataloged(Arc::new(catalog(relations))));
    person
}

fn state(person: &Person) -> &State {
    match &person.app.overlay {
        Some(Overlay::Palette(state)) => state,
        other => panic!("the palette is not open: {other:?}"),
    }
}

/// The names found, best first, with their kinds.
fn found(person: &Person) -> Vec<String> {
    let state = state(person);
    let items = state.rows.iter().filter_map(|place| state.item(*place));
    items.map(|item| format!("{} {}", item.goal.kind(), item.name)).collect()
}

fn tables(person: &Person) -> Vec<String> {
    found(person).iter().filter_map(|name| name.strip_prefix("table ").map(str::to_owned)).collect()
}

#[test]
fn the_beginning_of_a_name_stands_before_its_middle_and_that_before_scattered_letters() {
    let mut person = at(&[
        "reorder.id -> xorderx.id",
        "order_phones.id -> old_orders.id",
        "order_items.id -> one_red_error.id",
        "orders.id -> our_red_deer.id",
    ]);
    person.press(":order");
    assert_eq!(
        tables(&person),
        [
            "orders",
            "order_items",
            "order_phones",
            "old_orders",
            "reorder",
            "xorderx",
            "one_red_error",
            "our_red_deer"
        ]
    );
    person.press("_i");
    assert_eq!(tables(&person)[0], "order_items");
}

#[test]
fn the_name_itself_stands_before_everything_and_its_schema_is_no_hindrance() {
    let mut person = at(&["orders_archive.id -> orders.id", "billing.orders.id -> orders_old.id"]);
    person.press(":ORDERS");
    assert_eq!(tables(&person), ["orders", "billing.orders", "orders_old", "orders_archive"]);
    person.press("_a");
    assert_eq!(tables(&person), ["orders_archive"]);
}

#[test]
fn a_word_of_a_kind_narrows_to_it_and_words_come_in_any_order() {
    let mut person = at(&["orders.customer_id -> customers.id"]);
    person.press(":table cust");
    assert_eq!(tables(&person)[0], "customers");
    assert!(found(&person).iter().all(|name| name.starts_with("table ")), "{:?}", found(&person));
    person.press("<esc>:customers orders");
    assert_eq!(found(&person), ["relation orders(customer_id)->customers(id)"]);
    person.press("<esc>:go to table");
    assert_eq!(tables(&person), ["customers", "orders"]);
}

#[test]
fn a_constraint_from_an_error_message_finds_its_relation() {
    let mut person = at(&["orders.customer_id -> customers.id", "orders.shop_id -> shops.id"]);
    person.press(":").msg(crate::tui::msg::Msg::Paste("orders_customer_id_fkey\nDETAIL".to_owned()));
    assert_eq!(found(&person)[0], "relation orders(customer_id)->customers(id)");
}

#[test]
fn commands_are_those_of_the_screen_each_with_its_key() {
    let mut person = at(&["orders.customer_id -> customers.id"]);
    person.press("3:hops");
    let state = state(&person);
    let keys: Vec<&str> =
        state.rows.iter().filter_map(|row| state.item(*row)).map(|item| item.key.as_str()).collect();
    assert!(keys.contains(&"+") && keys.contains(&"-"), "{keys:?}");
    person.press("<esc>2:hops");
    assert!(!found(&person).iter().any(|name| name.contains("more hops")), "{:?}", found(&person));
}

#[test]
fn every_key_of_the_screen_can_be_found_by_the_name_of_its_action() {
    let mut person = Person::after_the_check(120, 40);
    person.press(":");
    let names = found(&person);
    for name in
        ["command open", "command rescan", "command close", "command help", "command recount", "command copy"]
    {
        assert!(names.iter().any(|known| known == name), "{name} is missing in {names:?}");
    }
    assert!(!names.iter().any(|name| name == "command palette"), "the palette leads to itself");
}

#[test]
fn of_very_many_only_the_best_are_kept_and_a_further_letter_compares_only_what_fitted() {
    let relations: Vec<String> =
        (0..3_000).map(|n| format!("child_{n:05}.parent_id -> parent_{n:05}.id")).collect();
    let relations: Vec<&str> = relations.iter().map(String::as_str).collect();
    let mut person = at(&relations);
    person.press(":child_0");
    let total = state(&person).total();
    assert_eq!(state(&person).rows.len(), rank::KEPT);
    assert_eq!(state(&person).fitting.len(), 6_000, "tables and relations");
    assert!(
        person
            .sees(&format!("6,000 of {}, best 200 listed", crate::tui::widget::figure::count(total as u64)))
    );
    person.press("2");
    assert_eq!(state(&person).compared, 6_000, "only what fitted before was compared");
    person.press("<backspace>");
    assert_eq!(state(&person).compared, total);
    assert_eq!(state(&person).fitting.len(), 6_000);
}

#[test]
fn narrowing_finds_the_same_as_searching_anew() {
    let mut person = Person::after_the_check(120, 40);
    for text in ["ord", "order it", "oi", "re co", "table o", "relation cust", "q"] {
        person.press(&format!(":{text}"));
        let narrowed = found(&person);
        person.press("<esc>:").msg(crate::tui::msg::Msg::Paste(text.to_owned()));
        assert_eq!(narrowed, found(&person), "{text}");
        person.press("<esc>");
    }
}

#[test]
fn what_was_chosen_comes_first_the_next_time() {
    let mut person = Person::after_the_check(120, 40);
    person.press(":invoices<enter>:log<enter>:");
    assert_eq!(found(&person)[..2], ["command log", "table invoices"]);
    assert_eq!(found(&person).iter().filter(|name| *name == "command log").count(), 1);
}

#[test]
fn names_that_come_while_it_is_open_are_found() {
    let mut person = Person::connected(80, 24);
    person.press(":inv");
    assert!(person.sees("tables and relations follow"), "{}", person.screen());
    assert_eq!(tables(&person), Vec::<String>::new());
    person.hear(Event::Cataloged(Arc::new(catalog(&["invoices.order_id -> orders.id"]))));
    assert_eq!(tables(&person), ["invoices"]);
}

/// Not a test: how long a keystroke takes among 40,000 tables and 20,000 relations.
#[test]
#[ignore = "measures; run it in a release build with --nocapture"]
fn a_keystroke_among_sixty_thousand_names() {
    let mut person = Person::connected(160, 45);
    person.hear(Event::Cataloged(Arc::new(many(20_000))));
    let began = Instant::now();
    person.press(":");
    println!("open {:?}, {} names", began.elapsed(), state(&person).total());
    for text in ["order_items_17000", "tcri9", "id cust 9", "zzz", "e9", "9e"] {
        for letter in text.chars() {
            let began = Instant::now();
            let busy = busy();
            person.press(&letter.to_string());
            let took = began.elapsed();
            println!(
                "{letter:?} of {text}: {took:?}, {:?} of the processor, {} compared",
                self::busy() - busy,
                state(&person).compared
            );
        }
        person.press("<esc>:");
    }
}

/// The time this thread has had a processor, whatever else the machine does.
fn busy() -> std::time::Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    std::time::Duration::from_nanos(nanos)
}
