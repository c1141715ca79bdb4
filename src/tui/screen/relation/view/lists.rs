//! The two lists of a relation: missing parents, and the child rows of the selected one.

use super::sentences_in;
use crate::model::fault::Fault;
use crate::model::tally::{Verdict, Why};
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::tui::app::App;
use crate::tui::facts::old::{Moment, Was};
use crate::tui::layout::top;
use crate::tui::screen::relation::{Answer, Focus, State};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{ago, bar, count, counted, is_worth_telling, percent, took};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::width;
use crate::tui::words;
use ratatui::layout::Rect;
use std::borrow::Cow;
use std::time::Duration;

/// What stands there instead of lists: a sentence or two when there are no orphans to list, none known, or none yet.
pub fn instead(app: &App, state: &State) -> Option<Vec<(String, Role)>> {
    let (_, tally) = app.facts.relation(state.place)?;
    if *tally.verdict() == Verdict::Orphans {
        return None;
    }
    let counting = app.facts.work.is_some();
    let old = app.facts.old(state.place);
    // Lists that were read before stay in view while the relation is counted again.
    if old.is_some_and(|old| old.verdict == Was::Orphans) && state.parents.got.is_some() {
        return None;
    }
    Some(match tally.verdict() {
        Verdict::Clean => {
            vec![("No orphans: every reference has its parent, counted to the end.".to_owned(), Role::Good)]
        }
        Verdict::NotChecked(Why::Pending) if old.is_some() => {
            let before = old.map(|old| words::before(&app.facts, old)).unwrap_or_default();
            let next = match counting {
                true => "Orphans are listed here as soon as one is met.",
                false => "r counts this relation now.",
            };
            vec![(format!("{}.", capital(&before)), Role::Dim), (next.to_owned(), Role::Dim)]
        }
        Verdict::NotChecked(Why::Pending) if counting => {
            vec![("Not counted yet. Orphans are listed here as soon as one is met.".to_owned(), Role::Dim)]
        }
        Verdict::NotChecked(_) => vec![
            (
                format!(
                    "Not checked: {}.",
                    words::reason(tally).unwrap_or_else(|| "nobody counted it".to_owned())
                ),
                Role::Warn,
            ),
            ("r counts this relation now, whatever the limits of the check were.".to_owned(), Role::Text),
        ],
        Verdict::Broken(why) => vec![
            (format!("This reference can never be satisfied: {why}."), Role::Bad),
            (
                "Every child row with a key violates it, so none is listed. Mend the reference first."
                    .to_owned(),
                Role::Text,
            ),
        ],
        Verdict::Orphans => Vec::new(),
    })
}

