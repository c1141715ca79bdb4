//! What leaves the screen: the menu of texts, the clipboard, the line for a file's name, and what is said of each.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::fault::{Fault, Kind};
use crate::model::list::{List, MissingParents, Spelling};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::tui::msg::{Effect, Msg};
use crate::tui::take::clipboard::MOST;
use crate::tui::take::order::{Body, Figures, Order, Refusal, Written};
use std::time::Duration;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

fn copied(person: &Person) -> &str {
    match person.effects.last() {
        Some(Effect::Copy(text)) => text,
        other => panic!("nothing was copied: {other:?}"),
    }
}

fn spelling() -> Spelling {
    Spelling {
        count: "SELECT count(*)\nFROM ONLY \"public\".\"order_items\" AS c".to_owned(),
        orphans: "FROM ONLY \"public\".\"order_items\" AS c\nWHERE c.\"order_id\" IS NOT NULL".to_owned(),
        children: Some("FROM c WHERE c.\"order_id\" = '7'".to_owned()),
        row: Some("FROM c WHERE c.\"id\" = '50'".to_owned()),
    }
}

/// Answers the last question to the desk for statements.
fn spell(person: &mut Person) -> Command {
    let asked = person.commands().into_iter().rev().find(|one| matches!(one, Command::Spell { .. })).cloned();
    let Some(Command::Spell { ticket, .. }) = asked else { panic!("nothing was asked: {asked:?}") };
    person.hear(Event::Spelled { ticket, answer: Ok(spelling()) });
    asked.expect("asked")
}

/// The relation of the worst finding with a missing parent and a child row.
fn opened(width: u16, height: u16) -> Person {
    let mut person = Person::after_the_check(width, height);
    person.press("<enter>");
    let keys = vec![(vec![Value::Int(7)], 3)];
    let answer = Ok(MissingParents { headings: vec!["order_id".to_owned()], keys, more: false });
    person.hear(Event::MissingParents { ticket: 1, answer });
    let headings = ["id", "order_id", "note"].map(str::to_owned).to_vec();
    let rows = vec![vec![Value::Int(50), Value::Null, Value::Text("say \"hi\"\n".to_owned())]];
    let keys = vec![vec![Value::Int(50)]];
    person.hear(Event::OrphanRows { ticket: 2, answer: Ok(List { headings, rows, keys, next: None }) });
    person
}

#[test]
fn the_menu_at_every_size() {
    hold("copy_menu", |width, height| {
        let mut person = opened(width, height);
        person.press("<esc>y");
        spell(&mut person);
        person.press("jjj");
        person
    });
}

#[test]
fn the_line_for_a_file_at_every_size() {
    hold("file_line", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("yw");
        person
    });
}

#[test]
fn the_ticket_comes_first_and_the_message_promises_no_more_than_is_known() {
    let mut person = Person::after_the_check(120, 40);
    person.press("y<enter>");
    let text = copied(&person).to_owned();
    assert!(text.starts_with("**critical** orphan-rows: order_items(order_id)->orders(id)\n"), "{text}");
    assert!(text.contains("Database: shop at db-prod-2:5432"), "{text}");
    assert!(
        text.contains(
            "    waif orphans 'postgres://dba_ro@db-prod-2:5432/shop' 'order_items(order_id)->orders(id)'"
        ) || text.contains("    waif orphans postgres://dba_ro@db-prod-2:5432/shop 'order_items"),
        "{text}"
    );
    let said = format!("Copied ticket text in Markdown: {} characters", text.chars().count());
    assert!(person.sees(&said) && person.sees("if the terminal allows OSC 52"), "{}", person.screen());
    person.wait(Duration::from_secs(6));
    assert!(!person.sees("Copied"));
}

#[test]
fn statements_are_asked_of_the_desk_and_copied_as_it_spelled_them() {
    let mut person = Person::after_the_check(80, 24);
    person.press("yjjj");
    assert!(person.sees("> SQL that counts the orphans") && person.sees("Being put together."));
    person.press("<enter>");
    assert!(person.sees("still being put together"), "{}", person.screen());
    let asked = spell(&mut person);
    assert!(matches!(asked, Command::Spell { relation: 2, of: None, row: None, .. }), "{asked:?}");
    person.press("<enter>");
    assert_eq!(copied(&person), format!("{}\n", spelling().count));
}

