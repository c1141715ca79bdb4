//! Walks through the inspector that nobody planned: names of every hostile kind, keys from the table in any order, sizes
//! from one cell to many. Whatever happens, every frame is whole: nothing hidden reaches a cell, no wide character is
//! halved, nothing is cut without a mark.

use super::world::*;
use crate::job::{Command, Event};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::finding::Severity;
use crate::model::ident::Ident;
use crate::model::list::{List, MissingParents};
use crate::model::relation;
use crate::model::sent::Purpose;
use crate::model::tally::{Tally, Why};
use crate::model::text::is_hidden;
use crate::model::value::Value;
use crate::tui::action::Action;
use crate::tui::draw::draw;
use crate::tui::keymap::Context;
use crate::tui::msg::{Effect, Msg};
use crate::tui::start::Look;
use crate::tui::widget::text::MARK;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::sync::Arc;
use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The signs every name begins and ends with; nothing else on the screen holds them, so that a name cut without a mark
/// is found.
const OPENS: char = '$';
const CLOSES: char = '&';

/// What names are made of.
const PIECES: [&str; 32] = [
    "orders",
    "_",
    "x",
    "7",
    "order items",
    "注文",
    "明細",
    "ﾊﾝｶｸ",
    "e\u{301}",
    "\u{301}",
    "👩\u{200d}👧",
    "👍🏽",
    "🇯🇵",
    "☃\u{fe0f}",
    "שלום",
    "مرحبا",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\n",
    "\t",
    "\u{1b}[2J",
    "\u{7}",
    "\u{9b}31m",
    "\"",
    "'; --",
    "\\",
    "\u{0}ç",
    "ก็",
    "한글",
    "a_name_that_goes_on_and_on_beyond_every_column_there_is",
];

/// A source of choices that can be thrown again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn text(&mut self, most: usize) -> String {
        let pieces = self.below(most) + 1;
        let middle: String =
            (0..pieces).map(|_| PIECES[self.below(PIECES.len())].replace('\0', "")).collect();
        format!("{OPENS}{middle}{CLOSES}")
    }

    fn name(&mut self) -> Ident {
        Ident::new(self.text(6)).expect("no NUL")
    }
}

/// A catalog in which every name is hostile.
fn hostile(dice: &mut Dice) -> Catalog {
    let tables = dice.below(8) + 1;
    let written: Vec<String> = (0..dice.below(14))
        .map(|number| format!("t{}.c{number} -> t{}.id", dice.below(tables), dice.below(tables)))
        .collect();
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    let mut catalog = catalog(&written);
    for table in &mut catalog.tables {
        table.name.name = dice.name();
        if dice.below(4) == 0 {
            table.name.schema = dice.name();
        }
        table.columns.iter_mut().for_each(|column| column.name = dice.name());
        table.columns.iter_mut().for_each(|column| column.type_name = dice.text(2));
    }
    for relation in &mut catalog.relations {
        for end in [&mut relation.child, &mut relation.parent] {
            let table = end.table.and_then(|id| catalog.tables.iter().find(|table| table.id == id));
            end.name = table.map_or_else(|| end.name.clone(), |table| table.name.clone());
            end.columns = (0..=dice.below(3)).map(|_| dice.name()).collect();
        }
        relation.id = relation::id(&relation.child, &relation.parent, "public");
        relation.constraint = Some(dice.name());
        relation.validated = dice.below(3) > 0;
    }
    catalog
}

/// A person in front of a hostile database, some way into its check.
fn person(dice: &mut Dice) -> Person {
    let theme = ["system", "dark", "light", "mono", "okabe"][dice.below(5)].to_owned();
    let look = Look {
        theme,
        ascii: dice.below(3) == 0,
        color: dice.below(4) > 0,
        mouse: false,
        bell: true,
        keys: None,
    };
    let (width, height) = size(dice);
    let mut person = Person::looking(width, height, look);
    let mut server = server();
    (server.database, server.address) = (dice.text(4).into(), dice.text(4).into());
    server.user = Some(dice.text(2).into());
    person.hear(Event::Connected(Arc::new(server)));
    person.hear(Event::Notice(format!("A notice about {}.", dice.text(5))));
    let catalog = hostile(dice);
    person.hear(Event::Cataloged(Arc::new(catalog.clone())));
    let findings = catalog.relations.iter().flat_map(|relation| {
        let severity = Severity::ALL[dice.below(5)];
        let message = format!("{} rows of {} refer to nothing.", dice.below(90_000), dice.text(4));
        let mut found =
            finding(severity, "orphan-rows", &relation.id, &message, Some(dice.below(9_999) as u64));
        found.relation = Some(relation.id.clone());
        found.detail = (dice.below(2) == 0).then(|| dice.text(9));
        let table = finding(Severity::Medium, "cycle", &dice.text(5), "They refer to each other.", None);
        [found, table]
    });
    let findings: Vec<_> = findings.collect();
    let tallies = catalog.relations.iter().map(|_| match dice.below(4) {
        0 => orphaned(90_112, 0, 0),
        1 => Tally::not_checked(Why::Time(dice.text(3))),
        2 => Tally::not_checked(Why::Pending),
        _ => orphaned(2_310_442, 41_207, 12),
    });
    let tallies: Vec<Tally> = tallies.collect();
    person.hear(Event::Found(Arc::new(findings.clone())));
    let now = dice.text(5);
    person.hear(progress(dice.below(12), &[now.as_str()]));
    person.hear(sent(Purpose::Catalog, &format!("SELECT '{}'", dice.text(9)), 3));
    if dice.below(3) > 0 {
        person.hear(Event::Checked(Arc::new(checked(catalog, tallies, findings))));
    }
    person
}