/// A sentence from words.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Draws the missing parents.
pub fn parents(app: &App, state: &State, pen: &mut Pen<'_>, area: Rect) {
    let answer = &state.parents;
    let focused = state.focus == Focus::Parents;
    let tally = app.facts.relation(state.place).map(|(_, tally)| tally);
    let aside = match (answer.asked, &answer.got) {
        (Some((_, since)), _) => waited(app, since),
        _ if app.facts.old(state.place).is_some() && app.facts.work.is_some() => {
            "from before, being counted again".to_owned()
        }
        _ if app.facts.old(state.place).is_some() => "from before".to_owned(),
        (None, Some(got)) if got.more => {
            let all = tally.filter(|tally| tally.exact()).and_then(|tally| tally.counts().missing_parents);
            part(got.keys.len(), all)
        }
        (None, Some(got)) => counted(got.keys.len() as u64, "missing parent", "missing parents"),
        (None, None) => String::new(),
    };
    let aside = with_age(app, answer, aside);
    let foot = match (&answer.fault, &answer.got) {
        _ if !focused => "Tab to focus",
        (Some(_), _) => "Enter tries again",
        (None, None) => "",
        (None, Some(_)) => "Enter its child rows · y copy",
    };
    let place = Pane { title: "Orphans by missing parent", aside: &aside, foot, focused }.draw(pen, area);
    let Some(got) = answer.got.as_ref().filter(|got| !got.keys.is_empty()) else {
        return pending(
            pen,
            place,
            answer.asked.is_some(),
            answer.fault.as_ref(),
            "The list came back empty: the orphans may be gone by now. r counts again.",
        );
    };
    let mut columns: Vec<Column<'_>> = got
        .headings
        .iter()
        .enumerate()
        .map(|(nth, heading)| {
            Column::growing(format!("MISSING {}", visible(heading)), key_width(&got.keys, nth))
        })
        .collect();
    columns.push(Column::fixed("CHILDREN", 10).right());
    columns.push(Column::fixed("SHARE", 9).right().leaves(1));
    columns.push(Column::fixed("", 10).leaves(2));
    let grid = Grid::new(&columns, place.width);
    let (head, body) = top(place, 1);
    grid.headings(pen, head, &columns);
    let all = tally.filter(|tally| tally.exact()).and_then(|tally| tally.counts().orphans);
    let most = got.keys.first().map_or(1, |(_, children)| *children);
    for (line, at) in state.cursor.window(got.keys.len(), usize::from(body.height)).enumerate() {
        let Some((key, children)) = got.keys.get(at) else { continue };
        let mut cells: Vec<_> = key.iter().map(cell).collect();
        cells.push(piece(count(*children), Role::Bad));
        cells.push(piece(all.map_or_else(|| "–".to_owned(), |all| percent(*children, all)), Role::Dim));
        cells.push(piece("▇".repeat(bar(*children, most, 10).0), Role::Gauge));
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == state.cursor.at, focused));
    }
    refused(pen, body, answer.fault.as_ref());
}

/// The width of a key's column: its widest value, within reason. The key is what the list is for, so it is shown whole
/// before shares and bars get their room.
fn key_width(keys: &[(Row, u64)], nth: usize) -> u16 {
    let widest =
        keys.iter().take(100).filter_map(|(key, _)| key.get(nth)).map(|value| width(&value.visible())).max();
    u16::try_from(widest.unwrap_or_default()).unwrap_or(u16::MAX).clamp(8, 36)
}

/// Draws the child rows of the selected missing parent.
pub fn children(app: &App, state: &State, pen: &mut Pen<'_>, area: Rect) {
    let children = &state.children;
    let focused = state.focus == Focus::Children;
    let of: Vec<Cow<'_, str>> = children.of.iter().flatten().map(Value::visible).collect();
    let title =
        if of.is_empty() { "Child rows".to_owned() } else { format!("Child rows of {}", of.join(", ")) };
    let rows = children.rows();
    let more = children.answer.got.as_ref().is_some_and(|list| list.next.is_some());
    let mut aside = match children.answer.asked {
        Some((_, since)) => waited(app, since),
        None if children.is_full() => format!("the first {}: o writes all", count(rows.len() as u64)),
        None if more => {
            let parent = state.parents.got.as_ref().and_then(|got| got.keys.get(state.cursor.at));
            part(rows.len(), parent.map(|(_, children)| *children))
        }
        None if rows.is_empty() => String::new(),
        None => counted(rows.len() as u64, "row", "rows"),
    };
    aside = with_age(app, &children.answer, aside);
    let (columns, hidden) = columns_from(state, area.width.saturating_sub(2));
    if hidden || children.column > 0 {
        aside = format!("column {} of {} · {aside}", children.column + 1, children.widths.len());
    }
    let foot = if focused { "Enter all columns · h l columns · y copy" } else { "Tab to focus" };
    let place = Pane { title: &title, aside: &aside, foot, focused }.draw(pen, area);
    if rows.is_empty() {
        let empty = match &children.of {
            Some(_) => "No child row has this key any more. r counts again.",
            None => "The rows of the selected missing parent come here.",
        };
        let asked = children.answer.asked.is_some() || children.due.is_some();
        return pending(pen, place, asked, children.answer.fault.as_ref(), empty);
    }
    let grid = Grid::new(&columns, place.width);
    let (head, body) = top(place, 1);
    grid.headings(pen, head, &columns);
    for (line, at) in children.cursor.window(rows.len(), usize::from(body.height)).enumerate() {
        let Some(values) = rows.get(at) else { continue };
        let cells: Vec<_> = values.iter().skip(children.column).map(cell).collect();
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == children.cursor.at, focused));
    }
    refused(pen, body, children.answer.fault.as_ref());
}