#[test]
fn an_answer_to_a_menu_that_was_closed_fills_no_other() {
    let mut person = Person::after_the_check(80, 24);
    person.press("y<esc>jy");
    let Some(Command::Spell { ticket, .. }) = person.commands().last().copied().cloned() else { panic!() };
    person.hear(Event::Spelled { ticket: ticket - 1, answer: Ok(spelling()) });
    person.press("jjj");
    assert!(person.sees("Being put together."), "{}", person.screen());
}

#[test]
fn what_the_desk_cannot_spell_is_told_and_not_copied() {
    let mut person = Person::after_the_check(80, 24);
    person.press("y");
    let Some(Command::Spell { ticket, .. }) = person.commands().last().copied().cloned() else { panic!() };
    let fault = Fault::new(Kind::Missing, "the relation is gone from the catalog");
    person.hear(Event::Spelled { ticket, answer: Err(fault) });
    person.press("jjj<enter>");
    assert!(person.sees("the relation is gone from the catalog"), "{}", person.screen());
    assert!(!matches!(person.effects.last(), Some(Effect::Copy(_))));
}

#[test]
fn a_broken_reference_offers_no_statement() {
    let mut person = Person::after_the_check(80, 24);
    person.press("2/legacy<enter>y");
    assert!(person.sees("Copy · legacy(customer_ref)"), "{}", person.screen());
    person.press("jjj<enter>");
    assert!(person.sees("a broken reference has no orphans to list"), "{}", person.screen());
    assert!(!person.commands().iter().any(|one| matches!(one, Command::Spell { .. })));
}

#[test]
fn a_missing_parent_offers_its_key_and_its_children() {
    let mut person = opened(80, 24);
    person.press("yj<enter>");
    assert_eq!(copied(&person), r#"{"order_id": 7}"#);
    person.press("yjj");
    let asked = spell(&mut person);
    assert!(matches!(asked, Command::Spell { of: Some(_), row: None, .. }), "{asked:?}");
    person.press("<enter>");
    assert_eq!(copied(&person), "FROM c WHERE c.\"order_id\" = '7'\n");
}

#[test]
fn a_child_row_is_copied_as_json_in_the_order_of_its_columns_then_by_key_then_by_column() {
    let mut person = opened(80, 24);
    person.press("<tab>y<enter>");
    assert_eq!(copied(&person), r#"{"id": 50, "order_id": null, "note": "say \"hi\"\n"}"#);
    person.press("yj");
    let asked = spell(&mut person);
    assert!(matches!(&asked, Command::Spell { row: Some(key), .. } if *key == [Value::Int(50)]), "{asked:?}");
    person.press("<enter>");
    assert_eq!(copied(&person), "FROM c WHERE c.\"id\" = '50'\n");
    person.press("llyjj<enter>");
    assert_eq!(copied(&person), "say \"hi\"\n", "the value as it is stored");
}

#[test]
fn a_statement_of_the_log_and_a_table_of_the_graph_are_copied() {
    let mut person = Person::after_the_check(80, 24);
    person.hear(sent(Purpose::Count, "SELECT 1", 1));
    person.press("7y<enter>");
    assert_eq!(copied(&person), "SELECT 1");
    person.press("13y<enter>");
    assert_eq!(copied(&person), "order_items");
}

#[test]
fn what_is_too_long_for_a_terminal_is_offered_to_a_file() {
    let mut person = Person::connected(100, 24);
    person.hear(sent(Purpose::Count, &"x".repeat(MOST + 1), 1));
    person.press("7y<enter>");
    assert!(person.sees("Too long to copy: 74,001 characters"), "{}", person.screen());
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::Copy(_))));
    person.press("w<enter>");
    let Some(Effect::File(Order::Whole { body: Body::Text(text), .. })) = person.effects.last() else {
        panic!("{:?}", person.effects.last())
    };
    assert_eq!(text.len(), MOST + 1);
}

