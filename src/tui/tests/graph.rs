//! Graph: what its pictures show at every size, and where its keys lead.

use super::world::*;
use crate::job::Event;
use crate::model::catalog::TableKind;
use crate::model::relation::Referential;
use crate::tui::msg::Msg;
use crate::tui::screen::Place;
use crate::tui::start::Look;
use std::sync::Arc;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

/// Holds a state to its snapshot at every size.
fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

/// The shop after the check, with these keys pressed.
fn pressed(keys: &'static str) -> impl Fn(u16, u16) -> Person {
    move |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press(keys);
        person
    }
}

/// A person with a catalog nobody has counted yet.
fn reading(width: u16, height: u16, relations: &[&str]) -> Person {
    let mut person = Person::connected(width, height);
    person.hear(Event::Cataloged(Arc::new(catalog(relations))));
    person
}

/// So many tables that refer to one.
fn hub(width: u16, height: u16, many: usize) -> Person {
    let written: Vec<String> =
        (1..=many).map(|number| format!("part_{number:04}.hub_id -> hub.id")).collect();
    let relations: Vec<&str> = written.iter().map(String::as_str).collect();
    reading(width, height, &relations)
}

#[test]
fn around_the_worst_table() {
    hold("order_items", pressed("3"));
}

#[test]
fn around_a_busy_table_farther_away() {
    hold("orders", pressed("3/orders<enter>+hjj"));
}

#[test]
fn a_table_that_refers_to_itself_and_two_that_refer_to_each_other() {
    hold("staff", pressed("3/staff<enter>"));
    hold("cycle", pressed("3/users<enter>++"));
}

#[test]
fn only_what_is_broken() {
    hold("only_broken", pressed("3/orders<enter>+!"));
}

#[test]
fn a_hub_says_how_many_tables_it_does_not_show() {
    hold("hub", |width, height| {
        let mut person = hub(width, height, 70);
        person.press("3/hub<enter>h<pgdn><pgdn>jj");
        person
    });
}

#[test]
fn before_there_is_a_catalog_and_without_a_table() {
    hold("connecting", |width, height| {
        let mut person = Person::connected(width, height);
        person.press("3");
        person
    });
    hold("empty", |width, height| {
        let mut person = reading(width, height, &[]);
        person.press("3");
        person
    });
}

#[test]
fn everything_can_be_drawn_in_ascii() {
    let look = Look { ascii: true, ..Look::default() };
    hold("ascii", |width, height| {
        let mut person = Person::looking(width, height, look.clone());
        person.hear(Event::Connected(Arc::new(server())));
        person.hear(Event::Cataloged(Arc::new(shop())));
        person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
        person.press("3/orders<enter>+");
        assert!(person.screen().is_ascii(), "{}", person.screen());
        person
    });
}

#[test]
fn partitions_cascades_and_names_of_all_kinds() {
    let hostile = "x\u{1b}]0;owned\u{7}\u{202e}\"y\nz";
    hold("names", |width, height| {
        let mut catalog = catalog(&[
            "注文明細.order_id -> 注文.id",
            "events.order_id -> 注文.id",
            "e\u{301}tat_civil_with_a_name_that_goes_on_and_on_and_on.x -> events.id",
            "hostile.event_id -> events.id",
            "events_2026.event_id -> hostile.id",
        ]);
        let hostile_at =
            catalog.tables.iter().position(|table| table.name.name.raw() == "hostile").expect("it");
        catalog.tables[hostile_at].name.name = ident(hostile);
        for relation in &mut catalog.relations {
            for end in [&mut relation.child, &mut relation.parent] {
                if end.name.name.raw() == "hostile" {
                    end.name.name = ident(hostile);
                }
            }
        }
        let events = catalog.relations[1].child.table;
        let part = catalog.relations[4].child.table.expect("a table").0 as usize;
        catalog.tables[events.expect("a table").0 as usize].kind = TableKind::Partitioned;
        catalog.tables[part].partition_of = events;
        catalog.relations[1].on_delete = Referential::Cascade;
        catalog.relations[3].on_delete = Referential::Cascade;
        let mut person = Person::connected(width, height);
        person.hear(Event::Cataloged(Arc::new(catalog)));
        person.press("3/注文<enter>");
        person
    });
}

#[test]
fn it_opens_around_what_was_selected_and_escape_goes_back_step_by_step() {
    let mut person = Person::after_the_check(80, 24);
    person.press("j3");
    assert!(person.sees("┌─ payments · 2 hops"), "{}", person.screen());
    person.press("l");
    assert!(person.sees("Edges of invoices"), "{}", person.screen());
    person.press("<enter>");
    assert!(person.sees("┌─ invoices · 2 hops"), "{}", person.screen());
    person.press("l<tab>");
    person.press("<esc>");
    assert!(person.sees("Tab to focus"), "{}", person.screen());
    person.press("<esc>");
    assert!(person.sees("Edges of invoices"), "{}", person.screen());
    person.press("<esc>");
    assert!(person.sees("┌─ payments · 2 hops"), "{}", person.screen());
}

#[test]
fn one_walks_along_edges_and_among_siblings() {
    let mut person = Person::after_the_check(160, 45);
    let on = |person: &Person| {
        let lines = person.lines();
        let line = lines.into_iter().find(|line| line.contains("Edges of")).unwrap_or_default();
        line.split_whitespace().nth(3).unwrap_or_default().to_owned()
    };
    person.press("3");
    assert_eq!(on(&person), "order_items");
    person.press("k");
    assert_eq!(on(&person), "invoices", "a sibling stands above");
    person.press("l");
    assert_eq!(on(&person), "orders");
    person.press("l");
    assert_eq!(on(&person), "customers");
    person.press("l");
    assert_eq!(on(&person), "customers", "nothing lies beyond");
    person.press("h");
    assert_eq!(on(&person), "orders");
    person.press("<enter><enter><enter>");
    assert_eq!(person.app.place, Place::Relation);
    person.press("<esc>");
    assert_eq!(person.app.place, Place::Graph);
}