/// What is said of a list, and how old the list is, unless it is fresh.
fn with_age<T>(app: &App, answer: &Answer<T>, aside: String) -> String {
    let Some(read) = answer.read.filter(|_| answer.got.is_some()) else { return aside };
    let now = app.facts.now;
    let age = Moment::at(read).age(now);
    if !answer.outlived && !is_worth_telling(age) {
        return aside;
    }
    format!("{aside} · read {}", ago(age))
}

/// Says in the last line of a list that its rest, or a newer one, was refused.
fn refused(pen: &mut Pen<'_>, body: Rect, fault: Option<&Fault>) {
    if let Some(fault) = fault.filter(|_| body.height > 1) {
        let line =
            Rect { x: body.x + 1, y: body.bottom() - 1, width: body.width.saturating_sub(2), height: 1 };
        pen.clear(line);
        pen.text(
            line.x + 2,
            line.y,
            line.width.saturating_sub(2),
            &format!("{} Enter tries again.", fault.headline),
            Role::Bad,
        );
    }
}

/// The columns from the first in view, and whether some do not fit.
fn columns_from<'a>(state: &'a State, width: u16) -> (Vec<Column<'a>>, bool) {
    let children = &state.children;
    let headings = children.answer.got.as_ref().map_or(&[][..], |list| &list.headings);
    let columns: Vec<Column<'a>> = headings
        .iter()
        .zip(&children.widths)
        .skip(children.column)
        .map(|(heading, width)| Column::fixed(visible(heading), *width))
        .collect();
    let need: usize = 3 + columns.iter().map(|column| usize::from(column.width) + 2).sum::<usize>();
    (columns, need > usize::from(width) + 2)
}

fn cell(value: &Value) -> (Cow<'_, str>, Role) {
    let role = if value.is_null() { Role::Dim } else { Role::Text };
    (value.visible(), role)
}

/// How much of a list is there: `1-200 of 1,164`. What was counted may be older than the list, and then is not named.
fn part(there: usize, all: Option<u64>) -> String {
    let there = there as u64;
    match all.filter(|all| *all > there) {
        Some(all) => format!("1-{} of {}", count(there), count(all)),
        None => format!("1-{}, more below", count(there)),
    }
}

fn waited(app: &App, since: Duration) -> String {
    let waited = app.facts.now.saturating_sub(since);
    if waited < Duration::from_secs(1) { "asking".to_owned() } else { format!("asking, {}", took(waited)) }
}

/// What stands in a pane without rows: that they come, why they do not, or that there are none.
fn pending(pen: &mut Pen<'_>, place: Rect, asked: bool, fault: Option<&Fault>, empty: &str) {
    let mut lines: Vec<(String, Role)> = Vec::new();
    match fault {
        Some(fault) => {
            lines.push((fault.headline.clone(), Role::Bad));
            lines.extend(fault.causes.iter().map(|cause| (format!("  {cause}"), Role::Text)));
            lines.extend(fault.hint.iter().map(|hint| (hint.clone(), Role::Text)));
        }
        None if asked => lines.push(("Asking the database.".to_owned(), Role::Dim)),
        None => lines.push((empty.to_owned(), Role::Dim)),
    }
    sentences_in(pen, Rect { x: place.x + 3, width: place.width.saturating_sub(4), ..place }, &lines);
}