fn saved(person: &Person) -> (u64, String) {
    match person.effects.last() {
        Some(Effect::File(Order::Whole { ticket, path, .. })) => (*ticket, path.clone()),
        other => panic!("nothing was written: {other:?}"),
    }
}

#[test]
fn a_name_that_is_taken_brings_the_line_back_with_another() {
    let mut person = Person::after_the_check(80, 24);
    person.press("w<enter>");
    assert!(person.sees("waif-ticket-1970-01-01-0000.md"), "{}", person.screen());
    person.press("<enter>");
    let (ticket, path) = saved(&person);
    assert_eq!(path, "waif-ticket-1970-01-01-0000.md");
    person.msg(Msg::Written(Written { ticket, outcome: Err(Refusal::Exists) }));
    assert!(person.sees("exists already"), "{}", person.screen());
    person.press("<enter>");
    let (ticket, path) = saved(&person);
    assert_eq!(path, "waif-ticket-1970-01-01-0000-2.md");
    let figures = Figures { rows: None, bytes: 412, done: true };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    assert!(person.sees("Wrote waif-ticket-1970-01-01-0000-2.md: 412 bytes."), "{}", person.screen());
}

#[test]
fn letters_typed_into_a_name_are_no_commands_and_escape_writes_nothing() {
    let mut person = Person::after_the_check(80, 24);
    person.press("w<enter>q1R");
    assert!(person.sees(".mdq1R"), "{}", person.screen());
    person.msg(Msg::Paste("a\u{1b}[2J\nb".to_owned()));
    assert!(person.sees(".mdq1Ra\\x1B[2J"), "{}", person.screen());
    person.press("<esc>");
    assert!(person.app.overlay.is_none());
    assert!(!person.effects.iter().any(|effect| matches!(effect, Effect::File(_))));
}

#[test]
fn a_page_is_written_as_it_is_copied() {
    let mut person = Person::after_the_check(80, 24);
    person.press("?w<enter>");
    let Some(Effect::File(Order::Whole { body: Body::Text(text), path, .. })) = person.effects.last() else {
        panic!("{:?}", person.effects.last())
    };
    assert!(text.contains("On Overview") && path.starts_with("waif-page-"), "{path}");
}

fn bodies(person: &Person) -> Option<&Order> {
    person.effects.iter().rev().find_map(|effect| match effect {
        Effect::File(order) => Some(order),
        _ => None,
    })
}