fn size(dice: &mut Dice) -> (u16, u16) {
    let usual = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45), (1, 1), (41, 11), (119, 39)];
    match dice.below(2) {
        0 => usual[dice.below(usual.len())],
        _ => (dice.below(200) as u16 + 1, dice.below(60) as u16 + 1),
    }
}

/// One step: a key of the table, a letter, a paste, another size, an answer, a loss.
fn step(person: &mut Person, dice: &mut Dice) -> String {
    match dice.below(20) {
        0 | 1 => {
            let (width, height) = size(dice);
            person.msg(Msg::Resize(width, height));
            format!("resize {width}x{height}")
        }
        2 => {
            // Only the first line of a paste is taken, so the signs of a name stay out of it.
            person.msg(Msg::Paste(dice.text(4).replace([OPENS, CLOSES], "")));
            "paste".to_owned()
        }
        3 => {
            let fault = Fault::new(Kind::Other, dice.text(5)).because(dice.text(9)).hint(dice.text(3));
            person.hear(Event::Failed(fault));
            "fault".to_owned()
        }
        4..7 => {
            let letters: Vec<char> = PIECES[dice.below(PIECES.len())].replace('\0', "").chars().collect();
            let letter = letters[dice.below(letters.len())];
            person.msg(Msg::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
            format!("letter {letter:?}")
        }
        _ => {
            let contexts = person.app.contexts();
            let rows = contexts.iter().flat_map(|context: &Context| person.app.keymap.rows(*context));
            let harmless = |action: Action| !matches!(action, Action::Leave | Action::Interrupt);
            let keys: Vec<String> =
                rows.filter(|row| harmless(row.run)).flat_map(|row| row.on.clone()).collect();
            let Some(key) = keys.get(dice.below(keys.len().max(1))) else { return String::new() };
            person.msg(Msg::Key(event(key)));
            format!("key {key}")
        }
    }
}

fn event(name: &str) -> KeyEvent {
    let (modifiers, plain) = match name.strip_prefix("ctrl-") {
        Some(rest) => (KeyModifiers::CONTROL, rest),
        None => (KeyModifiers::NONE, name),
    };
    let code = match plain {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        letter => KeyCode::Char(letter.chars().next().expect("a key has a name")),
    };
    KeyEvent::new(code, modifiers)
}

/// Answers what was asked, with hostile rows.
fn answer(person: &mut Person, dice: &mut Dice) {
    for effect in std::mem::take(&mut person.effects) {
        let mut row = || -> Vec<Value> { (0..4).map(|_| Value::Text(dice.text(5))).collect() };
        match effect {
            Effect::Submit(Command::MissingParents { ticket, .. }) => {
                let keys = (0..30).map(|number| (row(), 30 - number)).collect();
                let headings =
                    row().iter().map(|value| value.text().unwrap_or_default().to_owned()).collect();
                let answer = Ok(MissingParents { headings, keys, more: true });
                person.hear(Event::MissingParents { ticket, answer });
            }
            Effect::Submit(Command::OrphanRows { ticket, .. }) => {
                let headings =
                    row().iter().map(|value| value.text().unwrap_or_default().to_owned()).collect();
                let rows = (0..40).map(|_| row()).collect();
                let answer = Ok(List { headings, rows, ..List::default() });
                person.hear(Event::OrphanRows { ticket, answer });
            }
            _ => {}
        }
    }
}

fn frame(person: &Person) -> Buffer {
    let size = person.app.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).expect("a terminal");
    terminal.draw(|frame| draw(&person.app, frame)).expect("a frame");
    terminal.backend().buffer().clone()
}

