//! The menu of facets: every value there is in the list in front with how many things have it. Space ticks, Enter narrows
//! the list to what is ticked; the filter line then holds the same as text.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::listing::Filter;
use crate::tui::screen::{self, Place, facet, step};
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::figure::count;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::Pen;
use ratatui::layout::{Rect, Size};
use std::collections::BTreeMap;

/// The menu.
#[derive(Debug)]
pub struct Menu {
    rows: Vec<Row>,
    cursor: Cursor,
    /// What the filter holds beside what this menu can say.
    rest: Vec<String>,
}

/// A value of a facet.
#[derive(Debug)]
struct Row {
    key: &'static str,
    value: String,
    number: usize,
    ticked: bool,
}

/// Opens the menu for the list in front.
pub fn open(app: &mut App) {
    let keys = screen::facets(app.place);
    if keys.is_empty() {
        return app.say("This list has no facets. / filters it by words.", crate::tui::theme::Role::Dim);
    }
    let text = screen::filter_text(app);
    let filter = Filter::faceted(&text, keys);
    let mut rows = Vec::new();
    for key in keys {
        for (value, number) in values(app, key) {
            let ticked = filter.facets().iter().any(|facet| facet.names(key, &value));
            rows.push(Row { key, value, number, ticked });
        }
    }
    if rows.is_empty() {
        return app.say("There is nothing to narrow yet.", crate::tui::theme::Role::Dim);
    }
    let plain = |word: &&str| match facet::read(word, keys) {
        facet::Read::Facet(facet) => !facet.is_plain(),
        facet::Read::Word => true,
        facet::Read::Wrong(_) | facet::Read::Begun => false,
    };
    let rest = text.split_whitespace().filter(plain).map(str::to_owned).collect();
    app.overlay = Some(Overlay::Facets(Menu { rows, cursor: Cursor::default(), rest }));
}

/// The values of a key with how many things have each: severities worst first, others by name.
fn values(app: &App, key: &'static str) -> Vec<(String, usize)> {
    let facts = &app.facts;
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    if app.place == Place::Relations {
        for place in 0..facts.relations().len() {
            *numbers.entry(facet::of_relation(facts, place, key).into_owned()).or_default() += 1;
        }
    } else {
        for finding in facts.findings.iter() {
            *numbers.entry(facet::of_finding(facts, finding, key).into_owned()).or_default() += 1;
        }
    }
    let mut values: Vec<(String, usize)> = numbers.into_iter().collect();
    if key == "sev" {
        let worst = crate::model::finding::Severity::ALL.map(crate::model::finding::Severity::word);
        values.sort_by_key(|(value, _)| worst.iter().position(|word| word == value));
    }
    values
}

/// Carries out what a key means in the menu.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let size = app.size;
    let Some(Overlay::Facets(menu)) = &mut app.overlay else { return Vec::new() };
    if let Some(step) = step(action) {
        let height = usize::from(inside(menu.place(size)).height);
        menu.cursor.step(step, menu.rows.len(), height);
        return Vec::new();
    }
    match action {
        Action::Tick => {
            if let Some(row) = menu.rows.get_mut(menu.cursor.at) {
                row.ticked = !row.ticked;
            }
        }
        Action::Back => app.overlay = None,
        Action::Open => {
            let text = menu.text();
            app.overlay = None;
            screen::set_filter(app, &text);
        }
        _ => {}
    }
    Vec::new()
}

impl Menu {
    /// The filter this menu says; with nothing ticked, what the cursor stands on.
    fn text(&self) -> String {
        let none = !self.rows.iter().any(|row| row.ticked);
        let mut chosen: Vec<(&str, Vec<&str>)> = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            if !(row.ticked || none && at == self.cursor.at) {
                continue;
            }
            match chosen.iter_mut().find(|(key, _)| *key == row.key) {
                Some((_, values)) => values.push(&row.value),
                None => chosen.push((row.key, vec![&row.value])),
            }
        }
        let facets = chosen.iter().map(|(key, values)| format!("{key}:{}", values.join(",")));
        facets.chain(self.rest.iter().cloned()).collect::<Vec<_>>().join(" ")
    }

    fn place(&self, size: Size) -> Rect {
        let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(2) };
        middle(screen, size.width.saturating_sub(4).min(60), self.rows.len() as u16 + 2)
    }
}

/// Draws the menu over the screen.
pub fn draw(app: &App, menu: &Menu, pen: &mut Pen<'_>) {
    let area = menu.place(app.size);
    pen.clear(area);
    let aside = format!("{} of {}", menu.cursor.at + 1, menu.rows.len());
    let foot = "Space ticks · Enter narrows · Esc";
    let title = format!("Narrow {}", app.place.title());
    let place = Pane { title: &title, aside: &aside, foot, focused: true }.draw(pen, area);
    let window = menu.cursor.window(menu.rows.len(), usize::from(place.height));
    let mut before = None;
    for (line, at) in window.enumerate() {
        let Some(row) = menu.rows.get(at) else { continue };
        let y = place.y + line as u16;
        if before != Some(row.key) {
            pen.text(place.x + 3, y, 10, row.key, Role::Dim);
        }
        before = Some(row.key);
        let number = count(row.number as u64);
        let used = pen.text_right(place.right().saturating_sub(1), y, 12, &number, Role::Text);
        let tick = if row.ticked { "[x]" } else { "[ ]" };
        let (x, room) = (place.x + 13, place.width.saturating_sub(15 + used));
        pen.text(x, y, room, &format!("{tick} {}", row.value), Role::Text);
        if at == menu.cursor.at {
            pen.symbol(place.x + 1, y, ">", Role::Title);
            pen.tint(Rect { y, height: 1, ..place }, Role::Selected);
        }
    }
}