#[test]
fn a_list_is_written_as_it_is_shown_and_says_what_the_filter_left_out() {
    let mut person = Person::after_the_check(120, 40);
    person.press("4/orphan<enter>o");
    assert!(person.sees("Write the findings") && person.sees("waif-findings-1970-01-01-0000.csv"));
    person.press("<enter>");
    let Some(Order::Whole { ticket, body: Body::List(list), .. }) = bodies(&person).cloned() else {
        panic!()
    };
    assert_eq!((list.rows.len(), list.left_out), (3, 5));
    let mut out = Vec::new();
    list.write(crate::report::sheet::Format::Csv, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    assert!(
        text.starts_with("severity,rule,object,rows,message,detail,relation,action\r\ncritical,orphan-rows,")
    );
    let figures = Figures { rows: Some(3), bytes: text.len() as u64, done: true };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    assert!(
        person.sees("3 rows, ") && person.sees("The filter orphan left out 5 rows."),
        "{}",
        person.screen()
    );
}

#[test]
fn a_name_without_a_known_ending_is_asked_for_again() {
    let mut person = Person::after_the_check(80, 24);
    person.press("2ox<enter>");
    assert!(person.sees("The ending chooses the format: csv, json, ndjson or md."), "{}", person.screen());
    person.press("<backspace><enter>");
    assert!(matches!(bodies(&person), Some(Order::Whole { body: Body::List(_), .. })));
}

#[test]
fn every_list_has_something_to_write() {
    for (keys, name) in
        [("", "findings"), ("2", "relations"), ("4", "findings"), ("3", "graph"), ("7", "log")]
    {
        let mut person = Person::after_the_check(80, 24);
        person.hear(sent(Purpose::Count, "SELECT 1", 1));
        person.press(keys).press("o<enter>");
        let Some(Order::Whole { path, body, .. }) = bodies(&person) else {
            panic!("{keys}: {}", person.screen())
        };
        assert!(path.starts_with(&format!("waif-{name}-")), "{path}");
        assert_eq!(body.refuses(path), None);
    }
}

/// The relation of the worst finding, its orphan rows being exported: the file is begun, the first page asked for.
fn exporting(width: u16, height: u16) -> (Person, u64, u64) {
    let mut person = opened(width, height);
    person.press("oj<enter><enter>");
    let Some(Order::Begin { ticket, .. }) = bodies(&person).cloned() else { panic!("{}", person.screen()) };
    let figures = Figures { rows: Some(0), ..Figures::default() };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    let Some(Command::OrphanRows { ticket: asked, of: None, after: None, .. }) = person.commands().last()
    else {
        panic!("{:?}", person.commands())
    };
    let asked = *asked;
    (person, ticket, asked)
}

fn rows_page(from: i64, to: i64, more: bool) -> List {
    let rows = (from..to).map(|id| vec![Value::Int(id)]).collect();
    let keys = (from..to).map(|id| vec![Value::Int(id)]).collect();
    List { headings: vec!["id".to_owned()], rows, keys, next: more.then(|| vec![Value::Int(to - 1)]) }
}

#[test]
fn orphan_rows_are_written_page_by_page_to_the_end() {
    let (mut person, ticket, asked) = exporting(80, 24);
    person.hear(Event::OrphanRows { ticket: asked, answer: Ok(rows_page(0, 1000, true)) });
    assert!(matches!(bodies(&person), Some(Order::Rows { rows, end: None, .. }) if rows.len() == 1000));
    assert_eq!(person.commands().len(), 4, "the next page waits for the file: {:?}", person.commands());
    let figures = Figures { rows: Some(1000), bytes: 5_000, done: false };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    person.press("1");
    assert!(person.sees("1,000 of 41,207 rows written · Esc stops"), "{}", person.screen());
    let Some(Command::OrphanRows { ticket: asked, after: Some(key), limit, .. }) =
        person.commands().last().copied().cloned()
    else {
        panic!("{:?}", person.commands())
    };
    assert_eq!((key.as_slice(), limit), (&[Value::Int(999)][..], 10_000));
    person.hear(Event::OrphanRows { ticket: asked, answer: Ok(rows_page(1000, 1500, false)) });
    assert!(matches!(bodies(&person), Some(Order::Rows { end: Some(_), .. })));
    let figures = Figures { rows: Some(1500), bytes: 7_500, done: true };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    assert!(person.sees("1,500 rows, 7,500 bytes."), "{}", person.screen());
    assert!(person.app.export.is_none());
}

#[test]
fn an_export_is_stopped_by_escape_and_nothing_of_it_stays() {
    for keys in ["<esc>", "<ctrl-c>"] {
        let (mut person, ticket, asked) = exporting(80, 24);
        person.press(keys);
        assert_eq!(person.commands().last(), Some(&&Command::Forget { ticket: asked }));
        assert_eq!(bodies(&person), Some(&Order::Abandon { ticket }));
        assert!(person.sees("was not written: it was stopped"), "{}", person.screen());
        let before = person.effects.len();
        person.hear(Event::OrphanRows { ticket: asked, answer: Ok(rows_page(0, 10, false)) });
        assert_eq!(person.effects.len(), before, "an answer after the stop goes nowhere");
    }
}

#[test]
fn a_page_that_fails_breaks_the_export_off_and_says_why() {
    let (mut person, ticket, asked) = exporting(120, 40);
    let fault = Fault::new(Kind::TimedOut, "Listing took too long.");
    person.hear(Event::OrphanRows { ticket: asked, answer: Err(fault) });
    assert!(person.sees("was not written: Listing took too long after 0 rows"), "{}", person.screen());
    assert_eq!(bodies(&person), Some(&Order::Abandon { ticket }));
}

#[test]
fn a_table_that_changes_on_the_way_breaks_the_export_off() {
    let (mut person, ticket, asked) = exporting(120, 40);
    person.hear(Event::OrphanRows { ticket: asked, answer: Ok(rows_page(0, 10, true)) });
    let figures = Figures { rows: Some(10), bytes: 50, done: false };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
    let Some(Command::OrphanRows { ticket: asked, .. }) = person.commands().last().copied().cloned() else {
        panic!()
    };
    let changed = List { headings: vec!["other".to_owned()], ..rows_page(10, 20, false) };
    person.hear(Event::OrphanRows { ticket: asked, answer: Ok(changed) });
    assert!(person.sees("the columns of the table changed on the way"), "{}", person.screen());
}

#[test]
fn a_file_that_exists_brings_the_line_back_for_a_paged_list_too() {
    let mut person = opened(80, 24);
    person.press("o<enter><enter>");
    let Some(Order::Begin { ticket, .. }) = bodies(&person).cloned() else { panic!("{}", person.screen()) };
    person.msg(Msg::Written(Written { ticket, outcome: Err(Refusal::Exists) }));
    assert!(person.sees("exists already") && person.app.export.is_none(), "{}", person.screen());
    person.press("<enter>");
    assert!(matches!(bodies(&person), Some(Order::Begin { path, .. }) if path.ends_with("-2.csv")));
}

#[test]
fn missing_parents_are_written_with_their_children() {
    let mut person = opened(80, 24);
    person.press("o<enter><enter>");
    let Some(Order::Begin { ticket, .. }) = bodies(&person).cloned() else { panic!("{}", person.screen()) };
    person.msg(Msg::Written(Written { ticket, outcome: Ok(Figures::default()) }));
    let Some(Command::MissingParents { ticket: asked, .. }) = person.commands().last().copied().cloned()
    else {
        panic!("{:?}", person.commands())
    };
    let keys = vec![(vec![Value::Int(7)], 3), (vec![Value::Int(8)], 1)];
    let answer = Ok(MissingParents { headings: vec!["order_id".to_owned()], keys, more: false });
    person.hear(Event::MissingParents { ticket: asked, answer });
    let Some(Order::Rows { columns, rows, end: Some(_), .. }) = bodies(&person) else { panic!() };
    assert_eq!(columns, &["order_id", "children"]);
    assert_eq!(rows[0], [Value::Int(7), Value::Int(3)]);
}

#[test]
fn the_menu_of_lists_at_every_size() {
    hold("export_menu", |width, height| {
        let mut person = opened(width, height);
        person.press("o");
        person
    });
}

#[test]
fn the_progress_of_an_export_at_every_size() {
    hold("export_progress", |width, height| {
        let (mut person, ticket, asked) = exporting(width, height);
        person.hear(Event::OrphanRows { ticket: asked, answer: Ok(rows_page(0, 1000, true)) });
        let figures = Figures { rows: Some(1000), bytes: 5_000, done: false };
        person.msg(Msg::Written(Written { ticket, outcome: Ok(figures) }));
        person.press("1");
        person
    });
}

#[test]
fn a_reason_becomes_a_piece_of_configuration_and_changes_nothing() {
    let mut person = Person::after_the_check(80, 24);
    person.press("i");
    assert!(person.sees("Why is orphan-rows on order_items(order_id)->orders(id) accepted?"));
    person.press("<enter>");
    assert!(person.sees("Something has to stand here."), "{}", person.screen());
    person.press("archived on \"purpose\"<enter>");
    assert!(person.sees("[[suppress]]") && person.sees("Nothing was changed."), "{}", person.screen());
    person.press("y");
    let stanza = copied(&person).to_owned();
    assert!(
        stanza.contains("rule = \"orphan-rows\"\nobject = \"order_items(order_id)->orders(id)\"\n"),
        "{stanza}"
    );
    person.press("w");
    assert!(person.sees("waif-suppress-1970-01-01-0000.toml"), "{}", person.screen());
}

#[test]
fn the_piece_of_configuration_at_every_size() {
    hold("ignore_page", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("iarchived on purpose<enter>");
        person
    });
}