/// What is wrong with a frame, if anything is. What lies under an overlay is cut by the overlay's frame; what a person
/// types stands as they typed it.
fn fault_in(buffer: &Buffer, ascii: bool, covered: bool, typing: bool) -> Option<String> {
    let area = buffer.area;
    let lines: Vec<Vec<&str>> =
        (0..area.height).map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect()).collect();
    for (y, line) in lines.iter().enumerate() {
        for (x, symbol) in line.iter().enumerate() {
            let wide = symbol.graphemes(true).map(UnicodeWidthStr::width).sum::<usize>();
            if symbol.chars().any(is_hidden) || (wide == 0 && !symbol.is_empty()) {
                return Some(format!("hidden text at {x},{y}: {symbol:?}"));
            }
            if ascii && !symbol.is_ascii() {
                return Some(format!("not ASCII at {x},{y}: {symbol:?}"));
            }
            let beside = line.get(x + 1).copied();
            if wide > 1 && !matches!(beside, Some(" " | "")) {
                return Some(format!("half of {symbol:?} at {x},{y}, beside {beside:?}"));
            }
        }
    }
    if covered {
        return None;
    }
    // The line a person types in moves along under the cursor.
    let typed = lines.len().checked_sub(2).filter(|_| typing);
    (0..lines.len()).filter(|y| Some(*y) != typed).find_map(|y| cut_without_a_mark(&lines, y, ascii))
}

/// A name that begins in this line, and neither ends nor carries the mark before its place ends.
fn cut_without_a_mark(lines: &[Vec<&str>], y: usize, ascii: bool) -> Option<String> {
    let line = &lines[y];
    let begins = |x: &usize| line[*x].starts_with(OPENS);
    let border =
        |symbol: &str| matches!(symbol, "│" | "┤" | "┐" | "┘") || (ascii && matches!(symbol, "|" | "+"));
    for x in (0..line.len()).filter(begins) {
        let left = (0..x).rev().find(|at| border(line[*at])).map_or(0, |at| at + 1);
        let right = (x..line.len()).find(|at| border(line[*at])).unwrap_or(line.len());
        // What is wrapped goes on in the lines below, in the same place.
        let rest = std::iter::once((y, x + 1)).chain((y + 1..lines.len()).map(|below| (below, left)));
        let text: String = rest.map(|(row, from)| lines[row][from..right].concat() + "\n").collect();
        let ends = text.find([OPENS, CLOSES]).map(|at| text[at..].starts_with(CLOSES));
        let mark = [text.find(MARK), text.find("...")].into_iter().flatten().min();
        let whole =
            ends == Some(true) || mark.is_some_and(|mark| text.find(OPENS).is_none_or(|next| mark < next));
        if !whole {
            return Some(format!("cut without a mark at {x},{y}: {:?}", line[x..right].concat()));
        }
    }
    None
}

#[test]
fn whatever_the_names_the_keys_and_the_size_every_frame_is_whole() {
    let walks: u64 = option_env!("WAIF_TEST_WALKS").and_then(|number| number.parse().ok()).unwrap_or(24);
    for seed in 0..walks {
        let mut dice = Dice(seed);
        let mut person = person(&mut dice);
        let mut told = Vec::new();
        for _ in 0..32 {
            told.push(step(&mut person, &mut dice));
            answer(&mut person, &mut dice);
            person.wait(Duration::from_millis(130));
            answer(&mut person, &mut dice);
            let covered = person.app.overlay.is_some();
            let reading = person.app.contexts().iter().any(|context| {
                matches!(
                    context,
                    Context::Page | Context::Fault | Context::Menu | Context::Facets | Context::Everywhere
                )
            });
            let typing = !reading;
            let fault = fault_in(&frame(&person), person.app.ink.ascii, covered, typing);
            let size = person.app.size;
            assert!(
                fault.is_none(),
                "walk {seed} at {}x{}, {:?}: {}\n{}\n{}",
                size.width,
                size.height,
                person.app.place,
                fault.unwrap_or_default(),
                told.join(", "),
                person.screen()
            );
        }
    }
}

#[test]
fn a_line_end_in_a_name_ends_no_line_of_the_screen() {
    let mut person = Person::connected(120, 40);
    let relation = "\"a\nb\"(x)->c(id)";
    let found =
        finding(Severity::High, "orphan-rows", relation, "1 row of \"a\nb\" refers to nothing.", Some(1));
    person.hear(Event::Found(Arc::new(vec![found])));
    for keys in ["1", "4", "4<enter>"] {
        person.press(keys);
        assert!(person.sees("1 row of \"a\\nb\""), "{}", person.screen());
    }
}

#[test]
fn sorting_a_list_nobody_has_moved_in_shows_what_sorts_first() {
    let mut person = Person::after_the_check(120, 40);
    person.press("2s");
    assert!(person.selected().contains("ORPHANS"), "{}", person.screen());
    person.press("jsss");
    assert!(person.selected().contains("payments"), "{}", person.screen());
}