#[test]
fn a_missing_parent_table_has_its_place() {
    let mut person = Person::connected(80, 24);
    let mut shop = shop();
    // The last table is the one that only the broken reference names.
    shop.tables.pop();
    person.hear(Event::Cataloged(Arc::new(shop.clone())));
    person.hear(Event::Checked(Arc::new(checked(shop, tallies(), findings()))));
    person.press("3/legacy<enter>l");
    assert!(person.sees("does not exist") && person.sees("! broken"), "{}", person.screen());
    assert!(person.sees("clients does not exist: nothing can refer to its rows."), "{}", person.screen());
}

#[test]
fn searching_for_nothing_known_says_so_and_escape_returns() {
    let mut person = Person::after_the_check(80, 24);
    person.press("3/zzz<esc>");
    assert!(person.sees("┌─ order_items · 2 hops"), "{}", person.screen());
    person.press("/cust<esc>");
    assert!(person.sees("┌─ order_items · 2 hops"), "{}", person.screen());
}

#[test]
fn a_hub_of_five_thousand_shows_the_worst_and_counts_the_rest() {
    let mut person = hub(160, 45, 5_000);
    person.press("3/hub<enter>");
    assert!(person.sees("of 60 tables in view · 4,941 left out"), "{}", person.screen());
    assert!(!person.sees("part_4321"));
    person.msg(Msg::News(Event::Tallied { relation: 4_320, tally: orphaned(1_000, 7, 1) }));
    person.wait(std::time::Duration::from_millis(10));
    // The picture stays as it is until a key asks for it, and says that there is worse.
    assert!(!person.sees("[ part_4321 ") && person.sees("worse came: any key"), "{}", person.screen());
    person.press("g");
    assert!(person.sees("[ part_4321 ") && person.sees("! 7 orphans"), "{}", person.screen());
}

#[test]
fn only_broken_hides_the_sound_and_says_how_many() {
    let mut person = Person::after_the_check(120, 40);
    person.press("3/orders<enter>!");
    assert!(person.sees("order_items") && !person.sees("│ refunds"), "{}", person.screen());
    assert!(person.sees("hidden") && person.sees("only broken"), "{}", person.screen());
    person.press("!");
    assert!(person.sees("refunds") && !person.sees("hidden"), "{}", person.screen());
}

#[test]
fn the_tree_the_order_the_cycles_and_a_path() {
    hold("tree", pressed("3/orders<enter>+tj"));
    hold("order", pressed("3Oj"));
    hold("load_cycle", pressed("3/users<enter>Ojj"));
    hold("cycles", pressed("3Kj"));
    hold("path", pressed("3/payments<enter>Pproducts<enter>jj"));
    hold("path_typing", pressed("3Pte"));
    hold("no_path", pressed("3Pusers<enter>"));
}

#[test]
fn a_tree_marks_cycles_and_folds_what_is_deeper() {
    let mut person =
        reading(120, 40, &["a.b -> b.id", "b.c -> c.id", "c.a -> a.id", "c.d -> d.id", "d.e -> e.id"]);
    person.press("3/a<enter>t");
    assert!(person.sees("↻ shown above") || person.sees("folded"), "{}", person.screen());
    person.press("++");
    assert!(person.sees("a  not counted") && person.sees("↻ shown above"), "{}", person.screen());
    assert!(person.sees("e  not counted"), "{}", person.screen());
    person.press("t");
    assert!(person.sees("┌─ a · 4 hops"), "{}", person.screen());
}

#[test]
fn a_path_tells_its_steps_and_enter_leads_along_it() {
    let mut person = Person::after_the_check(120, 40);
    person.press("3Pcustomers<enter>");
    assert!(person.sees("order_items to customers: 2 steps, the only shortest path"), "{}", person.screen());
    assert!(
        person.sees("→ refers to, by order_items(order_id)->orders(id)  ! 41,207 orphans"),
        "{}",
        person.screen()
    );
    person.press("jjj<enter>");
    assert_eq!(person.app.place, Place::Relation);
    person.press("<esc>");
    assert!(person.sees("Shortest paths"), "{}", person.screen());
    person.press("G<enter>");
    assert!(person.sees("┌─ customers · "), "{}", person.screen());
    person.press("<esc>");
    assert!(person.sees("┌─ order_items · "), "{}", person.screen());
}

#[test]
fn equally_short_paths_are_all_told() {
    let mut person = reading(120, 40, &["a.b -> b.id", "a.c -> c.id", "b.d -> d.id", "c.d -> d.id"]);
    person.press("3/a<enter>Pd<enter>");
    assert!(person.sees("a to d: 2 steps, 2 paths are equally short"), "{}", person.screen());
}

#[test]
fn dropping_what_was_typed_for_a_path_leaves_the_picture_alone() {
    let mut person = Person::after_the_check(80, 24);
    person.press("3Porders<esc>");
    assert!(person.sees("┌─ order_items · 2 hops"), "{}", person.screen());
    person.press("Pzzz<enter>");
    assert!(person.sees("┌─ order_items · 2 hops"), "{}", person.screen());
    person.press("/orders<enter>");
    assert!(person.sees("┌─ orders · "), "{}", person.screen());
}
