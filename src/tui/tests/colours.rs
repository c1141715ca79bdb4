//! Every screen in every theme, colours beside the text: a letter for each cell's style, and what the letters mean, so
//! that a colour that changes is seen.

use super::world::*;
use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::tui::draw::draw;
use crate::tui::start::Look;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::sync::Arc;

const THEMES: [&str; 5] = ["system", "dark", "light", "mono", "okabe"];

/// Holds a screen to its snapshot: the text once, then the styles of each theme.
fn hold(name: &str, state: impl Fn(Look) -> Person) {
    let mut shown = String::new();
    for theme in THEMES {
        let person = state(Look { theme: theme.to_owned(), ..Look::default() });
        if shown.is_empty() {
            shown.push_str(&person.screen());
        }
        let _ = write!(shown, "── {theme}\n{}", styles(&person));
    }
    insta::assert_snapshot!(name, shown);
}

/// A letter for the style of every cell, in the order in which styles appear; a point is plain.
fn styles(person: &Person) -> String {
    let size = person.app.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).expect("a terminal");
    terminal.draw(|frame| draw(&person.app, frame)).expect("a frame");
    let buffer: &Buffer = terminal.backend().buffer();
    let mut known: Vec<String> = vec![words(&Cell::EMPTY)];
    let mut shown = String::new();
    for y in 0..size.height {
        let line = (0..size.width).map(|x| {
            let words = words(&buffer[(x, y)]);
            let at = known.iter().position(|known| *known == words).unwrap_or_else(|| {
                known.push(words);
                known.len() - 1
            });
            if at == 0 { '.' } else { char::from(b'a' + at as u8 - 1) }
        });
        let line: String = line.collect();
        let _ = writeln!(shown, "\"{}\"", line.trim_end_matches('.'));
    }
    for (at, words) in known.iter().enumerate().skip(1) {
        let _ = writeln!(shown, "{} = {words}", char::from(b'a' + at as u8 - 1));
    }
    shown
}

/// A style in words, as themes write them. The colour of ink where there is none is no colour.
fn words(cell: &Cell) -> String {
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ];
    let held = modifiers.into_iter().filter(|(modifier, _)| cell.modifier.contains(*modifier));
    let mut words: Vec<String> = held.map(|(_, word)| word.to_owned()).collect();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg.to_string().to_lowercase()));
    }
    if words.is_empty() { "plain".to_owned() } else { words.join(" ") }
}

/// The shop after its check.
fn shop_in(look: Look) -> Person {
    let mut person = Person::looking(80, 24, look);
    person.hear(Event::Connected(Arc::new(server())));
    person.hear(Event::Cataloged(Arc::new(shop())));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), findings()))));
    person
}

#[test]
fn every_screen_in_every_theme() {
    for (name, keys) in [
        ("overview", ""),
        ("relations", "2sj"),
        ("relation", "<enter>"),
        ("graph", "3l"),
        ("findings", "4"),
        ("log", "7"),
        ("filter", "2/order"),
    ] {
        hold(&format!("colours_{name}"), |look| {
            let mut person = shop_in(look);
            person.hear(sent(crate::model::sent::Purpose::Session, "SET a = b", 0));
            person.press(keys);
            person
        });
    }
}

#[test]
fn while_counting_and_after_a_fault() {
    hold("colours_counting", |look| {
        let mut person = Person::looking(80, 24, look);
        person.hear(Event::Connected(Arc::new(server())));
        person.hear(Event::Cataloged(Arc::new(shop())));
        person.hear(progress(5, &["order_items"]));
        person
    });
    hold("colours_fault", |look| {
        let mut person = shop_in(look);
        let fault = Fault::new(Kind::Lost, "The server closed the connection while counting.");
        person.hear(Event::Failed(fault.hint("R connects again.")));
        person
    });
}
